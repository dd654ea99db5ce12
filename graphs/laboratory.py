"""What the nodes of a graph work with: references live in the state, the things live here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from gaseol.agents.briefing import Briefing
from gaseol.agents.roles import Bench, Librarian, Scientist
from gaseol.graphs.running.meter import Meter
from gaseol.scenarios.frames import Pair
from gaseol.scenarios.population import Population
from gaseol.scenarios.scenario import Scenario
from gaseol.tools.registry import Registry
from gaseol.traces.evidence.judge import Judge
from gaseol.traces.nouns.label import Label
from gaseol.traces.nouns.lesson import Lesson
from gaseol.traces.nouns.registration import RULE
from gaseol.traces.record.blob import Blob, BlobStore
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.effects import Effects

if TYPE_CHECKING:
    from gaseol.graphs.campaigning import Prospect


class Stop(Exception):
    """The run was asked to stop."""


class Pause(Stop):
    """The run cannot go on before a person has said something."""


class OverBudget(RuntimeError):
    """A limit forbids what was to be measured; the run ends with status `budget`."""


class Watch(Protocol):
    """Somebody who looks on."""

    def __call__(self, phase: str, laboratory: "Laboratory") -> None:
        """Be told that something changed."""
        ...


@dataclass
class Findings:
    """What the survey found: the cases and what is known of them before measuring."""

    population: Population
    changes: Mapping[str, Sequence[Pair]] = field(default_factory=dict[str, Sequence[Pair]])
    rivals: Mapping[str, Mapping[str, float]] = field(
        default_factory=dict[str, Mapping[str, float]]
    )
    """Each rival's term at every design."""
    others: Mapping[str, Mapping[str, float]] = field(
        default_factory=dict[str, Mapping[str, float]]
    )
    """The same for what is no hypothesis, but might be the case."""
    drawings: Mapping[str, Blob] = field(default_factory=dict[str, Blob])
    """Rivals drawn."""
    pilot: tuple[str, ...] = ()
    noise: float | None = None
    """Noise of one reading on the laws' scale, where the instrument's physics gives it."""


@dataclass
class Laboratory:
    """One run's question, scientist, record and instruments."""

    scenario: Scenario
    scientist: Scientist
    effects: Effects
    registry: Registry
    docket: Docket
    blobs: BlobStore
    meter: Meter
    seed: int
    batch: int
    findings: Findings | None = None
    briefing: Briefing | None = None
    watch: Watch | None = None
    calls: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """What the instrument is asked for a case, as JSON with sorted keys: it never changes."""
    texts: dict[str, str] = field(default_factory=dict[str, str])
    """What searches found, by citation: low in integrity, shown to nobody but a librarian."""
    written: dict[str, Label] = field(default_factory=dict[str, Label])
    """Labels of these texts."""
    prospect: "Prospect | None" = None
    """Where a campaign looks, and what it has learnt there."""
    approved: dict[str, int] = field(default_factory=dict[str, int])
    """Steps of spending that a person was asked to allow, by limit."""
    origins: dict[str, Label] = field(default_factory=dict[str, Label])
    """Labels of the columns of the cases, where they are more than the question's own. Whoever puts
    something into a column joins its label in here."""
    chosen: dict[str, Label] = field(default_factory=dict[str, Label])
    """Labels of cases that somebody suggested: of every call that is made of one."""
    rule: str = RULE
    """By which laws are judged: the one that the run began with."""
    lessons: tuple[Lesson, ...] = ()
    """What earlier runs teach; never evidence."""
    shown: tuple[tuple[int, ...], Bench] | None = None
    """What the designer was shown last, and the state of the record that it was made from."""

    def __post_init__(self) -> None:
        self.judge = Judge(self.docket, self.blobs)

    @property
    def librarian(self) -> Librarian:
        """Who reads what others have written: the scientist's own librarian, else the embedded one."""
        from gaseol.agents.embedded.librarian import EmbeddedLibrarian

        return self.scientist.librarian or EmbeddedLibrarian(self.effects)

    @property
    def surveyed(self) -> Findings:
        """What the survey found.

        Raises:
            RuntimeError: nothing has been surveyed yet.
        """
        if self.findings is None:
            raise RuntimeError("the graph has not surveyed the question yet")
        return self.findings

    @property
    def briefed(self) -> Briefing:
        """What the scientist knows.

        Raises:
            RuntimeError: nobody has been briefed yet.
        """
        if self.briefing is None:
            raise RuntimeError("the graph has not briefed the scientist yet")
        return self.briefing

    def tell(self, phase: str) -> None:
        """Let whoever looks on know."""
        if self.watch is not None:
            self.watch(phase, self)

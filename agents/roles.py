"""The roles of a scientist: typed in, typed out; embedded or model-driven alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from gaseol.agents.briefing import Briefing
from gaseol.agents.errand import Errand, Query, Read, Screening, Text
from gaseol.scenarios.policy import Policy
from gaseol.tools.door import Door
from gaseol.traces.evidence.futility import futile
from gaseol.traces.evidence.process import Process
from gaseol.traces.nouns.claim import Claim
from gaseol.traces.nouns.experiment import Alternative
from gaseol.traces.nouns.failure import Failure
from gaseol.traces.nouns.goal import Goal
from gaseol.traces.nouns.hypothesis import Cell, Hypothesis
from gaseol.traces.nouns.label import PUBLIC, Label
from gaseol.traces.nouns.literature import Point
from gaseol.traces.nouns.ranking import Strength
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.effects import Effects


@dataclass(frozen=True)
class Criticism:
    """What the sceptic says of a hypothesis."""

    hypothesis: str
    prior: float
    """Relative, larger is tested earlier."""
    reason: str = ""
    """Why it is turned away; empty when it may be registered."""


@dataclass(frozen=True)
class Standing:
    """Where an open hypothesis stands."""

    hypothesis: str
    prior: float
    process: Process
    log_threshold: float
    outcomes: tuple[float | None, ...]
    """As the judge counts them."""
    log_e_for: float
    log_e_against: float
    remaining: int
    """Draws left in its sealed order."""

    @property
    def futile(self) -> bool:
        """Whether no outcome of the remaining draws could decide the hypothesis."""
        return futile(self.process, self.log_threshold, self.outcomes, self.remaining)


@dataclass(frozen=True)
class Option:
    """An experiment that may be done next."""

    hypotheses: tuple[str, ...]
    draw: int
    cases: tuple[str, ...]
    reading: int
    cost: float
    """Expected seconds."""
    ahead: int = 0
    """How many draws of the same hypothesis stand before it in the sealed order."""


@dataclass(frozen=True)
class Choice:
    """The experiment chosen, and what was passed over."""

    option: Option
    expected_information: float
    """Nats."""
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True)
class Bench:
    """What the designer sees: standings, options and, for laws, the predictions."""

    standings: Mapping[str, Standing]
    options: Sequence[Option]
    predictions: Mapping[str, Mapping[str, float]]
    """For laws: hypothesis to design to term."""
    history: Sequence[tuple[str, float]]
    """For laws: the designs measured so far and g(outcome)."""
    batch: int
    """At most this many experiments."""
    preset_counts: float | None = None
    """The cost of a design is this over its outcome, rather than the option's."""


@dataclass(frozen=True)
class Advice:
    """What to do next."""

    next: Literal["experiment", "hypothesis", "stop"]
    reason: str


@dataclass(frozen=True)
class Judgement:
    """Which of two hypotheses deserves a test more, as they were shown."""

    preferred: Literal["first", "second", "neither", ""]
    """Empty where the judgement cannot be used."""
    because: str
    """The criterion that decided, of a closed list; or what is wrong with the judgement."""
    request: int | None = None
    """Where a model was asked."""


@dataclass(frozen=True)
class Review:
    """What the pairings so far teach whoever revises."""

    focus: tuple[str, ...] = ()
    """Variables that strong hypotheses speak of, strongest first."""
    avoid: tuple[str, ...] = ()
    """Variables that weak ones speak of."""


@dataclass(frozen=True)
class Trouble:
    """A call that failed, and what may be tried instead."""

    tool: str
    summary: str
    arguments: Mapping[str, Any]
    failure: Failure
    """In the tool's own words: data, whoever wrote them."""
    remedies: Mapping[int, Mapping[str, Any]]
    """By number: arguments that the scenario allows, and that were not tried yet."""


@dataclass(frozen=True)
class Repair:
    """What to try after a failure."""

    number: int | None
    """Of the remedy; None where none would help."""
    label: Label = PUBLIC
    """Of whoever chose: the call that is made because of it carries it."""


@dataclass(frozen=True)
class Territory:
    """Where a campaign looks, as it is shown to whoever suggests cases."""

    goals: tuple[Goal, ...]
    """What is wanted, the measurement first."""
    offered: Mapping[str, Mapping[str, Cell]]
    """Some points that are not measured yet, with the cells of each."""
    open: bool
    """Whether points that are not offered may be written; the space says whether they are of it."""
    most: int
    """So many suggestions are taken."""


@dataclass(frozen=True)
class Suggested:
    """A point that somebody thinks good: measured first, and believed only then."""

    case: str
    source: str
    """Who suggests it."""
    label: Label = PUBLIC


@dataclass(frozen=True)
class Picture:
    """A picture, and what is to be read off it."""

    url: str
    """The picture itself, as a `data:` URL."""
    shows: str
    read: str
    unit: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Observation:
    """What was read off a picture, in its unit; None where nothing was, and why."""

    value: float | None
    reason: str = ""


class Theorist(Protocol):
    """Proposes rival hypotheses."""

    def propose(self, briefing: Briefing, docket: Docket) -> Sequence[Hypothesis]:
        """Return new hypotheses with ids that the docket does not have; none when out of ideas."""
        ...


class Sceptic(Protocol):
    """Criticises: duplicates, untestable ideas, priors."""

    def criticise(self, briefing: Briefing, pool: Sequence[Hypothesis]) -> Sequence[Criticism]:
        """Return a criticism for every hypothesis of the pool."""
        ...


class Designer(Protocol):
    """Chooses the experiments that tell most for their cost."""

    def design(self, briefing: Briefing, bench: Bench) -> Sequence[Choice]:
        """Return at most `bench.batch` choices among the options; none when none is worth it."""
        ...


class Interpreter(Protocol):
    """Says whether to measure on, to think again or to stop; never says what is true."""

    def interpret(self, briefing: Briefing, bench: Bench, docket: Docket) -> Advice:
        """Return what to do next."""
        ...


class Writer(Protocol):
    """Writes claims whose every number has an origin."""

    def write(self, briefing: Briefing, docket: Docket) -> Sequence[Claim]:
        """Return the claims of the report."""
        ...


class Librarian(Protocol):
    """Reads what others have written; whatever it says is held against the texts by the graph."""

    def queries(self, errand: Errand, docket: Docket) -> Sequence[Query]:
        """Return what to ask the sources for next; nothing when there is nothing left to ask."""
        ...

    def screen(self, errand: Errand, texts: Sequence[Text]) -> Screening:
        """Return which texts are worth reading, the most telling first, and why the others are not."""
        ...

    def extract(self, errand: Errand, texts: Sequence[Text]) -> Sequence[Read]:
        """Return what each text says of what is sought, in any order; of a text that says nothing, too."""
        ...

    def synthesise(self, errand: Errand, docket: Docket) -> Sequence[Point]:
        """Return what the excerpts on record say together, with citations; none where there are none."""
        ...


class Referee(Protocol):
    """Compares hypotheses in pairs, for a tournament."""

    def compare(
        self, briefing: Briefing, pairs: Sequence[tuple[Hypothesis, Hypothesis]], docket: Docket
    ) -> Sequence[Judgement]:
        """Return a judgement for each pair, in the order in which it is shown."""
        ...


class Reviser(Protocol):
    """Makes new hypotheses of strong ones."""

    def evolve(
        self,
        briefing: Briefing,
        docket: Docket,
        parents: Sequence[Hypothesis],
        review: Review,
        most: int,
    ) -> Sequence[Hypothesis]:
        """Return at most `most` children of one mind, with ids that the docket does not have."""
        ...


class Reviewer(Protocol):
    """Says what the pairings so far teach."""

    def review(self, briefing: Briefing, docket: Docket, ranking: Sequence[Strength]) -> Review:
        """Return what revisers should attend to."""
        ...


class Experimentalist(Protocol):
    """Says what to try after a call has failed."""

    def repair(self, trouble: Trouble) -> Repair:
        """Return which remedy to try, if any."""
        ...


class Suggester(Protocol):
    """Suggests cases to a campaign; the space holds each, and none is believed unmeasured."""

    def suggest(
        self, briefing: Briefing, docket: Docket, territory: Territory
    ) -> Sequence[Suggested]:
        """Return points that are thought good, the best first; none is a good answer."""
        ...


class Observer(Protocol):
    """Reads pictures; what it reads is a suggestion until a tool confirms it."""

    @property
    def name(self) -> str:
        """Who reads."""
        ...

    def observe(self, pictures: Sequence[Picture]) -> Sequence[Observation]:
        """Return what is read off each picture."""
        ...


@dataclass(frozen=True)
class Scientist:
    """Five roles under one name, and others that some graphs and questions ask."""

    name: str
    theorist: Theorist
    sceptic: Sceptic
    designer: Designer
    interpreter: Interpreter
    writer: Writer
    summary: str = ""
    """What is particular about it, in a line."""
    searches: Literal["guided", "blind"] = "guided"
    """How it looks for the best case in a campaign: by a model of what was measured, or at random."""
    librarian: Librarian | None = None
    """None: the embedded one, which reads by rules."""
    referee: Referee | None = None
    """None: the embedded one, which counts what speaks for a test."""
    reviser: Reviser | None = None
    reviewer: Reviewer | None = None
    experimentalist: Experimentalist | None = None
    """None: the embedded one, which takes a scenario's remedies in their order."""
    suggester: Suggester | None = None
    """None: nobody suggests cases to a campaign but its scenario."""
    observer: Observer | None = None
    """None: nobody here reads pictures, which a run says where there are some."""

    def league(self, hypothesis: Hypothesis) -> int:  # noqa: ARG002
        """Return where a hypothesis competes: one of a later league never displaces an earlier one."""
        return 0

    @property
    def waves(self) -> int:
        """So often hypotheses are thought of; each wave costs slots registered at the start."""
        return 3

    @property
    def card(self) -> Mapping[str, Any]:
        """What `run.json` says of the models that it asks; empty for one that asks none."""
        return {}

    def admitted(self, policy: Policy) -> None:
        """Hold what it needs against the policy before a run begins: it needs nothing."""

    def door(self, policy: Policy) -> Door | None:  # noqa: ARG002
        """Return who carries out what its roles ask of models; None where they ask nothing."""
        return None

    def joined(self, effects: Effects, docket: Docket, policy: Policy) -> "Scientist":  # noqa: ARG002
        """Return the scientist at work in one run; roles that ask models do so by `effects`."""
        return self

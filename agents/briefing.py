"""All that a scientist is given: the question and what is known before measuring.

Built from the scenario by hand, field by field, so that the hidden answer has no way in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gaseol.scenarios.cases import Variable
from gaseol.scenarios.hypotheses import Belief, Explore, Laws
from gaseol.scenarios.population import Population
from gaseol.traces.language import Language
from gaseol.traces.nouns.hypothesis import Relation
from gaseol.traces.nouns.lesson import Lesson


@dataclass(frozen=True)
class Reading:
    """A value that a scientist has been shown, and where it stands on the record."""

    value: float
    position: int


@dataclass(frozen=True)
class Observed:
    """A quantity that was read off a picture and measured by a tool."""

    case: str
    quantity: str
    value: float
    unit: str
    position: int


@dataclass(frozen=True)
class Briefing:
    """What a scientist knows."""

    question: str
    outcome: str
    unit: str
    variables: Mapping[str, Variable]
    population: Population
    """Holds no outcome."""
    maximum: int
    alpha: float
    delta: float
    seed: int
    beliefs: tuple[Belief, ...] = ()
    explore: Explore | None = None
    laws: Laws | None = None
    changes: Mapping[str, int] = field(default_factory=dict[str, int])
    """Structural changes, and how many pairs show each."""
    rivals: Mapping[str, Mapping[str, float]] = field(
        default_factory=dict[str, Mapping[str, float]]
    )
    """Rivals whose predictions a tool computed: their term at each design."""
    rival_statement: str = "{rival} explains the measurements"
    rival_link: str = "log"
    pilot: Mapping[str, Reading] = field(default_factory=dict[str, Reading])
    """The pilot's measurements, which are no evidence for anything."""
    language: Language = "en"
    """In which hypotheses and claims are written."""
    lessons: tuple[Lesson, ...] = ()
    """What earlier runs teach: it sets what is tried first, and is no evidence for anything."""
    literature: Mapping[str, Mapping[str, tuple[str, ...]]] = field(
        default_factory=dict[str, Mapping[str, tuple[str, ...]]]
    )
    """What others say of a variable: `raises`, `lowers` or `neither`, to the works that say so. Read
    through the closed schema, so that no word of theirs is in it; no evidence."""
    observations: tuple[Observed, ...] = ()
    """Read off pictures and confirmed; they are no evidence either."""
    noise: float | None = None
    """Expected noise of one reading on the scale of the laws, where the instrument states it."""

    def refuted(self, relation: Relation) -> Lesson | None:
        """Return the lesson that a relation was refuted in an earlier run, if there is one."""
        return next((x for x in self.lessons if x.relation == relation), None)

    def said(self, variable: str) -> tuple[str, tuple[str, ...]]:
        """Return which way most works say that a variable works, and those works; else nothing."""
        ways = self.literature.get(variable, {})
        found = sorted(
            ((way, ways[way]) for way in ("raises", "lowers") if ways.get(way)),
            key=lambda item: -len(item[1]),
        )
        if not found or (len(found) == 2 and len(found[0][1]) == len(found[1][1])):
            return "", ()
        return found[0]

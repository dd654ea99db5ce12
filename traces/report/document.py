"""What a report says, as plain values: no markup, no drawing, nothing left to look up."""

from dataclasses import dataclass
from typing import Literal

from gaseol.traces.language import Language
from gaseol.traces.record.cases import Column
from gaseol.traces.report.campaign import Campaign

Standing = Literal["supported", "refuted", "undecided", "invalid", "open"]
STANDINGS: tuple[Standing, ...] = ("supported", "refuted", "undecided", "invalid", "open")
"""In the order in which they are reported; `open` has no verdict."""

Outcome = Literal["hit", "miss", "tie", "failure", "measured", "not counted"]


@dataclass(frozen=True, slots=True)
class Number:
    """Something quoted from the record, and where it stands there."""

    text: str
    events: tuple[int, ...] = ()
    anchor: str = ""
    """The place in the page that shows its origin."""
    note: str = ""
    """What the origin is, where it is more than the events named."""
    digits: bool = True
    """A number; else quoted words."""


Said = tuple[str | Number, ...]
"""A sentence, part by part."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim as it is shown."""

    id: str
    at: int
    said: Said
    sound: bool
    """Audited, and its numbers equal the record's."""
    standing: str = ""
    """The ruling it reports, where it reports one."""
    problems: tuple[str, ...] = ()
    compares: bool = False
    """It speaks of the agreement with an independent check."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One measurement, as a draw cites it."""

    case: str
    label: str
    at: int
    shown: str
    """The value with its unit, or the failure's kind."""
    value: float | None
    cells: tuple[str, ...] = ()
    """What the case has in the variables that the hypothesis speaks of."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One experiment and the evidence after it."""

    number: int
    at: int
    readings: tuple[Reading, ...]
    difference: float | None
    """For pairs: first minus second."""
    outcome: Outcome
    why_not: str
    log_for: float
    log_against: float
    transformed: float | None = None
    """For laws: g(y)."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of a molecule or a structure, as a tool drew it."""

    source: str
    """A `data:` address, empty where the drawing cannot be shown."""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What was measured, drawn."""

    reading: Reading
    picture: Picture


@dataclass(frozen=True, slots=True)
class Plate:
    """Drawings that belong together: the two of a pair, or one design."""

    title: str
    outcome: Outcome
    drawings: tuple[Drawing, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """Measured outcomes against one law's prediction, its constant fitted."""

    name: str
    statement: str
    points: tuple[tuple[float, float, float], ...]
    """Design (or predicted value, where designs are no numbers), predicted, measured."""
    line: tuple[tuple[float, float], ...]
    """The prediction over all registered designs, where these are numbers."""
    spread: float
    """Standard deviation of the residuals, on the scale of the law's link."""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Contest:
    """Laws side by side on the same measurements."""

    outcome: str
    unit: str
    logarithmic: bool
    over_designs: bool
    """The designs are numbers, so that predictions are lines over them."""
    design: str
    """The name of the design variable."""
    fits: tuple[Fit, ...]
    passed_over: int = 0
    """Laws that are not shown, for want of room."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A registered hypothesis: what was promised, what was measured, what follows."""

    id: str
    anchor: str
    statement: str
    mechanism: str
    proposed_by: str
    proposed_at: int | None
    prior: str
    standing: Standing
    provisional: str
    """What a crossing suggested, where one was recorded."""
    crossed_at: int | None
    crossed_draw: int | None
    verdict_at: int | None
    reason: str
    stopped: str
    """Why no further draw was made."""
    columns: tuple[Column, ...]
    """The variables that its table of draws shows of every case."""
    basis: str
    prediction: str
    outcome: str
    unit: str
    pairs: bool
    log_for: Number
    log_against: Number
    draws_made: int
    failures: int
    threshold: float
    levels: tuple[float, float] | None
    """theta0 and theta0 + delta."""
    registration: tuple[tuple[str, str], ...]
    """What was registered: name and content."""
    registered_at: int
    digest: str
    draws: tuple[Draw, ...]
    draws_cut: int
    """Draws that the table leaves out."""
    tally: tuple[tuple[Outcome, int], ...]
    """Of the draws that count."""
    not_counted: int
    """Draws made after the decision, or out of order."""
    plates: tuple[Plate, ...]
    subject: Picture | None
    """What the hypothesis speaks of, where its tool drew it."""
    fit: Contest | None
    fit_note: str
    """Why the measurements cannot be shown against the prediction."""
    score: str


@dataclass(frozen=True, slots=True)
class Spread:
    """How far the measurement and its check lie apart."""

    mean: float
    """Of measured minus check."""
    median: float
    """Of the absolute differences."""
    farthest: tuple[tuple[Reading, Reading, float], ...]
    """The pairs that differ most, with the difference."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The measurement set against an independent check."""

    outcome: str
    unit: str
    ours: str
    theirs: str
    """The two tools."""
    pairs: tuple[tuple[Reading, Reading], ...]
    failed: int
    findings: tuple[Finding, ...]
    ours_is: str = ""
    """What the measuring tool does, in a sentence of its own."""
    theirs_is: str = ""
    spread: Spread | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of a list: what it is about, what is said of it, where it stands."""

    about: str
    said: str
    at: int | None = None
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement in the appendix."""

    at: int
    case: str
    label: str
    value: str
    unit: str
    uncertainty: str
    tool: str
    purpose: str
    failure: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A point of a synthesis."""

    text: str
    cites: tuple[int, ...]
    """Numbers of references; what was cited and not found stands among the problems."""
    by: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A work that is cited or quoted."""

    number: int
    cite: str
    described: str
    at: int
    """The request whose answer holds it."""
    quotes: tuple[tuple[str, str, int], ...]
    """What it was read for, the quote, and the event."""
    unquoted: int = 0


@dataclass(frozen=True, slots=True)
class Literature:
    """What others have written, which is no evidence."""

    points: tuple[Sentence, ...]
    at: int | None
    missing: tuple[str, ...]
    """What was sought and not found."""
    references: tuple[Reference, ...]
    unlisted: int
    searches: tuple[Line, ...]
    found: int
    """Works."""
    read: int


@dataclass(frozen=True, slots=True)
class Head:
    """What was asked, by whom, when, and the digest that ties paper and record together."""

    title: str
    question: str
    scenario: str
    run: str
    scientist: str
    seed: str
    began: str
    ended: str
    status: str
    reason: str
    digest: str
    events: int
    asked: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """How hypotheses stood in a tournament: who was tested, and nothing more."""

    places: tuple[Line, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Document:
    """A report."""

    head: Head
    counts: tuple[tuple[Standing, int], ...]
    findings: tuple[Finding, ...]
    trials: tuple[Trial, ...]
    contests: tuple[Contest, ...]
    agreement: Agreement | None
    campaign: Campaign | None
    ranking: "Ranking | None"
    turned_away: tuple[Line, ...]
    untested: tuple[Line, ...]
    failures: tuple[Line, ...]
    notes: tuple[Line, ...]
    limits: tuple[str, ...]
    scores: tuple[Line, ...]
    cost: tuple[Line, ...]
    versions: tuple[tuple[str, str], ...]
    commands: tuple[str, ...]
    rows: tuple[Row, ...]
    measured: int
    """Measurements on record, those that the appendix leaves out included."""
    language: Language = "en"
    """What it is written in."""
    literature: Literature | None = None

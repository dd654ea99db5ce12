"""What is believed: a relation that can be tested, in words and in a closed grammar.

The grammar needs no language model: trends, contrasts between groups (threshold rules and
decision lists are groups cut by conditions), structural changes, laws (among them "noise
only") and curves that a tool computes. A model may propose only what it can express.
"""

import math
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gaseol.traces.nouns.value import Value

Direction = Literal["raises", "lowers"]
Cell = float | int | bool | str | None
"""What a case has in one of its variables; None where it is not known."""


class Match(Value):
    """Two cases are comparable only when this variable differs by at most `within`."""

    variable: str
    within: float = Field(default=0.0, ge=0)


class Condition(Value):
    """One side of a cut through the cases: a range of a number, or one of some labels."""

    variable: str
    at_least: float | None = None
    at_most: float | None = None
    among: tuple[str | int | bool, ...] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.at_least is None and self.at_most is None and self.among is None:
            raise ValueError(f"the condition on '{self.variable}' has no bound and no labels")
        return self

    def holds(self, cell: Cell) -> bool:
        """Tell whether a case with this cell is on this side; a missing cell never is."""
        if cell is None:
            return False
        if self.among is not None and cell not in self.among:
            return False
        if self.at_least is None and self.at_most is None:
            return True
        if isinstance(cell, str):
            return False
        return (self.at_least is None or cell >= self.at_least) and (
            self.at_most is None or cell <= self.at_most
        )

    def __str__(self) -> str:
        if self.among is not None:
            return f"{self.variable} in {{{', '.join(map(str, self.among))}}}"
        low = f"{self.at_least:g} <= " if self.at_least is not None else ""
        high = f" <= {self.at_most:g}" if self.at_most is not None else ""
        return f"{low}{self.variable}{high}"


class Trend(Value):
    """More of a variable raises (or lowers) the outcome, other things matched."""

    kind: Literal["trend"] = "trend"
    variable: str
    direction: Direction
    minimum_difference: float = Field(default=0.0, ge=0)
    """Pairs must differ in the variable by at least this, and by more than nothing."""
    matching: tuple[Match, ...] = ()
    where: tuple[Condition, ...] = ()


class Groups(Value):
    """Cases inside a group have a higher (or lower) outcome than those it is set against."""

    kind: Literal["groups"] = "groups"
    inside: tuple[Condition, ...] = Field(min_length=1, max_length=3)
    against: tuple[Condition, ...] = Field(default=(), max_length=3)
    """Empty: everything that is not inside."""
    direction: Direction
    matching: tuple[Match, ...] = ()
    where: tuple[Condition, ...] = ()


class Change(Value):
    """One structural change raises (or lowers) the outcome of the case it is made to."""

    kind: Literal["change"] = "change"
    change: str
    direction: Direction
    where: tuple[Condition, ...] = ()


class Factor(Value):
    """The factor of a law that is not a power: a form, its variables and its exponent."""

    form: Literal["sum", "difference", "sin", "cos", "exp"]
    variables: tuple[str, ...] = Field(min_length=1, max_length=2)
    exponent: float = 1.0

    def __call__(self, row: Mapping[str, float]) -> float:
        """Return the natural logarithm of the factor at a point; -inf where it vanishes."""
        x = [row[name] for name in self.variables]
        match self.form:
            case "exp":
                return self.exponent * x[0]
            case "sin":
                size = abs(math.sin(self.exponent * x[0]))
            case "cos":
                size = abs(math.cos(self.exponent * x[0]))
            case "sum":
                size = x[0] ** self.exponent + x[-1] ** self.exponent
            case "difference":
                size = abs(x[0] ** self.exponent - x[-1] ** self.exponent)
        return math.log(size) if size > 0 else -math.inf


Form = Literal[
    "exp", "plus", "minus", "sin", "cos", "growth", "log", "tanh",
    "logistic", "arctan", "erf", "erfc", "langevin", "bend",
]  # fmt: skip
"""Functions of one argument without a dimension; `Response` says what each is."""


class Response(Value):
    """The factor of a law that is a function of one group of variables: f(rate * prod x^a)^power.

    Functions that are not powers take arguments without a dimension; `rate` is what the units of a group
    are measured in, one over. `plus` is 1 + u, `minus` |1 - u|, `growth` |exp(u) - 1|, `log` ln(1 + u),
    `logistic` 1 / (1 + exp(-u)), `langevin` coth(u) - 1/u, `bend` max(1, u), where one power gives way
    to another; the others are what they are called. Of a negative value the size counts.
    """

    form: Form
    group: dict[str, float] = Field(min_length=1, max_length=3)
    """Variable to its exponent in the group."""
    rate: float
    power: float = 1.0

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the group."""
        return tuple(self.group)

    def __call__(self, row: Mapping[str, float]) -> float:
        """Return the natural logarithm of the factor at a point; not finite where it has none."""
        size = _log_group(self.group, row)
        if size > 300 or not self.rate:
            return math.inf
        return self.power * _log_response(self.form, self.rate * math.exp(size))


class Term(Value):
    """A product of powers with a coefficient, without a dimension: rate * prod x^a."""

    group: dict[str, float] = Field(min_length=1, max_length=3)
    """Variable to its exponent."""
    rate: float


class Sum(Value):
    """The factor of a law that is a sum of products of powers, one of them divided out.

    It is |1 + rate_1 * prod x^a + rate_2 * prod x^b + ...|^power.
    """

    terms: tuple[Term, ...] = Field(min_length=2, max_length=3)
    """What comes to the one."""
    power: float = 1.0

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of all terms, each once."""
        return tuple(dict.fromkeys(name for term in self.terms for name in term.group))

    def __call__(self, row: Mapping[str, float]) -> float:
        """Return the natural logarithm of the factor at a point; not finite where it has none."""
        sizes = [_log_group(term.group, row) for term in self.terms]
        if max(sizes) > 300:
            return math.inf
        rates = (term.rate for term in self.terms)
        total = 1 + sum(k * math.exp(size) for k, size in zip(rates, sizes, strict=True))
        return self.power * _log_size(total) if math.isfinite(total) else math.inf


class Product(Value):
    """The factor of a law that is a product of functions, each of its own group, rate and power."""

    factors: tuple[Response | Sum, ...] = Field(min_length=2, max_length=3)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of all factors, each once."""
        return tuple(dict.fromkeys(name for each in self.factors for name in each.variables))

    def __call__(self, row: Mapping[str, float]) -> float:
        """Return the natural logarithm of the factor at a point; not finite where it has none."""
        return sum(each(row) for each in self.factors)


def _log_group(group: Mapping[str, float], row: Mapping[str, float]) -> float:
    return sum(a * math.log(row[name]) for name, a in group.items())


def _log_response(form: Form, u: float) -> float:
    match form:
        case "exp":
            return u
        case "growth":
            # exp(u) - 1 is exp(u) to the last digit long before it overflows
            return u if u > 40 else _log_size(math.expm1(u))
        case "plus":
            return math.log1p(u) if u > -1 else -math.inf
        case "log":
            return math.log(math.log1p(u)) if u > 0 else -math.inf
        case "minus":
            return _log_size(1 - u)
        case "tanh":
            return _log_size(math.tanh(u))
        case "sin":
            return _log_size(math.sin(u))
        case "cos":
            return _log_size(math.cos(u))
        case "logistic":
            return u - math.log1p(math.exp(u)) if u < 0 else -math.log1p(math.exp(-u))
        case "arctan":
            return _log_size(math.atan(u))
        case "erf":
            return _log_size(math.erf(u))
        case "erfc":
            return _log_size(math.erfc(u))
        case "langevin":
            # the series where the difference of two large numbers would lose its digits
            near = abs(u) < 0.01
            return _log_size(u / 3 - u**3 / 45 if near else 1 / math.tanh(u) - 1 / u)
        case "bend":
            return max(0.0, math.log(u)) if u > 0 else 0.0


def _log_size(x: float) -> float:
    return math.log(abs(x)) if x else -math.inf


class Law(Value):
    """A law with one free constant: ln y (or y) = C + sum of weighted terms.

    With link `log` a weight is an exponent, y = C * prod x^a * factor; with link `identity`
    it is a slope frozen before the test, y = C + sum b x. Without terms it is "noise only".
    """

    kind: Literal["law"] = "law"
    link: Literal["log", "identity"] = "log"
    weights: dict[str, float] = Field(default_factory=dict)
    factor: Factor | Response | Sum | Product | None = None

    def term(self, row: Mapping[str, float]) -> float:
        """Return what the law adds to the free constant at a point.

        Raises:
            ValueError: a power law is asked for a variable that is not positive.
        """
        total = 0.0
        for name, weight in self.weights.items():
            x = row[name]
            if self.link == "log":
                if x <= 0:
                    raise ValueError(f"a power law needs a positive '{name}', not {x:g}")
                x = math.log(x)
            total += weight * x
        return total + (self.factor(row) if self.factor else 0.0)

    def numbers(self, row: Mapping[str, Cell]) -> dict[str, float] | None:
        """Return the law's variables at a point; None where it says nothing there."""
        found: dict[str, float] = {}
        for name in self.variables:
            x = row.get(name)
            if not isinstance(x, int | float) or (self.link == "log" and x <= 0):
                return None
            found[name] = float(x)
        return found

    @property
    def variables(self) -> frozenset[str]:
        """The variables that the law speaks of."""
        return frozenset(self.weights) | frozenset(self.factor.variables if self.factor else ())


class Curve(Value):
    """A rival whose prediction at every design is computed by a tool, up to one constant."""

    kind: Literal["curve"] = "curve"
    rival: str
    """The name of the rival among the scenario's rivals."""
    link: Literal["log", "identity"] = "log"


Relation = Annotated[Trend | Groups | Change | Law | Curve, Field(discriminator="kind")]


class Hypothesis(Value):
    """A proposition that measurements can support or refute."""

    id: str
    statement: str = Field(min_length=3)
    relation: Relation
    mechanism: str = ""
    """Why it might be so, in words; never evidence."""
    proposed_by: str
    """The role, or `scenario` for what the asker wants tested."""
    parents: tuple[str, ...] = ()
    bits: float = Field(ge=0)
    """Description length; the prior is proportional to 2^-bits."""
    seen: tuple[int, ...] = ()
    """Positions of the measurements that the proposer could see; set by the runner."""

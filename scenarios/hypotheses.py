"""What may be believed: by whoever asks, by the grammar, of laws and of rivals; how it is judged."""

from collections.abc import Sequence
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from gaseol.scenarios.cases import ToolCall
from gaseol.scenarios.part import Part
from gaseol.traces.evidence.process import BoundedMean, Census, GaussianMean, Sign
from gaseol.traces.nouns.hypothesis import Condition, Direction, Form, Match, Relation


class Belief(Part):
    """A hypothesis that the asker wants tested, popular or not."""

    statement: str = Field(min_length=3)
    relation: Relation
    mechanism: str = ""


class Explore(Part):
    """What the embedded scientist may combine into hypotheses of its own."""

    matching: tuple[Match, ...] = ()
    where: tuple[Condition, ...] = ()
    direction: Direction = "raises"
    """What to believe of a variable or a change where the pilot suggests nothing."""
    changes: int = Field(default=0, ge=0)
    """How many of the most frequent structural changes it may try, besides the beliefs'."""


class Laws(Part):
    """The grammar of laws: products of powers, or sums of slopes."""

    link: Literal["log", "identity"] = "log"
    variables: tuple[str, ...] = ()
    exponents: tuple[float, ...] = (-2, -1, -0.5, 0.5, 1, 2)
    terms: int = Field(default=2, ge=1, le=3)
    """At most this many variables in a law."""
    factors: tuple[Literal["sum", "difference", "sin", "cos", "exp"], ...] = ()
    """Forms of which a law may have one besides its powers; for `log` laws, suggested by a pilot."""
    responses: tuple[Form, ...] = ()
    """Functions of a group of one or two variables, of which a law may have one instead of a factor, to a
    power: exp(u), 1 + u, |1 - u|, |sin u|, |cos u|, |exp(u) - 1|, ln(1 + u), |tanh u|, 1 / (1 + exp(-u)),
    |arctan u|, |erf u|, erfc u, |coth u - 1/u| and max(1, u), with u = rate * x^a * z^b. The rate is fitted
    on the pilot: nobody needs to know its unit."""
    functions: int = Field(default=1, ge=1, le=2, exclude_if=lambda count: count == 1)
    """With 2, a law may have two of the responses, each of its own group; fitted together."""
    summands: int = Field(default=2, ge=2, le=3, exclude_if=lambda count: count == 2)
    """With 3, a law may have, instead of a response, a sum of three products of powers, coefficients fitted
    on the pilot, to a power; `plus` is one of two."""
    fitted: bool = False
    """Try exponents, too, that are none of these: fitted on the pilot, to the digits it warrants."""
    propose: int = Field(default=3, ge=0)
    """Laws that the scientist may add to the beliefs; near twins would block each other."""
    judged_by: Literal["contest", "paired_loss"] = "contest"
    """`contest` weighs laws against each other under a model of the noise; `paired_loss` asks,
    without one, which of two laws predicts the next case better, constants frozen on the pilot."""
    exact: bool = True
    """A law must leave nothing but noise: while a smooth function of the variables predicts what it
    leaves better than noise does, a contest does not support it. False where every law is an
    approximation, as over real materials: what is sought is then the best of those registered."""
    flexible: bool = True
    """Weigh every law also against a regression over all variables."""


class Rivals(ToolCall):
    """Rivals whose predictions a tool computes for all designs at once."""

    each: dict[str, dict[str, Any]] = Field(min_length=1)
    """Rival's name to the arguments that are its own."""
    value: str = ""
    """Path of the list of predictions in the tool's result."""
    drawing: str | None = None
    """Path of a drawing (SVG) of the rival in the result."""
    others: dict[str, ToolCall] = Field(default_factory=dict)
    """What else it might be: weighed against every rival, but no hypothesis of its own."""
    mixtures: bool = False
    """Also weigh against half-and-half mixtures of every two rivals."""
    link: Literal["log", "identity"] = "log"
    statement: str = "{rival} explains the measurements"

    @model_validator(mode="after")
    def _statement_names_the_rival(self) -> Self:
        if "{rival}" not in self.statement:
            raise ValueError("the statement must name its {rival}, or all would say the same")
        return self


class Hypotheses(Part):
    """What may be believed, and how it will be judged."""

    maximum: int = Field(default=8, ge=1, le=100)
    """m: the run registers no more hypotheses than this."""
    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    delta: float = Field(default=0.1, gt=0)
    """Smallest effect of interest, on the scale of the process."""
    theta0: float | None = None
    """The null value: by default 0.5 for shares of pairs, 0 for means of differences."""
    process: Literal["sign", "bounded_mean", "gaussian_mean", "census"] = "sign"
    bounds: tuple[float, float] | None = None
    """For bounded_mean: least and largest difference of a pair; by default from the pilot."""
    replacement: bool = False
    """A pair may be drawn again: the verdict then speaks of this finite frame alone."""
    sigma: float | None = Field(default=None, gt=0)
    """For gaussian_mean: the known noise of a difference."""
    draws: int = Field(default=150, ge=1, le=100_000)
    """Stop a hypothesis after this many draws."""
    tie: float = Field(default=0.0, ge=0)
    failure_rate: float = Field(default=0.2, ge=0, le=1)
    batch: int = Field(default=8, ge=1, le=1000)
    """Experiments designed at a time; fixed here, so that no run depends on its machine."""
    pilot: int = Field(default=0, ge=0)
    """Cases measured first to suggest directions and laws; they leave every frame."""
    beliefs: tuple[Belief, ...] = ()
    explore: Explore | None = None
    laws: Laws | None = None
    rivals: Rivals | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.process == "bounded_mean" and self.bounds is None and self.pilot < 5:
            raise ValueError("bounded_mean needs bounds: [least, largest], or a pilot of 5 cases")
        if self.laws and self.laws.judged_by == "paired_loss" and self.pilot < 5:
            raise ValueError("paired_loss freezes the laws' constants on a pilot of at least 5")
        if self.process == "gaussian_mean" and self.sigma is None:
            raise ValueError("gaussian_mean needs sigma")
        if self.process in ("sign", "census") and not 0 < self.null < self.null + self.delta < 1:
            raise ValueError(
                "theta0 must lie above 0 and theta0 + delta below 1: they are shares of pairs"
            )
        if self.process == "bounded_mean" and self.bounds is not None:
            low, high = self.bounds
            if not low < self.null < self.null + self.delta < high:
                raise ValueError("theta0 and theta0 + delta must lie within the bounds")
        if len({b.statement for b in self.beliefs}) < len(self.beliefs):
            raise ValueError("two beliefs have the same statement")
        for i, belief in enumerate(self.beliefs):
            for other in self.beliefs[:i]:
                if belief.relation == other.relation:
                    raise ValueError(f"'{belief.statement}' says the same as '{other.statement}'")
        if not (self.beliefs or self.explore or self.laws or self.rivals):
            raise ValueError("nothing to believe: give beliefs, explore, laws or rivals")
        return self

    @property
    def null(self) -> float:
        """theta0: a half for shares of pairs, zero for means of differences, unless given."""
        if self.theta0 is not None:
            return self.theta0
        return 0.5 if self.process in ("sign", "census") else 0.0

    def effect_process(
        self, frame_size: int, pilot: Sequence[float]
    ) -> Sign | BoundedMean | GaussianMean | Census:
        """Return the process that judges an effect over a frame of this many pairs.

        Args:
            frame_size: pairs in the frame.
            pilot: the pilot's values, whose range bounds differences where no bounds are given.
        """
        match self.process:
            case "sign":
                return Sign(theta0=self.null, delta=self.delta)
            case "census":
                return Census(size=frame_size, theta0=self.null, delta=self.delta)
            case "bounded_mean":
                spread = max(pilot) - min(pilot) if pilot else 1.0
                low, high = self.bounds or (-spread, spread)
                return BoundedMean(low=low, high=high, theta0=self.null, delta=self.delta)
            case "gaussian_mean":
                return GaussianMean(
                    sigma=self.sigma or 1.0, theta0=self.null, delta=self.delta, tau=self.delta
                )

    @property
    def draw_rule(self) -> Literal["disjoint", "replacement", "without_replacement"]:
        """How pairs are drawn: disjoint, unless the process speaks of a finite frame."""
        if self.process == "census":
            return "without_replacement"
        return "replacement" if self.replacement else "disjoint"

"""Fits: a line or a curve through points, with intervals for its parameters and a drawing."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Len, Lt
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Media, Refuse, Retry, Unit, tool
from gaseol.traces.nouns.failure import FailureKind

if TYPE_CHECKING:
    from numpy import ndarray

Number = Annotated[float, Unit("1"), Ge(-1e15), Le(1e15)]
Bare = Annotated[float, Unit("1")]
"""A number in the unit that the data imply, which is not told."""
Numbers = Annotated[tuple[Number, ...], Len(3, 20_000)]
Level = Annotated[float, Unit("1"), Gt(0.5), Lt(1)]
Model = Literal["exponential", "saturation", "power", "arrhenius", "hill", "gaussian", "logistic"]
Svg = Annotated[str, Media("image/svg+xml")]

_GAS = 8.31446261815324  # J/(mol K)


class Parameter(BaseModel):
    """One fitted parameter."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    value: Bare
    standard_error: Annotated[float, Unit("1"), Ge(0)]
    """From the curvature of the sum of squares, scaled by the residuals' variance."""
    low: Bare
    """Lower end of the interval."""
    high: Bare
    """Upper end of the interval."""


class Fit(BaseModel):
    """A fitted model. Parameters have the units that x and y imply; none are kept here."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    formula: str
    """What was fitted."""
    parameters: tuple[Parameter, ...]
    level: Level
    """Of the intervals."""
    residual_deviation: Annotated[float, Unit("1"), Ge(0)]
    """Square root of the sum of squared residuals over the degrees of freedom; y's unit."""
    freedom: Annotated[int, Ge(1)]
    """Points less parameters."""
    r_squared: Annotated[float, Unit("1"), Le(1)]
    """Share of y's variance that the model takes away; below 0 where it is worse than the mean."""
    drawing: Svg
    """Points and curve."""


class _Shape:
    """A model's formula, and how it is computed and begun."""

    def __init__(
        self,
        formula: str,
        names: str,
        curve: "Callable[..., ndarray]",
        begin: "Callable[[ndarray, ndarray], list[float]]",
        even: str = "",
    ) -> None:
        self.formula, self.names, self.curve, self.begin = formula, names.split(), curve, begin
        self.even = even.split()
        """Parameters whose sign the curve does not tell; the positive one is given."""


@tool(
    seconds=0.05,
    limit_seconds=30,
    needs=("scipy",),
    tags=("statistics", "fit"),
    examples=(Example({"x": [0, 1, 2, 3], "y": [1, 3, 5, 7.5]}),),
)
def fit_line(x: Numbers, y: Numbers, level: Level = 0.95) -> Fit:
    """Fit a straight line by least squares, with t intervals for intercept and slope.

    Intervals hold if residuals are independent, normal and of one variance, and x is known
    exactly; look at the drawing before trusting them. Checked against the certified values of
    the NIST Statistical Reference Datasets (1999), doi:10.18434/T43G6C.

    Args:
        x: what was set, or is known.
        y: what was measured, one for each x.
        level: share of such intervals that hold the true value.

    Raises:
        Retry: x and y differ in number, or all x are equal.
    """
    import numpy as np

    xs, ys = _points(x, y)
    if not np.ptp(xs):
        raise Retry("all x are equal: no line is determined")
    centre, spread = xs.mean(), xs.std()
    scaled = (xs - centre) / spread
    slope = float(scaled @ ys / len(xs)) / spread
    intercept = float(ys.mean()) - slope * centre
    residuals = ys - (intercept + slope * xs)
    freedom = len(xs) - 2
    variance = float(residuals @ residuals) / freedom
    sums = len(xs) * spread**2
    errors = (
        math.sqrt(variance * (1 / len(xs) + centre**2 / sums)),
        math.sqrt(variance / sums),
    )
    return _fit("y = intercept + slope * x", ("intercept", "slope"), (intercept, slope), errors,
                xs, ys, lambda t: intercept + slope * t, level)  # fmt: skip


@tool(
    seconds=0.1,
    limit_seconds=60,
    needs=("scipy",),
    tags=("statistics", "fit"),
    examples=(Example({"x": [0, 1, 2, 3], "y": [4, 2.1, 1, 0.5], "model": "exponential"}),),
)
def fit_curve(
    x: Numbers,
    y: Numbers,
    model: Model,
    start: Annotated[tuple[Number, ...], Len(1, 4)] | None = None,
    level: Level = 0.95,
) -> Fit:
    """Fit a named curve by least squares, with approximate intervals for its parameters.

    Levenberg-Marquardt (scipy) from the data's own scale or from `start`; y is fitted as it is,
    not its logarithm. Intervals are of the linearised model: good where residuals are small
    against the curve's bend, too narrow elsewhere. A local minimum is possible: try another
    start where the drawing looks wrong. Checked against certified values of the NIST
    Statistical Reference Datasets (1999; nonlinear regression), doi:10.18434/T43G6C.

    Args:
        x: what was set, or is known.
        y: what was measured, one for each x.
        model: `exponential` y = a exp(b x); `saturation` y = a (1 - exp(-b x)); `power`
            y = a x^b, x > 0; `arrhenius` y = a exp(-e / (R x)), x in K and e in J/mol; `hill`
            y = a x^n / (k^n + x^n), x >= 0; `gaussian` y = a exp(-(x - m)^2 / (2 s^2));
            `logistic` y = a / (1 + exp(-b (x - m))).
        start: where to begin, one number a parameter in the formula's order.
        level: nominal share of such intervals that hold the true value.

    Raises:
        Retry: x and y differ in number, are too few, outside what the model takes, or the start
            has another number of parameters.
        Refuse: with kind `empty`, no minimum is found or the data do not determine all
            parameters.
    """
    import warnings

    import numpy as np
    from scipy.optimize import OptimizeWarning, curve_fit

    xs, ys = _points(x, y)
    shape = _shapes()[model]
    if len(xs) <= len(shape.names):
        raise Retry(f"{model} has {len(shape.names)} parameters; give more points than that")
    lowest = {"power": 0.0, "arrhenius": 0.0}.get(model)
    if (lowest is not None and xs.min() <= lowest) or (model == "hill" and xs.min() < 0):
        raise Retry(f"{model} takes x above 0 only; the smallest given is {xs.min():g}")
    if start is not None and len(start) != len(shape.names):
        raise Retry(f"start takes {len(shape.names)} numbers: {', '.join(shape.names)}")
    begin = list(start) if start is not None else shape.begin(xs, ys)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("error", OptimizeWarning)
        try:
            found, covariance = curve_fit(
                shape.curve, xs, ys, p0=begin, maxfev=20_000, xtol=1e-14, ftol=1e-14, gtol=1e-14
            )
        except (RuntimeError, ValueError, OptimizeWarning) as error:
            said = f"{model} does not fit from {begin}: {str(error).splitlines()[0]}"
            raise Refuse(said, kind=FailureKind.EMPTY) from error
    errors = np.sqrt(np.diag(covariance))
    if not np.all(np.isfinite(errors)):
        raise Refuse(f"the points do not determine all of {shape.names}", kind=FailureKind.EMPTY)
    values = [abs(value) if name in shape.even else value
              for name, value in zip(shape.names, found.tolist(), strict=True)]  # fmt: skip
    return _fit(shape.formula, shape.names, values, errors.tolist(), xs, ys,
                lambda t: shape.curve(t, *found), level)  # fmt: skip


def _points(x: tuple[float, ...], y: tuple[float, ...]) -> "tuple[ndarray, ndarray]":
    import numpy as np

    if len(x) != len(y):
        raise Retry(f"{len(x)} x and {len(y)} y: give one y for each x")
    return np.asarray(x, dtype=float), np.asarray(y, dtype=float)


def _fit(
    formula: str,
    names: Any,
    values: Any,
    errors: Any,
    x: "ndarray",
    y: "ndarray",
    curve: "Callable[[ndarray], ndarray]",
    level: float,
) -> Fit:
    from scipy.stats import t as student

    freedom = len(x) - len(names)
    factor = float(student.ppf((1 + level) / 2, freedom))
    residuals = y - curve(x)
    squares = float(residuals @ residuals)
    total = float(((y - y.mean()) ** 2).sum())
    return Fit(
        formula=formula,
        parameters=tuple(
            Parameter(
                name=name,
                value=float(value),
                standard_error=float(error),
                low=float(value - factor * error),
                high=float(value + factor * error),
            )
            for name, value, error in zip(names, values, errors, strict=True)
        ),
        level=level,
        residual_deviation=math.sqrt(squares / freedom),
        freedom=freedom,
        r_squared=1 - squares / total if total else 0.0,
        drawing=_drawing(x, y, curve),
    )


def _shapes() -> dict[str, _Shape]:
    import numpy as np

    def top(y: "ndarray") -> float:
        return float(y[np.argmax(np.abs(y))]) or 1.0

    def slope(x: "ndarray", y: "ndarray") -> tuple[float, float]:
        """Return level and slope of ln |y| against x, from points that have a logarithm."""
        fine = y != 0
        if fine.sum() < 2 or not np.ptp(x[fine]):
            return top(y), 0.0
        b, a = np.polyfit(x[fine], np.log(np.abs(y[fine])), 1)
        return math.copysign(math.exp(min(a, 300.0)), top(y)), float(b)

    def width(x: "ndarray") -> float:
        return float(np.ptp(x)) or 1.0

    def arrhenius(x: "ndarray", y: "ndarray") -> list[float]:
        a, b = slope(1 / x, y)
        return [a, -b * _GAS]

    def crossing(x: "ndarray", y: "ndarray") -> float:
        return float(x[np.argmin(np.abs(y - top(y) / 2))])

    return {
        "exponential": _Shape(
            "y = a * exp(b * x)", "a b", lambda x, a, b: a * np.exp(b * x),
            lambda x, y: list(slope(x, y)),
        ),
        "saturation": _Shape(
            "y = a * (1 - exp(-b * x))", "a b", lambda x, a, b: -a * np.expm1(-b * x),
            lambda x, y: [top(y), 1 / width(x)],
        ),
        "power": _Shape(
            "y = a * x**b", "a b", lambda x, a, b: a * x**b, lambda x, y: list(slope(np.log(x), y)),
        ),
        "arrhenius": _Shape(
            "y = a * exp(-e / (R * x))", "a e", lambda x, a, e: a * np.exp(-e / (_GAS * x)),
            arrhenius,
        ),
        "hill": _Shape(
            "y = a * x**n / (k**n + x**n)", "a k n",
            lambda x, a, k, n: a * x ** abs(n) / (abs(k) ** abs(n) + x ** abs(n)),
            lambda x, y: [top(y), abs(crossing(x, y)) or width(x) / 2, 1.0],
            even="k n",
        ),
        "gaussian": _Shape(
            "y = a * exp(-(x - m)**2 / (2 * s**2))", "a m s",
            lambda x, a, m, s: a * np.exp(-((x - m) ** 2) / (2 * s**2)),
            lambda x, y: [top(y), float(x[np.argmax(np.abs(y))]), width(x) / 4],
            even="s",
        ),
        "logistic": _Shape(
            "y = a / (1 + exp(-b * (x - m)))", "a b m",
            lambda x, a, b, m: a / (1 + np.exp(-b * (x - m))),
            lambda x, y: [top(y), 4 / width(x) * (1 if y[np.argmax(x)] >= y[np.argmin(x)] else -1),
                          crossing(x, y)],
        ),
    }  # fmt: skip


def _drawing(x: "ndarray", y: "ndarray", curve: "Callable[[ndarray], ndarray]") -> str:
    """Return points and curve as SVG, at most 500 points shown."""
    import numpy as np

    width, height, edge = 320.0, 200.0, 12.0
    grid = np.linspace(x.min(), x.max(), 121)
    with np.errstate(all="ignore"):
        line = np.nan_to_num(np.asarray(curve(grid), dtype=float))
    low, high = min(y.min(), line.min()), max(y.max(), line.max())

    def place(a: "ndarray", b: "ndarray") -> list[tuple[float, float]]:
        across = edge + (a - x.min()) / (np.ptp(x) or 1) * (width - 2 * edge)
        down = height - edge - (b - low) / ((high - low) or 1) * (height - 2 * edge)
        return list(zip(across.tolist(), down.tolist(), strict=True))

    shown = slice(None, None, len(x) // 500 + 1)
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in place(grid, line))
    dots = "".join(
        f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.5" fill="#1f4e79"/>'
        for a, b in place(x[shown], y[shown])
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img"><title>points and fitted curve</title>'
        f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>{dots}'
        f'<polyline points="{path}" fill="none" stroke="#b03a2e" stroke-width="1.5"/></svg>'
    )

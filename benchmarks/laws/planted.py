"""Counterfactual laws: shapes that stand in textbooks, with exponents, constants and parts drawn by lot.

A family writes its law as an expression in x, z, w and v, each between 0.4 and 4 in the units that the law
was made in. What is shown is in other units, powers of ten off, and no constant is told. `FAMILIES` were
in sight when the grammar of the embedded scientist was made, `UNSEEN` were not.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

NAMES = (
    "mass", "charge", "pressure", "density", "viscosity", "area", "voltage", "concentration",
    "stiffness", "permittivity", "distance", "thickness", "wavelength", "radius", "temperature",
    "time", "frequency", "depth",
)  # fmt: skip
OUTCOMES = ("force", "flow", "current", "stress", "power", "rate")
SHOWN = (0.5, 1.0, 1.5, 2.0)
LOW, HIGH = 0.4, 4.0

_KNOWN = {n: getattr(math, n) for n in ("exp", "log", "sin", "cos", "atan", "cosh")}
_KNOWN |= {"abs": abs, "max": max}

Lot = np.random.Generator


@dataclass(frozen=True)
class Planted:
    """A law in the units that are shown."""

    family: str
    expression: str
    names: tuple[str, ...]
    scales: tuple[float, ...]
    outcome: str

    def __call__(self, point: dict[str, float]) -> float:
        """Return the outcome at a point, without noise."""
        return float(eval(self.expression, {"__builtins__": {}}, _KNOWN | point))

    def point(self, lot: Lot) -> dict[str, float]:
        """Return a point drawn by lot, in the units that are shown."""
        drawn = np.exp(lot.uniform(np.log(LOW), np.log(HIGH), size=len(self.names)))
        return {n: float(x * s) for n, x, s in zip(self.names, drawn, self.scales, strict=True)}


def planted(seed: int, families: tuple[str, ...] = ()) -> Planted:
    """Return the law of a seed; families come in turn, so that all are met equally often."""
    known = families or tuple(FAMILIES)
    family = known[seed % len(known)]
    lot = np.random.default_rng([seed, 11])
    names = tuple(str(n) for n in lot.choice(NAMES, size=4, replace=False))
    scales = tuple(float(s) for s in 10.0 ** lot.integers(-3, 4, size=4))
    law = f"{float(np.exp(lot.uniform(-3, 3)))!r} * {(FAMILIES | UNSEEN)[family](lot)}"
    units = dict(zip("xzwv", zip(names, scales, strict=True), strict=True))
    shown = re.sub(
        r"\b[xzwv]\b", lambda m: "({} / {!r})".format(*units[m.group()]), law
    )  # fmt: skip
    return Planted(family, shown, names, scales, str(lot.choice(OUTCOMES)))


def _e(lot: Lot) -> float:
    """Return an exponent of either sign."""
    return float(lot.choice(SHOWN) * lot.choice([-1, 1]))


def _p(lot: Lot, *among: float) -> float:
    return float(lot.choice(among or SHOWN))


def _k(lot: Lot, low: float = 0.3, high: float = 3.0) -> float:
    """Return a constant of which nobody is told the value or the unit."""
    return float(np.exp(lot.uniform(np.log(low), np.log(high))))


def _power(lot: Lot) -> str:
    chosen = lot.choice(list("xzwv"), size=int(lot.integers(1, 4)), replace=False)
    return " * ".join(f"{n}**{_e(lot)}" for n in chosen)


def _loose(lot: Lot) -> str:
    chosen = lot.choice(list("xzwv"), size=int(lot.integers(1, 4)), replace=False)
    return " * ".join(f"{n}**{lot.choice([-1, 1]) * round(_k(lot), 2)}" for n in chosen)


def _kink(lot: Lot) -> str:
    a, b, at = _e(lot), _e(lot), _k(lot, 1.0, 1.6)
    return f"((x / {at})**{a} if x < {at} else (x / {at})**{b}) * z**{_e(lot)}"


def _shifted(lot: Lot) -> str:
    hill, half, barrier, zero = _p(lot, 1, 2, 4), _k(lot), _k(lot), _k(lot, 0.1, 0.3)
    return f"x**{hill} / ({half} + x**{hill}) * exp(-{barrier} / (z - {zero}))"


FAMILIES: dict[str, Callable[[Lot], str]] = {
    "power": _power,
    "power, any exponent": _loose,
    "activation": lambda r: f"z**{_e(r)} * exp(-{_k(r)} / x**{_p(r)})",
    "attenuation": lambda r: f"z**{_e(r)} * exp(-{_k(r, 0.2, 1)} * x**{_p(r)} * w**{_e(r)})",
    "saturation": lambda r: f"1 / (1 + {_k(r)} * x**-{_p(r)}) * z**{_e(r)} * w**{_e(r)}",
    "two terms": lambda r: f"(x**{_p(r)} + {_k(r)} * z**{_p(r)})**{_e(r)} * w**{_e(r)}",
    "resonance": lambda r: (
        f"abs(1 - (x / {_k(r)})**{_p(r, 1, 2)})**-{_p(r, 0.5, 1, 2)} * z**{_e(r)}"
    ),
    "wave": lambda r: (
        f"abs(sin({_k(r)} * x**{_p(r, 0.5, 1)} * z**{_p(r, -1, -0.5, 0.5)}))**{_p(r, 1, 2)}"
        f" * w**{_e(r)}"
    ),
    "radiation": lambda r: f"x**{_p(r)} / (exp({_k(r)} * x / z) - 1)",
    "charging": lambda r: f"(1 - exp(-{_k(r)} * x * z**{_e(r)})) * w**{_e(r)}",
    "logarithm": lambda r: f"log(1 + {_k(r)} * x**{_p(r, 1, 2)} / z) * w**{_e(r)}",
    "occupation": lambda r: f"z**{_e(r)} / (exp({_k(r)} * x) + 1)",
    "damping": lambda r: f"exp(-{_k(r)} * x) * abs(cos({_k(r, 1, 4)} * x)) * z**{_e(r)}",
    "three terms": lambda r: (
        f"(x**{_p(r)} + {_k(r)} * z**{_p(r)} + {_k(r)} * w**{_p(r)}) * v**{_e(r)}"
    ),
    "two saturations": lambda r: f"x / ({_k(r)} + x) * z / ({_k(r)} + z) * w**{_e(r)}",
    "arctangent": lambda r: f"atan({_k(r)} * x * z**{_e(r)}) * w**{_e(r)}",
    "kink": _kink,
}
UNSEEN: dict[str, Callable[[Lot], str]] = {
    "two waves": lambda r: (
        f"abs(cos({_k(r)} * x) + {_k(r, 0.3, 0.8)} * cos({_k(r)} * z)) * w**{_e(r)}"
    ),
    "shifted pair potential": lambda r: (
        f"abs(({_k(r, 0.8, 1.5)} / x)**4 - ({_k(r, 0.8, 1.5)} / x)**2 + {_k(r, 1, 3)})"
        f" * z**{_e(r)}"
    ),
    "shifted activation": _shifted,
    "hyperbolic cosine": lambda r: f"cosh({_k(r)} * x * z**{_p(r, -1, -0.5, 0.5)}) * w**{_e(r)}",
    "threshold": lambda r: (
        f"(max(x - {_k(r, 0.8, 1.6)}, 0) + {_k(r, 0.1, 1)}) * z**{_e(r)}"
    ),
    "competition": lambda r: (
        f"x / (1 + {_k(r)} * x + {_k(r)} * z + {_k(r)} * x * z) * w**{_e(r)}"
    ),
    "stretched exponential": lambda r: (
        f"exp(-({_k(r)} * x + {_k(r)} * z)**{_k(r, 0.4, 0.9)}) * w**{_e(r)}"
    ),
    "three saturations": lambda r: (
        f"x / ({_k(r)} + x) * z / ({_k(r)} + z) * w / ({_k(r)} + w) * v**{_e(r)}"
    ),
}  # fmt: skip
"""Written before the grammar became compositional; their figures were seen when it was done."""

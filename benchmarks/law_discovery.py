"""Does the scientist find a law that stands in no book?

Every task is a counterfactual law: named physical variables, but exponents and factors drawn by lot, so
that nothing can be recalled. A law is a product of powers of one to three of four variables, by
itself or with one factor: exp(k x), x^e + z^e, |x^e - z^e|, |sin x| or |cos x|. Variables are shown in
hidden units (a power of ten off), and the readings have noise. The scientist reads a pilot, registers laws,
measures designs of its choice, and the judge decides.

A task is identified when a law is *supported* that is numerically the same as the planted one: on 200
held-out points the two differ by one constant factor, within one millionth. No model judges. Beside it the same laws with
designs chosen by lot: how many experiments a verdict takes then.

    python benchmarks/law_discovery.py --tasks 60
"""

import argparse
import json
import math
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

NOISES = (0.0, 0.01, 0.05, 0.1, 0.2)
"""Standard deviations of ln y."""
NAMES = (
    "mass", "charge", "pressure", "density", "viscosity", "area", "voltage", "concentration",
    "stiffness", "permittivity",
)  # fmt: skip
LENGTHS = ("distance", "thickness", "wavelength", "radius")
OUTCOMES = ("force", "flow", "current", "stress", "power", "rate")
EXPONENTS = (-2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0)
FAMILIES = {"power": 0.45, "exp": 0.2, "sum": 0.15, "difference": 0.1, "wave": 0.1}
CASES, PILOT, HELD_OUT = 60, 14, 200
TOOLS = Path(__file__).with_name("laws")


@dataclass(frozen=True)
class Task:
    """A planted law and what is measured of it."""

    family: str
    law: Any
    scenario: dict[str, Any]
    held_out: tuple[dict[str, float], ...]


def task(seed: int, noise: float) -> Task:
    """Return a task; the same seed plants the same law at every noise."""
    from gaseol.traces.nouns.hypothesis import Factor, Law

    rng = np.random.default_rng([seed, 11])
    family = str(rng.choice(list(FAMILIES), p=list(FAMILIES.values())))
    # two lengths share a unit, so that a sum of them means something
    lengths = [str(n) for n in rng.choice(LENGTHS, size=2, replace=False)]
    others = [str(n) for n in rng.choice(NAMES, size=2, replace=False)]
    names = [*lengths, "angle" if family == "wave" else others[0], others[1]]
    scales = dict(zip(names, 10.0 ** rng.integers(-2, 3, size=4), strict=True))
    scales[lengths[1]] = scales[lengths[0]]
    scales["angle"] = 1.0
    used = [n for n in names if n != "angle"]
    terms = int(rng.integers(1, 4))
    chosen = [str(n) for n in rng.choice(used, size=min(terms, len(used)), replace=False)]
    weights = {n: float(rng.choice(EXPONENTS)) for n in chosen}
    factor = None
    if family == "exp":
        name = str(rng.choice([n for n in names if n not in weights] or names))
        rate = float(f"{rng.choice([-1, 1]) * rng.uniform(0.3, 1.5):.2g}")
        # the rate is per shown unit: the hidden one is a power of ten off
        factor = Factor(form="exp", variables=(name,), exponent=float(f"{rate / scales[name]:.2g}"))
    elif family in ("sum", "difference"):
        exponent = float(rng.choice([1.0, 2.0]))
        factor = Factor(form=family, variables=tuple(sorted(lengths, key=names.index)),
                        exponent=exponent)  # fmt: skip
        weights = {n: w for n, w in weights.items() if n not in lengths} or {others[1]: 1.0}
    elif family == "wave":
        form = "sin" if rng.integers(2) else "cos"
        factor = Factor(form=form, variables=("angle",), exponent=float(rng.choice([0.5, 1.0])))
    law = Law(weights=weights, factor=factor)
    constant = float(rng.uniform(-3, 3))
    rows = [_point(rng, names, scales) for _ in range(CASES)]
    held_out = tuple(_point(rng, names, scales) for _ in range(HELD_OUT))
    cases = [{"case": f"c{i}", **row} for i, row in enumerate(rows)]
    planted = {
        "law": law.model_dump(mode="json"),
        "constant": constant,
        "noise": noise,
        "seed": seed,
    }
    outcome = str(rng.choice(OUTCOMES))
    return Task(family, law, _scenario(outcome, names, cases, planted), held_out)


def _point(rng: np.random.Generator, names: Sequence[str], scales: dict[str, float]) -> Any:
    point = {n: float(np.exp(rng.uniform(math.log(0.4), math.log(4.0)))) * scales[n] for n in names}
    if "angle" in point:
        point["angle"] = float(rng.uniform(0.1, 1.4))
    return point


def _scenario(
    outcome: str, names: Sequence[str], cases: list[Any], planted: dict[str, Any]
) -> dict[str, Any]:
    return {
        "name": "planted_law",
        "title": "A planted law",
        "question": f"Which law gives the {outcome}?",
        "cases": {"key": "case", "rows": cases},
        "variables": {n: {"description": n} for n in names},
        "measurement": {
            "name": outcome, "tool": "law_reading",
            "arguments": {"case": "{case}", "at": {n: f"{{{n}}}" for n in names}, **planted},
        },
        "hypotheses": {
            "maximum": 6, "draws": 40, "pilot": PILOT,
            "laws": {
                "variables": list(names), "exponents": EXPONENTS, "terms": 3, "propose": 5,
                "factors": ["sum", "difference", "sin", "cos", "exp"],
            },
        },
        "budget": {"experiments": 40, "seconds": 600},
    }  # fmt: skip


def same(a: Any, b: Any, points: Sequence[dict[str, float]]) -> bool:
    """Tell whether two laws are one but for a constant, on points that nobody has seen."""
    apart = np.array([a.term(p) - b.term(p) for p in points])
    apart = apart[np.isfinite(apart)]
    return len(apart) > 100 and float(np.ptp(apart)) < 1e-6


def attempt(planted: Task, scientist: Any, seed: int, folder: Path, pool: Any) -> dict[str, Any]:
    """Run a task and return what came of it."""
    from gaseol.graphs import run
    from gaseol.scenarios import Scenario
    from gaseol.traces.nouns.hypothesis import Law

    began = time.perf_counter()
    scenario = Scenario.model_validate(planted.scenario)
    done = run(scenario, scientist=scientist, seed=seed, out=folder, pool=pool, report=False)
    seconds = time.perf_counter() - began
    docket = done.docket
    laws = {n: h.relation for n, h in docket.hypotheses.items() if isinstance(h.relation, Law)}
    right = {n for n, law in laws.items() if same(law, planted.law, planted.held_out)}
    supported = {n for n, v in docket.verdicts.items() if v.ruling.value == "supported"}
    crossings = [docket.crossings[n].draw + 1 for n in supported if n in docket.crossings]
    return {
        "proposed": bool(right),
        "identified": bool(right & supported),
        "wrong": bool(supported - right),
        "experiments": min(crossings) if crossings else None,
        "seconds": seconds,
    }


def curve(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the shares of a noise level, with exact 95% intervals (Clopper and Pearson)."""
    from scipy.stats import beta

    def share(key: str) -> dict[str, float]:
        n, hits = len(rows), sum(r[key] for r in rows)
        low = float(beta.ppf(0.025, hits, n - hits + 1)) if hits else 0.0
        high = float(beta.ppf(0.975, hits + 1, n - hits)) if hits < n else 1.0
        return {"share": hits / n, "low": low, "high": high}

    needed = [r["experiments"] for r in rows if r["experiments"] is not None]
    return {
        "tasks": len(rows),
        "identified": share("identified"),
        "proposed": share("proposed"),
        "wrong law supported": share("wrong"),
        "median experiments to a verdict": float(np.median(needed)) if needed else None,
        "seconds a task": round(float(np.mean([r["seconds"] for r in rows])), 3),
    }


def main() -> None:
    """Plant, run, score and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=60, help="laws; each at every noise level")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--noise", type=float, nargs="*", default=NOISES)
    parser.add_argument("--no-lots", action="store_true", help="leave out the designs by lot")
    given = parser.parse_args()
    os.environ.setdefault("GASEOL_CONFIG", tempfile.mkdtemp(prefix="gaseol-config-"))
    from gaseol.agents.chance import RandomDesigner
    from gaseol.agents.embedded import embedded
    from gaseol.tools import Pool, Registry

    arms = {"embedded": embedded()}
    if not given.no_lots:
        arms["designs by lot"] = replace(embedded(), name="lots", designer=RandomDesigner())
    rows: dict[tuple[str, float], list[dict[str, Any]]] = {}
    families: dict[str, list[bool]] = {}
    with Pool(Registry.load([TOOLS]), jobs=1) as pool, tempfile.TemporaryDirectory() as out:
        for noise in given.noise:
            for seed in range(given.first, given.first + given.tasks):
                planted = task(seed, noise)
                for name, scientist in arms.items():
                    folder = Path(out) / f"{name.replace(' ', '-')}-{noise}-{seed}"
                    found = attempt(planted, scientist, seed, folder, pool)
                    rows.setdefault((name, noise), []).append(found)
                    if name == "embedded" and noise == 0:
                        families.setdefault(planted.family, []).append(found["identified"])
    print(json.dumps({
        "benchmark": "law_discovery",
        "laws": given.tasks,
        "arms": {
            name: {f"noise {noise:g}": curve(rows[name, noise]) for noise in given.noise}
            for name in arms
        },
        "noise-free, by family": {
            f: {"tasks": len(hits), "identified": sum(hits)} for f, hits in sorted(families.items())
        },
    }, indent=2))  # fmt: skip


if __name__ == "__main__":
    main()

"""Does the scientist find a law that stands in no book?

Every task is a counterfactual law: a shape of the textbooks over named physical variables, but with
exponents and constants drawn by lot, so that nothing can be recalled. The families (`laws/planted.py`) are
written as expressions, apart from the grammar that is searched, and the scientist is told neither family
nor constants nor the units that they were made in. It reads a pilot, registers laws, measures designs of
its choice, and the judge decides. The grammar was made with seventeen families in sight; eight more (`--unseen`)
were written before it became compositional, and nothing was changed after their figures were seen.

A task is identified when a law is *supported* that is numerically the planted one: with its fitted
constants set anew on a hundred points without noise it agrees on a hundred others within one millionth, but
for a constant factor. No model judges. Beside it the same laws with designs chosen by lot, each where the
question says how precise the instrument is and where it does not.

    python benchmarks/law_discovery.py --first 1000 --tasks 340 --no-lots
    python benchmarks/law_discovery.py --first 1000 --tasks 160 --no-lots --unseen
"""

import argparse
import itertools
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np

NOISES = (0.0, 0.01, 0.03, 0.1, 0.2)
"""Standard deviations of ln y."""
FINEST = 1e-4
"""What an instrument without noise of its own is said to repeat to, as a share of the reading."""
CASES, PILOT, HELD_OUT, DRAWS = 80, 24, 200, 40
MOVED = 2.31
"""Most by which ln of a fitted constant may be set anew when a law is held against the planted one."""
LAWS = Path(__file__).with_name("laws")
sys.path.insert(0, str(LAWS))

from planted import FAMILIES, UNSEEN, Planted, planted  # noqa: E402  # pyright: ignore


def scenario(law: Planted, noise: float, seed: int, stated: bool = False) -> dict[str, Any]:
    """Return the question of a task; of the law it holds what the instrument needs.

    Args:
        law: what is planted.
        noise: standard deviation of ln y.
        seed: of the cases and of the readings.
        stated: the instrument's data sheet says how precise it is.
    """
    from gaseol.traces.nouns.hypothesis import Form

    lot = np.random.default_rng([seed, 12])
    rows = [{"case": f"c{i}", **law.point(lot)} for i in range(CASES)]
    names = list(law.names)
    return {
        "name": "planted_law",
        "title": "A planted law",
        "question": f"Which law gives the {law.outcome}?",
        "cases": {"key": "case", "rows": rows},
        "variables": {n: {"description": n} for n in names},
        "measurement": {
            "name": law.outcome, "tool": "law_reading",
            "arguments": {"case": "{case}", "at": {n: f"{{{n}}}" for n in names},
                          "law": law.expression, "noise": noise, "seed": seed},
            "precision": max(noise, FINEST) if stated else None,
        },
        "hypotheses": {
            "maximum": 6, "draws": DRAWS, "pilot": PILOT,
            "laws": {
                "variables": names, "exponents": [-2, -1.5, -1, -0.5, 0.5, 1, 1.5, 2],
                "terms": 3, "propose": 5, "fitted": True,
                "responses": list(get_args(Form)), "functions": 2, "summands": 3,
            },
        },
        "budget": {"experiments": DRAWS, "seconds": 3600},
    }  # fmt: skip


def truth(law: Planted, seed: int) -> tuple[list[dict[str, float]], np.ndarray]:
    """Return points that nobody has seen, and ln y there without noise."""
    lot = np.random.default_rng([seed, 13])
    points = [law.point(lot) for _ in range(HELD_OUT)]
    return points, np.log([abs(law(p)) for p in points])


def same(law: Any, points: Sequence[dict[str, float]], logs: np.ndarray) -> bool:
    """Tell whether a law is the planted one but for the values of its constants, within a factor of ten."""
    from scipy.optimize import least_squares

    half = len(points) // 2
    start = _constants(law)

    def apart(scaled: np.ndarray) -> np.ndarray:
        changed = _changed(law, start * np.exp(scaled))
        rest = np.array([changed.term(p) for p in points]) - logs
        rest = np.where(np.isfinite(rest), rest, 50.0)
        return rest - rest[:half].mean()

    best = np.zeros(len(start))
    if len(start):
        fit = least_squares(
            lambda s: apart(s)[:half], best, xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=60
        )
        best = fit.x
    if len(best) and float(np.abs(best).max()) > MOVED:  # a part that is fitted away is none
        return False
    return float(np.abs(apart(best)[half:]).max()) < 1e-6


def _off(law: Any, points: Sequence[dict[str, float]], logs: np.ndarray) -> float:
    """Return the standard deviation of ln y about a law where nobody has measured."""
    return float(np.std([law.term(p) for p in points] - logs))


def _constants(law: Any) -> np.ndarray:
    """Return what was fitted of a law: its rates, and exponents that are no simple fractions."""
    found: list[float] = []

    def noted(constant: float) -> float:
        found.append(constant)
        return constant

    _walk(law, noted)
    return np.array(found)


def _changed(law: Any, constants: Any) -> Any:
    """Return a law with other values of what was fitted."""
    left = iter(float(c) for c in constants)
    return _walk(law, lambda _: next(left))


def _walk(part: Any, constant: Callable[[float], float]) -> Any:
    """Return a law, or a part of one, with each of its fitted constants put through a function."""
    new: dict[str, Any] = {}
    for name in type(part).model_fields:
        value = getattr(part, name)
        if name == "rate":
            new[name] = constant(value)
        elif name == "power":
            new[name] = constant(value) if _odd(value) else value
        elif name == "weights":
            new[name] = {n: constant(w) if _odd(w) else w for n, w in value.items()}
        elif name == "factor":
            new[name] = None if value is None else _walk(value, constant)
        elif name in ("factors", "terms"):
            new[name] = tuple(_walk(each, constant) for each in value)
    return part.model_copy(update=new)


def _odd(x: float) -> bool:
    return (2 * x) % 1 != 0


def attempt(
    law: Planted, noise: float, stated: bool, scientist: Any, seed: int, folder: Path, pool: Any
) -> dict[str, Any]:
    """Run a task and return what came of it."""
    from gaseol.graphs import run
    from gaseol.scenarios import Scenario
    from gaseol.traces.nouns.hypothesis import Law

    asked = Scenario.model_validate(scenario(law, noise, seed, stated))
    began = time.process_time()
    done = run(asked, scientist=scientist, seed=seed, out=folder, pool=pool, report=False)
    seconds = time.process_time() - began
    docket = done.docket
    points, logs = truth(law, seed)
    laws = {n: h.relation for n, h in docket.hypotheses.items() if isinstance(h.relation, Law)}
    supported = {n for n, v in docket.verdicts.items() if v.ruling.value == "supported"}
    right = {n for n, each in laws.items() if same(each, points, logs)}
    off = [_off(laws[n], points, logs) for n in supported - right]
    crossings = [docket.crossings[n].draw for n in supported if n in docket.crossings]
    return {
        "proposed": bool(right),
        "identified": bool(right & supported),
        "wrong": bool(supported - right),
        "far": max(off, default=0.0) > max(noise, FINEST),
        "experiments": min(crossings) if crossings else None,
        "seconds": seconds,
    }


def curve(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the shares of a noise level, with exact 95% intervals (Clopper and Pearson)."""
    needed = [r["experiments"] for r in rows if r["experiments"] is not None]
    return {
        "tasks": len(rows),
        **{name: _share([r[key] for r in rows]) for name, key in (
            ("identified", "identified"), ("proposed", "proposed"), ("wrong law supported", "wrong"),
            ("wrong law supported that is off by more than the noise", "far"),
        )},
        "experiments to a verdict, quartiles":
            [float(q) for q in np.quantile(needed, (0.25, 0.5, 0.75))] if needed else None,
        "CPU seconds a task": round(float(np.mean([r["seconds"] for r in rows])), 2),
    }  # fmt: skip


def _share(hits: Sequence[bool]) -> dict[str, float]:
    from scipy.stats import beta

    n, k = len(hits), sum(hits)
    low = float(beta.ppf(0.025, k, n - k + 1)) if k else 0.0
    high = float(beta.ppf(0.975, k + 1, n - k)) if k < n else 1.0
    return {"hits": k, "share": round(k / n, 4), "low": round(low, 4), "high": round(high, 4)}


def main() -> None:
    """Plant, run, score and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=51, help="laws; each at every noise level")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--noise", type=float, nargs="*", default=NOISES)
    parser.add_argument("--family", nargs="*", default=[], help="these families only")
    parser.add_argument("--unseen", action="store_true", help="the families that nobody looked at")
    parser.add_argument(
        "--precision", nargs="*", choices=("unstated", "stated"), default=("unstated", "stated"),
        help="whether the question says how precise the instrument is",
    )  # fmt: skip
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
    families = tuple(given.family) or tuple(UNSEEN if given.unseen else FAMILIES)
    with Pool(Registry.load([LAWS]), jobs=1) as pool, tempfile.TemporaryDirectory() as out:
        for noise in given.noise:
            for seed in range(given.first, given.first + given.tasks):
                law = planted(seed, families)
                for (arm, scientist), said in itertools.product(arms.items(), given.precision):
                    name = f"{arm}, precision {said}"
                    folder = Path(out) / f"{name.replace(' ', '-')}-{noise}-{seed}"
                    found = attempt(law, noise, said == "stated", scientist, seed, folder, pool)
                    found |= {"family": law.family, "seed": seed}
                    rows.setdefault((name, noise), []).append(found)
                    if os.environ.get("LAWS_SAY"):
                        print(noise, name, found, file=sys.stderr, flush=True)
    report: dict[str, Any] = {"benchmark": "law_discovery", "laws": given.tasks}
    for (name, noise), found in rows.items():
        about = report.setdefault(name, {}).setdefault(f"noise {noise:g}", {})
        about["unseen" if given.unseen else "all"] = curve(found)
        about["by family"] = {
            f: {key: sum(r[key] for r in found if r["family"] == f)
                for key in ("identified", "proposed", "wrong", "far")}
            | {"tasks": sum(r["family"] == f for r in found)}
            for f in families
        }  # fmt: skip
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()

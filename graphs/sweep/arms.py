"""The control arm: the same question, seeds and budget for several scientists, side by side."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gaseol.agents.roles import Scientist
from gaseol.graphs.replay.resuming import resume
from gaseol.graphs.running.asked import scenario_json
from gaseol.graphs.running.launch import run
from gaseol.scenarios.scenario import Scenario
from gaseol.tools.registry import Registry
from gaseol.tools.site import allow_weak_isolation
from gaseol.tools.workers.pool import Pool
from gaseol.traces.campaign import chosen, heights, objectives, results
from gaseol.traces.front import hypervolume
from gaseol.traces.nouns.verdict import Ruling
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.trace import Trace

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_MEASURES = (
    "right", "wrong", "supported", "refuted", "undecided", "experiments", "experiments_to_verdict",
    "beliefs_decided", "turned_away", "tokens", "money", "seconds", "best", "mean_best",
    "first_batch", "front", "hypervolume", "cases_to_par", "cost",
)  # fmt: skip


_FIRST = 5
"""The cases that a search chose first, of which a mean is given."""


class OtherRun(ValueError):
    """A folder that an arm's run is to be kept in holds another run."""


@dataclass(frozen=True)
class Trial:
    """One run of an arm."""

    seed: int
    run: str
    status: str
    measures: Mapping[str, float | None]
    course: tuple[float, ...] = ()
    """Of a campaign: the best value, or the hypervolume of several objectives, after each case from
    the first acceptable one on."""
    before: int = 0
    """Cases measured before that one."""


@dataclass(frozen=True)
class Arm:
    """One scientist over all seeds."""

    scientist: str
    trials: tuple[Trial, ...]

    def summary(self) -> dict[str, Any]:
        """Return each measure's mean over seeds with its 95% interval (Student), and the runs."""
        return {
            "scientist": self.scientist,
            "runs": [
                {
                    "seed": t.seed,
                    "run": t.run,
                    "status": t.status,
                    **t.measures,
                    **({"course": list(t.course), "before": t.before} if t.course else {}),
                }
                for t in self.trials
            ],
            **{name: interval([t.measures[name] for t in self.trials]) for name in _MEASURES},
        }


def interval(values: Sequence[float | None]) -> dict[str, float | int | None]:
    """Return mean, 95% interval of the mean and number of the values that there are.

    With fewer than two values there is no interval.
    """
    known = [v for v in values if v is not None]
    n = len(known)
    if n == 0:
        return {"mean": None, "low": None, "high": None, "n": 0}
    mean = sum(known) / n
    if n == 1:
        return {"mean": mean, "low": None, "high": None, "n": 1}
    from scipy.stats import t

    spread = math.sqrt(sum((v - mean) ** 2 for v in known) / (n - 1) / n)
    half = float(t.ppf(0.975, n - 1)) * spread
    return {"mean": mean, "low": mean - half, "high": mean + half, "n": n}


def compare(
    scenario: Scenario,
    scientists: Sequence[Scientist],
    seeds: Sequence[int],
    out: Path,
    *,
    jobs: int | None = None,
    pool: Pool | None = None,
    key: "Ed25519PrivateKey | None" = None,
    allow_weak: bool = False,
    told: Callable[[str, int, int], None] | None = None,
) -> list[Arm]:
    """Run every scientist on every seed and return the arms.

    Called again with the same folder it goes on: a run that has ended stays as it is, one that was
    interrupted or killed is resumed.

    Args:
        scenario: the question, with its budget.
        scientists: the arms.
        seeds: the same for all.
        out: a folder for the runs, one each.
        jobs: tool calls at a time.
        pool: worker processes to use; by default their own.
        key: signs the seals.
        allow_weak: run tools that are not built in even where nothing keeps them from the network.
        told: called before each run with the arm's name, the seed and how many runs are done.

    Raises:
        NotCleared: the policy does not let a model be asked this question.
        ModelSilent: a model does not answer.
        OtherRun: a folder holds the run of another question, scientist or seed.
        RecordInUse: another process is making one of the runs.
        SiteError: the site lets nobody run tools under weak isolation.
    """
    if allow_weak:
        allow_weak_isolation()
    for scientist in scientists:
        scientist.admitted(scenario.policy)
    own = pool is None
    folders = (scenario.folder,) if scenario.folder else ()
    pool = pool or Pool(Registry.load(), jobs, folders, allow_weak=allow_weak)
    found: dict[str, list[Trial]] = {s.name: [] for s in scientists}
    ends: dict[Path, Docket] = {}
    done = 0
    try:
        for seed in seeds:  # arms side by side: a machine that slows down slows all of them
            for scientist in scientists:
                if told is not None:
                    told(scientist.name, seed, done)
                folder = out / f"{scientist.name.replace(':', '-')}-{seed}"
                given: dict[str, Any] = {"pool": pool, "key": key, "allow_weak": allow_weak}
                trial = _trial(scenario, scientist, seed, folder, given)
                found[scientist.name].append(trial)
                ends[folder] = Docket.of(Trace(folder))
                done += 1
    finally:
        if own:
            pool.close()
    floor = _floor(list(ends.values()))
    counted = {
        name: [_counted(trial, ends[Path(trial.run)], floor) for trial in trials]
        for name, trials in found.items()
    }
    goals = next(iter(ends.values())).goals if ends else ()
    sign = goals[0].sign if goals and not floor else 1
    return [Arm(name, tuple(trials)) for name, trials in to_par(counted, sign).items()]


def to_par(arms: Mapping[str, Sequence[Trial]], sign: int) -> dict[str, list[Trial]]:
    """Return the trials with `cases_to_par`: the cases each took to be as good as all became.

    Par is, on each seed, where the arm ended that got least far; every arm that found something
    acceptable reaches it, so that no mean is over the lucky runs alone.

    Args:
        arms: the trials of each, with their courses.
        sign: 1 where more is better, -1 where less is.
    """
    ends: dict[int, list[float]] = {}
    for trial in (t for trials in arms.values() for t in trials):
        ends.setdefault(trial.seed, []).append(
            sign * trial.course[-1] if trial.course else -math.inf
        )
    return {
        name: [replace(t, measures={**t.measures, "cases_to_par": _first(t, min(ends[t.seed]), sign)})
               for t in trials]
        for name, trials in arms.items()
    }  # fmt: skip


def _first(trial: Trial, par: float, sign: int) -> float | None:
    if not math.isfinite(par):
        return None
    after = next(i for i, value in enumerate(trial.course, start=1) if sign * value >= par)
    return float(trial.before + after)


def _floor(dockets: Sequence[Docket]) -> list[float]:
    """Return the worst value of each objective in all arms, from which hypervolume counts."""
    rows = [heights([r for r in results(d, d.goals) if r.acceptable], d.goals) for d in dockets
            if len(objectives(d.goals)) > 1]  # fmt: skip
    rows = [row for row in rows if len(row)]
    return np.concatenate(rows).min(axis=0).tolist() if rows else []


def _counted(trial: Trial, docket: Docket, floor: Sequence[float]) -> Trial:
    course = _course(docket, floor)
    measures = {**dict(_measured(docket)), **dict(_found(docket, course, floor))}
    before = len(results(docket, docket.goals)) - len(course) if course else 0
    return replace(trial, measures=measures, course=course, before=before)


def _course(docket: Docket, floor: Sequence[float]) -> tuple[float, ...]:
    """Return the best so far after each case: the value, or the hypervolume of the front."""
    if not docket.goals:
        return ()
    found = results(docket, docket.goals)
    good: list[np.ndarray] = []
    course: list[float] = []
    for result in found:
        if result.acceptable:
            good.append(heights([result], docket.goals)[0])
        if not good:
            continue  # nothing acceptable yet
        if floor:
            course.append(hypervolume(np.array(good), floor))
        else:
            course.append(docket.goals[0].sign * max(float(row[0]) for row in good))
    return tuple(course)


def _found(
    docket: Docket, course: Sequence[float], floor: Sequence[float]
) -> Iterator[tuple[str, float | None]]:
    """Yield what is compared of one campaign."""
    several = bool(floor)
    searched = [r for r in results(docket, docket.goals) if r.purpose == "search"]
    firsts = [v for r in searched[:_FIRST] if (v := r.values[0]) is not None]
    yield "best", course[-1] if course and not several else None
    yield "mean_best", sum(course) / len(course) if course and not several else None
    yield "first_batch", sum(firsts) / len(firsts) if firsts and docket.goals else None
    yield "front", float(len(chosen(docket, searched))) if several else None
    yield "hypervolume", course[-1] if course and several else None
    yield "cost", docket.ended.cost.get("cost") if docket.ended else None


def _trial(
    scenario: Scenario, scientist: Scientist, seed: int, folder: Path, given: Mapping[str, Any]
) -> Trial:
    """Make a run, or go on with it, or read what came of it.

    Raises:
        OtherRun: the folder holds another run.
    """
    if not (folder / "run.json").is_file():
        # arms that are compared know the same: none learns from an earlier one
        ended = run(scenario, scientist=scientist, seed=seed, out=folder, lessons=None, **given)
        return Trial(seed, str(folder), ended.status, dict(_measured(ended.docket)))
    there = Trace(folder)
    asked = (there.run.get("scientist"), there.run.get("seed"))
    if asked != (scientist.name, seed) or there.run.get("scenario") != scenario_json(scenario):
        raise OtherRun(
            f"{folder} holds the run of another question, scientist or seed; name another folder"
        )
    if there.seal is None:
        ended = resume(folder, scientist=scientist, beside=scenario.folder, **given)
        return Trial(seed, str(folder), ended.status, dict(_measured(ended.docket)))
    docket = Docket.of(there)
    return Trial(seed, str(folder), there.status, dict(_measured(docket)))


def _measured(docket: Docket) -> Iterator[tuple[str, float | None]]:
    """Yield what is compared of one run; `right` and `wrong` only where the truth is known."""
    ended = docket.ended
    score = list(ended.score.values()) if ended else []
    cost = ended.cost if ended else {}
    yield "right", float(score.count("agrees")) if score else None
    yield "wrong", float(score.count("disagrees")) if score else None
    rulings = [v.ruling for v in docket.verdicts.values()]
    for ruling in (Ruling.SUPPORTED, Ruling.REFUTED, Ruling.UNDECIDED):
        yield ruling.value, float(rulings.count(ruling))
    yield "experiments", cost.get("experiments", 0.0)
    yield "experiments_to_verdict", _to_verdict(docket)
    beliefs = [n for n in docket.verdicts if docket.hypotheses[n].proposed_by == "scenario"]
    decided = sum(docket.verdicts[n].ruling in (Ruling.SUPPORTED, Ruling.REFUTED) for n in beliefs)
    yield "beliefs_decided", decided / len(beliefs) if beliefs else None
    yield "turned_away", float(len(docket.turned_away))
    yield "tokens", cost.get("tokens", 0.0)
    yield "money", cost.get("money", 0.0)
    yield "seconds", cost.get("seconds", 0.0)


def _to_verdict(docket: Docket) -> float | None:
    """Return the mean number of a decided hypothesis's own experiments up to its crossing."""
    needed = [
        float(sum(1 for e in docket.evidence[h] if e.draw <= crossing.draw))
        for h, crossing in docket.crossings.items()
    ]
    return sum(needed) / len(needed) if needed else None

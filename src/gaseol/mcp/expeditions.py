"""Expeditions: scenarios that clients may have run, within what the operator allows."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from gaseol.graphs.running.handle import Run
from gaseol.mcp.service import Progress, Question, Said, Service, Wrong
from gaseol.scenarios.catalogue import builtin
from gaseol.scenarios.loader import ScenarioError, load
from gaseol.scenarios.scenario import Scenario
from gaseol.tools.registry import RegistryError

_LOOK = 0.5
"""Seconds between two looks at a run that a client waits for."""


@dataclass(frozen=True)
class Ceiling:
    """What no run that a client starts may go beyond."""

    experiments: int = 500
    seconds: float = 3600.0
    at_once: int = 1
    """Runs at a time."""


class Nothing(Question):
    """A question without arguments."""


class Listed(Said):
    """A scenario in a line."""

    name: str
    title: str
    field: str


class Catalogue(Said):
    """The scenarios that may be run."""

    scenarios: tuple[Listed, ...]


class Which(Question):
    """A scenario by name."""

    scenario: str


class Asked(Said):
    """What a scenario asks; what is known of the answer is not part of it."""

    name: str
    title: str
    question: str
    field: str
    variables: dict[str, dict[str, Any]]
    measurement: dict[str, Any]
    beliefs: tuple[str, ...]
    maximum: int
    """Hypotheses at most."""
    alpha: float
    budget: dict[str, float]
    policy: dict[str, Any]


class Start(Question):
    """A scenario to run, with limits that can only be narrower than its own."""

    scenario: str
    seed: int = Field(default=0, ge=0)
    experiments: int | None = Field(default=None, ge=1)
    """At most so many experiments."""
    seconds: float | None = Field(default=None, gt=0)
    """At most so many seconds of wall time."""


class Whom(Question):
    """A run by name."""

    run: str


class Wait(Whom):
    """A run by name, and how long to wait for its end."""

    wait_seconds: float = Field(default=0.0, ge=0, le=300)


class State(Said):
    """How a run stands."""

    run: str
    status: str
    """`running`, then `done`, `budget`, `paused`, `interrupted` or `failed`."""
    phase: str
    experiments: int
    limit: int
    hypotheses: tuple[dict[str, Any], ...]
    problem: str = ""


class Expeditions:
    """Lists, describes, starts, watches and stops runs."""

    def __init__(self, folders: Iterable[Path] = (), ceiling: Ceiling = Ceiling()) -> None:
        """Know the built-in scenarios and those of these folders.

        Args:
            folders: of scenarios that clients may run besides.
            ceiling: of what a run may spend, and of how many run at a time.

        Raises:
            ScenarioError: a folder holds no scenario.
        """
        self._files: dict[str, Path] = builtin() | {
            load(folder).name: Path(folder) for folder in folders
        }
        self._ceiling = ceiling
        self._starting = asyncio.Lock()
        self.runs: dict[str, Run] = {}
        """Runs that were started here, by name."""

    def services(self) -> list[Service]:
        """Return the questions about scenarios and runs."""
        return [
            Service(
                "gaseol_list_scenarios", "List the questions that can be run.", Nothing, Catalogue,
                self._list,
            ),
            Service(
                "gaseol_describe_scenario",
                "Describe a question: variables, measurement, beliefs to be tested, budget, policy.",
                Which, Asked, self._describe,
            ),
            Service(
                "gaseol_start_run",
                "Start a run of a question within a budget; it goes on by itself. Ask for its "
                "status with gaseol_run_status.",
                Start, State, self._start, reads=False,
            ),
            Service(
                "gaseol_run_status",
                "Say how a run stands; with wait_seconds, wait for its end and tell how far it is.",
                Wait, State, self._status,
            ),
            Service(
                "gaseol_stop_run", "Stop a run; what it has found so far stays on its record.",
                Whom, State, self._stop, reads=False,
            ),
        ]  # fmt: skip

    async def close(self) -> None:
        """Stop what runs, and wait until it is on record."""
        for run in self.runs.values():
            run.stop()
        for run in self.runs.values():
            await asyncio.to_thread(_ended, run, None)

    def scenario(self, name: str) -> Scenario:
        """Return a scenario that clients may run.

        Raises:
            Wrong: there is none of this name, or it cannot be read.
        """
        if name not in self._files:
            known = ", ".join(self._files)
            raise Wrong(f"there is no scenario {name[:80]!r}; there are {known}")
        try:
            return load(self._files[name])
        except ScenarioError as error:
            raise Wrong(f"the scenario {name!r} cannot be read: {error}") from None

    def names(self) -> list[str]:
        """Return the names of the scenarios that clients may run."""
        return sorted(self._files)

    async def _list(self, _: Nothing, __: Progress) -> Catalogue:
        found = [self.scenario(name) for name in self.names()]
        return Catalogue(
            scenarios=tuple(Listed(name=s.name, title=s.title, field=s.field) for s in found)
        )

    async def _describe(self, asked: Which, _: Progress) -> Asked:
        return described(self.scenario(asked.scenario))

    async def _start(self, asked: Start, _: Progress) -> State:
        scenario = self._narrowed(self.scenario(asked.scenario), asked)
        if scenario.policy.network != "deny":
            raise Wrong(
                f"{scenario.name} may send data to {', '.join(scenario.policy.network)}; such a "
                f"run is the operator's to start: gaseol run {scenario.name}"
            )
        async with self._starting:
            busy = [name for name, run in self.runs.items() if run.status == "running"]
            if len(busy) >= self._ceiling.at_once:
                raise Wrong(
                    f"{', '.join(busy)} is running, and {self._ceiling.at_once} at a time is the "
                    "limit; wait for its end with gaseol_run_status, or stop it"
                )
            run = await asyncio.to_thread(_begin, scenario, asked.seed)
            self.runs[run.path.name] = run
        return _state(run, scenario.budget.experiments)

    def _narrowed(self, scenario: Scenario, asked: Start) -> Scenario:
        """Return a scenario whose budget is the narrowest of its own, the asked and the ceiling."""
        own, ceiling = scenario.budget, self._ceiling
        limits = {
            "experiments": min(own.experiments, ceiling.experiments, asked.experiments or own.experiments),
            "seconds": min(own.seconds, ceiling.seconds, asked.seconds or own.seconds),
        }  # fmt: skip
        return scenario.model_copy(update={"budget": own.model_copy(update=limits)})

    async def _status(self, asked: Wait, progress: Progress) -> State:
        run = self._run(asked.run)
        limit = _limit(run)
        until = time.monotonic() + asked.wait_seconds
        while run.status == "running" and (left := until - time.monotonic()) > 0:
            await progress(_experiments(run), limit, f"{run.status}: {run.phase}")
            await asyncio.to_thread(_ended, run, min(_LOOK, left))
        return _state(run, limit)

    async def _stop(self, asked: Whom, _: Progress) -> State:
        run = self._run(asked.run)
        run.stop()
        await asyncio.to_thread(_ended, run, 30.0)
        return _state(run, _limit(run))

    def _run(self, name: str) -> Run:
        if name not in self.runs:
            known = ", ".join(self.runs) or "none yet; start one with gaseol_start_run"
            raise Wrong(f"no run {name[:80]!r} was started here; there is {known}")
        return self.runs[name]


def described(scenario: Scenario) -> Asked:
    """Return what a scenario asks, without anything that is known of the answer.

    Args:
        scenario: the answer beside it is not read.
    """
    settings = scenario.hypotheses if scenario.measures else None
    method = scenario.measurement.model_dump(mode="json", exclude_none=True) if settings else {}
    return Asked(
        name=scenario.name,
        title=scenario.title,
        question=scenario.question,
        field=scenario.field,
        variables={n: v.model_dump(mode="json", exclude_none=True) for n, v in scenario.variables.items()},
        measurement=method,
        beliefs=tuple(belief.statement for belief in settings.beliefs) if settings else (),
        maximum=settings.maximum if settings else 0,
        alpha=settings.alpha if settings else 0.0,
        budget=scenario.budget.limits,
        policy=scenario.policy.model_dump(mode="json"),
    )  # fmt: skip


def openly(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a hypothesis as clients may see it: how it fares against the answer is kept back."""
    return {key: value for key, value in row.items() if key != "score"}


def _begin(scenario: Scenario, seed: int) -> Run:
    from gaseol.graphs.running.launch import start

    try:
        return start(scenario, seed=seed)
    except (ScenarioError, RegistryError, LookupError, OSError) as error:
        raise Wrong(f"{scenario.name} cannot be run here: {error}") from None


def _ended(run: Run, seconds: float | None) -> None:
    try:
        run.wait(seconds)
    except Exception:  # noqa: BLE001 (how it failed is part of its state)
        return


def _state(run: Run, limit: int) -> State:
    problem = ""
    if run.status == "failed":
        problem = str(run.summary()["reason"]) or "see the record"
    return State(
        run=run.path.name,
        status=run.status,
        phase=run.phase,
        experiments=_experiments(run),
        limit=limit,
        hypotheses=tuple(openly(row) for row in run.summary()["hypotheses"]),
        problem=problem,
    )


def _experiments(run: Run) -> int:
    return len(run.docket.experiments)


def _limit(run: Run) -> int:
    started = run.docket.started
    return int(started.budget.get("experiments", 0)) if started else 0

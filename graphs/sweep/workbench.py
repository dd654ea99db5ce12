"""The workbench of who makes runs of a sweep: scenarios that were read, tool workers that are warm."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from gaseol.graphs.running.asked import code_digest, scenario_digest
from gaseol.traces.record.recorder import RecordInUse


class Another(RuntimeError):
    """What is here is not what was asked for."""


class Workbench:
    """Makes one run after the other in this process. Tool workers stay warm between runs.

    Isolation stays what it is for a single run: calls of built-in tools, of one package and of one
    folder are never in the same worker, and one that leaves anything behind is replaced.
    """

    def __init__(self) -> None:
        self._scenarios: dict[bytes, Any] = {}
        self._pools: dict[tuple[Path | None, bool], Any] = {}

    def make(self, task: Mapping[str, Any]) -> dict[str, Any]:
        """Make a run, or go on with it, and say what came of it.

        Args:
            task: the scenario by path or name with its `settings`, `digest` and `code` that it must
                have here, `seed`, `scientist`, `folder`, whether a `report` is wanted and whether to
                `allow_weak` isolation.
        """
        from gaseol.graphs.replay.resuming import resume
        from gaseol.graphs.running.launch import run

        folder = Path(task["folder"])
        try:
            scenario = self._scenario(task)
            weak = bool(task.get("allow_weak"))
            pool = self._pool(scenario.folder, allow_weak=weak)
            if (folder / "run.json").is_file():
                handle = resume(folder, pool=pool, beside=scenario.folder, allow_weak=weak)
            else:
                handle = run(
                    scenario,
                    scientist=task["scientist"],
                    seed=task["seed"],
                    out=folder,
                    pool=pool,
                    report=task["report"],
                    allow_weak=weak,
                    lessons=None,  # runs that are compared know the same
                )
        except RecordInUse as error:
            return {"status": "busy", "reason": str(error)}
        except Exception as error:  # noqa: BLE001 (told to whoever made the sweep)
            return {"status": "failed", "reason": f"{type(error).__name__}: {error}"}
        found = handle.summary()
        return {"status": handle.status, "reason": found["reason"], "found": found}

    def close(self) -> None:
        """End the tool workers."""
        for pool in self._pools.values():
            pool.close()

    def _scenario(self, task: Mapping[str, Any]) -> Any:
        from gaseol.graphs.sweep.sweeping import scenario_of

        key = orjson.dumps([task["scenario"], task["settings"]])
        if task.get("code", code_digest()) != code_digest():
            raise Another("this process has another gaseol than the one that asks")
        if key not in self._scenarios:
            self._scenarios[key] = scenario_of(task["scenario"], task["settings"])
        scenario = self._scenarios[key]
        if task.get("digest", "") not in ("", scenario_digest(scenario)):
            raise Another(f"{task['scenario']} is another scenario here, or was changed meanwhile")
        return scenario

    def _pool(self, folder: Path | None, *, allow_weak: bool) -> Any:
        from gaseol.tools.registry import Registry
        from gaseol.tools.workers.pool import Pool

        if (folder, allow_weak) not in self._pools:
            beside = (folder,) if folder else ()
            found = Pool(Registry.load(), 1, beside, allow_weak=allow_weak)
            self._pools[folder, allow_weak] = found
        return self._pools[folder, allow_weak]


_bench = Workbench()


def make_all(tasks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Make runs one after the other in a process that may be asked again: an errand of a crew."""
    return [_bench.make(task) for task in tasks]

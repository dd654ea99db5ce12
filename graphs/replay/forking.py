"""Branch a new run off another one: up to the branch its answers are the parent's."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from gaseol.graphs.running.asked import scenario_of
from gaseol.graphs.running.desk import Desk, Origin
from gaseol.graphs.running.setup import Setup
from gaseol.scenarios.loader import Flaw, ScenarioError
from gaseol.scenarios.scenario import Scenario
from gaseol.tools.contract import Answer
from gaseol.traces.record.blob import BlobStore, MissingBlob
from gaseol.traces.record.effects import Request
from gaseol.traces.record.event import EffectCompleted, EffectFailed, Forked, references
from gaseol.traces.record.inbox import PLACE
from gaseol.traces.record.trace import Trace
from gaseol.traces.verification.verifier import verify


class BadBranch(ValueError):
    """A run cannot be branched off like this."""


@dataclass(frozen=True)
class Prefix:
    """What a branch shares with the run that it leaves."""

    parent: Trace
    fact: Forked
    answers: Mapping[str, EffectCompleted | EffectFailed]
    """By key, those that were on record before the branch."""
    payloads: tuple[str, ...]
    """Names of the payloads that the parent's events before the branch refer to."""

    @classmethod
    def of(cls, folder: Path | str, at: int) -> "Prefix":
        """Return what stands before event `at` of a run.

        Raises:
            NotARun: there is no run in the folder.
            BadBranch: the record does not hold, or has no such event.
        """
        trace = Trace(folder)
        checked = verify(trace.folder)
        if not checked.holds:
            raise BadBranch(f"{trace.folder} does not hold: {checked.problems[0]}")
        if not 0 < at <= checked.events:
            raise BadBranch(f"event {at} is not among the {checked.events} of {trace.folder}")
        keys: dict[int, str] = {}
        answers: dict[str, EffectCompleted | EffectFailed] = {}
        payloads: dict[str, None] = {}
        head = ""
        for event in trace.events():
            if event.seq >= at:
                break
            head = event.digest
            payloads |= dict.fromkeys(name for name, _ in references(event.kind, event.data))
            if event.kind == "effect.requested":
                keys[event.seq] = event.data["key"]
            fact = event.fact if event.kind in ("effect.completed", "effect.failed") else None
            if isinstance(fact, EffectCompleted | EffectFailed):
                answers[keys[fact.request]] = fact
        forked = Forked(parent=str(trace.run.get("id", trace.folder.name)), at=at, head=head)
        return cls(trace, forked, answers, tuple(payloads))

    def lend(self, blobs: BlobStore) -> None:
        """Let a new run share the parent's payloads instead of storing them again."""
        for name in self.payloads:
            if not self.parent.blobs.kept_back(name):
                self.parent.blobs.lend(blobs, name)


class BranchDesk(Desk):
    """Answers from the parent what was answered before the branch; the rest is live."""

    def __init__(self, prefix: Prefix, *given: Any, **named: Any) -> None:
        """Open the desk of a branch."""
        super().__init__(*given, **named)
        self._prefix = prefix
        prefix.lend(self._recorder.blobs)

    def _kept(self, key: str, request: Request) -> tuple[Answer | None, Origin]:
        fact = self._prefix.answers.get(key)
        if fact is None:
            return super()._kept(key, request)
        spent: dict[str, Any] = {
            "seconds": 0.0,  # the parent's record says what it took
            "cpu_seconds": 0.0,
            "isolation": fact.isolation,
        }
        if isinstance(fact, EffectFailed):
            # no origin stands beside a failure; a person's words are bound to the parent's request
            spent["isolation"] = "record" if fact.isolation == PLACE else fact.isolation
            return Answer(failure=fact.failure, usage=fact.usage, **spent), "record"
        try:
            return Answer(value=self._prefix.parent.payload(fact), **spent), "record"
        except MissingBlob:
            return super()._kept(key, request)  # withheld from this copy: measure it


def branch_scenario(trace: Trace, settings: Mapping[str, str], folder: Path | None) -> Scenario:
    """Return the scenario of a run with some of its fields set anew.

    Args:
        trace: the parent.
        settings: by dotted path, as YAML: `budget.experiments` to `200`.
        folder: the scenario's folder; by default where it was, else that of the one of its name.

    Raises:
        BadBranch: a field is not there, or the scenario's folder is needed and not known.
        ScenarioError: the changed scenario is none.
        Unreplayable: this version does not understand the parent's scenario.
    """
    scenario = changed(scenario_of(trace.run), settings)
    place = Setup.beside(trace.folder).place(scenario, folder)
    return scenario.placed(place) if place and place.is_dir() else scenario


def changed(scenario: Scenario, settings: Mapping[str, str]) -> Scenario:
    """Return a scenario with some of its fields set anew, without the folder that it lay in.

    Args:
        scenario: stays as it is.
        settings: by dotted path, as YAML: `budget.experiments` to `200`.

    Raises:
        BadBranch: a field is not there, or its value is no YAML.
        ScenarioError: the changed scenario is none.
    """
    said = scenario.model_dump(mode="json", exclude_none=True)
    for path, text in settings.items():
        *parents, last = path.split(".")
        at: Any = said
        for key in parents:
            at = at.setdefault(key, {}) if isinstance(at, dict) else None
            if not isinstance(at, dict):
                raise BadBranch(f"the scenario has no field '{path}'")
        try:
            at[last] = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise BadBranch(f"{path}={text} is not YAML: {error}") from None
    try:
        return Scenario.model_validate(said)
    except ValidationError as error:
        flaws = [
            Flaw(".".join(map(str, e["loc"])), e["msg"].removeprefix("Value error, "))
            for e in error.errors()
        ]
        raise ScenarioError(flaws) from None

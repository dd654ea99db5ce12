"""Strict replay: the same graph code, every answer from the record; no model, tool or network."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gaseol.agents.catalogue import scientist_of
from gaseol.agents.roles import Scientist
from gaseol.graphs.lessons import lessons_of
from gaseol.graphs.replay.playback import (
    Diverged,
    Divergence,
    Playback,
    PlaybackDesk,
    RecordedBlobs,
    RecordEnds,
    Withheld,
)
from gaseol.graphs.running.asked import (
    OPTIONAL,
    Commitment,
    code_digest,
    labelled,
    registry_of,
    scenario_of,
    versions,
)
from gaseol.graphs.running.labelling import Labelling
from gaseol.graphs.running.meter import Meter
from gaseol.graphs.running.runner import Runner
from gaseol.scenarios.catalogue import known
from gaseol.scenarios.loader import ScenarioError, load_answer
from gaseol.scenarios.scenario import Scenario
from gaseol.traces.record.blob import INLINE
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.event import RunEnded, RunStarted
from gaseol.traces.record.labels import Label, Labels, spans
from gaseol.traces.record.trace import Trace
from gaseol.traces.verification.verifier import verify


@dataclass
class Step:
    """One node of the graph as it was replayed."""

    number: int
    step: str
    first: int
    last: int
    labels: dict[Label, int]


@dataclass
class Replay:
    """What came of a replay."""

    run: str
    mode: str
    holds: bool
    head: str
    events: int
    labels: list[Label] = field(default_factory=list[Label])
    steps: list[Step] = field(default_factory=list[Step])
    divergence: Divergence | None = None
    """The first difference."""
    problems: list[str] = field(default_factory=list[str])
    """Why the record could not be replayed, or what does not hold besides."""
    notes: list[str] = field(default_factory=list[str])

    @property
    def outcome(self) -> str:
        """What came of it, in a word or two."""
        if self.holds:
            return "the same"
        return "NOT the same" if self.divergence else "not replayed to its end"

    @property
    def counts(self) -> dict[str, int]:
        """How many events have each label."""
        return dict(Counter(self.labels))

    def kept(self) -> Labels:
        """Return what `replays/latest.json` keeps of it."""
        return Labels(
            mode="strict" if self.mode == "strict" else "rerun",
            head=self.head,
            at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            holds=self.holds,
            spans=spans(self.labels),
            divergence=str(self.divergence or "") or "; ".join(self.problems[:1]),
        )


def replay(
    folder: Path | str, *, scientist: Scientist | None = None, other_code: bool = False
) -> Replay:
    """Drive the graph that a record came from with every answer served from the record.

    Holds where kind, order, name and arguments of every request, and every fact that the graph
    derives, are those of the record, and none is left over. Needs neither tools nor models.

    Args:
        folder: the run.
        scientist: who thought, where it is not one that is known by name.
        other_code: replay although this is not the code that ran.

    Raises:
        NotARun: there is no run in the folder.
        Unreplayable: this version does not understand what was asked.
    """
    trace = Trace(folder)
    found = examined(trace, "strict")
    if found.problems:
        return found
    scenario_of(trace.run)  # before anything else is read of what was asked
    _code(trace, found, other_code=other_code)
    if found.problems:
        return found
    playback = Playback(trace)
    with asked_again(trace) as (scenario, store):
        meter, docket = Meter(scenario.budget), Docket()
        registry = registry_of(trace.run)
        hidden = _hidden(trace)
        desk = PlaybackDesk(
            playback,
            docket,
            store,
            registry,
            meter,
            inline=INLINE if scenario.policy.payloads == "inline" else -1,
            free=free_fields(hidden is not None),
            labelling=Labelling(scenario.policy.label, keeps=labelled(trace.run)),
        )
        runner = Runner(
            scenario,
            scientist or scientist_of(trace.run),
            seed=trace.run["seed"],
            name=trace.folder.name,
            desk=desk,
            docket=docket,
            blobs=store,
            registry=registry,
            meter=meter,
            begun=trace.run,
            hidden=hidden,
            lessons=lessons_of(trace.run),
        )
        drive(runner, playback, found)
        if store.guessed:
            found.notes.append(
                f"{store.guessed} payloads that the code made were held against withheld ones by "
                "their size alone"
            )
    if playback.near:
        found.notes.append(
            f"{playback.near} events are the same but for the last bits of a number: "
            "another processor or another numerical library"
        )
    return found


def drive(runner: Runner, playback: Playback, found: Replay) -> None:
    """Run against a playback and say how it went."""
    ended = False
    try:
        runner.run()
        ended = True
    except Withheld as stopped:
        found.problems.append(f"cannot be replayed to its end: {stopped}")
    except Diverged as diverged:
        found.divergence = diverged.divergence
    except RecordEnds:
        found.notes.append(
            f"the record was cut off after event {playback.position - 1}; so far it holds"
        )
        ended = True
    except Exception as error:  # noqa: BLE001 (a failed run fails again, and is on record as failed)
        ended = runner.status == "failed"
        if not ended:
            found.problems.append(f"the code fails where the record goes on: {error!r}")
    left = playback.peek()
    if ended and left is not None and runner.status is not None:
        what = f"{left.kind} that the code never came to"
        found.divergence = Divergence(left.seq, what)
    found.labels = list(playback.labels)
    if found.divergence is not None and found.divergence.event == len(found.labels) < found.events:
        found.labels.append("recomputed-different")
    rest: list[Label] = ["recorded"]
    found.labels += rest * (found.events - len(found.labels))
    found.steps = steps_of(playback.trace, found.labels)
    found.holds = found.divergence is None and not found.problems


def examined(trace: Trace, mode: str) -> Replay:
    """Verify a record first: what is broken is not worth replaying."""
    checked = verify(trace.folder)
    found = Replay(str(trace.folder), mode, holds=False, head=checked.head, events=checked.events)
    found.problems += [str(problem) for problem in checked.problems]
    return found


def free_fields(scored: bool) -> dict[str, tuple[str, ...]]:
    """Return the fields that a replay cannot derive, by kind; they are taken from the record."""
    return {"run.started": ("code",), "run.ended": () if scored else ("score", "answer_salt")}


def _code(trace: Trace, found: Replay, *, other_code: bool) -> None:
    said = trace.run.get("code", "")
    started = next(trace.events("run.started")).fact
    recorded = started.code if isinstance(started, RunStarted) else ""
    if said != recorded:
        found.problems.append(
            "run.json and event 0 name different code: one of the two was changed"
        )
    then = trace.run.get("versions", {})
    now = versions([name for name in OPTIONAL if name in then])
    others = [f"{k} {then.get(k, 'unknown')}, here {v}" for k, v in now.items() if then.get(k) != v]
    if recorded != code_digest() or then.get("gaseol") != now["gaseol"]:
        what = (
            f"the run was made by other code (gaseol {then.get('gaseol', 'unknown')}, source "
            f"{recorded[:12] or 'unknown'}; here {now['gaseol']}, source {code_digest()[:12]})"
        )
        if other_code:
            found.notes.append(what)
        else:
            found.problems.append(f"{what}; install that version, or add --other-code")
    if others:
        found.notes.append(f"other versions: {'; '.join(others)}")


@contextmanager
def asked_again(trace: Trace) -> Iterator[tuple[Scenario, RecordedBlobs]]:
    """Give the scenario that a run was asked, with its files as the record has them.

    Raises:
        Unreplayable: this version does not understand the scenario.
    """
    scenario = scenario_of(trace.run)
    with tempfile.TemporaryDirectory(prefix="gaseol-replay-") as scratch:
        put_files(trace, Path(scratch))
        yield scenario.placed(Path(scratch)), RecordedBlobs(trace)


def put_files(trace: Trace, folder: Path) -> None:
    """Write the scenario's files into a folder, as the record has them."""
    started = next(trace.events("run.started")).fact
    if not isinstance(started, RunStarted):
        return
    for name, blob in started.files.items():
        path = (folder / name).resolve()
        if path.is_relative_to(folder.resolve()) and not trace.blobs.kept_back(blob.sha256):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(trace.blobs.get(blob))


def _hidden(trace: Trace) -> Commitment | None:
    """Return the hidden answer where this machine has it and it is the one that was promised."""
    promised = trace.run.get("hidden_answer_sha256")
    path = known().get(trace.run["scenario"].get("name", ""))
    ended = next((e.fact for e in trace.events("run.ended")), None)
    if not promised or path is None or not isinstance(ended, RunEnded) or not ended.answer_salt:
        return None
    try:
        answer = load_answer(path.parent)
        commitment = Commitment(answer, bytes.fromhex(ended.answer_salt)) if answer else None
    except (ScenarioError, ValueError):
        return None
    return commitment if commitment and commitment.sha256 == promised else None


def steps_of(trace: Trace, labels: list[Label]) -> list[Step]:
    """Return the nodes of the graph that a record went through, each with its labels."""
    found: list[Step] = []
    first: tuple[int, dict[str, Any]] | None = None
    for event in trace.events("step.started", "step.ended"):
        if event.kind == "step.started":
            first = (event.seq, event.data)
        elif first is not None:
            begin, data = first
            counted = Counter(labels[begin : event.seq + 1])
            found.append(Step(data["number"], data["step"], begin, event.seq, dict(counted)))
            first = None
    return found

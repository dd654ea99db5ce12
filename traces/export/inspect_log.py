"""A run as an Inspect AI log (`.eval`), written through Inspect's own programming interface.

One sample is the run: its steps are spans, its calls are tool and model events, its nouns are
info events, and every hypothesis has a score. Inspect's interface holds a whole log in memory.
"""

from contextlib import suppress
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from gaseol.traces.archive.usage import tokens
from gaseol.traces.export.course import Call, Course, utc
from gaseol.traces.record import event as kinds
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.trace import Trace
from gaseol.traces.story import tell

NEEDED = (
    "Inspect AI is not installed here. Into an environment of its own:\n"
    "    python -m venv inspect-env && inspect-env/bin/pip install gaseol inspect-ai\n"
    "    inspect-env/bin/gaseol export RUN --format inspect --out FILE.eval\n"
    "(in this one: pip install inspect-ai, which needs an older python-dateutil than is tested)"
)

_STATUS = {"done": "success", "budget": "success", "failed": "error", "interrupted": "cancelled"}
_SPAN = {"step.started", "step.ended"}
_EFFECTS = {"effect.requested", "effect.completed", "effect.failed", "effect.ambiguous"}


class InspectMissing(ImportError):
    """Inspect AI is not installed."""


def write_log(folder: Path, out: Path, *, caveat: str = "") -> list[str]:
    """Write a run as an Inspect log and return what was left out, in sentences.

    Args:
        folder: the run.
        out: the file; Inspect takes its format from the name, which must end in `.eval`.
        caveat: what is wrong with the record, said in the log's metadata.

    Raises:
        InspectMissing: Inspect AI is not installed; says what to do.
    """
    try:
        inspect = import_module("inspect_ai.log")
    except ImportError:
        raise InspectMissing(NEEDED) from None
    builder = _Builder(Trace(folder))
    inspect.write_eval_log(builder.log(caveat), str(out), format="eval")
    return builder.left_out


class _Builder:
    def __init__(self, trace: Trace) -> None:
        self.trace, self.course, self.docket = trace, Course.of(trace), Docket.of(trace)
        self.left_out: list[str] = []
        self.blobs = 0
        self.usage: dict[str, list[int]] = {}

    def log(self, caveat: str) -> Any:
        inspect: Any = import_module("inspect_ai.log")

        course, started, run = self.course, self.course.started, self.trace.run
        name = str(run.get("id", self.trace.folder.name))
        scientist = started.scientist if started else "unknown"
        sample = self._sample(name)
        status = _STATUS.get(course.status, "started")
        reason = course.ended.reason if course.ended else course.status
        versions = cast("dict[str, Any]", run.get("versions") or {})
        return inspect.EvalLog(
            status=status,
            error=inspect.EvalError(message=reason, traceback="", traceback_ansi="")
            if status == "error"
            else None,
            eval=inspect.EvalSpec(
                created=_iso(course.first),
                task=started.scenario if started else "unknown",
                task_args={"seed": started.seed} if started else {},
                dataset=inspect.EvalDataset(name=started.scenario if started else None, samples=1,
                                    sample_ids=[name]),
                model=f"gaseol/{scientist}",
                config=inspect.EvalConfig(),
                run_id=name,
                solver=started.graph if started else None,
                packages={k: str(v) for k, v in versions.items()},
                metadata={"gaseol.head": course.head, "gaseol.events": course.events,
                          **({"gaseol.caveat": caveat} if caveat else {})},
            ),
            results=self._results(),
            stats=inspect.EvalStats(started_at=_iso(course.first), completed_at=_iso(course.last),
                            model_usage=self._model_usage()),
            samples=[sample],
        )  # fmt: skip

    def _sample(self, name: str) -> Any:
        log: Any = import_module("inspect_ai.log")
        scorer: Any = import_module("inspect_ai.scorer")

        course, docket = self.course, self.docket
        events = self._events()
        if self.blobs:
            self.left_out.append(f"{self.blobs} payloads kept as blobs are named by digest, without their content")  # fmt: skip
        score = course.ended.score if course.ended else {}
        return log.EvalSample(
            id=name,
            epoch=1,
            input=course.started.question if course.started else "",
            target="",
            events=events,
            scores={
                h: scorer.Score(
                    value=v.ruling.value,
                    explanation=v.reason,
                    metadata={
                        "statement": docket.hypotheses[h].statement if h in docket.hypotheses else "",
                        "log_e_for": v.log_e_for,
                        "log_e_against": v.log_e_against,
                        "draws": v.draws,
                        "known": score.get(h),
                    },
                )
                for h, v in docket.verdicts.items()
            },
            metadata={
                "claims": [
                    {"id": c.id, "text": str(c),
                     "supported": docket.audits[c.id].supported if c.id in docket.audits else None}
                    for c in docket.claims.values()
                ],
                "cost": dict(course.ended.cost) if course.ended else {},
            },
            model_usage=self._model_usage(),
            started_at=_iso(course.first),
            completed_at=_iso(course.last),
            total_time=(course.last - course.first).total_seconds()
            if course.first and course.last
            else None,
        )  # fmt: skip

    def _results(self) -> Any:
        inspect: Any = import_module("inspect_ai.log")

        rulings = [v.ruling.value for v in self.docket.verdicts.values()]
        words = ("supported", "refuted", "undecided", "invalid")
        return inspect.EvalResults(
            total_samples=1,
            completed_samples=int(self.course.ended is not None),
            scores=[
                inspect.EvalScore(
                    name="verdicts",
                    scorer="gaseol",
                    metrics={w: inspect.EvalMetric(name=w, value=rulings.count(w)) for w in words},
                )
            ],
        )

    def _events(self) -> list[Any]:
        inspect: Any = import_module("inspect_ai.event")

        course, found = self.course, list[Any]()
        arguments: dict[int, Any] = {}
        inside: list[int] = []
        for event in self.trace.events():
            fact, here = event.fact, f"step-{inside[-1]}" if inside else None
            at = utc(event.at)
            timing = {"timestamp": at, "working_start": self._since(at)}
            if isinstance(fact, kinds.StepStarted):
                inside.append(event.seq)
                found.append(
                    inspect.SpanBeginEvent(id=f"step-{event.seq}", name=fact.step, type="step",
                                   span_id=f"step-{event.seq}", **timing)
                )  # fmt: skip
            elif isinstance(fact, kinds.StepEnded):
                for seq in [s for s in inside if course.steps[s].end == event.seq]:
                    inside.remove(seq)
                    found.append(
                        inspect.SpanEndEvent(id=f"step-{seq}", span_id=f"step-{seq}", **timing)
                    )
            elif isinstance(fact, kinds.EffectRequested):
                arguments[event.seq] = fact
            elif event.kind in _EFFECTS:
                request = cast("Any", fact).request
                if course.calls[request].answer != event.seq:
                    continue  # it was asked again, and answered
                asked = arguments.pop(request, None)
                if asked is not None:
                    found.append(self._call(course.calls[request], asked, fact))
            elif event.kind not in _SPAN:
                found.append(
                    inspect.InfoEvent(source=event.kind, span_id=here, **timing,
                              data={"event": event.seq, "says": tell(event), **event.data})
                )  # fmt: skip
        found.extend(self._call(course.calls[seq], asked, None) for seq, asked in arguments.items())
        return found

    def _call(self, call: Call, asked: kinds.EffectRequested, fact: Any) -> Any:
        events: Any = import_module("inspect_ai.event")

        given = self._payload(asked, call)
        value = self._payload(fact, call) if isinstance(fact, kinds.EffectCompleted) else None
        shared: dict[str, Any] = {
            "timestamp": call.started,
            "working_start": self._since(call.started),
            "completed": call.ended,
            "working_time": call.seconds,
            "span_id": None if call.step is None else f"step-{call.step}",
            "metadata": {"event": call.seq, "effect": call.effect, "role": call.role,
                         "version": call.version, "origin": call.origin, "outcome": call.outcome},
        }  # fmt: skip
        failure = "" if call.outcome == "completed" else call.reason or call.outcome
        if call.effect == "model":
            model: Any = import_module("inspect_ai.model")
            read, wrote = tokens(value)
            usage = model.ModelUsage(input_tokens=read or 0, output_tokens=wrote or 0,
                               total_tokens=(read or 0) + (wrote or 0))  # fmt: skip
            spent = self.usage.setdefault(call.name, [0, 0])
            spent[0] += read or 0
            spent[1] += wrote or 0
            output: Any = model.ModelOutput.from_content(
                call.name, _text(value), error=failure or None
            )
            return events.ModelEvent(
                model=call.name,
                role=call.role or None,
                input=[model.ChatMessageUser(content=_text(given))],
                tools=[],
                tool_choice="auto",
                config=model.GenerateConfig(),
                output=output.model_copy(update={"usage": usage}),
                error=failure or None,
                **shared,
            )
        tool: Any = import_module("inspect_ai.tool")
        kind = "timeout" if failure.startswith("timed_out") else "unknown"
        return events.ToolEvent(
            id=f"event-{call.seq}",
            function=call.name,
            arguments=given,
            result=_text(value),
            error=tool.ToolCallError(type=kind, message=failure) if failure else None,
            failed=bool(failure),
            **shared,
        )

    def _payload(self, fact: kinds.EffectRequested | kinds.EffectCompleted, call: Call) -> Any:
        """Return arguments or value; large ones of models only, of others their digest."""
        if fact.blob is None:
            self.blobs += len(fact.media) if isinstance(fact, kinds.EffectCompleted) else 0
            return fact.arguments if isinstance(fact, kinds.EffectRequested) else fact.value
        with suppress(LookupError, ValueError, TypeError):  # withheld or lost: named, as others
            if call.effect == "model":
                return self.trace.payload(fact)
        self.blobs += 1
        return {"blob": fact.blob.sha256, "bytes": fact.blob.bytes}

    def _model_usage(self) -> dict[str, Any]:
        model: Any = import_module("inspect_ai.model")

        return {
            name: model.ModelUsage(
                input_tokens=read, output_tokens=wrote, total_tokens=read + wrote
            )
            for name, (read, wrote) in self.usage.items()
        }

    def _since(self, at: datetime) -> float:
        return (at - self.course.first).total_seconds() if self.course.first else 0.0


def _text(value: Any) -> str:
    import orjson

    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""

"""The one door to the world: what is wanted is on record before it happens."""

import base64
import hashlib
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import TYPE_CHECKING, Any, Literal

import orjson

from gaseol.graphs.laboratory import OverBudget, Pause, Stop
from gaseol.graphs.running.labelling import Labelling
from gaseol.graphs.running.meter import Meter
from gaseol.tools.cache import Cache, Key
from gaseol.tools.contract import Answer
from gaseol.tools.door import Door, Scrubs
from gaseol.tools.registry import Registry
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.nouns.label import Label
from gaseol.traces.record.blob import INLINE, Blob, BlobStore
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.effects import BENCH, Request, Response
from gaseol.traces.record.event import (
    BudgetSpent,
    EffectCompleted,
    EffectFailed,
    EffectKind,
    EffectRequested,
    Fact,
    PolicyDecided,
)
from gaseol.traces.record.recorder import Recorder

if TYPE_CHECKING:
    from gaseol.graphs.people.door import People

_LOOK_UP = 0.2
"""Seconds between looks at whether the run was asked to stop, while tools are busy."""

Origin = Literal["live", "cache", "record"]


class Desk:
    """Records what is wanted, has it done, records what came; the runner's `Effects`."""

    def __init__(
        self,
        recorder: Recorder,
        docket: Docket,
        registry: Registry,
        doors: Mapping[EffectKind, Door],
        meter: Meter,
        cache: Cache | None,
        stopping: threading.Event,
        *,
        people: "People | None" = None,
        inline: int = INLINE,
        labelling: Labelling | None = None,
    ) -> None:
        """Open the desk of one run.

        Args:
            recorder: where everything is put down.
            docket: what is known, kept up with the record.
            registry: the tools that can be called.
            doors: who carries out which kind of effect; a kind without one is refused.
            meter: what is spent.
            cache: answers of other runs, where they are shared.
            stopping: set when the run is to stop.
            people: what was handed in by people; a request that they have not answered is
                waited for.
            inline: payloads of more bytes than this are kept outside the events.
            labelling: the labels of what is asked and answered; by default of a public question.
        """
        self._recorder = recorder
        self._docket = docket
        self._registry = registry
        self._doors = doors
        self._meter = meter
        self._cache = cache
        self._stopping = stopping
        self.people = people
        self._inline = inline
        self.labelling = labelling or Labelling()
        """The labels of what is asked and answered."""
        self.answers: dict[str, Response] = {}
        """By key, what this run has been answered."""
        self.outstanding: dict[str, tuple[int, Request]] = {}
        """By key, what people were asked and the run went on without: position and request."""
        self.live = True
        """Whether what is recorded goes to the end of the record."""

    @property
    def registry(self) -> Registry:
        """The tools that can be called."""
        return self._registry

    def record(self, fact: Fact, cause: int | None = None) -> int:
        """Put a fact on the record and into the docket."""
        seq = self._recorder.record(fact, cause)
        self._docket.add(seq, fact)
        return seq

    def spent(self) -> Mapping[str, float]:
        """Put what has been spent so far on the record and return it."""
        spent = self._meter.spent()
        self.record(BudgetSpent(spent=spent))
        return spent

    def mend(self) -> None:
        """Do nothing: the record that this desk began has no end that was cut off."""

    def perform(self, requests: Sequence[Request], cause: int | None = None) -> list[Response]:
        """Carry out what this run has not carried out yet; answers in the order of requests.

        Raises:
            Stop: the run is being interrupted.
            OverBudget: the budget does not allow what was to be measured.
        """
        if self._stopping.is_set():
            raise Stop
        requests = [self.labelling.asked(self.scrubbed(request)) for request in requests]
        keys = [key_of(request, self._registry) for request in requests]
        fresh = {
            key: request
            for key, request in zip(keys, requests, strict=True)
            if key not in self.answers
        }
        refused = self.refused(fresh)
        fresh = {key: request for key, request in fresh.items() if key not in refused}
        asked = {key: self.ask(key, request, cause) for key, request in fresh.items()}
        if asked:
            self.carry_out(fresh, asked)
        return [refused.get(key) or self.answers[key] for key in keys]

    def gather(self, requests: Sequence[Request], *, need: bool = False) -> list[Response | None]:
        """Ask people, and return the answers that there are; None where one is awaited.

        Raises:
            Stop: the run is being interrupted.
            Pause: an answer is needed, and there is none.
        """
        if self._stopping.is_set():
            raise Stop
        keys = [key_of(request, self._registry) for request in requests]
        fresh = {
            key: request
            for key, request in zip(keys, requests, strict=True)
            if key not in self.answers and key not in self.outstanding
        }
        refused = self.refused(fresh)
        for key, request in fresh.items():
            if key not in refused:
                self.outstanding[key] = (self.ask(key, request, None), request)
        self._recorder.commit()
        self.collect()
        found = [refused.get(key) or self.answers.get(key) for key in keys]
        if need and not any(found):
            raise Pause(f"{len(found)} answers of people are awaited")
        return found

    def collect(self) -> None:
        """Take the answers that were handed in to what the run went on without."""
        for key, (seq, request) in list(self.outstanding.items()):
            said = self.people.answer(seq) if self.people is not None else None
            if said is not None:
                del self.outstanding[key]
                self._answered(key, request, seq, said, "live")

    def scrubbed(self, request: Request) -> Request:
        """Return a request without what its door keeps secret."""
        door = self._doors.get(request.effect)
        return door.scrubbed(request) if isinstance(door, Scrubs) else request

    def refused(self, fresh: Mapping[str, Request]) -> dict[str, Response]:
        """Count requests and return, by key, what the budget does not allow; it is on record.

        Raises:
            OverBudget: a tool is among it.
        """
        late = self._meter.late  # once: a batch is in time as a whole or not at all

        def reserve(requests: Sequence[Request]) -> str | None:
            return self._meter.reserve(requests, clock=late)

        return turned_down(fresh, reserve, self.record)

    def ask(self, key: str, request: Request, cause: int | None) -> int:
        """Put a request on record and return its position."""
        told = self.labelling.told(request.label)
        fact = asking(key, request, self._registry, self._recorder.blobs, told, inline=self._inline)
        return self.record(fact, cause)

    def carry_out(
        self,
        fresh: Mapping[str, Request],
        asked: Mapping[str, int],
        given: Mapping[str, Answer] | None = None,
    ) -> None:
        """Commit what is on record and have requests carried out, which stand there already.

        Args:
            fresh: by key.
            asked: by key, where each request is on the record.
            given: by key, answers that nobody needs to be asked for.

        Raises:
            Stop: the run is being interrupted.
            Pause: a person has to answer; everything else is carried out first.
        """
        self._recorder.commit()
        waiting: dict[Future[Answer], str] = {}
        awaited = 0
        for key, request in fresh.items():
            kept, origin = self._kept(key, request)
            if given and key in given:
                kept, origin = given[key], "live"
            if self.people is not None and kept is None:
                said = self.people.answer(asked[key])
                if said is None and request.effect == "person":
                    awaited += 1
                    continue
                if said is not None:
                    kept, origin = said, "live"
            if kept is not None:
                self._answered(key, request, asked[key], kept, origin)
            else:
                waiting[self._begun(request)] = key
        pending = set(waiting)
        while pending:
            done, pending = wait(pending, timeout=_LOOK_UP, return_when=FIRST_COMPLETED)
            # a call that is killed with the run has not failed: nobody knows how it ended
            killed = {f for f in done if f.cancelled() or (self._stopping.is_set() and _killed(f))}
            for future in done - killed:
                key, answer = waiting[future], future.result()
                self._answered(key, fresh[key], asked[key], answer, "live")
                self._keep(fresh[key], answer)
            if killed or self._stopping.is_set():
                raise Stop
        if awaited:
            raise Pause(f"{awaited} answers of people are awaited")

    def _begun(self, request: Request) -> Future[Answer]:
        door = self._doors.get(request.effect)
        if door is not None:
            return door.submit(request)
        reason = f"this run has no door to a {request.effect}: {request.name} cannot be asked"
        refused: Future[Answer] = Future()
        failure = Failure(kind=FailureKind.UNAVAILABLE, reason=reason)
        refused.set_result(Answer(failure=failure, seconds=0.0, cpu_seconds=0.0, isolation=""))
        return refused

    def _kept(self, key: str, request: Request) -> tuple[Answer | None, Origin]:  # noqa: ARG002 (a fork's parent is asked by key)
        """Return an answer that is known without asking anybody, and where it is from."""
        cache_key = self._cache_key(request)
        if self._cache is None or cache_key is None:
            return None, "cache"
        found = self._cache.get(cache_key)
        if found.warning:
            self.record(
                PolicyDecided(subject=f"cached {request.name}", allowed=False, reason=found.warning)
            )
        return found.answer, "cache"

    def _keep(self, request: Request, answer: Answer) -> None:
        cache_key = self._cache_key(request)
        if self._cache and cache_key:
            self._cache.put(cache_key, answer)

    def _cache_key(self, request: Request) -> Key | None:
        if self._cache is None or request.name not in self._registry:
            return None
        return Key.of(self._registry.get(request.name), request.arguments)

    def _lift(self, name: str, value: Any) -> tuple[Any, dict[str, Blob]]:
        """Take the drawings out of a value: they are kept once, as blobs of their own."""
        if not isinstance(value, dict) or name not in self._registry:
            return value, {}
        properties = self._registry.get(name).output_schema.get("properties", {})
        media = {
            field: self._recorder.blobs.put(text.encode(), properties[field]["contentMediaType"])
            for field, text in value.items()
            if isinstance(text, str) and "contentMediaType" in properties.get(field, {})
        }
        return {k: v for k, v in value.items() if k not in media}, media

    def _answered(
        self, key: str, wanted: Request, request: int, answer: Answer, origin: Origin
    ) -> None:
        spent = {"seconds": answer.seconds, "cpu_seconds": answer.cpu_seconds}
        paid = origin != "record"
        self._meter.answered(wanted, answer.value, answer.cpu_seconds, answer.usage, paid=paid)
        label = self.labelling.answered(wanted, self._registry, answer.value)
        told = self.labelling.told(label)
        if answer.failure is not None:
            if answer.failure.kind is FailureKind.REFUSED:
                subject, reason = f"{wanted.effect} {wanted.name}", answer.failure.reason
                self.record(PolicyDecided(subject=subject, allowed=False, reason=reason), request)
            self._recorder.record(
                EffectFailed(
                    request=request,
                    failure=answer.failure,
                    isolation=answer.isolation,
                    label=told,
                    usage=answer.usage,
                    **spent,
                ),
                request,
            )
        else:
            value, media = self._lift(wanted.name, answer.value)
            attached = self.people.attachments(request) if self.people else {}
            blob = self._recorder.blobs.spill(value, self._inline)
            self._recorder.record(
                EffectCompleted(
                    request=request,
                    value=None if blob else value,
                    blob=blob,
                    media=media,
                    attachments=attached,
                    origin=origin,
                    isolation=answer.isolation,
                    label=told,
                    **spent,
                ),
                request,
            )
        self.answers[key] = Response(request, answer.value, answer.failure, key, label)
        if not repeatable(wanted, self._registry) or wanted.effect != "tool":
            self._recorder.commit()  # what cannot be had again, or not for nothing


def turned_down(
    fresh: Mapping[str, Request],
    reserve: Callable[[Sequence[Request]], str | None],
    record: Callable[[Fact], int],
) -> dict[str, Response]:
    """Return, by key, the requests that a limit forbids, answered by a failure.

    What measures, a tool or a person at a bench, is allowed together or not at all, for half a
    batch is no experiment.

    Raises:
        OverBudget: a limit forbids what measures.
    """
    measuring = [request for request in fresh.values() if _measures(request)]
    limit = reserve(measuring) if measuring else None
    if limit:
        record(refusal(measuring, limit))
        raise OverBudget(f"the budget of {limit} is spent")
    found: dict[str, Response] = {}
    for key, request in fresh.items():
        limit = None if _measures(request) else reserve([request])
        if limit:
            decision = refusal([request], limit)
            failure = Failure(kind=FailureKind.UNAVAILABLE, reason=decision.reason)
            found[key] = Response(record(decision), None, failure, key, spent=True)
    return found


def _measures(request: Request) -> bool:
    return request.effect == "tool" or (request.effect, request.name) == ("person", BENCH)


def refusal(requests: Sequence[Request], limit: str) -> PolicyDecided:
    """Return what goes on record where a limit forbids requests of one kind."""
    names = ", ".join(dict.fromkeys(request.name for request in requests))
    return PolicyDecided(
        subject=f"{requests[0].effect} {names}",
        allowed=False,
        reason=f"the budget of {limit} is spent",
    )


def _killed(future: Future[Answer]) -> bool:
    failure = future.result().failure
    return failure is not None and failure.kind is FailureKind.CRASHED


def repeatable(request: Request, registry: Registry) -> bool:
    """Tell whether a request may be carried out again when nobody knows how it ended.

    A tool says so itself. A model or a source that is read does not change by it, and a person
    who is asked again has still one thing to say.
    """
    if request.effect != "tool":
        return True
    if request.name not in registry:
        return False
    tool = registry.get(request.name)
    return tool.deterministic or tool.idempotent


def version_of(name: str, registry: Registry) -> str:
    """Return a tool's version; empty for what is no tool."""
    return registry.get(name).digest if name in registry else ""


def key_of(request: Request, registry: Registry) -> str:
    """Return SHA-256 of kind, name, version and arguments: what makes two requests one."""
    version = version_of(request.name, registry)
    parts = [request.effect, request.name, version, lifted(request)[0]]
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()


_PICTURE = re.compile(r"data:(image/[a-z0-9.+-]+);base64,([A-Za-z0-9+/=]+)")


def lifted(request: Request) -> tuple[dict[str, Any], dict[str, tuple[bytes, str]]]:
    """Return arguments as they stand on record, and the pictures that were taken out of them.

    A picture that a model is shown is kept once, as a payload of its own, however often it is
    shown; in its place stands `media:` and the SHA-256 of what it is.
    """
    arguments = dict(request.arguments)
    if request.effect != "model":
        return arguments, {}
    pictures: dict[str, tuple[bytes, str]] = {}

    def without(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: without(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [without(inner) for inner in value]
        found = (
            _PICTURE.fullmatch(value) if isinstance(value, str) and value[:5] == "data:" else None
        )
        if found is None:
            return value
        content = base64.b64decode(found[2])
        name = hashlib.sha256(content).hexdigest()
        pictures[name] = (content, found[1])
        return f"media:{name}"

    if any(not isinstance(m.get("content"), str) for m in arguments.get("messages", ())):
        arguments["messages"] = without(list(arguments["messages"]))
    return arguments, pictures


def asking(
    key: str,
    request: Request,
    registry: Registry,
    blobs: BlobStore,
    label: Label | None = None,
    *,
    inline: int = INLINE,
) -> EffectRequested:
    """Return what goes on record before a request is carried out."""
    arguments, pictures = lifted(request)
    blob = blobs.spill(arguments, inline)
    return EffectRequested(
        effect=request.effect,
        name=request.name,
        arguments={} if blob else arguments,
        blob=blob,
        media={name: blobs.put(content, kind) for name, (content, kind) in pictures.items()},
        key=key,
        version=version_of(request.name, registry),
        idempotent=repeatable(request, registry),
        role=request.role,
        label=label,
    )

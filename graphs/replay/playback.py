"""The desk of a replay: what the graph does is held against the record, which answers it."""

import contextlib
import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any

import orjson

from gaseol.graphs.laboratory import Stop
from gaseol.graphs.running.desk import asking, key_of, refusal, turned_down
from gaseol.graphs.running.labelling import Labelling
from gaseol.graphs.running.meter import Meter
from gaseol.tools.contract import ToolCard
from gaseol.tools.registry import Entry, Registry
from gaseol.traces.comparison.leaves import Parting, partings
from gaseol.traces.record.blob import INLINE, SALT, AlteredBlob, Blob, BlobStore, WithheldBlob
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.effects import Request, Response
from gaseol.traces.record.event import (
    BudgetSpent,
    EffectCompleted,
    EffectFailed,
    EffectRequested,
    Event,
    Fact,
    RunEnded,
    references,
)
from gaseol.traces.record.labels import Label
from gaseol.traces.record.places import BESIDE
from gaseol.traces.record.projection import VOLATILE, timed
from gaseol.traces.record.trace import Trace

_PAYLOAD = re.compile(r"^[0-9a-f]{64}$")

NEAR = 1e-9
"""Relative: two numerical libraries differ in the last bits, and a replay says where."""


@dataclass(frozen=True)
class Divergence:
    """Where the code and the record part."""

    event: int
    """Of the record; one past the end where the code goes on and the record does not."""
    what: str
    path: str = ""
    recorded: Any = None
    now: Any = None

    def __str__(self) -> str:
        said = f"event {self.event}: {self.what}"
        if self.path:
            said += f"; {self.path} is {_short(self.recorded)} on record and {_short(self.now)} now"
        return said


class Diverged(Stop):
    """What the code does is not what the record says."""

    def __init__(self, divergence: Divergence) -> None:
        super().__init__(str(divergence))
        self.divergence = divergence


class Withheld(Diverged):
    """An answer was kept back from this copy of the record: the replay can go no further."""


class RecordEnds(Stop):
    """The record was cut off here; so far everything was the same."""


class RecordedBlobs(BlobStore):
    """Gives a payload the name that the record has for it; writes nothing."""

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace.folder)
        self.guessed = 0
        """Withheld payloads that what the code made was taken for, by its size alone."""
        self._made: dict[str, bytes] = {}
        self._withheld_sizes: dict[int, list[str]] = {}
        for event in trace.events():
            for name, size in references(event.kind, event.data):
                if self.kept_back(name):
                    names = self._withheld_sizes.setdefault(size, [])
                    if name not in names:
                        names.append(name)
                else:
                    self._learn(name)
        self._learn_unnamed()

    def _learn_unnamed(self) -> None:
        """Learn what no event names: the draws of a registration that a person did not allow."""
        known = set(self._known.values())
        for path in sorted(self.folder.iterdir()) if self.folder.is_dir() else ():
            if path.name not in known and _PAYLOAD.match(path.name):
                with contextlib.suppress(AlteredBlob):
                    self._learn(path.name)

    def _learn(self, name: str) -> None:
        plain = hashlib.sha256(self.get(Blob(sha256=name, bytes=0))).digest()
        self._known.setdefault(plain, name)

    def _write(self, stored: bytes) -> str:
        """Name a payload that the record does not have: a withheld one of its size, or none."""
        names = self._withheld_sizes.get(len(stored) - SALT)
        name = names.pop(0) if names else "0" * 64
        self.guessed += name != "0" * 64
        self._made[name] = stored[SALT:]
        return name

    def stand_in(self, blob: Blob) -> str:
        """Return a text that is stored under the name of a payload that was withheld."""
        text = (blob.sha256 * (blob.bytes // len(blob.sha256) + 1))[: blob.bytes]
        self._known[hashlib.sha256(text.encode()).digest()] = blob.sha256
        self._made[blob.sha256] = text.encode()
        return text

    def get(self, blob: Blob) -> bytes:
        """Return a payload as the record has it, or as this replay made it again."""
        made = self._made.get(blob.sha256)
        return super().get(blob) if made is None else made


@dataclass
class Playback:
    """The events of a record, one after the other, and what is said of each."""

    trace: Trace
    until: int | None = None
    """Play no more events than this; by default all."""
    labels: list[Label] = field(default_factory=list[Label])
    near: int = 0
    """Numbers that are the same only within `NEAR`."""
    brought: dict[str, EffectRequested] = field(default_factory=dict[str, EffectRequested])
    """By tool, the first request after a resumption that was passed: it may have brought others."""

    ambiguous: Counter[int] = field(default_factory=Counter[int])
    """By request, how often nobody knew how it had ended, before it was answered."""

    def __post_init__(self) -> None:
        self._events: Iterator[Event] = self.trace.events()
        self._ahead: Event | None = None

    def peek(self) -> Event | None:
        """Return the next event that the graph answers for; None at the end."""
        while self._ahead is None:
            if len(self.labels) == self.until:
                return None
            event = next(self._events, None)
            if event is None:
                return None
            if event.kind in BESIDE:
                self.labels.append("recorded")
                if event.kind == "effect.ambiguous":
                    self.ambiguous[event.data["request"]] += 1
                self.brought |= self._resumptions.get(event.seq, {})
            else:
                self._ahead = event
        return self._ahead

    @cached_property
    def _resumptions(self) -> dict[int, dict[str, EffectRequested]]:
        """By the position of each resumption, the first request to each tool until the next one."""
        found: dict[int, dict[str, EffectRequested]] = {}
        here: dict[str, EffectRequested] = {}
        for event in islice(self.trace.events(), self.until):
            if event.kind == "run.resumed":
                here = found[event.seq] = {}
            elif found and event.kind == "effect.requested":
                fact = event.fact
                if isinstance(fact, EffectRequested) and fact.version:
                    here.setdefault(fact.name, fact)
        return found

    def take(self, label: Label) -> Event | None:
        """Return the next event and label it; None at the end."""
        event = self.peek()
        if event is not None:
            self._ahead = None
            self.labels.append(label)
        return event

    @property
    def position(self) -> int:
        """Where the next event stands."""
        return len(self.labels)


class PlaybackDesk:
    """Serves every answer from the record; what is asked and concluded must be the same."""

    def __init__(
        self,
        playback: Playback,
        docket: Docket,
        blobs: BlobStore,
        registry: Registry,
        meter: Meter,
        *,
        inline: int = INLINE,
        free: Mapping[str, Sequence[str]] | None = None,
        labelling: Labelling | None = None,
    ) -> None:
        """Open the desk of a replay.

        Args:
            playback: the record.
            docket: what is known, kept up with the replay.
            blobs: of the record.
            registry: the tools as they were described to the run.
            meter: counts anew; clocks are read from the record.
            inline: as for the run's desk.
            free: kinds and the fields of their data that are taken from the record.
            labelling: the labels of what is asked and answered, found anew; by default of a public
                question.
        """
        self.playback = playback
        self._docket = docket
        self._blobs = blobs
        self._registry = registry
        self._meter = meter
        self._inline = inline
        self._free = free or {}
        self._labelling = labelling or Labelling()
        self._answers: dict[str, Response] = {}
        self._outstanding: dict[str, tuple[int, Request]] = {}
        """By key, what people were asked and the run went on without."""

    def record(self, fact: Fact, cause: int | None = None) -> int:
        """Hold a fact against the next event and return its position.

        Raises:
            Diverged: the record says something else.
            RecordEnds: it says nothing more, for it was cut off.
        """
        event = self._expected(fact)
        self._compare(event, fact, cause)
        self.playback.take("recomputed-equal")
        self._docket.add(event.seq, fact)
        return event.seq

    def spent(self) -> Mapping[str, float]:
        """Return what the record says was spent; what is counted must be the same."""
        event = self._expected(BudgetSpent(spent={}))
        recorded = event.data.get("spent", {})
        times = {k: v for k, v in recorded.items() if timed(k)}
        self._compare(event, BudgetSpent(spent={**self._meter.spent(), **times}), None)
        self.playback.take("recomputed-equal")
        return recorded

    def perform(self, requests: Sequence[Request], cause: int | None = None) -> list[Response]:
        """Return the recorded answers to these very requests.

        Raises:
            Diverged: the record has other requests here, or no answer to one.
            OverBudget: as on the record.
            RecordEnds: it says nothing more, for it was cut off.
        """
        requests = [self._labelling.asked(request) for request in requests]
        keys = [self._key(request) for request in requests]
        fresh = {k: r for k, r in zip(keys, requests, strict=True) if k not in self._answers}
        refused = self._refused(fresh)
        asked: dict[int, tuple[str, Request]] = {}
        final: dict[str, str] = {}
        for key, request in fresh.items():
            if key not in refused:
                # a run that was resumed in the middle of a batch asks the rest of another version
                final[key] = self._key(request)
                asked[self._ask(final[key], request, cause)] = (final[key], request)
        self._serve(asked)
        return [refused.get(key) or self._answers[final.get(key, key)] for key in keys]

    def gather(self, requests: Sequence[Request], *, need: bool = False) -> list[Response | None]:
        """Return the answers of people that the record has here; None where one is awaited.

        Raises:
            Diverged: the record has other requests here.
            RecordEnds: an answer is needed, and the record ends before there is one.
        """
        keys = [self._key(request) for request in requests]
        fresh = {
            key: request
            for key, request in zip(keys, requests, strict=True)
            if key not in self._answers and key not in self._outstanding
        }
        refused = self._refused(fresh)
        for key, request in fresh.items():
            if key not in refused:
                self._outstanding[key] = (self._ask(key, request, None), request)
        self._collect()
        found = [refused.get(key) or self._answers.get(key) for key in keys]
        if need and not any(found):
            self._unanswered(dict(self._awaited()))
            found = [refused.get(key) or self._answers.get(key) for key in keys]
        return found

    def _awaited(self) -> Iterator[tuple[int, tuple[str, Request]]]:
        for key, (seq, request) in self._outstanding.items():
            yield seq, (key, request)

    def _collect(self) -> None:
        """Take the answers that stand next on the record to what the run went on without."""
        while (event := self.playback.peek()) is not None:
            fact = event.fact
            if not isinstance(fact, EffectCompleted | EffectFailed):
                return
            at = next((k for k, (seq, _) in self._outstanding.items() if seq == fact.request), None)
            if at is None:
                return
            _, request = self._outstanding.pop(at)
            response = self._answers[at] = self._answer(event, fact, at, request)
            self._meter.answered(request, response.value, fact.cpu_seconds)

    def _key(self, request: Request) -> str:
        return key_of(request, self._in_force())

    def _in_force(self) -> Registry:
        """Return the tools as they were described where the record stands now."""
        self.playback.peek()  # past a resumption
        if self.playback.brought:
            self._registry = _changed(self._registry, self.playback.brought)
            self.playback.brought = {}
        return self._registry

    def _ask(self, key: str, request: Request, cause: int | None) -> int:
        told = self._labelling.told(request.label)
        fact = asking(key, request, self._in_force(), self._blobs, told, inline=self._inline)
        return self.record(fact, cause)

    def _refused(self, fresh: Mapping[str, Request]) -> dict[str, Response]:
        """Return what the budget did not allow; whether the time was up stands on the record."""
        return turned_down(fresh, self._reserved, self.record)

    def _reserved(self, requests: Sequence[Request]) -> str | None:
        event, late = self.playback.peek(), refusal(requests, "seconds")
        if event is not None and event.kind == late.kind and event.fact == late:
            return "seconds"
        return self._meter.reserve(requests, clock=False)

    def _serve(self, fresh: Mapping[int, tuple[str, Request]]) -> None:
        waiting = dict(fresh)
        while waiting:
            event = self.playback.peek()
            if event is None:
                self._unanswered(waiting)
                return
            if event.kind == "policy.decision":  # what the cache of that machine was worth
                self.playback.take("recorded")
                continue
            fact = event.fact
            if not isinstance(fact, EffectCompleted | EffectFailed):
                what = f"{event.kind} where the answer to event {min(waiting)} is due"
                raise Diverged(Divergence(event.seq, what))
            if fact.request not in waiting:
                what = f"answers event {fact.request}, of which nothing is awaited"
                raise Diverged(Divergence(event.seq, what))
            key, request = waiting.pop(fact.request)
            for _ in range(self.playback.ambiguous.pop(fact.request, 0)):
                self._meter.lost(request)
            response = self._labelled(event, fact, request, self._answer(event, fact, key, request))
            self._answers[key] = response
            lost = fact.usage if isinstance(fact, EffectFailed) else None
            self._meter.answered(request, response.value, fact.cpu_seconds, lost, paid=_paid(fact))

    def _labelled(
        self,
        event: Event,
        fact: EffectCompleted | EffectFailed,
        request: Request,
        response: Response,
    ) -> Response:
        """Return an answer with its label, which must be the one on record.

        Raises:
            Diverged: it is another one.
        """
        label = self._labelling.answered(request, self._registry, response.value)
        told = self._labelling.told(label)
        if told != fact.label:
            what = f"the answer to event {fact.request} has another label"
            raise Diverged(Divergence(event.seq, what, "data.label", fact.label, told))
        return replace(response, label=label)

    def _unanswered(self, waiting: Mapping[int, tuple[str, Request]]) -> None:  # noqa: ARG002
        """Say that the record ends before these requests were answered."""
        raise RecordEnds

    def _answer(
        self,
        event: Event,
        fact: EffectCompleted | EffectFailed,
        key: str,
        request: Request,  # noqa: ARG002
    ) -> Response:
        """Take an answer from the record."""
        self.playback.take("recorded")
        if isinstance(fact, EffectFailed):
            return Response(fact.request, None, fact.failure, key)
        try:
            return Response(fact.request, self._payload(fact), None, key)
        except WithheldBlob as error:
            raise Withheld(Divergence(event.seq, str(error))) from None

    def _payload(self, fact: EffectCompleted) -> Any:
        """Return an answer; another drawing stands in for one that was withheld."""
        trace, blobs = self.playback.trace, self._blobs
        if not isinstance(blobs, RecordedBlobs):
            return trace.payload(fact)
        there = {k: b for k, b in fact.media.items() if not trace.blobs.kept_back(b.sha256)}
        value = trace.payload(fact.model_copy(update={"media": there}))
        gone = {k: b for k, b in fact.media.items() if k not in there}
        return {**value, **{k: blobs.stand_in(b) for k, b in gone.items()}} if gone else value

    def _expected(self, fact: Fact) -> Event:
        event = self.playback.peek()
        does = f"does {fact.kind}"
        if isinstance(fact, RunEnded) and fact.status == "failed":
            does = f"fails: {fact.reason}"
        if event is None:
            if self._docket.ended is None:
                raise RecordEnds
            last = self.playback.position
            raise Diverged(Divergence(last, f"the record ends, the code {does}"))
        if event.kind != fact.kind:
            what = f"the record has {event.kind}, the code {does}"
            raise Diverged(Divergence(event.seq, what))
        return event

    def _compare(self, event: Event, fact: Fact, cause: int | None) -> None:
        if event.cause != cause:
            what = f"{event.kind} has another cause"
            raise Diverged(Divergence(event.seq, what, "cause", event.cause, cause))
        found = orjson.loads(fact.__pydantic_serializer__.to_json(fact))
        said = event.data
        if orjson.dumps(found) == orjson.dumps(said):  # 93 and 93.0 are two things
            return
        free = (*VOLATILE.get(event.kind, ()), *self._free.get(event.kind, ()))
        found: dict[str, Any] = {k: said.get(k) if k in free else v for k, v in found.items()}
        said = {k: v for k, v in said.items() if k in found or k not in free}
        if event.kind == "run.ended":
            times = {k: v for k, v in said.get("cost", {}).items() if timed(k)}
            found["cost"] = {**found["cost"], **times}
        difference = first_difference(said, found)
        if difference is None:
            self.playback.near += 1
        elif difference[0]:
            path, recorded, now = difference
            what = f"the code does another {event.kind}"
            raise Diverged(Divergence(event.seq, what, path, recorded, now))


def _paid(fact: EffectCompleted | EffectFailed) -> bool:
    """Tell whether an answer cost the run something.

    What a branch takes from its parent took no time; branches made before that was so say what it
    had taken the parent, and count it.
    """
    inherited = isinstance(fact, EffectCompleted) and fact.origin == "record"
    return not inherited or fact.seconds > 0


def _changed(registry: Registry, asked: Mapping[str, EffectRequested]) -> Registry:
    """Return tools in the versions that they had when they were asked, as far as requests tell."""
    entries: list[Entry] = []
    for card in registry:
        entry, then = registry.entry(card.name), asked.get(card.name)
        if then is not None and isinstance(card, ToolCard) and then.version != card.digest:
            sure = {"deterministic": card.deterministic and then.idempotent}
            about = {"digest": then.version, "idempotent": then.idempotent, **sure}
            entry = replace(entry, tool=card.model_copy(update=about))
        entries.append(entry)
    return Registry(entries=entries, problems=registry.problems)


def first_difference(a: Any, b: Any, path: str = "data") -> Parting | None:
    """Return where two JSON values first differ; None where they do so only in the last bits.

    An empty path says that they are the same to the last bit.
    """
    near = False
    for found in partings(a, b, path):
        if not _near(*found[1:]):
            return found
        near = True
    return None if near else ("", None, None)


def _near(a: Any, b: Any) -> bool:
    return isinstance(a, float) and isinstance(b, float) and math.isclose(a, b, rel_tol=NEAR)


def _short(value: Any) -> str:
    said = orjson.dumps(value, default=str).decode()
    return said if len(said) <= 80 else f"{said[:77]}..."

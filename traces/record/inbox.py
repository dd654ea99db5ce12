r"""What people handed in for a run: lines beside the record, chained and, where they wish, signed.

`inbox/answers.jsonl` grows while a run is paused; when the run goes on, each line enters the record
whole, as part of the answer to the request that it names. A correction is a new line. The digest of
a line is SHA-256("gaseol.inbox/1\0" || digest of the line before || line), and that of the line
before the first is SHA-256("gaseol.inbox/1\0" || digest of the request's event), so that a line is
bound to the very request that it answers.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import orjson
from pydantic import Field, ValidationError

from gaseol.traces.nouns.value import Value
from gaseol.traces.record.disk import place, sync
from gaseol.traces.record.event import EffectCompleted, EffectFailed, EffectRequested
from gaseol.traces.record.recorder import being_written
from gaseol.traces.record.trace import Trace

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PLACE = "inbox"
PAYLOAD_TYPE = "application/vnd.gaseol.answer+json"
_DOMAIN = b"gaseol.inbox/1\0"
_DIGEST = r"^[0-9a-f]{64}$"


class BrokenInbox(ValueError):
    """A line that somebody handed in was changed, or does not follow from the one before."""


class AnsweredMeanwhile(ValueError):
    """Somebody else handed in an answer to the same request first; nothing was taken."""


class Attachment(Value):
    """A file that was handed in with an answer."""

    sha256: str = Field(pattern=_DIGEST)
    bytes: int = Field(ge=0)
    media: str = "application/octet-stream"


class Said(Value):
    """One answer of a person."""

    seq: int = Field(ge=0)
    prev: str = Field(pattern=_DIGEST)
    at: str
    """UTC, by the clock of the machine that took it."""
    by: str = Field(min_length=1, max_length=200)
    request: int = Field(ge=0)
    """Position of what is answered."""
    event: str = Field(pattern=_DIGEST)
    """Digest of that event."""
    given: dict[str, str] = Field(default_factory=dict)
    """The words that were handed in."""
    value: Any = None
    """In the unit that was asked for."""
    uncertainty: float | None = None
    failed: str = ""
    """Why there is no value."""
    approve: bool | None = None
    again: bool = False
    """Of an effect that nobody knows the end of: it may be carried out again."""
    note: str = ""
    attachments: dict[str, Attachment] = Field(default_factory=dict)
    replaces: int | None = None
    """The line that this one corrects."""
    envelope: dict[str, Any] | None = None
    """DSSE, over the line without this member."""

    def line(self) -> bytes:
        """Return the line, without its line feed."""
        return orjson.dumps(self.model_dump(mode="json"))

    def payload(self) -> bytes:
        """Return what is signed."""
        return orjson.dumps(self.model_dump(mode="json", exclude={"envelope"}))


@dataclass(frozen=True)
class Awaited:
    """A request that a person has to answer."""

    request: int
    event: str
    at: datetime
    fact: EffectRequested
    arguments: Mapping[str, Any]
    said: Said | None
    """What was handed in and is not on record yet."""

    @property
    def ambiguous(self) -> bool:
        """Whether it is a tool's call of which nobody knows how it ended."""
        return self.fact.effect != "person"

    @property
    def due(self) -> datetime | None:
        """When it is wanted."""
        days = self.arguments.get("due_days")
        return None if days is None else self.at + timedelta(days=float(days))

    def late(self, said: Said) -> float:
        """Return how many days after it was due an answer was handed in; 0 where it was in time."""
        at = datetime.fromisoformat(said.at)
        return max((at - self.due) / timedelta(days=1), 0.0) if self.due else 0.0


class Inbox:
    """The lines that people handed in for a run."""

    def __init__(self, run: Path) -> None:
        self.folder = run / PLACE
        self.path = self.folder / "answers.jsonl"

    def read(self) -> list[Said]:
        """Return the lines in their order; a torn last one was never acknowledged.

        Raises:
            BrokenInbox: a line was changed.
        """
        content = self.path.read_bytes() if self.path.is_file() else b""
        return list(self._follow(content[: content.rfind(b"\n") + 1].splitlines()))

    def _follow(self, lines: Sequence[bytes]) -> Iterator[Said]:
        before = ""
        for number, line in enumerate(lines):
            try:
                said = Said.model_validate_json(line)
            except ValidationError as error:
                what = error.errors()[0]["msg"]
                raise BrokenInbox(f"{self.path}, line {number + 1}: {what}") from None
            if said.seq != number or said.prev != (before or _begin(said.event)):
                raise BrokenInbox(f"{self.path}, line {number + 1} does not follow from the line "
                                  "before it: one of the two was changed")  # fmt: skip
            before = digest(said.prev, line)
            yield said

    def latest(self) -> dict[int, Said]:
        """Return the last line for each request."""
        return {said.request: said for said in self.read()}

    def append(
        self, drafts: Sequence[Mapping[str, Any]], key: "Ed25519PrivateKey | None" = None
    ) -> list[Said]:
        """Add lines, all or none, and return them when they are on disk.

        Args:
            drafts: members of a `Said` without those that are counted here.
            key: signs each.

        Raises:
            AnsweredMeanwhile: a draft does not replace the last line for its request.
            BrokenInbox: a line was changed.
        """
        import fcntl  # not on Windows, where records can be read only

        self.folder.mkdir(exist_ok=True)
        with self.path.open("ab+", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            content = file.read()
            whole = content[: content.rfind(b"\n") + 1]
            file.truncate(len(whole))
            earlier = list(self._follow(whole.splitlines()))
            last = {said.request: said for said in earlier}
            before = digest(earlier[-1].prev, whole.splitlines()[-1]) if earlier else ""
            added: list[Said] = []
            for draft in drafts:
                there = last.get(draft["request"])
                if there is not None and there.seq != draft.get("replaces"):
                    raise AnsweredMeanwhile(
                        f"{there.request}: {there.by} answered it at {there.at}"
                    )
                prev = before or _begin(str(draft["event"]))
                now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
                said = Said(seq=len(earlier) + len(added), prev=prev, at=now, **draft)
                if key is not None:
                    from gaseol.traces.signatures.signing import sign

                    envelope = sign(said.payload(), PAYLOAD_TYPE, key)
                    said = said.model_copy(update={"envelope": envelope})
                added.append(said)
                before = digest(prev, said.line())
            try:
                _write(file, b"".join(said.line() + b"\n" for said in added))
                os.fsync(file.fileno())
            except OSError:
                file.truncate(len(whole))  # all or none
                raise
        for folder in (self.folder, self.folder.parent):
            sync(folder)  # of a first line the file itself is new
        return added

    def keep(self, content: bytes, media: str) -> Attachment:
        """Store a file that is handed in."""
        name = hashlib.sha256(content).hexdigest()
        files = self.folder / "files"
        files.mkdir(parents=True, exist_ok=True)
        place(files / name, content)
        sync(self.folder)
        return Attachment(sha256=name, bytes=len(content), media=media)

    def attached(self, attachment: Attachment) -> bytes:
        """Return a file that was handed in.

        Raises:
            BrokenInbox: it is not there, or was changed.
        """
        path = self.folder / "files" / attachment.sha256
        content = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(content).hexdigest() != attachment.sha256:
            raise BrokenInbox(f"{path} is missing or was changed")
        return content


def _write(file: FileIO, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]


def digest(previous: str, line: bytes) -> str:
    """Return the digest of a line."""
    return hashlib.sha256(_DOMAIN + bytes.fromhex(previous) + line).hexdigest()


def _begin(event: str) -> str:
    return hashlib.sha256(_DOMAIN + bytes.fromhex(event)).hexdigest()


def awaited(trace: Trace) -> list[Awaited]:
    """Return what a run waits for, in the order asked; nothing once it has ended.

    A call that a running process has made and not had its answer to is under way, not ambiguous.

    Raises:
        BrokenInbox: what was handed in was changed.
    """
    if trace.seal is not None:
        return []
    waiting: dict[int, tuple[str, datetime, EffectRequested]] = {}
    for event in trace.events("effect.requested", "effect.completed", "effect.failed"):
        fact = event.fact
        if isinstance(fact, EffectRequested):
            waiting[event.seq] = (event.digest, event.at, fact)
        elif isinstance(fact, EffectCompleted | EffectFailed):
            waiting.pop(fact.request, None)
    if any(fact.effect != "person" for _, _, fact in waiting.values()) and being_written(
        trace.folder
    ):
        waiting = {k: each for k, each in waiting.items() if each[2].effect == "person"}
    said = Inbox(trace.folder).latest()
    return [
        Awaited(seq, event, at, fact, trace.payload(fact), said.get(seq))
        for seq, (event, at, fact) in waiting.items()
        if fact.effect == "person" or not fact.idempotent
    ]


def spoken(trace: Trace) -> Iterator[tuple[int, Said, str]]:
    """Yield every person's answer on record with its position, and what is wrong with it.

    Checks that it was given to the request that it answers, that the value which the run used is
    the one that was handed in, and the signature where there is one.
    """
    asked: dict[int, str] = {}
    for event in trace.events("effect.requested", "effect.completed", "effect.failed"):
        if event.kind == "effect.requested":
            asked[event.seq] = event.digest
            continue
        fact = event.fact
        entry: Any = None
        used: Any = None
        if isinstance(fact, EffectCompleted) and fact.origin == "record":
            continue  # of the run that this one branches off
        if isinstance(fact, EffectCompleted) and fact.isolation == PLACE:
            used = trace.payload(fact)
            entry = cast("dict[str, Any]", used).get("entry") if isinstance(used, dict) else None
        elif isinstance(fact, EffectFailed) and fact.isolation == PLACE:
            entry = orjson.loads(fact.failure.detail)
        else:
            continue
        try:
            said = Said.model_validate(entry)
        except ValidationError as error:
            raise BrokenInbox(f"event {event.seq} holds no answer of a person: {error}") from None
        yield event.seq, said, _flaw(said, fact, used, asked)


def _flaw(
    said: Said, fact: EffectCompleted | EffectFailed, used: Any, asked: Mapping[int, str]
) -> str:
    if said.request != fact.request or asked.get(said.request) != said.event:
        return f"{said.by} answered another request than this one"
    if isinstance(fact, EffectCompleted):
        told = cast("dict[str, Any]", used)
        if told.get("value") != said.value or told.get("approve") != said.approve:
            return f"the run used another value than {said.by} handed in"
        names = {name: blob.bytes for name, blob in fact.attachments.items()}
        if names != {name: a.bytes for name, a in said.attachments.items()}:
            return f"what {said.by} attached is not there"
    if said.envelope is not None:
        from gaseol.traces.signatures.signing import SignatureError, check, payload_of

        try:
            signed = payload_of(said.envelope) == said.payload()
            signers = check(said.envelope, PAYLOAD_TYPE, {})
        except SignatureError as error:
            return f"the signature of {said.by}: {error}"
        if not signed or not signers or not all(s.valid for s in signers):
            return f"the signature of {said.by} is not over this answer"
    return ""


def asks_people(run: Mapping[str, Any]) -> bool:
    """Tell from `run.json` whether a run asks people at all."""
    scenario = _mapping(run.get("scenario"))
    bench = any(_mapping(scenario.get(m)).get("bench") for m in ("measurement", "check"))
    return bench or any(_mapping(_mapping(scenario.get("policy")).get("approve")).values())


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}

"""A run read back: streaming, lazy, needing nothing but the folder."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from gaseol.traces.record import chain
from gaseol.traces.record.blob import BlobStore
from gaseol.traces.record.event import (
    EffectCompleted,
    EffectRequested,
    Event,
    RunEnded,
    RunInterrupted,
)
from gaseol.traces.record.seal import Seal


class NotARun(FileNotFoundError):
    """The path does not hold a run."""


class BrokenLine(ValueError):
    """A line of the record is not an event."""


class Trace:
    """The record of one run.

    Args:
        folder: the run's folder, wherever it was copied to.

    Raises:
        NotARun: there is no `run.json` and `events.jsonl` in it.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        for name in ("run.json", "events.jsonl"):
            if not (self.folder / name).is_file():
                raise NotARun(f"{self.folder} is not a run: it has no {name}")
        self.blobs = BlobStore(self.folder)

    @cached_property
    def run(self) -> dict[str, Any]:
        """What `run.json` says: the scenario as asked, versions, environment."""
        return orjson.loads((self.folder / "run.json").read_bytes())

    @cached_property
    def seal(self) -> Seal | None:
        """The seal, None for a run that is not sealed."""
        path = self.folder / "seal.json"
        return Seal.model_validate_json(path.read_bytes()) if path.is_file() else None

    def lines(self) -> Iterator[bytes]:
        """Stream the stored lines, without line feeds; a torn last line is left out."""
        with (self.folder / "events.jsonl").open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield line[:-1]

    def events(self, *kinds: str) -> Iterator[Event]:
        """Stream the events, all or those of the kinds named.

        Raises:
            BrokenLine: a line is not an event; `gaseol verify` says more.
        """
        head = chain.start((self.folder / "run.json").read_bytes())
        for number, line in enumerate(self.lines()):
            head = chain.link(head, line)
            try:
                if kinds and orjson.loads(line)["kind"] not in kinds:
                    continue
                yield Event.read(line, head.hex())
            except (ValueError, KeyError, TypeError) as error:
                raise BrokenLine(
                    f"line {number + 1} of events.jsonl is no event: {error}"
                ) from None

    def __iter__(self) -> Iterator[Event]:
        return self.events()

    def __len__(self) -> int:
        return sum(1 for _ in self.lines())

    def payload(self, fact: EffectRequested | EffectCompleted) -> Any:
        """Return the arguments of a request or the value of an answer, from wherever it is."""
        if isinstance(fact, EffectRequested):
            return fact.arguments if fact.blob is None else self.blobs.get_json(fact.blob)
        value = fact.value if fact.blob is None else self.blobs.get_json(fact.blob)
        if fact.media:
            return {**value, **{k: self.blobs.get(b).decode() for k, b in fact.media.items()}}
        return value

    @property
    def status(self) -> str:
        """`done`, `budget`, `paused`, `interrupted`, `failed`; `running` while none is known."""
        status = "running"
        for event in self.events("run.ended", "run.interrupted", "run.resumed"):
            fact = event.fact
            ended = isinstance(fact, RunEnded | RunInterrupted)
            status = fact.status if ended else "running"
        return status

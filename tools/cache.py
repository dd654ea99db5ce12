"""The cache: answers of deterministic tools, found by what was asked of which version."""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from gaseol.tools.contract import Answer, Tool, ToolCard


@dataclass(frozen=True)
class Key:
    """What an answer depends on: the tool, its version, and the arguments."""

    tool: str
    digest: str
    arguments: Mapping[str, Any]

    @classmethod
    def of(cls, tool: Tool[..., Any] | ToolCard, arguments: Mapping[str, Any]) -> "Key | None":
        """Return the key of a call; None when the tool is not deterministic.

        Args:
            tool: or its card.
            arguments: JSON-able, by name.
        """
        return cls(tool.name, tool.digest, arguments) if tool.deterministic else None

    @property
    def sha256(self) -> str:
        """The address: sha256 of the key as canonical JSON."""
        return hashlib.sha256(_canonical(self._fields())).hexdigest()

    def _fields(self) -> dict[str, Any]:
        return {"tool": self.tool, "digest": self.digest, "arguments": dict(self.arguments)}


@dataclass(frozen=True)
class Found:
    """What the cache has for a key."""

    answer: Answer | None = None
    """None: it must be measured."""
    warning: str | None = None
    """An entry was there, but damaged; it has been dropped."""


class Cache:
    """A folder of answers, one file each, under the sha256 of its key.

    A file holds the sha256 of its second line, then a line of canonical JSON: key and answer.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: Key) -> Found:
        """Return the answer kept for a key, once its bytes are found to be those written."""
        address = key.sha256
        path = self._path(address)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return Found()
        checksum, _, body = content.partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != checksum:
            return self._drop(path, "its bytes are not those written")
        try:
            entry = orjson.loads(body)
            kept = Key(**entry["key"])
            answer = Answer.model_validate(entry["answer"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValidationError) as error:
            return self._drop(path, f"it does not read as an answer ({type(error).__name__})")
        if kept.sha256 != address:
            return self._drop(path, f"it answers another call, of {kept.tool}")
        return Found(answer)

    def put(self, key: Key, answer: Answer) -> bool:
        """Keep a successful answer; say whether it was kept.

        A failure is not: it may be a matter of the machine or the moment.
        """
        if answer.failure is not None:
            return False
        body = _canonical({"key": key._fields(), "answer": answer.model_dump(mode="json")})
        path = self._path(key.sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
            Path(draft).replace(path)  # a reader sees all of it or none
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        return True

    def _path(self, address: str) -> Path:
        return self.folder / address[:2] / address[2:]

    def _drop(self, path: Path, why: str) -> Found:
        path.unlink(missing_ok=True)
        return Found(warning=f"cache entry {path.parent.name}{path.name} was dropped: {why}")


def _canonical(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)

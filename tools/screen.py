"""A screen: a tool that recognises what a list of the operator's names, however it is written.

What recognises molecules or sequences belongs to their fields, and so comes from packs: a tool that
takes `texts`, `file` (the list) and `sha256` (which the list must have), and gives `Screened`. A list
that is none is refused as `bad_arguments`, with the line; one that is asked about no texts is only read.
"""

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from gaseol.tools.contract import Refuse
from gaseol.traces.nouns.failure import FailureKind

LARGEST_LIST = 10_000_000
"""Bytes."""


class Hit(BaseModel):
    """A text that holds what a list names."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    text: int
    """Which of the texts, from 0."""
    entry: str
    """Of the list, by its name."""
    how: str
    """In what way the two are the same."""


class Screened(BaseModel):
    """What came of screening texts."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    entries: int
    """What the list names."""
    hits: tuple[Hit, ...]


def list_text(file: Path, sha256: str) -> str:
    """Return the text of a list, for the tool that reads it.

    Args:
        file: the list.
        sha256: that its bytes must have; empty where any will do.

    Raises:
        Refuse: with kind `bad_arguments`, it cannot be read or is another one.
    """
    try:
        content = file.read_bytes()
        if len(content) > LARGEST_LIST:
            raise _unread(f"{file.name} has more than {LARGEST_LIST:,} bytes")
        if sha256 and hashlib.sha256(content).hexdigest() != sha256:
            raise _unread(f"{file.name} has changed since the run began")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise _unread(f"{file.name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _unread(f"{file.name} is not UTF-8") from None


def _unread(reason: str) -> Refuse:
    return Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)

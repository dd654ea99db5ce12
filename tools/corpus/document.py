"""Documents as they are read from files: what they say of themselves, and their passages."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

PASSAGE = 1200
"""Characters of a passage, at most; a paragraph that fits is not cut."""

Short = Annotated[str, Field(max_length=2000)]
_BREAK = re.compile(r"\n\s*\n")
_SENTENCE = re.compile(r"(?<=[.!?。])\s+|(?<=다\.)\s*|\n")


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Passage(_Value):
    """A piece of text that can be cited."""

    text: str
    page: int = 0
    """From 1, as a reader counts pages; 0 where there are none."""


class Document(_Value):
    """A paper, a record, a row."""

    title: Short = ""
    authors: Short = ""
    year: int | None = None
    venue: Short = ""
    doi: Annotated[str, Field(max_length=500)] = ""
    url: Short = ""
    kind: Annotated[str, Field(max_length=60)] = "text"
    passages: tuple[Passage, ...] = ()


class Reading(_Value):
    """What was read of a file, and where the rest of it begins."""

    documents: tuple[Document, ...]
    next: int = 0
    """Where to go on; 0 at the end of the file."""
    skipped: int = 0
    """Entries that could not be read."""


def passages(text: str, page: int = 0) -> list[Passage]:
    """Return a text cut into passages, at paragraphs, else sentences, else words.

    Args:
        text: with blank lines between paragraphs.
        page: that it stands on.
    """
    found: list[Passage] = []
    held = ""
    for part in _parts(text):
        if held and len(held) + 1 + len(part) > PASSAGE:
            found.append(Passage(text=held, page=page))
            held = ""
        held = f"{held} {part}" if held else part
    if held:
        found.append(Passage(text=held, page=page))
    return found


def _parts(text: str) -> list[str]:
    parts: list[str] = []
    for paragraph in _BREAK.split(text):
        whole = " ".join(paragraph.split())
        if len(whole) <= PASSAGE:
            parts += [whole] if whole else []
            continue
        for sentence in _SENTENCE.split(whole):
            parts += _pieces(sentence)
    return parts


def _pieces(sentence: str) -> list[str]:
    pieces: list[str] = []
    while len(sentence) > PASSAGE:
        at = sentence.rfind(" ", 1, PASSAGE)
        at = PASSAGE if at < 1 else at
        pieces.append(sentence[:at].strip())
        sentence = sentence[at:].strip()
    return [*pieces, sentence] if sentence else pieces

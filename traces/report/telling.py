"""A document in another language: what the code wrote is retold, what people wrote stays."""

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from gaseol.traces.language import Words
from gaseol.traces.report.document import Document

_TOLD = frozenset((
    "reason", "stopped", "proposed_by", "prior", "basis", "prediction", "registration", "fit_note",
    "why_not", "problems", "about", "limits", "purpose", "failure", "note", "title", "score",
))  # fmt: skip
"""Fields whose text the code wrote; the others hold names, numbers and words of people."""
_PEOPLES = ("head",)

T = TypeVar("T")


def told(document: Document, words: Words) -> Document:
    """Return a document retold in a language."""
    if words.language == "en":
        return document
    head = replace(document.head, reason=words.retold(document.head.reason))
    return replace(_told(document, words), head=head)


def _told(value: T, words: Words) -> T:
    changed: dict[str, Any] = {}
    for field in fields(value):  # type: ignore[arg-type]
        inner = getattr(value, field.name)
        if field.name in _PEOPLES:
            continue
        line = field.name == "said" and isinstance(inner, str)
        changed[field.name] = _part(inner, words, text=line or field.name in _TOLD)
    return replace(value, **changed)  # type: ignore[type-var]


def _part(value: Any, words: Words, *, text: bool) -> Any:
    if isinstance(value, str):
        return words.retold(value) if text else value
    if isinstance(value, tuple):
        return tuple(_part(each, words, text=text) for each in value)  # pyright: ignore
    if is_dataclass(value) and not isinstance(value, type):
        return _told(value, words)
    return value

"""Answers of services, opened with care: what is no answer is a typed refusal, never an empty list."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

import orjson
from pydantic import ValidationError

from gaseol.tools import Refuse
from gaseol.tools.sources.records import Record, Records
from gaseol.traces.nouns.failure import FailureKind

_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s<>\"]+")
_YEAR = re.compile(r"(?<![0-9])(1[0-9]{3}|20[0-9]{2}|21[0-9]{2})(?![0-9])")
_INLINE = re.compile(
    r"</?(?:jats:)?(?:b|i|u|em|strong|sub|sup|span|italic|bold|sc)(?:\s[^<>]{0,200})?>", re.I
)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,200}>")


def wrong(source: str, what: str) -> Refuse:
    """Return the refusal of an answer that is not of the documented shape."""
    return Refuse(f"{source} answered in another shape: {what}", kind=FailureKind.WRONG_SHAPE)


def empty(source: str) -> Refuse:
    """Return the refusal of an answer that holds nothing."""
    return Refuse(f"{source} holds nothing for this query", kind=FailureKind.EMPTY)


def check(source: str, status: int, text: str, *, missing: Sequence[int] = (404,)) -> None:
    """Let only a page of status 200 pass.

    Raises:
        Refuse: `empty` for a status that says there is nothing, `unavailable` where a key or an
            address is turned away, `bad_arguments` where the query is, `wrong_shape` otherwise.
    """
    if status == 200:
        return
    said = clean(text)[:200]
    if status in missing:
        raise empty(source)
    if status in (401, 402, 403, 407):
        reason = f"{source} turned the request away ({status}): {said}"
        raise Refuse(reason, kind=FailureKind.UNAVAILABLE)
    if status in (400, 414, 422):
        reason = f"{source} does not understand the query ({status}): {said}"
        raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)
    raise wrong(source, f"status {status}: {said}")


def json_object(source: str, text: str) -> Mapping[str, Any]:
    """Return a JSON object.

    Raises:
        Refuse: with kind `wrong_shape`, the text is none.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise wrong(source, f"no JSON ({error}): {text[:80]!r}") from None
    if not isinstance(value, Mapping):
        raise wrong(source, f"no JSON object but {type(value).__name__}")
    return value


def xml_root(source: str, text: str) -> ElementTree.Element:
    """Return the root of a document whose tags have lost their namespaces.

    A document that declares entities is refused: none of these services needs any.

    Raises:
        Refuse: with kind `wrong_shape`, the text is no such document.
    """
    if "<!ENTITY" in text:
        raise wrong(source, "XML that declares entities")
    try:
        root = ElementTree.fromstring(text.encode())  # noqa: S314 (no entities; in a worker)
    except (ElementTree.ParseError, ValueError) as error:
        raise wrong(source, f"no XML ({error}): {text[:80]!r}") from None
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    return root


def listed(source: str, value: Any, what: str) -> Sequence[Any]:
    """Return a list.

    Raises:
        Refuse: with kind `wrong_shape`, it is none.
    """
    if not isinstance(value, list):
        raise wrong(source, f"'{what}' is no list")
    return value


def some(value: Any) -> Sequence[Any]:
    """Return a list; an empty one where there is none."""
    return value if isinstance(value, list) else []


def within(value: Any, *path: str | int) -> Any:
    """Return what stands at a path in JSON values; None where the path ends early."""
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and len(value) > step else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def inner(element: ElementTree.Element | None, path: str = "") -> str:
    """Return all text inside an element; empty where there is none."""
    if element is not None and path:
        element = element.find(path)
    return "" if element is None else clean("".join(element.itertext()))


def clean(value: Any) -> str:
    """Return text without markup and with single spaces; of anything else, nothing.

    What marks up letters leaves no gap, for `CO<sub>2</sub>` is one word; anything else does.
    """
    if not isinstance(value, str):
        return ""
    return " ".join(html.unescape(_TAG.sub(" ", _INLINE.sub("", value))).split())


def doi(value: Any) -> str:
    """Return the DOI in a text, in lower case; empty where there is none."""
    found = _DOI.search(value) if isinstance(value, str) else None
    return found[0].rstrip(".,;)").lower() if found else ""


def year(value: Any) -> int | None:
    """Return the year in a date."""
    found = _YEAR.search(str(value)) if isinstance(value, str | int) else None
    return int(found[0]) if found else None


def digits(value: Any) -> str:
    """Return the last number in a text or a number, as text."""
    found = re.findall(r"[0-9]{1,9}", str(value)) if isinstance(value, str | int) else []
    return found[-1] if found else ""


def count(value: Any) -> int | None:
    """Return a number of records, whether it stands as a number or as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int) and value >= 0:
        return value
    text = clean(value).replace(",", "")
    return int(text) if re.fullmatch(r"[0-9]{1,12}", text) else None


def names(values: Iterable[Any]) -> tuple[str, ...]:
    """Return the texts among values, cleaned, without empty ones."""
    return tuple(text[:2000] for value in values if (text := clean(value)))


def records(
    source: str, found: Iterable[Record | None], *, total: int | None, cursor: str = ""
) -> Records:
    """Return a page of records.

    Args:
        source: of the page.
        found: None for an entry that is no record.
        total: of all pages.
        cursor: where the next page begins.

    Raises:
        Refuse: `empty`, there are none and the source says so; `wrong_shape`, there are none though
            it says that there are, no entry is a record, or one has a field that no record has.
    """
    try:
        entries = list(found)
    except ValidationError as error:
        flaws = {".".join(map(str, flaw["loc"])) for flaw in error.errors()}
        raise wrong(source, f"an entry whose {', '.join(sorted(flaws))} cannot be") from None
    hits = tuple(record for record in entries if record is not None)
    if hits:
        return Records(source=source, hits=hits, total=total, next=cursor)
    if entries:
        raise wrong(source, f"none of its {len(entries)} entries has an id")
    raise empty(source)

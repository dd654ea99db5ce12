"""Bibliographies: BibTeX and RIS, read entry by entry; a broken entry does not spoil its neighbours."""

import re
from collections.abc import Iterator

from gaseol.tools.corpus.document import Document, passages

_ENTRY = re.compile(r"^[ \t]*@(\w+)\s*[{(]", re.MULTILINE)
_FIELD = re.compile(r"\s*([A-Za-z][\w-]*)\s*=\s*")
_LINE = re.compile(r"^([A-Z][A-Z0-9])  - ?(.*)$")
_COMMAND = re.compile(r"\\[a-zA-Z]+\s?|\\.")
_YEAR = re.compile(r"(?<![0-9])([12][0-9]{3})(?![0-9])")
_LONGEST = 100_000
"""Characters of an entry; a longer one was not closed."""


def bibtex(text: str) -> Iterator[Document | None]:
    """Yield the entries of a BibTeX file; None for one that cannot be read."""
    for found in _ENTRY.finditer(text):
        kind = found[1].lower()
        if kind in ("comment", "preamble", "string"):
            continue
        body = _braced(text, found.end())
        fields = dict(_fields(body)) if body is not None else {}
        yield _document(fields, kind) if fields.get("title") else None


def ris(text: str) -> Iterator[Document | None]:
    """Yield the entries of an RIS file; None for one that cannot be read."""
    entry: dict[str, list[str]] = {}
    for line in text.splitlines():
        found = _LINE.match(line.strip("\ufeff"))
        if found is None:
            continue
        if found[1] == "ER":
            yield _of_ris(entry)
            entry = {}
        else:
            entry.setdefault(found[1], []).append(found[2].strip())
    if entry:
        yield None  # it was not closed


def _of_ris(entry: dict[str, list[str]]) -> Document | None:
    def first(*tags: str) -> str:
        return next((entry[tag][0] for tag in tags if entry.get(tag)), "")

    fields = {
        "title": first("TI", "T1", "CT"),
        "author": "; ".join(entry.get("AU", []) + entry.get("A1", [])),
        "year": first("PY", "Y1", "DA"),
        "journal": first("JO", "JF", "T2", "JA"),
        "doi": first("DO"),
        "url": first("UR", "L1"),
        "abstract": " ".join(entry.get("AB", []) + entry.get("N2", [])),
        "keywords": "; ".join(entry.get("KW", [])),
    }
    return _document(fields, "ris") if fields["title"] else None


def _document(fields: dict[str, str], kind: str) -> Document:
    year = _YEAR.search(fields.get("year", "") or fields.get("date", ""))
    said = [fields["title"], fields.get("abstract", ""), fields.get("keywords", "")]
    doi = re.search(r"10\.[0-9]{4,9}/\S+", fields.get("doi", ""))
    return Document(
        title=fields["title"][:2000],
        authors=re.sub(r"\s+and\s+", "; ", fields.get("author", ""))[:2000],
        year=int(year[1]) if year else None,
        venue=(fields.get("journal") or fields.get("booktitle", ""))[:2000],
        doi=doi[0].lower()[:500] if doi else "",
        url=fields.get("url", "")[:2000],
        kind=kind[:60],
        passages=tuple(passages("\n\n".join(filter(None, said)))),
    )


def _braced(text: str, start: int) -> str | None:
    """Return what stands up to the brace that closes an entry; None where none does."""
    depth = 1
    for at in range(start, min(len(text), start + _LONGEST)):
        if text[at] in "{(" and (text[at] == "{" or depth == 0):
            depth += 1
        elif text[at] == "}" or (text[at] == ")" and depth == 1 and text[start - 1] == "("):
            depth -= 1
            if depth == 0:
                return text[start:at]
    return None


def _fields(body: str) -> Iterator[tuple[str, str]]:
    at = body.find(",") + 1
    while at and (found := _FIELD.match(body, at)):
        value, at = _value(body, found.end())
        yield found[1].lower(), value
        comma = body.find(",", at)
        at = comma + 1 if comma >= 0 else 0


def _value(body: str, start: int) -> tuple[str, int]:
    """Return a field's value and where it ends: in braces, in quotes, or bare."""
    opening = body[start : start + 1]
    if opening == "{":
        inner = _braced(body, start + 1)
        end = start + 2 + len(inner) if inner is not None else len(body)
        return _clean(inner or ""), end
    if opening == '"':
        end = start + 1
        depth = 0
        while end < len(body) and (body[end] != '"' or depth):
            depth += (body[end] == "{") - (body[end] == "}")
            end += 1
        return _clean(body[start + 1 : end]), end + 1
    end = body.find(",", start)
    end = len(body) if end < 0 else end
    return _clean(body[start:end]), end


def _clean(text: str) -> str:
    return " ".join(_COMMAND.sub("", text).replace("{", "").replace("}", "").split())

"""Is what was read out of texts in them, and does a synthesis rest on what was found?

The same rules hold a scientist to the texts during a run and a stranger's check of its record.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from gaseol.traces.inspection.citation import references
from gaseol.traces.nouns.literature import Excerpt, Point
from gaseol.traces.record.blob import AlteredBlob, MissingBlob, WithheldBlob
from gaseol.traces.record.event import (
    EffectCompleted,
    LiteratureExtracted,
    LiteratureFound,
    LiteratureSynthesised,
)
from gaseol.traces.record.trace import Trace

_NUMERAL = re.compile(r"(?<![A-Za-zα-ωΑ-Ω0-9_.])[-+]?\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][-+]?\d+)?")
_POWER = re.compile(r"\s?(?:x|\*)\s?10\s?\^?\s?([-+]?\d{1,3})")
_WORD = re.compile(r"[^\W\d_]{2,}")
_SIGNS = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "×": "x", "·": "*", "⋅": "*", "∙": "*"}
)


def texts(answer: Any) -> dict[str, str]:
    """Return the texts in the answer of a search, by the citation of each.

    Known shapes: passages of a corpus, and records of a source of literature. Anything else, or what
    cannot be cited, holds no text.
    """
    hits = cast("Mapping[str, Any]", answer).get("hits") if isinstance(answer, Mapping) else None
    found: dict[str, str] = {}
    for hit in cast("list[Any]", hits) if isinstance(hits, list) else ():
        if not isinstance(hit, Mapping):
            continue
        row = cast("Mapping[str, Any]", hit)
        cite = cited(row, str(cast("Mapping[str, Any]", answer).get("source", "")))
        text = str(row.get("text") or "")
        if not text:
            text = "\n\n".join(str(row[k]) for k in ("title", "abstract") if row.get(k))
        if cite and text:
            found.setdefault(cite, text)
    return found


def cited(row: Mapping[str, Any], source: str = "") -> str:
    """Return how a record or a passage is cited; empty where it has no name of its own."""
    if row.get("cite"):
        return str(row["cite"])
    for name, mark in (("doi", ""), ("arxiv", "arXiv:"), ("pmid", "PMID:"), ("pmcid", "")):
        if row.get(name):
            return f"{mark}{row[name]}"
    if row.get("url"):
        return str(row["url"])
    return f"{source}:{row['id']}" if row.get("id") else ""


def plain(text: str) -> str:
    """Return a text as it is compared: composed, with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def stands(quote: str, text: str) -> bool:
    """Tell whether a quote stands in a text, word for word."""
    said = plain(quote)
    return bool(said) and said in plain(text)


def numerals(text: str) -> list[tuple[float, int, int]]:
    """Return the numbers in a text, each with its place; digits in names, as in `CO2`, are none.

    A power of ten that follows, as in `3.2 x 10^-5`, belongs to its number.
    """
    said = text.translate(_SIGNS)
    found: list[tuple[float, int, int]] = []
    at = 0
    while match := _NUMERAL.search(said, at):
        number, at = match[0].replace(",", ""), match.end()
        power = _POWER.match(said, at)
        if power:
            number, at = f"{number}e{power[1]}", power.end()
        begin = match.start()
        if number[0] in "+-" and begin and not said[begin - 1].isspace() and said[begin - 1] != "(":
            number, begin = number[1:], begin + 1  # a dash between two numbers
        if math.isfinite(value := float(number)):
            found.append((value, begin, at))
    return found


def flaws(point: Point, found: Iterable[str], excerpts: Iterable[Excerpt]) -> tuple[str, ...]:
    """Return what does not hold of a point.

    Args:
        point: of a synthesis; what it says of its own problems is passed over.
        found: citations of all works that searches had found.
        excerpts: of all works read.
    """
    there = {one for cite in found for one in _names(cite)}
    said = _names(point.text) - {point.text}
    cites = {cite: _names(cite) for cite in point.cites}
    problems = [
        f"cites {cite}, which no search on record had found"
        for cite, names in cites.items()
        if not names & there
    ]
    problems += [
        f"speaks of {name}, which no search on record had found" for name in sorted(said - there)
    ]
    own = [e for e in excerpts if any(_names(e.cite) & names for names in cites.values())]
    read = {name for e in own for name in _names(e.cite)}
    problems += [
        f"cites {cite}, out of which nothing was read"
        for cite, names in cites.items()
        if names & there and not names & read
    ]
    if not cites:
        problems.append("rests on no work")
    bare = point.text
    for cite in sorted(cites, key=len, reverse=True):
        bare = bare.replace(cite, " ")
    known = {number for e in own for number, _, _ in numerals(e.quote)}
    known |= {abs(number) for number in known}
    problems += [
        f"says {bare[a:b]}, which none of its quotes says"
        for number, a, b in numerals(bare)
        if number not in known
    ]
    if own and _strange(bare, own):
        problems.append("shares no word with what was read out of its works")
    return tuple(problem[:300] for problem in problems[:100])


def _strange(text: str, excerpts: Iterable[Excerpt]) -> bool:
    """Tell whether no longer word of a text stands in excerpts, their fields or names.

    Words of four letters count, of another script than Latin their first two.
    """
    said = " ".join(f"{e.quote} {e.about} {e.field.replace('_', ' ')}" for e in excerpts)
    held = plain(said).casefold()
    words = [w for w in _WORD.findall(plain(text).casefold()) if len(w) > 3 or not w.isascii()]
    return bool(words) and not any((w if w.isascii() else w[:2]) in held for w in words)


def _names(text: str) -> set[str]:
    """Return the references in a text; a text without any names itself."""
    found = {str(one) for one in references(text) if one.kind != "number"}
    return found or {text}


def misquoted(trace: Trace) -> Iterator[tuple[int, str]]:
    """Yield position and flaw of whatever was read out of a text and does not stand in it.

    Raises:
        WithheldBlob: a text was withheld from this copy.
        MissingBlob: it is gone.
        AlteredBlob: it is not what it was.
    """
    at: dict[str, int] = {}
    excerpts: list[Excerpt] = []
    kept: dict[int, dict[str, str]] = {}
    wanted = {
        work.request
        for event in trace.events("literature.found")
        if isinstance(event.fact, LiteratureFound)
        for work in event.fact.works
    }
    answers = {
        fact.request: fact
        for event in trace.events("effect.completed")
        if event.data.get("request") in wanted and isinstance(fact := event.fact, EffectCompleted)
    }
    for event in trace.events("literature.found", "literature.extracted", "literature.synthesised"):
        fact = event.fact
        if isinstance(fact, LiteratureFound):
            for work in fact.works:
                at.setdefault(work.cite, work.request)
        elif isinstance(fact, LiteratureExtracted):
            request = at.get(fact.cite, -1)
            if request not in kept:
                answer = answers.get(request)
                kept[request] = texts(trace.payload(answer)) if answer else {}
            text = kept[request].get(fact.cite, "")
            for excerpt in fact.excerpts:
                yield from ((event.seq, what) for what in _unread(excerpt, fact.cite, text))
            excerpts += fact.excerpts
        elif isinstance(fact, LiteratureSynthesised):
            for number, point in enumerate(fact.points, start=1):
                if point.problems != flaws(point, at, excerpts):
                    yield event.seq, f"point {number} has other flaws than it says"


def _unread(excerpt: Excerpt, cite: str, text: str) -> Iterator[str]:
    if excerpt.cite != cite:
        yield f"{excerpt.id} is of {excerpt.cite}, not of {cite}"
    elif not stands(excerpt.quote, text):
        yield f"{excerpt.id} quotes what does not stand in {cite}"
    elif excerpt.said and not stands(excerpt.said, excerpt.quote):
        yield f"{excerpt.id} says a quantity that does not stand in its quote"
    elif excerpt.about and not stands(excerpt.about, text):
        yield f"{excerpt.id} is about something that {cite} does not name"


UNREADABLE = (WithheldBlob, MissingBlob, AlteredBlob)
"""Why a text cannot be held against its quotes."""

"""References in what a scientist wrote, and whether a search on record had found them.

Known forms: DOI, arXiv, PubMed, web address, `[n]`, and a passage of a corpus, `corpus:<12 hex
digits>#<number>`. A reference without an identifier, such as an author with a year, is not
recognised.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from gaseol.traces.record.blob import AlteredBlob, MissingBlob
from gaseol.traces.record.event import EffectCompleted, EffectRequested
from gaseol.traces.record.trace import Trace

_URL = re.compile(r"https?://[^\s<>\"'`{}|\\^]+", re.IGNORECASE)
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s<>\"'`{}|\\^]+", re.IGNORECASE)
_ARXIV = re.compile(
    r"\barxiv(?:\.org/(?:abs|pdf)/|[:\s]\s{0,3})(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})",
    re.IGNORECASE,
)
_BARE_ARXIV = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?", re.IGNORECASE)
_PUBMED = re.compile(
    r"\b(?:PMID[:\s]\s{0,3}|pubmed\.ncbi\.nlm\.nih\.gov/)(\d{1,9})\b", re.IGNORECASE
)
_PMC = re.compile(r"\bPMC\d{4,9}\b", re.IGNORECASE)
_PASSAGE = re.compile(r"\bcorpus:([0-9a-f]{12}#\d{1,6})(?!\d)", re.IGNORECASE)
_NUMBERED = re.compile(r"\[(\d{1,3}(?:\s?[,–-]\s?\d{1,3}){0,9})\]")

_SEARCHES = frozenset(
    [
        "literature",
        "library",
        "librarian",
        "paper",
        "papers",
        "search",
        "arxiv",
        "pubmed",
        "crossref",
        "openalex",
        "scholar",
        "citation",
        "citations",
        "reference",
        "references",
        "bibliography",
        "doi",
        "abstract",
        "abstracts",
        "publication",
        "publications",
        "article",
        "articles",
        "journal",
        "patent",
        "patents",
        "europepmc",
        "semanticscholar",
        "scienceon",
        "kci",
        "ntis",
        "dataon",
        "kipris",
        "corpus",
    ]
)
"""Words in the name of a tool that speaks of literature."""

_LONGEST_RANGE = 50


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """What is cited."""

    kind: str
    """`doi`, `arxiv`, `pmid`, `pmc`, `url`, `passage` or `number`."""
    name: str

    def __str__(self) -> str:
        if self.kind == "passage":
            return f"corpus:{self.name}"
        return f"[{self.name}]" if self.kind == "number" else self.name


@dataclass
class Found:
    """What searches on record had found, and where."""

    places: dict[Reference, int] = field(default_factory=dict[Reference, int])
    """The first answer that holds a reference."""
    searches: list[int] = field(default_factory=list[int])
    """Positions of the answers looked into."""
    unread: list[int] = field(default_factory=list[int])
    """Answers that this copy of the record does not hold."""


def references(text: str) -> set[Reference]:
    """Return what a text cites."""
    found = {Reference("doi", _trimmed(m[0])) for m in _DOI.finditer(text)}
    found |= {Reference("arxiv", m[1].lower()) for m in _ARXIV.finditer(text)}
    found |= {Reference("pmid", m[1]) for m in _PUBMED.finditer(text)}
    found |= {Reference("pmc", m[0].lower()) for m in _PMC.finditer(text)}
    found |= {Reference("passage", m[1].lower()) for m in _PASSAGE.finditer(text)}
    for match in _URL.finditer(text):
        # an address of a DOI or an archive is that reference, said already
        if not any(p.search(match[0]) for p in (_DOI, _ARXIV, _PUBMED, _PMC)):
            found.add(Reference("url", _address(match[0])))
    for match in _NUMBERED.finditer(text):
        found |= {Reference("number", str(n)) for n in _numbers(match[1])}
    return found


def searched(trace: Trace) -> Found:
    """Return every reference in the answers of searches: egress, and tools of literature.

    Raises:
        BrokenLine: a line of the record is no event.
    """
    found, asked = Found(), dict[int, EffectRequested]()
    for event in trace.events("effect.requested", "effect.completed"):
        fact = event.fact
        if isinstance(fact, EffectRequested) and is_search(fact):
            asked[event.seq] = fact
        elif isinstance(fact, EffectCompleted) and fact.request in asked:
            found.searches.append(event.seq)
            try:
                answer = trace.payload(fact)
                question = trace.payload(asked[fact.request])
            except (MissingBlob, AlteredBlob):
                found.unread.append(event.seq)
                continue
            held = set(_held(answer, question))
            if asked[fact.request].effect == "egress":
                # a page repeats what it was asked for, and has no results: a tool reads them out
                held -= _spoken(question)
                held = {each for each in held if each.kind != "number"}
            for reference in held:
                found.places.setdefault(reference, event.seq)
    return found


def is_search(request: EffectRequested) -> bool:
    """Tell whether an effect asks for what others have written."""
    if request.effect == "egress" or request.role == "librarian":
        return True
    words = re.split(r"[^a-z]+", request.name.lower())
    return request.effect == "tool" and bool(_SEARCHES.intersection(words))


def _held(answer: Any, question: Any) -> Iterator[Reference]:
    """Yield the references in an answer; one that merely repeats the question holds none."""
    if isinstance(answer, Mapping) and isinstance(question, Mapping):
        members = cast("Mapping[str, Any]", answer)
        asked = list(cast("Mapping[str, Any]", question).values())
        if not any(value for value in members.values() if value not in asked):
            return
    results = _results(answer)
    yield from (Reference("number", str(n)) for n in range(1, len(results) + 1))
    for name, value in _leaves(answer):
        if isinstance(value, str):
            yield from (r for r in references(value) if r.kind != "number")
        yield from _named(name.lower(), str(value).strip())


def _spoken(question: Any) -> set[Reference]:
    """Return the references in what was asked."""
    texts = (value for _, value in _leaves(question) if isinstance(value, str))
    return set[Reference]().union(*map(references, texts))


def _named(name: str, value: str) -> Iterator[Reference]:
    """Yield what a member says by its name: a bare number is a PubMed id only as `pmid`."""
    if name in ("pmid", "pubmed", "pubmed_id") and value.isdigit():
        yield Reference("pmid", value)
    if name.startswith("arxiv"):
        bare = _BARE_ARXIV.fullmatch(value)
        if bare:
            yield Reference("arxiv", bare[1].lower())
    if name in ("pmcid", "pmc") and _PMC.fullmatch(value):
        yield Reference("pmc", value.lower())


def _results(answer: Any) -> list[Any]:
    """Return the list that an answer is or holds, which `[n]` counts in."""
    if isinstance(answer, list):
        return cast("list[Any]", answer)
    if isinstance(answer, Mapping):
        for value in cast("Mapping[str, Any]", answer).values():
            if isinstance(value, list):
                return cast("list[Any]", value)
    return []


def _leaves(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every number and text in a JSON value, with the name of its member."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        name, each = waiting.pop()
        if isinstance(each, Mapping):
            waiting += cast("Mapping[str, Any]", each).items()
        elif isinstance(each, list):
            waiting += ((name, inner) for inner in cast("list[Any]", each))
        elif isinstance(each, str | int | float):
            yield name, each


def _trimmed(doi: str) -> str:
    """Return a DOI without the punctuation of the sentence it stands in."""
    doi = doi.lower()
    while doi and (doi[-1] in ".,;:!?'\"*_" or _unbalanced(doi)):
        doi = doi[:-1]
    return doi


def _unbalanced(text: str) -> bool:
    opening = {")": "(", "]": "["}.get(text[-1])
    return opening is not None and text.count(opening) < text.count(text[-1])


def _address(url: str) -> str:
    """Return a web address without scheme, `www.`, fragment and a final slash."""
    rest = _trimmed_url(url).split("://", 1)[1].split("#", 1)[0].rstrip("/")
    host, slash, path = rest.partition("/")
    return f"{host.lower().removeprefix('www.')}{slash}{path}"


def _trimmed_url(url: str) -> str:
    while url[-1] in ".,;:!?'\"*_" or _unbalanced(url):
        url = url[:-1]
    return url


def _numbers(said: str) -> Iterable[int]:
    for part in said.split(","):
        ends = [int(n) for n in re.findall(r"\d+", part)]
        if len(ends) == 2 and ends[0] <= ends[1] <= ends[0] + _LONGEST_RANGE:
            yield from range(ends[0], ends[1] + 1)
        else:
            yield from ends

"""Reads by rules: no model, the same every time, and blind beyond a sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from pydantic import TypeAdapter, ValidationError

from gaseol.agents.errand import Errand, Query, Read, Screening, Text
from gaseol.tools import extraction
from gaseol.tools.extraction import named
from gaseol.traces.nouns.literature import Excerpt, Point
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.effects import Effects, Request

BY = "rules"
_READ = TypeAdapter(list[extraction.Read])
_WAYS = {"raises": "that it raises it", "lowers": "that it lowers it",
         "neither": "that it does nothing to it"}  # fmt: skip
_SHOWN = 3


@dataclass(frozen=True)
class EmbeddedLibrarian:
    """Keeps texts that name what is sought, reads them by rules, and counts what they say."""

    effects: Effects
    """Of the run."""

    def queries(self, errand: Errand, docket: Docket) -> Sequence[Query]:
        """Ask every source for the first word of whatever nothing was found on yet."""
        asked = {(search.source, search.query) for search in docket.searches}
        found = {excerpt.field for excerpt in docket.excerpts.values()}
        wanted = [
            Query(source, wanted.terms[0], BY)
            for name, wanted in errand.sought.items()
            if name not in found
            for source in errand.sources
        ]
        return [query for query in wanted if (query.source, query.text) not in asked]

    def screen(self, errand: Errand, texts: Sequence[Text]) -> Screening:
        """Keep texts that name something sought, first those that name most."""
        scored: list[tuple[int, int, str]] = []
        passed: dict[str, str] = {}
        for place, text in enumerate(texts):
            said = f"{text.title} {text.text}"
            hits = sum(
                named(said, wanted.terms) and (not wanted.of or named(said, wanted.of))
                for wanted in errand.sought.values()
            )
            if hits:
                scored.append((-hits, place, text.cite))
            else:
                passed[text.cite] = "it names nothing that is sought"
        kept = [cite for _, _, cite in sorted(scored)]
        rest = dict.fromkeys(kept[errand.most :], f"{errand.most} texts are read at most")
        return Screening(tuple(kept[: errand.most]), {**passed, **rest}, BY)

    def extract(self, errand: Errand, texts: Sequence[Text]) -> Sequence[Read]:
        """Read each text in a worker of its own, in parallel."""
        sought = {
            name: wanted.model_dump(mode="json", exclude_defaults=True)
            for name, wanted in errand.sought.items()
        }
        requests = [
            Request(
                "tool",
                "extract_by_rules",
                {"text": text.text, "sought": sought},
                "librarian",
                text.label,
            )
            for text in texts
        ]
        found: list[Read] = []
        for text, came in zip(texts, self.effects.perform(requests), strict=True):
            if came.failure is not None:
                found.append(Read(text.cite, (), BY, came.failure.reason))
                continue
            try:
                found.append(Read(text.cite, tuple(_READ.validate_python(came.value)), BY))
            except ValidationError:
                found.append(Read(text.cite, (), BY, "the rules answered in another shape"))
        return found

    def synthesise(self, errand: Errand, docket: Docket) -> Sequence[Point]:
        """Say field by field, and name by name, what the works read say."""
        return [
            point
            for name in errand.sought
            for about, own in _by_name(docket, name)
            for point in _points(name, about, own)
        ]


def _by_name(docket: Docket, field: str) -> Iterator[tuple[str, list[Excerpt]]]:
    """Yield the excerpts of a field by what they are about."""
    groups: dict[str, list[Excerpt]] = {}
    for excerpt in docket.excerpts.values():
        if excerpt.field == field:
            groups.setdefault(excerpt.about.casefold(), []).append(excerpt)
    for own in groups.values():
        yield own[0].about, own


def _points(field: str, about: str, own: Sequence[Excerpt]) -> Iterator[Point]:
    # digits in a name are none of a number while the name is in one piece
    words = field if any(map(str.isdigit, field)) else field.replace("_", " ")
    words += f" of {about}" if about else ""
    cites = tuple(dict.fromkeys(excerpt.cite for excerpt in own))
    match own[0].kind:
        case "quantity":
            ranked = sorted(own, key=lambda excerpt: excerpt.value or 0.0)
            said = tuple(dict.fromkeys(excerpt.said for excerpt in ranked))
            text = f"{words}: {'; '.join(said)}"
            if len(said) > _SHOWN:
                text = (
                    f"{words}: from {said[0]} to {said[-1]}, in the middle {_middle(ranked).said}"
                )
            yield Point(text=text, cites=cites, by=BY)
        case "relation":
            for way, said in _WAYS.items():
                works = tuple(dict.fromkeys(e.cite for e in own if e.direction == way))
                if works:
                    yield Point(text=f"{words}: {_count(works)} {said}", cites=works, by=BY)
        case "statement":
            for excerpt in own[:_SHOWN]:
                yield Point(text=f"{words}: “{excerpt.quote}”", cites=(excerpt.cite,), by=BY)


def _middle(ranked: Sequence[Excerpt]) -> Excerpt:
    """Return the excerpt nearest to the median, which itself may be a number that no work says."""
    middle = median(excerpt.value or 0.0 for excerpt in ranked)
    return min(ranked, key=lambda excerpt: abs((excerpt.value or 0.0) - middle))


def _count(works: Sequence[str]) -> str:
    # in words, for a count of works is no number that any of them says
    names = ("one work says", "two works say", "three works say", "four works say")
    return names[len(works) - 1] if len(works) <= len(names) else "many works say"

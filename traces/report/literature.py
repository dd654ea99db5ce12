"""What others have written, as the report shows it: points, the works they cite, quotes."""

from collections.abc import Iterator

from gaseol.traces.language import Words
from gaseol.traces.nouns.literature import Excerpt, Work
from gaseol.traces.report.document import Line, Literature, Reference, Sentence
from gaseol.traces.report.record import Record
from gaseol.traces.report.text import NAME, PARAGRAPH, REASON, STATEMENT, cut

_SHOWN = 200
_QUOTES = 6
"""Quotes of a work that are shown."""
_RULES = "rules"
"""Who puts together in sentences of the code; a model's own stay as they are."""


def literature(record: Record, t: Words) -> Literature | None:
    """Return what was looked up and read, in a language; None where nothing was."""
    docket = record.docket
    if not docket.searches:
        return None
    cited = {cite for point in docket.points for cite in point.cites}
    said: dict[str, list[Excerpt]] = {}
    for excerpt in docket.excerpts.values():
        said.setdefault(excerpt.cite, []).append(excerpt)
    listed = [work for cite, work in docket.works.items() if cite in cited or cite in said]
    numbers = {work.cite: number for number, work in enumerate(listed, start=1)}
    return Literature(
        points=tuple(
            Sentence(
                text=cut(t.retold(point.text) if point.by == _RULES else point.text, PARAGRAPH),
                cites=tuple(numbers[cite] for cite in point.cites if cite in numbers),
                by=cut(point.by, NAME),
                problems=tuple(cut(problem, REASON) for problem in point.problems),
            )
            for point in docket.points[:_SHOWN]
        ),
        at=docket.positions.get("synthesis"),
        missing=tuple(cut(name, NAME) for name in docket.missing),
        references=tuple(
            _reference(record, work, numbers[work.cite], said.get(work.cite, []), t)
            for work in listed[:_SHOWN]
        ),
        unlisted=max(0, len(listed) - _SHOWN),
        searches=tuple(_searches(record, t))[:_SHOWN],
        found=len(docket.works),
        read=len(docket.read),
    )


def _reference(record: Record, work: Work, number: int, said: list[Excerpt], t: Words) -> Reference:
    year = str(work.year) if work.year else ""
    parts = (cut(work.authors, STATEMENT), cut(work.title, STATEMENT), cut(work.venue, NAME), year)
    return Reference(
        number=number,
        cite=cut(work.cite, STATEMENT),
        described=". ".join(part.rstrip(".") for part in parts if part),
        at=work.request,
        quotes=tuple(
            (
                _about(one, t),
                cut(one.quote, PARAGRAPH),
                record.docket.positions[f"excerpt:{one.id}"],
            )
            for one in said[:_QUOTES]
        ),
        unquoted=max(0, len(said) - _QUOTES),
    )


def _about(excerpt: Excerpt, t: Words) -> str:
    field = excerpt.field.replace("_", " ")
    said = t("{field} of {about}", field=field, about=excerpt.about) if excerpt.about else field
    way = f" ({t.retold(excerpt.direction)})" if excerpt.direction else ""
    value = f" = {excerpt.said}" if excerpt.said else ""
    return cut(f"{said}{way}{value}", STATEMENT)


def _searches(record: Record, t: Words) -> Iterator[Line]:
    for search in record.docket.searches:
        said = t.count(len(search.works), "work")
        if search.total is not None and search.total > len(search.works):
            said = t("{works} of {total}", works=said, total=f"{search.total:,}")
        if search.failure is not None:
            kind = t.retold(search.failure.kind.value.replace("_", " "))
            said += f"; {kind}: {t.retold(search.failure.reason)}"
        yield Line(cut(f"{search.source}: {search.query}", STATEMENT), cut(said, REASON))

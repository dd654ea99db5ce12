"""What others have written, as the report shows it: points, the works they cite, quotes."""

from collections.abc import Iterator

from gaseol.traces.nouns.literature import Excerpt, Work
from gaseol.traces.report.document import Line, Literature, Reference, Sentence
from gaseol.traces.report.record import Record
from gaseol.traces.report.text import NAME, PARAGRAPH, REASON, STATEMENT, count, cut

_SHOWN = 200
_QUOTES = 6
"""Quotes of a work that are shown."""


def literature(record: Record) -> Literature | None:
    """Return what was looked up and read; None where nothing was."""
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
                text=cut(point.text, PARAGRAPH),
                cites=tuple(numbers[cite] for cite in point.cites if cite in numbers),
                by=cut(point.by, NAME),
                problems=tuple(cut(problem, REASON) for problem in point.problems),
            )
            for point in docket.points[:_SHOWN]
        ),
        at=docket.positions.get("synthesis"),
        missing=tuple(cut(name, NAME) for name in docket.missing),
        references=tuple(
            _reference(record, work, numbers[work.cite], said.get(work.cite, []))
            for work in listed[:_SHOWN]
        ),
        unlisted=max(0, len(listed) - _SHOWN),
        searches=tuple(_searches(record))[:_SHOWN],
        found=len(docket.works),
        read=len(docket.read),
    )


def _reference(record: Record, work: Work, number: int, said: list[Excerpt]) -> Reference:
    year = str(work.year) if work.year else ""
    parts = (cut(work.authors, STATEMENT), cut(work.title, STATEMENT), cut(work.venue, NAME), year)
    return Reference(
        number=number,
        cite=cut(work.cite, STATEMENT),
        described=". ".join(part.rstrip(".") for part in parts if part),
        at=work.request,
        quotes=tuple(
            (_about(one), cut(one.quote, PARAGRAPH), record.docket.positions[f"excerpt:{one.id}"])
            for one in said[:_QUOTES]
        ),
        unquoted=max(0, len(said) - _QUOTES),
    )


def _about(excerpt: Excerpt) -> str:
    about = f" of {excerpt.about}" if excerpt.about else ""
    way = f" ({excerpt.direction})" if excerpt.direction else ""
    value = f" = {excerpt.said}" if excerpt.said else ""
    return cut(f"{excerpt.field.replace('_', ' ')}{about}{way}{value}", STATEMENT)


def _searches(record: Record) -> Iterator[Line]:
    for search in record.docket.searches:
        said = count(len(search.works), "work")
        if search.total is not None and search.total > len(search.works):
            said += f" of {search.total:,}"
        if search.failure is not None:
            said += f"; {search.failure.kind.value.replace('_', ' ')}: {search.failure.reason}"
        yield Line(cut(f"{search.source}: {search.query}", STATEMENT), cut(said, REASON))

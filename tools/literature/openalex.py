"""OpenAlex: works of all fields (https://docs.openalex.org)."""

from collections.abc import Mapping
from typing import Any

from gaseol.tools import tool
from gaseol.tools.egress.exchange import Ask
from gaseol.tools.egress.pace import Rate
from gaseol.tools.literature.answer import (
    check,
    clean,
    count,
    digits,
    doi,
    json_object,
    listed,
    names,
    records,
    some,
    within,
    year,
)  # fmt: skip
from gaseol.tools.literature.page import pages
from gaseol.tools.sources.connector import Connector, Query
from gaseol.tools.sources.records import Record, Records

KEY = "OPENALEX_API_KEY"


@tool(
    seconds=0.02,
    limit_seconds=30,
    tags=("literature", "reader"),
    examples=pages("openalex.json"),
)
def read_openalex(status: int, text: str) -> Records:
    """Read a page of works from OpenAlex.

    Args:
        status: of the page.
        text: of the page, JSON.
    """
    check("OpenAlex", status, text)
    page = json_object("OpenAlex", text)
    works = listed("OpenAlex", page.get("results"), "results")
    return records(
        "openalex",
        (work_of(work) for work in works),
        total=count(within(page, "meta", "count")),
        cursor=clean(within(page, "meta", "next_cursor")),
    )


def work_of(work: Any) -> Record | None:
    """Return a work as OpenAlex describes it, on a page or in a line of its snapshot."""
    name = clean(within(work, "id")).rpartition("/")[2]
    if not name:
        return None
    authors = some(within(work, "authorships"))
    return Record(
        id=name,
        kind=clean(work.get("type")) or "article",
        title=clean(work.get("title") or work.get("display_name"))[:2000],
        authors=names(within(one, "author", "display_name") for one in authors)[:50],
        year=year(work.get("publication_year")),
        venue=clean(within(work, "primary_location", "source", "display_name"))[:2000],
        doi=doi(work.get("doi")),
        pmid=digits(within(work, "ids", "pmid")),
        url=clean(work.get("id"))[:2000],
        language=clean(work.get("language"))[:20],
        licence=clean(within(work, "best_oa_location", "license"))[:2000],
        abstract=_abstract(work.get("abstract_inverted_index")),
    )


def _abstract(index: Any) -> str:
    """Put an abstract together from where each of its words stands."""
    if not isinstance(index, Mapping):
        return ""
    placed = {
        place: word
        for word, places in index.items()
        if isinstance(places, list)
        for place in places
        if isinstance(place, int)
    }
    return clean(" ".join(str(placed[place]) for place in sorted(placed)))[:20_000]


def _ask(query: Query) -> Ask:
    return Ask(
        url="https://api.openalex.org/works",
        params={
            "search": query.text,
            "per-page": str(query.count),
            "cursor": query.cursor or "*",
            "api_key": f"{{key:{KEY}}}",
        },
    )


openalex = Connector(
    name="openalex",
    summary="works of all fields, with abstracts",
    hosts=("api.openalex.org",),
    ask=_ask,
    reader=read_openalex,
    licence="CC0-1.0",
    source="https://docs.openalex.org",
    rate=Rate(requests=5, seconds=1.0),
    largest=100,
    keys=(KEY,),
)

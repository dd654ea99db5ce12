"""Crossref: what publishers register with their DOIs (https://api.crossref.org)."""

from typing import Any

from gaseol.tools import tool
from gaseol.tools.egress.exchange import Ask
from gaseol.tools.egress.pace import Rate
from gaseol.tools.literature.answer import (
    check,
    clean,
    count,
    doi,
    json_object,
    listed,
    names,
    records,
    some,
    within,
    wrong,
    year,
)  # fmt: skip
from gaseol.tools.literature.page import pages
from gaseol.tools.sources.connector import Connector, Query
from gaseol.tools.sources.records import Record, Records

KEY = "CROSSREF_MAILTO"


@tool(
    seconds=0.02,
    limit_seconds=30,
    tags=("literature", "reader"),
    examples=pages("crossref.json"),
)
def read_crossref(status: int, text: str) -> Records:
    """Read a list of works from Crossref.

    Args:
        status: of the page.
        text: of the page, JSON.
    """
    check("Crossref", status, text)
    page = json_object("Crossref", text)
    if page.get("status") != "ok":
        raise wrong("Crossref", f"status is {page.get('status')!r}")
    message = page.get("message")
    works = listed("Crossref", within(message, "items"), "message.items")
    # the cursor is handed out after the last page too
    more = clean(within(message, "next-cursor")) if works else ""
    return records(
        "crossref", map(_work, works), total=count(within(message, "total-results")), cursor=more
    )


def _work(work: Any) -> Record | None:
    name = doi(within(work, "DOI"))
    if not name:
        return None
    authors = some(within(work, "author"))
    people = (
        f"{clean(within(one, 'given'))} {clean(within(one, 'family') or within(one, 'name'))}"
        for one in authors
    )
    return Record(
        id=name,
        kind=clean(work.get("type")) or "article",
        title=clean(within(work, "title", 0))[:2000],
        authors=names(people)[:50],
        year=year(within(work, "issued", "date-parts", 0, 0)),
        venue=clean(within(work, "container-title", 0))[:2000],
        doi=name,
        url=clean(work.get("URL"))[:2000],
        language=clean(work.get("language"))[:20],
        licence=clean(within(work, "license", 0, "URL"))[:2000],
        abstract=clean(work.get("abstract"))[:20_000],
    )


def _ask(query: Query) -> Ask:
    return Ask(
        url="https://api.crossref.org/v1/works",
        params={
            "query": query.text,
            "rows": str(query.count),
            "cursor": query.cursor or "*",
            "mailto": f"{{key:{KEY}}}",
        },
    )


crossref = Connector(
    name="crossref",
    summary="what publishers register with their DOIs",
    hosts=("api.crossref.org",),
    ask=_ask,
    reader=read_crossref,
    licence="CC0-1.0 (metadata); abstracts belong to their publishers",
    source="https://api.crossref.org",
    rate=Rate(requests=5, seconds=1.0, connections=1),
    largest=100,
    keys=(KEY,),
    optional=(KEY,),
)

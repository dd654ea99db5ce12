"""Semantic Scholar: papers of all fields (https://api.semanticscholar.org/api-docs)."""

from typing import Any

from gaseol.tools import tool
from gaseol.tools.egress.exchange import Ask
from gaseol.tools.literature.answer import (
    check,
    clean,
    count,
    digits,
    doi,
    empty,
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

KEY = "SEMANTIC_SCHOLAR_API_KEY"
_FIELDS = "title,year,abstract,authors,externalIds,venue,url,publicationTypes"


@tool(
    seconds=0.02,
    limit_seconds=30,
    tags=("literature", "reader"),
    examples=pages("semanticscholar.json"),
)
def read_semanticscholar(status: int, text: str) -> Records:
    """Read a page of papers from Semantic Scholar.

    Args:
        status: of the page.
        text: of the page, JSON.
    """
    check("Semantic Scholar", status, text)
    page = json_object("Semantic Scholar", text)
    if page.get("total") == 0 and "data" not in page:
        raise empty("Semantic Scholar")
    papers = listed("Semantic Scholar", page.get("data"), "data")
    more = count(page.get("next"))
    return records(
        "semanticscholar",
        map(_work, papers),
        total=count(page.get("total")),
        cursor="" if more is None else str(more),
    )


def _work(paper: Any) -> Record | None:
    name = clean(within(paper, "paperId"))
    if not name:
        return None
    pmc = digits(within(paper, "externalIds", "PubMedCentral"))
    return Record(
        id=name,
        title=clean(paper.get("title"))[:2000],
        authors=names(within(one, "name") for one in some(paper.get("authors")))[:50],
        year=year(paper.get("year")),
        venue=clean(paper.get("venue"))[:2000],
        doi=doi(within(paper, "externalIds", "DOI")),
        pmid=digits(within(paper, "externalIds", "PubMed")),
        pmcid=f"PMC{pmc}" if pmc else "",
        arxiv=clean(within(paper, "externalIds", "ArXiv"))[:60],
        url=clean(paper.get("url"))[:2000],
        abstract=clean(paper.get("abstract"))[:20_000],
    )


def _ask(query: Query) -> Ask:
    return Ask(
        url="https://api.semanticscholar.org/graph/v1/paper/search",
        params={
            "query": query.text,
            "limit": str(query.count),
            "offset": query.cursor or "0",
            "fields": _FIELDS,
        },
        headers={"x-api-key": f"{{key:{KEY}}}"},
    )


semanticscholar = Connector(
    name="semanticscholar",
    summary="papers of all fields",
    hosts=("api.semanticscholar.org",),
    ask=_ask,
    reader=read_semanticscholar,
    licence="ODC-By-1.0",
    source="https://api.semanticscholar.org/api-docs/graph",
    largest=100,
    keys=(KEY,),
    optional=(KEY,),
)

"""Europe PMC: life sciences (https://europepmc.org/RestfulWebService)."""

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
    within,
    year,
)  # fmt: skip
from gaseol.tools.literature.page import pages
from gaseol.tools.sources.connector import Connector, Query
from gaseol.tools.sources.records import Record, Records


@tool(
    seconds=0.02,
    limit_seconds=30,
    tags=("literature", "reader"),
    examples=pages("europepmc.json"),
)
def read_europepmc(status: int, text: str) -> Records:
    """Read a page of works from Europe PMC.

    Args:
        status: of the page.
        text: of the page, JSON.
    """
    check("Europe PMC", status, text)
    page = json_object("Europe PMC", text)
    works = listed("Europe PMC", within(page, "resultList", "result"), "resultList.result")
    more = clean(page.get("nextCursorMark"))
    return records("europepmc", map(_work, works), total=count(page.get("hitCount")), cursor=more)


def _work(work: Any) -> Record | None:
    name = clean(within(work, "id"))
    if not name:
        return None
    pmc = clean(work.get("pmcid"))
    venue = within(work, "journalInfo", "journal", "title") or work.get("journalTitle")
    return Record(
        id=f"{clean(work.get('source')) or 'MED'}:{name}",
        kind="preprint" if work.get("source") == "PPR" else "article",
        title=clean(work.get("title"))[:2000],
        authors=names(str(work.get("authorString") or "").rstrip(".").split(", "))[:50],
        year=year(work.get("pubYear")),
        venue=clean(venue)[:2000],
        doi=doi(work.get("doi")),
        pmid=digits(work.get("pmid")),
        pmcid=f"PMC{digits(pmc)}" if digits(pmc) else "",
        language=clean(work.get("language"))[:20],
        licence=clean(work.get("license"))[:2000],
        abstract=clean(work.get("abstractText"))[:20_000],
    )


def _ask(query: Query) -> Ask:
    return Ask(
        url="https://www.ebi.ac.uk/europepmc/webservices/rest/search",
        params={
            "query": query.text,
            "format": "json",
            "resultType": "core",
            "pageSize": str(query.count),
            "cursorMark": query.cursor or "*",
        },
    )


europepmc = Connector(
    name="europepmc",
    summary="life sciences, with abstracts and preprints",
    hosts=("www.ebi.ac.uk",),
    ask=_ask,
    reader=read_europepmc,
    licence="metadata free to use; each abstract under its own licence",
    source="https://europepmc.org/RestfulWebService",
    rate=Rate(requests=5, seconds=1.0),
    largest=100,
)

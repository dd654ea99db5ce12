"""DataON of KISTI: research data (https://dataon.kisti.re.kr)."""

from typing import Any

from gaseol.tools import tool
from gaseol.tools.egress.exchange import Ask
from gaseol.tools.literature.answer import (
    check,
    clean,
    count,
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

KEY = "DATAON_API_KEY"


@tool(
    seconds=0.02,
    limit_seconds=30,
    tags=("literature", "reader"),
    examples=pages("dataon.json"),
)
def read_dataon(status: int, text: str) -> Records:
    """Read a page of data sets from DataON.

    Args:
        status: of the page.
        text: of the page, JSON.
    """
    check("DataON", status, text)
    page = json_object("DataON", text)
    rows = listed("DataON", page.get("records"), "records")
    said = page.get("response")
    total = within(said, "total count")
    return records("dataon", map(_set, rows), total=count(total))


def _set(row: Any) -> Record | None:
    name = clean(within(row, "svc_id"))
    if not name:
        return None

    def text(*keys: str) -> str:
        values = (row.get(key) for key in keys)
        first = (value[0] if isinstance(value, list) and value else value for value in values)
        return next(filter(None, map(clean, first)), "")

    return Record(
        id=name[:500],
        kind="dataset",
        title=text("dataset_title_kor", "dataset_title_etc_main")[:2000],
        authors=names(text("dataset_creator_kor", "dataset_creator_etc_main").split(";"))[:50],
        year=year(text("dataset_pub_dt_pc", "dataset_pub_dt")),
        doi=doi(text("dataset_doi")),
        url=text("dataset_lndgpg")[:2000],
        licence=text("dataset_cc_license_pc")[:2000],
        abstract=text("dataset_expl_kor", "dataset_expl_etc_main")[:20_000],
    )


def _ask(query: Query) -> Ask:
    return Ask(
        url="https://dataon.kisti.re.kr/rest/api/search/dataset",
        params={
            "key": f"{{key:{KEY}}}",
            "query": query.text,
            "from": query.cursor or "0",
            "size": str(query.count),
        },
    )


dataon = Connector(
    name="dataon",
    summary="research data of Korean institutes (KISTI); the first page",
    hosts=("dataon.kisti.re.kr",),
    ask=_ask,
    reader=read_dataon,
    licence="each data set under its own",
    source="https://dataon.kisti.re.kr",
    keys=(KEY,),
)

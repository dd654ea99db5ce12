"""KIPRIS Plus: Korean patents (https://plus.kipris.or.kr)."""

from xml.etree.ElementTree import Element

from gaseol.tools import Refuse, tool
from gaseol.tools.egress.exchange import Ask
from gaseol.tools.literature.answer import (
    check,
    count,
    inner,
    names,
    records,
    wrong,
    xml_root,
    year,
)  # fmt: skip
from gaseol.tools.literature.page import pages
from gaseol.tools.sources.connector import Connector, Query
from gaseol.tools.sources.records import Record, Records
from gaseol.traces.nouns.failure import FailureKind

KEY = "KIPRIS_SERVICE_KEY"
_PAGE = 100


@tool(seconds=0.02, limit_seconds=30, tags=("literature", "reader"), examples=pages("kipris.xml"))
def read_kipris(status: int, text: str) -> Records:
    """Read a page of patents from KIPRIS Plus.

    Args:
        status: of the page.
        text: of the page, XML.
    """
    check("KIPRIS", status, text)
    root = xml_root("KIPRIS", text)
    code = inner(root, "header/resultCode")
    if root.tag != "response" or root.find("header") is None:
        raise wrong("KIPRIS", f"<{root.tag}> without <header>")
    if code not in ("", "00") or inner(root, "header/successYN") == "N":
        reason = f"KIPRIS turned the request away ({code}): {inner(root, 'header/resultMsg')}"
        raise Refuse(reason, kind=FailureKind.UNAVAILABLE)
    total = count(inner(root, "count/totalCount"))
    if total is None:
        raise wrong("KIPRIS", "it does not say how many there are")
    page = count(inner(root, "count/pageNo")) or 1
    entries = root.findall("body/items/item")
    more = str(page + 1) if entries and page * _PAGE < total else ""
    return records("kipris", map(_patent, entries), total=total, cursor=more)


def _patent(entry: Element) -> Record | None:
    name = inner(entry, "applicationNumber")
    if not name:
        return None
    return Record(
        id=name[:500],
        kind="patent",
        title=inner(entry, "inventionTitle")[:2000],
        authors=names(inner(entry, "applicantName").split("|"))[:50],
        year=year(inner(entry, "applicationDate")[:4]),
        language="ko",
        abstract=inner(entry, "astrtCont")[:20_000],
        data={
            tag: said
            for tag in ("ipcNumber", "registerStatus", "openNumber", "registerNumber")
            if (said := inner(entry, tag))
        },
    )


def _ask(query: Query) -> Ask:
    return Ask(
        url="https://plus.kipris.or.kr/kipo-api/kipi/patUtiModInfoSearchSevice/getWordSearch",
        params={
            "word": query.text,
            "numOfRows": str(_PAGE),
            "pageNo": query.cursor or "1",
            # handed out percent-encoded or not; as a parameter it is encoded once, when it is sent
            "ServiceKey": f"{{key:{KEY}}}",
        },
    )


kipris = Connector(
    name="kipris",
    summary="Korean patents and utility models, with abstracts",
    hosts=("plus.kipris.or.kr",),
    ask=_ask,
    reader=read_kipris,
    licence="as agreed with KIPRIS Plus for the key",
    source="https://plus.kipris.or.kr",
    largest=_PAGE,
    keys=(KEY,),
)

"""KCI: articles of Korean journals (https://open.kci.go.kr)."""

from xml.etree.ElementTree import Element

from gaseol.tools import Refuse, tool
from gaseol.tools.egress.exchange import Ask
from gaseol.tools.literature.answer import (
    check,
    count,
    doi,
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

KEY = "KCI_API_KEY"
_PAGE = 100


@tool(seconds=0.02, limit_seconds=30, tags=("literature", "reader"), examples=pages("kci.xml"))
def read_kci(status: int, text: str) -> Records:
    """Read a page of articles from KCI.

    Args:
        status: of the page.
        text: of the page, XML.
    """
    check("KCI", status, text)
    root = xml_root("KCI", text)
    output = root.find("outputData")
    if output is None:
        raise wrong("KCI", f"<{root.tag}> without <outputData>")
    total = count(inner(output, "result/total"))
    if total is None:
        message = inner(output, "result/resultMsg") or inner(output, "result")
        reason = f"KCI turned the request away: {message}"
        raise Refuse(reason, kind=FailureKind.UNAVAILABLE)
    page = count(inner(root, "inputData/page")) or 1
    entries = output.findall("record")
    more = str(page + 1) if entries and page * _PAGE < total else ""
    return records("kci", map(_work, entries), total=total, cursor=more)


def _work(entry: Element) -> Record | None:
    article = entry.find("articleInfo")
    name = "" if article is None else article.get("article-id", "")
    if article is None or not name:
        return None
    return Record(
        id=name[:500],
        title=inner(article, "title-group/article-title")[:2000],
        authors=names(inner(one) for one in article.iterfind("author-group/author"))[:50],
        year=year(inner(entry, "journalInfo/pub-year")),
        venue=inner(entry, "journalInfo/journal-name")[:2000],
        doi=doi(inner(article, "doi")),
        url=inner(article, "url")[:2000],
        abstract=inner(article, "abstract-group/abstract")[:20_000],
    )


def _ask(query: Query) -> Ask:
    return Ask(
        url="https://open.kci.go.kr/po/openapi/openApiSearch.kci",
        params={
            "apiCode": "articleSearch",
            "key": f"{{key:{KEY}}}",
            "title": query.text,
            "displayCount": str(_PAGE),
            "page": query.cursor or "1",
        },
    )


kci = Connector(
    name="kci",
    summary="articles of Korean journals, by words of the title",
    hosts=("open.kci.go.kr",),
    ask=_ask,
    reader=read_kci,
    licence="as agreed with KCI for the key",
    source="https://www.kci.go.kr/kciportal/po/openapi/openApiList.kci",
    largest=_PAGE,
    keys=(KEY,),
)

"""NTIS: Korea's publicly funded research projects (https://www.ntis.go.kr/rndopen)."""

from xml.etree.ElementTree import Element

from gaseol.tools import Refuse, tool
from gaseol.tools.egress.exchange import Ask
from gaseol.tools.literature.answer import (
    check,
    clean,
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

KEY = "NTIS_API_KEY"
_PAGE = 100


@tool(seconds=0.02, limit_seconds=30, tags=("literature", "reader"), examples=pages("ntis.xml"))
def read_ntis(status: int, text: str) -> Records:
    """Read a page of research projects from NTIS.

    Args:
        status: of the page.
        text: of the page, XML.
    """
    check("NTIS", status, text)
    root = xml_root("NTIS", text)
    if root.tag.lower() == "error":
        # an address that is not registered for the key is told so with status 200
        reason = f"NTIS turned the request away: {inner(root)}"
        raise Refuse(reason, kind=FailureKind.UNAVAILABLE)
    said = {e.tag.upper(): clean(e.text or "") for e in root if isinstance(e.tag, str)}
    total = count(said.get("TOTALHITS"))
    if root.tag.upper() != "RESULT" or total is None:
        raise wrong("NTIS", f"<{root.tag}> that does not say how many there are")
    entries = root.findall(".//HIT")
    return records("ntis", map(_project, entries), total=total)


def _project(entry: Element) -> Record | None:
    name = inner(entry, "ProjectNumber")
    if not name:
        return None
    return Record(
        id=name[:500],
        kind="project",
        title=(inner(entry, "ProjectTitle/Korean") or inner(entry, "ProjectTitle"))[:2000],
        authors=names([inner(entry, "Manager/Name")]),
        year=year(inner(entry, "ProjectYear")),
        venue=inner(entry, "ResearchAgency/Name")[:2000],
        language="ko",
        abstract=(inner(entry, "Abstract/Full") or inner(entry, "Abstract"))[:20_000],
    )


def _ask(query: Query) -> Ask:
    return Ask(
        url="https://www.ntis.go.kr/rndopen/openApi/public_project",
        params={
            "apprvKey": f"{{key:{KEY}}}",
            "SRWR": query.text,
            "searchFd": "BI",
            "startPosition": "1",
            "displayCnt": str(_PAGE),
        },
    )


ntis = Connector(
    name="ntis",
    summary="Korea's publicly funded research projects; the first hundred",
    hosts=("www.ntis.go.kr",),
    ask=_ask,
    reader=read_ntis,
    licence="as agreed with NTIS for the key",
    source="https://www.ntis.go.kr/rndopen/api/mng/apiMain.do",
    largest=_PAGE,
    keys=(KEY,),
)

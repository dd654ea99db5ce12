"""arXiv: preprints of physics, mathematics and more (https://info.arxiv.org/help/api)."""

from xml.etree.ElementTree import Element

from gaseol.tools import Refuse, tool
from gaseol.tools.egress.exchange import Ask
from gaseol.tools.egress.pace import Rate
from gaseol.tools.literature.answer import (
    check,
    count,
    doi,
    inner,
    records,
    wrong,
    xml_root,
    year,
)  # fmt: skip
from gaseol.tools.literature.page import pages
from gaseol.tools.sources.connector import Connector, Query
from gaseol.tools.sources.records import Record, Records
from gaseol.traces.nouns.failure import FailureKind


@tool(seconds=0.02, limit_seconds=30, tags=("literature", "reader"), examples=pages("arxiv.xml"))
def read_arxiv(status: int, text: str) -> Records:
    """Read a feed of preprints from arXiv.

    Args:
        status: of the page.
        text: of the page, Atom.
    """
    check("arXiv", status, text)
    root = xml_root("arXiv", text)
    if root.tag != "feed":
        raise wrong("arXiv", f"<{root.tag}> where <feed> is due")
    entries = root.findall("entry")
    for entry in entries:
        if "/api/errors" in inner(entry, "id"):
            reason = f"arXiv does not understand the query: {inner(entry, 'summary')}"
            raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)
    total, start = count(inner(root, "totalResults")), count(inner(root, "startIndex"))
    if total is None or start is None:
        raise wrong("arXiv", "the feed does not say how many there are")
    after = start + len(entries)
    more = str(after) if entries and after < total else ""
    return records("arxiv", map(_work, entries), total=total, cursor=more)


def _work(entry: Element) -> Record | None:
    name = inner(entry, "id").partition("/abs/")[2]
    if not name:
        return None
    bare, version, number = name.rpartition("v")
    bare = bare if version and number.isdigit() else name
    return Record(
        id=name,
        kind="preprint",
        title=inner(entry, "title")[:2000],
        authors=tuple(inner(one, "name")[:2000] for one in entry.iterfind("author"))[:50],
        year=year(inner(entry, "published")),
        venue=inner(entry, "journal_ref")[:2000] or "arXiv",
        doi=doi(inner(entry, "doi")),
        arxiv=bare[:60],
        url=f"https://arxiv.org/abs/{name}"[:2000],
        abstract=inner(entry, "summary")[:20_000],
    )


def _ask(query: Query) -> Ask:
    # words are put together with AND; whoever writes fields himself is left alone
    plain = ":" not in query.text
    words = " AND ".join(f"all:{word}" for word in query.text.split()) if plain else query.text
    return Ask(
        url="https://export.arxiv.org/api/query",
        params={
            "search_query": words,
            "start": query.cursor or "0",
            "max_results": str(query.count),
        },
    )


arxiv = Connector(
    name="arxiv",
    summary="preprints of physics, mathematics, computing and more",
    hosts=("export.arxiv.org",),
    ask=_ask,
    reader=read_arxiv,
    licence="CC0-1.0 (metadata); each preprint under its own licence",
    source="https://info.arxiv.org/help/api/user-manual.html",
    rate=Rate(requests=1, seconds=3.0, connections=1),
    largest=100,
)

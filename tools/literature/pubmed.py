"""PubMed by the E-utilities: ids first, then their records (https://eutils.ncbi.nlm.nih.gov)."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from gaseol.tools import Refuse, tool
from gaseol.tools.egress.exchange import Ask
from gaseol.tools.egress.pace import Rate
from gaseol.tools.literature.answer import (
    check,
    clean,
    count,
    digits,
    doi,
    inner,
    json_object,
    listed,
    records,
    within,
    wrong,
    xml_root,
    year,
)  # fmt: skip
from gaseol.tools.literature.page import pages
from gaseol.tools.sources.connector import Connector, Details, Query
from gaseol.tools.sources.records import Record, Records
from gaseol.traces.nouns.failure import FailureKind

KEY, MAIL = "NCBI_API_KEY", "NCBI_EMAIL"
_OURS = {"db": "pubmed", "tool": "gaseol", "email": f"{{key:{MAIL}}}", "api_key": f"{{key:{KEY}}}"}
_PLACE = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"


@tool(
    seconds=0.02,
    limit_seconds=30,
    tags=("literature", "reader"),
    examples=pages("pubmed_ids.json"),
)
def read_pubmed_ids(status: int, text: str) -> Records:
    """Read the ids that PubMed finds for a query; the records come with another page.

    Args:
        status: of the page.
        text: of the page, JSON of `esearch`.
    """
    check("PubMed", status, text)
    result = within(json_object("PubMed", text), "esearchresult")
    if message := clean(within(result, "ERROR")):
        reason = f"PubMed does not understand the query: {message}"
        raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)
    ids = [digits(one) for one in listed("PubMed", within(result, "idlist"), "idlist")]
    total, start = count(within(result, "count")), count(within(result, "retstart")) or 0
    after = start + len(ids)
    return records(
        "pubmed",
        (Record(id=one, pmid=one) if one else None for one in ids),
        total=total,
        cursor=str(after) if ids and total is not None and after < total else "",
    )


@tool(seconds=0.05, limit_seconds=30, tags=("literature", "reader"), examples=pages("pubmed.xml"))
def read_pubmed(status: int, text: str) -> Records:
    """Read records from PubMed.

    Args:
        status: of the page.
        text: of the page, XML of `efetch`.
    """
    check("PubMed", status, text)
    root = xml_root("PubMed", text)
    if root.tag != "PubmedArticleSet":
        raise wrong("PubMed", f"<{root.tag}> where <PubmedArticleSet> is due")
    return records("pubmed", map(_work, root.iterfind("PubmedArticle")), total=None)


def _work(entry: Element) -> Record | None:
    article, pmid = entry.find("MedlineCitation/Article"), inner(entry, "MedlineCitation/PMID")
    if article is None or not digits(pmid):
        return None
    ids = {
        one.get("IdType", ""): inner(one)
        for one in entry.iterfind("PubmedData/ArticleIdList/ArticleId")
    }
    date = article.find("Journal/JournalIssue/PubDate")
    sections = (
        f"{one.get('Label')}: {inner(one)}" if one.get("Label") else inner(one)
        for one in article.iterfind("Abstract/AbstractText")
    )
    people = (
        " ".join(filter(None, (inner(one, "ForeName"), inner(one, "LastName"))))
        or inner(one, "CollectiveName")
        for one in article.iterfind("AuthorList/Author")
    )
    pmc = digits(ids.get("pmc", ""))
    return Record(
        id=digits(pmid),
        title=inner(article, "ArticleTitle")[:2000],
        authors=tuple(name[:2000] for name in people if name)[:50],
        year=year(inner(date, "Year") or inner(date, "MedlineDate")),
        venue=inner(article, "Journal/Title")[:2000],
        doi=doi(ids.get("doi", "")),
        pmid=digits(pmid),
        pmcid=f"PMC{pmc}" if pmc else "",
        language=inner(article, "Language")[:20],
        abstract=" ".join(sections)[:20_000],
    )


def _ask(query: Query) -> Ask:
    return Ask(
        url=f"{_PLACE}/esearch.fcgi",
        params={
            **_OURS,
            "term": query.text,
            "retmode": "json",
            "retmax": str(query.count),
            "retstart": query.cursor or "0",
        },
    )


def _ask_details(ids: Sequence[str]) -> Ask:
    return Ask(url=f"{_PLACE}/efetch.fcgi", params={**_OURS, "id": ",".join(ids), "retmode": "xml"})


pubmed = Connector(
    name="pubmed",
    summary="biomedicine, with abstracts",
    hosts=("eutils.ncbi.nlm.nih.gov",),
    ask=_ask,
    reader=read_pubmed_ids,
    details=Details(_ask_details, read_pubmed),
    licence="metadata free to use; abstracts may belong to their publishers",
    source="https://www.ncbi.nlm.nih.gov/books/NBK25501/",
    rate=Rate(requests=3, seconds=1.0),
    largest=100,
    keys=(KEY, MAIL),
    optional=(KEY, MAIL),
)

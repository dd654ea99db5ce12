"""Texts with markup: JATS and other XML, HTML, Markdown, plain."""

import html
import re
from html.parser import HTMLParser
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from gaseol.tools import Refuse
from gaseol.tools.corpus.document import Document, Passage, passages
from gaseol.traces.nouns.failure import FailureKind

_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s<>\"]+")
_SILENT = frozenset({"script", "style", "noscript", "template", "svg", "math", "head"})
_BLOCK = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "ul",
        "ol",
        "table",
        "tr",
        "td",
        "th",
        "br",
        "pre",
        "blockquote",
    ]
)
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_FENCE = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)


def xml_document(text: str, name: str) -> Document:
    """Return a document of JATS, or of whatever XML as its plain text.

    Raises:
        Refuse: with kind `wrong_shape`, it is no XML, or declares entities.
    """
    if "<!ENTITY" in text:
        raise Refuse(
            f"{name} declares entities, which are not expanded", kind=FailureKind.WRONG_SHAPE
        )
    try:
        root = ElementTree.fromstring(text.encode())  # noqa: S314 (no entities; in a worker)
    except (ElementTree.ParseError, ValueError) as error:
        raise Refuse(f"{name} is no XML: {error}", kind=FailureKind.WRONG_SHAPE) from None
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    article = root if root.tag == "article" else root.find(".//article")
    if article is None:
        text = "\n\n".join(" ".join(part.split()) for part in root.itertext())
        return Document(title=name, kind="xml", passages=tuple(passages(text)))
    return _jats(article)


def _jats(article: Element) -> Document:
    meta = article.find("front/article-meta")
    people = () if meta is None else meta.iterfind("contrib-group/contrib[@contrib-type='author']")
    names = [
        f"{_text(one.find('name/given-names'))} {_text(one.find('name/surname'))}".strip()
        for one in people
    ]
    parts = ["\n\n".join(_text(one) for one in article.iterfind("front/article-meta/abstract"))]
    parts += [_text(one) for one in article.iterfind("body//p")] or [_text(article.find("body"))]
    doi = _text(article.find("front/article-meta/article-id[@pub-id-type='doi']"))
    return Document(
        title=_text(article.find("front/article-meta/title-group/article-title"))[:2000],
        authors="; ".join(filter(None, names))[:2000],
        year=_year(_text(article.find("front/article-meta/pub-date/year"))),
        venue=_text(article.find("front/journal-meta//journal-title"))[:2000],
        doi=doi.lower()[:500],
        kind="jats",
        passages=tuple(passages("\n\n".join(filter(None, parts)))),
    )


def html_document(text: str, name: str) -> Document:
    """Return a page's title and text, without scripts and the like."""
    page = _Page()
    page.feed(text)
    page.close()
    body = "".join(page.said)
    title = " ".join(page.title.split()) or name
    return Document(title=title[:2000], kind="html", passages=tuple(passages(body)))


def plain_document(text: str, name: str, kind: str = "text") -> Document:
    """Return a document of Markdown or plain text; its title is its first heading."""
    front = _FENCE.match(text)
    given = re.search(r"^title:\s*[\"']?(.+?)[\"']?\s*$", front[1], re.MULTILINE) if front else None
    body = text[front.end() :] if front else text
    heading = _HEADING.search(body) if kind == "markdown" else None
    title = given[1] if given else heading[1] if heading else name
    found: tuple[Passage, ...] = tuple(passages(body))
    doi = _DOI.search(front[1]) if front else None
    return Document(
        title=title[:2000], kind=kind, passages=found, doi=doi[0].lower()[:500] if doi else ""
    )


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.title = ""
        self._silent: list[str] = []
        self._titled = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag == "title":
            self._titled = not self.title
        elif tag in _SILENT:
            self._silent.append(tag)
        elif tag in _BLOCK:
            self.said.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._titled = False
        elif tag in self._silent:
            while self._silent.pop() != tag:
                pass
        elif tag in _BLOCK:
            self.said.append("\n\n")

    def handle_data(self, data: str) -> None:
        if self._titled:
            self.title += data
        elif not self._silent:
            self.said.append(data)


def _text(element: Element | None) -> str:
    if element is None:
        return ""
    return " ".join(html.unescape("".join(element.itertext())).split())


def _year(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[12][0-9]{3}", text) else None

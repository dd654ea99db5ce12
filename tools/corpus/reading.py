"""Files read in isolated workers: whatever is in one, it ends in documents or in a typed failure."""

from pathlib import Path

from gaseol.tools import Example, Refuse, tool
from gaseol.tools.corpus.bibliography import bibtex, ris
from gaseol.tools.corpus.decoding import decoded, whole
from gaseol.tools.corpus.document import Document, Passage, Reading, passages
from gaseol.tools.corpus.markup import html_document, plain_document, xml_document
from gaseol.tools.corpus.rows import json_lines, table
from gaseol.traces.nouns.failure import FailureKind

PDF = (".pdf",)
TEXT = (
    ".xml", ".nxml", ".jats", ".html", ".htm", ".xhtml", ".md", ".markdown", ".txt", ".bib",
    ".bibtex", ".ris", ".csv", ".tsv", ".jsonl", ".ndjson", ".jsonl.gz", ".gz",
)  # fmt: skip
"""What is read, by the ends of names."""
PAGES = 3000
"""Pages of a PDF that are read."""
_PAGE = Path(__file__).with_name("page.pdf").read_text(encoding="ascii")
"""A PDF of one page, which says that ethanol binds water."""


@tool(
    seconds=0.05, limit_seconds=60, memory_mb=1024, tags=("literature", "corpus"),
    deterministic=False,
    examples=(
        Example({"path": "note.md"}, files={"note.md": "# Water\n\nEthanol binds water.\n"}),
        Example(
            {"path": "note.xml"}, files={"note.xml": "<broken"}, failure=FailureKind.WRONG_SHAPE
        ),
    ),
)  # fmt: skip
def read_text_file(path: Path, start: int = 0) -> Reading:
    """Read documents from JATS or other XML, HTML, Markdown, text, BibTeX, RIS, CSV or JSON lines.

    Args:
        path: of the file; the end of its name says what it is.
        start: where to go on, as the last piece said.
    """
    name, end = path.name, path.suffix.lower()
    if end in (".jsonl", ".ndjson", ".gz"):
        return json_lines(path, start)
    if end in (".csv", ".tsv"):
        return table(path, start, "\t" if end == ".tsv" else ",")
    text = decoded(whole(path), name)
    match end:
        case ".bib" | ".bibtex":
            return _entries(list(bibtex(text)), name)
        case ".ris":
            return _entries(list(ris(text)), name)
        case ".xml" | ".nxml" | ".jats":
            document = xml_document(text, name)
        case ".html" | ".htm" | ".xhtml":
            document = html_document(text, name)
        case _:
            kind = "markdown" if end in (".md", ".markdown") else "text"
            document = plain_document(text, name, kind)
    return Reading(documents=(_filled(document, name),))


@tool(
    seconds=1.0, limit_seconds=120, memory_mb=1024, needs=("pypdf",),
    tags=("literature", "corpus"), deterministic=False,
    examples=(
        Example({"path": "page.pdf"}, files={"page.pdf": _PAGE}),
        Example(
            {"path": "note.pdf"}, files={"note.pdf": "no PDF"}, failure=FailureKind.WRONG_SHAPE
        ),
    ),
)  # fmt: skip
def read_pdf(path: Path) -> Reading:
    """Read the text of a PDF, page by page.

    Args:
        path: of the file.
    """
    import io
    import logging

    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.ERROR)
    content = whole(path)
    if b"%PDF-" not in content[:1024]:
        raise Refuse(f"{path.name} is no PDF", kind=FailureKind.WRONG_SHAPE)
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refuse(f"{path.name} is encrypted", kind=FailureKind.OUT_OF_DOMAIN)
        found: list[Passage] = []
        for number, page in enumerate(reader.pages[:PAGES], 1):
            found += passages(page.extract_text() or "", number)
        title = str((reader.metadata or {}).get("/Title") or "").strip()
    except Refuse:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError,
            NotImplementedError, RecursionError, OSError) as error:  # fmt: skip
        reason = f"{path.name} is a broken PDF: {type(error).__name__}: {error}"
        raise Refuse(reason[:500], kind=FailureKind.WRONG_SHAPE) from None
    document = Document(title=(title or path.stem)[:2000], kind="pdf", passages=tuple(found))
    return Reading(documents=(_filled(document, path.name),))


def _entries(found: list[Document | None], name: str) -> Reading:
    documents = tuple(one for one in found if one is not None)
    if not documents:
        kind = FailureKind.WRONG_SHAPE if found else FailureKind.EMPTY
        raise Refuse(f"{name}: none of its {len(found)} entries can be read", kind=kind)
    return Reading(documents=documents, skipped=len(found) - len(documents))


def _filled(document: Document, name: str) -> Document:
    if not document.passages:
        raise Refuse(f"{name} holds no text", kind=FailureKind.EMPTY)
    return document

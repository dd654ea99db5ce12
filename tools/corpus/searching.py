"""Searching a corpus as a tool, so that scenarios and models can cite what stands in it."""

from collections.abc import Sequence
from typing import Annotated

from annotated_types import Ge, Le, MaxLen
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, tool
from gaseol.tools.contract import States
from gaseol.tools.corpus.document import Document
from gaseol.tools.corpus.index import BadQuery, CorpusError, Hit, Index, readable, row_of
from gaseol.tools.corpus.rows import of_line
from gaseol.tools.corpus.vectors import model_of, search_both
from gaseol.traces.nouns.failure import FailureKind
from gaseol.traces.nouns.label import Confidentiality


class Cited(BaseModel):
    """A passage, with the reference that cites it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    cite: str
    """As a mechanism or a claim writes it: `corpus:0123456789ab#3`."""
    document: str
    number: int
    page: int
    """From 1; 0 where the document has no pages."""
    text: str
    title: str
    authors: str
    year: int | None
    venue: str
    doi: str
    url: str
    kind: str
    path: str


class Passages(BaseModel):
    """What was found."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    hits: tuple[Cited, ...]
    corpus: str
    state: str
    """A digest of the files that were searched."""
    confidentiality: Annotated[Confidentiality, States()]
    """As the corpus was declared."""
    embedding: str = ""
    """Digest of the model whose vectors were compared, where they were."""


@tool(
    seconds=0.02,
    limit_seconds=30,
    tags=("literature", "corpus"),
    deterministic=False,
    quotes="corpus",
    examples=(
        # what a corpus holds is its owner's: there is none that every machine has
        Example({"query": "water", "corpus": "no-such-corpus"}, failure=FailureKind.UNAVAILABLE),
    ),
)
def search_corpus(
    query: Annotated[str, MaxLen(2000)],
    corpus: str = "default",
    limit: Annotated[int, Ge(1), Le(100)] = 10,
    by_meaning: bool = False,
) -> Passages:
    """Find passages in a corpus of one's own; Korean nouns are found whatever their particle.

    Args:
        query: words that all have to be there; in double quotes, a phrase.
        corpus: its name, as `gaseol corpus list` shows it.
        limit: passages, at most.
        by_meaning: beside passages that hold the words, find those whose vectors are near; the corpus
            has to be embedded.

    Raises:
        Refuse: `empty`, no passage has all words; `unavailable`, there is no such corpus, or it cannot
            be searched by meaning here; `bad_arguments`, the query holds no word.
    """
    try:
        with Index(readable(corpus)) as index:
            if not by_meaning:
                return _passages(index, index.search(query, limit), corpus)
            model = model_of(index)
            hits = search_both(index, query, limit, model)
            return _passages(index, hits, corpus, model.sha256)
    except BadQuery as error:
        raise Refuse(str(error), kind=FailureKind.BAD_ARGUMENTS) from None
    except CorpusError as error:
        raise Refuse(str(error), kind=FailureKind.UNAVAILABLE) from None


@tool(
    seconds=0.05,
    limit_seconds=30,
    tags=("literature", "corpus"),
    quotes="corpus",
    examples=(
        Example(
            {
                "documents": '{"title": "Water", "abstract": "Ethanol binds water."}\n',
                "query": "ethanol",
            }
        ),
        Example({"documents": "no JSON", "query": "ethanol"}, failure=FailureKind.WRONG_SHAPE),
    ),
)
def search_texts(
    documents: Annotated[str, MaxLen(4_000_000)],
    query: Annotated[str, MaxLen(2000)],
    limit: Annotated[int, Ge(1), Le(100)] = 10,
) -> Passages:
    """Find passages in texts that are handed in; Korean nouns are found whatever their particle.

    Args:
        documents: JSON lines with `title`, `abstract`, `authors`, `year`, `doi`, ...
        query: words that all have to be there; in double quotes, a phrase.
        limit: passages, at most.

    Raises:
        Refuse: `empty`, no passage has all words; `bad_arguments`, the query holds no word;
            `wrong_shape`, a line is no document.
    """
    try:
        with Index.in_memory(documents_of(documents)) as index:
            return _passages(index, index.search(query, limit), "")
    except BadQuery as error:
        raise Refuse(str(error), kind=FailureKind.BAD_ARGUMENTS) from None


def documents_of(lines: str) -> list[Document]:
    """Return the documents in JSON lines.

    Raises:
        Refuse: with kind `wrong_shape`, a line is none.
    """
    found: list[Document] = []
    for number, line in enumerate(lines.splitlines(), 1):
        if line.strip():
            document = of_line(line.encode())
            if document is None:
                reason = f"line {number} is no document: a JSON object with a title or a text"
                raise Refuse(reason, kind=FailureKind.WRONG_SHAPE)
            found.append(document)
    return found


def _passages(index: Index, hits: Sequence[Hit], corpus: str, embedding: str = "") -> Passages:
    if not hits:
        where = f"the corpus '{corpus}' has" if corpus else "these texts have"
        raise Refuse(f"{where} no passage with all of that", kind=FailureKind.EMPTY)
    return Passages(
        hits=tuple(Cited(**row_of(hit)) for hit in hits),
        corpus=corpus,
        state=index.state(),
        embedding=embedding,
        confidentiality=index.confidentiality,
    )

"""Searching a corpus as a tool, so that scenarios and models can cite what stands in it."""

from typing import Annotated

from annotated_types import Ge, Le, MaxLen
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Refuse, tool
from gaseol.tools.contract import States
from gaseol.tools.corpus.index import BadQuery, CorpusError, Index, readable, row_of
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


@tool(
    seconds=0.02,
    limit_seconds=30,
    tags=("literature", "corpus"),
    deterministic=False,
    quotes="corpus",
)
def search_corpus(
    query: Annotated[str, MaxLen(2000)],
    corpus: str = "default",
    limit: Annotated[int, Ge(1), Le(100)] = 10,
) -> Passages:
    """Find passages in a corpus of one's own; Korean nouns are found whatever their particle.

    Args:
        query: words that all have to be there; in double quotes, a phrase.
        corpus: its name, as `gaseol corpus list` shows it.
        limit: passages, at most.

    Raises:
        Refuse: `empty`, no passage has all words; `unavailable`, there is no such corpus;
            `bad_arguments`, the query holds no word.
    """
    try:
        with Index(readable(corpus)) as index:
            hits, state = index.search(query, limit), index.state()
            level = index.confidentiality
    except BadQuery as error:
        raise Refuse(str(error), kind=FailureKind.BAD_ARGUMENTS) from None
    except CorpusError as error:
        raise Refuse(str(error), kind=FailureKind.UNAVAILABLE) from None
    if not hits:
        raise Refuse(
            f"the corpus '{corpus}' has no passage with all of that", kind=FailureKind.EMPTY
        )
    return Passages(
        hits=tuple(Cited(**row_of(hit)) for hit in hits),
        corpus=corpus,
        state=state,
        confidentiality=level,
    )

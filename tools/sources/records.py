"""What others have published, as connectors read it: works and things, with where they are from."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Short = Annotated[str, Field(max_length=2000)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Record(_Value):
    """A paper, patent, report, data set, substance or structure."""

    id: Annotated[str, Field(min_length=1, max_length=500)]
    """What its source calls it."""
    kind: str = "article"
    title: Short = ""
    authors: tuple[Short, ...] = ()
    year: Annotated[int, Field(ge=1000, le=2200)] | None = None
    venue: Short = ""
    doi: Annotated[str, Field(pattern=r"^(10\.\d{4,9}/\S+)?$", max_length=500)] = ""
    """In lower case, without the resolver's address."""
    pmid: Annotated[str, Field(pattern=r"^\d{0,9}$")] = ""
    pmcid: Annotated[str, Field(pattern=r"^(PMC\d{1,9})?$")] = ""
    arxiv: Annotated[str, Field(max_length=60)] = ""
    url: Short = ""
    language: Annotated[str, Field(max_length=20)] = ""
    licence: Short = ""
    """Of the work itself, where the source states it."""
    abstract: Annotated[str, Field(max_length=20_000)] = ""
    data: dict[str, Any] = Field(default_factory=dict)
    """What a source of substances or structures knows, under its own names."""


class Records(_Value):
    """A page of records."""

    source: str
    hits: tuple[Record, ...]
    total: Annotated[int, Field(ge=0)] | None = None
    """How many there are in all, where the source says so."""
    next: Annotated[str, Field(max_length=4000)] = ""
    """Where the next page begins; empty after the last one."""

"""What is looked up of what others have written, and what is read out of it."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from gaseol.scenarios.part import Part
from gaseol.tools.extraction import Sought

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
CORPUS = "corpus"
"""The source that is a corpus of one's own."""


class Search(Part):
    """A search of what others have written, before anything is proposed."""

    source: Name
    """A connector, as `openalex`; or `corpus`."""
    query: str = Field(min_length=1, max_length=2000)
    """As the source takes it."""
    count: int = Field(default=25, ge=1, le=200)
    """Records or passages, at most."""
    corpus: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_-]{0,63}$")
    """Which corpus, as `gaseol corpus list` shows it; `default` by default."""
    file: str | None = None
    """Texts in the scenario's folder instead: JSON lines with `title`, `abstract`, `year`, ..."""

    by_meaning: bool = False
    """In a corpus that is embedded: also passages whose vectors are near the query's."""

    @model_validator(mode="after")
    def _place(self) -> Self:
        if self.source != CORPUS and (self.corpus or self.file):
            raise ValueError("`corpus` and `file` say where the source `corpus` is")
        if self.corpus and self.file:
            raise ValueError("give either `corpus` or `file`")
        if self.by_meaning and (self.source != CORPUS or self.file):
            raise ValueError("`by_meaning` searches a corpus that was embedded")
        if self.source == CORPUS and self.count > 100:
            raise ValueError("a corpus gives 100 passages at most")
        return self

    @property
    def place(self) -> str:
        """What the record calls the source."""
        if self.source != CORPUS:
            return self.source
        return f"{CORPUS}:{self.file or self.corpus or 'default'}"


class Reading(Part):
    """What is read out of the texts that were found, through a closed schema."""

    sought: dict[Name, Sought] = Field(default_factory=dict, max_length=24)
    """By field. Without any, a question with variables asks each number among them: what does more of
    it do to the outcome?"""
    most: int = Field(default=40, ge=1, le=1000)
    """Texts that are read, at most."""
    rounds: int = Field(default=2, ge=1, le=5)
    """So often the sources are asked; after the first time, for what is missing."""

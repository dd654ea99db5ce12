"""The library: asks a source by way of the run's effects, and hands back what stands on record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from gaseol.tools.egress.exchange import Ask
from gaseol.tools.sources.connector import Connector, Query, connector
from gaseol.tools.sources.records import Record, Records
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.nouns.label import PUBLIC, Label
from gaseol.traces.nouns.literature import Work
from gaseol.traces.record.effects import Effects, Request, Response
from gaseol.traces.verification.quotation import cited, texts

PAGES = 20
"""At most so many pages are asked for one search."""


@dataclass(frozen=True)
class Found:
    """What a search came to. `failure` tells empty, unavailable and wrong-shaped apart."""

    source: str
    query: str
    licence: str
    records: tuple[Record, ...] = ()
    """Of a source that gives records; a corpus gives texts alone."""
    works: tuple[Work, ...] = ()
    """What can be cited."""
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    """By citation; not every work has one."""
    failure: Failure | None = None
    """What ended the search; beside records, what kept it from finding more."""
    total: int | None = None
    answers: tuple[int, ...] = ()
    """Positions of the requests whose answers hold the records: what a reference resolves to."""
    label: Label = PUBLIC
    """Of the records."""


@dataclass(frozen=True)
class _Came:
    """A page, or why there is none, and the answer that says so."""

    page: Records | None
    failure: Failure | None
    answer: Response

    @property
    def position(self) -> int:
        return self.answer.request

    @property
    def label(self) -> Label:
        return self.answer.label


class Library:
    """Searches sources; each exchange and each reading of a page is an effect on record.

    A page is fetched by the gateway, which understands nothing of it, and read by a tool in a worker
    that has no network.
    """

    def __init__(self, effects: Effects, *, role: str = "librarian") -> None:
        """Ask in the name of a role.

        Args:
            effects: of the run.
            role: who asks.
        """
        self._effects = effects
        self._role = role

    def search(
        self, source: Connector | str, text: str, count: int = 25, label: Label | None = None
    ) -> Found:
        """Return up to so many records, in the source's order.

        Args:
            source: a connector or its name.
            text: as the source takes it.
            count: of records, at most.
            label: of the text; where nothing is said, of everything that the run was answered.

        Raises:
            UnknownConnector: there is no such source.
        """
        service = connector(source) if isinstance(source, str) else source
        found = Found(service.name, text, service.licence)
        cursor = ""
        for _ in range(PAGES):
            left = count - len(found.records)
            query = Query(text, min(left, service.largest), cursor)
            came = self._page(service, service.ask(query), label)
            page, failure, position = came.page, came.failure, came.position
            if page is not None and service.details is not None:
                ids = [record.id for record in page.hits]
                came = self._page(
                    service, service.details.ask(ids), came.label, service.details.reader.name
                )
                inner, failure, position = came.page, came.failure, came.position
                page = page.model_copy(update={"hits": inner.hits}) if inner else None
            if page is None:
                # the end of what there is, when something came before, is no failure
                ended = failure is not None and failure.kind is FailureKind.EMPTY and cursor
                return replace(found, failure=None if ended else failure)
            hits = page.hits[:left]
            rows = [record.model_dump() for record in hits]
            found = replace(
                found,
                records=(*found.records, *hits),
                works=(*found.works, *_works(rows, service.name, position)),
                texts={**texts({"source": service.name, "hits": rows}), **found.texts},
                total=page.total,
                answers=(*found.answers, position),
                label=found.label | came.label,
            )
            if not page.next or page.next == cursor or len(found.records) >= count:
                return found
            cursor, label = page.next, None if label is None else label | came.label
        return found

    def passages(
        self,
        tool: str,
        arguments: Mapping[str, Any],
        *,
        source: str,
        query: str,
        label: Label | None = None,
    ) -> Found:
        """Return passages that a tool finds in texts of one's own.

        Args:
            tool: `search_corpus` or `search_texts`.
            arguments: as it takes them.
            source: what the record calls it.
            query: as the tool takes it.
            label: of the query; where nothing is said, of everything that the run was answered.
        """
        found = Found(source, query, licence="")
        came = self._perform(Request("tool", tool, arguments, self._role, label))
        if came.failure is not None:
            return replace(found, failure=came.failure)
        hits = came.value["hits"]
        return replace(
            found,
            works=tuple(_works(hits, source, came.request)),
            texts=texts(came.value),
            answers=(came.request,),
            label=came.label,
        )

    def _page(self, service: Connector, ask: Ask, label: Label | None, reader: str = "") -> "_Came":
        arguments = ask.model_dump(exclude_defaults=True)
        came = self._perform(Request("egress", service.name, arguments, self._role, label))
        if came.failure is not None:
            return _Came(None, came.failure, came)
        if came.value["base64"]:
            reason = f"{service.name} answered with something that is no text"
            return _Came(None, Failure(kind=FailureKind.WRONG_SHAPE, reason=reason), came)
        given = {"status": came.value["status"], "text": came.value["text"]}
        name = reader or service.reader.name
        read = self._perform(Request("tool", name, given, self._role, came.label))
        if read.failure is not None:
            return _Came(None, read.failure, read)
        try:
            return _Came(Records.model_validate(read.value), None, read)
        except ValidationError as error:
            reason = f"{service.reader.name} gave no records: {error}"
            return _Came(None, Failure(kind=FailureKind.WRONG_SHAPE, reason=reason), read)

    def _perform(self, request: Request) -> Response:
        (response,) = self._effects.perform([request])
        return response


def _works(rows: Iterable[Mapping[str, Any]], source: str, request: int) -> Iterable[Work]:
    for row in rows:
        cite = cited(row, source)
        if cite:
            authors = row.get("authors") or ""
            yield Work(
                cite=cite,
                title=str(row.get("title") or ""),
                authors=authors if isinstance(authors, str) else "; ".join(authors),
                year=row.get("year"),
                venue=str(row.get("venue") or ""),
                url=str(row.get("url") or ""),
                request=request,
            )

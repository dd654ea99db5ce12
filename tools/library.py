"""The library: asks a source by way of the run's effects, and hands back what stands on record."""

from dataclasses import dataclass

from pydantic import ValidationError

from gaseol.tools.connector import Connector, Query, connector
from gaseol.tools.exchange import Ask
from gaseol.tools.records import Record, Records
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.record.effects import Effects, Request, Response

PAGES = 20
"""At most so many pages are asked for one search."""


@dataclass(frozen=True)
class Found:
    """What a search came to. `failure` tells empty, unavailable and wrong-shaped apart."""

    source: str
    query: str
    licence: str
    records: tuple[Record, ...] = ()
    failure: Failure | None = None
    """What ended the search; beside records, what kept it from finding more."""
    total: int | None = None
    answers: tuple[int, ...] = ()
    """Positions of the requests whose answers hold the records: what a reference resolves to."""


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

    def search(self, source: Connector | str, text: str, count: int = 25) -> Found:
        """Return up to so many records, in the source's order.

        Args:
            source: a connector or its name.
            text: as the source takes it.
            count: of records, at most.

        Raises:
            UnknownConnector: there is no such source.
        """
        service = connector(source) if isinstance(source, str) else source
        found = Found(service.name, text, service.licence)
        cursor = ""
        for _ in range(PAGES):
            left = count - len(found.records)
            query = Query(text, min(left, service.largest), cursor)
            page, failure, position = self._page(service, service.ask(query))
            if page is not None and service.details is not None:
                ids = [record.id for record in page.hits]
                inner, failure, position = self._page(
                    service, service.details.ask(ids), service.details.reader.name
                )
                page = page.model_copy(update={"hits": inner.hits}) if inner else None
            if page is None:
                # the end of what there is, when something came before, is no failure
                ended = failure is not None and failure.kind is FailureKind.EMPTY and cursor
                return _with(found, failure=None if ended else failure)
            found = _with(
                found,
                records=(*found.records, *page.hits)[:count],
                total=page.total,
                answers=(*found.answers, position),
            )
            if not page.next or page.next == cursor or len(found.records) >= count:
                return found
            cursor = page.next
        return found

    def _page(
        self, service: Connector, ask: Ask, reader: str = ""
    ) -> tuple[Records | None, Failure | None, int]:
        arguments = ask.model_dump(exclude_defaults=True)
        came = self._perform(Request("egress", service.name, arguments, self._role))
        if came.failure is not None:
            return None, came.failure, came.request
        if came.value["base64"]:
            reason = f"{service.name} answered with something that is no text"
            return None, Failure(kind=FailureKind.WRONG_SHAPE, reason=reason), came.request
        given = {"status": came.value["status"], "text": came.value["text"]}
        read = self._perform(Request("tool", reader or service.reader.name, given, self._role))
        if read.failure is not None:
            return None, read.failure, read.request
        try:
            return Records.model_validate(read.value), None, read.request
        except ValidationError as error:
            reason = f"{service.reader.name} gave no records: {error}"
            return None, Failure(kind=FailureKind.WRONG_SHAPE, reason=reason), read.request

    def _perform(self, request: Request) -> Response:
        (response,) = self._effects.perform([request])
        return response


def _with(found: Found, **changes: object) -> Found:
    from dataclasses import replace

    return replace(found, **changes)

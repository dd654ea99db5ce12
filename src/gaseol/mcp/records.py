"""Records for clients: what a run found, whether it holds, and its events by the page."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import mcp_types as types
import orjson
from pydantic import Field

from gaseol.mcp.expeditions import Expeditions, Whom, described, openly
from gaseol.mcp.service import Progress, Question, Said, Service, Wrong
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.event import Event
from gaseol.traces.record.trace import NotARun, Trace
from gaseol.traces.shelf import broken, runs
from gaseol.traces.story import tell
from gaseol.traces.summary import summary
from gaseol.traces.verification.verifier import verify

PAGE = 50
"""Events of one page."""
_EVENT_BYTES = 8192
"""Of a larger event only its sentence is served."""
_LISTED = 50
"""Runs that are listed as resources, the newest."""
_HIDDEN = {"run.ended": ("score", "answer_salt")}
"""What would give the hidden answer away."""
_RUN = re.compile(r"gaseol://runs/([^/?#]{1,255})/(summary|verification|events/(\d{1,9}))")
_SCENARIO = re.compile(r"gaseol://scenarios/([a-z][a-z0-9_]{0,63})")


class Runs(Question):
    """Which runs: the newest, at most so many."""

    limit: int = Field(default=20, ge=1, le=200)


class Shelf(Said):
    """Runs whose records may be read, newest first."""

    runs: tuple[str, ...]


class Summary(Said):
    """What a run found: verdicts on hypotheses, and claims with whether they are supported."""

    run: str
    status: str
    scenario: str | None
    question: str | None
    scientist: str | None
    seed: int | None
    reason: str
    hypotheses: tuple[dict[str, Any], ...]
    turned_away: tuple[dict[str, Any], ...]
    claims: tuple[dict[str, Any], ...]
    cost: dict[str, float]
    notes: tuple[str, ...]
    campaign: dict[str, Any] | None = None
    """Of a search for the best case: its goals, the front, what comes next and its expected gain."""


class Verification(Said):
    """Whether a record is intact and says what it concludes."""

    run: str
    holds: bool
    found: dict[str, Any]


class Events(Whom):
    """A page of a run's events."""

    page: int = Field(default=0, ge=0)


class Page(Said):
    """Events in their order, each with a sentence."""

    run: str
    page: int
    more: bool
    """There is another page."""
    events: tuple[dict[str, Any], ...]


class Records:
    """Reads records: of runs started by clients, or of all at home."""

    def __init__(self, expeditions: Expeditions, *, all_at_home: bool = False) -> None:
        """Say whose records may be read.

        Args:
            expeditions: what clients have started.
            all_at_home: also every other run at home.
        """
        self._expeditions = expeditions
        self._all = all_at_home

    def services(self) -> list[Service]:
        """Return the questions about records."""
        return [
            Service(
                "gaseol_list_runs", "List the runs whose records may be read, newest first.",
                Runs, Shelf, self._list,
            ),
            Service(
                "gaseol_run_summary",
                "Say what a run found: verdicts, evidence and claims, as its record has them.",
                Whom, Summary, self._in_thread(self.summary),
            ),
            Service(
                "gaseol_verify_run",
                "Check a run's record: chain, seal, order, and every verdict derived anew.",
                Whom, Verification, self._in_thread(self.verification),
            ),
            Service(
                "gaseol_run_events", f"Read a run's events, {PAGE} a page, each with a sentence.",
                Events, Page, self._in_thread(lambda run, page: self.page(run, page)),
            ),
        ]  # fmt: skip

    def shelf(self) -> dict[str, Path]:
        """Return the runs whose records may be read, by name, newest first."""
        own = {name: run.path for name, run in reversed(self._expeditions.runs.items())}
        return {**({path.name: path for path in runs()} if self._all else {}), **own}

    def summary(self, run: str) -> Summary:
        """Return what a run found.

        Raises:
            Wrong: there is no such run, or its record cannot be read.
        """
        trace = self._trace(run)
        said = summary(Docket.of(trace), run, trace.status)
        return Summary(**{**said, "hypotheses": tuple(openly(row) for row in said["hypotheses"])})

    def verification(self, run: str) -> Verification:
        """Check a run's record.

        Raises:
            Wrong: there is no such run.
        """
        found = verify(self._trace(run).folder)
        plain = orjson.loads(orjson.dumps(asdict(found), default=str))
        return Verification(run=run, holds=found.holds, found=plain)

    def page(self, run: str, page: int) -> Page:
        """Return some events of a run.

        Raises:
            Wrong: there is no such run, or no such page.
        """
        trace = self._trace(run)
        found = list(islice(trace.events(), page * PAGE, (page + 1) * PAGE + 1))
        if not found and page:
            raise Wrong(f"{run} has {len(trace)} events and no page {page}")
        return Page(
            run=run,
            page=page,
            more=len(found) > PAGE,
            events=tuple(_shown(event) for event in found[:PAGE]),
        )

    def resources(self) -> list[types.Resource]:
        """Return the newest readable runs and all scenarios as resources."""
        names = list(self.shelf())[:_LISTED]
        found = [
            _resource(f"gaseol://scenarios/{name}", f"scenario {name}", "What it asks.")
            for name in self._expeditions.names()
        ]
        for name in names:
            found += [
                _resource(f"gaseol://runs/{name}/summary", f"{name}: summary", "What it found."),
                _resource(
                    f"gaseol://runs/{name}/events/0", f"{name}: events", "The first page of events."
                ),
            ]
        return found

    def templates(self) -> list[types.ResourceTemplate]:
        """Return the addresses that resources are read by."""
        about = {
            "gaseol://scenarios/{scenario}": "What a scenario asks.",
            "gaseol://runs/{run}/summary": "What a run found.",
            "gaseol://runs/{run}/verification": "Whether a run's record holds.",
            "gaseol://runs/{run}/events/{page}": f"A run's events, {PAGE} a page, from page 0.",
        }
        return [
            types.ResourceTemplate(
                uri_template=uri, name=uri.rsplit("/", 1)[-1].strip("{}"), description=said,
                mime_type="application/json",
            )
            for uri, said in about.items()
        ]  # fmt: skip

    def read(self, uri: str) -> Said:
        """Return what a resource holds.

        Raises:
            Wrong: there is no such resource.
        """
        if scenario := _SCENARIO.fullmatch(uri):
            return described(self._expeditions.scenario(scenario[1]))
        found = _RUN.fullmatch(uri)
        if found is None:
            raise Wrong(f"there is no resource {uri[:200]!r}; see the resource templates")
        run, part, page = found.groups()
        if page is not None:
            return _readable(self.page, run=run, page=int(page))
        return _readable(self.summary if part == "summary" else self.verification, run=run)

    async def _list(self, asked: Runs, _: Progress) -> Shelf:
        return Shelf(runs=tuple(self.shelf())[: asked.limit])

    def _in_thread(self, read: Callable[..., Said]) -> Callable[[Any, Progress], Any]:
        async def act(asked: Question, _: Progress) -> Said:
            return await asyncio.to_thread(_readable, read, **asked.model_dump())

        return act

    def _trace(self, run: str) -> Trace:
        # a name is looked up among those that may be seen; no path is ever made from it
        folder = self.shelf().get(run)
        if folder is None:
            raise Wrong(f"there is no run {run[:80]!r} to be read here; see gaseol_list_runs")
        try:
            return Trace(folder)
        except (NotARun, OSError, ValueError) as error:
            raise Wrong(f"{run}: {broken(error)}") from None


def _readable(read: Callable[..., Said], **asked: Any) -> Said:
    """Read a record; a broken one is the client's to hear of, not a fault of the server."""
    try:
        return read(**asked)
    except (OSError, ValueError) as error:
        raise Wrong(broken(error)) from None


def _resource(uri: str, name: str, said: str) -> types.Resource:
    return types.Resource(uri=uri, name=name, description=said, mime_type="application/json")


def _shown(event: Event) -> dict[str, Any]:
    """Return an event as clients may see it; payloads kept apart from the events stay there."""
    hidden = _HIDDEN.get(event.kind, ())
    data = {key: value for key, value in event.data.items() if key not in hidden}
    shown: dict[str, Any] = {"seq": event.seq, "kind": event.kind, "said": tell(event)[:1000]}
    if any(event.data.get(key) for key in hidden):
        shown["kept_back"] = [key for key in hidden if event.data.get(key)]
    if len(orjson.dumps(data)) > _EVENT_BYTES:
        return {**shown, "kept_back": ["data: too large for a page; see gaseol view"]}
    return {**shown, "cause": event.cause, "data": data}

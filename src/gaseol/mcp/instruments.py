"""The instruments: clients' tool calls, found, described, and carried out in isolated workers."""

import asyncio
import difflib
import re
import time
from typing import Any

import mcp_types as types
import orjson
from pydantic import Field

from gaseol.graphs.running.labelling import label_of
from gaseol.mcp.guard import Guard
from gaseol.mcp.offer import card_of, offers, output_schema, structured
from gaseol.mcp.service import Progress, Question, Said, Service, Wrong, answered, failed
from gaseol.tools.contract import Answer, Call, ToolCard
from gaseol.tools.workers.pool import Pool
from gaseol.traces.nouns.failure import Failure, FailureKind

BEAT = 1.0
"""Seconds between two words of how long a call has taken."""

ANSWER_BYTES = 1 << 20
"""A larger result would flood a model's context; it is answered as too large."""

_ADVICE = {
    FailureKind.EMPTY: "The source holds nothing for this question; ask another one.",
    FailureKind.UNAVAILABLE: "Use another tool, or tell the operator what is missing.",
    FailureKind.BAD_ARGUMENTS: "Correct the arguments and call again.",
    FailureKind.WRONG_SHAPE: "The tool is at fault; use another one and tell its author.",
    FailureKind.OUT_OF_DOMAIN: "The method does not hold for this; use another one.",
    FailureKind.IMPOSSIBLE: "The value cannot be true and was thrown away; do not use it.",
    FailureKind.REFUSED: "Do not try to get round it; tell the operator if it should be allowed.",
    FailureKind.RETRY: "Change the arguments as it says and call again.",
    FailureKind.TIMED_OUT: "Ask for less: a smaller system, fewer points.",
    FailureKind.OUT_OF_MEMORY: "Ask for less: a smaller system, fewer points.",
    FailureKind.TOO_LARGE: "Ask for less: fewer rows, a narrower question.",
    FailureKind.CRASHED: "The tool is at fault; other arguments may do.",
}


class Find(Question):
    """Words to look for, in names, tags and summaries; none lists the families."""

    query: str = Field(default="", max_length=200)
    limit: int = Field(default=8, ge=1, le=50)


class Brief(Said):
    """A tool in a line."""

    name: str
    summary: str
    tags: tuple[str, ...]
    missing: tuple[str, ...]
    """What must be installed before it can be called."""


class Finds(Said):
    """The tools that fit best, best first."""

    tools: tuple[Brief, ...]
    more: int
    """How many others fit."""
    families: dict[str, int]
    """Tags, and how many tools have them."""


class Named(Question):
    """A tool by the name that clients call it by."""

    name: str


class Description(Said):
    """All that must be known to call a tool."""

    name: str
    description: str
    input_schema: dict[str, Any]
    output_schema: dict[str, Any]
    seconds: float
    """Wall seconds of a usual call."""
    limit_seconds: float
    """Wall seconds after which a call is killed."""
    deterministic: bool
    tags: tuple[str, ...]
    missing: tuple[str, ...]


class Instruments:
    """Finds, describes and calls the tools of a pool's registry."""

    def __init__(self, pool: Pool, guard: Guard | None = None) -> None:
        """Offer the tools of a pool.

        Args:
            pool: that calls them.
            guard: what clients may have called and be told; by default what any may.
        """
        self._pool = pool
        self._guard = guard or Guard()
        self.names = offers(pool.registry)
        """Tools by the names that clients call them by."""

    def services(self) -> list[Service]:
        """Return the questions about tools."""
        return [
            Service(
                "gaseol_find_tools",
                "Find measuring tools by words; then describe one, then call it. Without words it "
                "lists the families of tools.",
                Find,
                Finds,
                self._find,
            ),
            Service(
                "gaseol_describe_tool",
                "Describe a measuring tool: arguments with units, result, limits, what it needs.",
                Named,
                Description,
                self._describe,
            ),
        ]

    def cards(self) -> list[ToolCard]:
        """Return the descriptions of the tools that clients are offered, by name."""
        return [card_of(self._pool.registry.get(name)) for name in self.names.values()]

    def card(self, offered: str) -> ToolCard:
        """Return a tool by the name that clients call it by.

        Raises:
            Wrong: there is none.
        """
        if offered not in self.names:
            near = difflib.get_close_matches(offered, self.names, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else "look with gaseol_find_tools"
            raise Wrong(f"there is no tool {offered[:80]!r}; {hint}")
        return card_of(self._pool.registry.get(self.names[offered]))

    async def call(
        self, offered: str, arguments: dict[str, Any], progress: Progress
    ) -> types.CallToolResult:
        """Call a tool in a worker; when the client takes its request back the worker is killed.

        Args:
            offered: the name that clients call it by.
            arguments: by name.
            progress: told every second how long it has taken, of how long it may take.
        """
        try:
            card = self.card(offered)
        except Wrong as wrong:
            return failed(str(wrong), {"kind": FailureKind.UNAVAILABLE.value})
        why = await asyncio.to_thread(self._guard.before, card, arguments)
        if why:
            return _told(offered, Failure(kind=FailureKind.REFUSED, reason=why))
        answer = await self._answer(card, arguments, progress)
        if answer.failure is not None:
            return _told(offered, answer.failure)
        why = await asyncio.to_thread(self._guard.after, card, answer.value)
        if why:
            return _told(offered, Failure(kind=FailureKind.REFUSED, reason=why))
        result = structured(card, answer.value)
        if (size := len(orjson.dumps(result))) > ANSWER_BYTES:
            reason = f"{card.name}: the result has {size} bytes, at most {ANSWER_BYTES} are served"
            return _told(offered, Failure(kind=FailureKind.TOO_LARGE, reason=reason))
        label = label_of(card, answer.value)
        return answered(result, label.model_dump(mode="json") if label.low else None)

    async def _answer(
        self, card: ToolCard, arguments: dict[str, Any], progress: Progress
    ) -> Answer:
        future = self._pool.submit(Call(tool=card.name, arguments=arguments))
        waiting = asyncio.wrap_future(future)
        began = time.monotonic()
        try:
            while not (await asyncio.wait({waiting}, timeout=BEAT))[0]:
                spent = time.monotonic() - began
                await progress(spent, None, f"{spent:.0f} s, limit {card.limit_seconds:g} s a call")
        except asyncio.CancelledError:
            self._pool.cancel(future)
            raise
        return waiting.result()

    async def _find(self, asked: Find, _: Progress) -> Finds:
        cards = self.cards()
        families: dict[str, int] = {}
        for card in cards:
            for tag in card.tags:
                families[tag] = families.get(tag, 0) + 1
        words = _words(asked.query)
        ranked = sorted(
            ((_fit(card, words), card) for card in cards), key=lambda pair: (-pair[0], pair[1].name)
        )
        fitting = [card for fit, card in ranked if fit > 0] if words else []
        back = {name: offered for offered, name in self.names.items()}
        shown = tuple(
            Brief(name=back[c.name], summary=c.summary, tags=c.tags, missing=c.missing())
            for c in fitting[: asked.limit]
        )
        return Finds(
            tools=shown, more=len(fitting) - len(shown), families=dict(sorted(families.items()))
        )

    async def _describe(self, asked: Named, _: Progress) -> Description:
        card = self.card(asked.name)
        return Description(
            name=asked.name,
            description=card.description,
            input_schema=card.input_schema,
            output_schema=output_schema(card),
            seconds=card.seconds,
            limit_seconds=card.limit_seconds,
            deterministic=card.deterministic,
            tags=card.tags,
            missing=card.missing(),
        )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower().replace("_", " "))


def _fit(card: ToolCard, words: list[str]) -> int:
    """Return how well a tool fits: a word counts most in the name, less in tags and summary."""
    name, tags, summary = _words(card.name), _words(" ".join(card.tags)), _words(card.summary)
    weighed = ((name, 4), (tags, 3), (summary, 1))
    return sum(
        max((weight for place, weight in weighed if _holds(place, word)), default=0)
        for word in words
    )


def _holds(place: list[str], word: str) -> bool:
    return any(one == word or (len(word) > 3 and one.startswith(word)) for one in place)


def _told(offered: str, failure: Failure) -> types.CallToolResult:
    advice = _ADVICE.get(failure.kind, "")
    reason = f"{failure.kind.value}: {failure.reason}. {advice}".strip()
    about = {"kind": failure.kind.value, "reason": failure.reason, "tool": offered}
    return failed(reason, about)

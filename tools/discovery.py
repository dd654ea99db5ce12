"""Discovery: finding the few tools that matter among many, without reading all their schemas.

A model is offered `find_tools` and `describe_tool` in place of a hundred descriptions.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from annotated_types import Ge, Le, Len
from pydantic import BaseModel, ConfigDict

from gaseol.tools.contract import Refuse, Tool, ToolCard, tool
from gaseol.tools.contract.requirement import how_to_get
from gaseol.tools.registry import Registry, UnknownToolError
from gaseol.traces.nouns.failure import FailureKind

AnyTool = Tool[..., Any] | ToolCard


class Hint(BaseModel):
    """A tool in a line."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    summary: str
    needs: str = ""
    """What is missing here and how to get it; empty for a tool that can be called."""


class Description(BaseModel):
    """All that is needed to call a tool."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    description: str
    arguments: dict[str, Any]
    """JSON Schema of the arguments."""
    result: dict[str, Any]
    """JSON Schema of the result."""
    seconds: float
    """Typical wall seconds a call."""
    needs: str = ""
    """What is missing here and how to get it; empty for a tool that can be called."""


def families(registry: Iterable[AnyTool]) -> dict[str, tuple[str, ...]]:
    """Return the names of the tools that have each tag, by tag.

    Args:
        registry: the tools at hand.
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in registry:
        for tag in one.tags:
            found[tag].append(one.name)
    return {tag: tuple(sorted(found[tag])) for tag in sorted(found)}


def ranked(registry: Iterable[AnyTool], words: str) -> tuple[AnyTool, ...]:
    """Return the tools that are about the words, the best first.

    A tool whose whole name was said goes first, then one that has more of the words before one that
    has fewer. A word counts most in a name, then in tags, in the summary and in the description.

    Args:
        registry: the tools at hand.
        words: in any order; their beginnings are enough.
    """
    wanted = sorted(set(_words(words)))
    scored = [(_score(one, wanted), one) for one in registry]
    found = [(score, one) for score, one in scored if score[1]]
    # by falling score, then by name
    found.sort(key=lambda pair: ([-part for part in pair[0]], pair[1].name))
    return tuple(one for _, one in found)


def discovery_tools(registry: Registry) -> tuple[Tool[..., Any], Tool[..., Any]]:
    """Return `find_tools` and `describe_tool` for what a registry holds.

    They read descriptions only, and so are called where the registry is, not in a worker.

    Args:
        registry: the tools to be found.
    """

    @tool(seconds=0.01, tags=("discovery",))
    def find_tools(
        words: Annotated[str, Len(1, 200)], most: Annotated[int, Ge(1), Le(50)] = 8
    ) -> list[Hint]:
        """Find tools by words about what they measure; then describe the one to call.

        Args:
            words: as in `boiling point`.
            most: hints to return.
        """
        found = ranked(registry, words)[:most]
        if not found:
            known = ", ".join(families(registry))
            reason = f"no tool is about {words!r}; there are tools about {known}"
            raise Refuse(reason, kind=FailureKind.EMPTY)
        return [Hint(name=one.name, summary=one.summary, needs=_lacking(one)) for one in found]

    @tool(seconds=0.01, tags=("discovery",))
    def describe_tool(name: Annotated[str, Len(1, 200)]) -> Description:
        """Describe a tool: what it does, what it takes and what it gives.

        Args:
            name: as `find_tools` gives it.
        """
        try:
            one = registry.get(name)
        except UnknownToolError as error:
            raise Refuse(str(error), kind=FailureKind.BAD_ARGUMENTS) from None
        return Description(
            name=one.name,
            description=one.description,
            arguments=one.input_schema,
            result=one.output_schema,
            seconds=one.seconds,
            needs=_lacking(one),
        )

    return find_tools, describe_tool


def _lacking(one: AnyTool) -> str:
    return " and ".join(map(how_to_get, one.missing()))


def _words(text: str) -> Iterator[str]:
    for word in re.findall(r"[^\W_]+", text.lower()):
        # The plural is about what the singular is about.
        yield word[:-1] if len(word) > 3 and word.endswith("s") else word


def _score(one: AnyTool, wanted: list[str]) -> tuple[bool, int, int]:
    """Return whether its name was said, how many of the words a tool has, and their weight there."""
    places = ((8, one.name), (4, " ".join(one.tags)), (2, one.summary), (1, one.description))
    had = [(weight, set(_words(text))) for weight, text in places]
    weights = [
        max((weight for weight, words in had if any(w.startswith(word) for w in words)), default=0)
        for word in wanted
    ]
    said = set(_words(one.name)) <= set(wanted)
    return said, sum(weight > 0 for weight in weights), sum(weights)

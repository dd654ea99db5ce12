"""The labels of a run: of what it asks, of what it is answered, and of all that it was answered."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gaseol.tools.contract import Tool, ToolCard
from gaseol.tools.registry import Registry
from gaseol.traces.nouns.label import LEVELS, PUBLIC, Confidentiality, Label, source
from gaseol.traces.record.effects import Request


class Labelling:
    """Labels requests and answers, and holds the label of everything answered so far.

    Whoever asks says what the arguments were made of; a request of which nothing is said may have
    been made of anything that the run has seen.
    """

    def __init__(self, question: Label = PUBLIC, *, keeps: bool = True) -> None:
        """Begin with nothing seen but the question.

        Args:
            question: the label of the scenario and of its data, which is part of every other.
            keeps: whether the record has labels; one that was made before there were any has not.
        """
        self._question = question
        self._keeps = keeps
        self.seen = question
        """Of everything that the run was answered so far."""

    def asked(self, request: Request) -> Request:
        """Return a request with the label of its arguments."""
        said = self.seen if request.label is None else request.label
        return replace(request, label=said | self._question if self._keeps else self._question)

    def answered(self, request: Request, registry: Registry, value: Any) -> Label:
        """Return the label of an answer, and have it seen.

        Args:
            request: as it was labelled when it was asked.
            registry: of the tools, as they are described to the run.
            value: of the answer; None of a failure.
        """
        if not self._keeps:
            return self._question
        tool = registry.get(request.name) if request.name in registry else None
        whose = source_of(request, tool)
        own = Label(confidentiality=stated(tool, value), sources=(whose,) if whose else ())
        label = (request.label or self._question) | own
        self.seen |= label
        return label

    def told(self, label: Label | None) -> Label | None:
        """Return a label as the record states it."""
        return label.beyond(self._question) if label is not None and self._keeps else None


def source_of(request: Request, tool: Tool[..., Any] | ToolCard | None) -> str:
    """Return whose words an answer holds; empty where they are the run's own.

    Args:
        request: of any kind.
        tool: that is called; None where none is.
    """
    module, quotes = (tool.module, tool.quotes) if tool else ("", "")
    return source(request.effect, request.name, module, quotes)


def stated(tool: Tool[..., Any] | ToolCard | None, value: Any) -> Confidentiality:
    """Return how confidential a value is by its own account: the field that the schema marks."""
    if tool is None or not isinstance(value, Mapping):
        return "public"
    for name, field in tool.output_schema.get("properties", {}).items():
        if field.get("states") == "confidentiality" and value.get(name) in LEVELS:
            return value[name]
    return "public"


def label_of(tool: Tool[..., Any] | ToolCard, value: Any) -> Label:
    """Return the label of an answer that was asked for outside of any run.

    Args:
        tool: that gave it.
        value: of the answer.
    """
    whose = source("tool", tool.name, tool.module, tool.quotes)
    return Label(confidentiality=stated(tool, value), sources=(whose,) if whose else ())

"""Do the labels hold: is nothing lost on the way, and was nothing given where it may not go?

What an answer was made of is in its label, as is whose words it holds; a measurement has the label of
the answer that it was taken from; and what the policy refuses was not carried out.
"""

from collections.abc import Mapping
from typing import Any, cast

import orjson
from pydantic import ValidationError

from gaseol.traces.nouns.label import LEVELS, PUBLIC, Label, Target, source

RULES = "gaseol.labels/1"
"""What `run.json` says of a record whose labels are to be held against these rules."""

_STATED = b'"label":'

Json = Mapping[str, Any]


class Labels:
    """Follows the labels of a record, event by event; most events have none."""

    def __init__(self, run: Json) -> None:
        """Read what was agreed on.

        Args:
            run: `run.json`.
        """
        scenario, cards = _mapping(run.get("scenario")), _mapping(run.get("cards"))
        self._on = run.get("labels") == RULES
        self._policy = _mapping(scenario.get("policy"))
        level = self._policy.get("confidentiality", "institute")
        self._question = Label(confidentiality=level if level in LEVELS else "institute")
        self._targets = {
            name: target for name, card in cards.items() if (target := self._tool(name, card))
        }
        self._asked: dict[int, tuple[Label, Target]] = {}
        self._answered: dict[int, Label] = {}

    def asked(self, seq: int, effect: str, name: str, line: bytes) -> str:
        """Take note of a request; say what is wrong with its label.

        Args:
            seq: its position.
            effect: its kind.
            name: what it asks for.
            line: as stored.
        """
        target = self._targets.get(name) if effect == "tool" else self._other(effect, name)
        if not self._on or (target is None and _STATED not in line):
            return ""
        try:
            self._asked[seq] = (_stated(line) | self._question, target or Target(name=name))
        except ValueError:
            return "states a label that is none"
        return ""

    def answered(self, request: int, line: bytes, *, failed: bool) -> str:
        """Hold an answer against its request; say what is wrong.

        Args:
            request: its position.
            line: of the answer, as stored.
            failed: it is a failure.
        """
        if not self._on or (request not in self._asked and _STATED not in line):
            return ""
        asked, target = self._asked.pop(request, (self._question, Target(name="the call")))
        try:
            label = _stated(line) | self._question
        except ValueError:
            return "states a label that is none"
        whose = Label(sources=(target.source,) if target.source else ())
        if label | asked | whose != label:
            return f"its label has lost something of the label of event {request}, or whose words it is"
        if label != self._question:
            self._answered[request] = label
        why = "" if failed else target.refusal(asked, self._question)
        return f"answers what the policy refuses: {why}" if why else ""

    def measured(self, request: int, label: Label | None) -> str:
        """Hold a measurement against the answer that it was taken from; say what is wrong.

        Args:
            request: that was answered.
            label: of the measurement.
        """
        if not self._on:
            return ""
        due = self._answered.get(request, self._question)
        same = (label or PUBLIC) | self._question == due
        return "" if same else f"its label is not that of the answer to event {request}"

    def _tool(self, name: str, card: Any) -> Target | None:
        """Return where a tool takes what it is given; None where nothing comes of it."""
        about = _mapping(card)
        whose = source("tool", name, str(about.get("module", "")), str(about.get("quotes", "")))
        # workers have no network, whatever a card says
        leaves = about.get("network", "none") != "none" and whose.startswith("mcp:")
        consequential = about.get("consequential") is True
        if not (whose or leaves or consequential):
            return None
        return Target(
            name=name,
            source=whose,
            leaves=leaves,
            consequential=consequential,
            takes_low=self._takes_low(name),
        )

    def _other(self, effect: str, name: str) -> Target | None:
        whose = source(effect, name)
        leaves = effect == "egress"
        if not whose:
            return None
        return Target(name=name, source=whose, leaves=leaves, takes_low=self._takes_low(name))

    def _takes_low(self, name: str) -> bool:
        approve = _mapping(self._policy.get("approve"))
        return any(name in _names(part) for part in
                   (self._policy.get("low_integrity"), approve.get("tools")))  # fmt: skip


def _stated(line: bytes) -> Label:
    """Return the label that a line states; the one that adds nothing where it states none.

    Raises:
        ValueError: it is no label.
    """
    if _STATED not in line:
        return PUBLIC
    said = _mapping(orjson.loads(line)["data"]).get("label")
    try:
        return PUBLIC if said is None else Label.model_validate(said)
    except ValidationError as error:
        raise ValueError(str(error)) from None


def _mapping(value: Any) -> Json:
    return cast("Json", value) if isinstance(value, Mapping) else {}


def _names(value: Any) -> tuple[str, ...]:
    return tuple(map(str, cast("list[Any]", value))) if isinstance(value, list) else ()

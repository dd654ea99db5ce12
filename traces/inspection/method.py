"""The measurement as the scenario describes it, and whether a request asked for that.

A description has places `{column}`; the run's seed, the number of the reading and the case's own
name are known to the record, what stands in other places is not judged.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, cast

from gaseol.traces.nouns.measurement import Measurement, lot
from gaseol.traces.record.blob import AlteredBlob, Blob, MissingBlob
from gaseol.traces.record.docket import BESIDE
from gaseol.traces.record.event import EffectRequested
from gaseol.traces.record.trace import Trace

_PLACE = re.compile(r"\{([^\W\d]\w*)\}")
_LONGEST = 60


class Undescribed(ValueError):
    """`run.json` does not describe the measurement."""


class Withheld(LookupError):
    """What would have to be compared is not in this copy of the record."""


@dataclass(frozen=True, slots=True)
class Method:
    """How a purpose's measurements are made, as `run.json` says."""

    quantity: str
    tool: str
    arguments: Mapping[str, Any]
    path: tuple[str, ...]
    unit: str
    version: str | None
    """Digest of the tool, as `run.json` lists it."""
    key: str
    """The column that names a case."""
    seed: int

    @classmethod
    def of(cls, run: Mapping[str, Any], purpose: str, quantity: str = "") -> Self:
        """Read the method of a purpose: `check` has its own, all others share one.

        For the purpose `beside` it is that of the campaign's outcome of this name.

        Raises:
            Undescribed: `run.json` describes none.
        """
        section = "check" if purpose == "check" else "measurement"
        try:
            scenario = run["scenario"]
            said: Any = scenario[section]
            if purpose == BESIDE:
                own = scenario["campaign"]["outcomes"][quantity]
                call = own if own.get("tool") or own.get("bench") else said
                said = {"name": quantity, "unit": own.get("unit", "1"),
                        "value": own.get("value", ""), "arguments": call.get("arguments", {}),
                        "tool": call.get("tool", "person")}  # fmt: skip
            path = str(said.get("value", ""))
            return cls(
                quantity=said["name"],
                tool=said["tool"],
                arguments=dict(said.get("arguments", {})),
                path=tuple(path.split(".")) if path else (),
                unit=said.get("unit", "1"),
                version=run.get("tools", {}).get(said["tool"]),
                key=scenario.get("cases", {}).get("key", ""),
                seed=run.get("seed", 0),
            )
        except (LookupError, TypeError, AttributeError, ValueError):
            raise Undescribed(f"run.json describes no {section}") from None

    def deviations(
        self,
        measurement: Measurement,
        request: EffectRequested,
        arguments: Any,
        files: "Files",
    ) -> list[str]:
        """Return in what a measurement differs from the method; nothing where it does not.

        Raises:
            Withheld: a text that is compared is not there.
        """
        found: list[str] = []
        if (request.effect, request.name) != ("tool", self.tool):
            found.append(f"asked {request.effect} {request.name}, not the tool {self.tool}")
        if measurement.tool != self.tool:
            found.append(f"is said to be by {measurement.tool}, not {self.tool}")
        if measurement.quantity != self.quantity:
            found.append(f"is called '{measurement.quantity}', not '{self.quantity}'")
        if self.version is None:
            found.append(f"run.json lists no tool {self.tool}")
        elif request.version != self.version:
            found.append(
                f"asked version {request.version[:12] or 'unknown'} of {request.name}, the run "
                f"began with {self.version[:12]}"
            )
        if measurement.value is not None and measurement.path != self.path:
            found.append(
                f"took the value at '{'.'.join(measurement.path)}', not '{'.'.join(self.path)}'"
            )
        if measurement.unit != self.unit:
            found.append(f"is in '{measurement.unit}', not '{self.unit}'")
        known = {
            self.key: measurement.case, "seed": self.seed, "reading": measurement.reading,
            "lot": lot(self.seed, measurement.case, measurement.reading),
        }  # fmt: skip
        wrong = _Match(known, self.key, files).first("", self.arguments, arguments)
        if wrong:
            found.append(wrong)
        return found


class Files:
    """The scenario's files whose text went into requests."""

    def __init__(self, trace: Trace, files: Mapping[str, Blob]) -> None:
        self._trace, self._files = trace, files
        self._texts: dict[str, str] = {}

    def text(self, name: str) -> str | None:
        """Return a file's text; None for one that the record does not speak of.

        Raises:
            Withheld: it is not in this copy.
        """
        if name not in self._files:
            return None
        if name not in self._texts:
            try:
                self._texts[name] = self._trace.blobs.get(self._files[name]).decode()
            except (MissingBlob, AlteredBlob, UnicodeDecodeError) as error:
                raise Withheld(f"the file {name}: {error}") from None
        return self._texts[name]


@dataclass(frozen=True, slots=True)
class _Match:
    known: Mapping[str, Any]
    key: str
    files: Files

    def first(self, where: str, template: Any, given: Any) -> str:
        """Return the first argument that is not as described, in words."""
        if isinstance(template, str):
            return self._text(where, template, given)
        if isinstance(template, Mapping):
            return self._members(where, cast("Mapping[str, Any]", template), given)
        if isinstance(template, list):
            return self._items(where, cast("list[Any]", template), given)
        if template != given or isinstance(template, bool) != isinstance(given, bool):
            return _not(where, template, given)
        return ""

    def _text(self, where: str, template: str, given: Any) -> str:
        whole = _PLACE.fullmatch(template)
        if whole:
            name = whole[1]
            if name not in self.known:
                return ""
            expected = self.known[name]
            same = _name(given) == expected if name == self.key else given == expected
            return "" if same else _not(where, expected, given)
        if not isinstance(given, str):
            return _not(where, template, given)
        filled = _PLACE.sub(
            lambda found: str(self.known[found[1]]) if found[1] in self.known else found[0],
            template,
        )
        parts = re.split(_PLACE.pattern.replace("(", "(?:"), filled)
        return "" if _in_order(parts, given) else _not(where, filled, given)

    def _members(self, where: str, template: Mapping[str, Any], given: Any) -> str:
        if set(template) == {"file"}:
            text = self.files.text(str(template["file"]))
            return "" if text is None or text == given else f"'{where}' is not the text of the file"
        if not isinstance(given, Mapping):
            return _not(where, template, given)
        there = cast("Mapping[str, Any]", given)
        for name in [*template, *(n for n in there if n not in template)]:
            at = f"{where}.{name}" if where else name
            if name not in template:
                if there[name] is not None:
                    return f"has the argument '{at}', which is not in the method"
            elif name not in there:
                return f"lacks the argument '{at}'"
            elif wrong := self.first(at, template[name], there[name]):
                return wrong
        return ""

    def _items(self, where: str, template: list[Any], given: Any) -> str:
        if not isinstance(given, list) or len(cast("list[Any]", given)) != len(template):
            return _not(where, template, given)
        for number, (inner, each) in enumerate(
            zip(template, cast("list[Any]", given), strict=True)
        ):
            wrong = self.first(f"{where}.{number}", inner, each)
            if wrong:
                return wrong
        return ""


def _in_order(parts: list[str], given: str) -> bool:
    """Tell whether a text is these parts with anything between them."""
    if len(parts) == 1:
        return given == parts[0]
    first, *middle, last = parts
    if not given.startswith(first) or not given.endswith(last):
        return False
    at, end = len(first), len(given) - len(last)
    for part in middle:
        at = given.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return at <= end


def _name(cell: Any) -> str:
    """Return the case that a cell names, as runs name it."""
    return f"{cell:.12g}" if isinstance(cell, float) else str(cell)


def _not(where: str, expected: Any, given: Any) -> str:
    return f"asked with {where}={_short(given)}, the method says {_short(expected)}"


def _short(value: Any) -> str:
    said = " ".join(str(value).split())
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 3]}..."

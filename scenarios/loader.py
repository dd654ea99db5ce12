"""From a file to a scenario, or to errors that name the line, the field and what was meant.

```
Exception
└── ScenarioError      something in a scenario is wrong: each problem with its place
```
"""

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from gaseol.scenarios.answer import Answer
from gaseol.scenarios.scenario import Scenario

FILE = "scenario.yaml"
LIMIT_BYTES = 1_000_000
_LIMIT_NODES = 100_000


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with a scenario."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class ScenarioError(ValueError):
    """A scenario that cannot be run, with everything that is wrong with it."""

    def __init__(self, flaws: list[Flaw]) -> None:
        super().__init__("\n".join(map(str, flaws)))
        self.flaws = flaws


Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML document as plain values, and the line of each."""

    name: str
    content: Any
    lines: dict[Place, int]

    def where(self, place: Place) -> str:
        """Return file and line of a field, or of the nearest field around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return f"{self.name}:{self.lines.get(place, 1)}"


def read(path: Path) -> Document:
    """Read a YAML file safely.

    Raises:
        ScenarioError: it is missing, too large, not UTF-8, not YAML, says a key twice, or
            grows beyond reason through its aliases.
    """

    def bad(what: str, line: int | None = None) -> ScenarioError:
        return ScenarioError([Flaw(f"{path.name}:{line}" if line else str(path), what)])

    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise bad("there is no such file") from None
    except OSError as error:
        raise bad(f"cannot be read: {error.strerror}") from None
    if len(content) > LIMIT_BYTES:
        raise bad(f"has {len(content)} bytes, more than the {LIMIT_BYTES} a scenario may have")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise bad(f"is not UTF-8 (byte {error.start}); save it as UTF-8", line) from None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise bad(f"is not YAML: {error.problem}", mark.line + 1 if mark else None) from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        what = f"holds the character U+{error.character:04X}, which YAML does not allow"
        raise bad(what, line) from None
    except RecursionError:
        raise bad("is nested too deeply") from None
    if root is None:
        raise bad("is empty")
    builder = _Builder(path.name)
    return Document(path.name, builder.build(root, ()), builder.lines)


class _Builder:
    """Turns YAML nodes into plain values, keeping lines and counting what aliases unfold to."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Place, int] = {}
        self._nodes = 0
        self._plain = yaml.SafeLoader("")

    def build(self, node: yaml.Node, place: Place) -> Any:
        line = node.start_mark.line + 1
        self._nodes += 1
        if self._nodes > _LIMIT_NODES:
            raise self._bad(line, f"unfolds to more than {_LIMIT_NODES} values through its aliases")
        if len(place) > 30:
            raise self._bad(line, "is nested too deeply, or refers to itself")
        self.lines.setdefault(place, line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*place, i)) for i, item in enumerate(node.value)]
        try:
            value = self._plain.construct_object(node)
        except (yaml.YAMLError, ValueError, LookupError, AttributeError):
            # the library's own messages speak of its tables, or are none at all
            what = f"{_short(node.value)} cannot be read as {node.tag.rsplit(':', 1)[-1]}"
            raise self._bad(line, f"{what}; put it in quotes") from None
        # dates and bytes have no place in a scenario: keep what was written
        return value if isinstance(value, str | int | float | bool | None) else node.value

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._bad(line, "a key must be a word")
            key = str(key_node.value)
            if key in found:
                raise self._bad(line, f"'{key}' stands here twice")
            self.lines[(*place, key)] = line
            found[key] = self.build(value_node, (*place, key))
        return found

    def _bad(self, line: int, what: str) -> ScenarioError:
        return ScenarioError([Flaw(f"{self.name}:{line}", what)])


def load(path: Path | str) -> Scenario:
    """Load a scenario from a folder, a `scenario.yaml`, or the name of one that is known.

    Raises:
        ScenarioError: with every flaw found, its line and a suggestion.
    """
    from gaseol.scenarios.catalogue import find

    file = find(path)
    document = read(file)
    scenario = parse(document)
    return scenario.placed(file.parent)


def parse(document: Document) -> Scenario:
    """Make a scenario of a document.

    Raises:
        ScenarioError: with every flaw found.
    """
    if not isinstance(document.content, dict):
        raise ScenarioError([Flaw(document.where(()), "a scenario is a mapping of fields")])
    try:
        return Scenario.model_validate(document.content)
    except ValidationError as error:
        raise ScenarioError(_flaws(error, document, Scenario)) from None


def load_answer(folder: Path) -> Answer | None:
    """Load the hidden answer beside a scenario, None where there is none.

    Raises:
        ScenarioError: it is there and cannot be read.
    """
    path = folder / "answer.yaml"
    if not path.is_file():
        return None
    document = read(path)
    try:
        return Answer.model_validate(document.content)
    except ValidationError as error:
        raise ScenarioError(_flaws(error, document, Answer)) from None


def _flaws(error: ValidationError, document: Document, root: type[BaseModel]) -> list[Flaw]:
    flaws: list[Flaw] = []
    for found in error.errors(include_url=False):
        place = _place(found["loc"], document.content)
        field = ".".join(map(str, place)) or "scenario"
        what = found["msg"].removeprefix("Value error, ")
        if found["type"] == "extra_forbidden":
            known = _fields(root, place[:-1], document.content)
            near = difflib.get_close_matches(str(place[-1]), known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(sorted(known))}"
            what = f"unknown field; {hint}" if known else "unknown field"
        elif found["type"] == "missing":
            what = "is missing"
        elif found["type"] == "string_pattern_mismatch" and place[-1:] == ("name",):
            what = (
                "a name is up to 64 lower-case letters, digits and _, a letter first "
                f"(here stands {_short(found['input'])})"
            )
        elif "input" in found and not isinstance(found["input"], dict | list):
            what = f"{what} (here stands {_short(found['input'])})"
        flaws.append(Flaw(f"{document.where(place)}, {field}", what))
    return flaws


def _short(value: Any) -> str:
    said = repr(value)
    return said if len(said) <= 60 else f"{said[:57]}..."


def _place(loc: tuple[str | int, ...], content: Any) -> Place:
    """Return the part of pydantic's location that stands in the document (no union tags)."""
    place: list[str | int] = []
    at = content
    for i, step in enumerate(loc):
        there, inside = _inside(at, step)
        if there:
            at = inside
        elif i < len(loc) - 1:
            continue  # the tag of a union, not a field
        place.append(step)
    return tuple(place)


def _inside(at: Any, step: str | int) -> tuple[bool, Any]:
    """Tell whether a step leads on in plain values, and whereto."""
    if isinstance(at, dict):
        mapping = cast("dict[str | int, Any]", at)
        return step in mapping, mapping.get(step)
    if isinstance(at, list) and isinstance(step, int):
        sequence = cast("list[Any]", at)
        return step < len(sequence), sequence[step] if step < len(sequence) else None
    return False, None


def _fields(root: type[BaseModel], place: Place, content: Any) -> list[str]:
    """Return the field names of the model that stands at a place."""
    models: list[type[BaseModel]] = [root]
    at = content
    for step in place:
        at = _inside(at, step)[1]
        models = [
            m
            for model in models
            for m in (
                _models(model.model_fields[step].annotation)
                if isinstance(step, str) and step in model.model_fields
                else ([model] if isinstance(step, int) else [])
            )
        ] or models
    if isinstance(at, dict) and "kind" in at:
        models = [
            m
            for m in models
            if "kind" in m.model_fields and m.model_fields["kind"].default == at["kind"]
        ] or models
    return sorted({name for model in models for name in model.model_fields})


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) is None:
        return []
    return [model for part in get_args(annotation) for model in _models(part)]

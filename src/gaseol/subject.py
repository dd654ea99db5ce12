"""Subjects: what a word after `gaseol check` stands for."""

import difflib
import importlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gaseol.scenarios.catalogue import known
from gaseol.tools.contract import Tool
from gaseol.tools.registry import Entry, Plugin, Problem, Registry, plugins, tool_files

_SCENARIO = "scenario.yaml"


class UnknownSubject(LookupError):
    """Neither a scenario nor a tool, a plug-in, a module or a file of tools."""


@dataclass(frozen=True)
class Subject:
    """What is to be checked: tools, other objects of a plug-in, and what could not be had."""

    name: str
    entries: tuple[Entry, ...] = ()
    things: tuple[object, ...] = ()
    """Graphs, scientists and scenarios."""
    problems: tuple[Problem, ...] = ()


def subject(word: str, *, allow_weak: bool = False) -> Subject | None:
    """Return what a word stands for; None when it is a scenario.

    Args:
        word: a path, or the name of a scenario, tool, plug-in, package or module.
        allow_weak: describe the tools of a file even where nothing keeps it from the network.

    Raises:
        UnknownSubject: there is no such thing; the message offers the nearest.
        RegistryError: two tools have one name.
    """
    path = Path(word)
    if path.is_dir():
        return _in_folder(path, allow_weak=allow_weak)
    if path.is_file():
        return _in_files(path.parent, (path,), allow_weak) if path.suffix == ".py" else None
    if word in known():
        return None
    registry = Registry.load()
    if word in registry:
        return Subject(word, (registry.entry(word),))
    named = [one for one in plugins() if word in (one.name, one.module, one.package)]
    if named:
        return _of_plugins(word, named)
    if re.fullmatch(r"\w+(\.\w+)+", word):
        return _of_module(word)
    names = [*known(), *registry.names(), *(one.name for one in plugins())]
    near = difflib.get_close_matches(word, names, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "see: gaseol list tools"
    msg = f"there is no scenario, tool, plug-in, file or folder {word!r}; {hint}"
    raise UnknownSubject(msg)


def _in_folder(folder: Path, *, allow_weak: bool) -> Subject | None:
    files = tool_files(folder)
    if (folder / "pyproject.toml").is_file():
        return _of_project(folder)
    if (folder / _SCENARIO).is_file() or not files:
        return None  # a scenario, or a folder whose lack of one is to be told
    return _in_files(folder, files, allow_weak)


def _in_files(folder: Path, files: tuple[Path, ...], allow_weak: bool) -> Subject:
    from gaseol.tools.workers.keeper import describe

    root = str(folder.resolve())
    entries: list[Entry] = []
    problems: list[Problem] = []
    for file in files:
        found = describe(root, str(file.resolve()), trust=allow_weak)
        if isinstance(found, Problem):
            problems.append(found)
            continue
        entries += [Entry(card, root, card.module, str(file.resolve())) for card in found]
        if not found:
            problems.append(Problem(str(file), f"{file} has no tool at its top level"))
    return Subject(str(folder), tuple(entries), problems=tuple(problems))


def _of_project(folder: Path) -> Subject | None:
    file = folder / "pyproject.toml"
    try:
        project = tomllib.loads(file.read_text("utf-8")).get("project")
    except ValueError as error:  # no TOML, or no UTF-8
        msg = f"{file} cannot be read: {error}"
        raise UnknownSubject(msg) from None
    known_as = project.get("name") if isinstance(project, dict) else None
    name = str(known_as or folder.resolve().name)
    normal = re.sub(r"[-_.]+", "-", name).lower()
    mine = [one for one in plugins() if re.sub(r"[-_.]+", "-", one.package).lower() == normal]
    if not mine and any(folder.glob(f"src/*/{_SCENARIO}")):
        return None  # it can be run from its folder
    if not mine:
        msg = (
            f"{name} is not installed here, or has no entry point of the group 'gaseol'; "
            f"install it: pip install -e {folder}"
        )
        raise UnknownSubject(msg)
    return _of_plugins(name, mine)


def _of_plugins(name: str, found: list[Plugin]) -> Subject:
    entries = tuple(
        Entry(thing, plugin=one.name, module=one.module, package=one.package)
        for one in found
        for _, thing in one.objects
        if isinstance(thing, Tool)
    )
    things = tuple(thing for one in found for _, thing in one.objects)
    problems = tuple(one.problem for one in found if one.problem)
    return Subject(name, entries, things, problems)


def _of_module(name: str) -> Subject:
    try:
        module = importlib.import_module(name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 (a stranger's module may break in any way)
        msg = f"{name} is no module that can be imported here: {type(error).__name__}: {error}"
        raise UnknownSubject(msg) from None
    public = [thing for key, thing in vars(module).items() if not key.startswith("_")]
    own = name.partition(".")[0]
    package = "" if own == "gaseol" else own
    entries = tuple(Entry(thing, name, name, package=package)
                    for thing in public if isinstance(thing, Tool))  # fmt: skip
    return Subject(name, entries, tuple(public))


def unique(things: tuple[object, ...], kind: type) -> Iterator[object]:
    """Yield the objects of one type, each once.

    Args:
        things: at the top level of modules.
        kind: their type.
    """
    yield from {id(one): one for one in things if isinstance(one, kind)}.values()

"""The registry: every tool that is installed or lies beside a scenario, by name.

```
RegistryError
├── UnknownToolError   no tool has this name
└── TwinToolsError     two tools have one name
```
"""

import difflib
import functools
import importlib
import importlib.metadata
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from gaseol.tools.contract import Tool, ToolCard

GROUP = "gaseol"
"""The entry-point group: each entry point names a module."""


class RegistryError(Exception):
    """What is wrong with the tools at hand, or with a name asked for."""


class UnknownToolError(RegistryError, LookupError):
    """No tool has the name asked for."""


class TwinToolsError(RegistryError):
    """Two tools have one name."""


@dataclass(frozen=True)
class Problem:
    """A plug-in or folder whose tools could not be had."""

    plugin: str
    reason: str
    """One line for a person."""
    detail: str = ""
    """The traceback, for the plug-in's author."""


@dataclass(frozen=True)
class Plugin:
    """An installed plug-in: the objects at its module's top level, or why there are none."""

    name: str
    module: str
    package: str = ""
    """The distribution that brings it; empty for gaseol's own."""
    objects: tuple[tuple[str, object], ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True)
class Entry:
    """A tool and where a worker finds it."""

    tool: Tool[..., Any] | ToolCard
    plugin: str
    """The entry point's name, or the folder."""
    module: str
    """The module whose top level holds the tool."""
    file: str = ""
    """The file to import it from, for a tool in a folder."""
    package: str = ""
    """The distribution that brings it; empty for gaseol's own and for a folder's."""

    @property
    def domain(self) -> str:
        """Whose workers it runs in: a folder's, a package's, or, when empty, gaseol's own."""
        return self.plugin if self.file else self.package


class Registry:
    """Tools by name; iterates over them sorted by name."""

    def __init__(
        self,
        tools: Iterable[Tool[..., Any]] = (),
        *,
        entries: Iterable[Entry] = (),
        problems: Iterable[Problem] = (),
    ) -> None:
        """Hold tools of importable modules, and entries found elsewhere.

        Raises:
            TwinToolsError: two different tools have one name.
        """
        own = [Entry(tool, plugin=tool.module, module=tool.module) for tool in tools]
        self.problems = tuple(problems)
        """Plug-ins and folders whose tools could not be had."""
        self._entries: dict[str, Entry] = {}
        for entry in sorted([*own, *entries], key=lambda entry: entry.tool.name):
            twin = self._entries.setdefault(entry.tool.name, entry)
            if twin.tool is not entry.tool:
                msg = (
                    f"two tools are named {entry.tool.name!r}: one of {twin.plugin}, one of "
                    f"{entry.plugin}; rename one of the functions"
                )
                raise TwinToolsError(msg)

    @classmethod
    def load(cls, folders: Iterable[Path | str] = (), *, trust: bool = False) -> "Registry":
        """Gather the tools of all installed plug-ins, and of folders beside scenarios.

        The files of a folder (`tools.py`, `tools/*.py`) are imported in an isolated worker only,
        which sends back their descriptions.

        Args:
            folders: of scenarios.
            trust: import their files even where nothing keeps them from the network.

        Raises:
            TwinToolsError: two tools have one name.
        """
        entries = [
            Entry(thing, plugin=plugin.name, module=plugin.module, package=plugin.package)
            for plugin in plugins()
            for _, thing in plugin.objects
            if isinstance(thing, Tool)
        ]
        problems = [plugin.problem for plugin in plugins() if plugin.problem]
        return cls(entries=entries, problems=problems).extended(folders, trust=trust)

    def extended(self, folders: Iterable[Path | str], *, trust: bool = False) -> "Registry":
        """Return a registry with the tools of these folders besides.

        Args:
            folders: of scenarios.
            trust: import their files even where nothing keeps them from the network.

        Raises:
            TwinToolsError: two tools have one name.
        """
        from gaseol.tools.workers.keeper import describe

        entries, problems = list(self._entries.values()), list(self.problems)
        for folder in folders:
            root = Path(folder).resolve()
            for file in tool_files(root):
                found = describe(str(root), str(file), trust=trust)
                if isinstance(found, Problem):
                    problems.append(found)
                else:
                    entries += [
                        Entry(card, plugin=str(root), module=card.module, file=str(file))
                        for card in found
                    ]
        return Registry(entries=entries, problems=problems)

    def joined(self, entries: Iterable[Entry]) -> "Registry":
        """Return a registry with these tools besides.

        Raises:
            TwinToolsError: two tools have one name.
        """
        return Registry(entries=[*self._entries.values(), *entries], problems=self.problems)

    def get(self, name: str) -> Tool[..., Any] | ToolCard:
        """Return a tool; of a tool in a folder, its card.

        Raises:
            UnknownToolError: no tool has this name; the message offers near matches.
        """
        return self.entry(name).tool

    def entry(self, name: str) -> Entry:
        """Return a tool and where it comes from.

        Raises:
            UnknownToolError: no tool has this name; the message offers near matches.
        """
        try:
            return self._entries[name]
        except KeyError:
            raise UnknownToolError(self._unknown(name)) from None

    def names(self) -> tuple[str, ...]:
        """Return the names, sorted."""
        return tuple(self._entries)

    def __iter__(self) -> Iterator[Tool[..., Any] | ToolCard]:
        return (entry.tool for entry in self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def _unknown(self, name: str) -> str:
        close = difflib.get_close_matches(name, self._entries, n=3, cutoff=0.5)
        # What contains the word is meant more often than what is spelled alike.
        holding = [one for one in self._entries if name and name.lower() in one.lower()][:3]
        near = list(dict.fromkeys(close + holding))
        msg = f"there is no tool {name!r}"
        if near:
            msg += f"; did you mean {' or '.join(near)}?"
        if self.problems:
            msg += f" ({', '.join(p.plugin for p in self.problems)} could not be loaded)"
        return msg


def plugin_objects() -> Iterator[tuple[str, str, object]]:
    """Yield plug-in name, attribute name and object for all that installed plug-ins offer.

    Each layer takes its own type from these.
    """
    for plugin in plugins():
        for name, thing in plugin.objects:
            yield plugin.name, name, thing


@functools.cache
def plugins() -> tuple[Plugin, ...]:
    """Import every module of the entry-point group `gaseol`, once.

    One that cannot be imported is kept, with its problem.
    """
    found = sorted(importlib.metadata.entry_points(group=GROUP), key=lambda point: point.name)
    return tuple(_plugin(point.name, point.module, _package(point)) for point in found)


def tool_files(folder: Path) -> tuple[Path, ...]:
    """Return the files of a scenario's folder that may hold tools."""
    found = [folder / "tools.py", *sorted((folder / "tools").glob("*.py"))]
    return tuple(file for file in found if file.is_file())


def tools_in(module: ModuleType) -> tuple[Tool[..., Any], ...]:
    """Return the tools at a module's top level."""
    return tuple({id(one): one for one in vars(module).values() if isinstance(one, Tool)}.values())


def _package(point: importlib.metadata.EntryPoint) -> str:
    name = point.dist.name if point.dist else point.module.partition(".")[0]
    return "" if name == GROUP else name


def _plugin(name: str, module: str, package: str) -> Plugin:
    try:
        imported = importlib.import_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 (a plug-in may break in any way)
        reason = f"plug-in {name} ({module}) cannot be imported: {type(error).__name__}: {error}"
        problem = Problem(name, reason, traceback.format_exc())
        return Plugin(name, module, package, problem=problem)
    public = tuple((key, one) for key, one in vars(imported).items() if not key.startswith("_"))
    return Plugin(name, module, package, public)

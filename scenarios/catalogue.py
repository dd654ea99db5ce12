"""Where scenarios are: built in, plugged in, or in a folder of one's own."""

import difflib
from importlib import resources
from pathlib import Path

_NAME = "scenario.yaml"
_LONGEST = 255
"""Longer names no file system takes."""


def builtin() -> dict[str, Path]:
    """Return the files of the built-in scenarios by name."""
    here = Path(str(resources.files("gaseol.scenarios")))
    return {path.parent.name: path for path in sorted(here.glob(f"*/{_NAME}"))}


def plugged() -> dict[str, Path]:
    """Return the files of the scenarios that installed plug-ins bring, by name."""
    from gaseol.scenarios.scenario import Scenario
    from gaseol.tools.registry import plugin_objects

    return {
        thing.name: thing.folder / _NAME
        for _, _, thing in plugin_objects()
        if isinstance(thing, Scenario) and thing.folder is not None
    }


def known() -> dict[str, Path]:
    """Return the files of all scenarios that have a name here; built-in ones come first."""
    return {**plugged(), **builtin()}


def find(path: Path | str) -> Path:
    """Return the file of a scenario given as a folder, a file, or a known name.

    Raises:
        ScenarioError: there is none.
    """
    from gaseol.scenarios.loader import Flaw, ScenarioError

    given = Path(path)
    if len(given.name) > _LONGEST:
        raise ScenarioError([Flaw(f"{given.name[:40]}...", "is too long for a name")])
    if given.is_dir():
        if (given / _NAME).is_file():
            return given / _NAME
        inside = sorted(given.glob(f"src/*/{_NAME}"))
        if len(inside) == 1:  # a package, as `gaseol new scenario` writes it
            return inside[0]
        raise ScenarioError([Flaw(str(path), f"this folder has no {_NAME}")])
    if given.is_file():
        return given
    own = builtin()
    if str(path) in own:
        return own[str(path)]
    named = known()
    if str(path) in named:
        return named[str(path)]
    near = difflib.get_close_matches(str(path), named, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"built in are {', '.join(own)}"
    raise ScenarioError([Flaw(str(path), f"no such file, folder or built-in scenario; {hint}")])

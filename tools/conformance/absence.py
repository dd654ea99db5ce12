"""Absence: make this process one in which a library is not installed."""

import importlib.machinery
import sys
from collections.abc import Iterable, Sequence
from types import ModuleType


class Absent:
    """A finder that knows of no library by these names."""

    def __init__(self, names: Iterable[str]) -> None:
        """Take names of top-level modules."""
        self._names = frozenset(names)

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 (the finder's protocol)
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        """Say what the import system says of what is not there.

        Raises:
            ModuleNotFoundError: the module is one of those taken away.
        """
        if name.partition(".")[0] in self._names:
            msg = f"No module named {name!r}"
            raise ModuleNotFoundError(msg, name=name)
        return None


def take_away(names: Iterable[str]) -> None:
    """Make modules impossible to import here, for good.

    Args:
        names: of top-level modules; those that were imported before are dropped.
    """
    names = frozenset(names)
    sys.meta_path.insert(0, Absent(names))
    for module in [one for one in sys.modules if one.partition(".")[0] in names]:
        del sys.modules[module]

"""Requirements: what a tool needs installed, by the name of a distribution or of a module."""

import importlib.metadata
import importlib.util
import re


def installed(need: str) -> bool:
    """Tell whether a module can be found, or a distribution is installed, by this name.

    Args:
        need: of a distribution or of a module.
    """
    try:
        if importlib.util.find_spec(need) is not None:
            return True
    except (ImportError, ValueError):  # a dotted name whose parent is absent, or a half-made module
        return False
    try:
        importlib.metadata.distribution(need)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return False
    return True


def version(need: str) -> str:
    """Return the version of a distribution; empty when there is none of this name.

    Args:
        need: the distribution's name.
    """
    try:
        return importlib.metadata.version(need)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return ""


def modules_of(need: str) -> frozenset[str]:
    """Return the top-level modules that a requirement may bring.

    Args:
        need: of a distribution or of a module.
    """
    found = {need.partition(".")[0]}
    wanted = _normal(need)
    for module, owners in importlib.metadata.packages_distributions().items():
        if any(_normal(owner) == wanted for owner in owners):
            found.add(module)
    return frozenset(found)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def how_to_get(need: str) -> str:
    """Say what to install: an extra of gaseol where one brings it.

    Args:
        need: what is missing.
    """
    try:
        lines = importlib.metadata.requires("gaseol") or []
    except importlib.metadata.PackageNotFoundError:  # run from a folder, never installed
        lines = []
    extras = [
        found.group(1)
        for line in lines
        if re.match(rf"{re.escape(need)}\b", line, re.IGNORECASE)
        and (found := re.search(r"extra == ['\"]([\w-]+)['\"]", line))
    ]
    package = f"gaseol[{extras[0]}]" if extras else need
    return f"{need}, which is not installed here (pip install '{package}')"

"""`gaseol doctor`."""

import sys
from collections.abc import Callable

import click


class _Wrong(Exception):
    """Something that was tried does not work."""


@click.command("doctor")
def command() -> None:
    """Try what gaseol needs on this machine; exits with 1 when something needed fails."""
    failed = False
    for name, attempt, needed in _ATTEMPTS:
        try:
            click.echo(f"ok      {name}: {attempt()}")
        except Exception as error:  # noqa: BLE001 (a doctor reports whatever is wrong)
            word = "WRONG  " if needed else "missing"
            failed = failed or needed
            said = str(error) if isinstance(error, _Wrong) else f"{type(error).__name__}: {error}"
            click.echo(f"{word} {name}: {said}")
    sys.exit(1 if failed else 0)


def _python() -> str:
    import platform

    version = sys.version_info[:2]
    if not (3, 11) <= version < (3, 14):
        raise _Wrong(f"Python {platform.python_version()}; gaseol needs 3.11 to 3.13")
    return platform.python_version()


def _graph() -> str:
    from importlib.metadata import version

    from gaseol.graphs.catalogue import graphs

    return f"langgraph {version('langgraph')}, graphs: {', '.join(graphs())}"


def _tools() -> str:
    from gaseol.tools.registry import Registry

    registry = Registry.load()
    if registry.problems:
        raise _Wrong("; ".join(problem.reason for problem in registry.problems))
    lacking = [tool.name for tool in registry if tool.missing()]
    said = f"{len(registry)} tools"
    return f"{said}, not available: {', '.join(lacking)}" if lacking else said


def _measure(name: str, arguments: dict[str, object], path: str, expected: float) -> str:
    """Call a tool for real and compare with its reference value (within 1%)."""
    from gaseol.scenarios.template import pick
    from gaseol.tools.contract import Call
    from gaseol.tools.pool import Pool
    from gaseol.tools.registry import Registry

    with Pool(Registry.load(), jobs=1) as pool:
        answer = pool.submit(Call(tool=name, arguments=arguments)).result()
    if answer.failure is not None:
        raise _Wrong(f"{answer.failure.kind.value}: {answer.failure.reason}")
    value = pick(answer.value, path)
    if abs(value - expected) > 0.01 * abs(expected):
        raise _Wrong(f"{name} gives {value:g}, its reference is {expected:g}")
    return f"{name} gives {value:g}; isolation: {answer.isolation}"


def _record() -> str:
    import tempfile
    from pathlib import Path

    from gaseol.traces import Recorder, verify
    from gaseol.traces.event import PolicyDecided, RunStarted

    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(Path(folder) / "run", {"id": "doctor"})
        recorder.record(RunStarted(scenario="doctor", question="?", scientist="none", graph="none",
                                   seed=0, hypotheses=1, alpha=0.05, budget={}))  # fmt: skip
        recorder.record(PolicyDecided(subject="doctor", allowed=True, reason="trial"))
        recorder.seal()
        found = verify(Path(folder) / "run")
    if not found.holds:
        raise _Wrong("; ".join(map(str, found.problems)))
    return "written, sealed and verified"


def _disk() -> str:
    import shutil

    from gaseol.traces.shelf import home

    folder = home()
    while not folder.exists():
        folder = folder.parent
    import os

    if not os.access(folder, os.W_OK):
        raise _Wrong(f"{folder} cannot be written to; set GASEOL_HOME")
    free = shutil.disk_usage(folder).free / 2**30
    if free < 1:
        raise _Wrong(f"only {free:.1f} GiB are free in {folder}")
    return f"{free:.0f} GiB free for {home()}"


def _table() -> str:
    # ethanol, CRC Handbook of Chemistry and Physics, 95th edition: 78.24 degC
    return _measure("boiling_point", {"compound": "CCO"}, "temperature", 351.39)


def _crystal() -> str:
    # iron as pymatgen tabulates it; C. Kittel, Introduction to Solid State Physics, has 168 GPa
    return _measure("bulk_modulus", {"symbol": "Fe"}, "", 170.0)


def _quantum_chemistry() -> str:
    # ethanol by GFN2-xTB with ALPB water, as this release computes it
    return _measure("hydration_free_energy", {"smiles": "CCO"}, "energy", ETHANOL_IN_WATER)


ETHANOL_IN_WATER = -4.1472
"""kcal/mol."""

_ATTEMPTS: list[tuple[str, Callable[[], str], bool]] = [
    ("python", _python, True),
    ("graph library", _graph, True),
    ("plug-ins", _tools, True),
    ("record", _record, True),
    ("runs folder", _disk, True),
    ("chemistry table", _table, True),
    ("materials table", _crystal, True),
    ("quantum chemistry", _quantum_chemistry, False),
]

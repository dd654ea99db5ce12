"""Attempts: what gaseol needs of a machine, each tried and not looked up."""

import importlib.metadata
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from packaging.requirements import Requirement

    from gaseol.tools.workers.pool import Pool
    from gaseol.traces.nouns.failure import Failure

Outcome = Literal["ok", "WRONG", "missing"]

LEAST_GIB = 1.0
"""Free disk below which no run should be begun."""
IMPORT_SECONDS = 120
"""How long the import of an extra's library may take."""
DEVELOPERS = frozenset({"test", "browser", "dev"})
"""Extras that are no concern of a user's."""


class Wrong(Exception):
    """Something that is needed does not work; the message says what to do."""


class Missing(Exception):
    """Something that one can do without is not there; the message says how to get it."""


@dataclass(frozen=True)
class Attempt:
    """What was tried and what came of it."""

    name: str
    outcome: Outcome
    said: str


def attempts(*, allow_weak: bool = False) -> Iterator[Attempt]:
    """Try everything, one after the other; whatever happens, each attempt is answered.

    Args:
        allow_weak: start servers of others even where nothing keeps them from the network.
    """
    yield _made("python", python)
    yield _made("requirements", requirements)
    yield _made("graph library", graph_library)
    yield _made("plug-ins", plug_ins)
    for kind, options in _ladder().items():
        yield _made(f"isolation by {kind}", lambda k=kind, o=options: isolation(k, o))
    yield _made("isolation", best_isolation)
    yield _made("record", record)
    yield _made("runs folder", runs_folder)
    yield _made("signing key", signing_key)
    yield _made("site", this_site)
    yield _made("screens", screens)
    yield from _servers(allow_weak=allow_weak)
    yield from _measurements()
    for extra in importlib.metadata.metadata("gaseol").get_all("Provides-Extra") or []:
        if extra in DEVELOPERS:
            continue
        yield _made(f"extra {extra}", lambda e=extra: extra_works(e))


def this_site() -> str:
    """Read the site file, if there is one, and look for what it names."""
    from gaseol.tools.site import site

    here = site()
    if here is None:
        raise Missing("no site file: runs are bound by their own policies only")
    missing = here.missing()
    if missing:
        raise Wrong(f"{here.path} names what is not there: {', '.join(missing)}")
    hosts = ", ".join(here.policy.hosts) or "no host"
    return f"{here.name} ({here.path}); runs may name {hosts}"


def _servers(*, allow_weak: bool) -> Iterator[Attempt]:
    """Connect to every server of the user's configuration, and hold its tools against their pins."""
    from gaseol.tools.mcp.configuration import ServerError, configured

    try:
        named = configured()
    except ServerError as error:
        yield Attempt("servers", "WRONG", str(error))
        return
    for name, one in named.items():

        def attempt(name: str = name, one: Any = one) -> str:
            from gaseol.tools.mcp.servers import Servers
            from gaseol.tools.site import allow_weak_isolation

            if allow_weak:
                allow_weak_isolation()
            try:
                servers = Servers({name: one}, trust=allow_weak)
            except ServerError as error:
                raise Wrong(str(error)) from None
            count = len(servers.entries)
            servers.close()
            return f"{count} tools, each as it was pinned; their results are of low integrity"

        yield _made(f"server {name}", attempt)


def screens() -> str:
    """Have every screen of the site read its list."""
    from gaseol.tools.screens import Screens
    from gaseol.tools.site import SiteError, site

    try:
        here = site()
        ready = Screens(here)
    except SiteError as error:
        raise Wrong(str(error)) from None
    ready.close()
    if here is None or not here.screens:
        raise Missing("none: no list says what nobody is to work on here (docs/site.md)")
    said = [f"{name} ({n} by {here.screens[name].by})" for name, n in ready.entries.items()]
    return f"entries that are refused: {', '.join(said)}"


def _made(name: str, attempt: Callable[[], str]) -> Attempt:
    try:
        return Attempt(name, "ok", attempt())
    except Missing as error:
        return Attempt(name, "missing", str(error))
    except Wrong as error:
        return Attempt(name, "WRONG", str(error))
    except (Exception, SystemExit) as error:  # noqa: BLE001 (a doctor reports whatever is wrong)
        return Attempt(name, "WRONG", f"{type(error).__name__}: {error}")


def python() -> str:
    """Tell whether this interpreter is one of those supported."""
    import platform

    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        raise Wrong(f"Python {platform.python_version()}; gaseol needs 3.11 to 3.13")
    return platform.python_version()


def requirements() -> str:
    """Hold every library that gaseol requires against the version that is installed."""
    core = _core()
    flaws: list[str] = []
    for one in core:
        try:
            here = importlib.metadata.version(one.name)
        except importlib.metadata.PackageNotFoundError:
            flaws.append(f"{one.name} is not installed")
            continue
        if not one.specifier.contains(here, prereleases=True):
            flaws.append(f"{one.name} is {here}, needed is {one.specifier}")
    if flaws:
        raise Wrong(f"{'; '.join(flaws)} (pip install --upgrade gaseol)")
    return f"{len(core)} libraries, each of a version that fits"


def _core() -> "list[Requirement]":
    """Return what gaseol requires on this platform, its extras apart."""
    from packaging.requirements import Requirement

    lines = [Requirement(line) for line in importlib.metadata.requires("gaseol") or []]
    return [one for one in lines if one.marker is None or one.marker.evaluate({"extra": ""})]


def graph_library() -> str:
    """Import the graph library and list the graphs."""
    from gaseol.graphs.catalogue import graphs

    return f"langgraph {importlib.metadata.version('langgraph')}, graphs: {', '.join(graphs())}"


def plug_ins() -> str:
    """Import every plug-in; one that cannot be imported is wrong."""
    from gaseol.tools.registry import Registry

    registry = Registry.load()
    if registry.problems:
        raise Wrong("; ".join(problem.reason for problem in registry.problems))
    lacking = [tool.name for tool in registry if tool.missing()]
    said = f"{len(registry)} tools"
    return f"{said}, not available: {', '.join(lacking)}" if lacking else said


def _ladder() -> dict[str, tuple[str, ...]]:
    from gaseol.tools.workers.isolation import LANDLOCK, NETWORK_NAMESPACE

    return {NETWORK_NAMESPACE: (), LANDLOCK: ("--no-namespaces",)}


def isolation(kind: str, options: tuple[str, ...]) -> str:
    """Have a worker try to escape from one kind of isolation.

    Args:
        kind: that is to hold it.
        options: of the worker, so that it uses this kind.
    """
    got, escape = _escape(options)
    if got != kind:
        raise Missing(f"not to be had here; {_REMEDIES[kind]}")
    out = [what for what in ("connection", "file") if escape[what] == "succeeded"]
    if kind != "landlock" and escape["datagram"] == "succeeded":
        out.append("datagram")
    if out:
        raise Wrong(f"a worker should be kept in, and its {' and '.join(out)} got out")
    return "a worker tried to connect and to write a file, in vain"


_REMEDIES = {
    "network namespace": "the system must let users make namespaces (sysctl "
    "kernel.apparmor_restrict_unprivileged_userns=0, or a container with --privileged)",
    "landlock": "the kernel must be Linux 6.7 or later, with Landlock switched on (lsm=landlock)",
}


def best_isolation() -> str:
    """Tell what tools are kept in by on this machine; nothing at all is wrong."""
    got, _ = _escape(())
    if got == "weak":
        raise Wrong(
            "weak: nothing here keeps tools from the network; built-in tools run all the same, "
            "others need --allow-weak-isolation"
        )
    return f"tools are kept in by: {got}"


def _escape(options: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    from gaseol.tools.contract import Call
    from gaseol.tools.registry import Registry
    from gaseol.tools.workers.pool import Pool
    from gaseol.tools.workers.probe import try_to_escape

    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        tempfile.TemporaryDirectory(prefix="gaseol-doctor-") as folder,
        Pool(Registry([try_to_escape]), jobs=1, options=options) as pool,
    ):
        port, path = server.getsockname()[1], str(Path(folder) / "escaped")
        call = Call(tool="try_to_escape", arguments={"port": port, "path": path})
        answer = pool.submit(call).result()
    if answer.failure is not None:
        raise Wrong(f"a worker answers {answer.failure.kind.value}: {answer.failure.reason}")
    return answer.isolation, answer.value


def record() -> str:
    """Write a record, seal and verify it, in a folder that is removed again."""
    from gaseol.traces import Recorder, verify
    from gaseol.traces.record.event import PolicyDecided, RunStarted

    with tempfile.TemporaryDirectory(prefix="gaseol-doctor-") as folder:
        recorder = Recorder(Path(folder) / "run", {"id": "doctor"})
        recorder.record(RunStarted(scenario="doctor", question="?", scientist="none", graph="none",
                                   seed=0, hypotheses=1, alpha=0.05, budget={}))  # fmt: skip
        recorder.record(PolicyDecided(subject="doctor", allowed=True, reason="trial"))
        recorder.seal()
        found = verify(Path(folder) / "run")
    if not found.holds:
        raise Wrong("; ".join(map(str, found.problems)))
    return "written, sealed and verified"


def runs_folder() -> str:
    """Write a file where runs are to be kept, and remove it."""
    from gaseol.traces.shelf import home

    folder = home().absolute()
    while not folder.is_dir():
        if folder.exists() or folder.is_symlink():
            raise Wrong(f"{folder} is no folder; set GASEOL_HOME to one that runs can be kept in")
        folder = folder.parent
    try:
        with tempfile.TemporaryDirectory(prefix=".gaseol-doctor-", dir=folder) as made:
            (Path(made) / "written").write_text("gaseol")
    except OSError as error:
        raise Wrong(f"{folder} cannot be written to ({error.strerror}); set GASEOL_HOME") from None
    free = shutil.disk_usage(folder).free / 2**30
    if free < LEAST_GIB:
        raise Wrong(f"only {free:.1f} GiB are free in {folder}")
    return f"{free:.0f} GiB free for {home()}"


def signing_key() -> str:
    """Sign something with the user's default key, if there is one."""
    from gaseol.traces.signatures import keys

    name = keys.default()
    if name is None:
        raise Missing("none; seals are not signed (gaseol key new NAME)")
    key = keys.load_key(name)
    signature = key.sign(b"gaseol")
    key.public_key().verify(signature, b"gaseol")
    return f"{name} signs"


ETHANOL_IN_WATER = -4.1472
"""kcal/mol, by GFN2-xTB with ALPB water, as this release computes it."""

IRON_EDGE = 2.8665
"""Of the cubic cell of alpha iron, in angstrom, from which its density of 7.874 g/cm**3 follows."""


def _measurements() -> Iterator[Attempt]:
    """Call tools for real and compare each with its reference value, within 1%."""
    with _workers() as pool:
        # ethanol, CRC Handbook of Chemistry and Physics, 95th edition: 78.24 degC
        yield _measured("chemistry table", pool, "boiling_point", {"compound": "CCO"}, "temperature", 351.39)  # fmt: skip
        # iron as pymatgen tabulates it; C. Kittel, Introduction to Solid State Physics, has 168 GPa
        yield _measured("materials table", pool, "bulk_modulus", {"symbol": "Fe"}, "", 170.0)
        yield _measured("crystal structure", pool, "describe_structure", {"structure": _iron()}, "density", 7.874)  # fmt: skip
        xtb = ("quantum chemistry", pool, "hydration_free_energy", {"smiles": "CCO"}, "energy")
        yield _measured(*xtb, ETHANOL_IN_WATER)


def _iron() -> dict[str, Any]:
    cell = [[IRON_EDGE if i == j else 0.0 for j in range(3)] for i in range(3)]
    places = ([0.0, 0.0, 0.0], [0.5, 0.5, 0.5])
    return {"cell": cell, "sites": [{"element": "Fe", "position": place} for place in places]}


@contextmanager
def _workers() -> "Iterator[Pool]":
    from gaseol.tools.registry import Registry
    from gaseol.tools.workers.pool import Pool

    with Pool(Registry.load(), jobs=1) as pool:
        yield pool


def _measured(
    name: str, pool: "Pool", tool: str, arguments: dict[str, Any], path: str, expected: float
) -> Attempt:
    def attempt() -> str:
        from gaseol.scenarios.template import pick
        from gaseol.tools.contract import Call
        from gaseol.traces.nouns.failure import FailureKind

        answer = pool.submit(Call(tool=tool, arguments=arguments)).result()
        if answer.failure is not None:
            if answer.failure.kind is FailureKind.UNAVAILABLE and not _brought_along(
                answer.failure
            ):
                raise Missing(answer.failure.reason)
            raise Wrong(f"{tool} answers {answer.failure.kind.value}: {answer.failure.reason}")
        value = pick(answer.value, path)
        if abs(value - expected) > 0.01 * abs(expected):
            raise Wrong(f"{tool} gives {value:g}, its reference is {expected:g}")
        return f"{tool} gives {value:g}, its reference is {expected:g}"

    return _made(name, attempt)


def _brought_along(failure: "Failure") -> bool:
    """Tell whether gaseol itself requires, on this platform, one of the libraries that are named."""
    return any(one.name in failure.reason for one in _core())


def extra_works(extra: str) -> str:
    """Import what an extra brings, each library in a process of its own.

    Args:
        extra: of gaseol.
    """
    from packaging.requirements import Requirement

    lines = [Requirement(line) for line in importlib.metadata.requires("gaseol") or []]
    brought = [
        one.name
        for one in lines
        if one.marker and one.marker.evaluate({"extra": extra}) and "extra" in str(one.marker)
    ]
    if not brought and any(f'extra == "{extra}"' in str(one.marker) for one in lines):
        raise Missing("not for this version of Python or this platform")
    if not brought:
        raise Wrong(f"gaseol declares no extra {extra!r}")
    absent = [name for name in brought if not _is_installed(name)]
    if absent:
        raise Missing(f"{', '.join(absent)} not installed (pip install 'gaseol[{extra}]')")
    for name in brought:
        _import(_principal(name))
    return f"{', '.join(brought)} can be imported"


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _principal(name: str) -> str:
    """Return the module that a library is known by."""

    def plain(text: str) -> str:
        return re.sub(r"[-_.]+", "_", text).lower()

    owners = importlib.metadata.packages_distributions()
    mine = [module for module, names in owners.items() if plain(name) in map(plain, names)]
    public = sorted(m for m in mine if m.isidentifier() and not m.startswith("_"))
    return next((m for m in public if plain(m) == plain(name)), public[0] if public else name)


def _import(module: str) -> None:
    command = [sys.executable, "-c", f"import {module}"]
    try:
        done = subprocess.run(  # noqa: S603 (a module's name, no shell)
            command, capture_output=True, text=True, timeout=IMPORT_SECONDS, env=_offline()
        )
    except subprocess.TimeoutExpired:
        raise Wrong(f"import {module} does not end within {IMPORT_SECONDS} s") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise Wrong(f"import {module} fails: {said[-1]}")


def _offline() -> dict[str, str]:
    quiet = {"HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1", "PYBAMM_DISABLE_TELEMETRY": "1"}
    return {**os.environ, **quiet}

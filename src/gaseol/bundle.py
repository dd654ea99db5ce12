"""An offline bundle: wheels, scenarios and corpora, gathered where there is a network.

On a machine without one, `python3 install.py` in the bundle makes an environment out of it.
"""

import importlib.metadata
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from gaseol import installer
from gaseol.scenarios.catalogue import find
from gaseol.scenarios.loader import load
from gaseol.tools.corpus.index import copy
from gaseol.tools.site import Site

NAME = "gaseol"
_NOT_FILES = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
"""Written by whoever installed a wheel, and no part of it."""


class BundleFailed(RuntimeError):
    """The wheels could not be gathered."""


class UnknownExtra(LookupError):
    """gaseol has no such extra."""


@dataclass(frozen=True)
class Bundle:
    """What was written."""

    path: Path
    packages: dict[str, str]
    """Version by name."""
    bytes: int
    scenarios: tuple[str, ...] = ()
    corpora: tuple[str, ...] = ()


def write_bundle(
    out: Path,
    *,
    extras: Sequence[str] = (),
    scenarios: Sequence[str | Path] = (),
    corpora: Sequence[Path] = (),
    site: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Bundle:
    """Write a new folder with all that an installation on another machine needs.

    The wheels are those of the packages installed here, in the same versions, for the same
    Python, system and processor.

    Args:
        out: must not exist.
        extras: of gaseol, as `energy`.
        scenarios: folders, files or names; each is checked first.
        corpora: files to put beside them.
        site: a site file to put beside them, checked first.
        tell: told what is being done.

    Raises:
        FileExistsError: `out` is there already, or two scenarios or corpora are of one name.
        FileNotFoundError: there is no such corpus.
        ScenarioError: a scenario is none.
        CorpusError: a corpus is none, or cannot be read.
        SiteError: the site file is none.
        UnknownExtra: gaseol has none of this name.
        BundleFailed: pip could not gather the wheels; with the last of what it said.
    """
    if out.exists():
        raise FileExistsError(17, "is there already; name another folder", str(out))
    known = importlib.metadata.metadata(NAME).get_all("Provides-Extra") or []
    for extra in extras:
        if extra not in known:
            raise UnknownExtra(f"gaseol has no extra '{extra}'; there are {', '.join(known)}")
    folders = _by_name(find(scenario).parent for scenario in scenarios)
    _by_name(corpora)
    for folder in folders.values():
        load(folder)
    for corpus in corpora:
        if not corpus.is_file():
            raise FileNotFoundError(2, "there is no such corpus", str(corpus))
    if site is not None:
        Site.read(site)
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        wheels = temporary / "wheels"
        wheels.mkdir(parents=True)
        tell("writing gaseol's own wheel")
        own = own_wheel(wheels)
        tell("gathering the wheels of what it needs")
        _gather(own, extras, temporary)
        for name, folder in folders.items():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(folder, temporary / "scenarios" / name, ignore=ignored)
        for corpus in corpora:
            (temporary / "corpora").mkdir(exist_ok=True)
            copy(corpus, temporary / "corpora" / corpus.name)
        if site is not None:
            shutil.copyfile(site, temporary / "site.yaml")
        shutil.copyfile(installer.__file__, temporary / "install.py")
        tell("writing the manifest")
        packages = _manifest(temporary, extras)
        os.replace(temporary, out)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    size = sum(p.stat().st_size for p in out.rglob("*") if p.is_file())
    names = tuple(corpus.name for corpus in corpora)
    return Bundle(out, packages, size, tuple(folders), names)


def _by_name(paths: Iterable[Path]) -> dict[str, Path]:
    """Return paths by their last names.

    Raises:
        FileExistsError: two are of one name, and one would take the other's place.
    """
    found: dict[str, Path] = {}
    for path in paths:
        if found.setdefault(path.name, path).resolve() != path.resolve():
            raise FileExistsError(
                17, "another one of this name is to go into the bundle", str(path)
            )
    return found


def own_wheel(folder: Path) -> Path:
    """Write the wheel of gaseol as it is installed here and return its path.

    Raises:
        BundleFailed: it is a checkout that cannot be built.
    """
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file() and (checkout / "traces").is_dir():
        _pip("wheel", "--no-deps", "--wheel-dir", str(folder), str(checkout))
        return next(folder.glob(f"{NAME}-*.whl"))
    found = importlib.metadata.distribution(NAME)
    tag = _tag(found)
    path = folder / f"{NAME}-{found.version}-{tag}.whl"
    record: list[str] = []
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(found.files or ()):
            if ".." in file.parts or "__pycache__" in file.parts or file.name in _NOT_FILES:
                continue
            content = Path(str(file.locate())).read_bytes()
            archive.writestr(file.as_posix(), content)
            hashed = urlsafe_b64encode(sha256(content).digest()).rstrip(b"=").decode()
            record.append(f"{file.as_posix()},sha256={hashed},{len(content)}")
        name = f"{NAME}-{found.version}.dist-info/RECORD"
        archive.writestr(name, "\n".join([*record, f"{name},,", ""]))
    return path


def _tag(found: importlib.metadata.Distribution) -> str:
    said = found.read_text("WHEEL") or ""
    tags = [line.partition(": ")[2] for line in said.splitlines() if line.startswith("Tag: ")]
    return tags[0] if tags else "py3-none-any"


def _gather(own: Path, extras: Sequence[str], folder: Path) -> None:
    """Have pip put the wheels of everything that gaseol needs beside its own."""
    constraints = folder / "constraints.txt"
    constraints.write_text("".join(f"{line}\n" for line in installed()), encoding="utf-8")
    wanted = f"{own}[{','.join(extras)}]" if extras else str(own)
    words = ["--prefer-binary", "--constraint", str(constraints)]
    _pip("wheel", *words, "--wheel-dir", str(folder / "wheels"), wanted)


def installed() -> list[str]:
    """Return what is installed here as constraints: `name==version`, sorted, without gaseol."""
    found: dict[str, str] = {}
    for one in importlib.metadata.distributions():
        name = re.sub(r"[-_.]+", "-", one.metadata["Name"] or "").lower()
        if name and name != NAME:
            found[name] = one.version.partition("+")[0]
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def _pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *words]
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise BundleFailed(f"pip {words[0]} failed; the last it said:\n{last}")


def _manifest(folder: Path, extras: Iterable[str]) -> dict[str, str]:
    """Write what the bundle holds and return the packages, version by name."""
    packages: dict[str, str] = {}
    for wheel in sorted((folder / "wheels").glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        packages[name.replace("_", "-").lower()] = version
    files = {
        path.relative_to(folder).as_posix(): installer.digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    said = {
        "format": installer.FORMAT,
        "gaseol": packages[NAME],
        "extras": sorted(set(extras)),
        "made_for": installer.here(),
        "packages": packages,
        "files": files,
    }
    (folder / "manifest.json").write_text(json.dumps(said, indent=2, sort_keys=True))
    return packages

"""Install gaseol from the folder that this file lies in, without a network.

    python3 install.py [--into FOLDER] [--check]

Made by `gaseol bundle`; needs nothing but Python. Every file is held against the manifest first.
With --check nothing is installed. Exit codes: 0 done, 1 the bundle is damaged or the installation
failed, 2 it does not fit this machine or the folder is taken.
"""

import argparse
import hashlib
import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FORMAT = "gaseol.bundle/1"
BESIDE = ("scenarios", "corpora")
"""Folders of a bundle that are copied beside the environment."""
_SAID = ("files", "packages", "extras", "gaseol", "made_for")


def here() -> dict[str, str]:
    """Return what wheels have to fit: Python's version, the system and the processor."""
    return {
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "implementation": platform.python_implementation(),
        "system": platform.system(),
        "machine": platform.machine(),
    }


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
    return found.hexdigest()


def flaws(bundle: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """Yield what is not as the manifest says: missing, altered, or there and not named."""
    named: dict[str, str] = manifest["files"]
    for name, expected in sorted(named.items()):
        path = bundle / name
        if not path.is_file():
            yield f"{name} is missing"
        elif digest(path) != expected:
            yield f"{name} has been altered"
    there = {p.relative_to(bundle).as_posix() for p in bundle.rglob("*") if p.is_file()}
    for name in sorted(there - set(named) - {"manifest.json"}):
        if not name.startswith("__pycache__/"):  # of whoever has imported this file
            yield f"{name} is not named by the manifest"


def install(bundle: Path, manifest: dict[str, Any], into: Path) -> int:
    """Make an environment, install the wheels, copy what came with them; return an exit code."""
    environment = into / "environment"
    print(f"making {environment}", flush=True)
    into.mkdir(parents=True, exist_ok=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(environment)])  # noqa: S603
    if made.returncode:
        print("no environment could be made; is Python's venv installed, a package of its own on some "
              "systems (python3-venv)?", file=sys.stderr)  # fmt: skip
        return 1
    python = environment / "bin" / "python"
    extras = f"[{','.join(manifest['extras'])}]" if manifest["extras"] else ""
    # isolated: nothing of the environment's adds another place to install from
    words = ["-m", "pip", "--isolated", "install", "--quiet", "--disable-pip-version-check"]
    words += ["--no-index"]
    words += ["--find-links", str(bundle / "wheels"), f"gaseol{extras}=={manifest['gaseol']}"]
    print("installing from the bundle's wheels", flush=True)
    done = subprocess.run([str(python), *words])  # noqa: S603
    if done.returncode:
        print("the installation failed; what pip says stands above", file=sys.stderr)
        return 1
    for name in BESIDE:
        if (bundle / name).is_dir():
            shutil.copytree(bundle / name, into / name)
            print(f"{name}: {into / name}")
    if (bundle / "site.yaml").is_file():
        shutil.copyfile(bundle / "site.yaml", into / "site.yaml")
        print(
            f"site file: {into / 'site.yaml'}; put it into force with GASEOL_SITE or in /etc/gaseol"
        )
    print(f"installed; try it:\n  {environment / 'bin' / 'gaseol'} doctor")
    return 0


def main() -> int:
    """Check, then install."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--into", type=Path, default=Path("gaseol"), help="a folder, made anew")
    parser.add_argument("--check", action="store_true", help="only look whether all is whole")
    asked = parser.parse_args()
    bundle = Path(__file__).resolve().parent
    try:
        manifest = json.loads((bundle / "manifest.json").read_bytes())
    except (OSError, ValueError) as error:
        print(f"manifest.json cannot be read: {error}", file=sys.stderr)
        return 1
    form = manifest.get("format") if isinstance(manifest, dict) else None
    if form != FORMAT:
        print(f"this is no {FORMAT}, but {form!r}", file=sys.stderr)
        return 2
    lacking = [name for name in _SAID if name not in manifest]
    if lacking:
        print(f"manifest.json does not say: {', '.join(lacking)}", file=sys.stderr)
        return 1
    wrong = list(flaws(bundle, manifest))
    for flaw in wrong:
        print(flaw, file=sys.stderr)
    if wrong:
        return 1
    ours = here()
    made_for = manifest["made_for"]
    odd = [f"{k} {made_for.get(k)}, here {v}" for k, v in ours.items() if made_for.get(k) != v]
    if odd:
        print(f"the wheels were gathered for {'; '.join(odd)}", file=sys.stderr)
        return 2
    if asked.check:
        print(f"whole: {len(manifest['files'])} files, {len(manifest['packages'])} packages")
        return 0
    if asked.into.exists() and any(asked.into.iterdir()):
        print(f"{asked.into} is not empty; name another folder with --into", file=sys.stderr)
        return 2
    return install(bundle, manifest, asked.into.resolve())


if __name__ == "__main__":
    sys.exit(main())

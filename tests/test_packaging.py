"""What is in the wheel and in the wheel built from the source archive."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("traces", "tools", "scenarios", "agents", "graphs")


def _git(*arguments: str) -> list[str]:
    out = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return out.stdout.splitlines()


def _expected() -> set[str]:
    """The names a wheel must hold: what git knows of the five folders and of the front door."""
    names = {f"gaseol/{name}" for name in _git("ls-files", *FOLDERS)}
    front = {
        name.removeprefix("src/")
        for name in _git("ls-files", "src/gaseol")
        if not (ROOT / name).is_symlink()
    }
    return names | front


def _build(source: Path, out: Path, *what: str) -> Path:
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", *what, "--outdir", str(out), str(source)],
        check=True,
        capture_output=True,
    )
    (built,) = out.iterdir()
    return built


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


@pytest.mark.slow
def test_wheel_holds_what_git_knows(tmp_path: Path) -> None:
    assert _names(_build(ROOT, tmp_path, "--wheel")) == _expected()


@pytest.mark.slow
def test_wheel_from_source_archive_is_the_same(tmp_path: Path) -> None:
    archive = _build(ROOT, tmp_path / "sdist", "--sdist")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    assert _names(_build(source, tmp_path / "wheel", "--wheel")) == _expected()


def test_ignore_patterns_are_anchored() -> None:
    # the builder drops committed data that a loose pattern matches
    loose = ("__pycache__/", "*.egg-info/")
    lines = (ROOT / ".gitignore").read_text().splitlines()
    assert all(line.startswith("/") or line in loose for line in lines if line)


def test_constraints_name_no_address() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = [line for line in lines if line and not line.startswith("#")]
    assert pinned
    assert all("==" in line and "@" not in line and "/" not in line for line in pinned)


def test_core_has_no_gpu_stack() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    heavy = ("torch", "jax", "tensorflow")
    assert not [d for d in project["dependencies"] if d.startswith(heavy)]

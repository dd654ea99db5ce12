"""An offline bundle: whole or refused, and installed where there is no network at all."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from gaseol import installer
from gaseol.bundle import UnknownExtra, installed, write_bundle
from gaseol.cli import gaseol
from gaseol.scenarios.loader import ScenarioError
from gaseol.tools import Pool, Registry
from gaseol.tools.corpus.adding import add
from gaseol.tools.corpus.index import Index


@pytest.fixture
def bundle(tmp_path) -> Path:
    """A bundle in all but its wheels."""
    folder = tmp_path / "bundle"
    for name, content in (("wheels/a-1-py3-none-any.whl", b"wheel"), ("scenarios/s/x.csv", b"1\n")):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(content)
    shutil.copyfile(installer.__file__, folder / "install.py")
    named = {
        p.relative_to(folder).as_posix(): installer.digest(p)
        for p in folder.rglob("*")
        if p.is_file()
    }
    write(folder, files=named)
    return folder


def write(folder: Path, **changes) -> None:
    path = folder / "manifest.json"
    said = {
        "format": installer.FORMAT,
        "gaseol": "1",
        "extras": [],
        "made_for": installer.here(),
        "packages": {"a": "1"},
        "files": {},
    }
    if path.exists():
        said = json.loads(path.read_text())
    path.write_text(json.dumps(said | changes))


def call(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(folder / "install.py"), *words]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_whole_bundle_is_said_to_be_whole(bundle):
    done = call(bundle, "--check")
    assert (done.returncode, done.stdout) == (0, "whole: 3 files, 1 packages\n")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: (f / "wheels/a-1-py3-none-any.whl").write_bytes(b"whee1"), "has been altered"),
        (lambda f: (f / "scenarios/s/x.csv").unlink(), "scenarios/s/x.csv is missing"),
        (lambda f: (f / "wheels/b.whl").write_bytes(b""), "wheels/b.whl is not named"),
        (lambda f: (f / "manifest.json").write_bytes(b"{"), "manifest.json cannot be read"),
        (
            lambda f: (f / "manifest.json").write_text(json.dumps({"format": installer.FORMAT})),
            "does not say: files",
        ),
        (lambda f: shutil.copytree(f / "wheels", f / "scenarios/s/__pycache__"), "is not named"),
    ],
)
def test_a_damaged_one_is_not_installed(bundle, tmp_path, change, said):
    change(bundle)
    done = call(bundle, "--into", str(tmp_path / "there"))
    assert done.returncode == 1
    assert said in done.stderr
    assert not (tmp_path / "there").exists()


def test_a_manifest_of_another_kind_is_refused(bundle):
    (bundle / "manifest.json").write_text("[]")
    done = call(bundle, "--check")
    assert done.returncode == 2
    assert "this is no gaseol.bundle" in done.stderr


def test_two_of_one_name_do_not_take_each_others_place(tmp_path):
    corpora = [tmp_path / name / "notes.sqlite" for name in ("a", "b")]
    for corpus in corpora:
        corpus.parent.mkdir()
        corpus.write_bytes(b"x")
    with pytest.raises(FileExistsError, match="another one of this name"):
        write_bundle(tmp_path / "out", corpora=corpora)
    assert not (tmp_path / "out").exists()


def test_one_for_another_machine_is_refused(bundle, tmp_path):
    write(bundle, made_for=installer.here() | {"python": "2.7", "machine": "pdp11"})
    done = call(bundle, "--into", str(tmp_path / "there"))
    assert done.returncode == 2
    assert "python 2.7, here" in done.stderr
    assert "machine pdp11, here" in done.stderr
    write(bundle, format="gaseol.bundle/2")
    assert call(bundle, "--check").returncode == 2


def test_a_folder_in_use_is_left_alone(bundle, tmp_path):
    done = call(bundle, "--into", str(tmp_path))
    assert done.returncode == 2
    assert "is not empty" in done.stderr


def test_versions_are_those_installed_here():
    found = installed()
    names = [line.partition("==")[0] for line in found]
    assert names == sorted(set(names))
    assert any(line.startswith("pydantic==") for line in found)
    assert not any(line.startswith("gaseol==") or "+" in line for line in found)


def test_what_is_asked_is_checked_before_anything_is_gathered(tmp_path):
    out = tmp_path / "out"
    with pytest.raises(UnknownExtra, match="no extra 'nonsense'; there are"):
        write_bundle(out, extras=["nonsense"])
    with pytest.raises(ScenarioError):
        write_bundle(out, scenarios=["no such scenario"])
    with pytest.raises(FileNotFoundError, match="no such corpus"):
        write_bundle(out, corpora=[tmp_path / "corpus.db"])
    with pytest.raises(FileExistsError, match="name another folder"):
        write_bundle(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_what_is_wrong(tmp_path):
    answer = CliRunner().invoke(
        gaseol, ["bundle", "--out", str(tmp_path / "b"), "--extra", "nonsense"]
    )
    assert answer.exit_code == 2
    assert "no extra 'nonsense'" in answer.output


def without_network() -> bool:
    return (
        shutil.which("unshare") is not None
        and subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode == 0
    )


@pytest.mark.slow
@pytest.mark.skipif(not without_network(), reason="needs unshare and user namespaces")
def test_it_installs_and_runs_with_the_network_cut_off(tmp_path):
    corpus = tmp_path / "notes.db"
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "a.md").write_text("Ethanol binds water.")
    with Index(corpus, write=True) as index, Pool(Registry.load(), 1) as pool:
        add(index, notes, pool)
    made = write_bundle(tmp_path / "bundle", scenarios=["stiffness"], corpora=[corpus])
    assert made.packages["gaseol"]
    there = tmp_path / "there"
    cut = ["unshare", "-rn"]
    command = [*cut, sys.executable, str(made.path / "install.py"), "--into", str(there)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    with Index(there / "corpora" / "notes.db") as index:
        assert len(index.search("ethanol")) == 1
    program = str(there / "environment" / "bin" / "gaseol")
    run = [*cut, program, "run", str(there / "scenarios" / "stiffness"), "--out", "run", "--json"]
    done = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "done"
    assert subprocess.run([*cut, program, "verify", "run"], cwd=tmp_path).returncode == 0
    again = "from pathlib import Path; from gaseol.bundle import own_wheel; own_wheel(Path('.'))"
    python = str(there / "environment" / "bin" / "python")
    subprocess.run([python, "-P", "-c", again], cwd=tmp_path, check=True)
    first = zipfile.ZipFile(next((made.path / "wheels").glob("gaseol-*.whl")))
    second = zipfile.ZipFile(next(tmp_path.glob("gaseol-*.whl")))
    with first, second:
        assert set(first.namelist()) == set(second.namelist())
        for name in first.namelist():
            assert name.endswith("/RECORD") or first.read(name) == second.read(name)

"""The doctor, with things broken on purpose: each is named, and the exit code says so."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from gaseol import attempt
from gaseol.traces.signatures import keys

SEAL = Path(__file__).parent / "seal.py"


def doctor(*before: str, **environment: str) -> tuple[int, dict[str, tuple[str, str]]]:
    done = subprocess.run(
        [*before, sys.executable, "-m", "gaseol", "doctor", "--json"],
        capture_output=True,
        env={**os.environ, **environment},
    )
    assert b"Traceback" not in done.stderr
    found = orjson.loads(done.stdout)
    assert found["holds"] == (done.returncode == 0)
    return done.returncode, {
        one["name"]: (one["outcome"], one["said"]) for one in found["attempts"]
    }


def wrong(found: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {name: said for name, (outcome, said) in found.items() if outcome == "WRONG"}


def masked(folder: Path, module: str) -> str:
    """Return a PYTHONPATH on which a library is broken."""
    (folder / module).mkdir()
    (folder / module / "__init__.py").write_text("raise ImportError('a broken installation')\n")
    return str(folder)


@pytest.mark.slow
def test_a_healthy_machine(tmp_path):
    home = tmp_path / "home"
    code, found = doctor(GASEOL_HOME=str(home))
    assert code == 0, wrong(found)
    assert not home.exists(), "a doctor leaves nothing behind"
    assert found["isolation"][1].startswith("tools are kept in by")
    assert found["crystal structure"][0] == found["quantum chemistry"][0] == "ok"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("pymatgen", {"materials table", "crystal structure"}),
        ("tblite", {"quantum chemistry"}),
        ("rdkit", {"chemistry table", "quantum chemistry"}),
        ("langgraph", {"graph library"}),
    ],
)
def test_a_broken_library_is_named(tmp_path, module, names):
    code, found = doctor(PYTHONPATH=masked(tmp_path, module))
    assert code == 1
    assert names <= set(wrong(found)), wrong(found)
    assert all("a broken installation" in wrong(found)[name] for name in names)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux isolates")
def test_no_isolation_is_named():
    code, found = doctor(sys.executable, str(SEAL), "unshare,landlock")
    assert code == 1
    assert set(wrong(found)) == {"isolation"}
    assert wrong(found)["isolation"].startswith("weak: nothing here keeps tools from the network")
    assert found["isolation by network namespace"][0] == "missing"
    assert found["isolation by landlock"][0] == "missing"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux isolates")
def test_the_weaker_isolation_is_named():
    code, found = doctor(sys.executable, str(SEAL), "unshare")
    assert found["isolation by network namespace"][0] == "missing"
    assert "sysctl" in found["isolation by network namespace"][1]
    if found["isolation by landlock"][0] == "ok":
        assert code == 0
        assert found["isolation"][1] == "tools are kept in by: landlock"


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/gaseol"])
def test_a_folder_that_cannot_be_written_to(tmp_path, monkeypatch, place):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GASEOL_HOME", str(tmp_path / place))
    with pytest.raises(attempt.Wrong, match="GASEOL_HOME"):
        attempt.runs_folder()


def test_a_folder_that_can_be_written_to_is_left_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setenv("GASEOL_HOME", str(tmp_path / "new" / "home"))
    assert "GiB free" in attempt.runs_folder()
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("GASEOL_HOME", str(tmp_path))
    monkeypatch.setattr(attempt, "LEAST_GIB", 1e9)
    with pytest.raises(attempt.Wrong, match="GiB are free"):
        attempt.runs_folder()


def test_a_key_that_does_not_open_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path))
    with pytest.raises(attempt.Missing, match="gaseol key new"):
        attempt.signing_key()
    keys.new_key("ada")
    keys.set_default("ada")
    assert attempt.signing_key() == "ada signs"
    (file,) = tmp_path.rglob("ada.key")
    file.chmod(0o600)
    file.write_bytes(b"spilt coffee")
    made = attempt._made("signing key", attempt.signing_key)
    assert made.outcome == "WRONG"
    assert "ada" in made.said


def test_a_library_that_is_too_old_is_named(monkeypatch):
    import importlib.metadata

    real = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda n: "1.0" if n == "numpy" else real(n))
    with pytest.raises(attempt.Wrong, match=r"numpy is 1\.0, needed is >=2"):
        attempt.requirements()


def test_an_extra_that_is_half_installed_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", masked(tmp_path, "duckdb"))
    with pytest.raises(attempt.Wrong, match="import duckdb fails: ImportError: a broken"):
        attempt.extra_works("search")


def test_a_worker_that_does_not_start_is_named(monkeypatch):
    monkeypatch.setattr("gaseol.tools.workers.keeper._PASSED_ON", ())
    monkeypatch.setattr(sys, "executable", "/bin/false")
    made = attempt._made("isolation", attempt.best_isolation)
    assert made.outcome == "WRONG"
    assert "crashed: the worker ended its worker" in made.said

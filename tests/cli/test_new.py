"""`gaseol new`: what it writes works as it is."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from gaseol.traces.record.inbox import awaited
from gaseol.traces.record.trace import Trace

KINDS = ("tool", "role", "graph", "scenario")


@pytest.mark.parametrize("kind", KINDS)
def test_a_package_is_written_whole(gaseol, tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    said = gaseol("new", kind, "swing_time")
    assert said.code == 0
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert {
        line.removeprefix("wrote ") for line in said.out.splitlines() if "wrote" in line
    } == written
    assert {"swing_time/pyproject.toml", "swing_time/README.md",
            "swing_time/tests/test_swing_time.py", "swing_time/src/swing_time/__init__.py"} <= written  # fmt: skip
    for path in tmp_path.rglob("*.py"):
        compile(path.read_text(), str(path), "exec")
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,B,D1,ANN", "--ignore",
            "ANN201,ANN401,D103", "--line-length", "100", "swing_time/src"]  # fmt: skip
    linted = subprocess.run(ruff, capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout


def test_nothing_is_overwritten(gaseol, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "swing_time").mkdir()
    (tmp_path / "swing_time" / "mine.txt").write_text("mine")
    said = gaseol("new", "tool", "swing_time")
    assert (said.code, list((tmp_path / "swing_time").iterdir())) == (
        2, [tmp_path / "swing_time" / "mine.txt"])  # fmt: skip
    assert "there already" in said.err
    assert gaseol("new", "tool", "swing_time", "--out", tmp_path / "other").code == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Swing", "small letters"),
        ("class", "cannot name a package"),
        ("../up", "cannot name a package"),
        ("json", "here already"),
        ("numpy", "here already"),
        ("x" * 80, "cannot name a package"),
        ("", "cannot name a package"),
    ],
)
def test_bad_names(gaseol, tmp_path, monkeypatch, name, words):
    monkeypatch.chdir(tmp_path)
    said = gaseol("new", "tool", name)
    assert said.code == 2
    assert words in said.err
    assert not list(tmp_path.iterdir())


def test_options_of_another_kind(gaseol, tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("a,b\n")
    assert gaseol("new", "tool", "swing_time", "--from", table).code == 2
    assert gaseol("new", "scenario", "swing_time", "--outcome", "a").code == 2


def test_a_scenario_from_a_table(gaseol, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [
        f'S-{i},{20 + i},"Raney ""Ni"" {i % 2}",{50 + 2 * i if i != 5 else ""}' for i in range(30)
    ]
    (tmp_path / "runs.csv").write_text(
        "Sample ID,온도 (degC),Catalyst,Yield [percent]\n" + "\n".join(rows) + "\n"
    )
    assert gaseol("new", "scenario", "coupling", "--from", "runs.csv").code == 0
    yaml = (tmp_path / "coupling/src/coupling/scenario.yaml").read_text()
    for words in ('description: "온도"', 'unit: "degC"', "key: sample_id", 'unit: "percent"',
                  "a higher 온도 raises the Yield"):  # fmt: skip
        assert words in yaml
    assert gaseol("check", "coupling").out.startswith("coupling: holds")
    readme = (tmp_path / "coupling/README.md").read_text()
    assert "`온도 (degC)` is `column`" in readme


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_installs_and_passes(tmp_path, kind):
    """In an environment of its own, which sees this one's libraries and takes nothing else."""
    name = f"fresh_{kind}"
    run(tmp_path, sys.executable, "-m", "venv", "--without-pip", "env")
    (packages,) = (tmp_path / "env" / "lib").glob("python*/site-packages")
    here = sysconfig.get_path("purelib")
    (packages / "ours.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    python = str(tmp_path / "env" / "bin" / "python")
    run(tmp_path, python, "-m", "gaseol", "new", kind, name)
    run(tmp_path, sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index",
        "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "-e", name)  # fmt: skip
    run(tmp_path / name, python, "-m", "pytest", "-q")
    said = run(tmp_path, python, "-m", "gaseol", "check", name)
    assert "FLAW" not in said
    assert f"{name}" in said
    if kind == "tool":
        assert "2.0064" in run(tmp_path, python, "-m", "gaseol", "tool", name, "length=1.0")
    elif kind == "scenario":
        assert name in run(tmp_path, python, "-m", "gaseol", "list", "scenarios")
        os.rename(tmp_path / name / "README.md", tmp_path / "moved")
        assert "done" in run(tmp_path, python, "-m", "gaseol", "run", name, "--no-key")
    elif kind == "role":
        assert name in run(tmp_path, python, "-m", "gaseol", "list", "scientists")
        run(tmp_path, python, "-m", "gaseol", "run", "null", "--scientist", name, "--no-key",
            "--out", "made")  # fmt: skip
        assert "the same" in run(tmp_path, python, "-m", "gaseol", "replay", "made", "--strict")
    else:
        assert name in run(tmp_path, python, "-m", "gaseol", "list", "graphs")


def run(folder: Path, *words: str) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


HEAD = "Run,Temperature (degC),Solvent,Yield (%),Price (EUR)"


def search_table(rows: int, valued: int) -> str:
    """A table whose first rows have a yield and a price."""
    said = [HEAD]
    for i in range(rows):
        heat, solvent = 40 + 7 * (i % 11), ("water", "ethanol")[i % 2]
        values = f"{90 - abs(heat - 80)},{heat / 10 + i % 5}" if i < valued else ","
        said.append(f"exp {i},{heat},{solvent},{values}")
    return "\n".join(said) + "\n"


def test_the_best_row_of_a_table_is_found_by_one_command(gaseol, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("full.csv").write_text(search_table(60, 60))
    assert gaseol("new", "scenario", "glue", "--from", "full.csv", "--maximize", "Yield (%)",
                  "--minimize", "Price (EUR)").code == 0  # fmt: skip
    assert gaseol("check", "glue").code == 0
    said = gaseol("run", "glue", "--out", "run", "--json")
    assert said.code == 0, said.err
    found = said.json["campaign"]
    assert [g["direction"] for g in found["goals"]] == ["maximise", "minimise"]
    assert found["measured"] < 60 / 2
    assert max(row["values"]["Yield"] for row in found["front"]) >= 88


def test_rows_without_a_value_are_what_to_try(gaseol, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("some.csv").write_text(search_table(30, 12))
    assert (
        gaseol("new", "scenario", "glue", "--from", "some.csv", "--maximize", "Yield (%)").code == 0
    )
    assert gaseol("check", "glue").code == 0
    said = gaseol("run", "glue", "--out", "run")
    assert said.code == 3, said.err
    waiting = awaited(Trace("run"))
    assert len(waiting) == 4
    known = {f"exp {i}" for i in range(12)}
    assert not known & {each.fact.arguments["case"] for each in waiting}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--maximize", "Yeild"), "has no column 'Yeild'; there are Run, Temperature (degC)"),
        (("--maximize", "Solvent"), "'Solvent' holds no numbers"),
        (("--maximize", "Yield (%)", "--minimize", "Yield (%)"), "twice"),
        (("--maximize", "Yield (%)", "--outcome", "Yield (%)"), "either --outcome"),
    ],
)
def test_a_search_that_cannot_be_made_of_a_table(gaseol, tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    Path("full.csv").write_text(search_table(30, 30))
    found = gaseol("new", "scenario", "glue", "--from", "full.csv", *options)
    assert found.code == 2
    assert said in found.err
    assert not Path("glue").exists()

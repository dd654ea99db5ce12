"""Every command on a real run: what it prints, what it exits with."""

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import orjson
import pytest

from gaseol.graphs import run
from gaseol.scenarios import Scenario

KEYS = {"run", "status", "hypotheses", "claims", "cost"}
HYPOTHESIS_KEYS = {"id", "statement", "verdict", "log_e_for", "log_e_against", "experiments"}
GASEOL = [sys.executable, "-m", "gaseol"]


@pytest.fixture(scope="session")
def finished(world, pool, tmp_path_factory) -> Path:
    """A finished run that no test changes."""
    folder = tmp_path_factory.mktemp("finished") / "toy-1"
    run(Scenario.model_validate(world.EFFECTS), out=folder, pool=pool, report=False)
    return folder


@pytest.fixture
def copied(finished, home) -> Path:
    """A copy of the finished run at home, to be changed."""
    return Path(shutil.copytree(finished, home / finished.name))


def test_run_prints_one_json_document(gaseol, world, tmp_path, home):
    folder = world.write(tmp_path / "asked", world.EFFECTS)
    said = gaseol("run", folder, "--json", "--seed", 3, "--jobs", 1)
    assert said.code == 0
    assert set(said.json) >= KEYS
    assert said.json["seed"] == 3
    assert said.json["status"] == "done"
    for row in said.json["hypotheses"]:
        assert set(row) >= HYPOTHESIS_KEYS
        assert row["verdict"] in ("supported", "refuted", "undecided", "invalid")
    assert said.json["claims"]
    assert all(claim["supported"] for claim in said.json["claims"])
    (record,) = home.iterdir()
    assert said.json["run"] == str(record)
    assert Path(said.json["report"]).is_file()
    shown = gaseol("show", "--json").json
    assert shown == {k: v for k, v in said.json.items() if k != "report"}
    assert gaseol("show", record.name[:20], "--json").json == shown


def test_run_for_a_person(gaseol, world, tmp_path, home):
    """A budget that is spent is no failure."""
    folder = world.write(tmp_path / "asked", world.changed(world.EFFECTS, budget__experiments=2))
    said = gaseol("run", folder, "--out", tmp_path / "out")
    assert said.code == 0
    assert said.err == ""
    for words in ("size raises the signal", "ended: the budget of experiments is spent",
                  "report:", "record:", f"check it: gaseol verify {tmp_path / 'out'}"):  # fmt: skip
        assert words in said.out.replace("\n", "")
    assert not home.exists()
    assert gaseol("show", tmp_path / "out", "--json").json["status"] == "budget"


def test_a_run_that_fails_exits_with_1_or_2_and_still_prints_json(gaseol, world, tmp_path):
    describe = {"tool": "toy_describe", "arguments": {"case": "{case}", "how": "refuse"}}
    folder = world.write(tmp_path / "asked", world.changed(world.EFFECTS, features=[describe]))
    said = gaseol("run", folder, "--json")
    assert said.code == 2
    assert said.json["status"] == "failed"
    assert said.err == "gaseol: toy_describe: out_of_domain: only for even cases\n"
    plain = gaseol("run", folder)
    assert plain.code == 2
    assert "failed: ScenarioError" in plain.out


def test_show(gaseol, copied):
    said = gaseol("show", copied.name)
    assert said.code == 0
    for words in ("toy: Does size raise the signal?", "done, scientist embedded, seed 0",
                  "h1 size raises the signal", "predicted:", "Turned away:", f"record: {copied}"):  # fmt: skip
        assert words in said.out
    assert gaseol("show").out == said.out


def test_list(gaseol, copied):
    for kind, name in (
        ("scenarios", "diffraction"), ("tools", "boiling_point"), ("runs", copied.name),
        ("graphs", "discover"), ("scientists", "embedded"),
    ):  # fmt: skip
        said = gaseol("list", kind, "--json")
        assert said.code == 0
        assert name in [row["name"] for row in said.json]
        assert all(row["summary"] for row in said.json)
        plain = gaseol("list", kind).out.splitlines()
        assert len(plain) == len(said.json)
        assert any(line.startswith(name) for line in plain)
    (row,) = gaseol("list", "runs", "--json").json
    assert row["summary"].startswith("done, 1 supported")


def test_list_runs_goes_on_past_a_broken_one(gaseol, copied, home):
    for name, spoil in (
        ("no-events", lambda p: (p / "events.jsonl").unlink()),
        ("no-json", lambda p: (p / "events.jsonl").write_bytes(b"x\n" * 3)),
        ("no-kind", lambda p: (p / "events.jsonl").write_bytes(b"{}\n" * 3)),
        ("no-fact", lambda p: (p / "events.jsonl").write_bytes(
            (p / "events.jsonl").read_bytes().replace(b'"alpha"', b'"alpaa"'))),
    ):  # fmt: skip
        spoil(Path(shutil.copytree(copied, home / name)))
    rows = {row["name"]: row["summary"] for row in gaseol("list", "runs", "--json").json}
    assert len(rows) == 5
    assert rows.pop(copied.name).startswith("done")
    assert all(summary.startswith("BROKEN: ") for summary in rows.values()), rows
    for name in rows:
        for command in ("show", "replay"):
            said = gaseol(command, name)
            assert said.code == 2
            assert said.err.startswith("gaseol: ")
        assert gaseol("verify", name).code == (2 if name == "no-events" else 1)


def test_verify_names_the_place_of_a_flipped_byte(gaseol, copied):
    said = gaseol("verify", copied)
    assert said.code == 0
    assert said.out.startswith(f"intact: {copied}\n")
    events = copied / "events.jsonl"
    content = bytearray(events.read_bytes())
    lines = content.split(b"\n")
    number = next(i for i, line in enumerate(lines) if b'"kind":"measurement"' in line)
    at = content.index(lines[number]) + lines[number].index(b'"value":') + len(b'"value":')
    content[at] = ord("1") if content[at] != ord("1") else ord("2")
    events.write_bytes(content)
    said = gaseol("verify", copied)
    assert said.code == 1
    assert said.out.startswith("broken: ")
    assert f"{number}" in said.out.splitlines()[1]
    found = gaseol("verify", copied, "--json").json
    assert found["problems"]
    assert found["run"] == str(copied)


def test_verify_finds_a_changed_blob(gaseol, copied):
    blob = max((copied / "blobs" / "sha256").iterdir(), key=lambda p: p.stat().st_size)
    content = bytearray(blob.read_bytes())
    content[len(content) // 2] ^= 1
    blob.write_bytes(content)
    said = gaseol("verify", copied)
    assert said.code == 1
    assert blob.name[:12] in said.out


def test_replay_prints(gaseol, copied):
    lines = gaseol("replay", copied, "--print").out.splitlines()
    assert len(lines) == len((copied / "events.jsonl").read_bytes().splitlines())
    assert lines[0].split()[:2] == ["0", "run.started"]
    assert gaseol("replay").out.splitlines() == lines
    kinds = gaseol("replay", copied, "--kind", "verdict", "--kind", "crossing").out.splitlines()
    assert {line.split()[1] for line in kinds} == {"verdict", "crossing"}
    later = gaseol("replay", copied, "--at", 5).out.splitlines()
    assert later == lines[5:]
    said = gaseol("replay", copied, "--at", 10_000)
    assert said.code == 2
    assert f"the last such event is {len(lines) - 1}" in said.err
    assert gaseol("replay", copied, "--kind", "run.resumed").code == 2


def test_replay_steps_by_keys(copied):
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*GASEOL, "replay", str(copied)], stdin=slave, stdout=slave, stderr=slave, close_fds=True
    )
    said = ""

    def until(words: str) -> None:
        nonlocal said
        end = time.monotonic() + 20
        while words not in said:
            assert select.select([master], [], [], max(end - time.monotonic(), 0))[0], said
            said += os.read(master, 65536).decode(errors="replace")

    def press(keys: str, words: str, line: bool = False) -> None:
        nonlocal said
        # what is typed before the terminal listens to single keys is thrown away
        while bool(termios.tcgetattr(slave)[3] & termios.ICANON) is not line:
            select.select([], [], [], 0.01)
        said = ""
        os.write(master, keys.encode())
        until(words)

    try:
        until("event 0: run.started")
        press("n", "event 1: ")
        press("\x1b[C", "event 2: ")
        press("p", "event 1: ")
        press("d", '"step": "survey"')
        press("k", "step.started")
        press("x", "q quit")
        press("g", "event:")
        press("0\r", "event 0: run.started", line=True)
        press("p", "event 0: run.started")
        press("q", "")
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(slave)


def test_tool(gaseol):
    good = gaseol("tool", "molecule_features", 'smiles=["CCO"]')
    assert good.code == 0
    assert good.json[0]["heavy_atoms"] == 3
    schema = gaseol("tool", "boiling_point", "--schema")
    assert "compound" in str(schema.json)
    for words, said in (
        (["boilng_point"], "did you mean boiling_point"),
        (["boiling_point"], "compound"),
        (["boiling_point", "compound"], "'compound' is not of the form key=value"),
        (["boiling_point", "compound=CCO", "compound=C"], "given twice"),
        (["boiling_point", "compond=CCO"], "did you mean 'compound'?"),
        (["bulk_modulus", "symbol=Zz"], "Zz"),
    ):
        found = gaseol("tool", *words)
        assert found.code in (1, 2)
        assert found.out == ""
        assert said in found.err


def test_check(gaseol, world, tmp_path):
    said = gaseol("check", world.write(tmp_path / "asked", world.EFFECTS))
    assert said.code == 0
    assert said.out == (
        "toy: holds. At most 3 hypotheses at alpha = 0.05, 90 experiments, measured by "
        "toy_signal.\n"
    )


@pytest.mark.slow
def test_version_and_help(gaseol):
    assert gaseol("--version").out.strip().count(".") == 2
    assert gaseol("-h").out == gaseol("--help").out
    assert gaseol().out.startswith("Usage: ")


def test_output_that_nobody_reads(copied):
    process = subprocess.Popen(
        [*GASEOL, "replay", str(copied), "--print"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()  # as `head` does
    _, err = process.communicate()
    assert err == b""


def text_of(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_an_interrupt_ends_a_run_soon_and_is_on_record(world, tmp_path, gaseol, number):
    """While a tool measures for a minute."""
    scenario = world.changed(
        world.EFFECTS, measurement__tool="toy_slow", measurement__arguments={"case": "{case}"}
    )
    folder, out = world.write(tmp_path / "asked", scenario), tmp_path / "out"
    process = subprocess.Popen(
        [*GASEOL, "run", str(folder), "--out", str(out), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        end = time.monotonic() + 40
        while b"toy_slow" not in text_of(out / "events.jsonl"):
            assert process.poll() is None
            assert time.monotonic() < end
            select.select([], [], [], 0.05)
        began = time.monotonic()
        process.send_signal(number)
        said, err = process.communicate(timeout=40)
        took = time.monotonic() - began
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 130
    assert took < 20, "the tool was waited for"
    assert err == b""
    assert orjson.loads(said)["status"] == "interrupted"
    shown = gaseol("show", out, "--json").json
    assert shown["status"] == "interrupted"
    checked = gaseol("verify", out)
    assert checked.code == 0
    assert checked.out.startswith("unsealed: ")

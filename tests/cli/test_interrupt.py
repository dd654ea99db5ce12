"""Ctrl-C and SIGTERM, wherever a run is: it ends within two seconds, whole, and can go on."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gaseol.agents.models.profile import Profile, save_profile
from gaseol.graphs import resume
from gaseol.traces import Trace, verify

pytestmark = pytest.mark.slow

GASEOL = str(Path(sys.executable).parent / "gaseol")
PROMPT = 2.0
TRIES = 3
"""A machine that does much else may keep a process from ending; the best of these counts."""


def asked_to_end(
    arguments: list[str], folder: Path, number: int, moment: Callable[[int], bool]
) -> tuple[int, float, str]:
    """Start a run, send it a signal at a moment, and return exit code, seconds and what it said."""
    going = subprocess.Popen(
        [GASEOL, *arguments, "--out", str(folder)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    while not moment(going.pid):
        assert going.poll() is None, going.communicate()[0]
        os.sched_yield()
    began = time.monotonic()
    going.send_signal(number)
    said, _ = going.communicate(timeout=30)
    return going.returncode, time.monotonic() - began, said


def on_record(folder: Path, words: bytes) -> Callable[[int], bool]:
    path = folder / "events.jsonl"
    return lambda _: path.exists() and words in path.read_bytes()


def loaded(library: bytes) -> Callable[[int], bool]:
    return lambda pid: library in Path(f"/proc/{pid}/maps").read_bytes()


each_signal = pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM], ids=lambda n: signal.Signals(n).name
)


@each_signal
@pytest.mark.parametrize("library", [b"pydantic_core", b"numpy"], ids=bytes.decode)
def test_while_it_imports(world, tmp_path, number, library):
    scenario = world.write(tmp_path / "toy", world.EFFECTS)
    took = []
    for n in range(TRIES):
        folder = tmp_path / f"run{n}"
        code, seconds, said = asked_to_end(["run", str(scenario)], folder, number, loaded(library))
        assert code == 130, said
        assert "interrupted" in said
        assert "Traceback" not in said
        took.append(seconds)
        if seconds < PROMPT:
            return
    raise AssertionError(took)


@each_signal
@pytest.mark.parametrize(
    ("tool", "words"),
    [
        ("toy_signal", b'"kind":"step.started"'),  # gathering cases
        ("toy_signal", b'"kind":"registration"'),  # thinking
        ("toy_signal", b'"kind":"measurement"'),  # between two measurements
        ("toy_slow", b'"name":"toy_slow"'),  # in one that takes a minute
    ],
    ids=["survey", "registering", "measuring", "in-a-call"],
)
def test_while_it_runs(world, pool, tmp_path, number, tool, words):
    asked = world.changed(
        world.EFFECTS, measurement__tool=tool, measurement__arguments={"case": "{case}"}
    )
    if tool == "toy_signal":
        asked["measurement"] = world.EFFECTS["measurement"]
    scenario = world.write(tmp_path / "toy", asked)
    took = []
    for n in range(TRIES):
        folder = tmp_path / f"run{n}"
        code, seconds, said = asked_to_end(
            ["run", str(scenario), "--jobs", "1"], folder, number, on_record(folder, words)
        )
        assert code == 130, said
        assert f"interrupted; go on with: gaseol resume {folder}" in said
        assert Trace(folder).status in ("interrupted", "running")
        assert verify(folder).holds
        took.append(seconds)
        if seconds < PROMPT:
            if tool == "toy_signal":
                assert resume(folder, pool=pool).status in ("done", "budget")
            return
    raise AssertionError(took)


@each_signal
def test_while_a_model_is_asked(world, tmp_path, monkeypatch, number):
    """It takes the question and never answers."""
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path / "config"))
    scenario = world.write(tmp_path / "toy", world.EFFECTS)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        save_profile(
            Profile(name="mute", url=f"http://127.0.0.1:{port}/v1", model="mute", context=16_000)
        )
        took = []
        for n in range(TRIES):
            folder = tmp_path / f"run{n}"
            code, seconds, said = asked_to_end(
                ["run", str(scenario), "--scientist", "mute"], folder, number,
                on_record(folder, b'"effect":"model"'),
            )  # fmt: skip
            assert code == 130, said
            assert "gaseol resume" in said
            assert verify(folder).holds
            took.append(seconds)
            if seconds < PROMPT:
                return
        raise AssertionError(took)

"""Where neither namespaces nor Landlock are to be had: what runs, what is refused, what is said."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SEAL = Path(__file__).parent / "seal.py"
SOURCE = '''
from gaseol.tools import tool

@tool
def foreign(x: float) -> float:
    """Give back a number.

    Args:
        x: the number.
    """
    return x
'''

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux isolates"),
]


@pytest.fixture
def weakly(tmp_path):
    """Run gaseol where nothing isolates, with a plug-in of somebody else installed."""
    info = tmp_path / "gaseol_foreign-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gaseol-foreign\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[gaseol]\nforeign = foreign_tools\n")
    (tmp_path / "foreign_tools.py").write_text(SOURCE)

    def run(*words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                sys.executable,
                SEAL,
                "unshare,landlock",
                sys.executable,
                "-m",
                "gaseol",
                *map(str, words),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(tmp_path), "GASEOL_HOME": str(tmp_path / "home")},
        )

    return run


def test_a_built_in_tool_runs_and_that_is_said(weakly):
    done = weakly("tool", "molecule_identity", "smiles=CCO")
    assert done.returncode == 0
    assert "gaseol: isolation: weak; nothing here keeps tools from the network" in done.stderr


def test_an_installed_plug_in_needs_permission(weakly):
    done = weakly("tool", "foreign", "x=2")
    assert done.returncode == 1
    assert "unavailable: nothing here keeps the tools of gaseol-foreign from the" in done.stderr
    assert "--allow-weak-isolation" in done.stderr
    done = weakly("tool", "foreign", "x=2", "--allow-weak-isolation")
    assert (done.returncode, done.stdout.strip()) == (0, "2.0")
    assert "isolation: weak" in done.stderr


def test_a_folder_of_ones_own_needs_permission_and_weakness_is_on_record(weakly, world, tmp_path):
    folder = world.write(tmp_path / "asked", world.EFFECTS)
    done = weakly("run", folder, "--out", tmp_path / "refused", "--no-key")
    assert done.returncode == 2
    assert "--allow-weak-isolation" in done.stderr
    done = weakly("run", folder, "--out", tmp_path / "run", "--no-key", "--allow-weak-isolation")
    assert done.returncode == 0, done.stderr
    assert "isolation: weak" in done.stderr
    events = (tmp_path / "run" / "events.jsonl").read_bytes()
    kinds = set(re.findall(rb'"isolation":"([^"]*)"', events))
    assert kinds == {b"weak"}
    assert weakly("verify", tmp_path / "run").returncode == 0
    assert weakly("replay", tmp_path / "run", "--strict").returncode == 0


def test_a_built_in_scenario_runs_with_the_tools_beside_it(weakly, tmp_path):
    done = weakly("run", "null", "--out", tmp_path / "run", "--no-key")
    assert done.returncode == 0, done.stderr
    assert "isolation: weak" in done.stderr


def test_a_tool_that_reaches_for_the_network_is_named(weakly, tmp_path):
    (tmp_path / "foreign_tools.py").write_text(
        SOURCE.replace("    return x", "    import socket\n    try:\n        socket.create_connection"
                       "(('203.0.113.7', 80), 1)\n    except OSError:\n        pass\n    return x")
    )  # fmt: skip
    done = weakly("tool", "foreign", "x=2", "--allow-weak-isolation")
    assert done.returncode == 0
    assert "gaseol: foreign reached for the network, in vain: socket." in done.stderr

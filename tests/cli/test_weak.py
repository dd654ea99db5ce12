"""Where neither namespaces nor Landlock are to be had: what runs, what is refused, what is said."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SEAL = Path(__file__).parent / "seal.py"
SERVER = Path(__file__).parents[1] / "tools" / "mcp" / "hostile.py"
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


@pytest.fixture
def served(world, tmp_path: Path) -> Path:
    """A question that is measured by a server of somebody else's."""
    pytest.importorskip("mcp", reason="needs the extra mcp")
    from gaseol.tools.mcp.definition import Definition

    number = {"type": "number"}
    signal = {
        "name": "signal",
        "description": "Return a signal.",
        "inputSchema": {"type": "object", "properties": {"size": number}},
        "outputSchema": {
            "type": "object",
            "properties": {"value": {"type": "number", "unit": "K"}, "spread": number},
            "required": ["value"],
        },
    }
    server = {
        "command": [sys.executable, "-I", str(SERVER), "good"],
        "tools": {"signal": Definition.of(signal).digest},
    }
    measurement = {
        "name": "signal", "tool": "calc__signal", "arguments": {"size": "{size}"},
        "value": "value", "unit": "K",
    }  # fmt: skip
    asked = world.changed(
        world.EFFECTS, servers={"calc": server}, measurement=measurement, budget__experiments=3
    )
    return world.write(tmp_path / "served", asked)


def test_a_server_is_started_wherever_permission_is_given(weakly, served: Path, tmp_path: Path):
    refused = weakly("check", served)
    assert refused.returncode == 2
    assert "to start it all the same: --allow-weak-isolation" in refused.stderr
    assert weakly("check", served, "--allow-weak-isolation").returncode == 0
    words = ("sweep", served, "--seeds", "0:1", "--jobs", "1", "--out", tmp_path / "sweep")
    done = weakly(*words, "--allow-weak-isolation")
    assert done.returncode == 0, done.stdout + done.stderr
    (record,) = (tmp_path / "sweep").glob("*/events.jsonl")
    assert b'"isolation":"third party, weak"' in record.read_bytes()
    rerun = weakly("rerun", record.parent, "--beside", served, "--allow-weak-isolation")
    assert rerun.returncode == 0, rerun.stdout + rerun.stderr


@pytest.mark.parametrize("words", [("tool", "foreign", "x=2"), ("check", "foreign"), ("mcp",)])
def test_a_site_that_allows_none_is_asked_by_every_command(
    weakly, tmp_path: Path, words, monkeypatch
):
    (tmp_path / "site.yaml").write_text("name: Institute\n")
    monkeypatch.setenv("GASEOL_SITE", str(tmp_path / "site.yaml"))
    done = weakly(*words, "--allow-weak-isolation")
    assert done.returncode == 2
    assert "Institute lets nobody run such tools under weak isolation" in done.stderr

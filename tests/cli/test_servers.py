"""Servers of others on the command line: named, checked, listed, called; and said when unusable."""

import json
import sys
from pathlib import Path

import pytest
import yaml

pytest.importorskip("mcp", reason="needs the extra mcp")

from gaseol.tools.mcp.configuration import configuration_file

SERVER = Path(__file__).parents[1] / "tools" / "mcp" / "hostile.py"
COMMAND = [sys.executable, "-I", str(SERVER), "good"]


@pytest.fixture
def folder(world, tmp_path: Path) -> Path:
    """A scenario that names a server and none of its tools yet."""
    return world.write(tmp_path / "question", asked(world, {}))


def asked(world, tools: dict[str, str]) -> dict:
    measurement = {
        "name": "signal", "tool": "calc__signal", "arguments": {"size": "{size}"},
        "value": "value", "unit": "K",
    }  # fmt: skip
    server = {"command": COMMAND, "tools": tools}
    return world.changed(world.EFFECTS, servers={"calc": server}, measurement=measurement)


@pytest.mark.slow
def test_check_says_what_to_write_until_it_holds(gaseol, world, folder: Path) -> None:
    first = gaseol("check", folder)
    assert first.code == 2
    assert "servers.calc names no tools; it offers, with their pins:" in first.err
    (pin,) = [line.split(": ")[1] for line in first.err.splitlines() if " signal: " in line]
    (folder / "scenario.yaml").write_text(yaml.safe_dump(asked(world, {"signal": "0" * 64})))
    second = gaseol("check", folder)
    assert second.code == 2
    assert "is not the one that was pinned" in second.err
    (folder / "scenario.yaml").write_text(yaml.safe_dump(asked(world, {"signal": pin})))
    assert gaseol("check", folder).code == 0
    wrong = asked(world, {"signal": pin})
    wrong["servers"]["calc"]["netwrk"] = True
    (folder / "scenario.yaml").write_text(yaml.safe_dump(wrong))
    said = gaseol("check", folder)
    assert said.code == 2
    assert "servers.calc.netwrk: unknown field" in said.err


@pytest.mark.slow
def test_the_users_servers_are_listed_and_called(
    gaseol, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path))
    server: dict = {"command": COMMAND}
    configuration_file().write_text(json.dumps({"servers": {"calc": server}}))
    said = gaseol("list", "tools", "--json").json
    (row,) = [row for row in said if row["name"] == "calc"]
    assert row["summary"].startswith("UNUSABLE server: servers.calc names no tools; it offers")
    pin = row["summary"].partition("signal: ")[2][:64]
    server["tools"] = {"signal": pin}
    configuration_file().write_text(json.dumps({"servers": {"calc": server}}))
    (row,) = [r for r in gaseol("list", "tools", "--json").json if r["name"] == "calc__signal"]
    assert row["summary"] == "[third party: calc] Return a signal."
    assert "third-party" in row["tags"]
    assert gaseol("tool", "calc__signal", "size=2").json == {"value": 304, "spread": 0.1}
    assert gaseol("tool", "calc__signal", "--schema").json["digest"] == pin
    assert gaseol("tool", "calc__signal", "size=x").code == 2
    assert "there is no tool 'calc__none'" in gaseol("tool", "calc__none").err

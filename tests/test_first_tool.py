"""The page "your first tool in ten minutes", done as it is written, in an environment of its own."""

import os
import re
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[1] / "docs" / "first-tool.md"
BLOCK = re.compile(
    r"(?:^`(?P<path>[^`\n]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```", re.M | re.S
)


def test_every_block_is_run_or_written_to_a_file():
    kinds = [(found["kind"], bool(found["path"])) for found in BLOCK.finditer(PAGE.read_text())]
    assert {kind for kind, _ in kinds} == {"console", "python", "yaml"}
    assert all(named == (kind != "console") for kind, named in kinds)


@pytest.mark.slow
def test_the_page_holds(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "venv", tmp_path / "env"], check=True, capture_output=True
    )
    (packages,) = (tmp_path / "env" / "lib").glob("python*/site-packages")
    ours = sysconfig.get_path("purelib")
    (packages / "ours.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
    bin_ = tmp_path / "env" / "bin"
    (bin_ / "gaseol").write_text(f'#!/bin/sh\nexec {bin_}/python -m gaseol "$@"\n')
    (bin_ / "gaseol").chmod(0o755)
    kept = {
        key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "GASEOL_HOME")
    }
    environment = {**kept, "PATH": f"{bin_}:{os.environ['PATH']}", "PIP_NO_INDEX": "1",
                   "GASEOL_CONFIG": str(tmp_path / "config")}  # fmt: skip
    work = tmp_path / "work"
    work.mkdir()
    said: dict[str, str] = {}
    for found in BLOCK.finditer(PAGE.read_text()):
        if found["path"]:
            (work / found["path"]).parent.mkdir(parents=True, exist_ok=True)
            (work / found["path"]).write_text(found["text"])
            continue
        for line in found["text"].splitlines():
            done = subprocess.run(
                shlex.split(line), cwd=work, env=environment, capture_output=True, text=True
            )
            assert done.returncode == 0, (line, done.stdout, done.stderr)
            said[line] = done.stdout
    assert "FLAW" not in said["gaseol check helmholtz"]
    assert "skipped" not in said["gaseol check helmholtz"]
    assert "a longer neck lowers the tone" in said["gaseol show tones"]
    assert "supported" in said["gaseol show tones"]
    assert "helmholtz" in said["gaseol list tools --tag acoustics"]
    assert len(said["gaseol replay tones --print --kind measurement"].splitlines()) > 10

"""Every block of the README and of the guides runs as it stands."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    "README.md", "docs/tools.md", "docs/scenarios.md", "docs/literature.md", "docs/models.md",
    "docs/campaigns.md",
)  # fmt: skip
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")


def _blocks(language: str) -> list[tuple[str, str]]:
    found = [
        (page, block)
        for page in PAGES
        for block in re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(), re.S)
    ]
    assert found
    return found


@pytest.mark.parametrize(("page", "code"), _blocks("python"))
def test_python_blocks_run(page: str, code: str, tmp_path: Path) -> None:
    out = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:__main__", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert out.returncode == 0, out.stderr
    assert out.stdout.strip()


@pytest.mark.slow
def test_console_blocks_run_in_order(tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for page, block in _blocks("console"):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            if not words or words[0] == "make":
                continue  # the two commands of the README are run by .ci/run
            out = subprocess.run(
                words, cwd=tmp_path, env=environment, capture_output=True, text=True
            )
            assert out.returncode == 0, (page, line, out.stdout, out.stderr)


def test_yaml_blocks_are_scenarios() -> None:
    from gaseol.scenarios import Scenario

    for _, block in _blocks("yaml"):
        Scenario.model_validate(yaml.safe_load(block))


@pytest.mark.parametrize("page", [*PAGES, "docs/index.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(page: str) -> None:
    for target in LINK.findall((ROOT / page).read_text()):
        if not target.startswith("http"):
            assert ((ROOT / page).parent / target).exists(), target


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs/index.md").read_text()
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "index.md" or f"({page.name})" in index


def test_the_site_file_of_the_page_is_one(tmp_path) -> None:
    from gaseol.tools.site import Site

    page = (ROOT / "docs" / "site.md").read_text(encoding="utf-8")
    (tmp_path / "site.yaml").write_text(page.split("```yaml\n")[1].split("```")[0])
    assert Site.read(tmp_path / "site.yaml").policy.confidentiality == "project"


def test_every_function_of_a_law_is_in_the_guide() -> None:
    from typing import get_args

    from gaseol.traces.nouns.hypothesis import Form

    page = (ROOT / "docs/scenarios.md").read_text()
    table = page.partition("| response | f(u) | as in |")[2].partition("\n\n")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if "`" in line]
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(get_args(Form))

"""`gaseol corpus`, from the first folder to the last."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gaseol.cli.corpus_command import command


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("GASEOL_CORPORA", str(tmp_path / "corpora"))

    def go(*words: str, code: int = 0):
        answer = CliRunner().invoke(command, list(words), catch_exceptions=False)
        assert answer.exit_code == code, answer.output
        return answer

    return go


def test_a_corpus_over_its_life(run, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "a.md").write_text("# 수소\n\n수소를 저장하였다.")
    (folder / "b.xml").write_text("<broken")
    assert "make one: gaseol corpus add" in run("list").stdout
    added = run("add", str(folder), code=1)
    assert "2 files read" in added.stdout
    assert "wrong_shape" in added.stderr
    assert "b.xml" in added.stderr
    again = run("add", str(folder), "--json", code=1)  # the same file is still unread
    assert json.loads(again.stdout)["unchanged"] == 2
    assert "corpus:" in run("search", "수소").stdout
    (row,) = json.loads(run("search", "수소", "--json").stdout)
    assert row["title"] == "수소"
    assert "no passage" in run("search", "nothing", code=1).stderr
    assert "b.xml" in run("list", "default").stdout
    (listed,) = json.loads(run("list", "default", "--json").stdout)
    assert (listed["documents"], listed["failed"], listed["folders"][0]["files"]) == (1, 1, 2)
    assert "1 files are out" in run("remove", str(folder / "b.xml")).stdout
    assert "1 files are out" in run("remove", str(folder)).stdout
    assert "0 files are out" in run("remove", str(folder), code=1).stdout
    assert "say either" in run("remove", code=2).stderr
    assert "is gone" in run("remove", "--all").stdout
    assert json.loads(run("list", "--json").stdout) == []


def test_what_is_wrong_is_said() -> None:
    import subprocess
    import sys

    for words, said in (
        (["add", "/nonexistent"], "there is no folder or file"),
        (["search", "x", "--corpus", "none"], "there is no corpus at"),
        (["search", "x", "--corpus", "../x"], "no name of a corpus"),
        (["list", "none"], "there is no corpus at"),
    ):
        out = subprocess.run(
            [sys.executable, "-m", "gaseol", "corpus", *words],
            capture_output=True, text=True, env={"PATH": "", "GASEOL_CORPORA": "/tmp/none-at-all"},
        )  # fmt: skip
        assert out.returncode == 2, out.stderr
        assert said in out.stderr
        assert "Traceback" not in out.stderr


def test_an_institutes_corpora_are_searched_after_ones_own(gaseol, tmp_path, monkeypatch):
    """One's own comes first; what is added goes there, never into the institute's."""
    texts = {}
    for name, word in (("theirs", "palladium"), ("mine", "nickel")):
        texts[name] = tmp_path / name
        texts[name].mkdir()
        (texts[name] / "a.md").write_text(
            f"# A page\n\nOn {word} and what it does to a reaction.\n"
        )
    shared, own = tmp_path / "shared", tmp_path / "own"
    monkeypatch.setenv("GASEOL_CORPORA", str(shared))
    assert gaseol("corpus", "add", texts["theirs"], "--corpus", "metals").code == 0
    monkeypatch.setenv("GASEOL_CORPORA", str(own))
    assert gaseol("corpus", "search", "palladium", "--corpus", "metals").code != 0
    (tmp_path / "site.yaml").write_text(f"name: Institute\ncorpora: {shared}\n")
    monkeypatch.setenv("GASEOL_SITE", str(tmp_path / "site.yaml"))
    assert "A page" in gaseol("corpus", "search", "palladium", "--corpus", "metals").out
    assert "metals" in gaseol("corpus", "list").out
    asked = gaseol("tool", "search_corpus", "query=palladium", "corpus=metals")
    assert asked.code == 0, asked.err
    assert "palladium" in asked.out
    before = (shared / "metals.sqlite").read_bytes()
    assert gaseol("corpus", "add", texts["mine"], "--corpus", "metals").code == 0
    assert (shared / "metals.sqlite").read_bytes() == before
    assert gaseol("corpus", "search", "palladium", "--corpus", "metals").code == 1


def test_one_odd_corpus_hides_no_other_and_new_documents_are_counted(run, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Water\n\nIt boils.")
    added = json.loads(run("add", str(tmp_path / "a.md"), "--json").stdout)
    assert (added["new_documents"], added["documents"]) == (1, 1)
    again = json.loads(run("add", str(tmp_path / "a.md"), "--json").stdout)
    assert (again["new_documents"], again["documents"]) == (0, 1)
    (tmp_path / "corpora" / "odd.sqlite").write_bytes(b"these are no bytes of a corpus" * 99)
    listed = run("list", code=1)
    assert "default: 1 documents" in listed.stdout
    assert "odd: cannot be listed" in listed.stderr
    rows = json.loads(run("list", "--json", code=1).stdout)
    assert [("problem" in row, row["corpus"]) for row in rows] == [
        (False, "default"), (True, "odd"),
    ]  # fmt: skip

"""Examples that bring files."""

from pathlib import Path

import pytest

from gaseol.tools import Example, tool
from gaseol.tools.conformance import check_tool
from gaseol.tools.contract.declaration import DeclarationError
from gaseol.tools.corpus.searching import search_corpus
from gaseol.tools.literature.pubchem import read_pubchem


def counting(*examples):
    @tool(examples=examples)
    def count(path: Path) -> int:
        """Count the characters of a file.

        Args:
            path: of the file.
        """
        return len(path.read_text(encoding="utf-8"))

    return count


def test_the_file_is_laid_where_the_argument_then_points(tmp_path):
    example = Example({"path": "notes.txt"}, files={"notes.txt": "가설"}, value=2)
    laid = counting(example).examples[0].laid_in(tmp_path)
    assert laid.arguments == {"path": str(tmp_path / "notes.txt")}
    assert counting()(Path(laid.arguments["path"])) == 2
    assert example.arguments == {"path": "notes.txt"}


@pytest.mark.parametrize("name", ["../notes.txt", "a/b.txt", "..", "nul\0"])
def test_a_file_stays_in_its_folder(name):
    with pytest.raises(DeclarationError, match="plain name"):
        counting(Example({"path": name}, files={name: ""}))


def test_a_file_that_no_argument_names_is_a_slip():
    with pytest.raises(DeclarationError, match="no argument is that name"):
        counting(Example({"path": "note.txt"}, files={"notes.txt": ""}))


def test_what_cannot_be_taken_back_is_not_tried():
    @tool(
        consequential=True, tags=("shop",), examples=(Example({"what": "water"}, value="ordered"),)
    )
    def order(what: str) -> str:
        """Order something.

        Args:
            what: is ordered.
        """
        return "ordered"

    # its module cannot be imported by a worker: a call would be a flaw
    report = check_tool(order)
    skipped = {one.check for one in report.findings if "cannot be taken back" in one.said}
    assert {"examples", "determinism", "hostile arguments", "killed"} <= skipped
    assert report.holds


def said(report, check):
    (found,) = [one for one in report if one.check == check]
    return found


def test_what_only_its_user_has_is_skipped_and_said():
    found = said(check_tool(search_corpus), "examples")
    assert found.outcome == "skipped"
    assert "its user's own" in found.said


def test_a_failure_that_no_example_shows_is_unforeseen(monkeypatch):
    assert said(check_tool(read_pubchem), "hostile arguments").outcome == "ok"
    monkeypatch.setattr(read_pubchem, "examples", read_pubchem.examples[:1])
    found = said(check_tool(read_pubchem), "hostile arguments")
    assert found.outcome == "flaw"
    assert "ends as wrong_shape" in found.said

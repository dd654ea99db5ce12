"""The screens of a site: lists that are read with care, and everything that is shown to them."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from gaseol import attempt
from gaseol.graphs.running.checkpoint import Checkpoint
from gaseol.scenarios.policy import Policy
from gaseol.tools import Answer, Refuse, Registry
from gaseol.tools.bio import screen_sequences
from gaseol.tools.chemistry import screen_molecules
from gaseol.tools.screens import Screens
from gaseol.tools.site import Site, SiteError
from gaseol.traces.nouns.failure import FailureKind
from gaseol.traces.record.effects import Request

# harmless stand-ins: aspirin for what is controlled, an enhancer-less reporter's start for what is not
LIST = "name,smiles\naspirin,CC(=O)Oc1ccccc1C(=O)O\n"
GENE = "ATGGTGAGCAAGGGCGAGGAGCTGTTCACCGGGGTGGTGCCCATCCTGGTCGAGCTGGACGGC"
SITE = """
name: Institute
screens:
  chemicals: {by: screen_molecules, file: chemicals.csv, reason: Ask the safety office.}
  genes: {by: screen_sequences, file: genes.fasta}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    (folder / "chemicals.csv").write_text(LIST)
    (folder / "genes.fasta").write_text(f">reporter an example\n{GENE}\n")
    (folder / "site.yaml").write_text(SITE)
    return folder / "site.yaml"


@pytest.fixture(scope="module")
def screens(site: Path) -> Iterator[Screens]:
    ready = Screens(Site.read(site))
    yield ready
    ready.close()


def test_what_is_listed_is_found_wherever_it_stands_in_a_value(screens: Screens) -> None:
    assert screens.entries == {"chemicals": 1, "genes": 1}
    hidden: Any = {"rows": [{"a": 1.5}, {"deep": ["CCO", {"OC(=O)c1ccccc1OC(C)=O": None}]}]}
    said = screens.refusal(hidden)
    assert said.startswith("the screen 'chemicals' names aspirin (the same molecule)")
    assert said.endswith("Ask the safety office.")
    assert "reporter" in screens.refusal([f"insert {GENE.lower()} here"])
    assert not screens.refusal(
        {"smiles": ["CCO", "c1ccccc1"], "name": "benzene", "n": 3, "x": None}
    )


class Told:
    """A door that counts, and answers with what it is given."""

    def __init__(self, value: Any) -> None:
        self.asked, self._value = 0, value

    def submit(self, request: Request) -> "Future[Answer]":
        self.asked += 1
        future: Future[Answer] = Future()
        future.set_result(Answer(value=self._value, seconds=0, cpu_seconds=0, isolation=""))
        return future


@pytest.fixture
def ask(screens: Screens) -> Callable[..., tuple[Answer, int]]:
    def go(request: Request, value: Any) -> tuple[Answer, int]:
        door = Told(value)
        checkpoint = Checkpoint(door, Policy(), Registry(), screens)
        return checkpoint.submit(request).result(60), door.asked

    return go


ASPIRIN = "CC(=O)Oc1ccccc1C(=O)[O-].[Na+]"


def test_arguments_are_screened_before_and_results_after(ask) -> None:
    before, asked = ask(Request("tool", "t", {"smiles": ASPIRIN}), {"energy": 1.0})
    assert before.failure.kind is FailureKind.REFUSED
    assert asked == 0
    after, asked = ask(Request("tool", "t", {"smiles": "CCO"}), {"products": [ASPIRIN]})
    assert after.failure.kind is FailureKind.REFUSED
    assert after.value is None
    assert asked == 1
    fine, _ = ask(Request("tool", "t", {"smiles": "CCO"}), {"energy": 1.0})
    assert fine.value == {"energy": 1.0}


def test_what_a_model_proposes_is_screened(ask) -> None:
    told = Request("model", "home/m", {"messages": ["what next?"]})
    proposed, _ = ask(told, {"text": f'{{"candidates": ["{ASPIRIN}"]}}', "object": None})
    assert proposed.failure.kind is FailureKind.REFUSED
    assert "aspirin" in proposed.failure.reason


def test_a_list_that_changes_meanwhile_lets_nothing_through(site: Path, tmp_path: Path) -> None:
    for file in site.parent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    ready = Screens(Site.read(tmp_path / "site.yaml"))
    try:
        assert not ready.refusal("CCO")
        (tmp_path / "chemicals.csv").write_text("name,smiles\nwater,O\n")
        said = ready.refusal("CCO")
    finally:
        ready.close()
    assert "could not look at it, so it is refused: chemicals.csv has changed" in said


@pytest.mark.parametrize(
    ("by", "text", "said"),
    [
        (screen_molecules, "smiles\nCCO\n", r"line 1: the columns are name and one or more of"),
        (screen_molecules, "name,smiles\nx,C1CC\n", r"line 2: 'C1CC' is no SMILES"),
        (screen_molecules, "name,smiles,smarts\nx,,\n", r"line 2: fills name and one of"),
        (screen_molecules, "name,smiles\nx,C,C\n", r"line 2: has more cells than"),
        (screen_molecules, "name,smarts\nx,[C\n", r"line 2: '\[C' is no SMARTS"),
        (screen_molecules, "name,inchikey\nx,ABC\n", r"line 2: 'ABC' is no InChIKey"),
        (screen_molecules, "name,smiles\n", "names nothing"),
        (screen_molecules, "", r"line 1: the columns are .*, not nothing"),
        (screen_molecules, b"\xff\xfe\x00", "is not UTF-8"),
        (screen_sequences, "ACGT\n", r"line 1: a sequence before the first header"),
        (screen_sequences, ">\nACGT\n", r"line 1: a header without a name"),
        (screen_sequences, ">x\nAC!GT\n", r"line 2: '!' stands for no nucleotide"),
        (screen_sequences, ">x\nACGT\n", r"x has 4 letters"),
        (screen_sequences, "", "names nothing"),
    ],
)
def test_a_bad_list_is_said_with_its_place(
    tmp_path: Path, by: Any, text: str | bytes, said: str
) -> None:
    (tmp_path / "l").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Refuse, match=said):
        by([], tmp_path / "l")


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("screen_nothing", r"screens\.l\.by: there is no tool 'screen_nothing' here"),
        ("molecule_identity", r"'molecule_identity' is no screen; it takes smiles"),
        ("screen_sequences", r"screens\.l: .*: line 1: a sequence before the first header"),
    ],
)
def test_a_site_says_which_of_its_screens_cannot_be_used(
    tmp_path: Path, by: str, said: str
) -> None:
    (tmp_path / "list").write_text("ACGT\n")
    (tmp_path / "site.yaml").write_text(f"name: I\nscreens: {{l: {{by: {by}, file: list}}}}\n")
    with pytest.raises(SiteError, match=said):
        Screens(Site.read(tmp_path / "site.yaml"))


def test_a_list_that_is_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(
        "name: I\nscreens: {l: {by: screen_molecules, file: absent}}\n"
    )
    here = Site.read(tmp_path / "site.yaml")
    assert here.missing() == (str(tmp_path / "absent"),)
    with pytest.raises(SiteError, match="No such file"):
        Screens(here)


def test_the_doctor_has_every_list_read(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GASEOL_SITE", str(site))
    assert attempt.screens() == (
        "entries that are refused: chemicals (1 by screen_molecules), genes (1 by screen_sequences)"
    )


def test_the_doctor_says_which_list_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "list").write_text(">x\nACGT\n")
    path = tmp_path / "site.yaml"
    path.write_text("name: I\nscreens: {genes: {by: screen_sequences, file: list}}\n")
    monkeypatch.setenv("GASEOL_SITE", str(path))
    with pytest.raises(attempt.Wrong, match=r"screens\.genes: .*x has 4 letters"):
        attempt.screens()
    path.write_text("name: I\n")
    with pytest.raises(attempt.Missing, match="no list says"):
        attempt.screens()

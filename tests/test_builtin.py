"""The built-in questions: they load, check, explain themselves, and come to true verdicts."""

import re
from pathlib import Path

import pytest

from gaseol.graphs import run
from gaseol.scenarios import load
from gaseol.scenarios.catalogue import builtin
from gaseol.scenarios.checker import check
from gaseol.scenarios.loader import load_answer
from gaseol.tools import Registry
from gaseol.traces.hypothesis import Curve, Law, Trend
from gaseol.traces.verifier import verify

NAMES = tuple(builtin())
QUICK = ("null", "stiffness")
HEADINGS = (
    "## What is measured, and how good it is",
    "## What a verdict means",
    "## Run it, change it",
    "## Sources",
)
each = pytest.mark.parametrize("name", NAMES)


def folder(name: str) -> Path:
    return builtin()[name].parent


def test_there_are_five() -> None:
    assert NAMES == ("boiling", "diffraction", "hydration", "null", "stiffness")


@each
def test_it_fits_the_tools_that_are_here(name: str) -> None:
    scenario = load(name)
    assert scenario.name == name
    check(scenario, Registry.load([folder(name)]))
    assert scenario.title.endswith("?") or name == "null"
    assert "?" in scenario.question
    assert scenario.field
    assert scenario.cases.population
    for belief in scenario.hypotheses.beliefs:
        assert belief.mechanism, belief.statement


@each
def test_it_explains_itself_to_a_scientist(name: str) -> None:
    text = (folder(name) / "README.md").read_text(encoding="utf-8")
    scenario = load(name)
    assert text.startswith(f"# {scenario.title}\n")
    at = [text.index(heading) for heading in HEADINGS]
    assert at == sorted(at)
    assert "**Not controlled**" in text
    assert f"gaseol run {name}" in text
    assert "copy the folder" in text
    assert max(map(len, text.splitlines())) <= 110
    for file in re.findall(r"`([a-z/_]+\.(?:yaml|py|cif))`", text):
        assert (folder(name) / file).is_file(), file
    for command in re.findall(r"^    gaseol (\w+)", text, re.M):
        assert command in ("run", "show", "verify", "replay")


@each
def test_its_answer_cites_and_speaks_of_what_is_asked(name: str) -> None:
    answer = load_answer(folder(name))
    assert answer is not None
    assert answer.nothing_is_true or answer.entries
    scenario = load(name)
    for entry in answer.entries:
        cites = re.search(r"\b(1[89]|20)\d\d\b|Kittel|CRC", entry.source)
        assert cites or entry.relation == {"kind": "law", "weights": {}}, entry.source
        assert entry.relation.get("kind") in ("trend", "groups", "change", "law", "curve")
        known = {"kind", "direction", "change", "matching", "rival", "link", "weights", "variable"}
        assert set(entry.relation) <= known
        spoken = {entry.relation.get("variable")} | set(entry.relation.get("weights", ()))
        assert spoken - {None} <= set(scenario.variables)
    for belief in scenario.hypotheses.beliefs:
        if isinstance(belief.relation, Trend | Curve):
            hypothesis = _hypothesis(belief.statement, belief.relation)
            assert answer.expected(hypothesis) is not None, belief.statement
    if scenario.hypotheses.rivals:
        for rival in scenario.hypotheses.rivals.each:
            assert answer.expected(_hypothesis(rival, Curve(rival=rival))) is not None
        assert answer.expected(_hypothesis("noise", Law())) is not None


def _hypothesis(statement: str, relation):
    from gaseol.traces.hypothesis import Hypothesis

    return Hypothesis(
        id="h1", statement=statement, relation=relation, proposed_by="scenario", bits=0
    )


def _plays(name: str, seed: int, out: Path, report: bool) -> None:
    handle = run(name, seed=seed, out=out, report=report)
    assert handle.status in ("done", "budget")
    found = verify(out)
    assert found.holds, found.problems
    assert found.integrity.value == "intact"
    said = handle.summary()
    assert said["hypotheses"]
    assert "disagrees" not in {row["score"] for row in said["hypotheses"]}, said["hypotheses"]
    assert all(claim["supported"] for claim in said["claims"])
    rulings = {row["verdict"] for row in said["hypotheses"]}
    assert "invalid" not in rulings
    if name != "null":
        assert rulings >= {"supported", "refuted"}


@pytest.mark.parametrize("name", QUICK)
def test_it_runs(name: str, tmp_path: Path) -> None:
    _plays(name, 0, tmp_path / "run", report=False)


@pytest.mark.slow
@each
@pytest.mark.parametrize("seed", range(3))
def test_it_never_disagrees_with_what_is_known(name: str, seed: int, tmp_path: Path) -> None:
    _plays(name, seed, tmp_path / "run", report=True)

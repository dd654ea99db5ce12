"""The built-in questions: they load, check, explain themselves, and come to true verdicts."""

import re
import sys
from pathlib import Path

import pytest

from gaseol.cli import main
from gaseol.graphs import run
from gaseol.scenarios import load
from gaseol.scenarios.catalogue import builtin
from gaseol.scenarios.checker import check
from gaseol.scenarios.loader import load_answer
from gaseol.tools import Registry
from gaseol.traces.nouns.hypothesis import Condition, Curve, Groups, Law, Match, Trend
from gaseol.traces.verification.verifier import verify

NAMES = tuple(builtin())
SURVEYS = ("glazes",)
"""They read, and measure nothing."""
MEASURING = tuple(name for name in NAMES if name not in SURVEYS)
QUICK = ("null", "remedies", "stiffness")
SHARED = ("cathodes",)
"""Questions whose measurements take seconds each, and whose policy is to share them."""
EXTRAS = {
    "balancing": "robotics", "burner": "energy", "cathodes": "mlip", "flames": "energy",
    "knockouts": "bio", "steadying": "robotics",
}  # fmt: skip
"""The extra of gaseol that a question needs."""
HEADINGS = (
    "## What is measured, and how good it is",
    "## What a verdict means",
    "## Run it, change it",
    "## Sources",
)
READ = ("## What is read, and how good it is", "## What a point means", *HEADINGS[2:])
each = pytest.mark.parametrize("name", NAMES)
measuring = pytest.mark.parametrize("name", MEASURING)


def folder(name: str) -> Path:
    return builtin()[name].parent


def needs(name: str) -> None:
    """Skip, loudly, a question whose extra is not installed."""
    if name in SURVEYS:
        return
    tool = Registry.load([folder(name)]).get(load(name).measurement.tool)
    if tool.missing():
        extra = EXTRAS[name]  # the core's questions need none
        pytest.skip(f"extra `{extra}` is not installed: pip install 'gaseol[{extra}]'")


def test_there_are_fourteen() -> None:
    assert NAMES == (
        "balancing", "boiling", "burner", "cathodes", "diffraction", "flames", "glazes",
        "hydration", "hydrophile", "knockouts", "null", "remedies", "steadying", "stiffness",
    )  # fmt: skip


@pytest.mark.parametrize(("name", "extra"), EXTRAS.items())
def test_without_its_extra_it_says_what_to_install(
    name: str,
    extra: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tool = Registry.load().get(load(name).measurement.tool)
    monkeypatch.setattr(tool, "missing", lambda: tool.needs)
    words = ["gaseol", "run", name, "--no-key", "--out", str(tmp_path / "run")]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert f"pip install 'gaseol[{extra}]'" in capsys.readouterr().err
    assert not (tmp_path / "run" / "events.jsonl").exists()


@each
def test_it_fits_the_tools_that_are_here(name: str) -> None:
    needs(name)
    scenario = load(name)
    assert scenario.name == name
    check(scenario, Registry.load([folder(name)]))
    assert scenario.title.endswith("?") or name == "null"
    assert "?" in scenario.question
    assert scenario.field
    assert scenario.measures is (name not in SURVEYS)
    if not scenario.measures:
        return
    assert scenario.cases.population
    for belief in scenario.hypotheses.beliefs:
        assert belief.mechanism, belief.statement


@each
def test_it_explains_itself_to_a_scientist(name: str) -> None:
    text = (folder(name) / "README.md").read_text(encoding="utf-8")
    scenario = load(name)
    assert text.startswith(f"# {scenario.title}\n")
    at = [text.index(heading) for heading in (READ if name in SURVEYS else HEADINGS)]
    assert at == sorted(at)
    assert "**Not controlled**" in text
    assert f"gaseol run {name}" in text
    assert "copy the folder" in text
    assert max(map(len, text.splitlines())) <= 110
    for file in re.findall(r"`([a-z/_]+\.(?:yaml|py|cif))`", text):
        assert (folder(name) / file).is_file(), file
    for command in re.findall(r"^    gaseol (\w+)", text, re.M):
        assert command in ("run", "show", "verify", "replay")


@measuring
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
        known |= {"inside", "against", "where"}
        assert set(entry.relation) <= known
        spoken = {entry.relation.get("variable")} | set(entry.relation.get("weights", ()))
        for part in ("inside", "against", "where", "matching"):
            spoken |= {condition["variable"] for condition in entry.relation.get(part, ())}
        assert spoken - {None} <= set(scenario.variables)
    for belief in scenario.hypotheses.beliefs:
        if isinstance(belief.relation, Trend | Curve | Groups):
            hypothesis = _hypothesis(belief.statement, belief.relation)
            assert answer.expected(hypothesis) is not None, belief.statement
    if scenario.hypotheses.rivals:
        for rival in scenario.hypotheses.rivals.each:
            assert answer.expected(_hypothesis(rival, Curve(rival=rival))) is not None
        assert answer.expected(_hypothesis("noise", Law())) is not None


def test_what_is_true_elsewhere_is_not_held_against_a_scientist() -> None:
    answer = load_answer(folder("flames"))
    assert answer is not None
    equal = (Match(variable="preheat"), Match(variable="pressure"))
    for variable, direction, where in (
        ("ratio", "lowers", Condition(variable="ratio", at_least=1.9)),
        ("flame_temperature", "raises", Condition(variable="ratio", at_most=1.0)),
    ):
        relation = Trend(variable=variable, direction=direction, matching=equal, where=(where,))
        assert answer.expected(_hypothesis("true, and said of other mixtures", relation)) is None


def _hypothesis(statement: str, relation):
    from gaseol.traces.nouns.hypothesis import Hypothesis

    return Hypothesis(
        id="h1", statement=statement, relation=relation, proposed_by="scenario", bits=0
    )


def _plays(name: str, seed: int, out: Path, report: bool, cache: Path | None = None) -> None:
    needs(name)
    handle = run(name, seed=seed, out=out, report=report, cache=cache)
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
    if name != "null" and load(name).graph == "discover":
        # a campaign looks for the best; what it learns besides may stay undecided
        assert rulings >= {"supported", "refuted"}


@pytest.mark.parametrize("name", QUICK)
def test_it_runs(name: str, tmp_path: Path) -> None:
    _plays(name, 0, tmp_path / "run", report=False)


@pytest.mark.parametrize("name", SURVEYS)
def test_a_survey_quotes_what_is_there_and_says_what_is_not(name: str, tmp_path: Path) -> None:
    handle = run(name, out=tmp_path / "run")
    found = verify(tmp_path / "run")
    assert found.holds, found.problems
    assert found.checked["quotes"] == 12
    docket = handle.docket
    assert docket.missing == ("lead_release",)
    assert not any(point.problems for point in docket.points)
    values = [e.value for e in docket.excerpts.values() if e.about.casefold() == "ambercrest"]
    assert sorted(v for v in values if v) == pytest.approx([1176, 1180, 1181.85])
    note = next(w.cite for w in docket.works.values() if w.title.startswith("A note to automatic"))
    assert note in docket.read
    assert note not in {e.cite for e in docket.excerpts.values()}


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in MEASURING if name not in SHARED])
@pytest.mark.parametrize("seed", range(3))
def test_it_never_disagrees_with_what_is_known(name: str, seed: int, tmp_path: Path) -> None:
    _plays(name, seed, tmp_path / "run", report=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", SHARED)
def test_it_never_disagrees_and_shares_its_answers(name: str, tmp_path: Path) -> None:
    """Three seeds one after the other: what one has computed the next one takes from the cache."""
    for seed in range(3):
        _plays(name, seed, tmp_path / f"run{seed}", report=True, cache=tmp_path / "cache")

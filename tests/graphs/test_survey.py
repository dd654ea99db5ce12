"""Surveys: searched, screened, read through the closed schema, put together, with nothing measured."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gaseol.graphs import Run, run
from gaseol.graphs.replay.replaying import replay
from gaseol.scenarios import Scenario, ScenarioError
from gaseol.scenarios.checker import check
from gaseol.tools import Pool, Registry
from gaseol.traces.record.event import KINDS
from gaseol.traces.verification.verifier import verify

DOCUMENTS = (
    {"title": "Solubility of veldorin", "year": 2019,
     "abstract": "The solubility of veldorin in water was 3.2 g/L at 25 °C. It melts without decay."},
    {"title": "벨도린의 용해도", "year": 2021, "abstract": "veldorin의 용해도는 3.1 mg/mL이었다."},
    {"title": "Salt and veldorin", "year": 2020,
     "abstract": "Added salt lowers the solubility of veldorin. Nobody knows why."},
    {"title": "Nothing of the kind", "year": 2018, "abstract": "Cats prefer veldorin boxes."},
)  # fmt: skip
SURVEY: dict[str, Any] = {
    "name": "veldorin",
    "title": "How soluble is veldorin?",
    "question": "How soluble is veldorin in water, and what does salt do to it?",
    "graph": "survey",
    "literature": [{"source": "corpus", "file": "texts.jsonl", "query": "veldorin", "count": 20}],
    "reading": {
        "sought": {
            "solubility": {"kind": "quantity", "terms": ["solubility", "용해도"], "unit": "g/L",
                           "about": ["veldorin"]},
            "salt": {"kind": "relation", "terms": ["salt"], "of": ["solubility"]},
        },
    },
    "budget": {"seconds": 300, "tokens": 60_000},
}  # fmt: skip


@pytest.fixture
def look(pool: Pool, tmp_path: Path) -> Callable[..., Run]:
    """Run a survey over texts; whatever came of it, the record must verify."""
    made = iter(range(1000))

    def go(documents: Any = DOCUMENTS, *, scientist: Any = "embedded", **changes: Any) -> Run:
        number = next(made)
        folder = tmp_path / f"scenario{number}"
        folder.mkdir()
        lines = (json.dumps(one, ensure_ascii=False) for one in documents)
        (folder / "texts.jsonl").write_text("\n".join(lines), encoding="utf-8")
        scenario = Scenario.model_validate({**SURVEY, **changes}).placed(folder)
        out = tmp_path / f"survey{number}"
        try:
            return run(scenario, scientist=scientist, out=out, pool=pool)
        finally:
            if out.exists():
                found = verify(out)
                assert found.holds, found.problems

    return go


def test_rules_read_what_is_there_and_cite_it(look):
    done = look()
    docket = done.docket
    assert done.status == "done"
    assert docket.missing == ()
    assert sorted(e.said for e in docket.excerpts.values() if e.said) == ["3.1 mg/mL", "3.2 g/L"]
    assert {e.value for e in docket.excerpts.values() if e.value} == {3.2, 3.1}
    (salt,) = [e for e in docket.excerpts.values() if e.field == "salt"]
    assert salt.direction == "lowers"
    assert len(docket.points) == 2
    assert all(not point.problems for point in docket.points), docket.points
    assert {c for p in docket.points for c in p.cites} <= set(docket.works)
    assert [why for why in docket.screened.values() if why] == ["it names nothing that is sought"]
    assert not docket.measurements
    assert replay(done.path).holds


def test_that_nothing_is_found_is_an_answer(look):
    done = look(DOCUMENTS[3:])
    assert done.status == "done"
    assert done.docket.missing == ("solubility", "salt")
    assert done.docket.points == ()
    report = (done.path / "report.md").read_text()
    assert "Not found" in report
    assert "solubility" in report


def test_what_is_missing_is_asked_for_again(look):
    narrow = [{**SURVEY["literature"][0], "query": "decay"}]
    done = look(literature=narrow)
    searches = done.docket.searches
    assert [s.query for s in searches] == ["decay", "salt"]
    assert "salt" in {e.field for e in done.docket.excerpts.values()}


def test_only_as_many_texts_are_read_as_are_allowed(look):
    done = look(reading={**SURVEY["reading"], "most": 1, "rounds": 3})
    assert len(done.docket.read) == 1
    assert "1 texts are read at most" in done.docket.screened.values()


def test_a_corpus_that_is_not_there_is_said_before_the_run(look, tmp_path, monkeypatch):
    monkeypatch.setenv("GASEOL_CORPORA", str(tmp_path / "corpora"))
    scenario = Scenario.model_validate(
        {**SURVEY, "literature": [{"source": "corpus", "corpus": "ours", "query": "veldorin"}]}
    )
    with pytest.raises(ScenarioError, match="gaseol corpus add"):
        check(scenario, Registry.load())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"literature": []}, "needs `literature`"),
        ({"reading": {}}, "what is sought"),
        ({"variables": {"x": {}}}, "measures nothing"),
        ({"graph": "discover"}, "cases\n  Field required"),
        (
            {"graph": "discover", "cases": None, "measurement": None, "hypotheses": None},
            "'cases' is missing",
        ),
        ({"reading": {"sought": {"a": {"kind": "quantity", "terms": ["a"]}}}}, "`unit`"),
        ({"reading": {"sought": {"a": {"kind": "relation", "terms": ["a"]}}}}, "`of`"),
        ({"literature": [{"source": "openalex", "query": "a", "corpus": "b"}]}, "source `corpus`"),
    ],
)
def test_a_survey_that_cannot_be_is_refused(change, said):
    with pytest.raises(ValueError, match=said):
        Scenario.model_validate({**SURVEY, **change})


def test_an_excerpt_that_was_changed_is_noticed(look):
    from gaseol.traces.record.trace import Trace
    from gaseol.traces.verification.quotation import misquoted

    done = look()
    trace = Trace(done.path)
    assert not list(misquoted(trace))
    lines = (done.path / "events.jsonl").read_text().splitlines()
    changed = [line.replace('"said":"3.2 g/L"', '"said":"9.9 g/L"') for line in lines]
    assert changed != lines
    (done.path / "events.jsonl").write_text("\n".join(changed) + "\n")
    (what,) = [what for _, what in misquoted(Trace(done.path))]
    assert "says a quantity that does not stand in its quote" in what


def test_every_event_of_literature_is_told(look):
    from gaseol.traces.story import tell

    done = look()
    told = {event.kind: tell(event) for event in done.trace.events() if "literature" in event.kind}
    assert set(told) == {kind for kind in KINDS if kind.startswith("literature.")}
    assert all(told.values())


def test_wherever_it_was_interrupted_it_ends_the_same(look, pool, tmp_path):
    from gaseol.graphs import resume
    from gaseol.traces.record.projection import projection_bytes
    from gaseol.traces.record.trace import Trace

    whole = look().path
    lines = (whole / "events.jsonl").read_bytes().splitlines(keepends=True)
    for number in range(1, len(lines), 4):
        folder = tmp_path / f"cut{number}"
        shutil.copytree(whole, folder)
        for name in ("seal.json", "report.md", "report.html"):
            (folder / name).unlink()
        (folder / "events.jsonl").write_bytes(b"".join(lines[:number]))
        assert resume(folder, pool=pool).status == "done"
        assert projection_bytes(Trace(folder)) == projection_bytes(Trace(whole))

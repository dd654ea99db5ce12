"""Four questions to every claim; each can be answered with no."""

import itertools
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.traces import Trace
from gaseol.traces.evidence.judge import Judge
from gaseol.traces.evidence.process import Sign
from gaseol.traces.evidence.statistic import figure
from gaseol.traces.inspection.citation import Reference, references
from gaseol.traces.inspection.claims import Finding, inspect
from gaseol.traces.nouns.claim import Claim
from gaseol.traces.nouns.hypothesis import Hypothesis, Trend
from gaseol.traces.nouns.measurement import Measurement
from gaseol.traces.nouns.registration import Criterion, Frame, Prediction
from gaseol.traces.record import event as kinds
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.recorder import Recorder
from gaseol.traces.verification.verifier import verify

RUN = {
    "id": "made",
    "seed": 0,
    "tools": {"thermometer": "1"},
    "scenario": {
        "name": "made",
        "cases": {"key": "case"},
        "measurement": {
            "name": "temperature",
            "tool": "thermometer",
            "arguments": {"case": "{case}", "reading": "{reading}", "for": "{purpose}"},
            "value": "t.mean",
            "unit": "K",
        },
        "hypotheses": {"maximum": 5, "alpha": 0.05},
    },
}
PAIRS = [(f"a{i}", f"b{i}") for i in range(14)]
DOI = "10.1021/ja01193a005"


@pytest.fixture
def lab(ledger, tmp_path):
    """Open a record whose `run.json` describes the measurement."""
    numbers = itertools.count()

    class Lab(ledger.Book):
        def __init__(self, run: Any = None) -> None:
            self.folder = tmp_path / f"run{next(numbers)}"
            self.docket, self.recorder = Docket(), Recorder(self.folder, run or RUN)
            self.blobs = self.recorder.blobs
            self.judge = Judge(self.docket, self.blobs)
            self.m, self.alpha, self.count = 5, 0.05, 0
            self.add(
                kinds.RunStarted(
                    scenario="made", question="?", scientist="by hand", graph="none", seed=0,
                    hypotheses=5, alpha=0.05, budget={},
                )
            )  # fmt: skip

        def idea(self, mechanism: str = "") -> None:
            hypothesis = Hypothesis(
                id="h1", statement="size raises it", mechanism=mechanism, proposed_by="us", bits=1,
                relation=Trend(variable="size", direction="raises"),
            )  # fmt: skip
            self.add(kinds.HypothesisProposed(hypothesis=hypothesis))

        def promise(self, **criterion: Any) -> None:
            if "h1" not in self.docket.hypotheses:
                self.idea()
            settings = {
                "process": Sign(), "alpha": 0.05, "hypotheses": 5, "draws": len(PAIRS),
                "basis": "design-based", **criterion,
            }  # fmt: skip
            self.seal(
                "h1",
                Prediction(outcome="temperature", unit="K", sign=1),
                Criterion(**settings),
                Frame(
                    population="pairs", kind="pairs", cases=28, size=14, draw_rule="disjoint",
                    draws=self.blobs.put_json([list(p) for p in PAIRS]), planned=14, seed=0,
                ),
            )  # fmt: skip

        def draw(self, number: int, outcome: float | None = 5.0) -> None:
            self.try_pair("h1", PAIRS[number], outcome)

        def search(self, name: str, arguments: Any, answer: Any, effect: str = "tool") -> int:
            asked = self.add(
                kinds.EffectRequested(effect=effect, name=name, arguments=arguments, key="0" * 64)
            )
            blob = self.blobs.spill(answer)
            value = None if blob else answer
            return self.add(
                kinds.EffectCompleted(request=asked, value=value, blob=blob, seconds=0.1), asked
            )

        def done(self) -> Trace:
            self.conclude()
            self.add(kinds.RunEnded(status="done"))
            self.recorder.seal()
            return Trace(self.folder)

        def ordinary(self, mechanism: str = "") -> Trace:
            self.idea(mechanism)
            self.promise()
            for number in range(4):
                self.draw(number)
            return self.done()

    return Lab


def asked(trace: Trace) -> dict[tuple[str, str], Finding]:
    return {(f.claim, f.check): f for f in inspect(trace)}


def answers(trace: Trace, claim: str = "c0") -> dict[str, bool | None]:
    return {check: f.holds for (name, check), f in asked(trace).items() if name == claim}


def events(trace: Trace, kind: str) -> list[Any]:
    return [e for e in trace if e.kind == kind]


def test_an_ordinary_run(lab):
    trace = lab().ordinary()
    assert answers(trace) == {
        "score": True, "reference": None, "registered": True, "method": True,
    }  # fmt: skip
    assert answers(trace, "c-mean") == {
        "score": True, "reference": None, "registered": None, "method": True,
    }  # fmt: skip
    found = asked(trace)
    assert found["c0", "method"].says.endswith("answers: 8 live")
    measured = [e.seq for e in events(trace, "measurement")]
    assert set(measured) < set(found["c0", "score"].events)
    orjson.dumps([f.to_json() for f in found.values()])


def test_a_run_of_every_kind_of_judgement(sealed):
    """Laws and failures included; its `run.json` describes no measurement, which is said."""
    found = inspect(Trace(sealed))
    scores = [f for f in found if f.check == "score"]
    assert all(f.holds for f in scores), scores
    for finding in found:
        if finding.check == "method":
            assert finding.holds is None
            assert "run.json describes no measurement" in finding.says
    registered = {f.claim: f for f in found if f.check == "registered"}
    assert registered["c0"].holds
    assert registered["c1"].holds
    for law in ("c2", "c3", "c4"):  # that record goes on measuring when all three are decided
        assert registered[law].holds is False
        assert registered[law].says.startswith("experiment x26 was designed after ")


# -- score


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda e: e["claim"][-1]["claim"]["figures"]["mean"].update(value=1.0), "'mean' says 1.0"),
        (lambda e: e["measurement"][2]["measurement"].update(raw=1.0), "says 1.0, the answer to"),
        (lambda e: e["measurement"][2]["measurement"].update(value=1.0), "not its raw value"),
        (lambda e: e["effect.completed"][2]["value"]["t"].update(mean=9.0), "says 9.0"),
        (lambda e: e["effect.completed"][2].update(value={}), "says None"),
        (lambda e: e["measurement"][2]["measurement"].update(path=["t", "max"]), "says None"),
        (lambda e: e["measurement"][2]["measurement"].update(request=0), "was never answered"),
    ],
)
def test_a_score_that_is_not_its_measurement(lab, ledger, change, says):
    trace = lab().ordinary()

    def forge(found: list[dict[str, Any]]) -> None:
        by_kind: dict[str, list[Any]] = {}
        for event in found:
            by_kind.setdefault(event["kind"], []).append(event["data"])
        change(by_kind)

    ledger.rewrite(trace.folder, forge)
    finding = asked(Trace(trace.folder))["c-mean", "score"]
    assert finding.holds is False
    assert says in finding.says


def test_an_answer_that_is_not_there_is_not_held_against_a_claim(lab):
    book = lab()
    book.promise()
    request = book.request("thermometer", {"case": "a0", "reading": 0, "for": "test"})
    blob = book.blobs.put_json({"t": {"mean": 20.0}})
    book.add(kinds.EffectCompleted(request=request, blob=blob, seconds=0.1), request)
    book.add(
        kinds.Measured(
            measurement=Measurement(
                case="a0", quantity="temperature", tool="thermometer", request=request,
                path=("t", "mean"), raw=20.0, offset=273.15, value=293.15, unit="K",
                raw_unit="degC",
            )
        )
    )  # fmt: skip
    trace = book.done()
    assert answers(trace, "c-mean")["score"] is True
    (trace.folder / "blobs" / "sha256" / blob.sha256).unlink()
    finding = asked(Trace(trace.folder))["c-mean", "score"]
    assert finding.holds is None
    assert "not in this copy" in finding.says
    (trace.folder / "withheld.json").write_bytes(orjson.dumps({blob.sha256: {"reason": "private"}}))
    assert "withheld: private" in asked(Trace(trace.folder))["c-mean", "score"].says


# -- reference


@pytest.mark.parametrize(
    ("tool", "answer"),
    [
        ("search_papers", [{"title": "A", "doi": DOI}]),
        ("search_papers", {"hits": [{"url": f"https://doi.org/{DOI.upper()}"}]}),
        ("arxiv", {"text": f"as in Wiener ({DOI})."}),
        ("literature", {"padding": "x" * 9000, "doi": DOI}),
    ],
)
def test_a_reference_that_a_search_had_found(lab, tool, answer):
    book = lab()
    book.search(tool, {"query": "boiling points"}, answer)
    trace = book.ordinary(mechanism=f"Branching lowers it (doi:{DOI}).")
    finding = asked(trace)["c0", "reference"]
    assert finding.holds is True, finding.says
    assert finding.events[1:] == (2,)


def test_egress_is_a_search_whatever_it_is_called(lab):
    book = lab()
    book.search("https://api.example.org", {"q": "x"}, {"doi": DOI}, effect="egress")
    assert answers(book.ordinary(mechanism=f"see {DOI}"))["reference"] is True


def test_a_page_that_repeats_what_was_asked_has_found_nothing(lab):
    """Crossref writes the search terms into its answer: a made-up DOI would cite itself."""
    page = {"status": 200, "text": f'{{"search-terms": "{DOI}", "items": []}}', "attempts": [{}]}
    book = lab()
    book.search("crossref", {"params": {"query": DOI}}, page, effect="egress")
    trace = book.ordinary(mechanism=f"see {DOI} and [1]")
    finding = asked(trace)["c0", "reference"]
    assert finding.holds is False
    assert DOI in finding.says
    assert "[1]" in finding.says
    book = lab()
    book.search("crossref", {"params": {"query": DOI}}, page, effect="egress")
    book.search("read_crossref", {"status": 200, "text": page["text"]}, {"hits": [{"doi": DOI}]})
    assert answers(book.ordinary(mechanism=f"see {DOI} and [1]"))["reference"] is True


@pytest.mark.parametrize(
    ("tool", "question", "answer"),
    [
        ("search_papers", {"query": "x"}, [{"doi": "10.1021/ja01193a00"}]),
        ("search_papers", {"query": "x"}, [{"doi": f"{DOI}9"}]),
        ("search_papers", {"query": DOI}, {"query": DOI, "results": []}),
        ("search_papers", {"query": DOI}, []),
        ("thermometer", {"case": "x"}, {"doi": DOI}),
        ("search_papers", {"query": "x"}, "nothing was found"),
    ],
)
def test_a_reference_that_no_search_had_found(lab, tool, question, answer):
    book = lab()
    book.search(tool, question, answer)
    finding = asked(book.ordinary(mechanism=f"Branching lowers it (doi:{DOI})."))["c0", "reference"]
    assert finding.holds is False
    assert finding.says == f"no search on record found {DOI}"


def test_one_made_up_reference_among_found_ones(lab):
    book = lab()
    book.search("search_papers", {"query": "x"}, [{"doi": DOI}, {"pmid": 12345}])
    text = f"{DOI}, PMID: 12345 and arXiv:2301.00001"
    finding = asked(book.ordinary(mechanism=text))["c0", "reference"]
    assert finding.holds is False
    assert finding.says == "no search on record found 2301.00001"


def test_a_reference_that_was_found_only_afterwards(lab):
    book = lab()
    book.idea(mechanism=f"see {DOI}")
    book.promise()
    book.draw(0)
    book.conclude()
    late = book.search("search_papers", {"query": "x"}, [{"doi": DOI}])
    book.recorder.seal()
    finding = asked(Trace(book.folder))["c0", "reference"]
    assert finding.holds is False
    assert finding.says == f"{DOI} was found only afterwards, at event {late}"


def test_a_search_whose_answer_is_withheld_decides_nothing(lab):
    book = lab()
    book.search("search_papers", {"query": "x"}, {"padding": "x" * 9000, "doi": DOI})
    trace = book.ordinary(mechanism=f"see {DOI}")
    (stored,) = (
        e.data["blob"]["sha256"] for e in events(trace, "effect.completed") if e.data["blob"]
    )
    (trace.folder / "blobs" / "sha256" / stored).unlink()
    finding = asked(Trace(trace.folder))["c0", "reference"]
    assert finding.holds is None
    assert "not in this copy" in finding.says


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nothing at all, 10.5 K and 3/4", set()),
        ("doi:10.1016/S0022-2836(05)80360-2.", {("doi", "10.1016/s0022-2836(05)80360-2")}),
        ("(https://doi.org/10.1000/A-b)", {("doi", "10.1000/a-b")}),
        ("arXiv:2301.00001v3 and arxiv.org/abs/hep-th/9901001", {
            ("arxiv", "2301.00001"), ("arxiv", "hep-th/9901001")}),
        ("PMID 123 and https://pubmed.ncbi.nlm.nih.gov/456/", {("pmid", "123"), ("pmid", "456")}),
        ("see https://www.Example.org/a/B/#c, or http://example.org/a/B", {
            ("url", "example.org/a/B")}),
        ("as shown [2], [4-6] and [8, 9]", {("number", n) for n in "245689"}),
        ("CC[13CH3] and [O-] and [2H]", set()),
        ("PMC1234567", {("pmc", "pmc1234567")}),
        ("see corpus:0123456789ab#12, Corpus:0123456789AB#1.", {
            ("passage", "0123456789ab#12"), ("passage", "0123456789ab#1")}),
        ("corpus:0123456789ab and corpus:0123#4", set()),
        ("https://", set()),
        ("https://...", {("url", "")}),
    ],
)  # fmt: skip
def test_what_counts_as_a_reference(text, found):
    if text == "https://...":
        references(text)  # no address, and no error either
        return
    assert references(text) == {Reference(*each) for each in found}


@given(st.text(alphabet="[]()/.:-0123456789 ahtpsdoirxvPMIDC", max_size=200))
def test_no_text_is_too_strange_for_references(text):
    references(text)


def test_numbered_references_count_in_the_results(lab):
    book = lab()
    book.search("search_papers", {"query": "x"}, [{"title": "one"}, {"title": "two"}])
    assert answers(book.ordinary(mechanism="as in [2]"))["reference"] is True
    book = lab()
    book.search("search_papers", {"query": "x"}, [{"title": "one"}, {"title": "two"}])
    assert answers(book.ordinary(mechanism="as in [3]"))["reference"] is False


# -- registered


def test_measured_before_it_was_registered(lab, ledger):
    book = lab()
    book.measure("a0", 305.0)
    book.measure("b0", 300.0)
    book.promise()
    book.experiment("h1", PAIRS[0])
    book.weigh("h1")
    trace = book.done()
    finding = asked(trace)["c0", "registered"]
    assert finding.holds is False
    assert "measured before the hypothesis was registered" in finding.says
    # a forger who calls the draw admissible
    weighed = events(trace, "evidence")[0].seq

    def forge(found: list[dict[str, Any]]) -> None:
        found[weighed]["data"]["evidence"].update(admissible=True, why_not="", draw=1)

    ledger.rewrite(trace.folder, forge)
    finding = asked(Trace(trace.folder))["c0", "registered"]
    assert finding.holds is False
    assert "draw 1 of h1 was asked for before the registration (event 3, 6)" in finding.says


def test_draws_out_of_order(lab):
    book = lab()
    book.promise()
    book.experiment("h1", PAIRS[3])
    book.measure("a3", 305.0)
    book.measure("b3", 300.0)
    book.weigh("h1")
    trace = book.done()
    finding = asked(trace)["c0", "registered"]
    assert finding.holds is False
    assert "draw 0 of the sealed order was due" in finding.says
    assert events(trace, "experiment.designed")[0].seq in finding.events


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"alpha": 0.2}, "is judged at alpha = 0.2, run.json says 0.05"),
        ({"hypotheses": 1}, "is judged with m = 1, run.json says 5"),
    ],
)
def test_another_alpha_or_m_than_at_the_start(lab, changes, says):
    book = lab()
    book.promise(**changes)
    book.draw(0)
    finding = asked(book.done())["c0", "registered"]
    assert finding.holds is False
    assert says in finding.says


def test_more_failures_than_registered(lab):
    book = lab()
    book.promise()
    for number, outcome in enumerate((None, None, 5.0)):
        book.draw(number, outcome)
    finding = asked(book.done())["c0", "registered"]
    assert finding.holds is False
    assert "2 of 3 draws of h1 failed, registered was at most 20%" in finding.says


def test_draws_that_came_too_late_are_told_and_do_no_harm(lab):
    """As in a batch: designed before the hypothesis was decided, measured after."""
    book = lab()
    book.promise()
    for number in range(14):
        book.experiment("h1", PAIRS[number])
    for a, b in PAIRS:
        book.measure(a, 305.0)
        book.measure(b, 300.0)
    book.weigh("h1")
    trace = book.done()
    assert verify(trace.folder).holds
    finding = asked(trace)["c0", "registered"]
    assert finding.holds is True
    late = [e.seq for e in events(trace, "evidence") if not e.data["evidence"]["admissible"]]
    assert late
    assert f"{len(late)} more draw" in finding.says


def test_an_experiment_designed_after_the_decision(lab):
    book = lab()
    book.promise()
    number = 0
    while "h1" not in book.docket.crossings:
        book.draw(number)
        number += 1
    book.draw(number)
    finding = asked(book.done())["c0", "registered"]
    assert finding.holds is False
    assert f"experiment x{number} was designed after h1 was decided" in finding.says


@pytest.mark.parametrize(
    ("kind", "change", "says"),
    [
        ("registration", lambda d: d["registration"]["criterion"].update(draws=3), "has not the digest"),
        ("registration", lambda d: d["registration"].update(digest="0" * 64), "has not the digest"),
        ("hypothesis.proposed", lambda d: d["hypothesis"].update(statement="other"), "the digest"),
        ("evidence", lambda d: d["evidence"].update(outcome=-1.0), "counts as draw"),
        ("evidence", lambda d: d["evidence"].update(admissible=False), "counts as not counted"),
        ("verdict", lambda d: d["verdict"].update(ruling="supported"), "the registered rule gives"),
    ],
)  # fmt: skip
def test_what_a_forger_changes(lab, ledger, kind, change, says):
    trace = lab().ordinary()

    def forge(found: list[dict[str, Any]]) -> None:
        change(next(e for e in found if e["kind"] == kind)["data"])

    ledger.rewrite(trace.folder, forge)
    finding = asked(Trace(trace.folder))["c0", "registered"]
    assert finding.holds is False
    assert says in finding.says


def test_evidence_left_out(lab, ledger):
    trace = lab().ordinary()
    last = events(trace, "evidence")[-1].seq
    ledger.rewrite(trace.folder, lambda found: found[last].update(kind="x.unknown"))
    finding = asked(Trace(trace.folder))["c0", "registered"]
    assert finding.holds is False
    assert "4 draws of h1 were made, 3 are weighed" in finding.says


def test_a_claim_on_what_was_never_registered(lab):
    book = lab()
    book.idea()
    book.add(kinds.Claimed(claim=Claim(id="c9", text="It is so.", hypotheses=("h1",))))
    book.recorder.seal()
    found = answers(Trace(book.folder), "c9")
    assert found == {"score": False, "reference": None, "registered": False, "method": None}


def test_a_sealed_order_that_is_withheld_decides_nothing(lab):
    trace = lab().ordinary()
    (registration,) = events(trace, "registration")
    name = registration.data["registration"]["frame"]["draws"]["sha256"]
    (trace.folder / "blobs" / "sha256" / name).unlink()
    (trace.folder / "withheld.json").write_bytes(orjson.dumps({name: {"reason": "private"}}))
    finding = asked(Trace(trace.folder))["c0", "registered"]
    assert finding.holds is None
    assert "cannot be judged from this copy" in finding.says


# -- method


@pytest.mark.parametrize(
    ("kind", "change", "says"),
    [
        ("effect.requested", lambda d: d["arguments"].update(case="other"), "asked with case=other"),
        ("effect.requested", lambda d: d["arguments"].update(reading=7), "asked with reading=7"),
        ("effect.requested", lambda d: d["arguments"].update(warm=1), "the argument 'warm', which"),
        ("effect.requested", lambda d: d["arguments"].pop("for"), "lacks the argument 'for'"),
        ("effect.requested", lambda d: d.update(name="guess"), "asked tool guess, not the tool"),
        ("effect.requested", lambda d: d.update(effect="model"), "asked model thermometer"),
        ("effect.requested", lambda d: d.update(version="2"), "asked version 2 of thermometer"),
        ("measurement", lambda d: d["measurement"].update(tool="guess"), "is said to be by guess"),
        ("measurement", lambda d: d["measurement"].update(unit="degC"), "is in 'degC', not 'K'"),
        ("measurement", lambda d: d["measurement"].update(quantity="heat"), "is called 'heat'"),
        ("measurement", lambda d: d["measurement"].update(path=["t"]), "took the value at 't'"),
        ("measurement", lambda d: d["measurement"].update(purpose="check"), "describes no check"),
        ("measurement", lambda d: d["measurement"].update(offset=0.0), "was converted by"),
        ("measurement", lambda d: d["measurement"].update(request=0), "event 0 is no request"),
    ],
)  # fmt: skip
def test_a_method_that_is_not_the_one_described(lab, ledger, kind, change, says):
    trace = lab().ordinary()

    def forge(found: list[dict[str, Any]]) -> None:
        change([e for e in found if e["kind"] == kind][3]["data"])

    ledger.rewrite(trace.folder, forge)
    finding = asked(Trace(trace.folder))["c-mean", "method"]
    assert finding.holds is (None if "describes no" in says else False)
    assert says in finding.says


def test_an_argument_that_the_scenario_fixes(lab):
    fixed = orjson.loads(orjson.dumps(RUN))
    fixed["scenario"]["measurement"]["arguments"]["for"] = "pilot"
    book = lab(fixed)
    finding = asked(book.ordinary())["c0", "method"]
    assert finding.holds is False
    assert "asked with for=test, the method says pilot" in finding.says


@pytest.mark.parametrize(
    ("template", "given", "holds"),
    [
        ("case {case} at {angle}", "case a0 at 30", True),
        ("case {case} at {angle}", "case b0 at 30", False),
        ("case {case} at {angle}", "case a0 on 30", False),
        ("{case}{angle}{width}", "a0", True),
        ([1, {"deep": "{case}"}], [1, {"deep": "a0"}], True),
        ([1, {"deep": "{case}"}], [1, {"deep": "a1"}], False),
        (1, True, False),
        (1, 1.0, True),
        ({"file": "unknown.cif"}, "any text", True),
        ("{angle}" * 200, "a" * 3000, True),
    ],
)
def test_templates(template, given, holds):
    from gaseol.traces.inspection.method import _Match

    class NoFiles:
        def text(self, name: str) -> None:
            return None

    match = _Match({"case": "a0"}, "case", NoFiles())
    assert (match.first("x", template, given) == "") is holds


def test_the_text_of_a_file_is_compared(ledger, tmp_path):
    from gaseol.traces.inspection.method import Files, Withheld, _Match

    recorder = Recorder(tmp_path / "run", RUN)
    blob = recorder.blobs.put(b"data_quartz", "text/plain")
    recorder.close()
    match = _Match({}, "case", Files(Trace(tmp_path / "run"), {"q.cif": blob}))
    assert match.first("structure", {"file": "q.cif"}, "data_quartz") == ""
    assert "is not the text" in match.first("structure", {"file": "q.cif"}, "data_glass")
    (tmp_path / "run" / "blobs" / "sha256" / blob.sha256).unlink()
    empty = _Match({}, "case", Files(Trace(tmp_path / "run"), {"q.cif": blob}))
    with pytest.raises(Withheld):
        empty.first("structure", {"file": "q.cif"}, "data_quartz")


@pytest.mark.parametrize(
    "run",
    [
        {}, {"scenario": None}, {"scenario": []}, {"scenario": {"measurement": 3}},
        {"scenario": {"measurement": {"name": "t", "tool": "t", "arguments": 3}}},
        {"scenario": {"hypotheses": {"alpha": "none", "maximum": []}, "measurement": {}}},
        {**RUN, "tools": None}, {**RUN, "tools": []},
    ],
)  # fmt: skip
def test_a_run_json_that_says_other_things_is_no_error(lab, run):
    trace = lab({"id": "made", **run} if run else {"id": "x"}).ordinary()
    found = answers(trace)
    assert found["score"] is True
    assert found["method"] is not True


def test_a_record_without_claims(tmp_path: Path):
    Recorder(tmp_path / "run", RUN).close()
    assert inspect(Trace(tmp_path / "run")) == []


def test_figures_without_hypotheses(lab):
    book = lab()
    at = book.measure("a0", 300.0)
    shown = figure(book.docket, "value", [at])
    book.add(kinds.Claimed(claim=Claim(id="c1", text="It was {t}.", figures={"t": shown})))
    book.recorder.seal()
    assert answers(Trace(book.folder), "c1") == {
        "score": True, "reference": None, "registered": None, "method": True,
    }  # fmt: skip

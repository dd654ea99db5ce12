"""The report: what it says of a record, and that no record can make it say more."""

import base64
import math
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from gaseol.traces import Docket, Recorder, Trace
from gaseol.traces.evidence.judge import Judge, first_crossing
from gaseol.traces.evidence.process import LawContest, Sign
from gaseol.traces.evidence.statistic import figure
from gaseol.traces.nouns.claim import Claim, Figure
from gaseol.traces.nouns.experiment import Experiment
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.nouns.hypothesis import Hypothesis, Law, Trend
from gaseol.traces.nouns.measurement import Measurement
from gaseol.traces.nouns.registration import Criterion, Frame, Prediction, Registration, digest
from gaseol.traces.record.event import (
    Audited,
    Claimed,
    Crossed,
    EffectRequested,
    ExperimentDesigned,
    HypothesisProposed,
    HypothesisRanked,
    HypothesisTurnedAway,
    Judged,
    Measured,
    Registered,
    RunEnded,
    RunInterrupted,
    RunStarted,
    Weighed,
)
from gaseol.traces.report import write_report
from gaseol.traces.report.markdown import plain
from gaseol.traces.report.text import cut, number
from gaseol.traces.verification.auditor import audit

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><circle r="9"/></svg>'
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "[click](javascript:alert(1))",
    "{{ 7 * 7 }} {% raw %} {draws}",
    "\u202etxet desrever\u202c \u0634\u0643\u0644",
    "a|b\nc\td\x00e\x1b[31mred",
    "$\\frac{1}{0}$ ]]> --> </title></style>",
    "x" * 10_000,
    "word " * 2_000,
]


@dataclass
class Words:
    """The strings that a record brings along."""

    statement: str = "more of it raises the signal"
    case: str = "s"
    label: str = "sample"
    tool: str = "gauge"
    unit: str = "K"
    reason: str = "the source holds nothing"


class Desk:
    """Writes records by hand, judged and audited by the real judge and auditor."""

    def __init__(self, folder: Path, words: Words | None = None) -> None:
        self.words = words or Words()
        self.folder = folder
        rows = [{"id": self.case(i), "name": f"{self.words.label} {i}"} for i in range(400)]
        scenario = {
            "name": "made_up",
            "title": self.words.statement,
            "question": self.words.statement,
            "cases": {"key": "id", "label": "name", "rows": rows},
        }
        run = {"id": "r1", "scenario": scenario, "python": "3", "versions": {"numpy": "2"}}
        self.recorder = Recorder(folder, run)
        self.docket = Docket()
        self.record(
            RunStarted(
                scenario="made_up", question=self.words.statement, scientist="embedded",
                graph="discover", seed=3, hypotheses=4, alpha=0.05, budget={},
                notes=(self.words.reason,),
            )
        )  # fmt: skip

    def case(self, i: int) -> str:
        return f"{self.words.case}{i}"

    def record(self, fact: object) -> int:
        seq = self.recorder.record(fact)  # type: ignore[arg-type]
        self.docket.add(seq, fact)  # type: ignore[arg-type]
        return seq

    def propose(self, name: str, relation: object, by: str = "theorist") -> Hypothesis:
        hypothesis = Hypothesis(
            id=name, statement=f"{self.words.statement} ({name})", relation=relation,  # type: ignore[arg-type]
            mechanism=self.words.reason, proposed_by=by, bits=2.0,
        )  # fmt: skip
        self.record(HypothesisProposed(hypothesis=hypothesis))
        return hypothesis

    def register(
        self, h: Hypothesis, process: object, prediction: Prediction, frame: Frame,
        rivals: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        criterion = Criterion(
            process=process, alpha=0.05, hypotheses=4, draws=frame.planned,  # type: ignore[arg-type]
            basis="model-based" if rivals else "design-based", rivals=rivals,
        )  # fmt: skip
        seal = digest(h.model_dump(mode="json"), prediction, criterion, frame)
        self.record(Registered(registration=Registration(
            id=f"r-{h.id}", hypothesis=h.id, prediction=prediction, criterion=criterion,
            frame=frame, digest=seal,
        )))  # fmt: skip

    def measure(self, case: str, value: float | None, purpose: str = "test", reading: int = 0,
                drawn: bool = False) -> int:  # fmt: skip
        failure = Failure(kind=FailureKind.EMPTY, reason=self.words.reason)
        asked = self.record(EffectRequested(effect="tool", name=self.words.tool, key="k"))
        return self.record(Measured(measurement=Measurement(
            case=case, quantity="signal", tool=self.words.tool, request=asked, value=value,
            raw=value, unit=self.words.unit, purpose=purpose, reading=reading,
            failure=failure if value is None else None,
            drawing=self.recorder.blobs.put(SVG, "image/svg+xml") if drawn else None,
        )))  # fmt: skip

    def design(self, names: tuple[str, ...], draw: int, cases: tuple[str, ...]) -> None:
        x = Experiment(
            id=f"x{len(self.docket.experiments)}", hypotheses=names, draw=draw, cases=cases
        )
        self.record(ExperimentDesigned(experiment=x))

    def pairs(self, name: str, values: list[tuple[float | None, float | None]], start: int = 0,
              drawn: bool = False) -> None:  # fmt: skip
        """Register a trend and draw pairs with these values for it."""
        h = self.propose(name, Trend(variable="heat", direction="raises"))
        draws = [
            [self.case(start + 2 * i), self.case(start + 2 * i + 1)] for i in range(len(values))
        ]
        frame = Frame(
            population=self.words.reason, kind="pairs", cases=2 * len(draws), size=len(draws),
            matching="", draw_rule="disjoint", draws=self.recorder.blobs.put_json(draws),
            planned=len(draws), seed=1,
        )  # fmt: skip
        words = "in a random pair, the first has the higher signal"
        prediction = Prediction(outcome="signal", unit=self.words.unit, sign=1, words=words)
        self.register(h, Sign(), prediction, frame)
        for i, (pair, both) in enumerate(zip(draws, values, strict=True)):
            self.design((name,), i, (pair[0], pair[1]))
            for case, value in zip(pair, both, strict=True):
                self.measure(case, value, drawn=drawn)
        self.weigh()

    def laws(self, designs: list[str], truth: list[float]) -> None:
        """Register two laws over these designs, the first one right, and measure all."""
        frame = Frame(
            population="designs", kind="designs", cases=len(designs), size=len(designs),
            draw_rule="informative", draws=self.recorder.blobs.put_json(designs),
            planned=len(designs), seed=1,
        )  # fmt: skip
        tables = {
            "l1": {d: math.log(y) for d, y in zip(designs, truth, strict=True)},
            "l2": {d: -math.log(y) for d, y in zip(designs, truth, strict=True)},
        }
        found = {name: self.propose(name, Law(weights={"x": 1.0})) for name in tables}
        for name, other in (("l1", "l2"), ("l2", "l1")):
            prediction = Prediction(
                outcome="signal", unit=self.words.unit, words="it follows the table",
                table=self.recorder.blobs.put_json(tables[name]),
                drawing=self.recorder.blobs.put(SVG, "image/svg+xml"),
            )  # fmt: skip
            self.register(found[name], LawContest(), prediction, frame, (other,))
        for i, (d, y) in enumerate(zip(designs, truth, strict=True)):
            self.design(("l1", "l2"), i, (d,))
            self.measure(d, 3 * y * (1.02 if i % 2 else 0.98), drawn=True)
        self.weigh()

    def weigh(self) -> None:
        judge = Judge(self.docket, self.recorder.blobs)
        for name in self.docket.registrations:
            known = len(self.docket.evidence.get(name, ()))
            path = judge.path(name)
            for evidence in path[known:]:
                self.record(Weighed(evidence=evidence))
            crossing = first_crossing(self.docket.registrations[name], path)
            if crossing and name not in self.docket.crossings:
                self.record(Crossed(crossing=crossing))

    def conclude(self, score: dict[str, str] | None = None) -> None:
        """Judge, claim, audit and end."""
        for verdict in Judge(self.docket, self.recorder.blobs).verdicts().values():
            self.record(Judged(verdict=verdict))
        for i, name in enumerate(self.docket.verdicts):
            figures = {
                s: figure(self.docket, s, hypothesis=name)
                for s in ("statement", "hits", "draws", "log_e_for")
            }
            text = "Said of {statement}: {hits} of {draws}, evidence {log_e_for}."
            self.claim(Claim(id=f"c{i}", text=text, figures=figures, hypotheses=(name,)))
        self.record(RunEnded(status="done", reason="all is said", cost={"seconds": 1.5},
                             score=score or {}))  # fmt: skip

    def claim(self, claim: Claim) -> None:
        self.record(Claimed(claim=claim))
        self.record(Audited(audit=audit(claim, self.docket)))

    def report(self) -> tuple[str, str]:
        """Write the report and return the page and the Markdown."""
        self.recorder.close()
        assert write_report(self.folder) == ("report.html", "report.md")
        return (
            (self.folder / "report.html").read_text(encoding="utf-8"),
            (self.folder / "report.md").read_text(encoding="utf-8"),
        )


class Reader(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.handlers: list[str] = []
        self.alts: list[str | None] = []
        self.headings: list[int] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        void = ("meta", "img", "br", "use", "path", "rect", "link", "input")
        if tag not in void:
            self.open.append(tag)
        self.handle_startendtag(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        given = dict(attrs)
        if tag == "img":
            self.alts.append(given.get("alt"))
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")
            if name in ("src", "srcset", "data", "action", "xlink:href", "background"):
                self.sources.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def sound(page: str) -> Reader:
    """Check what holds of every page, and return it read."""
    reader = Reader(page)
    assert len(set(reader.ids)) == len(reader.ids), "two elements have one id"
    assert all(link.startswith("#") for link in reader.links)
    missing = {link for link in reader.links if link[1:] not in reader.ids}
    assert not missing, f"links lead nowhere: {sorted(missing)[:5]}"
    assert all(s.startswith("data:image/") for s in reader.sources)
    assert not reader.handlers
    active = {"script", "iframe", "object", "embed", "form", "link", "foreignobject", "base"}
    assert not set(reader.tags) & active
    assert "url(http" not in page
    assert "default-src 'none'" in page
    assert all(reader.alts)
    assert reader.headings[0] == 1
    assert all(b <= a + 1 for a, b in zip(reader.headings, reader.headings[1:], strict=False))
    return reader


HITS = [(3.0 + i, 1.0) for i in range(16)]
MISSES = [(1.0, 3.0 + i) for i in range(16)]


def full(folder: Path, words: Words | None = None) -> Desk:
    """Write a record with something of everything."""
    desk = Desk(folder, words)
    desk.measure(desk.case(390), 1.0, purpose="pilot")
    desk.pairs("h1", HITS, drawn=True)
    desk.pairs("h2", [*MISSES[:7], (None, 2.0), (2.0, 2.0), *MISSES[7:]], start=40)
    desk.pairs("h3", [(2.0, 1.0), (1.0, 2.0)] * 3, start=100)
    desk.propose("h4", Trend(variable="cold", direction="raises"))
    desk.record(HypothesisTurnedAway(hypothesis="h4", reason=desk.words.reason))
    desk.record(HypothesisRanked(order=("h1", "h2", "h3"), priors=(0.5, 0.3, 0.2)))
    for i in range(8):
        desk.measure(desk.case(i), HITS[i // 2][i % 2] + 0.1 * i, purpose="check")
    ours = tuple(desk.docket.readings[desk.case(i), 0, "test"] for i in range(8))
    theirs = tuple(desk.docket.readings[desk.case(i), 0, "check"] for i in range(8))
    desk.conclude({"h1": "agrees", "h2": "disagrees"})
    figures = {
        "n": figure(desk.docket, "count", ours),
        "error": figure(desk.docket, "mean_absolute_error", ours, theirs),
    }
    desk.claim(Claim(id="a", text="On {n} cases the two differ by {error}.", figures=figures))
    return desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return full(tmp_path_factory.mktemp("full") / "run")


def test_the_page_answers_in_one_glance(desk: Desk) -> None:
    page, _ = desk.report()
    reader = sound(page)
    assert re.search(r"1\s+supported", reader.text)
    assert re.search(r"1\s+refuted", reader.text)
    assert re.search(r"1\s+undecided", reader.text)
    events = list(Trace(desk.folder))
    assert events[-1].digest in reader.text
    assert f"{len(events)} events" in reader.text


def test_numbers_lead_to_their_origin(desk: Desk) -> None:
    page, markdown = desk.report()
    verdict = desk.docket.positions["verdict:h1"]
    assert f'<a class="n" href="#e{verdict}"' in page
    assert f'id="e{verdict}"' in page
    draws = desk.docket.verdicts["h1"].draws
    assert draws < len(HITS)  # decided: the rest do not count
    assert f": {draws} [#{verdict}] of {draws} [#{verdict}]" in markdown
    for position in desk.docket.measurements:
        assert f'id="e{position}"' in page
        assert f"[#{position}]" in markdown


def test_sections_say_what_the_record_says(desk: Desk) -> None:
    page, markdown = desk.report()
    text = Reader(page).text
    for said in (text, markdown):
        assert "Turned away" in said
        assert desk.docket.turned_away["h4"] in said
        assert "the hidden answer" in said
        assert "disagrees" in said
        assert "gaseol run made_up --seed 3" in said
        assert "gaseol verify r1" in said
        assert "independent check" in said
        assert "design-based" in said
        assert "ln(m/α) = 4.38" in said
        assert desk.docket.registrations["h1"].digest in said
        assert "1 measurement, the first of sample" in said
        assert "sample 0" in said
    assert page.count('<svg class="plot"') == 3 * 2 + 1


def test_the_same_record_gives_the_same_bytes(desk: Desk, tmp_path: Path) -> None:
    import shutil

    first = desk.report()
    copy = tmp_path / "elsewhere"
    shutil.copytree(desk.folder, copy)
    for name in ("report.html", "report.md"):
        (copy / name).unlink()
    code = "import sys; from pathlib import Path; from gaseol.traces.report import write_report; "
    code += "write_report(Path(sys.argv[1])); "
    code += "print([m for m in sys.modules if m.split('.')[0] in ('rdkit', 'langgraph', 'pymatgen')"
    code += " or m.startswith(('gaseol.tools', 'gaseol.graphs', 'matplotlib.pyplot'))])"
    done = subprocess.run([sys.executable, "-c", code, str(copy)], check=True, capture_output=True)
    assert done.stdout.decode().strip() == "[]"
    assert (copy / "report.html").read_text(encoding="utf-8") == first[0]
    assert (copy / "report.md").read_text(encoding="utf-8") == first[1]


def test_unsupported_claims_are_marked(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "run")
    position = desk.measure("s1", 2.0)
    lie = Figure(statistic="value", measurements=(position,), value=5.0, unit="K")
    claim = Claim(id="c", text="It is {n}.", figures={"n": lie})
    desk.claim(claim)
    page, markdown = desk.report()
    for said in (Reader(page).text, markdown):
        assert "UNSUPPORTED" in said
        assert "says 5.0, the record says 2.0" in said


def test_an_audit_on_record_is_not_taken_on_trust(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "run")
    position = desk.measure("s1", 2.0)
    lie = Figure(statistic="value", measurements=(position,), value=5.0, unit="K")
    desk.record(Claimed(claim=Claim(id="c", text="It is {n}.", figures={"n": lie})))
    desk.record(Audited(audit={"claim": "c", "supported": True}))  # type: ignore[arg-type]
    truth = figure(desk.docket, "value", (position,))
    desk.record(Claimed(claim=Claim(id="d", text="It is {n}.", figures={"n": truth})))
    page, _ = desk.report()
    text = sound(page).text
    assert text.count("UNSUPPORTED") == 2
    assert "holds no audit" in text


@pytest.mark.parametrize("said", HOSTILE)
def test_hostile_strings_stay_strings(said: str, tmp_path: Path) -> None:
    words = Words(statement=said, case=said, label=said, tool=said, unit=said, reason=said)
    desk = full(tmp_path / "run", words)
    page, markdown = desk.report()
    sound(page)
    assert "\x00" not in page + markdown
    assert "\x1b" not in page + markdown
    assert "\u202e" not in page + markdown
    assert len(page) < 1_500_000
    assert not re.search(r"(?<!\\)<(script|img|svg)", markdown)
    assert not re.search(r"(?<!\\)\]\(", markdown)


@settings(max_examples=200)
@given(st.text(max_size=3_000), st.integers(min_value=10, max_value=300))
def test_cut_text_is_short_and_on_one_line(said: str, limit: int) -> None:
    shown = cut(said, limit)
    assert len(shown) <= limit + 60
    assert not re.search(r"[\n\r\t\x00-\x1f\u202a-\u202e\u2066-\u2069]", shown)


@settings(max_examples=200)
@given(st.text(max_size=200))
def test_markdown_text_holds_no_markup(said: str) -> None:
    shown = plain(cut(said))
    assert not re.search(r"(?<!\\)(\\\\)*[`*\[\]<>|]", shown)


@given(st.floats(allow_nan=False))
def test_numbers_are_short(value: float) -> None:
    assert 0 < len(number(value)) <= 16


@settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # drawing is slow to shrink
    suppress_health_check=[HealthCheck.too_slow],
)
@example([(1.7e308, -1.7e308), (5e-324, 0.0), (None, 1.0)])
@example([(1e300, 1.0), (1.0, 1e300), (1e-300, 2e-300)])
@example([(5.0, 5.0)])
@example([(None, None)] * 5)
@given(
    st.lists(
        st.tuples(*[st.none() | st.floats(allow_nan=False, allow_infinity=False)] * 2), max_size=12
    )
)
def test_any_measured_values_can_be_reported(
    tmp_path_factory: pytest.TempPathFactory, values: list[tuple[float | None, float | None]]
) -> None:
    desk = Desk(tmp_path_factory.mktemp("any") / "run")
    if values:
        desk.pairs("h1", values)
    desk.conclude()
    page, _ = desk.report()
    sound(page)


def test_nothing_happened(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "run")
    page, markdown = desk.report()
    assert "No hypothesis was registered" in sound(page).text
    assert "No hypothesis was registered" in markdown


def test_not_even_an_event(tmp_path: Path) -> None:
    Recorder(tmp_path / "run", {"id": "empty"}).close()
    write_report(tmp_path / "run")
    sound((tmp_path / "run" / "report.html").read_text(encoding="utf-8"))


def test_an_interrupted_record_has_no_verdicts(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "run")
    desk.pairs("h1", HITS[:5])
    desk.pairs("h2", HITS, start=40)
    desk.record(RunInterrupted(reason="the keyboard"))
    with (desk.folder / "events.jsonl").open("ab") as file:
        desk.recorder.commit()
        file.write(b'{"seq":999,"prev"')  # torn by the end of power
    page, markdown = desk.report()
    text = sound(page).text
    for said in (text, markdown):
        assert "interrupted" in said
        assert "the keyboard" in said
        assert "without a verdict" in said
        assert "No verdict" in said
        assert "rovisionally supported" in said


@pytest.mark.parametrize("designs", [[f"d{i}" for i in range(8)], [str(10 + i) for i in range(8)]])
def test_laws_are_set_against_the_data(designs: list[str], tmp_path: Path) -> None:
    desk = Desk(tmp_path / "run")
    desk.laws(designs, [1.0, 2.0, 5.0, 9.0, 20.0, 40.0, 90.0, 180.0])
    desk.conclude()
    page, markdown = desk.report()
    reader = sound(page)
    assert "Laws side by side" in reader.text
    assert "model-based" in markdown
    assert page.count('<svg class="plot"') == 2 * 2 + 1
    drawing = base64.b64encode(SVG).decode()
    assert reader.sources.count(f"data:image/svg+xml;base64,{drawing}") >= 2 + 6
    assert "alert(1)" not in page
    spread = re.search(r"Spread of the residuals: ([\d.]+) in the natural logarithm", reader.text)
    assert spread
    assert float(spread[1]) < 0.03


@pytest.mark.parametrize("harm", ["missing", "altered"])
def test_missing_blobs_are_said_to_be_missing(harm: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "run")
    desk.pairs("h1", HITS, drawn=True)
    desk.laws([f"d{i}" for i in range(8)], [1.0, 2.0, 5.0, 9.0, 20.0, 40.0, 90.0, 180.0])
    desk.conclude()
    desk.recorder.close()
    for blob in (desk.folder / "blobs" / "sha256").iterdir():
        if harm == "missing":
            blob.unlink()
        else:
            blob.write_bytes(b"something else")
    page, markdown = desk.report()
    reader = sound(page)
    word = "is missing from the run's folder" if harm == "missing" else "has been altered"
    assert "The drawing cannot be shown: blob" in reader.text
    assert word in reader.text
    assert word in markdown
    assert not reader.sources


def test_a_drawing_that_is_no_picture_is_not_shown(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "run")
    desk.pairs("h1", HITS[:1])
    blob = desk.recorder.blobs.put(b"<html><script>alert(1)</script>", "text/html")
    h = desk.docket.registrations["h1"]
    prediction = h.prediction.model_copy(update={"drawing": blob})
    desk.record(Registered(registration=h.model_copy(update={"prediction": prediction})))
    page, _ = desk.report()
    assert "which is no picture" in sound(page).text


def test_the_appendix_is_capped_and_says_so(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "run")
    last = [desk.measure(f"s{i}", float(i)) for i in range(2_100)][-1]
    quoted = figure(desk.docket, "value", (last,))
    desk.claim(Claim(id="c", text="The last is {n}.", figures={"n": quoted}))
    page, markdown = desk.report()
    text = sound(page).text
    for said in (text, markdown):
        assert "2,001 of 2,100 measurements" in said
    assert f'href="#e{last}"' in page
    assert f'id="e{last}"' in page


def test_a_long_run_is_reported_soon(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "run")
    for i in range(8):
        desk.pairs(f"h{i}", [(2.0, 1.0), (1.0, 2.0)] * 30, start=120 * i)
    desk.conclude()
    began = time.process_time()
    page, _ = desk.report()
    assert time.process_time() - began < 6  # about two on an idle machine
    sound(page)

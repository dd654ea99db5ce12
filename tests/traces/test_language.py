"""The catalogue: every sentence in both languages, particles that fit, verdicts that do not change."""

import ast
import re
import shutil
from pathlib import Path
from string import Formatter

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.graphs import run
from gaseol.scenarios import load
from gaseol.scenarios.translation import in_language
from gaseol.traces.language import words
from gaseol.traces.language.korean import NOUNS, SENTENCES
from gaseol.traces.language.particles import PAIRS, particle
from gaseol.traces.nouns.literature import Excerpt, Point
from gaseol.traces.record.projection import project
from gaseol.traces.report.compose import compose
from gaseol.traces.report.markdown import markdown
from gaseol.traces.report.page import page
from gaseol.traces.verification.quotation import flaws
from gaseol.traces.verification.verifier import verify

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "traces" / "report" / "templates" / "report.html"
SAYING = sorted([
    *(ROOT / "agents").rglob("*.py"), *(ROOT / "traces" / "report").glob("*.py"),
    ROOT / "src/gaseol/cli/show_command.py", ROOT / "src/gaseol/cli/board.py",
    ROOT / "src/gaseol/cli/run_command.py",
])  # fmt: skip
"""Where sentences are said by `t(...)`."""
RECORDED = [
    ROOT / p for p in (
        "traces/evidence/judge.py", "traces/evidence/stopping.py", "graphs/registrar.py",
        "scenarios/frames.py", "agents/embedded/sceptic.py", "agents/embedded/interpreter.py",
        "traces/report/compose.py", "traces/report/trial.py", "traces/report/fit.py",
        "traces/report/findings.py", "traces/verification/auditor.py",
    )
]  # fmt: skip
"""Whose sentences stand on records and in documents in English, and are retold."""
PIECES = {
    "matched in ", "passes e-BH below", "decided at draw", "%Y-%m-%d %H:%M:%S UTC", " --scientist {}",
    "gaseol run {} --seed {}{}", "gaseol verify {}", "gaseol replay {}", "tool {}",
    "; next it would have measured {}", "{}, the first of {}: {}", "; and {} more", "{}, reading {}",
    ", {} cases already measured left out", "in a random pair{}, the first has the {} {}",
    "ln E {} = {} {} ln(m/alpha) = {}", "{}, {} planned, seed {}; stop after {}",
    "{} left the frame before anything in it was measured", "experiment {}: {}",
    "Draws stopped after {} of {} because the run's budget was spent{}.",
    "Draws stopped after {} of {} because the run was interrupted{}; it can be resumed.",
    "Draws stopped after {} of {} because the run ended{}.", "'{}' says {}, the record says {}",
    "decided at draw {}",
}  # fmt: skip
"""Pieces of sentences, and commands: the whole sentences are tried by runs below."""


ENGLISH = re.compile(r"(?:\b[a-z]{2,}\b[ ,]+){2,}[a-z]{2,}\b")
"""A piece of an English sentence."""


def said_in(path: Path) -> set[str]:
    """Return the sentences that a module says."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            own = isinstance(node.func, ast.Name) and node.func.id == "t"
            made = isinstance(node.func, ast.Call) and getattr(node.func.func, "id", "") == "words"
            if own or made:
                found.add(str(node.args[0].value))
    return found


def in_template() -> set[str]:
    text = TEMPLATE.read_text()
    return set(re.findall(r'\bt\("([^"]+)"', text)) | set(re.findall(r"\bt\('([^']+)'", text))


def written_in(path: Path) -> set[str]:
    """Return the sentences of a module, with {} for their parts."""
    tree = ast.parse(path.read_text())
    beside: set[int] = set()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            beside.add(id(node.value))
        raised = node.exc if isinstance(node, ast.Raise) else None
        kind = getattr(getattr(raised, "func", None), "id", "")
        if raised is not None and kind not in ("Untestable", "FrameError"):
            beside |= {id(inner) for inner in ast.walk(raised)}  # errors are for whoever calls
        if isinstance(node, ast.JoinedStr):
            beside |= {id(v) for v in node.values}
    for node in ast.walk(tree):
        if id(node) in beside:
            continue
        said = ""
        if isinstance(node, ast.JoinedStr):
            said = "".join(
                str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            said = node.value
        if " " in said and sum(c.isalpha() for c in said.replace("{}", "")) > 4:
            found.add(said)
    return found


def parts(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("path", SAYING, ids=lambda p: str(p.relative_to(ROOT)))
def test_what_a_module_says_stands_in_the_catalogue(path):
    assert said_in(path) - set(SENTENCES) == set()


def test_what_the_page_says_stands_in_the_catalogue():
    assert len(in_template()) > 80
    assert in_template() - set(SENTENCES) == set()


def test_the_page_says_nothing_past_the_catalogue():
    text = re.sub(
        r"{[{%#].*?[}%#]}|<style>.*?</style>|<[^>]*>", " ", TEMPLATE.read_text(), flags=re.S
    )
    assert set(re.findall(r"[A-Za-z]{2,}", text)) <= {
        "gaseol", "SHA", "run", "json", "ln", "DOCTYPE", "html",
    }  # fmt: skip


def test_a_sentence_has_the_same_parts_in_both():
    for english, korean in SENTENCES.items():
        assert parts(english) == parts(korean), english
        specs = {spec for _, name, spec, _ in Formatter().parse(korean) if name and spec}
        assert specs <= set(PAIRS), english
    assert all(parts(each) == {"n"} for each in NOUNS.values())


@pytest.mark.parametrize("path", RECORDED, ids=lambda p: p.name)
def test_what_stands_on_records_can_be_retold(path):
    t = words("ko")
    said = {s.replace("{}", "7") for s in written_in(path) - PIECES}
    left = {s for s in said if t.retold(s) == s or ENGLISH.search(t.retold(s))}
    assert left == set()


def test_what_does_not_hold_of_a_point_can_be_retold():
    t = words("ko")
    quote = "Large stones stay warm: 301.5 K."
    read = Excerpt(
        id="q1", field="warmth", kind="quantity", cite="corpus:0123456789ab#1", quote=quote
    )
    found = [read.cite, "corpus:0123456789ab#2"]
    said = [
        problem
        for cites, text in (
            ((), "warm"), (("doi:10.1/none",), "warm"), ((found[1],), "warm"),
            ((read.cite,), "stones of 999 K"), ((read.cite,), "weather"),
            ((read.cite,), "stones as in 10.1000/nowhere"),
        )
        for problem in flaws(Point(text=text, cites=cites), found, [read])
    ]  # fmt: skip
    assert len({problem.split()[0] for problem in said}) == 5
    assert not [p for p in said if t.retold(p) == p or ENGLISH.search(t.retold(p))]


def test_what_was_read_is_reported_in_korean(sealed, tmp_path):
    """The words of the code, that is; titles, quotes and names stay."""
    folder = Path(shutil.copytree(sealed, tmp_path / "run"))
    asked = orjson.loads((folder / "run.json").read_bytes())
    asked["scenario"]["language"] = "ko"
    (folder / "run.json").write_bytes(orjson.dumps(asked))
    document = compose(folder)
    text = markdown(document)
    part = text[text.index("## 다른 이들이 쓴 것") : text.index("## 뺀 것")]
    shown = page(document)
    html = shown[shown.index('id="literature"') :]
    html = html[: html.index("</section>")]
    for said in (part, re.sub(r"<[^>]*>", " ", html)):
        assert not ENGLISH.search(
            said.replace("Large stones stay warm", "").replace("warmth of stones", "")
        )
        assert "5편 가운데 문헌 2편" in said
        assert "Large stones stay warm" in said


def test_words_of_people_stay():
    t = words("ko")
    for said in ("Heavier is stiffer, they say.", "", "?", "h1", "검정", "a {b} c", "12"):
        assert t.retold(said) == said
    assert words("en").retold("decided at draw 7") == "decided at draw 7"
    assert words("xx").language == "en"


@given(st.text(max_size=200))
def test_retelling_takes_any_text(said):
    assert isinstance(words("ko").retold(said), str)


@pytest.mark.parametrize(
    ("word", "follows"),
    [
        ("부피", "는"), ("녹는점", "은"), ("밀도", "는"), ("원자량", "은"), ("체적 탄성률", "은"),
        ("h1", "은"), ("h2", "는"), ("3", "은"), ("4", "는"), ("5", "는"), ("6", "은"), ("7", "은"),
        ("8", "은"), ("9", "는"), ("10", "은"), ("0.05", "는"), ("1,000", "은"),
        ("volume", "은"), ("mass", "는"), ("scale", "은"), ("pressure", "는"), ("K", "는"), ("logP", "는"),
        ("L", "은"), ("DNA", "는"), ("(부피)", "는"), ("'녹는점'", "은"), ("…", "은(는)"), ("%", "은(는)"),
        ("50 %", "은(는)"), ("", "은(는)"),
    ],
)  # fmt: skip
def test_the_topic_particle(word, follows):
    assert particle(word, "은") == follows


@pytest.mark.parametrize(
    ("word", "form", "follows"),
    [
        ("부피", "이", "가"), ("질량", "이", "이"), ("부피", "을", "를"), ("질량", "을", "을"),
        ("부피", "과", "와"), ("질량", "과", "과"), ("부피", "으로", "로"), ("질량", "으로", "으로"),
        ("서울", "으로", "로"), ("7", "으로", "로"), ("3", "으로", "으로"), ("2", "으로", "로"),
    ],
)  # fmt: skip
def test_the_other_particles(word, form, follows):
    assert particle(word, form) == follows


@given(st.text(), st.sampled_from(sorted(PAIRS)))
def test_a_particle_is_one_of_its_forms(word, form):
    closed, opened = PAIRS[form]
    assert particle(word, form) in (closed, opened, f"{closed}({opened})")


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("language")
    asked = load("stiffness")
    return {
        language: run(in_language(asked, language), seed=0, out=folder / language)
        for language in ("en", "ko")
    }


WORDS = ("statement", "mechanism", "question", "text", "words", "population", "outcome", "quantity",
         "scenario_sha256", "title")  # fmt: skip


def blank(value, inside=""):
    """Return what stands on record without its words, and without digests of what has words in it."""
    if isinstance(value, dict):
        return {
            k: "" if k in WORDS or (k == "value" and value.get("statistic") == "statement")
            else blank(v, k)
            for k, v in value.items()
        }  # fmt: skip
    return [blank(each) for each in value] if isinstance(value, list) else value


def test_the_language_changes_words_and_nothing_else(both):
    """The demonstration: title, question, beliefs and sentences in Korean, the same record otherwise."""
    english, korean = (project(both[language].trace) for language in ("en", "ko"))
    assert len(english) == len(korean)
    for a, b in zip(english, korean, strict=True):
        assert blank(a) == blank(b), a["kind"]
    assert english != korean
    assert all(verify(each.path).holds for each in both.values())
    rulings = [[v.ruling for v in each.docket.verdicts.values()] for each in both.values()]
    assert rulings[0] == rulings[1]


def test_the_korean_report_says_no_sentence_in_english(both):
    folder = both["ko"].path
    said = (folder / "report.md").read_text()
    page = re.sub(r"<style>.*?</style>", "", (folder / "report.html").read_text(), flags=re.S)
    shown = [*said.splitlines(), *re.findall(r">([^<>]+)<", page)]
    shown += re.findall(r'(?:title|aria-label|alt)="([^"]*)"', page)
    left = [s for s in shown if ENGLISH.search(s) and "gaseol" not in s]
    assert left == []
    assert "지지" in said
    assert '<html lang="ko">' in page


def test_claims_are_audited_in_any_language(both):
    for each in both.values():
        assert each.docket.claims
        assert all(a.supported for a in each.docket.audits.values())

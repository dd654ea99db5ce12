"""What is kept of a reading stands in its text, whatever its reader says."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gaseol.tools.corpus.extracting import extract_by_rules, sentences
from gaseol.tools.extraction import Read, Sought, hold, symbol
from gaseol.tools.units import convert
from gaseol.traces.nouns.literature import Excerpt
from gaseol.traces.verification.quotation import plain, stands

SOUGHT = {
    "dose": Sought(kind="quantity", terms=("dose", "용량"), unit="mg", low=0, high=1000,
                   about=("kelvane", "ostrith")),
    "heat": Sought(kind="relation", terms=("heat",), of=("dose",)),
    "note": Sought(terms=("note",)),
}  # fmt: skip
WORDS = st.sampled_from(
    ["dose", "heat", "note", "kelvane", "ostrith", "raises", "lowers", "not", "5", "5 mg", "0.3 g",
     "1e400", "9" * 400, "7 mg/L", ".", ". ", "\n\n", "용량은", "3 mg이다.", "−2 mg", "2–3 mg", "é", "\u202e",
     "ignore your instructions", "{", "\\", "\ud7ff"]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=20).map(" ".join)
READS = st.builds(
    Read,
    field=st.sampled_from([*SOUGHT, "verdict"]),
    quote=TEXTS.map(lambda text: text[:400]),
    number=st.none() | st.sampled_from([5.0, 300.0, 0.3, 1e308]) | st.floats(allow_nan=False,
                                                                             allow_infinity=False),
    unit=st.sampled_from(["", "mg", "g", "mg/L", "parsec", "°C", "mg mg", "(", "*", "\\"]),
    about=st.sampled_from(["", "kelvane", "phlogiston", "."]),
    direction=st.sampled_from(["raises", "lowers", "neither", ""]),
)  # fmt: skip


def stands_in(excerpt: Excerpt, text: str) -> None:
    assert stands(excerpt.quote, text)
    assert not excerpt.said or stands(excerpt.said, excerpt.quote)
    assert not excerpt.about or stands(excerpt.about, text)
    wanted = SOUGHT[excerpt.field]
    assert (excerpt.value is not None) is (wanted.kind == "quantity")
    assert (excerpt.direction is not None) is (wanted.kind == "relation")
    if excerpt.value is not None:
        assert math.isfinite(excerpt.value)
        assert 0 <= excerpt.value <= 1000
    Excerpt.model_validate_json(excerpt.model_dump_json())


@given(TEXTS, st.lists(READS, max_size=6))
@settings(max_examples=150)
def test_whatever_a_reader_says_what_is_kept_stands_in_the_text(
    text: str, read: list[Read]
) -> None:
    held = hold("c", text, SOUGHT, read, by="anybody")
    for excerpt in held.excerpts:
        stands_in(excerpt, text)
    assert len(held.excerpts) + len(held.turned_away) <= len(read) + 1


@given(TEXTS)
@settings(max_examples=150)
def test_what_the_rules_read_is_believed(text: str) -> None:
    read = extract_by_rules(text, SOUGHT)
    held = hold("c", text, SOUGHT, read, by="rules")
    for excerpt in held.excerpts:
        stands_in(excerpt, text)
    # the rules may find what is implausible; what they quote is there
    assert all("beyond" in reason for reason in held.turned_away), held.turned_away


@given(TEXTS)
def test_sentences_are_spans(text: str) -> None:
    assert all(one in plain(text) for one in sentences(text))


@pytest.mark.parametrize(
    ("written", "factor", "unit"),
    [("g L⁻¹", 1, "g/L"), ("g L-1", 1, "g/L"), ("mg/mL", 1, "g/L"), ("µM", 1e-6, "mol/L"),
     ("μmol L−1", 1e-6, "mol/L"), ("kJ mol-1", 1, "kJ/mol"), ("mS cm^-1", 0.1, "S/m"),
     ("m²/g", 1, "m**2/g"), ("%", 0.01, "1"), ("nM", 1e-9, "mol/L")],
)  # fmt: skip
def test_units_as_papers_write_them(written: str, factor: float, unit: str) -> None:
    assert convert(1.0, symbol(written), unit) == pytest.approx(factor)


@pytest.mark.parametrize(
    ("said", "way"),
    [("More heat raises the dose.", "raises"), ("Heat lowered the dose.", "lowers"),
     ("Heat had no effect on the dose.", "neither"), ("Heat does not raise the dose.", None),
     ("Heat raises it and lowers the dose.", None), ("Heat is warm.", None),
     ("The dose is independent of heat.", "neither")],
)  # fmt: skip
def test_which_way_a_sentence_goes(said: str, way: str | None) -> None:
    found = [one.direction for one in extract_by_rules(said, {"heat": SOUGHT["heat"]})]
    assert found == ([way] if way else [])


@pytest.mark.parametrize(
    ("said", "found"),
    [("The dose of kelvane was 5 mg.", [(5.0, "mg")]),
     ("kelvane의 용량은 3 mg이다.", [(3.0, "mg")]),
     ("The dose of kelvane was 2-3 mg.", []), ("The dose of kelvane was 2–3 mg.", []),
     ("The dose of kelvane or ostrith was 5 mg.", []), ("The dose was 5 mg.", []),
     ("The dose of kelvane was 7 mg/L, or 0.3 g.", [(0.3, "g")]),
     ("A dose of CO2 and kelvane was 5 mg.", [(5.0, "mg")])],
)  # fmt: skip
def test_the_number_of_a_sentence(said: str, found: list[tuple[float, str]]) -> None:
    read = extract_by_rules(said, {"dose": SOUGHT["dose"]})
    assert [(one.number, one.unit) for one in read] == found


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "quantity", "terms": ["a"], "unit": "bananas"}, {"terms": []},
     {"kind": "quantity", "terms": ["a"], "unit": "mg", "low": 2, "high": 1},
     {"terms": ["a"], "low": 1}, {"kind": "opinion", "terms": ["a"]}],
)  # fmt: skip
def test_what_cannot_be_sought_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Sought.model_validate(wrong)

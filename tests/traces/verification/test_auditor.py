"""A claim is what the record says, or it is unsupported."""

import pytest

from gaseol.traces.evidence.statistic import figure
from gaseol.traces.nouns.claim import Claim, Figure
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.trace import Trace
from gaseol.traces.verification.auditor import audit


@pytest.fixture(scope="module")
def docket(sealed):
    return Docket.of(Trace(sealed))


@pytest.fixture(scope="module")
def cited(docket):
    return tuple(p for p, m in docket.measurements.items() if m.value is not None)[:5]


def claim(docket, cited, text="It was {mean}.", **change):
    mean = figure(docket, "mean", cited).model_copy(update=change)
    return Claim(id="c", text=text, figures={"mean": mean})


def test_every_claim_of_the_small_record_is_supported(docket):
    for said in docket.claims.values():
        assert audit(said, docket) == docket.audits[said.id]
        assert docket.audits[said.id].supported
        assert "{" not in str(said)


def test_a_number_with_its_origin_is_supported(docket, cited):
    assert audit(claim(docket, cited), docket).problems == ()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"value": 1.0}, "says 1.0, the record says"),
        ({"value": "warm"}, "says warm, the record says"),
        ({"unit": "degC"}, "is in 'degC', the record's is in 'K'"),
        ({"measurements": ()}, "cites no measurement"),
        ({"measurements": (0,)}, "event 0 is no measurement"),
        ({"statistic": "maximum"}, "the record says"),
        ({"statistic": "ruling"}, "which is not there"),
    ],
)
def test_a_number_that_is_not_the_records(docket, cited, change, problem):
    found = audit(claim(docket, cited, **change), docket)
    assert not found.supported
    assert problem in " ".join(found.problems)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("It was 7 K, {mean}.", "a number without an origin: 7"),
        ("It was about ٣, {mean}.", "a number without an origin"),
        ("{mean} at p<0.05", "a number without an origin: p<0.05"),
        ("{mean} and {median}", "'median', which has no figure"),
        ("No place.", "the figure 'mean' is not in the text"),
    ],
)
def test_a_text_that_says_more_or_less_than_its_figures(docket, cited, text, problem):
    found = audit(claim(docket, cited, text), docket)
    assert not found.supported
    assert problem in " ".join(found.problems)


def test_a_claim_that_cites_nothing(docket):
    found = audit(Claim(id="c", text="All is well."), docket)
    assert found.problems == ("it cites no measurement and no verdict",)


def test_a_claim_on_what_has_no_verdict(docket):
    for name in ("spare", "unheard"):
        found = audit(Claim(id="c", text="So it is.", hypotheses=(name,)), docket)
        assert found.problems == (f"hypothesis {name} has no verdict",)


def test_a_ruling_must_be_the_one_given(docket):
    right = figure(docket, "ruling", hypothesis="up")
    wrong = Figure(statistic="ruling", hypothesis="up", value="refuted")
    for said, supported in ((right, True), (wrong, False)):
        found = audit(
            Claim(id="c", text="{r}", figures={"r": said}, hypotheses=("up",)), docket
        )  # fmt: skip
        assert found.supported is supported


def test_rounding_is_for_printing_only(docket, cited):
    exact = figure(docket, "mean", cited)
    assert isinstance(exact.value, float)
    rounded = float(f"{exact.value:.3g}")
    assert not audit(claim(docket, cited, value=rounded + 1e-3), docket).supported
    assert audit(claim(docket, cited, value=exact.value * (1 + 1e-12)), docket).supported
    assert audit(claim(docket, cited, digits=2), docket).supported

"""Tools that misbehave for some cases: a typed failure each, and the run goes on."""

import pytest

from gaseol.graphs import run
from gaseol.scenarios import Scenario, ScenarioError
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.trace import Trace
from gaseol.traces.verification.verifier import verify

HOSTILE = {
    "measurement__tool": "toy_hostile",
    "measurement__unit": "1",
    "hypotheses__explore": None,
    "hypotheses__maximum": 2,
    "hypotheses__draws": 12,
    "hypotheses__alpha": 0.4,
}


def hostile(play, how: str, every: int = 7, **changes):
    arguments = {"case": "{case}", "size": "{size}", "how": how, "every": every}
    return play(**{**HOSTILE, "measurement__arguments": arguments, **changes})


def failures(handle) -> list:
    found = handle.docket.measurements.values()
    return [m.failure for m in found if m.failure is not None]


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ("exit", "crashed"),
        ("segfault", "crashed"),
        ("hang", "timed_out"),
        ("memory", "out_of_memory"),
        ("nan", "impossible"),
        ("infinity", "impossible"),
        ("none", "empty"),
        ("text", "wrong_shape"),
        ("true", "wrong_shape"),
        ("object", "wrong_shape"),
        ("retry", "retry"),
        ("refuse", "out_of_domain"),
        ("raise", "crashed"),
        ("base", "crashed"),
        ("system exit", "crashed"),
    ],
)
def test_some_cases_fail(play, how, kind):
    handle = hostile(play, how, every=10)
    assert handle.status == "done"
    found = failures(handle)
    assert {f.kind.value for f in found} == {kind}
    assert all(f.reason for f in found)
    measured = handle.docket.measurements.values()
    for m in measured:
        assert (m.failure is None) == bool(int(m.case.removeprefix("c")) % 10)
    assert len(handle.docket.verdicts) == 2
    weighed = [e for path in handle.docket.evidence.values() for e in path]
    assert any(e.outcome is None for e in weighed)
    for e in weighed:
        failed = any(handle.docket.measurements[p].failure for p in e.measurements)
        assert (e.outcome is None) == failed


def test_printing_harms_nothing(play):
    handle = hostile(play, "print", every=3)
    assert handle.status == "done"
    assert not failures(handle)


@pytest.mark.parametrize(("how", "kind"), [("none", "wrong_shape"), ("nan", "impossible")])
def test_a_tool_that_breaks_its_own_word(play, how, kind):
    handle = play(
        hypotheses__explore=None,
        hypotheses__draws=12,
        measurement__tool="toy_typed",
        measurement__arguments={"case": "{case}", "how": how},
    )
    assert {f.kind.value for f in failures(handle)} == {kind}
    assert {v.ruling.value for v in handle.docket.verdicts.values()} == {"invalid"}


def test_too_much(play):
    handle = play(
        hypotheses__explore=None,
        hypotheses__beliefs=HALF,
        hypotheses__draws=8,
        hypotheses__maximum=1,
        hypotheses__alpha=0.4,
        measurement__tool="toy_much",
        measurement__arguments={"case": "{case}"},
        measurement__unit="1",
        budget__experiments=1,
    )
    assert {f.kind.value for f in failures(handle)} == {"too_large"}


HALF = [
    {
        "statement": "size raises the signal",
        "relation": {"kind": "trend", "variable": "size", "direction": "raises"},
    }
]


def test_too_many_failures_make_a_verdict_invalid(play):
    tolerated = hostile(play, "refuse", every=3, hypotheses__failure_rate=0.9)
    assert {v.ruling.value for v in tolerated.docket.verdicts.values()} <= {
        "supported", "refuted", "undecided",
    }  # fmt: skip
    handle = hostile(play, "refuse", every=3, hypotheses__failure_rate=0.2)
    assert handle.status == "done"
    for verdict in handle.docket.verdicts.values():
        assert verdict.failures > 0.2 * verdict.draws
        assert verdict.ruling.value == "invalid"
        assert "registered was at most 20%" in verdict.reason


def test_a_failure_is_never_a_hit(play):
    """Failing cases count against support and against refutation alike."""
    handle = hostile(play, "refuse", every=1, hypotheses__failure_rate=1.0)
    for evidence in (e for path in handle.docket.evidence.values() for e in path):
        assert evidence.outcome is None
        assert evidence.log_e_for < 0
        assert evidence.log_e_against < 0
    assert {v.ruling.value for v in handle.docket.verdicts.values()} == {"undecided"}


def test_a_failing_pilot_says_nothing(play):
    handle = hostile(play, "refuse", every=2, hypotheses__pilot=20, hypotheses__explore={})
    assert handle.status == "done"
    pilot = [m for m in handle.docket.measurements.values() if m.purpose == "pilot"]
    assert len(pilot) == 20
    assert any(m.failure for m in pilot)


def test_a_failing_law_measurement_is_a_failed_draw(play):
    handle = play(
        "LAWS",
        measurement__tool="toy_hostile",
        measurement__unit="1",
        measurement__arguments={"case": "{case}", "size": "{size}", "how": "refuse", "every": 2},
    )
    assert handle.status in ("done", "budget")
    assert any(v.failures for v in handle.docket.verdicts.values())


DESCRIBING = {
    "cases": lambda how: {"cases__tool": {"tool": "toy_describe",
                                          "arguments": {"case": ["a", "b"], "how": how}}},
    "features": lambda how: {"features": [{"tool": "toy_describe",
                                           "arguments": {"case": "{case}", "how": how}}]},
    "pairs": lambda how: {"pairs": {"tool": "toy_pairs",
                                    "arguments": {"case": "{case}", "how": how}}},
}  # fmt: skip


EVERYWHERE = {
    "exit": "crashed",
    "raise": "crashed",
    "refuse": "out_of_domain: only for even cases",
    "retry": "ask for a smaller case",
}
SOMEWHERE = [
    ("cases", "numbers", "gave no list of rows"),
    ("features", "numbers", "gave no list of rows"),
    ("features", "short", "described 119 cases of 120"),
    ("features", "lists", "variables.length: is a number or a label of each case, not list"),
    ("pairs", "other keys", "lists pairs without"),
]


@pytest.mark.parametrize(
    ("part", "how", "words"),
    [*SOMEWHERE, *((part, how, words) for part in DESCRIBING for how, words in EVERYWHERE.items())],
)
def test_a_describing_tool_that_fails_ends_the_run(world, pool, tmp_path, part, how, words):
    changes = DESCRIBING[part](how)
    if part == "features":
        changes["variables__length"] = {}
    scenario = Scenario.model_validate(world.changed(world.EFFECTS, **changes))
    with pytest.raises(ScenarioError, match=words) as caught:
        run(scenario, out=tmp_path / "run", pool=pool, report=False)
    trace = Trace(tmp_path / "run")
    assert trace.status == "failed"
    ended = Docket.of(trace).ended
    assert ended is not None
    assert ended.reason == f"ScenarioError: {caught.value}"
    assert verify(tmp_path / "run").holds


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("short", "predicts 39 of 40 designs"),
        ("zero", "linear predicts nothing somewhere; a logarithm needs more"),
        ("exit", "crashed"),
    ],
)
def test_a_rival_s_tool_that_fails_ends_the_run(play, how, words):
    with pytest.raises(ScenarioError, match=words):
        play("CURVES", hypotheses__rivals__arguments__how=how)


def test_the_pool_still_serves(play):
    assert play().status == "done"

"""Where cases come from, how they are named, and how a second method is compared."""

import pytest

from gaseol.scenarios import ScenarioError

CHECK = {
    "name": "signal by another method",
    "tool": "toy_signal",
    "arguments": {"case": "{case}", "size": "{size}", "noise": 0.1, "seed": "{seed}"},
    "unit": "K",
    "cases": 20,
}


def frame_cases(handle) -> set[str]:
    return {m.case for m in handle.docket.measurements.values()}


def test_a_grid_names_every_value_apart(play):
    handle = play(
        "LAWS",
        cases={"key": "size", "grid": {"start": 100000.25, "stop": 100009.75, "step": 0.25}},
        measurement__arguments={"case": "{size}", "size": "{size}"},
        hypotheses__pilot=6,
    )
    assert handle.status in ("done", "budget")
    assert frame_cases(handle) <= {f"{100000.25 + i / 4:.12g}" for i in range(39)}
    assert len(frame_cases(handle)) > 6


def test_a_sample_is_drawn_by_the_seed(play):
    def cases(seed):
        handle = play(seed=seed, cases__tool__arguments__seed=5, cases__sample=60)
        (frame,) = {r.frame.cases for r in handle.docket.registrations.values()}
        assert frame == 60
        return frame_cases(handle)

    assert cases(1) == cases(1)
    assert cases(1) != cases(2)


def test_conditions_keep_cases(play):
    handle = play(cases__where=[{"variable": "ring", "at_most": 1}])
    assert all(int(case.removeprefix("c")) % 3 < 2 for case in frame_cases(handle))


def test_features_become_columns_but_only_those_named(play):
    describe = {"tool": "toy_describe", "arguments": {"case": "{case}"}}
    handle = play(features=[describe], variables__length={"explore": True}, hypotheses__maximum=5)
    tried = [getattr(h.relation, "variable", "") for h in handle.docket.hypotheses.values()]
    assert "length" in tried
    with pytest.raises(ScenarioError, match=r"variables\.length: no case has a value"):
        play(variables__length={})


def test_changes_are_pairs_of_a_tool(play):
    handle = play(
        pairs={"tool": "toy_pairs", "arguments": {"case": "{case}"}},
        hypotheses__explore={"changes": 1},
    )
    (found,) = [h for h in handle.docket.hypotheses.values() if h.relation.kind == "change"]
    assert found.relation.change == "A → B"


def test_the_measurement_is_compared_with_a_second_method(play):
    handle = play(check=CHECK)
    checks = [m for m in handle.docket.measurements.values() if m.purpose == "check"]
    assert len(checks) == 20
    last = list(handle.docket.claims.values())[-1]
    ours, theirs = ({m.tool for m in handle.docket.measurements.values() if m.purpose == purpose}
                    for purpose in ("test", "check"))  # fmt: skip
    assert (
        f"by the tool {ours.pop()} was compared with an independent method by the tool "
        f"{theirs.pop()} on 20 of the cases"
    ) in str(last)
    assert float(str(last.figures["rank"])) > 0.8
    assert handle.docket.audits[last.id].supported


@pytest.mark.parametrize("size", [1, 2])
def test_a_second_method_that_tells_nothing_apart_ends_no_run(play, size):
    arguments = {"case": "{case}", "size": size, "noise": 0}
    handle = play(check={**CHECK, "arguments": arguments})
    assert handle.status == "done"
    assert all(audit.supported for audit in handle.docket.audits.values())


def test_a_second_method_that_fails_ends_no_run(play):
    arguments = {"case": "{case}", "size": -1, "power": 0.5}
    handle = play(check={**CHECK, "arguments": arguments})
    assert handle.status == "done"
    assert len(handle.docket.claims) == len(handle.docket.verdicts)


def test_drawings_and_uncertainties_are_kept(play):
    handle = play("CURVES")
    for m in handle.docket.measurements.values():
        assert m.uncertainty == pytest.approx(0.2 * m.value)
        assert m.unit == "K"


def test_values_are_told_in_the_scenario_s_unit(play):
    handle = play(measurement__unit="mK", check={**CHECK, "unit": "mK"})
    for m in handle.docket.measurements.values():
        assert (m.unit, m.raw_unit) == ("mK", "K")
        assert m.value == pytest.approx(1000 * m.raw)

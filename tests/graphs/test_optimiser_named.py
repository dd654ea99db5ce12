"""A campaign whose optimiser is named: on record like ours, replayed strictly, refused where it does not fit."""

import importlib.util
import json

import pytest

from gaseol.graphs.replay.replaying import replay
from gaseol.scenarios.loader import ScenarioError
from gaseol.traces.record.trace import Trace

NAMED = {
    "graph": "optimise",
    "campaign": {"batch": 3, "optimiser": "baybe", "worth": 0.001},
    "budget": {"experiments": 20, "seconds": 600},
    "measurement__arguments": {"case": "{case}", "size": "{size}", "noise": 0.05},
}


@pytest.mark.skipif(
    importlib.util.find_spec("baybe") is None,
    reason="NOT TESTED: baybe is not installed (pip install 'gaseol[baybe]')",
)
def test_baybe_searches_on_a_record_that_replays(play):
    run = play(**NAMED)
    docket = run.docket
    found, drawn = (
        [docket.measurements[at].value for (_, _, p), at in docket.readings.items() if p == which]
        for which in ("search", "test")
    )
    assert max(found) > 1.2 * max(drawn)
    assert run.status in ("done", "budget")
    said = json.loads((run.path / "run.json").read_text())
    assert said["scenario"]["campaign"]["optimiser"] == "baybe"
    assert {"baybe", "torch"} <= set(said["versions"])
    again = replay(run.path)
    assert again.holds
    assert not any("other versions" in note for note in again.notes)
    # no batch like it would have come from our own search
    ours = play(**{**NAMED, "campaign": {"batch": 3, "worth": 0.001}})
    assert [c for c, *_ in ours.docket.readings] != [c for c, *_ in docket.readings]


@pytest.mark.parametrize(
    ("campaign", "said"),
    [
        ({"optimiser": "bayb"}, "there is no optimiser 'bayb'; did you mean 'baybe'"),
        ({"optimiser": "baybe", "cost": "size"}, "knows no cost; leave out either"),
        ({"optimiser": "baybe", "appetite": 0.0}, "knows no appetite; leave out either"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_measured(play, tmp_path, campaign, said):
    with pytest.raises(ScenarioError, match=said):
        play(**{**NAMED, "campaign": {"batch": 3, **campaign}}, hypotheses__pilot=4)
    (record,) = tmp_path.glob("run*")
    assert not list(Trace(record).events("measurement"))


def test_without_the_extra_it_says_what_to_install(play, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ScenarioError, match=r"needs an extra: pip install 'gaseol\[baybe\]'"):
        play(**NAMED)

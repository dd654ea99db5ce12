"""What a contest of laws registers of the instrument's noise and of what may be left."""

import pytest
from pydantic import ValidationError

from gaseol.scenarios.measurement import Measurement
from gaseol.traces.evidence.judge import Judge
from gaseol.traces.nouns.hypothesis import Law
from gaseol.traces.nouns.registration import RULE


def processes(handle):
    """The registered processes of laws by whether the law says anything."""
    docket = handle.docket
    relations = {h: docket.hypotheses[h].relation for h in docket.registrations}
    return {
        h: (bool(r.weights or r.factor), docket.registrations[h].criterion.process)
        for h, r in relations.items()
        if isinstance(r, Law)
    }


def test_laws_are_held_to_a_stated_precision_and_noise_only_is_not(play):
    found = processes(play("LAWS", measurement__precision=0.1))
    assert {process.ceiling for says, process in found.values() if says} == {0.125}
    assert {process.ceiling for says, process in found.values() if not says} == {None}
    assert {p.ceiling for _, p in processes(play("LAWS")).values()} == {None}


def test_what_may_be_left_is_the_scenarios_choice(play):
    exact = play("LAWS", hypotheses__pilot=6)
    for _, process in processes(exact).values():
        assert process.remainder == process.flexible != ()
    best = play("LAWS", hypotheses__laws__exact=False)
    assert {p.remainder for _, p in processes(best).values()} == {()}
    rigid = play("LAWS", hypotheses__laws__flexible=False)
    for _, process in processes(rigid).values():
        assert process.flexible == ()
        assert process.remainder != ()


def test_tables_speak_of_the_pilot_too_and_no_design_is_one(play):
    handle = play("LAWS", hypotheses__pilot=6)
    judge = Judge(handle.docket, handle.trace.blobs)
    pilot = {c for c, _, purpose in handle.docket.readings if purpose == "pilot"}
    for registration in handle.docket.registrations.values():
        assert registration.criterion.rule == RULE
        table, designs = judge.table(registration), set(judge.sealed_draws(registration))
        assert len(pilot) == 6
        assert set(table) == designs | pilot
        assert not designs & pilot
    evidence = [e for path in handle.docket.evidence.values() for e in path]
    assert all(e.left is not None for e in evidence)


def test_a_precision_is_stated_once():
    with pytest.raises(ValidationError, match="leave out precision"):
        Measurement(name="rate", tool="count", preset_counts=30, precision=0.1)

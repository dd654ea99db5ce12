"""What speaks for a test, how near hypotheses are, and what is made of them."""

import math

import pytest

from gaseol.agents.briefing import Briefing, Reading
from gaseol.agents.roles import Review
from gaseol.agents.tournament import EmbeddedReferee, EmbeddedReviewer, EmbeddedReviser
from gaseol.agents.tournament.merit import Merit, merit, preferred
from gaseol.agents.tournament.proximity import proximity
from gaseol.scenarios.cases import Variable
from gaseol.scenarios.hypotheses import Laws
from gaseol.scenarios.population import Population
from gaseol.traces.nouns.hypothesis import Condition, Groups, Hypothesis, Law, Match, Trend
from gaseol.traces.nouns.ranking import Strength
from gaseol.traces.record.docket import Docket

CASES = tuple(f"c{i}" for i in range(40))
SIZE = tuple(1.0 + i for i in range(40))
COLUMNS = {
    "size": SIZE,
    "same": tuple(3.0 * x + 1 for x in SIZE),
    "against": tuple(-x for x in SIZE),
    "other": tuple(math.sin(7 * i) + 2 for i in range(40)),
    "colour": tuple("red" if i % 2 else "green" for i in range(40)),
}


@pytest.fixture
def briefing():
    return Briefing(
        question="?",
        outcome="signal",
        unit="K",
        variables={name: Variable() for name in COLUMNS},
        population=Population(CASES, {c: c for c in CASES}, COLUMNS),
        maximum=5,
        alpha=0.05,
        delta=0.1,
        seed=0,
        laws=Laws(variables=("size", "other"), exponents=(-1, 1, 2)),
        pilot={f"c{i}": Reading(2.0 * SIZE[i], i) for i in range(0, 40, 3)},
    )


def of(relation, name="h1", bits=5.0, **more):
    return Hypothesis(
        id=name,
        statement="some words",
        relation=relation,
        proposed_by="theorist",
        bits=bits,
        **more,
    )


def trend(variable, direction="raises", **more):
    return of(Trend(variable=variable, direction=direction, **more))


UP = trend("size")


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        (UP, UP, 1.0),
        (UP, trend("same"), 1.0),
        (UP, trend("against", "lowers"), 1.0),
        (UP, trend("against"), 0.0),
        (UP, trend("size", "lowers"), 0.0),
        (UP, trend("size", matching=(Match(variable="colour"),)), 0.5),
        (UP, of(Law(weights={"size": 1.0})), 0.0),
        (of(Law(weights={"size": 1.0})), of(Law(weights={"size": 2.0})), 1.0),
    ],
)
def test_proximity_is_what_is_said_of_the_cases(briefing, one, other, near):
    assert proximity(one, other, briefing) == pytest.approx(near, abs=1e-9)
    assert proximity(other, one, briefing) == pytest.approx(near, abs=1e-9)


def test_a_threshold_is_near_its_trend_and_no_twin(briefing):
    high = of(Groups(inside=(Condition(variable="size", at_least=20),), direction="raises"))
    assert 0.7 < proximity(UP, high, briefing) < 0.95
    assert proximity(UP, trend("other"), briefing) < 0.3


def test_what_speaks_for_a_test(briefing):
    docket = Docket()
    up, down = merit(UP, briefing, docket), merit(trend("size", "lowers"), briefing, docket)
    assert (up.support, down.support) == (1.0, 0.0)
    assert up.information == 1.0
    matched = merit(trend("size", matching=(Match(variable="colour"),)), briefing, docket)
    assert matched.information == pytest.approx(2 * 190 / 780)
    law = merit(of(Law(weights={"size": 1.0})), briefing, docket)
    assert law.support == pytest.approx(1.0)
    assert merit(of(Law(weights={"other": 1.0})), briefing, docket).support < 0.5


def test_criteria_vote_and_a_tie_decides_nothing():
    plain = Merit(-5.0, 0.5, 0.5, 1.0)
    assert preferred(plain, plain)[0] == 0
    assert preferred(Merit(-5.0, 0.6, 0.5, 1.0), plain) == (1, "support")
    assert preferred(plain, Merit(-4.0, None, 0.6, 1.0)) == (-1, "information")
    assert preferred(Merit(-6.0, 0.6, 0.5, 1.0), plain)[0] == 0


def test_the_embedded_referee_does_not_see_the_order(briefing):
    other = trend("other").model_copy(update={"id": "h2"})
    pairs = [(UP, other), (other, UP)]
    first, second = EmbeddedReferee().compare(briefing, pairs, Docket())
    assert {first.preferred, second.preferred} == {"first", "second"}


def test_children_are_new_and_name_their_parents(briefing):
    docket = Docket()
    parents = [
        UP,
        trend("other").model_copy(update={"id": "h2"}),
        of(Law(weights={"size": 1.0}), "h3"),
    ]
    for parent in parents:
        docket.hypotheses[parent.id] = parent
    children = EmbeddedReviser().evolve(briefing, docket, parents, Review(), 8)
    relations = [c.relation for c in children]
    assert len({r.model_dump_json() for r in relations}) == len(relations) == 8
    assert not set(relations_of(parents)) & {r.model_dump_json() for r in relations}
    assert all(c.parents and set(c.parents) <= set(docket.hypotheses) for c in children)
    assert [c.id for c in children] == [f"h{i}" for i in range(4, 12)]
    assert {c.relation.kind for c in children} == {"trend", "groups", "law"}
    few = EmbeddedReviser().evolve(briefing, docket, parents, Review(avoid=("other",)), 12)
    assert all(c.relation.kind != "trend" or c.relation.variable != "other" for c in few)


def relations_of(hypotheses):
    return [h.relation.model_dump_json() for h in hypotheses]


def test_the_review_names_what_the_strong_and_the_weak_speak_of(briefing):
    docket = Docket()
    for i, name in enumerate(("size", "other", "same"), start=1):
        docket.hypotheses[f"h{i}"] = trend(name).model_copy(update={"id": f"h{i}"})
    ranking = [
        Strength(hypothesis=h, value=v, low=v - 1, high=v + 1, pairings=2)
        for h, v in (("h1", 1.0), ("h3", 0.2), ("h2", -1.2))
    ]
    assert EmbeddedReviewer().review(briefing, docket, ranking) == Review(
        ("size", "same"), ("other",)
    )

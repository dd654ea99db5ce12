"""The grammar: shorter is likelier, every law once, directions from the pilot."""

import math

import pytest

from gaseol.agents.briefing import Briefing, Reading
from gaseol.agents.embedded import grammar
from gaseol.agents.embedded.sceptic import EmbeddedSceptic
from gaseol.agents.embedded.theorist import EmbeddedTheorist
from gaseol.scenarios.cases import Variable
from gaseol.scenarios.hypotheses import Belief, Explore, Laws
from gaseol.scenarios.population import Population
from gaseol.traces.nouns.hypothesis import (
    Change,
    Condition,
    Curve,
    Groups,
    Hypothesis,
    Law,
    Match,
    Trend,
)
from gaseol.traces.nouns.verdict import Crossing, Ruling
from gaseol.traces.record.docket import Docket

N = 20
CASES = tuple(f"c{i}" for i in range(N))
X = tuple(1 + i / 4 for i in range(N))
Y = tuple(3 + math.sin(i) for i in range(N))


def briefing(**fields) -> Briefing:
    population = Population(
        CASES, dict(zip(CASES, CASES, strict=True)), {"x": X, "y": Y, "z": (None,) * N}
    )
    given = {
        "question": "?", "outcome": "signal", "unit": "K", "population": population,
        "variables": {n: Variable(explore=True) for n in ("x", "y")}, "maximum": 8,
        "alpha": 0.05, "delta": 0.1, "seed": 0,
    }  # fmt: skip
    return Briefing(**{**given, **fields})


def pilot(power: float, count: int = 12) -> dict[str, Reading]:
    return {c: Reading(10 * X[i] ** power, i) for i, c in enumerate(CASES[:count])}


def idea(relation, name="h1", by="theorist", bits=None) -> Hypothesis:
    length = grammar.bits(relation, briefing()) if bits is None else bits
    return Hypothesis(
        id=name, statement=f"{name} holds", relation=relation, proposed_by=by, bits=length
    )


def test_more_words_are_more_bits():
    b = briefing(rivals={"a": {}, "b": {}, "c": {}}, changes={"A": 1, "B": 2, "C": 1})

    def bits(relation) -> float:
        return grammar.bits(relation, b)

    noise, one = bits(Law()), bits(Law(weights={"x": 1}))
    assert noise == math.log2(6)
    assert noise < one < bits(Law(weights={"x": 2})) < bits(Law(weights={"x": -4 / 3}))
    assert one < bits(Law(weights={"x": 1, "y": 1}))
    assert bits(Law(weights={"x": 1})) == bits(Law(weights={"x": -1}))
    plain = Trend(variable="x", direction="raises")
    where = (Condition(variable="y", at_least=1),)
    matched = plain.model_copy(update={"matching": (Match(variable="y"),)})
    assert bits(plain) < bits(matched) < bits(matched.model_copy(update={"where": where}))
    assert bits(Groups(inside=where, direction="raises")) < bits(
        Groups(inside=where, against=where, direction="raises")
    )
    assert bits(Curve(rival="a")) == math.log2(6) + math.log2(3)
    assert bits(Change(change="A", direction="raises")) == math.log2(6) + 1 + math.log2(3)


def test_every_law_once():
    found = list(grammar.laws(Laws(variables=("x", "y", "w"), exponents=(-1, 1), terms=2)))
    assert len(found) == 3 * 2 + 3 * 4
    assert len({law.model_dump_json() for law in found}) == len(found)
    assert [len(law.weights) for law in found] == sorted(len(law.weights) for law in found)


def test_what_the_pilot_suggests():
    up, down = briefing(pilot=pilot(1)), briefing(pilot=pilot(-1))
    assert grammar.concordance("x", up) == 1
    assert grammar.concordance("x", down) == 0
    assert grammar.concordance("z", up) is None
    assert grammar.concordance("x", briefing(pilot=pilot(1, 3))) is None
    assert grammar.pilot_fit(Law(weights={"x": 2}), briefing(pilot=pilot(2))) == pytest.approx(0)
    assert grammar.pilot_fit(Law(weights={"x": 1}), briefing(pilot=pilot(2))) > 0.3
    assert grammar.pilot_fit(Law(weights={"z": 1}), up) is None


@pytest.mark.parametrize(("power", "direction"), [(1, "raises"), (-1, "lowers")])
def test_the_theorist_takes_directions_from_the_pilot(power, direction):
    b = briefing(pilot=pilot(power), explore=Explore(matching=(Match(variable="y"),)))
    trends = [h.relation for h in EmbeddedTheorist().propose(b, Docket())]
    (about_x,) = [r for r in trends if r.variable == "x"]
    assert about_x.direction == direction
    assert about_x.matching == (Match(variable="y"),)
    (about_y,) = [r for r in trends if r.variable == "y"]
    assert about_y.matching == ()


def test_the_theorist_puts_beliefs_first_and_noise_among_laws():
    belief = Belief(statement="so it is", relation=Law(weights={"y": 1}))
    b = briefing(
        beliefs=(belief,), laws=Laws(variables=("x", "y"), propose=2), pilot=pilot(2),
        rivals={"r": dict.fromkeys(CASES, 1.0)},
    )  # fmt: skip
    pool = EmbeddedTheorist().propose(b, Docket())
    assert [h.proposed_by for h in pool] == ["scenario"] + ["theorist"] * 4
    assert pool[1].relation == Curve(rival="r")
    assert pool[2].relation == Law()
    assert pool[3].relation == Law(weights={"x": 2})
    assert [h.id for h in pool] == ["h1", "h2", "h3", "h4", "h5"]
    assert pool == EmbeddedTheorist().propose(b, Docket())


def test_changes_are_tried_by_how_often_they_are_seen():
    b = briefing(changes={"A": 3, "B": 9, "C": 9}, explore=Explore(changes=2, direction="lowers"))
    tried = [
        h.relation for h in EmbeddedTheorist().propose(b, Docket()) if h.relation.kind == "change"
    ]
    assert tried == [Change(change=c, direction="lowers") for c in ("B", "C")]


def test_labels_become_groups():
    b = briefing(variables={"x": Variable(among=("red", "green"), explore=True)}, explore=Explore())
    pool = EmbeddedTheorist().propose(b, Docket())
    assert [h.relation.inside[0].among for h in pool] == [("red",), ("green",)]


def test_rival_statements_are_only_filled_at_their_place():
    b = briefing(
        rivals={"{outcome}": dict.fromkeys(CASES, 1.0)}, rival_statement="{rival} is {0} {rival.x}"
    )
    pool = EmbeddedTheorist().propose(b, Docket())
    assert pool[0].statement == "{outcome} is {0} {rival.x}"


def test_refinement_asks_of_two_supported_trends_whether_each_holds_at_equal_other():
    docket = Docket()
    for name, variable, ruling in (
        ("h1", "x", "supported"), ("h2", "y", "supported"), ("h3", "z", "refuted"),
    ):  # fmt: skip
        relation = Trend(variable=variable, direction="raises", minimum_difference=2)
        docket.hypotheses[name] = idea(relation, name)
        docket.crossings[name] = Crossing(
            hypothesis=name, ruling=Ruling(ruling), draw=9, log_threshold=5
        )
    pool = EmbeddedTheorist().propose(briefing(), docket)
    assert [(h.id, h.parents, h.relation.variable, h.relation.matching) for h in pool] == [
        ("h4", ("h1", "h2"), "x", (Match(variable="y", within=0.5),)),
        ("h5", ("h2", "h1"), "y", (Match(variable="x", within=0.5),)),
    ]
    for h in pool:
        docket.hypotheses[h.id] = h
    assert EmbeddedTheorist().propose(briefing(), docket) == []


def test_the_sceptic_turns_away_twins_and_keeps_the_asker_s():
    pool = [
        idea(Law(weights={"x": 1}), "h1"),
        idea(Law(weights={"x": 1.01}), "h2", by="scenario"),
        idea(Law(weights={"x": 0.5}), "h3"),
        idea(Law(), "h4"),
        idea(Trend(variable="x", direction="raises"), "h5"),
        idea(Trend(variable="x", direction="raises"), "h6"),
    ]
    found = {c.hypothesis: c for c in EmbeddedSceptic().criticise(briefing(), pool)}
    assert set(found) == {h.id for h in pool}
    turned = {name: c.reason for name, c in found.items() if c.reason}
    assert turned == {
        "h1": "cannot be told apart from h2 on these cases",
        "h6": "cannot be told apart from h5 on these cases",
    }
    assert found["h2"].prior > found["h4"].prior > found["h3"].prior > 0
    order = [c.hypothesis for c in EmbeddedSceptic().criticise(briefing(), pool)]
    assert order[:2] == ["h2", "h4"]
    assert order == [c.hypothesis for c in EmbeddedSceptic().criticise(briefing(), pool[::-1])]


def test_a_pilot_that_fits_raises_a_law():
    pool = [idea(Law(weights={"x": p}), f"h{p}") for p in (1, 2)]
    for power, first in ((1, "h1"), (2, "h2")):
        found = EmbeddedSceptic().criticise(briefing(pilot=pilot(power)), pool)
        assert found[0].hypothesis == first
        assert math.isfinite(sum(c.prior for c in found))

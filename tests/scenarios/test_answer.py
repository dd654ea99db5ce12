"""Scoring against the hidden answer: exact, opposite, silent."""

import pytest

from gaseol.scenarios.answer import Answer
from gaseol.traces.nouns.hypothesis import Curve, Groups, Hypothesis, Law, Match, Trend
from gaseol.traces.nouns.verdict import Ruling, Verdict
from gaseol.traces.record.docket import Docket

SOURCE = "a handbook, page 12"


def hypothesis(relation, name="h1") -> Hypothesis:
    return Hypothesis(
        id=name, statement=f"{name} holds", relation=relation, proposed_by="x", bits=1
    )


def answer(*entries, **fields) -> Answer:
    return Answer.model_validate(
        {"entries": [{"relation": r, "ruling": v, "source": SOURCE} for r, v in entries], **fields}
    )


UP = Trend(variable="x", direction="raises", matching=(Match(variable="a"), Match(variable="b")))
DOWN = UP.model_copy(update={"direction": "lowers"})


@pytest.mark.parametrize(
    ("entry", "relation", "expected"),
    [
        (({"kind": "trend", "variable": "x", "direction": "raises"}, "supported"), UP, "supported"),
        (({"kind": "trend", "variable": "x", "direction": "raises"}, "supported"), DOWN, "refuted"),
        (({"kind": "trend", "variable": "x", "direction": "raises"}, "refuted"), UP, "refuted"),
        # that something fails to raise does not say that it lowers
        (({"kind": "trend", "variable": "x", "direction": "raises"}, "refuted"), DOWN, None),
        (({"kind": "trend", "variable": "x", "direction": "raises"}, "undecided"), DOWN, None),
        (({"kind": "trend", "variable": "y", "direction": "raises"}, "supported"), UP, None),
        (({"kind": "groups", "direction": "raises"}, "supported"), UP, None),
        (({"variable": "x"}, "supported"), DOWN, "supported"),
        (({"variable": "x", "matching": [{"variable": "a"}]}, "supported"), UP, None),
        (
            ({"variable": "x", "matching": [{"variable": "a"}, {"variable": "b"}]}, "refuted"),
            UP,
            "refuted",
        ),
        (({"kind": "law", "weights": {"x": 1}}, "supported"), Law(weights={"x": 1.0}), "supported"),
        (({"kind": "law", "weights": {"x": 1}}, "supported"), Law(weights={"x": 2.0}), None),
        (({"kind": "law", "weights": {"x": 1}}, "supported"), Law(weights={"x": 1, "y": 1}), None),
        (({"kind": "law", "weights": {}}, "refuted"), Law(), "refuted"),
        (({"kind": "law", "weights": {}}, "refuted"), Law(weights={"x": 1}), None),
        (({"kind": "curve", "rival": "quartz"}, "refuted"), Curve(rival="quartz"), "refuted"),
        (({"kind": "curve", "rival": "quartz"}, "refuted"), Curve(rival="coesite"), None),
    ],
)
def test_what_is_expected(entry, relation, expected):
    found = answer(entry).expected(hypothesis(relation))
    assert (found.value if found else None) == expected


def test_the_first_entry_that_speaks_counts():
    special = {"variable": "x", "direction": "raises", "matching": [{"variable": "a"}, {}]}
    general = {"variable": "x", "direction": "raises"}
    said = answer((special, "refuted"), (general, "supported"))
    assert said.expected(hypothesis(UP)) is Ruling.REFUTED
    bare = Trend(variable="x", direction="raises")
    assert said.expected(hypothesis(bare)) is Ruling.SUPPORTED


def docket(*rulings: str) -> Docket:
    found = Docket()
    for i, ruling in enumerate(rulings, start=1):
        name = f"h{i}"
        found.hypotheses[name] = hypothesis(UP, name)
        found.verdicts[name] = Verdict(
            hypothesis=name, ruling=Ruling(ruling), log_e_for=0, log_e_against=0, draws=1,
            failures=0, basis="design-based", rule="r", reason="",
        )  # fmt: skip
    return found


def test_scores():
    said = answer(({"variable": "x", "direction": "raises"}, "supported"))
    assert said.score(docket("supported", "refuted", "undecided", "invalid")) == {
        "h1": "agrees", "h2": "disagrees", "h3": "not decided", "h4": "not decided",
    }  # fmt: skip
    assert answer(({"variable": "y"}, "supported")).score(docket("supported")) == {}


def test_where_nothing_is_true_only_support_is_wrong():
    said = answer(nothing_is_true=True)
    assert said.score(docket("supported", "refuted", "undecided", "invalid")) == {
        "h1": "disagrees", "h2": "agrees", "h3": "agrees", "h4": "agrees",
    }  # fmt: skip


def test_groups_may_be_turned_too():
    inside = [{"variable": "c", "among": ["red"]}]
    said = answer(({"kind": "groups", "inside": inside, "direction": "raises"}, "supported"))
    groups = Groups.model_validate({"inside": inside, "direction": "lowers"})
    assert said.expected(hypothesis(groups)) is Ruling.REFUTED

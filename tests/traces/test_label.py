"""Labels are joined on use: nothing that a value was made of is forgotten."""

from hypothesis import given
from hypothesis import strategies as st

from gaseol.traces.nouns.label import LEVELS, PUBLIC, Label, Target, joined

SOURCES = st.lists(st.sampled_from(["corpus", "mcp:calc", "model:a", "egress:openalex"]))
LABELS = st.builds(Label, confidentiality=st.sampled_from(LEVELS), sources=SOURCES.map(tuple))


@given(LABELS, LABELS, LABELS)
def test_joining_is_a_least_upper_bound(a: Label, b: Label, c: Label) -> None:
    both = a | b
    assert both == b | a
    assert (both | c) == a | (b | c) == joined([a, b, c])
    assert a | a == a | PUBLIC == a
    assert both.sources == tuple(sorted({*a.sources, *b.sources}))
    assert both.low == (a.low or b.low)
    assert all(both.within(level) == (a.within(level) and b.within(level)) for level in LEVELS)


@given(LABELS, LABELS)
def test_a_record_states_what_is_more_than_the_question(a: Label, question: Label) -> None:
    told = a.beyond(question)
    assert (told or question) == a | question
    assert (told is None) == ((a | question) == question)


INSTITUTE = Label(confidentiality="institute")
LOW = Label(sources=("model:a",))


def test_what_leaves_is_no_more_confidential_than_the_question() -> None:
    out, home = Target(name="web", leaves=True), Target(name="tool", consequential=True)
    secret = Label(confidentiality="secret")
    assert "institute at most" in out.refusal(secret, INSTITUTE)
    assert not out.refusal(INSTITUTE, INSTITUTE)
    assert not home.refusal(secret, INSTITUTE)


def test_what_a_model_had_a_say_in_goes_nowhere_and_does_nothing_unless_it_may() -> None:
    for target in (Target(name="t", leaves=True), Target(name="t", consequential=True)):
        assert "model:a had a say" in target.refusal(LOW, INSTITUTE)
        assert not target.model_copy(update={"takes_low": True}).refusal(LOW, INSTITUTE)
    assert not Target(name="t").refusal(LOW, INSTITUTE)


def test_what_came_from_a_source_may_go_back_to_it_and_only_there() -> None:
    cursor = Label(sources=("egress:openalex",))
    assert not Target(name="o", source="egress:openalex", leaves=True).refusal(cursor, PUBLIC)
    assert Target(name="p", source="egress:pubmed", leaves=True).refusal(cursor, PUBLIC)
    both = cursor | LOW
    assert Target(name="o", source="egress:openalex", leaves=True).refusal(both, PUBLIC)

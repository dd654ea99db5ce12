"""A ranking that does not follow from its pairings does not hold."""

import pytest

from gaseol.traces.nouns.ranking import Pairing
from gaseol.traces.record import event as kinds
from gaseol.traces.strengths import strengths
from gaseol.traces.verification.verifier import verify

PAIRINGS = (
    Pairing(first="a", second="b", outcome="first", because="support"),
    Pairing(first="b", second="c", outcome="draw"),
    Pairing(first="a", second="c", outcome="discarded", because="no answer"),
)


@pytest.fixture
def problems(ledger, tmp_path):
    """Return what is wrong with a record that ranks three hypotheses, after changes."""
    made = iter(range(10))

    def go(**changes):
        folder = tmp_path / f"run{next(made)}"
        book = ledger.Book(tmp_path, folder)
        for name in ("a", "b", "c"):
            book.propose(name)
        ranking = strengths(("a", "b", "c"), PAIRINGS)
        order = tuple(s.hypothesis for s in ranking)
        said = {"order": order, "priors": (0.5, 0.3, 0.2), "strengths": ranking,
                "pairings": PAIRINGS, **changes}  # fmt: skip
        book.add(kinds.HypothesisRanked(**said))
        book.recorder.close()
        return " ".join(map(str, verify(folder).problems))

    return go


def test_a_ranking_that_follows_holds(problems):
    assert problems() == ""


@pytest.mark.parametrize("field", ["value", "low", "high"])
def test_a_strength_that_was_changed_does_not(problems, field):
    first, *rest = strengths(("a", "b", "c"), PAIRINGS)
    changed = first.model_copy(update={field: getattr(first, field) + 0.01})
    assert "the strength of a does not follow" in problems(strengths=(changed, *rest))


def test_a_pairing_that_was_left_out_is_missed(problems):
    assert "does not follow from the pairings" in problems(pairings=PAIRINGS[1:])


def test_another_order_than_that_of_the_strengths(problems):
    assert "the order is not that of the strengths" in problems(order=("c", "b", "a"))


def test_pairings_of_what_nobody_proposed_or_answered(problems):
    stranger = Pairing(first="a", second="z", outcome="discarded")
    assert "pairs z, which nobody proposed" in problems(pairings=(*PAIRINGS, stranger))
    judged = Pairing(first="a", second="b", outcome="discarded", judgements=(1,))
    assert "judged by event 1, which nobody answered" in problems(pairings=(*PAIRINGS, judged))

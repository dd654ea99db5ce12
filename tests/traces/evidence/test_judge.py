"""Verdicts: the threshold, freezing, the sealed order, e-BH, and nothing but the record."""

import itertools
import math
import random
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaseol.traces.evidence.judge import Judge, _e_bh, first_crossing, log_threshold
from gaseol.traces.evidence.process import BoundedMean, Census, GaussianMean, Sign
from gaseol.traces.nouns.registration import FIRST_RULE, RULE, Criterion
from gaseol.traces.nouns.verdict import Evidence, Ruling

PAIRS = [(f"a{i}", f"b{i}") for i in range(30)]


def play(book, name, outcomes, pairs=PAIRS):
    for pair, outcome in zip(pairs, outcomes, strict=False):
        book.try_pair(name, pair, outcome)
    return book.judge.verdicts()[name]


def test_the_threshold_is_m_over_alpha(book):
    registration = book.register_pairs("h", PAIRS)
    assert log_threshold(registration) == pytest.approx(math.log(5 / 0.05))
    assert play(book, "h", [1.0] * 8).ruling is Ruling.UNDECIDED  # E+ is (2^9 - 1) / 9 = 56.8
    verdict = play(book, "h", [1.0], PAIRS[8:])
    assert verdict.log_e_for == pytest.approx(math.log((2**10 - 1) / 10))
    assert (verdict.ruling, verdict.draws) == (Ruling.SUPPORTED, 9)


def test_a_crossing_freezes_both_processes(book):
    registration = book.register_pairs("h", PAIRS)
    before = play(book, "h", [1.0] * 9)
    after = play(book, "h", [-1.0] * 15, PAIRS[9:])
    assert after == before
    path = book.judge.path("h")
    assert [e.admissible for e in path] == [True] * 9 + [False] * 15
    assert {e.why_not for e in path[9:]} == {"decided at draw 9"}
    crossing = first_crossing(registration, path)
    assert crossing is not None
    assert (crossing.ruling, crossing.draw) == (Ruling.SUPPORTED, 9)
    assert book.docket.crossings["h"] == crossing


@pytest.mark.parametrize(
    ("sign", "difference", "ruling"),
    [
        (1, 2.0, Ruling.SUPPORTED), (1, -2.0, Ruling.REFUTED),
        (-1, -2.0, Ruling.SUPPORTED), (-1, 2.0, Ruling.REFUTED),
    ],
)  # fmt: skip
def test_the_direction_predicted_decides_what_a_hit_is(book, sign, difference, ruling):
    book.register_pairs("h", PAIRS, sign=sign)
    assert play(book, "h", [difference] * 12).ruling is ruling


def test_ties_count_against_either_side(book):
    book.register_pairs("h", PAIRS, tie=0.5)
    verdict = play(book, "h", [0.4, -0.5, 0.0])
    plus = Sign().path([-1.0] * 3)[0][-1]
    minus = Sign().path([1.0] * 3)[1][-1]
    assert (verdict.log_e_for, verdict.log_e_against) == pytest.approx((plus, minus))
    assert [e.outcome for e in book.judge.path("h")] == [0, 0, 0]
    assert play(book, "h", [0.6], PAIRS[3:]).log_e_for > verdict.log_e_for


def test_failures_count_against_either_side_and_too_many_make_it_invalid(book):
    book.register_pairs("h", PAIRS, failure_rate=0.2)
    verdict = play(book, "h", [3.0, None, 3.0, 3.0, 3.0])
    assert (verdict.ruling, verdict.failures, verdict.draws) == (Ruling.UNDECIDED, 1, 5)
    assert verdict.log_e_for == pytest.approx(Sign().path([1, -1, 1, 1, 1])[0][-1])
    assert verdict.log_e_against == pytest.approx(Sign().path([1.0] * 5)[1][-1])
    verdict = play(book, "h", [None], PAIRS[5:])
    assert verdict.ruling is Ruling.INVALID
    assert "2 of 6 draws failed" in verdict.reason


@pytest.mark.parametrize("process", [BoundedMean(low=-9, high=9, theta0=0, delta=2),
                                     GaussianMean(sigma=3, delta=2, tau=2),
                                     Census(size=30)])  # fmt: skip
def test_every_process_judges_the_differences(book, process):
    book.register_pairs("h", PAIRS, process=process)
    outcomes = [3.0, -1.0, 4.0, 2.0, None]
    verdict = play(book, "h", outcomes)
    counted = [math.nan if x is None else x for x in outcomes]
    if isinstance(process, Census):
        counted = [math.copysign(1, x) if x == x else x for x in counted]
    plus, minus = process.path(counted)
    assert verdict.log_e_for == pytest.approx(plus[-1])
    assert verdict.log_e_against == pytest.approx(minus[-1])


# -- the sealed order ---------------------------------------------------------------------


def order(book, steps):
    """Register and play (draw, pair) steps, all of them hits."""
    book.register_pairs("h", PAIRS)
    for draw, pair in steps:
        book.experiment("h", pair, draw)
        for case, value in zip(pair, (310.0, 300.0), strict=False):
            if (case, 0, "test") not in book.docket.readings:
                book.measure(case, value)
    return book.judge.verdicts()["h"]


def straight(n):
    return [(i, PAIRS[i]) for i in range(n)]


def test_the_sealed_order_supports(book):
    assert order(book, straight(12)).ruling is Ruling.SUPPORTED


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([*straight(3), *straight(13)[4:]], id="skipped"),
        pytest.param([(i, PAIRS[i + (i > 2)]) for i in range(12)], id="skipped, renumbered"),
        pytest.param([*straight(3), (2, PAIRS[2]), *straight(12)[3:]], id="repeated"),
        pytest.param([*straight(3), (3, PAIRS[2]), *straight(12)[4:]], id="repeated, renumbered"),
        pytest.param([(0, PAIRS[1]), (1, PAIRS[0]), *straight(12)[2:]], id="swapped"),
        pytest.param([(0, PAIRS[0][::-1]), *straight(12)[1:]], id="turned round"),
        pytest.param([(0, ("z", "y")), *straight(12)[1:]], id="another pair"),
        pytest.param([*straight(5), (5, (PAIRS[5][0],))], id="half a pair"),
    ],
)
def test_any_other_order_is_invalid(book, steps):
    verdict = order(book, steps)
    assert verdict.ruling is Ruling.INVALID
    assert "of the sealed order was due" in verdict.reason


def test_draws_beyond_the_sealed_order_are_invalid(book):
    book.register_pairs("h", PAIRS[:2], draws=10)
    assert play(book, "h", [1.0, -1.0, 1.0]).ruling is Ruling.INVALID


def test_draws_beyond_those_registered_do_not_count(book):
    book.register_pairs("h", PAIRS, draws=4)
    verdict = play(book, "h", [1.0] * 12)
    assert (verdict.ruling, verdict.draws) == (Ruling.UNDECIDED, 4)
    assert book.judge.path("h")[-1].why_not == "closed after the 4 draws registered"


def test_a_draw_that_is_not_measured_stops_the_count(book):
    book.register_pairs("h", PAIRS)
    book.experiment("h", PAIRS[0])
    book.measure(PAIRS[0][0], 300.0)
    book.try_pair("h", PAIRS[1], 5.0)
    assert book.judge.path("h") == []
    book.measure(PAIRS[0][1], 299.0)
    assert [e.draw for e in book.judge.path("h")] == [1, 2]


# -- registered before measured -----------------------------------------------------------


def test_what_was_measured_before_the_registration_is_inadmissible(book):
    book.measure("a0", 310.0)
    book.register_pairs("h", PAIRS)
    verdict = play(book, "h", [5.0] * 12)
    assert verdict.ruling is Ruling.INVALID
    assert "measured before the hypothesis was registered" in verdict.reason
    assert [e.admissible for e in book.judge.path("h")][:3] == [False, True, True]


def test_what_was_asked_before_the_registration_is_inadmissible(book):
    """The answer could be seen before the measurement made of it was put on record."""
    from gaseol.traces.record.event import Measured

    book.register_pairs("other", [("q", "r")])
    book.measure("spare", 310.0)
    early = book.docket.measurements[max(book.docket.measurements)]
    book.register_pairs("h", PAIRS)
    book.experiment("h", PAIRS[0])
    book.add(Measured(measurement=early.model_copy(update={"case": "a0"})))
    book.measure("b0", 300.0)
    assert [e.why_not for e in book.judge.path("h")] == [
        "measured before the hypothesis was registered"
    ]


def test_the_first_reading_counts_and_a_pilot_does_not(book):
    book.measure("a0", 500.0, purpose="pilot")
    book.register_pairs("h", PAIRS)
    book.try_pair("h", PAIRS[0], -1.0)
    book.measure("a0", 400.0)
    assert [e.outcome for e in book.judge.path("h")] == [-1]
    assert book.judge.path("h")[0].admissible


# -- laws ---------------------------------------------------------------------------------

XS = (1, 9, 4, 14, 2, 12, 7, 3)


def tables():
    return {
        "square": {f"d{x}": 2 * math.log(x) for x in range(1, 15)},
        "linear": {f"d{x}": math.log(x) for x in range(1, 15)},
        "flat": {f"d{x}": 0.0 for x in range(1, 15)},
    }


def contest(book, xs=XS, draws=14):
    book.register_laws(tables(), draws)
    for i, x in enumerate(xs):
        book.experiment(tuple(tables()), (f"d{x}",))
        book.measure(f"d{x}", 5.0 * x**2 * (1 + 0.04 * math.sin(10 * i)))
    return book.judge.verdicts()


def test_a_law_is_weighed_against_its_rivals(book):
    from gaseol.traces.evidence import contest as arithmetic

    verdicts = contest(book)
    assert {h: v.ruling for h, v in verdicts.items()} == {
        "square": Ruling.SUPPORTED, "linear": Ruling.REFUTED, "flat": Ruling.REFUTED
    }  # fmt: skip
    draws = verdicts["square"].draws
    at = [f"d{x}" for x in XS[:draws]]
    g = np.log([5.0 * x**2 * (1 + 0.04 * math.sin(10 * i)) for i, x in enumerate(XS[:draws])])
    z = {h: g - np.array([t[d] for d in at]) for h, t in tables().items()}
    logs = np.log(range(1, 15))
    flexible = arithmetic.flexible(
        g, np.log(XS[:draws])[:, None] - logs.mean(), ridge=1.0
    )  # fmt: skip
    plus, minus = arithmetic.weigh(z, "square", ("linear", "flat"), flexible)
    assert verdicts["square"].log_e_for == pytest.approx(plus[-1])
    assert verdicts["square"].log_e_against == pytest.approx(minus[-1])


PILOT = (5, 6, 8, 10, 11, 13)


def bent(x):
    """The square, and something smooth of which no registered law speaks."""
    return 5.0 * x**2 * math.exp(0.1 * math.log(x) ** 2)


def square(x):
    """The square, with readings that scatter by 4%."""
    return 5.0 * x**2 * (1 + 0.04 * math.sin(10 * x))


def told(book, y, rule=RULE, pilot=PILOT, **process):
    """Show a pilot, register the laws, measure; return the verdicts."""
    for x in pilot:
        book.measure(f"d{x}", y(x), purpose="pilot")
    book.register_laws(tables(), 14, rule=rule, **process)
    for x in XS:
        book.experiment(tuple(tables()), (f"d{x}",))
        book.measure(f"d{x}", y(x))
    return book.judge.verdicts()


def test_a_law_that_leaves_something_smooth_is_not_supported(ledger, tmp_path):
    verdicts = told(ledger.Book(tmp_path / "1"), bent, remainder=("x",))
    assert verdicts["square"].ruling is Ruling.UNDECIDED
    assert verdicts["square"].log_e_for > math.log(5 / 0.05)
    assert "something is left" in verdicts["square"].reason
    assert verdicts["flat"].ruling is Ruling.REFUTED
    # where the best of those registered is sought, it is
    best = told(ledger.Book(tmp_path / "2"), bent)
    assert best["square"].ruling is Ruling.SUPPORTED


def test_a_law_that_leaves_noise_is_supported(book):
    assert told(book, square, remainder=("x",))["square"].ruling is Ruling.SUPPORTED
    path = book.judge.path("square")
    assert all(e.left is not None and e.left <= 0 for e in path if e.admissible)


def test_the_remainder_is_looked_for_in_the_pilot_and_the_draws(book):
    from gaseol.traces.evidence.remainder import remainder

    told(book, bent, remainder=("x",))
    seen = np.array([*PILOT, *XS])
    z = np.log([bent(x) for x in seen]) - 2 * np.log(seen)
    middle = np.log(range(1, 15)).mean()
    expected = remainder(z, np.log(seen)[:, None] - middle)[len(PILOT) :]
    found = [e.left for e in book.judge.path("square")]
    assert found == pytest.approx(list(expected), rel=1e-6)


def test_a_failed_draw_leaves_the_remainder_as_it_was(book):
    told(book, lambda x: None if x == 14 else bent(x), remainder=("x",))
    path = book.judge.path("square")
    at = XS.index(14)
    assert path[at].outcome is None
    assert path[at].left == path[at - 1].left != 0


def test_a_pilot_shown_after_the_registration_is_not_looked_at(book):
    book.register_laws(tables(), 14, rule=RULE, remainder=("x",))
    for x in PILOT:
        book.measure(f"d{x}", bent(x), purpose="pilot")
    book.experiment(tuple(tables()), ("d1",))
    book.measure("d1", 5.0)
    assert [e.left for e in book.judge.path("square")] == [0.0]


def test_laws_that_all_miss_by_more_than_their_ceiling_are_refuted(ledger, tmp_path):
    """By the first rule the nearest wrong law beat the others, which miss by more."""
    old = told(ledger.Book(tmp_path / "1"), bent, FIRST_RULE, (), ceiling=0.01)
    new = told(ledger.Book(tmp_path / "2"), bent, RULE, (), ceiling=0.01)
    assert old["square"].ruling is Ruling.SUPPORTED
    assert new["square"].ruling is Ruling.REFUTED
    assert (old["square"].rule, new["square"].rule) == (FIRST_RULE, RULE)


def test_a_law_within_its_ceiling_is_supported(book):
    assert told(book, square, pilot=(), ceiling=0.05)["square"].ruling is Ruling.SUPPORTED


def test_support_waits_while_the_evidence_against_is_positive(book):
    (registration, *_) = book.register_laws(tables(), 14, rule=RULE)
    evidence = Evidence(
        hypothesis="square", experiment="x", draw=3, outcome=1.0, measurements=(1,),
        log_e_for=9.0, log_e_against=0.1,
    )  # fmt: skip
    assert first_crossing(registration, [evidence]) is None
    better = evidence.model_copy(update={"log_e_against": -0.1})
    crossing = first_crossing(registration, [better])
    assert crossing is not None
    assert crossing.ruling is Ruling.SUPPORTED
    left = better.model_copy(update={"left": 0.1})
    assert first_crossing(registration, [left]) is None
    old = registration.criterion.model_copy(update={"rule": FIRST_RULE})
    before = registration.model_copy(update={"criterion": old})
    assert first_crossing(before, [evidence]) is not None


def test_a_failed_design_carries_the_evidence_on(book):
    book.register_laws(tables(), 14)
    for i, x in enumerate((1, 9, 4, 2)):
        book.experiment(tuple(tables()), (f"d{x}",))
        book.measure(f"d{x}", None if i == 3 else 5.0 * x**2 * (1 + 0.3 * (-1) ** i))
    path = book.judge.path("square")
    assert path[-1].outcome is None
    assert (path[-1].log_e_for, path[-1].log_e_against) == (
        path[-2].log_e_for, path[-2].log_e_against
    )  # fmt: skip
    assert path[-2].log_e_for != 0


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda b: b.experiment(("square",), ("d99",)), "not among those registered"),
        (lambda b: b.experiment(("square",), ("d1",)), "counted already"),
    ],
)
def test_a_design_that_may_not_count(book, spoil, why):
    contest(book, XS[:3])
    spoil(book)
    book.measure("d99", 5.0)
    verdict = book.judge.verdicts()["square"]
    assert verdict.ruling is Ruling.INVALID
    assert why in verdict.reason
    assert book.judge.verdicts()["linear"].ruling is not Ruling.INVALID


def test_a_design_chosen_with_its_value_in_hand_may_not_count(book):
    book.register_laws(tables(), 14)
    for x in XS[:4]:
        book.measure(f"d{x}", 5.0 * x**2)
    for x in XS[:4]:
        book.experiment(tuple(tables()), (f"d{x}",))
    verdict = book.judge.verdicts()["square"]
    assert verdict.ruling is Ruling.INVALID
    assert "before the experiment was designed" in verdict.reason


def test_a_second_reading_of_a_design_counts(book):
    contest(book, XS[:3])
    book.experiment(tuple(tables()), ("d1",), reading=1)
    book.measure("d1", 5.1, reading=1)
    assert [e.draw for e in book.judge.path("square")] == [1, 2, 3, 4]


def test_a_law_whose_rival_is_not_registered_yet_is_open(book):
    """A run can be killed between the registrations of two rivals."""
    laws = tables()
    book.register_laws(laws, 14)
    for gone in ("linear", "flat"):
        del book.docket.registrations[gone]
    assert book.judge.path("square") == []
    assert book.judge.verdicts()["square"].ruling is Ruling.UNDECIDED


# -- all hypotheses together --------------------------------------------------------------


def brute_force_e_bh(e, m, alpha):
    """The largest set whose members are all at least m / (alpha * its size)."""
    best = set()
    for size in range(1, len(e) + 1):
        for chosen in itertools.combinations(e, size):
            if all(e[h] >= m / (alpha * size) for h in chosen) and size > len(best):
                best = set(chosen)
    return best


@given(
    st.lists(st.floats(0, 7), max_size=7),
    st.integers(0, 4),
    st.sampled_from([0.01, 0.05, 0.1, 0.3]),
)
@settings(max_examples=150, deadline=None)
def test_e_bh_is_the_largest_set_that_holds_together(logs, unused, alpha):
    m = max(len(logs) + unused, 1)
    log_e = {f"h{i}": v for i, v in enumerate(logs)}
    criterion = Criterion(
        process=Sign(), alpha=alpha, hypotheses=m, draws=1, basis="design-based"
    )  # fmt: skip
    registrations = {h: SimpleNamespace(criterion=criterion) for h in log_e}
    e = {h: math.exp(v) for h, v in log_e.items()}
    edge = any(
        math.isclose(k * v, m / alpha, rel_tol=1e-9)
        for v in e.values()
        for k in range(1, len(e) + 1)
    )
    if not edge:
        assert _e_bh(log_e, registrations) == brute_force_e_bh(e, m, alpha)


def many(book, numbers):
    """Register hypotheses and let each hit so many times."""
    for h in range(len(numbers)):
        book.register_pairs(f"h{h}", [(f"{h}a{i}", f"{h}b{i}") for i in range(20)])
    for h, hits in enumerate(numbers):
        for i in range(hits):
            book.try_pair(f"h{h}", (f"{h}a{i}", f"{h}b{i}"), 1.0)
    return {h: v.ruling for h, v in book.judge.verdicts().items()}


def test_hypotheses_support_each_other_below_the_threshold(ledger, tmp_path):
    # 8 hits give E+ = 56.8, below m/alpha = 100, but two of them pass 100 / 2
    alone = many(ledger.Book(tmp_path / "1", m=5), [8])
    both = many(ledger.Book(tmp_path / "2", m=5), [8, 8])
    assert set(alone.values()) == {Ruling.UNDECIDED}
    assert set(both.values()) == {Ruling.SUPPORTED}


def test_unused_slots_count_as_nothing(ledger, tmp_path):
    few = many(ledger.Book(tmp_path / "1", m=5), [8, 8])
    slots = many(ledger.Book(tmp_path / "2", m=10), [8, 8])
    assert set(few.values()) == {Ruling.SUPPORTED}
    assert set(slots.values()) == {Ruling.UNDECIDED}


def test_an_invalid_hypothesis_helps_no_other(ledger, tmp_path):
    book = ledger.Book(tmp_path / "1", m=5)
    book.measure("0a0", 301.0)
    rulings = many(book, [8, 8])
    assert rulings == {"h0": Ruling.INVALID, "h1": Ruling.UNDECIDED}


def test_refutations_are_a_family_of_their_own(book):
    for h, outcome in (("up", 1.0), ("down", -1.0)):
        book.register_pairs(h, [(f"{h}a{i}", f"{h}b{i}") for i in range(20)])
        for i in range(8 if h == "up" else 6):
            book.try_pair(h, (f"{h}a{i}", f"{h}b{i}"), outcome)
    assert {v.ruling for v in book.judge.verdicts().values()} == {Ruling.UNDECIDED}


# -- a pure function of the record --------------------------------------------------------


def test_the_verdict_does_not_depend_on_the_order_of_unrelated_events(ledger, tmp_path):
    rng = random.Random(4)
    outcomes = {
        "h0": [1.0] * 12, "h1": [-1.0] * 12, "h2": [rng.choice((-1.0, 1.0)) for _ in range(20)]
    }  # fmt: skip
    found = []
    for shuffle in range(4):
        book = ledger.Book(tmp_path / str(shuffle))
        for h in outcomes:
            book.register_pairs(h, [(f"{h}a{i}", f"{h}b{i}") for i in range(20)])
        left = {h: list(enumerate(o)) for h, o in outcomes.items()}
        while any(left.values()):
            h = rng.choice([h for h, o in left.items() if o])
            i, outcome = left[h].pop(0)
            if rng.random() < 0.3:
                book.measure(f"noise{book.count}", 1000 * rng.random(), purpose="check")
            book.try_pair(h, (f"{h}a{i}", f"{h}b{i}"), outcome)
        verdicts = book.judge.verdicts()
        assert Judge(book.docket, book.blobs).verdicts() == verdicts
        found.append(dict(sorted(verdicts.items())))
    assert all(other == found[0] for other in found)
    assert {v.ruling for v in found[0].values()} >= {Ruling.SUPPORTED, Ruling.REFUTED}


def test_a_judge_that_watched_the_run_finds_what_a_new_one_finds(book):
    """The judge keeps the draws it has seen; a record only grows, so that must not matter."""
    rng = random.Random(9)
    book.register_pairs("h", PAIRS, failure_rate=1.0)
    book.register_laws(tables(), 14)
    for i, x in enumerate(XS):
        book.experiment("h", PAIRS[i])
        for case in rng.sample(PAIRS[i], 2):
            book.measure(case, rng.choice([299.0, 300.0, 301.0, None]))
            assert book.judge.path("h") == Judge(book.docket, book.blobs).path("h")
        book.experiment(tuple(tables()), (f"d{x}",))
        book.measure(f"d{x}", 5.0 * x**2 * (1 + 0.3 * rng.random()))
        new = Judge(book.docket, book.blobs)
        for h in ("h", *tables()):
            assert book.judge.path(h) == new.path(h)
        assert book.judge.verdicts() == new.verdicts()


def test_a_run_of_false_hypotheses_seldom_supports_any(ledger, tmp_path):
    """Five planted nulls a run, each at its boundary: any false support in at most alpha."""
    rng = np.random.default_rng(31)
    process, threshold = Sign(), math.log(5 / 0.05)
    wrong = 0
    for _ in range(300):
        paths = [process.path(np.where(rng.random(60) < 0.5, 1.0, -1.0))[0] for _ in range(5)]
        frozen = {}
        for i, path in enumerate(paths):
            crossed = np.flatnonzero(path >= threshold)
            frozen[f"h{i}"] = float(path[crossed[0]] if len(crossed) else path[-1])
        best = sorted(frozen.values(), reverse=True)
        wrong += any(math.log(k) + v >= threshold for k, v in enumerate(best, start=1))
    from scipy import stats

    assert stats.binom.sf(wrong - 1, 300, 0.05) > 1e-4

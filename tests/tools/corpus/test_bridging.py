"""Bridges between terms: worked examples, error rates on nothing, and a planted link."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.tools import Pool, Refuse
from gaseol.tools.corpus import bridge_terms
from gaseol.tools.corpus.adding import add
from gaseol.tools.corpus.bridging import false_discovery_rates, joined
from gaseol.tools.corpus.index import Index, file_of
from gaseol.traces.nouns.failure import FailureKind


def test_a_link_by_hand() -> None:
    """A in 3, B in 3 of 10 documents, together in 3: one way of 120 to choose three of ten."""
    there = {"a": {0, 1, 2}, "b": {0, 1, 2}, "c": {3, 4}}
    (pair,) = joined(10, {**there, "b": {0, 1, 2, 3, 4}}, ["a"], ["b"], ["c"], unjoined=True)
    # P(3 of 3 in 5 of 10) = C(5,3)/C(10,3) = 10/120; P(2 of 2 in 5 of 10) = C(5,2)/C(10,2) = 10/45
    assert pair.p == pytest.approx(10 / 45)
    assert pair.bridges[0].with_start == 3
    assert pair.together == 0
    (near,) = joined(10, {**there, "c": {0, 1, 2}}, ["a"], ["b"], ["c"], unjoined=False)
    assert near.p == pytest.approx(1 / 120)
    assert joined(10, {**there, "c": {0}}, ["a"], ["b"], ["c"], unjoined=True) == []


def test_rates_by_hand() -> None:
    """Three tests: harmonic number 11/6."""
    rates = false_discovery_rates([0.01, 0.02, 0.5])
    assert rates == pytest.approx([0.01 * 3 * 11 / 6, 0.02 * 3 * 11 / 6 / 2, 0.5 * 11 / 6])
    assert false_discovery_rates([]) == []


@given(st.lists(st.floats(0, 1), max_size=40))
def test_rates_rise_and_are_no_less_than_p(values: list[float]) -> None:
    values.sort()
    rates = false_discovery_rates(values)
    assert rates == sorted(rates)
    assert all(p <= q + 1e-12 and q <= 1 for p, q in zip(values, rates, strict=True))


def test_on_nothing_hardly_anything_is_found() -> None:
    """200 made-up corpora without any relation: a false call at q < .05 in less than 5% of them."""
    rng, false = np.random.default_rng(0), 0
    for _ in range(200):
        terms = [f"t{n}" for n in range(18)]
        there = {t: set(np.flatnonzero(rng.random(150) < 0.08).tolist()) for t in terms}
        rows = joined(150, there, terms[:6], terms[6:12], terms[12:], unjoined=True)
        false += bool(rows) and rows[0].q < 0.05
    assert false <= 10


def test_a_planted_bridge_is_found_and_only_that(
    tmp_path: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GASEOL_CORPORA", str(tmp_path))
    rng = np.random.default_rng(1)
    herbs, compounds, targets = (
        ["감초", "황기", "당귀"],
        ["alphin", "betin", "gammin"],
        ["T1", "T2"],
    )
    rows = []
    for n in range(240):
        said = (
            [str(rng.choice(herbs)) + "를", "시료"]
            if n % 2
            else [str(rng.choice(targets)), "assay"]
        )
        if "감초를" in said or (said[0] == "T1" and rng.random() < 0.6):
            said.append("alphin")
        elif rng.random() < 0.3:
            said.append(str(rng.choice(compounds[1:])))
        rows.append({"title": f"문서 {n}", "text": " ".join(said), "year": 2000 + n % 20})
    rows.append({"title": "later", "text": "감초의 T1 결합", "year": 2024})
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    with Index(file_of("default"), write=True) as index:
        add(index, folder, pool)
    found = bridge_terms(herbs, compounds, [*targets, "T9"], before=2024)
    assert (found.documents, found.tried, found.unseen) == (240, 6, ("T9",))
    called = [(pair.start, pair.end) for pair in found.pairs if pair.q < 0.05]
    assert called == [("감초", "T1")]
    assert found.pairs[0].bridges[0].term == "alphin"
    # in the later document somebody has joined them
    later = bridge_terms(herbs, compounds, targets)
    assert ("감초", "T1") not in [(pair.start, pair.end) for pair in later.pairs]
    kept = bridge_terms(herbs, compounds, targets, unjoined=False)
    assert (kept.pairs[0].end, kept.pairs[0].together) == ("T1", 1)


def test_what_cannot_be_tested_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GASEOL_CORPORA", str(tmp_path))
    with pytest.raises(Refuse) as raised:
        bridge_terms(["a"], ["b"], ["c"])
    assert raised.value.kind is FailureKind.UNAVAILABLE
    with Index(file_of("default"), write=True):
        pass
    with pytest.raises(Refuse) as raised:
        bridge_terms(["a"], ["b"], ["c"])
    assert raised.value.kind is FailureKind.EMPTY

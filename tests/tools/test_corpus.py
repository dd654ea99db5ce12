"""Hostile chemistry and materials: each input ends within its limit, with the right typed failure."""

import importlib.util
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from gaseol.tools import Answer, Call, Pool, Registry

FOLDER = Path(__file__).parent / "corpus"


def _corpus():
    spec = importlib.util.spec_from_file_location("gaseol_tests_corpus", FOLDER / "hostile.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


CORPUS = _corpus()
INPUTS = CORPUS.corpus()
QUICK = ("molecule_identity", "pattern_matches", "read_mol_block", "read_structure", "hull",
         "describe_structure", "bulk_modulus", "molecule_features")  # fmt: skip
"""Tools that read no large table when they are first called."""
SLACK_SECONDS = 30
"""For a worker to be killed and another to begin; limits themselves are the pool's to hold."""


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(Registry.load([FOLDER]), jobs=2, allow_weak=True) as pool:
        yield pool


def outcome(answer: Answer) -> str:
    return answer.failure.kind.value if answer.failure else CORPUS.VALUE


def wrong(pool: Pool, inputs) -> list[str]:
    answers = pool.map(Call(tool=one.tool, arguments=one.arguments) for one in inputs)
    said = []
    for one, answer in zip(inputs, answers, strict=True):
        limit = pool.registry.get(one.tool).limit_seconds
        if outcome(answer) not in one.right:
            reason = answer.failure.reason[:200] if answer.failure else repr(answer.value)[:80]
            said.append(
                f"{one}: {outcome(answer)}, right is {'/'.join(sorted(one.right))}: {reason}"
            )
        if answer.seconds > limit + SLACK_SECONDS:
            said.append(f"{one}: took {answer.seconds:.0f} s of {limit}")
    return said


def test_there_are_enough_of_each_kind():
    kinds = Counter(one.kind for one in INPUTS)
    assert len(INPUTS) >= 300
    assert min(kinds.values()) >= 10, kinds
    assert len(set(map(str, INPUTS))) == len(INPUTS)
    assert len({(one.kind, one.name) for one in INPUTS}) >= 200


def test_a_sample_of_each_kind(pool):
    """Every seventh of the quick ones; the whole of it is slow."""
    assert wrong(pool, [one for one in INPUTS if one.tool in QUICK][::7]) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted({one.kind for one in INPUTS}))
def test_all_of_a_kind(pool, kind):
    assert wrong(pool, [one for one in INPUTS if one.kind == kind]) == []
    assert not Path("/tmp/gaseol-owned").exists()

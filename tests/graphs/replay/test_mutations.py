"""Strict replay finds what was changed in a record, also by one who chained and sealed it anew."""

import importlib.util
import random
import sys
from pathlib import Path

import pytest

from gaseol.graphs.replay.replaying import replay

ATTACK = Path(__file__).parents[2] / "attacks" / "mutate.py"


@pytest.fixture(scope="module")
def attack():
    spec = importlib.util.spec_from_file_location("gaseol_tests_mutate", ATTACK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_change_is_found(attack, play, tmp_path):
    folder = play(budget__experiments=30).path
    assert replay(folder).holds
    found = attack.attack(folder, 80, seed=3, scratch=tmp_path)
    assert found["examples"] == []
    by_replay = sum(n.get("replay", 0) for n in found["found"]["forged"].values())
    assert by_replay > 5, "replay is needed: verifying alone does not find these"


@pytest.mark.slow
@pytest.mark.parametrize("base", ["LAWS", "CURVES"])
def test_every_change_is_found_elsewhere(attack, play, tmp_path, base):
    folder = play(base).path
    found = attack.attack(folder, 150, seed=5, scratch=tmp_path)
    assert found["examples"] == []


def test_the_attack_can_miss(attack, play, tmp_path):
    """A change that changes nothing is not found, and the attack says so."""
    folder = play(budget__experiments=30).path
    (tmp_path / "copy").mkdir()
    for name in ("run.json", "events.jsonl", "seal.json"):
        (tmp_path / "copy" / name).write_bytes((folder / name).read_bytes())
    (tmp_path / "copy" / "blobs").symlink_to(folder / "blobs")
    nothing = attack.Mutation("nothing", "nowhere", lambda events, run: None)
    assert attack.outcome(tmp_path / "copy", folder, nothing, chained=True) == "missed"


def test_mutations_are_of_every_kind(attack, play):
    folder = play(budget__experiments=30).path
    made = attack.mutations(folder, random.Random(1))
    kinds = {next(made).kind for _ in range(400)}
    assert kinds >= {
        "argument", "tool name", "result", "order", "dropped event", "added event", "scenario",
        "code version", "changed evidence", "changed verdict", "changed registration",
    }  # fmt: skip

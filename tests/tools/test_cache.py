"""The cache: what was measured is found again, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.tools import Answer, tool
from gaseol.tools.cache import Cache, Key
from gaseol.traces.nouns.failure import Failure, FailureKind

KEY = Key("mass", "d" * 64, {"smiles": "CCO", "at": 1.5})
ANSWER = Answer(value={"x": [1.0, None, "é"]}, seconds=0.1, cpu_seconds=0.1, isolation="weak")


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


def files(cache):
    return [path for path in cache.folder.rglob("*") if path.is_file()]


def test_what_is_put_is_got(cache):
    assert cache.get(KEY).answer is None
    assert cache.put(KEY, ANSWER)
    assert cache.get(KEY).answer == ANSWER
    assert cache.get(KEY).warning is None
    assert len(files(cache)) == 1


def test_the_order_of_arguments_does_not_matter():
    assert Key("mass", "d" * 64, {"at": 1.5, "smiles": "CCO"}).sha256 == KEY.sha256


@pytest.mark.parametrize(
    "other",
    [
        Key("mas", "d" * 64, KEY.arguments),
        Key("mass", "e" * 64, KEY.arguments),
        Key("mass", "d" * 64, {"smiles": "CCO"}),
        Key("mass", "d" * 64, {"smiles": "CCO", "at": "1.5"}),
    ],
)
def test_another_call_is_not_served(cache, other):
    cache.put(KEY, ANSWER)
    assert cache.get(other).answer is None


def test_a_failure_is_not_kept(cache):
    failure = Failure(kind=FailureKind.TIMED_OUT, reason="slow")
    assert not cache.put(KEY, Answer(failure=failure, seconds=0, cpu_seconds=0, isolation="weak"))
    assert cache.get(KEY).answer is None


def test_a_tool_of_chance_has_no_key():
    @tool(deterministic=False)
    def roll() -> int:
        """Roll a die."""
        return 4

    assert Key.of(roll, {}) is None
    assert Key.of(roll.card, {}) is None
    certain = tool(roll.function)
    key = Key.of(certain, {})
    assert key is not None
    assert key.digest == certain.digest


@given(st.data())
def test_no_damaged_entry_is_served(tmp_path_factory, data):
    cache = Cache(tmp_path_factory.mktemp("cache"))
    cache.put(KEY, ANSWER)
    (file,) = files(cache)
    content = bytearray(file.read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    file.write_bytes(content)
    found = cache.get(KEY)
    assert found.answer is None
    assert "dropped" in (found.warning or "")
    assert not files(cache)
    assert cache.put(KEY, ANSWER)
    assert cache.get(KEY).answer == ANSWER


def test_an_entry_moved_to_another_address_is_not_served(cache):
    other = Key("mass", "d" * 64, {"smiles": "C"})
    cache.put(KEY, ANSWER)
    (file,) = files(cache)
    target = cache.folder / other.sha256[:2] / other.sha256[2:]
    target.parent.mkdir(exist_ok=True)
    file.rename(target)
    found = cache.get(other)
    assert found.answer is None
    assert "another call" in (found.warning or "")

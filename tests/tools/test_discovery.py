"""Discovery: the few that matter, in few words."""

import orjson
import pytest

from gaseol.tools import Refuse, Registry, Tool, tool
from gaseol.tools.discovery import discovery_tools, families, ranked
from gaseol.traces.nouns.failure import FailureKind


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.load()


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("boiling point", "boiling_point"),
        ("BOIL", "boiling_point"),
        ("matched pairs of molecules", "matched_pairs"),
        ("hydration energy", "hydration_free_energy"),
        ("space group", "symmetry"),
        ("x-ray powder pattern", "powder_pattern"),
        ("convex hull energies", "hull"),
    ],
)
def test_the_first_is_the_one_that_was_meant(registry, words, name):
    assert ranked(registry, words)[0].name == name


def test_what_is_found_is_described(registry):
    find, describe = discovery_tools(registry)
    hints = find.invoke({"words": "melting"})
    assert hints[0]["name"] == "melting_point"
    assert set(hints[0]) == {"name", "summary", "needs"}
    told = describe.invoke({"name": "melting_point"})
    assert told["arguments"] == registry.get("melting_point").input_schema
    assert len(find.invoke({"words": "a molecule crystal", "most": 3})) == 3


def test_nothing_found_names_the_families(registry):
    find, describe = discovery_tools(registry)
    with pytest.raises(Refuse, match=r"there are tools about .*chemistry") as caught:
        find(words="zzzz")
    assert caught.value.kind is FailureKind.EMPTY
    with pytest.raises(Refuse, match="did you mean boiling_point"):
        describe(name="boilingpoint")
    for words in ("", "x" * 1000, "!!!"):
        with pytest.raises(Refuse):
            find(words=words)


def test_families(registry):
    found = families(registry)
    assert "boiling_point" in found["chemistry"]
    assert list(found) == sorted(found)


def test_a_hundred_tools_fit_into_few_words():
    def made(number: int) -> Tool[..., int]:
        def measure(amount: float, kind: str, options: dict[str, float]) -> int:
            """Measure something of a sample by an instrument.

            Args:
                amount: of the sample.
                kind: of instrument, in words that take some room in a schema.
                options: of the instrument.
            """
            return number

        measure.__name__ = f"measure_{number}"
        return tool(tags=("bulk",))(measure)

    registry = Registry(made(number) for number in range(100))
    find, describe = discovery_tools(registry)
    offered = orjson.dumps([one.card.model_dump(mode="json") for one in (find, describe)])
    found = orjson.dumps(find.invoke({"words": "measure sample"}))
    whole = orjson.dumps([one.card.model_dump(mode="json") for one in registry])  # type: ignore[union-attr]
    assert len(whole) > 20 * (len(offered) + len(found))


def test_missing_libraries_are_said_with_how_to_get_them():
    @tool(needs=("no_such_library",))
    def far() -> int:
        """Need what nobody has."""
        return 1

    find, _ = discovery_tools(Registry([far]))
    assert "pip install 'no_such_library'" in find.invoke({"words": "far"})[0]["needs"]

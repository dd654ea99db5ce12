from typing import Any

import numpy as np
import pytest

from gaseol.tools.materials.composition_space import Compositions, compositions
from gaseol.tools.space import SpaceError


def test_compositions_are_listed_within_their_ceilings() -> None:
    space = Compositions(("Fe", "Co", "Ni"), 4, (1, 0.5, 1))
    every = space.enumerate()
    assert space.size == len(every) == len(set(every)) == 12
    assert "Fe1Co2Ni1" in every
    assert "Co4" not in every
    assert sum(space.rows(["Fe1Co2Ni1"])[0][e] for e in ("Fe", "Co", "Ni")) == 1  # type: ignore[misc]


def test_what_is_changed_and_mixed_stays_a_composition() -> None:
    space = Compositions(("Fe", "Co", "Ni"), 6)
    every, rng = set(space.enumerate()), np.random.default_rng(0)
    points = space.sample(8, rng)
    for _ in range(20):
        young = space.mutate(points, rng) + space.cross(points, points[::-1], rng)
        assert young
        assert set(young) <= every
        points = young[:8]


def test_features_are_shares_and_what_elements_bring() -> None:
    space = Compositions(("Fe", "O"), 2)
    features = space.featurise(["Fe1O1", "O2"])
    assert features.numeric[:, :2].tolist() == [[0.5, 0.5], [0.0, 1.0]]
    assert features.numeric[1, 2] == 1.0  # oxygen is the more electronegative of the two


@pytest.mark.parametrize(
    ("elements", "most", "said"),
    [(("Fe",), (), "two different"), (("Fe", "Xx"), (), "'Xx' is no element"),
     (("Fe", "Co"), (0.2, 0.2), "do not add up")],
)  # fmt: skip
def test_what_is_no_space_is_refused(
    elements: tuple[str, ...], most: tuple[float, ...], said: str
) -> None:
    with pytest.raises(SpaceError, match=said):
        Compositions(elements, 10, most)


def test_another_formula_is_refused() -> None:
    with pytest.raises(SpaceError, match="no composition of 4 steps"):
        Compositions(("Fe", "Co"), 4).featurise(["Fe1Co1"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"elements": "FeCo"}, "`elements` is a list of symbols"),
        ({"elements": ["Fe", ["Co"]]}, "`elements` is a list of symbols"),
        ({"elements": ["Fe", "Co"], "steps": "ten"}, "`steps` is a whole number, not 'ten'"),
        ({"elements": ["Fe", "Co"], "steps": 2.5}, "`steps` is a whole number"),
        ({"elements": ["Fe", "Co"], "steps": 10**30}, "1 to 10000 steps"),
        ({"elements": ["Fe", "Co"], "most": 0.5}, "`most` is a list of numbers"),
        ({"elements": ["Fe", "Co"], "most": [2, 1]}, "between 0 and 1"),
        ({"elements": ["Fe", "Co"], "most": [float("nan"), 1]}, "between 0 and 1"),
    ],
)
def test_options_that_make_no_space_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(SpaceError, match=said):
        compositions.make([], options)


def test_noble_gases_have_no_electronegativity_and_are_mixed_all_the_same() -> None:
    assert np.isfinite(Compositions(("He", "Ne"), 4).featurise(["He1Ne3"]).numeric).all()

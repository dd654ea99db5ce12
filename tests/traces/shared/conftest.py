"""A sealed run, to be shared."""

import pytest

from gaseol.graphs import run
from gaseol.scenarios import Scenario


@pytest.fixture(scope="session")
def sealed(world, pool, tmp_path_factory):
    """A small run that has ended."""
    small = world.changed(world.EFFECTS, budget__experiments=6, hypotheses__maximum=1)
    folder = tmp_path_factory.mktemp("sealed") / "small"
    run(Scenario.model_validate(small), out=folder, pool=pool, report=False)
    return folder

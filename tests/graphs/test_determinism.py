"""The same seed is the same run, however many workers measure."""

import pytest

from gaseol.graphs import run
from gaseol.scenarios import Scenario
from gaseol.tools import Pool
from gaseol.traces.record.projection import projection_bytes


@pytest.fixture(scope="module")
def alone(registry):
    with Pool(registry, jobs=1) as workers:
        yield workers


@pytest.mark.parametrize("base", ["EFFECTS", "LAWS", "CURVES"])
def test_the_toy_world(world, pool, alone, tmp_path, base):
    scenario = Scenario.model_validate(
        world.changed(getattr(world, base), hypotheses__pilot=8, measurement__readings=1)
    )
    found = {
        (seed, jobs): projection_bytes(
            run(
                scenario, seed=seed, out=tmp_path / f"{seed}-{jobs}", report=False,
                pool={1: alone, 2: pool}[jobs],
            ).trace
        )
        for seed, jobs in ((0, 1), (0, 2), (1, 2))
    }  # fmt: skip
    assert found[0, 1] == found[0, 2]
    assert found[0, 2] != found[1, 2]


@pytest.mark.parametrize(
    "name",
    ["stiffness", *(pytest.param(n, marks=pytest.mark.slow)
                    for n in ("null", "diffraction", "boiling", "hydration"))],
)  # fmt: skip
def test_what_is_built_in(tmp_path, name):
    one, two = (
        projection_bytes(run(name, seed=7, jobs=jobs, out=tmp_path / f"{jobs}", report=False).trace)
        for jobs in (1, 2)
    )
    assert one == two


@pytest.mark.slow
@pytest.mark.parametrize("name", ["null", "stiffness", "diffraction"])
def test_another_seed_is_another_run(tmp_path, name):
    found = {
        projection_bytes(run(name, seed=s, out=tmp_path / f"{s}", report=False).trace)
        for s in (0, 1)
    }
    assert len(found) == 2


def test_the_random_scientist_draws_factors_too(play):
    laws = {
        "variables": ["size", "weight"], "terms": 1, "propose": 2, "exponents": [1, 2],
        "factors": ["sum", "sin", "exp"],
    }  # fmt: skip
    drawn = []
    for seed in range(6):
        run = play(
            "LAWS", scientist="random", seed=seed, hypotheses__pilot=8, hypotheses__laws=laws,
            variables={"size": {}, "weight": {}}, budget__experiments=2,
        )  # fmt: skip
        drawn += [
            h.relation for h in run.docket.hypotheses.values() if h.mechanism == "Drawn by lot."
        ]
    forms = {law.factor.form if law.factor else None for law in drawn}
    assert len(forms) >= 2

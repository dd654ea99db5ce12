"""A run under a site's ceiling."""

import pytest

from gaseol.graphs import resume, run
from gaseol.graphs.replay.rerunning import rerun
from gaseol.scenarios.checker import check
from gaseol.scenarios.loader import ScenarioError, load
from gaseol.tools.site import SiteError
from gaseol.traces import verify


@pytest.fixture
def ruled(tmp_path, monkeypatch):
    def rule(text: str) -> None:
        path = tmp_path / "site.yaml"
        path.write_text(f"name: Institute\n{text}")
        monkeypatch.setenv("GASEOL_SITE", str(path))

    return rule


def test_what_asks_for_more_is_refused_before_anything_is_written(ruled, world, pool, tmp_path):
    scenario = load(world.write(tmp_path / "asked", world.EFFECTS))
    ruled("policy: {payloads: apart}\n")
    with pytest.raises(ScenarioError, match=r"policy\.payloads: .*kept apart here.*Institute"):
        check(scenario, pool.registry)
    with pytest.raises(ScenarioError):
        run(scenario, out=tmp_path / "run", pool=pool)
    assert not (tmp_path / "run").exists()


def test_a_run_names_the_site_that_it_was_made_at(ruled, world, pool, tmp_path):
    scenario = load(world.write(tmp_path / "asked", world.EFFECTS))
    ruled("scientists: {any: random}\n")
    made = run(scenario, scientist="site", out=tmp_path / "run", pool=pool, report=False)
    assert made.trace.run["site"]["name"] == "Institute"
    assert made.trace.run["site"]["policy"]["network"] == "deny"
    assert made.trace.run["scientist"] == "random"
    assert verify(made.path).holds


def test_weak_isolation_is_for_the_site_to_allow(ruled, world, pool, tmp_path):
    scenario = load(world.write(tmp_path / "asked", world.EFFECTS))
    ruled("")
    with pytest.raises(SiteError, match="under weak isolation"):
        run(scenario, out=tmp_path / "run", pool=pool, allow_weak=True)
    assert not (tmp_path / "run").exists()
    run(scenario, out=tmp_path / "run", pool=pool, report=False)
    with pytest.raises(SiteError, match="under weak isolation"):
        rerun(tmp_path / "run", pool=pool, allow_weak=True)
    (tmp_path / "run" / "seal.json").unlink()
    with pytest.raises(SiteError, match="under weak isolation"):
        resume(tmp_path / "run", pool=pool, allow_weak=True)

"""A run at a site with screens: what a list names is not measured, and the record says why."""

from pathlib import Path

import pytest

from gaseol.graphs import run
from gaseol.graphs.replay.replaying import replay
from gaseol.scenarios import Scenario
from gaseol.tools import Pool
from gaseol.tools.site import SiteError
from gaseol.traces.record.trace import Trace
from gaseol.traces.verification.verifier import verify

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)[O-].[Na+]"
ALKANES = tuple({"smiles": "C" * n, "carbons": n} for n in range(1, 25))
ASKED = {
    "name": "masses",
    "title": "Masses",
    "question": "Do more carbons make a molecule heavier?",
    "cases": {"key": "smiles", "rows": (*ALKANES, {"smiles": ASPIRIN, "carbons": 9})},
    "variables": {"carbons": {"unit": "1", "description": "carbon atoms"}},
    "measurement": {
        "name": "molar mass",
        "tool": "molecule_identity",
        "arguments": {"smiles": "{smiles}"},
        "value": "molar_mass",
        "unit": "g/mol",
    },
    "hypotheses": {
        "pilot": 0,
        "draws": 12,
        "maximum": 1,
        "beliefs": [
            {
                "statement": "more carbons, more mass",
                "relation": {"kind": "trend", "variable": "carbons", "direction": "raises"},
            }
        ],
    },
}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "list.csv").write_text("name,smiles\naspirin,CC(=O)Oc1ccccc1C(=O)O\n")
    path = tmp_path / "site.yaml"
    path.write_text("name: I\nscreens: {chemicals: {by: screen_molecules, file: list.csv}}\n")
    monkeypatch.setenv("GASEOL_SITE", str(path))
    return path


def test_what_is_listed_is_not_measured_and_a_replay_needs_no_list(
    site: Path, pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(Scenario.model_validate(ASKED), out=tmp_path / "run", pool=pool, report=False)
    trace = Trace(done.path)
    (listed,) = trace.run["site"]["screens"].values()
    assert set(listed) == {"by", "sha256"}  # of what it names nothing stands on record
    measured = [e.data["measurement"] for e in trace.events("measurement")]
    refused = [m for m in measured if m.get("failure")]
    assert len(measured) > len(refused)
    assert {(m["case"], m["failure"]["kind"]) for m in refused} == {(ASPIRIN, "refused")}
    decisions = [e.data for e in trace.events("policy.decision") if not e.data["allowed"]]
    assert [d["subject"] for d in decisions] == ["tool molecule_identity"]
    assert "the screen 'chemicals' names aspirin" in decisions[0]["reason"]
    assert verify(done.path).holds
    monkeypatch.delenv("GASEOL_SITE")
    site.unlink()
    found = replay(done.path)
    assert found.holds, (found.divergence, found.problems)


def test_a_list_that_cannot_be_used_begins_no_run(site: Path, pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("name,smiles\naspirin,C1CC\n")
    with pytest.raises(SiteError, match=r"screens\.chemicals: .*line 2: 'C1CC' is no SMILES"):
        run(Scenario.model_validate(ASKED), out=tmp_path / "run", pool=pool, report=False)
    assert not (tmp_path / "run").exists()

"""`gaseol run --control` on a campaign that was made out of one's own table."""

from itertools import product

import pytest

SOLVENTS = {"water": 0.0, "ethanol": 2.5, "hexane": -1.0, "acetone": 1.0}


@pytest.mark.slow
def test_a_table_of_ones_own_shows_how_much_sooner_a_search_gets_there(
    gaseol, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    rows = product(range(0, 30, 3), range(300, 420, 10), SOLVENTS)
    lines = ["recipe,Filler (%),Heat (K),Solvent,Strength (MPa)"]
    for number, (filler, heat, solvent) in enumerate(rows):
        strength = 12 - ((filler - 15) / 8) ** 2 - ((heat - 360) / 30) ** 2 + SOLVENTS[solvent]
        lines.append(f"r{number},{filler},{heat},{solvent},{strength:.3f}")
    (tmp_path / "glue.csv").write_text("\n".join(lines))
    made = gaseol("new", "scenario", "glue", "--from", "glue.csv", "--maximize", "Strength (MPa)")
    assert made.code == 0
    given = ("run", "glue", "--control", "--seeds", "3", "--out", tmp_path / "arms")
    found = gaseol(*given, "--json")
    assert found.code == 0
    guided, blind = found.json["arms"]
    assert (guided["scientist"], blind["scientist"]) == ("embedded", "random")
    assert [run["seed"] for run in guided["runs"]] == [0, 1, 2]
    assert guided["best"]["mean"] == 14.5  # the best row there is, on every seed
    assert guided["cases_to_par"]["mean"] < blind["cases_to_par"]["mean"]
    assert "embedded" in (tmp_path / "arms" / "progress.svg").read_text()
    # for a person, of the same runs
    told = gaseol(*given)
    assert told.code == 0
    best, sooner = (next(line for line in told.out.splitlines() if line.startswith(words))
                    for words in ("best value found", "cases to what every arm reached"))  # fmt: skip
    assert "14.5" in best
    assert f"{guided['cases_to_par']['mean']:.4g} [" in sooner
    assert "progress.svg" in told.out

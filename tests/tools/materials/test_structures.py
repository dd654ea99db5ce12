"""Reading structures, the hostile ones too, and saying what they are."""

import json
import time
from pathlib import Path

import pytest

from gaseol.tools import Refuse, Retry
from gaseol.tools.materials import (
    describe_structure,
    read_structure,
    read_structure_file,
    symmetry,
    write_structure,
)
from gaseol.tools.materials.crystal import Crystal
from gaseol.tools.materials.structures import MAX_OPERATIONS
from gaseol.traces.nouns.failure import FailureKind

SILICA = Path(__file__).parents[3] / "scenarios" / "diffraction" / "structures"


# Densities in g/cm3 and space groups as the papers named in the files give them.
@pytest.mark.parametrize(
    ("name", "number", "density", "sites"),
    [
        ("quartz", 154, 2.646, 9),
        ("cristobalite", 92, 2.33, 12),
        ("coesite", 15, 2.921, 48),
        ("stishovite", 136, 4.281, 6),
        ("seifertite", 60, 4.295, 12),
    ],
)
def test_the_forms_of_silica(name, number, density, sites):
    crystal = read_structure_file(SILICA / f"{name}.cif")
    described = describe_structure(crystal)
    assert described.formula == "SiO2"
    assert described.sites == len(crystal.sites) == sites
    assert described.density == pytest.approx(density, rel=0.003)
    # Si-O bonds: 1.59 to 1.63 angstrom about four, 1.74 to 1.86 about six oxygens.
    assert 1.58 < described.shortest_distance < 1.77
    assert symmetry(crystal).number == number


def test_symmetry_of_silicon(silicon):
    found = symmetry(silicon)
    assert (found.space_group, found.number, found.point_group) == ("Fd-3m", 227, "m-3m")
    assert found.crystal_system == "cubic"
    assert found.operations == 192
    assert found.orbits == (tuple(range(8)),)


def test_density_of_halite(halite):
    # 2.165 g/cm3: CRC Handbook of Chemistry and Physics, physical constants of inorganic compounds.
    assert describe_structure(halite).density == pytest.approx(2.165, rel=0.002)


def test_a_result_can_be_read_again(halite):
    assert read_structure(halite.model_dump_json(), "json") == halite


def test_pymatgen_json_is_read_without_its_decoder(halite):
    held = halite.to_pymatgen().as_dict()
    # pymatgen's own from_dict hands this to a decoder, which would import and call it.
    held["sites"][0]["properties"] = {
        "x": {"@module": "os", "@class": "system", "@callable": "system", "@bound": None}
    }
    assert read_structure(json.dumps(held, default=float), "json") == halite


def test_a_json_of_another_class_asks_again():
    with pytest.raises(Retry, match="not a Structure"):
        read_structure('{"@module": "subprocess", "@class": "Popen", "args": ["true"]}', "json")


POSCAR = """halite
1.0
5.6402 0 0
0 5.6402 0
0 0 5.6402
Na Cl
1 1
direct
0 0 0
0.5 0.5 0.5
"""


def test_a_poscar():
    crystal = read_structure(POSCAR, "poscar")
    assert [site.element for site in crystal.sites] == ["Na", "Cl"]


def test_a_poscar_that_claims_a_thousand_million_atoms_is_refused_at_once():
    start = time.perf_counter()
    with pytest.raises((Refuse, Retry)):
        read_structure(POSCAR.replace("1 1\n", "1000000000 1\n"), "poscar")
    with pytest.raises(Refuse, match="claims 1000000 atoms"):
        read_structure(POSCAR.replace("1 1\n", "999999 1\n"), "poscar")
    assert time.perf_counter() - start < 5


def test_a_poscar_without_elements_asks_for_them():
    with pytest.raises(Retry, match="name the elements"):
        read_structure(POSCAR.replace("Na Cl\n", "1 1\n"), "poscar")


def silica_cif(name="stishovite"):
    return (SILICA / f"{name}.cif").read_text(encoding="utf-8")


def test_a_cif_with_too_many_operations_is_refused_before_they_are_applied():
    lines = "\n".join(f"'x+1/{n},y,z'" for n in range(2, 3 + MAX_OPERATIONS))
    start = time.perf_counter()
    with pytest.raises(Refuse, match="operations"):
        read_structure(silica_cif().replace("'x,y,z'", "'x,y,z'\n" + lines), "cif")
    assert time.perf_counter() - start < 5


def test_a_cif_with_too_many_sites_is_refused():
    rows = "\n".join(f"O{i} O 0.{i:05d} 0 0" for i in range(1, 2000))
    with pytest.raises(Refuse, match="sites"):
        read_structure(silica_cif() + rows + "\n", "cif")


def test_the_largest_cif_that_is_read_is_read_in_time():
    lines = "\n".join(f"'x+{n}/175,y,z'" for n in range(1, 175))
    rows = "\n".join(f"O{i} O 0.{i:03d}1 0.2 0.3" for i in range(1, 14))
    start = time.perf_counter()
    with pytest.raises((Refuse, Retry)):
        read_structure(silica_cif().replace("'x,y,z'", "'x,y,z'\n" + lines) + rows + "\n", "cif")
    assert time.perf_counter() - start < 20


def test_a_line_that_is_too_long_is_refused_at_once():
    start = time.perf_counter()
    with pytest.raises(Refuse, match="line"):
        read_structure("data_x\n_a " + "'a " * 60_000, "cif")
    assert time.perf_counter() - start < 1


def test_a_cif_may_name_its_space_group_only():
    lines = silica_cif().splitlines()
    named = [line for line in lines if not line.startswith(("'", "_space_group_symop"))]
    text = "\n".join(named).replace("loop_\nloop_", "loop_")
    assert len(read_structure(text, "cif").sites) == 6


def test_an_operation_that_is_none_asks_again():
    with pytest.raises(Retry, match="symmetry operation"):
        read_structure(silica_cif().replace("'x,y,z'", "'x,y,__import__'"), "cif")


def test_two_structures_ask_for_one():
    with pytest.raises(Retry, match="2 structures"):
        read_structure(silica_cif() + silica_cif("quartz"), "cif")


def test_a_text_that_is_too_long_is_a_bad_argument():
    with pytest.raises(Refuse) as refused:
        read_structure("x" * 200_001)
    assert refused.value.kind is FailureKind.BAD_ARGUMENTS


@pytest.mark.parametrize("written", ["cif", "poscar", "json"])
@pytest.mark.parametrize(
    "text", ["", "nonsense", "data_\nloop_\n_atom_site_fract_x\n", "[1]", "{}"]
)
def test_nonsense_asks_again(text, written):
    with pytest.raises((Refuse, Retry)):
        read_structure(text, written)


def test_atoms_on_each_other_are_impossible():
    close = POSCAR.replace("0.5 0.5 0.5", "0.02 0.02 0.02")
    with pytest.raises(Refuse) as refused:
        read_structure(close, "poscar")
    assert refused.value.kind is FailureKind.IMPOSSIBLE


def test_a_flat_cell_is_no_crystal():
    with pytest.raises(ValueError, match="plane"):
        Crystal.model_validate(
            {
                "cell": [[4, 0, 0], [0, 4, 0], [4, 4, 0]],
                "sites": [{"element": "Fe", "position": [0, 0, 0]}],
            }
        )


def test_a_file_that_says_no_format_asks_again(tmp_path):
    with pytest.raises(Retry, match="no format"):
        read_structure_file(tmp_path / "structure.txt")
    with pytest.raises(Refuse) as refused:
        read_structure_file(tmp_path / "structure.cif")
    assert refused.value.kind is FailureKind.EMPTY


def test_disorder_shares_a_place():
    half = {"position": [0, 0, 0], "occupancy": 0.5}
    alloy = Crystal.model_validate(
        {
            "cell": [[3.6, 0, 0], [0, 3.6, 0], [0, 0, 3.6]],
            "sites": [{"element": "Cu", **half}, {"element": "Au", **half}],
        }
    )
    assert len(alloy.to_pymatgen()) == 1
    # Half an atom each of 196.967 and 63.546 g/mol in 3.6 angstrom cubed.
    expected = (196.967 + 63.546) / 2 / 0.602214 / 3.6**3
    assert describe_structure(alloy).density == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("way", ["cif", "poscar", "json"])
def test_what_is_written_is_read_back(halite, way):
    text = write_structure(halite, way)
    again = read_structure(text, way)
    assert symmetry(again).number == 225
    assert describe_structure(again).density == pytest.approx(describe_structure(halite).density)


def test_occupancies_are_written_where_there_is_a_place(halite):
    part = tuple(site.model_copy(update={"occupancy": 0.5}) for site in halite.sites)
    vacant = halite.model_copy(update={"sites": part})
    for way in ("cif", "json"):
        again = read_structure(write_structure(vacant, way), way)
        assert {site.occupancy for site in again.sites} == {0.5}
    with pytest.raises(Refuse, match="occupancies"):
        write_structure(vacant, "poscar")

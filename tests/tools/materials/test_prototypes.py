import pytest

from gaseol.tools import Refuse, Retry
from gaseol.tools.materials import (
    describe_structure,
    prototype_structure,
    substitute,
    symmetry,
)
from gaseol.traces.nouns.failure import FailureKind

# Edges in angstrom: R. W. G. Wyckoff, Crystal Structures, 2nd edition, Interscience (1963).
# Densities in g/cm3: CRC Handbook of Chemistry and Physics, physical constants of inorganic
# compounds; the tolerance of 2% covers editions.
KNOWN = [
    ("fcc", ("Cu",), 3.615, 225, 8.96),
    ("bcc", ("Fe",), 2.866, 229, 7.87),
    ("hcp", ("Mg",), 3.209, 194, 1.74),
    ("diamond", ("Si",), 5.431, 227, 2.33),
    ("rocksalt", ("Na", "Cl"), 5.640, 225, 2.17),
    ("cesium chloride", ("Cs", "Cl"), 4.123, 221, 3.99),
    ("zincblende", ("Zn", "S"), 5.409, 216, 4.09),
    ("wurtzite", ("Zn", "O"), 3.250, 186, 5.61),
    ("fluorite", ("Ca", "F"), 5.463, 225, 3.18),
    ("rutile", ("Ti", "O"), 4.594, 136, 4.25),
    ("perovskite", ("Sr", "Ti", "O"), 3.905, 221, 5.12),
    ("spinel", ("Mg", "Al", "O"), 8.083, 227, 3.58),
]


@pytest.mark.parametrize(("name", "elements", "edge", "group", "density"), KNOWN)
def test_prototypes_have_the_group_and_density_of_their_namesakes(
    name, elements, edge, group, density
):
    built = prototype_structure(name, elements, edge)
    assert symmetry(built).number == group
    assert describe_structure(built).density == pytest.approx(density, rel=0.02)


def test_spinel_has_tetrahedra_and_octahedra():
    # Mg-O 1.92, Al-O 1.93 angstrom: R. J. Hill, J. R. Craig, G. V. Gibbs, Phys. Chem. Miner. 4,
    # 317 (1979). In the wrong origin choice the distances are not those of bonds.
    built = prototype_structure("spinel", ("Mg", "Al", "O"), 8.083).to_pymatgen()
    for element, number, length in (("Mg", 4, 1.92), ("Al", 6, 1.93)):
        site = next(one for one in built if one.specie.symbol == element)
        near = built.get_neighbors(site, 2.3)
        assert len(near) == number
        assert near[0].nn_distance == pytest.approx(length, abs=0.03)


def test_a_layered_oxide_has_two_kinds_of_octahedra():
    # LiCoO2, a = 2.816, c = 14.05 angstrom: Co-O 1.92, Li-O 2.09 (J. Akimoto, Y. Gotoh, Y. Oosawa,
    # J. Solid State Chem. 141, 298 (1998)); the prototype's z moves them by some hundredths.
    crystal = prototype_structure("layered oxide", ("Li", "Co", "O"), 2.816, ratio=14.05 / 2.816)
    assert symmetry(crystal).number == 166
    # 5.05 g/cm3 follows from the edges and IUPAC masses, three formula units a cell.
    assert describe_structure(crystal).density == pytest.approx(5.05, rel=0.005)
    built = crystal.to_pymatgen()
    for element, length in (("Co", 1.92), ("Li", 2.09)):
        site = next(one for one in built if one.specie.symbol == element)
        near = built.get_neighbors(site, 2.4)
        assert len(near) == 6
        assert near[0].nn_distance == pytest.approx(length, abs=0.06)


def test_a_ratio_may_be_given_where_it_is_free():
    zinc = prototype_structure("hcp", ("Zn",), 2.665, ratio=1.856)
    assert describe_structure(zinc).density == pytest.approx(7.14, rel=0.01)
    with pytest.raises(Retry, match="cubic"):
        prototype_structure("rocksalt", ("Na", "Cl"), 5.64, ratio=1.1)


def test_the_number_of_elements_must_fit():
    with pytest.raises(Retry, match="takes 2 elements, 1"):
        prototype_structure("rocksalt", ("Na",), 5.64)


@pytest.mark.parametrize("edge", [1.6, 2.5])
def test_atoms_that_overlap_are_impossible(edge):
    with pytest.raises(Refuse, match="apart") as refusal:
        prototype_structure("rocksalt", ("K", "I"), edge)
    assert refusal.value.kind is FailureKind.IMPOSSIBLE


# Measured edges: Wyckoff, as above.
@pytest.mark.parametrize(
    ("name", "elements", "edge", "others", "expected"),
    [
        ("rocksalt", ("Na", "Cl"), 5.640, ("K", "Br"), 6.600),
        ("rocksalt", ("Mg", "O"), 4.211, ("Ca", "O"), 4.811),
        ("rocksalt", ("Mg", "O"), 4.211, ("Mg", "S"), 5.200),
        ("zincblende", ("Zn", "S"), 5.409, ("Cd", "Te"), 6.480),
        ("fluorite", ("Ca", "F"), 5.463, ("Ba", "F"), 6.200),
        ("perovskite", ("Sr", "Ti", "O"), 3.905, ("Ba", "Ti", "O"), 4.000),
        ("rutile", ("Ti", "O"), 4.594, ("Sn", "O"), 4.737),
        ("fcc", ("Cu",), 3.615, ("Au",), 4.078),
    ],
)
def test_substitution_predicts_edges_within_four_percent(name, elements, edge, others, expected):
    changed = {a: b for a, b in zip(elements, others, strict=True) if a != b}
    found = substitute(prototype_structure(name, elements, edge), changed)
    assert edge * found.scale == pytest.approx(expected, rel=0.04)


def test_substitution_says_its_oxidation_states(halite):
    found = substitute(halite, {"Na": "Li", "Cl": "F"})
    assert (found.formula, found.states) == ("LiF", {"F": -1.0, "Li": 1.0})


def test_elements_may_change_places(halite):
    assert substitute(halite, {"Na": "Cl", "Cl": "Na"}, scale=1.0).formula == "NaCl"


@pytest.mark.parametrize("replacements", [{"Na": "Al"}, {"Na": "Ti"}])
def test_charges_that_do_not_balance_are_out_of_domain(halite, replacements):
    with pytest.raises(Refuse, match="oxidation states") as refusal:
        substitute(halite, replacements)
    assert refusal.value.kind is FailureKind.OUT_OF_DOMAIN


def test_an_absent_element_is_sent_back(halite):
    with pytest.raises(Retry, match="no Fe"):
        substitute(halite, {"Fe": "Co"})

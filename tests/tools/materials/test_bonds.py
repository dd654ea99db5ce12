import pytest

from gaseol.tools import Refuse
from gaseol.tools.materials import bond_valence, prototype_structure
from gaseol.tools.materials.bonds import bond_length
from gaseol.traces.nouns.failure import FailureKind

# Edges: R. W. G. Wyckoff, Crystal Structures, 2nd edition, Interscience (1963).
SALTS = [
    ("rocksalt", ("Na", "Cl"), 5.640, {"Na": 6, "Cl": 6}),
    ("rocksalt", ("Mg", "O"), 4.211, {"Mg": 6, "O": 6}),
    ("fluorite", ("Ca", "F"), 5.463, {"Ca": 8, "F": 4}),
    ("rutile", ("Ti", "O"), 4.594, {"Ti": 6, "O": 3}),
    ("zincblende", ("Zn", "S"), 5.409, {"Zn": 4, "S": 4}),
    ("perovskite", ("Sr", "Ti", "O"), 3.905, {"Sr": 12, "Ti": 6, "O": 6}),
]


@pytest.mark.parametrize(("name", "elements", "edge", "coordination"), SALTS)
def test_known_salts_have_their_charges_and_neighbours(name, elements, edge, coordination):
    found = bond_valence(prototype_structure(name, elements, edge))
    assert {one.element: one.neighbours for one in found.sites} == coordination
    for one in found.sites:
        assert one.valence == pytest.approx(abs(one.state), rel=0.25)
    assert found.instability < 0.3


# R0 in angstrom, fitted to structures: N. E. Brese, M. O'Keeffe, Acta Crystallogr. B 47, 192 (1991),
# doi:10.1107/S0108768190011041. The generic parameters reach them within a tenth.
@pytest.mark.parametrize(
    ("cation", "anion", "length"),
    [
        ("Na", "Cl", 2.15), ("Mg", "O", 1.693), ("Ca", "F", 1.842), ("Ti", "O", 1.815),
        ("Zn", "S", 2.09), ("Sr", "O", 2.118), ("Al", "O", 1.651), ("Si", "O", 1.624),
    ],
)  # fmt: skip
def test_bonds_of_valence_one_have_the_fitted_length(cation, anion, length):
    assert bond_length(cation, anion) == pytest.approx(length, abs=0.1)


def test_a_stretched_crystal_is_unstable():
    good = bond_valence(prototype_structure("rocksalt", ("Mg", "O"), 4.211))
    stretched = bond_valence(prototype_structure("rocksalt", ("Mg", "O"), 4.7))
    assert stretched.instability > good.instability + 0.5


def test_metals_and_disorder_are_out_of_domain(halite):
    with pytest.raises(Refuse, match="oxidation states") as refusal:
        bond_valence(prototype_structure("fcc", ("Cu",), 3.615))
    assert refusal.value.kind is FailureKind.OUT_OF_DOMAIN
    part = [site.model_copy(update={"occupancy": 0.5}) for site in halite.sites]
    with pytest.raises(Refuse, match="ordered"):
        bond_valence(halite.model_copy(update={"sites": tuple(part)}))

"""Chemistry: molecules identified, described, searched, paired, looked up, computed and drawn."""

from gaseol.tools.chemistry.compounds import compounds_with
from gaseol.tools.chemistry.conditions import structures
from gaseol.tools.chemistry.conformation import conformers
from gaseol.tools.chemistry.depiction import draw_molecule
from gaseol.tools.chemistry.descriptors import molecule_features
from gaseol.tools.chemistry.druglikeness import drug_likeness, structural_alerts
from gaseol.tools.chemistry.electronic import (
    electronic_structure,
    partition_coefficient,
    solvation_free_energy,
)
from gaseol.tools.chemistry.henry import measured_hydration
from gaseol.tools.chemistry.hydration import hydration_free_energy
from gaseol.tools.chemistry.identity import molecule_identity
from gaseol.tools.chemistry.library import similar_molecules, substructure_search
from gaseol.tools.chemistry.molecule_space import molecule_list, molecules
from gaseol.tools.chemistry.pairs import matched_pairs
from gaseol.tools.chemistry.properties import (
    boiling_point,
    dipole_moment,
    formation_enthalpy,
    melting_point,
)
from gaseol.tools.chemistry.reactions import enumerate_reaction
from gaseol.tools.chemistry.scaffold import fragments, scaffolds
from gaseol.tools.chemistry.screening import screen_molecules
from gaseol.tools.chemistry.tautomerism import tautomers

__all__ = [
    "boiling_point",
    "compounds_with",
    "conformers",
    "dipole_moment",
    "draw_molecule",
    "drug_likeness",
    "electronic_structure",
    "enumerate_reaction",
    "formation_enthalpy",
    "fragments",
    "hydration_free_energy",
    "matched_pairs",
    "measured_hydration",
    "melting_point",
    "molecule_features",
    "molecule_identity",
    "molecule_list",
    "molecules",
    "partition_coefficient",
    "scaffolds",
    "screen_molecules",
    "similar_molecules",
    "solvation_free_energy",
    "structural_alerts",
    "structures",
    "substructure_search",
    "tautomers",
]

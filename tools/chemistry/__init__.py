"""Chemistry: molecules identified, described, paired, looked up, computed and drawn."""

from gaseol.tools.chemistry.compounds import compounds_with
from gaseol.tools.chemistry.depiction import draw_molecule
from gaseol.tools.chemistry.descriptors import molecule_features
from gaseol.tools.chemistry.henry import measured_hydration
from gaseol.tools.chemistry.hydration import hydration_free_energy
from gaseol.tools.chemistry.identity import molecule_identity
from gaseol.tools.chemistry.pairs import matched_pairs
from gaseol.tools.chemistry.properties import boiling_point, melting_point

__all__ = [
    "boiling_point",
    "compounds_with",
    "draw_molecule",
    "hydration_free_energy",
    "matched_pairs",
    "measured_hydration",
    "melting_point",
    "molecule_features",
    "molecule_identity",
]

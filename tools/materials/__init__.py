"""Materials: elements, compositions, crystal structures, diffraction, stability, electrodes."""

from gaseol.tools.materials.bonds import bond_valence
from gaseol.tools.materials.composition import composition_features, oxidation_states
from gaseol.tools.materials.composition_space import compositions
from gaseol.tools.materials.diffraction import powder_pattern, powder_profile
from gaseol.tools.materials.drawing import draw_structure
from gaseol.tools.materials.electrodes import conversion_electrode, insertion_electrode
from gaseol.tools.materials.elements import (
    bulk_modulus,
    element_properties,
    element_property,
    elements_excluded,
    elements_with,
)
from gaseol.tools.materials.hull import hull
from gaseol.tools.materials.matching import match_pattern
from gaseol.tools.materials.pourbaix import pourbaix_stability
from gaseol.tools.materials.prototypes import prototype_structure, substitute
from gaseol.tools.materials.structures import (
    describe_structure,
    read_structure,
    read_structure_file,
    symmetry,
    write_structure,
)

__all__ = [
    "bond_valence",
    "bulk_modulus",
    "composition_features",
    "compositions",
    "conversion_electrode",
    "describe_structure",
    "draw_structure",
    "element_properties",
    "element_property",
    "elements_excluded",
    "elements_with",
    "hull",
    "insertion_electrode",
    "match_pattern",
    "oxidation_states",
    "pourbaix_stability",
    "powder_pattern",
    "powder_profile",
    "prototype_structure",
    "read_structure",
    "read_structure_file",
    "substitute",
    "symmetry",
    "write_structure",
]

"""Materials: element data, crystal structures, powder diffraction, convex hulls."""

from gaseol.tools.materials.diffraction import powder_pattern, powder_profile
from gaseol.tools.materials.drawing import draw_structure
from gaseol.tools.materials.elements import (
    bulk_modulus,
    element_properties,
    element_property,
    elements_excluded,
    elements_with,
)
from gaseol.tools.materials.hull import hull
from gaseol.tools.materials.structures import (
    describe_structure,
    read_structure,
    read_structure_file,
    symmetry,
)

__all__ = [
    "bulk_modulus",
    "describe_structure",
    "draw_structure",
    "element_properties",
    "element_property",
    "elements_excluded",
    "elements_with",
    "hull",
    "powder_pattern",
    "powder_profile",
    "read_structure",
    "read_structure_file",
    "symmetry",
]

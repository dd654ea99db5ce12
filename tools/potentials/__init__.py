"""Machine-learned potentials: crystals relaxed by CHGNet; `pip install 'gaseol[mlip]'`."""

from gaseol.tools.potentials.cathodes import layered_cathodes, layered_voltage
from gaseol.tools.potentials.relaxation import insertion_voltage, relax_structure

__all__ = ["insertion_voltage", "layered_cathodes", "layered_voltage", "relax_structure"]

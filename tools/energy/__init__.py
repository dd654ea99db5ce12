"""Energy: flames by Cantera, cells by PyBaMM; both come with `pip install 'gaseol[energy]'`."""

from gaseol.tools.energy.battery import cell_ageing, cell_discharge
from gaseol.tools.energy.combustion import (
    adiabatic_flame,
    flame_mixtures,
    ignition_delay,
    laminar_flame_speed,
)

__all__ = [
    "adiabatic_flame",
    "cell_ageing",
    "cell_discharge",
    "flame_mixtures",
    "ignition_delay",
    "laminar_flame_speed",
]

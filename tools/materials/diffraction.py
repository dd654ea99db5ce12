"""X-ray powder diffraction of a crystal, from its structure alone.

Kinematic intensities with the Lorentz-polarisation factor of an unfiltered beam and tabulated
scattering factors, as pymatgen computes them; no thermal motion, absorption or preferred
orientation. M. De Graef and M. E. McHenry, *Structure of Materials* (Cambridge, 2007), chapter 12.
"""

import math
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Len
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Retry, Unit, tool
from gaseol.tools.materials.crystal import HALITE, Crystal
from gaseol.traces.nouns.failure import FailureKind

Radiation = Literal["CuKa", "CuKa1", "CoKa", "CrKa", "FeKa", "MoKa", "AgKa"]
Angle = Annotated[float, Unit("degree"), Gt(0), Le(180)]

MAX_NODES = 60_000
"""Reciprocal lattice points that one pattern may take."""

_LOWEST, _HIGHEST = 2.0, 90.0
"""Range in degrees whose strongest line a profile is relative to, whatever angles are asked for."""


class Peak(BaseModel):
    """A line of a powder pattern."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    two_theta: Annotated[float, Unit("degree"), Gt(0), Le(180)]
    intensity: Annotated[float, Unit("1"), Ge(0), Le(100.0001)]
    """Integrated, relative to the strongest line in range as 100."""
    hkl: tuple[tuple[int, ...], ...]
    """The families of planes that fall together here; four indices in hexagonal cells."""
    spacing: Annotated[float, Unit("angstrom"), Gt(0)]
    """Distance d of the planes."""


@tool(
    seconds=0.03,
    limit_seconds=30,
    needs=("pymatgen",),
    tags=("materials", "diffraction"),
    examples=(Example({"structure": HALITE, "two_theta_max": 40}),),
)
def powder_pattern(
    structure: Crystal,
    wavelength: Radiation = "CuKa",
    two_theta_min: Angle = 10.0,
    two_theta_max: Angle = 90.0,
) -> list[Peak]:
    """Return the lines of a crystal's X-ray powder pattern, by angle.

    Kinematic, as pymatgen computes it: M. De Graef, M. E. McHenry, Structure of Materials, Cambridge
    (2007), chapter 12. No thermal motion, absorption or preferred orientation.

    Args:
        structure: the crystal.
        wavelength: the X-ray tube's line; CuKa is the weighted mean of both.
        two_theta_min: lowest scattering angle.
        two_theta_max: highest scattering angle.
    """
    if two_theta_min >= two_theta_max:
        raise Retry("two_theta_min must be below two_theta_max")
    pattern = _pattern(structure, wavelength, two_theta_min, two_theta_max)
    return [
        Peak(
            two_theta=float(angle),
            intensity=float(intensity),
            hkl=tuple(tuple(int(index) for index in family["hkl"]) for family in families),
            spacing=float(spacing),
        )
        for angle, intensity, families, spacing in zip(
            pattern.x, pattern.y, pattern.hkls, pattern.d_hkls, strict=True
        )
    ]


@tool(
    seconds=0.05,
    limit_seconds=30,
    needs=("pymatgen",),
    tags=("materials", "diffraction"),
    examples=(Example({"structure": HALITE, "angles": [27.4, 31.7]}),),
)
def powder_profile(
    structure: Crystal,
    angles: Annotated[tuple[Angle, ...], Len(1, 20_000)],
    fwhm: Annotated[float, Unit("degree"), Gt(0), Le(5)] = 0.2,
    background: Annotated[float, Unit("1"), Ge(0), Le(10_000)] = 0.0,
    wavelength: Radiation = "CuKa",
    lorentzian: Annotated[float, Unit("1"), Ge(0), Le(1)] = 0.5,
) -> list[Annotated[float, Unit("1"), Ge(0)]]:
    """Return the continuous powder profile of a crystal at the angles given.

    Every line is a pseudo-Voigt; the highest point between 2 and 90 degrees is 100 above the
    background, whatever angles are asked for.

    Kinematic, as pymatgen computes it: M. De Graef, M. E. McHenry, Structure of Materials, Cambridge
    (2007), chapter 12. No thermal motion, absorption or preferred orientation.

    Args:
        structure: the crystal.
        angles: scattering angles.
        fwhm: full width of a line at half its height.
        background: added everywhere, on the scale where the highest point is 100.
        wavelength: the X-ray tube's line.
        lorentzian: share of the Lorentzian in the pseudo-Voigt.
    """
    import numpy as np

    pattern = _pattern(structure, wavelength, _LOWEST, _HIGHEST)
    centres, heights = np.asarray(pattern.x), np.asarray(pattern.y)

    def profile(where: Any) -> Any:
        offset = (where[:, None] - centres) / fwhm
        gauss = np.exp(-4 * math.log(2) * offset**2)
        lorentz = 1 / (1 + 4 * offset**2)
        return (lorentzian * lorentz + (1 - lorentzian) * gauss) @ heights

    # Overlapping lines peak at or between their centres: look there, ten points a line width.
    near = (centres[:, None] + np.linspace(-fwhm, fwhm, 21)).ravel()
    top = max(float(profile(part).max()) for part in np.array_split(near, len(near) // 2000 + 1))
    return [float(value) for value in 100 * profile(np.asarray(angles)) / top + background]


def _pattern(structure: Crystal, wavelength: str, lowest: float, highest: float) -> Any:
    from pymatgen.analysis.diffraction.xrd import (
        ATOMIC_SCATTERING_PARAMS,
        WAVELENGTHS,
        XRDCalculator,
    )

    unknown = sorted({site.element for site in structure.sites} - set(ATOMIC_SCATTERING_PARAMS))
    if unknown:
        reason = f"no X-ray scattering factor is tabulated for {', '.join(unknown)}"
        raise Refuse(reason, kind=FailureKind.EMPTY)
    radius = 2 * math.sin(math.radians(highest / 2)) / WAVELENGTHS[wavelength]
    nodes = 4 / 3 * math.pi * radius**3 * structure.volume
    if nodes > MAX_NODES:
        raise Retry(
            f"about {nodes:.0f} reflections, at most {MAX_NODES} are computed: "
            "take a smaller range, a longer wavelength or the primitive cell"
        )
    empty = Refuse(f"no line between {lowest:g} and {highest:g} degrees", kind=FailureKind.EMPTY)
    try:
        pattern = XRDCalculator(wavelength).get_pattern(
            structure.to_pymatgen(), two_theta_range=(lowest, highest)
        )
    except ValueError as error:  # it unpacks the reciprocal points in range, and there are none
        raise empty from error
    if len(pattern.x) == 0:
        raise empty
    return pattern

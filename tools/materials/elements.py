"""What is tabulated about the chemical elements, and which values of it can be trusted.

The numbers are those of pymatgen's periodic table, which compiles experiments. Not every one is
right: a bulk modulus is checked against Young's modulus E and Poisson's ratio v of the same table,
since an isotropic solid has K = E / (3 (1 - 2v)) (L. D. Landau and E. M. Lifshitz, *Theory of
Elasticity*, 3rd ed., section 5).
"""

import functools
import math
from typing import Annotated, Any, Literal, get_args

from annotated_types import Ge, Gt, Le, MaxLen
from pydantic import BaseModel, ConfigDict, StringConstraints

from gaseol.tools import Example, Refuse, Unit, tool
from gaseol.traces.nouns.failure import FailureKind

_PERIODS = """
    H He
    Li Be B C N O F Ne
    Na Mg Al Si P S Cl Ar
    K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr
    Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe
    Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf
    Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn
    Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf
    Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og
"""

ELEMENTS: tuple[str, ...] = tuple(_PERIODS.split())
"""Symbols in the order of their atomic numbers."""

Symbol = Annotated[str, StringConstraints(pattern=r"^[A-Z][a-z]?$")]

Property = Literal[
    "atomic_mass",
    "atomic_radius",
    "atomic_volume",
    "boiling_point",
    "bulk_modulus",
    "density",
    "electronegativity",
    "melting_point",
    "metallic_radius",
    "molar_volume",
    "poisson_ratio",
    "shear_modulus",
    "thermal_conductivity",
    "thermal_expansion",
    "valence_electrons",
    "youngs_modulus",
]

Descriptor = Literal[
    "atomic_mass",
    "atomic_radius",
    "atomic_volume",
    "density",
    "electronegativity",
    "melting_point",
    "metallic_radius",
    "molar_volume",
    "valence_electrons",
]

UNITS: dict[str, str] = {
    "atomic_mass": "g/mol",
    "atomic_radius": "angstrom",
    "atomic_volume": "angstrom**3",
    "boiling_point": "K",
    "bulk_modulus": "GPa",
    "density": "g/cm**3",
    "electronegativity": "1",
    "melting_point": "K",
    "metallic_radius": "angstrom",
    "molar_volume": "cm**3/mol",
    "poisson_ratio": "1",
    "shear_modulus": "GPa",
    "thermal_conductivity": "W/(m*K)",
    "thermal_expansion": "1/K",
    "valence_electrons": "1",
    "youngs_modulus": "GPa",
}

# pymatgen's name of a property, and what its unit is multiplied by to give ours.
_TABLE: dict[str, tuple[str, float]] = {
    "atomic_mass": ("Atomic mass", 1.0),
    "atomic_radius": ("Atomic radius", 1.0),
    "atomic_volume": ("Molar volume", 1e24 / 6.02214076e23),
    "boiling_point": ("Boiling point", 1.0),
    "bulk_modulus": ("Bulk modulus", 1.0),
    "density": ("Density of solid", 1e-3),
    "electronegativity": ("X", 1.0),
    "melting_point": ("Melting point", 1.0),
    "metallic_radius": ("Metallic radius", 1.0),
    "molar_volume": ("Molar volume", 1.0),
    "poisson_ratio": ("Poissons ratio", 1.0),
    "shear_modulus": ("Rigidity modulus", 1.0),
    "thermal_conductivity": ("Thermal conductivity", 1.0),
    "thermal_expansion": ("Coefficient of linear thermal expansion", 1.0),
    "youngs_modulus": ("Youngs modulus", 1.0),
}

# With the mass, which is always given, each of these three follows from any other.
_VOLUMES = frozenset({"atomic_volume", "density", "molar_volume"})

_ROOM_TEMPERATURE = 298.15  # K
_ELASTIC_FACTOR = 1.5
"""How far a bulk modulus may be from E / (3 (1 - 2v)); rounded v alone explains up to 1.3."""

_ESTIMATED = {"Pm": "the properties of promethium, which has no stable isotope, are estimates"}


class ElementProperties(BaseModel):
    """One element; null where nothing is tabulated."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    symbol: str
    name: str
    atomic_number: Annotated[int, Ge(1), Le(118)]
    group: Annotated[int, Ge(1), Le(18)]
    """IUPAC group; 3 for the f block, as pymatgen has it."""
    row: Annotated[int, Ge(1), Le(7)]
    block: Literal["s", "p", "d", "f"]
    is_metal: bool
    valence_electrons: Annotated[int, Ge(1), Le(12)] | None
    """The group number up to group 12, less 10 beyond, 2 for helium; 3 for a lanthanoid, whose 4f
    shell does not bond; null for an actinoid, where no single count is agreed on."""
    atomic_mass: Annotated[float, Unit("g/mol"), Gt(0), Le(400)]
    density: Annotated[float, Unit("g/cm**3"), Gt(0), Le(50)] | None
    """Of the solid."""
    molar_volume: Annotated[float, Unit("cm**3/mol"), Gt(0)] | None
    atomic_volume: Annotated[float, Unit("angstrom**3"), Gt(0)] | None
    """Molar volume over the Avogadro constant."""
    atomic_radius: Annotated[float, Unit("angstrom"), Gt(0), Le(4)] | None
    """J. C. Slater, J. Chem. Phys. 41 (1964) 3199, doi:10.1063/1.1725697."""
    metallic_radius: Annotated[float, Unit("angstrom"), Gt(0), Le(4)] | None
    electronegativity: Annotated[float, Unit("1"), Gt(0), Le(4.2)] | None
    """Pauling's scale."""
    melting_point: Annotated[float, Unit("K"), Gt(0), Le(4500)] | None
    boiling_point: Annotated[float, Unit("K"), Gt(0), Le(7000)] | None
    bulk_modulus: Annotated[float, Unit("GPa"), Gt(0), Le(600)] | None
    youngs_modulus: Annotated[float, Unit("GPa"), Gt(0), Le(1300)] | None
    shear_modulus: Annotated[float, Unit("GPa"), Gt(0), Le(600)] | None
    poisson_ratio: Annotated[float, Unit("1"), Gt(-1), Le(0.5)] | None
    thermal_expansion: Annotated[float, Unit("1/K")] | None
    """Linear, near room temperature."""
    thermal_conductivity: Annotated[float, Unit("W/(m*K)"), Gt(0)] | None
    doubts: tuple[str, ...]
    """Why one of these values should not be used as a measurement."""


class TabulatedValue(BaseModel):
    """One number from the table, with its unit."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    value: float
    unit: str


class ElementDescriptors(BaseModel):
    """What may be known of an element while one of its properties is still to be measured.

    The property asked for, and every one that it follows from, is withheld: null.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    symbol: str
    atomic_number: int
    group: int
    row: int
    block: str
    atomic_mass: Annotated[float, Unit("g/mol")] | None
    atomic_radius: Annotated[float, Unit("angstrom")] | None
    atomic_volume: Annotated[float, Unit("angstrom**3")] | None
    density: Annotated[float, Unit("g/cm**3")] | None
    electronegativity: Annotated[float, Unit("1")] | None
    melting_point: Annotated[float, Unit("K")] | None
    metallic_radius: Annotated[float, Unit("angstrom")] | None
    molar_volume: Annotated[float, Unit("cm**3/mol")] | None
    valence_electrons: int | None


class Exclusion(BaseModel):
    """An element that is tabulated and yet not offered, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    symbol: str
    reason: str


@tool(
    seconds=0.001,
    memory_mb=512,
    needs=("pymatgen",),
    tags=("materials", "elements"),
    examples=(
        Example(
            {"symbol": "Fe"},
            value={"atomic_mass": 55.845},
            tolerance=1e-4,
            source="IUPAC standard atomic weights",
        ),
    ),
)
def element_properties(symbol: Symbol) -> ElementProperties:
    """Return what is tabulated about an element; null where nothing is.

    Args:
        symbol: chemical symbol, such as Fe.
    """
    element = _element(symbol)
    values = {name: tabulated(symbol, name) for name in get_args(Property)}
    return ElementProperties(
        symbol=symbol,
        name=element.long_name,
        atomic_number=element.Z,
        group=element.group,
        row=element.row,
        block=element.block,
        is_metal=element.is_metal,
        doubts=tuple(reason for reason in _doubts(symbol).values()),
        **{**values, "valence_electrons": _valence(symbol)},
    )


@tool(
    seconds=0.001,
    memory_mb=512,
    needs=("pymatgen",),
    tags=("materials", "elements"),
    examples=(
        Example(
            {"symbol": "Fe", "property": "melting_point"},
            value={"value": 1811},
            tolerance=0.002,
            source="CRC Handbook of Chemistry and Physics, iron",
        ),
    ),
)
def element_property(symbol: Symbol, property: Property) -> TabulatedValue:  # noqa: A002
    """Return one tabulated property of an element, with its unit.

    A property that is not tabulated is the failure `empty`; one that cannot be right is
    `impossible`.

    Args:
        symbol: chemical symbol, such as Fe.
        property: name of the property.
    """
    return TabulatedValue(value=_trusted(symbol, property), unit=UNITS[property])


@tool(
    seconds=0.001,
    memory_mb=512,
    needs=("pymatgen",),
    tags=("materials", "elements"),
    examples=(
        Example(
            {"symbol": "Cu"},
            value=140,
            tolerance=0.03,
            source="C. Kittel, Introduction to Solid State Physics, table of bulk moduli",
        ),
    ),
)
def bulk_modulus(symbol: Symbol) -> Annotated[float, Unit("GPa"), Gt(0), Le(600)]:
    """Return the measured bulk modulus of an element near room temperature.

    pymatgen's table, which compiles experiments. A value that is not tabulated is the failure
    `empty`; one that contradicts the element's other elastic constants, K = E / (3 (1 - 2v)) (L. D.
    Landau, E. M. Lifshitz, Theory of Elasticity, 3rd edition (1986), section 5), is `impossible`.

    Args:
        symbol: chemical symbol, such as Fe.
    """
    return _trusted(symbol, "bulk_modulus")


@tool(
    seconds=0.02,
    memory_mb=512,
    needs=("pymatgen",),
    tags=("materials", "elements"),
    examples=(Example({"property": "bulk_modulus"}),),
)
def elements_with(
    property: Property,  # noqa: A002
    only_metals: bool = True,
    complete: Annotated[tuple[Descriptor, ...], MaxLen(9)] = (),
) -> list[ElementDescriptors]:
    """List the elements for which a property can be measured, without its outcome.

    Elements whose value is doubted are left out; `elements_excluded` says which and why.

    Args:
        property: the property to be measured; it is withheld.
        only_metals: leave out what is no metal.
        complete: descriptors that must be known.
    """
    withheld = _VOLUMES if property in _VOLUMES else {property}
    population = []
    for symbol in ELEMENTS:
        known = tabulated(symbol, property) is not None and property not in _doubts(symbol)
        if not known or (only_metals and not _element(symbol).is_metal):
            continue
        values = {
            name: None if name in withheld else tabulated(symbol, name)
            for name in get_args(Descriptor)
        }
        if any(values[name] is None for name in complete if name not in withheld):
            continue
        element = _element(symbol)
        valence = None if "valence_electrons" in withheld else _valence(symbol)
        population.append(
            ElementDescriptors(
                symbol=symbol,
                atomic_number=element.Z,
                group=element.group,
                row=element.row,
                block=element.block,
                **{**values, "valence_electrons": valence},
            )
        )
    return population


@tool(
    seconds=0.02,
    memory_mb=512,
    needs=("pymatgen",),
    tags=("materials", "elements"),
    examples=(Example({"property": "bulk_modulus"}),),
)
def elements_excluded(property: Property, only_metals: bool = True) -> list[Exclusion]:  # noqa: A002
    """List the elements whose tabulated value of a property is doubted, and why.

    Args:
        property: name of the property.
        only_metals: leave out what is no metal.
    """
    return [
        Exclusion(symbol=symbol, reason=_doubts(symbol)[property])
        for symbol in ELEMENTS
        if tabulated(symbol, property) is not None
        and property in _doubts(symbol)
        and (_element(symbol).is_metal or not only_metals)
    ]


def _element(symbol: str) -> Any:
    from pymatgen.core import Element

    if symbol not in ELEMENTS:
        reason = f"{symbol!r} is not the symbol of an element"
        raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)
    return Element(symbol)


def tabulated(symbol: str, name: str) -> float | None:
    """Return an element's property in the unit of `UNITS`; None where nothing is tabulated."""
    if name == "valence_electrons":
        return _valence(symbol)
    key, factor = _TABLE[name]
    value = _element(symbol).data.get(key)
    if not isinstance(value, int | float) or not math.isfinite(value) or value == 0:
        return None  # the table says "no data" in several ways
    return factor * float(value)


def _valence(symbol: str) -> int | None:
    element = _element(symbol)
    if element.is_actinoid:
        return None
    if element.is_lanthanoid:
        return 3
    if symbol == "He":
        return 2
    return element.group if element.group <= 12 else element.group - 10


def _trusted(symbol: str, name: str) -> float:
    value = tabulated(symbol, name)
    if value is None:
        reason = f"no {name} is tabulated for {symbol}"
        raise Refuse(reason, kind=FailureKind.EMPTY)
    if name in _doubts(symbol):
        reason = f"the {name} tabulated for {symbol} is not used: {_doubts(symbol)[name]}"
        raise Refuse(reason, kind=FailureKind.IMPOSSIBLE)
    return value


@functools.cache
def _doubts(symbol: str) -> dict[str, str]:
    """Return, by property, why its value is not used; the reasons tell no outcome."""
    doubts: dict[str, str] = {}
    if symbol in _ESTIMATED:
        doubts = dict.fromkeys(get_args(Property), _ESTIMATED[symbol])
        for certain in ("atomic_mass", "electronegativity", "valence_electrons"):
            del doubts[certain]
    melting = tabulated(symbol, "melting_point")
    if melting is not None and melting < _ROOM_TEMPERATURE:
        doubts["bulk_modulus"] = "the element is not a solid at room temperature"
    bulk, young, poisson = (
        tabulated(symbol, name) for name in ("bulk_modulus", "youngs_modulus", "poisson_ratio")
    )
    if bulk and young and poisson and poisson < 0.5:
        elastic = young / (3 * (1 - 2 * poisson))
        if abs(math.log(bulk / elastic)) > math.log(_ELASTIC_FACTOR):
            doubts["bulk_modulus"] = (
                "it contradicts Young's modulus and Poisson's ratio of the same table by more than "
                f"a factor of {_ELASTIC_FACTOR:g}"
            )
    return doubts

"""Prototypes: structures by name, and structures made from others by exchanging elements."""

import math
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Len
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Retry, Unit, tool
from gaseol.tools.materials.composition import MOST_ELEMENTS
from gaseol.tools.materials.crystal import HALITE, Crystal
from gaseol.tools.materials.elements import Symbol
from gaseol.traces.nouns.failure import FailureKind

Prototype = Literal[
    "fcc", "bcc", "hcp", "diamond", "rocksalt", "cesium chloride", "zincblende", "wurtzite",
    "fluorite", "rutile", "perovskite", "spinel", "layered oxide",
]  # fmt: skip
Edge = Annotated[float, Unit("angstrom"), Ge(1.5), Le(30)]

_IDEAL = math.sqrt(8 / 3)  # c/a of close-packed spheres
_CLOSEST = 0.5  # of the sum of two atomic radii; no bond is shorter than that

# Space group, c/a where it is not free, and the sites: the index of the element and its place.
# Positions and parameters: R. W. G. Wyckoff, Crystal Structures, 2nd edition, Interscience (1963).
# Spinel is in origin choice 1 (4-bar 3 m), the one that pymatgen's symbol Fd-3m stands for.
_Sites = tuple[tuple[int, tuple[float, float, float]], ...]
_PROTOTYPES: dict[str, tuple[str, float | None, _Sites]] = {
    "fcc": ("Fm-3m", 1.0, ((0, (0, 0, 0)),)),
    "bcc": ("Im-3m", 1.0, ((0, (0, 0, 0)),)),
    "hcp": ("P6_3/mmc", None, ((0, (1 / 3, 2 / 3, 1 / 4)),)),
    "diamond": ("Fd-3m", 1.0, ((0, (0, 0, 0)),)),
    "rocksalt": ("Fm-3m", 1.0, ((0, (0, 0, 0)), (1, (1 / 2, 1 / 2, 1 / 2)))),
    "cesium chloride": ("Pm-3m", 1.0, ((0, (0, 0, 0)), (1, (1 / 2, 1 / 2, 1 / 2)))),
    "zincblende": ("F-43m", 1.0, ((0, (0, 0, 0)), (1, (1 / 4, 1 / 4, 1 / 4)))),
    "wurtzite": ("P6_3mc", None, ((0, (1 / 3, 2 / 3, 0)), (1, (1 / 3, 2 / 3, 3 / 8)))),
    "fluorite": ("Fm-3m", 1.0, ((0, (0, 0, 0)), (1, (1 / 4, 1 / 4, 1 / 4)))),
    "rutile": ("P4_2/mnm", None, ((0, (0, 0, 0)), (1, (0.305, 0.305, 0)))),
    "perovskite": (
        "Pm-3m", 1.0, ((0, (0, 0, 0)), (1, (1 / 2, 1 / 2, 1 / 2)), (2, (1 / 2, 1 / 2, 0))),
    ),
    "spinel": ("Fd-3m", 1.0, ((0, (0, 0, 0)), (1, (5 / 8, 5 / 8, 5 / 8)), (2, (0.3875, 0.3875, 0.3875)))),
    "layered oxide": ("R-3m", None, ((0, (0, 0, 1 / 2)), (1, (0, 0, 0)), (2, (0, 0, 0.266)))),
}  # fmt: skip
_RATIOS = {"hcp": _IDEAL, "wurtzite": _IDEAL, "rutile": 0.644, "layered oxide": 5.33}
_HEXAGONAL = ("hcp", "wurtzite", "layered oxide")


class Substituted(BaseModel):
    """A structure with other elements in it."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    structure: Crystal
    """Edges scaled, angles and fractional positions as they were."""
    formula: str
    """Reduced formula."""
    scale: Annotated[float, Unit("1"), Gt(0)]
    """What the edges were multiplied by."""
    states: dict[str, Annotated[float, Unit("e")]] | None
    """The most common oxidation states that make it neutral; null for metals alone."""


@tool(
    seconds=0.05,
    limit_seconds=30,
    needs=("pymatgen",),
    tags=("materials", "structures"),
    examples=(Example({"prototype": "rocksalt", "elements": ["Na", "Cl"], "edge": 5.64}),),
)
def prototype_structure(
    prototype: Prototype,
    elements: Annotated[tuple[Symbol, ...], Len(1, 3)],
    edge: Edge,
    ratio: Annotated[float, Unit("1"), Ge(0.2), Le(12)] | None = None,
) -> Crystal:
    """Build a crystal of a known structure type, in its conventional cell.

    Parameters that symmetry leaves free have the prototype's values: rutile x = .305 (TiO2),
    wurtzite u = 3/8, spinel u = .3875 (origin at 4-bar 3 m), layered oxide z = .266 with M at the origin (alpha-NaFeO2).
    R. W. G. Wyckoff, Crystal Structures, 2nd edition, Interscience (1963).

    Args:
        prototype: the structure type.
        elements: in the order of the formula: one for fcc, bcc, hcp and diamond; cation, anion
            for rocksalt (NaCl), cesium chloride, zincblende (ZnS), wurtzite, fluorite (Ca F2) and
            rutile (Ti O2); three for perovskite (A B X3), spinel (A B2 X4) and layered oxide
            (A M X2).
        edge: the cell's edge a.
        ratio: c/a; the prototype's when left out. Cubic types have none.

    Raises:
        Retry: the number of elements is not the type's, or a ratio is given for a cubic type.
        Refuse: with kind `impossible`, two atoms come closer than atoms do.
    """
    from pymatgen.core import Lattice, Structure

    group, fixed, sites = _PROTOTYPES[prototype]
    asked = 1 + max(index for index, _ in sites)
    if len(elements) != asked:
        raise Retry(f"{prototype} takes {asked} elements, {len(elements)} are given")
    if fixed is not None and ratio is not None:
        raise Retry(f"{prototype} is cubic: leave the ratio out")
    height = edge * (fixed or ratio or _RATIOS[prototype])
    lattice = (
        Lattice.hexagonal(edge, height)
        if prototype in _HEXAGONAL
        else Lattice.tetragonal(edge, height)
    )
    built = Structure.from_spacegroup(
        group, lattice, [elements[index] for index, _ in sites], [place for _, place in sites]
    )
    crystal = Crystal.from_pymatgen(built)
    check_distances(crystal)
    return crystal


@tool(
    seconds=0.1,
    limit_seconds=60,
    needs=("pymatgen",),
    tags=("materials", "structures"),
    examples=(
        Example(
            {"structure": HALITE, "replacements": {"Na": "Li", "Cl": "F"}},
            value={"formula": "LiF", "states": {"F": -1.0, "Li": 1.0}},
            source="N. N. Greenwood, A. Earnshaw, Chemistry of the Elements, 2nd edition (1997)",
        ),
    ),
)
def substitute(
    structure: Crystal,
    replacements: Annotated[dict[Symbol, Symbol], Len(1, 6)],
    scale: Annotated[float, Unit("1"), Ge(0.7), Le(1.5)] | None = None,
) -> Substituted:
    """Exchange elements of a crystal for others, where oxidation states then balance.

    Edges are scaled by tabulated ionic radii (pymatgen's RLSVolumePredictor; within 4% of seven
    measured edges in the test), those of metals by bond lengths (DLSVolumePredictor: I. H. Chu,
    S. Roychowdhury, D. Han, A. Jain, S. P. Ong, Comput. Mater. Sci. 146, 184 (2018),
    doi:10.1016/j.commatsci.2018.01.040), or by `scale`. The answer is a starting structure: relax
    it before using its energy.

    Args:
        structure: an ordered crystal.
        replacements: element there to element wanted, all exchanged at once, so that two may
            change places.
        scale: what to multiply the edges by, instead of the prediction.

    Raises:
        Retry: an element to be replaced is not there, or no volume could be predicted.
        Refuse: with kind `out_of_domain`, oxidation states do not balance; with kind
            `impossible`, two atoms come closer than atoms do.
    """
    present = {site.element for site in structure.sites}
    absent = sorted(set(replacements) - present)
    if absent:
        raise Retry(f"the structure holds no {', '.join(absent)}; it holds {sorted(present)}")
    built = structure.to_pymatgen()
    before = built.copy()
    built.replace_species(dict(replacements))
    states = _states(built)
    factor = scale if scale is not None else _predicted(built, before)
    built.scale_lattice(built.volume * factor**3)
    crystal = Crystal.from_pymatgen(built)
    check_distances(crystal)
    return Substituted(
        structure=crystal,
        formula=built.composition.reduced_formula,
        scale=round(factor, 9),
        states=states,
    )


def check_distances(crystal: Crystal) -> None:
    """Check that no two atoms of an ordered crystal are implausibly close.

    Raises:
        Refuse: with kind `impossible`, two are.
    """
    built = crystal.to_pymatgen()
    for centre, other, _, distance in zip(*built.get_neighbor_list(3.5), strict=True):
        pair = [built[int(i)].species.elements[0] for i in (centre, other)]
        radii = [float(one.atomic_radius or 1.0) for one in pair]
        if distance < _CLOSEST * sum(radii):
            said = f"{pair[0].symbol} and {pair[1].symbol} are {distance:.2f} angstrom apart"
            raise Refuse(f"{said}; no atoms are that close", kind=FailureKind.IMPOSSIBLE)


def _states(built: object) -> dict[str, float] | None:
    from pymatgen.core import Structure

    if not isinstance(built, Structure):
        raise TypeError(type(built))
    composition = built.composition.reduced_composition
    if all(one.is_metal for one in composition.elements):
        return None
    if len(composition) == 1:
        return {composition.elements[0].symbol: 0.0}
    if len(composition) > MOST_ELEMENTS:
        raise Refuse(f"{len(composition)} elements; states of at most {MOST_ELEMENTS} are tried")
    guesses = composition.oxi_state_guesses()
    if not guesses:
        raise Refuse(
            f"no known oxidation states balance in {composition.reduced_formula}: it is no "
            "ionic compound with these elements"
        )
    return {element: float(state) for element, state in sorted(guesses[0].items())}


def _predicted(built: object, before: object) -> float:
    """Return what to multiply the edges by, from radii for salts and bond lengths for metals."""
    import warnings

    from pymatgen.analysis.structure_prediction.volume_predictor import (
        DLSVolumePredictor,
        RLSVolumePredictor,
    )
    from pymatgen.core import Structure

    if not isinstance(built, Structure) or not isinstance(before, Structure):
        raise TypeError(type(built))
    with warnings.catch_warnings():
        # It says where it falls back on atomic radii, and calls spglib as before version 2.8.
        warnings.simplefilter("ignore")
        try:
            if all(one.is_metal for one in built.composition.elements):
                volume = DLSVolumePredictor().predict(built)
            else:
                predictor = RLSVolumePredictor(check_isostructural=False)
                volume = predictor.predict(built, before)
        except (ValueError, KeyError, RuntimeError) as error:
            raise Retry(f"no volume could be predicted ({error}); give a scale") from error
    return (float(volume) / float(before.volume)) ** (1 / 3)

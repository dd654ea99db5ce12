"""Bond valence: whether bond lengths of a crystal fit the charges of its ions."""

import functools
import math
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Unit, tool
from gaseol.tools.materials.crystal import HALITE, Crystal
from gaseol.traces.nouns.failure import FailureKind

MOST_SITES = 200
SOFTNESS = 0.37
"""The constant b, in angstrom."""
FARTHEST = 4.5
"""Neighbours beyond this, in angstrom, add less than .02 and are left out."""


class SiteValence(BaseModel):
    """One ion's charge and what its bonds add up to."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    element: str
    state: Annotated[float, Unit("e")]
    """The oxidation state that balances the formula."""
    valence: Annotated[float, Unit("e"), Ge(0), Le(20)]
    """Sum over bonds of exp((R0 - R) / .37 angstrom)."""
    neighbours: Annotated[int, Ge(0)]
    """Bonds that add at least .04."""


class BondValence(BaseModel):
    """Bond valences of a whole crystal."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    sites: tuple[SiteValence, ...]
    """In the order of the crystal's positions."""
    instability: Annotated[float, Unit("e"), Ge(0), Le(10)]
    """Global instability index: root mean square of valence less |state| over all sites."""


@tool(
    seconds=0.1,
    limit_seconds=60,
    needs=("pymatgen",),
    tags=("materials", "structures"),
    examples=(Example({"structure": HALITE}),),
)
def bond_valence(
    structure: Crystal, within: Annotated[float, Unit("angstrom"), Gt(1), Le(6)] = FARTHEST
) -> BondValence:
    """Sum the bond valences at every site of an ionic crystal and compare with its charges.

    s = exp((R0 - R) / .37 angstrom), R0 = r1 + r2 - f by softness and size as M. O'Keeffe,
    N. E. Brese, J. Am. Chem. Soc. 113, 3226 (1991), doi:10.1021/ja00009a002 derive it for any two
    elements (their parameters, as pymatgen holds them). Global instability index: A. Salinas-
    Sanchez, J. L. Garcia-Munoz, J. Rodriguez-Carvajal, R. Saez-Puche, J. L. Martinez, J. Solid
    State Chem. 100, 201 (1992). Indices below .1 are usual, above .2 rare in well-determined
    structures; the generic parameters used here add about .1 to .2 of their own. A mean state of
    two (Fe3O4) is taken for both ions.

    Valid for ordered ionic crystals of at most 200 positions.

    Args:
        structure: the crystal.
        within: farthest neighbour that counts.

    Raises:
        Refuse: with kind `out_of_domain`, it is disordered, too large, metallic or not neutral
            with known states; with kind `empty`, an element has no parameters.
    """
    built = structure.to_pymatgen()
    if not built.is_ordered or len(built) > MOST_SITES:
        raise Refuse(f"bond valences are of ordered crystals of at most {MOST_SITES} positions")
    guesses = built.composition.reduced_composition.oxi_state_guesses()
    if not guesses or all(state == 0 for state in guesses[0].values()):
        raise Refuse(f"no known oxidation states balance in {built.composition.reduced_formula}")
    states = {element: float(state) for element, state in guesses[0].items()}
    sums, counts = [0.0] * len(built), [0] * len(built)
    symbols = [site.specie.symbol for site in built]
    for centre, other, _, distance in zip(*built.get_neighbor_list(within), strict=True):
        one, two = symbols[int(centre)], symbols[int(other)]
        if states[one] * states[two] >= 0:
            continue
        valence = math.exp((bond_length(one, two) - float(distance)) / SOFTNESS)
        sums[int(centre)] += valence
        counts[int(centre)] += valence >= 0.04
    sites = tuple(
        SiteValence(element=symbol, state=states[symbol], valence=total, neighbours=count)
        for symbol, total, count in zip(symbols, sums, counts, strict=True)
    )
    squares = [(site.valence - abs(site.state)) ** 2 for site in sites]
    return BondValence(sites=sites, instability=math.sqrt(sum(squares) / len(squares)))


def bond_length(one: str, two: str) -> float:
    """Return R0, the length in angstrom at which a bond of two elements has valence 1."""
    (r1, c1), (r2, c2) = _parameters(one), _parameters(two)
    return r1 + r2 - r1 * r2 * (math.sqrt(c1) - math.sqrt(c2)) ** 2 / (c1 * r1 + c2 * r2)


@functools.cache
def _parameters(symbol: str) -> tuple[float, float]:
    from pymatgen.analysis.bond_valence import BV_PARAMS
    from pymatgen.core import Element

    held: Any = BV_PARAMS.get(Element(symbol))
    if held is None:
        reason = f"no bond valence parameters are tabulated for {symbol}"
        raise Refuse(reason, kind=FailureKind.EMPTY)
    return float(held["r"]), float(held["c"])

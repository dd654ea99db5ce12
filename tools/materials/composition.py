"""Compositions: what a formula says of oxidation states and of the elements in it."""

import math
import warnings
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le, Len, MaxLen, MinLen
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Retry, Unit, tool
from gaseol.tools.materials.elements import tabulated
from gaseol.traces.nouns.failure import FailureKind

Formula = Annotated[str, MinLen(1), MaxLen(100)]

MOST_ELEMENTS = 6
"""Of a formula whose oxidation states are tried in all combinations."""
MOST_ATOMS = 200
"""Of its reduced formula unit."""


class OxidationStates(BaseModel):
    """One way to give every element a charge so that the formula is neutral."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    states: dict[str, Annotated[float, Unit("e"), Ge(-5), Le(9)]]
    """Mean oxidation state by element; a fraction where an element is in two states."""


class CompositionFeatures(BaseModel):
    """Numbers that follow from a formula and tabulated element properties."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    formula: str
    """As it was given."""
    reduced_formula: str
    """With the smallest whole numbers."""
    elements: Annotated[int, Ge(1)]
    """Number of different elements."""
    atoms: Annotated[float, Unit("1"), Gt(0)]
    """In the formula as given."""
    molar_mass: Annotated[float, Unit("g/mol"), Gt(0)]
    """Of the formula as given."""
    mean_atomic_mass: Annotated[float, Unit("g/mol"), Gt(0)]
    """By atom fractions, as all means here."""
    mean_electronegativity: Annotated[float, Unit("1"), Gt(0), Le(4)] | None
    """Pauling's; null where an element has none."""
    electronegativity_difference: Annotated[float, Unit("1"), Ge(0), Le(4)] | None
    """Between the most and the least electronegative element."""
    mean_valence_electrons: Annotated[float, Unit("1"), Gt(0)] | None
    """Null where an element's is not tabulated."""
    mean_atomic_radius: Annotated[float, Unit("angstrom"), Gt(0)] | None
    """Slater's empirical radii; null where an element has none."""
    transition_metal_fraction: Annotated[float, Unit("1"), Ge(0), Le(1)]
    """Share of atoms of groups 3 to 12."""
    mixing_entropy: Annotated[float, Unit("J/(mol*K)"), Ge(0)]
    """Ideal, - R sum x ln x, a mole of atoms."""


@tool(
    seconds=0.05,
    limit_seconds=30,
    needs=("pymatgen",),
    tags=("materials", "composition"),
    examples=(Example({"formula": "LiFePO4"}),),
)
def oxidation_states(
    formula: Formula, most: Annotated[int, Ge(1), Le(50)] = 5
) -> list[OxidationStates]:
    """List the oxidation states that make a formula neutral, the most common ones first.

    All combinations of each element's known states (pymatgen), ranked by how often each occurs in
    the Inorganic Crystal Structure Database. A state may be a mean of two (Fe3O4: +2.67). An
    answer says that charges balance, not that the compound exists; intermetallics and peroxides
    are not ionic in this sense.

    Valid for at most 6 elements and 200 atoms of the reduced formula.

    Args:
        formula: such as LiFePO4.
        most: give at most so many.

    Raises:
        Retry: it is no formula.
        Refuse: with kind `empty`, no combination is neutral; with kind `out_of_domain`, it has
            too many elements or atoms.
    """
    from pymatgen.core import Composition

    composition = read_formula(formula).reduced_composition
    if len(composition) > MOST_ELEMENTS or composition.num_atoms > MOST_ATOMS:
        raise Refuse(
            f"{formula} has {len(composition)} elements and {composition.num_atoms:g} atoms; at "
            f"most {MOST_ELEMENTS} and {MOST_ATOMS} are tried"
        )
    if len(composition) == 1:
        return [OxidationStates(states={composition.elements[0].symbol: 0.0})]
    guesses = Composition(composition).oxi_state_guesses()
    if not guesses:
        reason = f"no combination of known oxidation states makes {formula} neutral"
        raise Refuse(reason, kind=FailureKind.EMPTY)
    return [
        OxidationStates(states={element: float(state) for element, state in sorted(one.items())})
        for one in guesses[:most]
    ]


@tool(
    seconds=0.5,
    limit_seconds=60,
    needs=("pymatgen",),
    tags=("materials", "features"),
    examples=(Example({"formulas": ["Fe2O3"]}),),
)
def composition_features(
    formulas: Annotated[list[Formula], Len(1, 5000)],
) -> list[CompositionFeatures]:
    """Describe formulas by the elements in them, one answer for each in the given order.

    Means by atom fractions over the element data of pymatgen, as in L. Ward, A. Agrawal,
    A. Choudhary, C. Wolverton, npj Comput. Mater. 2, 16028 (2016),
    doi:10.1038/npjcompumats.2016.28. A composition says nothing of structure: polymorphs have
    one description.

    Args:
        formulas: such as Fe2O3.

    Raises:
        Retry: one of them is no formula.
    """
    return [_describe(formula) for formula in formulas]


def read_formula(formula: str) -> Any:
    """Return the pymatgen Composition of a formula.

    Raises:
        Retry: it is none.
    """
    from pymatgen.core import Composition, DummySpecies

    try:
        composition = Composition(formula, strict=True)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Retry(f"not a formula: {formula!r}") from error
    sound = 0 < composition.num_atoms <= 10_000
    if not sound or any(isinstance(one, DummySpecies) for one in composition.elements):
        raise Retry(f"not a formula of 1 to 10000 atoms: {formula!r}")
    return composition


def _describe(formula: str) -> CompositionFeatures:
    composition = read_formula(formula)
    shares = {one.symbol: float(composition.get_atomic_fraction(one)) for one in composition}

    def mean(name: str) -> float | None:
        values = {symbol: tabulated(symbol, name) for symbol in shares}
        if any(value is None for value in values.values()):
            return None
        return sum(share * (values[symbol] or 0.0) for symbol, share in shares.items())

    negativities = [tabulated(symbol, "electronegativity") for symbol in shares]
    known = [one for one in negativities if one is not None]
    entropy = -8.31446261815324 * sum(x * math.log(x) for x in shares.values())
    with warnings.catch_warnings():
        # It sorts by electronegativity, and warns that a noble gas has none.
        warnings.simplefilter("ignore", UserWarning)
        reduced = composition.reduced_formula
    return CompositionFeatures(
        formula=formula,
        reduced_formula=reduced,
        elements=len(shares),
        atoms=float(composition.num_atoms),
        molar_mass=float(composition.weight),
        mean_atomic_mass=float(composition.weight) / float(composition.num_atoms),
        mean_electronegativity=mean("electronegativity"),
        electronegativity_difference=(
            max(known) - min(known) if len(known) == len(shares) else None
        ),
        mean_valence_electrons=mean("valence_electrons"),
        mean_atomic_radius=mean("atomic_radius"),
        transition_metal_fraction=min(
            1.0,
            sum(
                x
                for one, x in zip(composition, shares.values(), strict=True)
                if 3 <= one.group <= 12
            ),
        ),
        mixing_entropy=max(0.0, entropy),
    )

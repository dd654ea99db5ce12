"""Relaxation of crystals with CHGNet, a neural network trained on density functional theory."""

import contextlib
import functools
import io
import warnings
from importlib import import_module
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Retry, Unit, tool
from gaseol.tools.materials.crystal import HALITE, Crystal
from gaseol.tools.materials.electrodes import CHARGE, Ion
from gaseol.traces.nouns.failure import FailureKind

MOST_SITES = 60
"""Atoms of a cell that relaxes within the limit on one core."""
MOST_STEPS = 500

Force = Annotated[float, Unit("eV/angstrom"), Ge(0.01), Le(0.5)]


class Relaxed(BaseModel):
    """A crystal at rest, as far as the potential knows."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    structure: Crystal
    """The relaxed crystal; the cell relaxes too."""
    energy: Annotated[float, Unit("eV"), Gt(-20), Lt(10)]
    """Per atom, on the scale of the Materials Project's corrected GGA and GGA+U energies."""
    volume_change: Annotated[float, Unit("1"), Gt(-0.6), Lt(1.5)]
    """Relative, against the crystal given."""
    steps: Annotated[int, Ge(0), Le(MOST_STEPS)]


class InsertionVoltage(BaseModel):
    """The average voltage of an insertion electrode against the metal of its ion."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    voltage: Annotated[float, Unit("V"), Ge(-1), Le(7)]
    """Between the host without the ion and with all of it."""
    full: Annotated[float, Unit("eV")]
    """Energy per atom of the relaxed host with the ion."""
    empty: Annotated[float, Unit("eV")]
    """Likewise without it."""
    volume_change: Annotated[float, Unit("1"), Gt(-0.6), Lt(1.5)]
    """Relative, of the host when the ion goes in."""
    formula: str
    """Of the host with the ion."""


@tool(
    seconds=3.0,
    limit_seconds=600,
    memory_mb=6144,
    tolerance=1e-2,
    needs=("chgnet",),
    tags=("materials", "potential", "simulation"),
    examples=(Example({"structure": HALITE, "forces": 0.2}),),
)
def relax_structure(structure: Crystal, forces: Force = 0.05) -> Relaxed:
    """Relax positions and cell of a crystal with CHGNet and return its energy.

    B. Deng et al., Nat. Mach. Intell. 5, 1031 (2023), doi:10.1038/s42256-023-00716-3, parameters
    0.3.0 as shipped in the package, FIRE with a free cell. Trained on the Materials Project's
    relaxations (GGA, GGA+U): it inherits their errors (edges of cells are off by 1 to 3%, there is no
    dispersion between layers), adds some 30 meV an atom of its own, softens far from equilibrium, and knows
    little of surfaces, molecules and charged defects.

    Valid for ordered crystals of at most 60 atoms in the cell; hydrogen to plutonium without the
    noble gases' compounds.

    Args:
        structure: an ordered crystal.
        forces: largest force on an atom at which relaxation ends.

    Raises:
        Refuse: with kind `out_of_domain`, the crystal is disordered or too large, or does not
            come to rest in 500 steps; with kind `impossible`, it flies apart or collapses.
    """
    built = structure.to_pymatgen()
    relaxed, energy, steps = relax(built, forces)
    return Relaxed(
        structure=Crystal.from_pymatgen(relaxed),
        energy=energy,
        volume_change=_grown(relaxed, built),
        steps=steps,
    )


@tool(
    seconds=5.0,
    limit_seconds=600,
    memory_mb=6144,
    tolerance=1e-2,
    needs=("chgnet",),
    tags=("materials", "potential", "electrochemistry", "simulation"),
    examples=(Example({"structure": HALITE, "ion": "Na", "forces": 0.2}),),
)
def insertion_voltage(structure: Crystal, ion: Ion, forces: Force = 0.05) -> InsertionVoltage:
    """Compute the average voltage of an insertion electrode with CHGNet.

    V = - (E(full) - E(empty) - n E(ion's metal)) / (n z): M. K. Aydinol et al., Phys. Rev. B 56,
    1354 (1997), doi:10.1103/PhysRevB.56.1354; all three relaxed. Measured against 11 lithium and
    sodium cathodes: mean absolute error .28 V, bias -.24 V (too low), correlation .96; the training
    data likely hold most of them, so this is a trend, not a blind test. Layered hosts without
    ions slide and collapse in ways that one small cell does not show; phases between full and
    empty are left out.

    Args:
        structure: the host with all of the ion in it.
        ion: what is taken out.
        forces: largest force on an atom at which relaxations end.

    Raises:
        Retry: the crystal holds none of the ion, or nothing else.
        Refuse: as `relax_structure`; with kind `impossible` also where the voltage is none that
            chemistry knows.
    """
    built = structure.to_pymatgen()
    empty = built.copy()
    empty.remove_species([ion])
    taken = len(built) - len(empty)
    if not taken or not len(empty):
        raise Retry(f"the crystal must hold {ion} and something else")
    full_rest, full, _ = relax(built, forces)
    empty_rest, bare, _ = relax(empty, forces)
    gained = full * len(built) - bare * len(empty) - taken * metal_energy(ion)
    voltage = -gained / (taken * CHARGE[ion])
    if not -1 <= voltage <= 7:
        reason = f"{voltage:.2f} V is none that chemistry knows: check the sites of the structure"
        raise Refuse(reason, kind=FailureKind.IMPOSSIBLE)
    return InsertionVoltage(
        voltage=round(voltage, 5),
        full=full,
        empty=bare,
        volume_change=_grown(full_rest, empty_rest),
        formula=built.composition.reduced_formula,
    )


def relax(built: Any, forces: float) -> tuple[Any, float, int]:
    """Return a pymatgen structure at rest, its energy in eV an atom, and the steps taken.

    Raises:
        Refuse: as `relax_structure`.
    """
    if not built.is_ordered or len(built) > MOST_SITES:
        raise Refuse(
            f"ordered crystals of at most {MOST_SITES} atoms are relaxed, not {built.formula}"
        )
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        # ASE and torch warn of things that a caller here cannot change.
        warnings.simplefilter("ignore")
        try:
            found = _optimizer().relax(built, fmax=forces, steps=MOST_STEPS, verbose=False)
        except (ValueError, RuntimeError, ZeroDivisionError) as error:
            said = " ".join(str(error).split())[:200]
            if (
                "allocate memory" in said
            ):  # torch has no MemoryError; that is no property of a crystal
                raise MemoryError(said) from error
            raise Refuse(
                f"{built.formula} flies apart: {said}", kind=FailureKind.IMPOSSIBLE
            ) from error
    course, rest = found["trajectory"], found["final_structure"]
    steps = len(course.energies) - 1
    if steps >= MOST_STEPS:
        raise Refuse(f"{built.formula} does not come to rest in {MOST_STEPS} steps")
    grown = _grown(rest, built)
    if not -0.6 < grown < 1.5:
        reason = f"{built.formula} changes its volume by {grown:+.0%}: no such crystal holds"
        raise Refuse(reason, kind=FailureKind.IMPOSSIBLE)
    return rest, round(float(course.energies[-1]) / len(built), 6), steps


@functools.cache
def metal_energy(symbol: str) -> float:
    """Return the energy per atom of an ion's metal at rest, in eV, in its structure at 298 K."""
    from pymatgen.core import Lattice, Structure

    group, edge, ratio = _METALS[symbol]
    height = edge * ratio
    lattice = (
        Lattice.hexagonal(edge, height) if group == "P6_3/mmc" else Lattice.tetragonal(edge, height)
    )
    place = (1 / 3, 2 / 3, 1 / 4) if group == "P6_3/mmc" else (0, 0, 0)
    built = Structure.from_spacegroup(group, lattice, [symbol], [place])
    return relax(built.get_primitive_structure(), 0.02)[1]


# Space group, edge in angstrom and c/a: R. W. G. Wyckoff, Crystal Structures, 2nd edition (1963).
_METALS = {
    "Li": ("Im-3m", 3.51, 1.0),
    "Na": ("Im-3m", 4.29, 1.0),
    "K": ("Im-3m", 5.25, 1.0),
    "Mg": ("P6_3/mmc", 3.21, 1.624),
    "Ca": ("Fm-3m", 5.58, 1.0),
    "Zn": ("P6_3/mmc", 2.66, 1.856),
    "Al": ("Fm-3m", 4.05, 1.0),
}


def _grown(after: Any, before: Any) -> float:
    return round(float(after.volume) / float(before.volume) - 1, 6)


@functools.cache
def _optimizer() -> Any:
    """Load the network once in a process, on one core: sums then come in one order."""
    import_module("torch").set_num_threads(1)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        return import_module("chgnet.model").StructOptimizer(use_device="cpu")

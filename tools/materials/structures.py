"""Reading a crystal structure that somebody else wrote, and saying what it is.

A file is foreign text: it is measured before it is parsed. A CIF of a few hundred kilobytes can
hold operations that keep a parser busy for minutes, a POSCAR of six lines can claim 10**9 atoms,
and pymatgen's own `Structure.from_dict` hands the site properties of a foreign JSON to a decoder
that imports what they name. So operations and atoms are counted first, and a JSON is read by the
few keys that make a structure.
"""

import json
import math
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, MaxLen
from pydantic import BaseModel, ConfigDict, ValidationError

from gaseol.tools import Example, Refuse, Retry, Unit, tool
from gaseol.tools.materials.crystal import HALITE, MAX_SITES, Crystal, Site
from gaseol.traces.nouns.failure import FailureKind

MAX_CHARACTERS = 200_000
MAX_LINE = 2048
"""Characters a line, as CIF 1.1 has it; pymatgen's time grows with the square of a line's length."""
MAX_OPERATIONS = 192
"""Of the largest space groups, Fm-3m and its kin, in their centred cells."""
MAX_IMAGES = 3_000
"""Sites of the file times operations."""

Format = Literal["cif", "poscar", "json"]

_OPERATION_KEYS = (
    "_space_group_symop_operation_xyz",
    "_space_group_symop.operation_xyz",
    "_symmetry_equiv_pos_as_xyz",
)
_OPERATION = re.compile(r"[-+xyzXYZ0-9/. ]+,[-+xyzXYZ0-9/. ]+,[-+xyzXYZ0-9/. ]+")
# What pymatgen's parsers raise for text that is not what they expect.
_PARSER_ERRORS = (ValueError, IndexError, KeyError, TypeError, ZeroDivisionError)
_SHORTEST_DISTANCE = 0.6  # angstrom; the shortest bond, H-H, has 0.74


CrystalSystem = Literal[
    "triclinic", "monoclinic", "orthorhombic", "tetragonal", "trigonal", "hexagonal", "cubic"
]

# The last space group of each crystal system, in their international order.
_SYSTEMS: dict[CrystalSystem, int] = {
    "triclinic": 2,
    "monoclinic": 15,
    "orthorhombic": 74,
    "tetragonal": 142,
    "trigonal": 167,
    "hexagonal": 194,
    "cubic": 230,
}


class Symmetry(BaseModel):
    """The space group of a structure, found within a tolerance."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    space_group: str
    """Hermann-Mauguin symbol, international short form."""
    number: Annotated[int, Ge(1), Le(230)]
    point_group: str
    crystal_system: CrystalSystem
    hall: str
    operations: Annotated[int, Ge(1), Le(MAX_OPERATIONS * MAX_SITES)]
    """Symmetry operations in the cell as given."""
    orbits: tuple[tuple[int, ...], ...]
    """The sites that symmetry makes equal, by their place among the positions."""
    wyckoff: tuple[str, ...]
    """Wyckoff letter of each orbit."""


class Description(BaseModel):
    """What a crystal weighs, and how close its atoms come."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    formula: str
    sites: Annotated[int, Ge(1), Le(MAX_SITES)]
    volume: Annotated[float, Unit("angstrom**3"), Gt(0)]
    density: Annotated[float, Unit("g/cm**3"), Gt(0), Le(50)]
    edges: tuple[Annotated[float, Unit("angstrom")], ...]
    angles: tuple[Annotated[float, Unit("degree")], ...]
    shortest_distance: Annotated[float, Unit("angstrom"), Gt(0)]
    """Between two positions, the images in the cells around included."""


@tool(
    seconds=0.05,
    limit_seconds=20,
    memory_mb=1024,
    needs=("pymatgen",),
    tags=("materials", "files"),
    examples=(Example({"text": json.dumps(HALITE), "format": "json"}),),
)
def read_structure(
    text: Annotated[str, MaxLen(MAX_CHARACTERS)],
    format: Format = "cif",  # noqa: A002
) -> Crystal:
    """Return the crystal structure that a text describes.

    Charges and site properties are left out. A JSON may be pymatgen's `Structure.as_dict()` or
    this tool's own result. A file with more operations or atoms than a crystal has, and atoms that
    lie on each other, are refused.

    Args:
        text: a CIF with one structure, a POSCAR that names its elements, or a JSON object.
        format: how the text is written.
    """
    crystal = {"cif": _from_cif, "poscar": _from_poscar, "json": _from_json}[format](text)
    distance = _shortest_distance(crystal)
    ordered = all(site.occupancy == 1.0 for site in crystal.sites)
    if ordered and distance < _SHORTEST_DISTANCE:
        reason = f"two atoms are {distance:.3g} angstrom apart; no bond is that short"
        raise Refuse(reason, kind=FailureKind.IMPOSSIBLE)
    return crystal


@tool(
    seconds=0.05,
    limit_seconds=20,
    memory_mb=1024,
    deterministic=False,  # a file may change under its name
    needs=("pymatgen",),
    tags=("materials", "files"),
    examples=(
        Example(
            {"path": "POSCAR"},
            files={"POSCAR": "iron\n2.8665\n1 0 0\n0 1 0\n0 0 1\nFe\n2\nDirect\n0 0 0\n.5 .5 .5\n"},
        ),
    ),
)
def read_structure_file(path: Path) -> Crystal:
    """Return the crystal structure in a file, as `read_structure` would from its text.

    Args:
        path: a file that ends in .cif, .vasp or .json, or is named POSCAR or CONTCAR.
    """
    formats: dict[str, Format] = {
        ".cif": "cif",
        ".vasp": "poscar",
        ".poscar": "poscar",
        ".json": "json",
    }
    named = "poscar" if path.name in ("POSCAR", "CONTCAR") else formats.get(path.suffix.lower())
    if named is None:
        raise Retry(f"{path.name!r} says no format; give a .cif, .vasp or .json file")
    try:
        there = path.is_file()
    except OSError as error:  # a name that is too long for the system, say
        reason = f"{path.name[:80]!r} cannot be looked for: {error.strerror}"
        raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS) from None
    if not there:
        raise Refuse(f"there is no file {path.name!r}", kind=FailureKind.EMPTY)
    with path.open("rb") as file:
        held = file.read(MAX_CHARACTERS + 1)
    if len(held) > MAX_CHARACTERS:
        raise Refuse(f"{path.name!r} is larger than {MAX_CHARACTERS} bytes")
    return read_structure(held.decode("utf-8", errors="replace"), named)


@tool(
    seconds=0.02,
    needs=("pymatgen",),
    tags=("materials",),
    examples=(
        Example(
            {"structure": HALITE},
            value={"density": 2.17},
            tolerance=0.01,
            source="CRC Handbook of Chemistry and Physics, sodium chloride",
        ),
    ),
)
def describe_structure(structure: Crystal) -> Description:
    """Return formula, density, cell and shortest distance of a crystal.

    Args:
        structure: the crystal.
    """
    built = structure.to_pymatgen()
    return Description(
        formula=built.composition.reduced_formula,
        sites=len(structure.sites),
        volume=structure.volume,
        density=float(built.density),
        edges=tuple(float(edge) for edge in built.lattice.abc),
        angles=tuple(float(angle) for angle in built.lattice.angles),
        shortest_distance=_shortest_distance(structure),
    )


@tool(
    seconds=0.02,
    needs=("spglib",),
    tags=("materials",),
    examples=(
        Example(
            {"structure": HALITE},
            value={"number": 225},
            source="R. W. G. Wyckoff, Crystal Structures, 2nd edition (1963)",
        ),
    ),
)
def symmetry(
    structure: Crystal,
    tolerance: Annotated[float, Unit("angstrom"), Gt(0), Le(0.5)] = 0.01,
) -> Symmetry:
    """Return the space group of a crystal, found by spglib.

    A. Togo, K. Shinohara and I. Tanaka, Sci. Technol. Adv. Mater. Methods 4 (2024) 2384822.

    Args:
        structure: the crystal.
        tolerance: how far atoms may be from their symmetric places.
    """
    import warnings

    import spglib

    places = structure.places
    kinds = list(dict.fromkeys(places.values()))
    cell = (structure.cell, list(places), [kinds.index(held) for held in places.values()])
    nothing = Refuse(f"no space group fits within {tolerance:g} angstrom")
    with warnings.catch_warnings():
        # Every call of spglib 2.7 warns that a failure will become an exception in 2.8.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            dataset = spglib.get_symmetry_dataset(cell, symprec=tolerance)
        except spglib.SpglibError as error:
            raise nothing from error
    if dataset is None:
        raise nothing
    equal = [int(first) for first in dataset.equivalent_atoms]
    orbits = tuple(
        tuple(i for i, first in enumerate(equal) if first == kind) for kind in dict.fromkeys(equal)
    )
    number = int(dataset.number)
    return Symmetry(
        space_group=dataset.international,
        number=number,
        point_group=dataset.pointgroup,
        crystal_system=next(name for name, last in _SYSTEMS.items() if number <= last),
        hall=dataset.hall,
        operations=len(dataset.rotations),
        orbits=orbits,
        wyckoff=tuple(str(dataset.wyckoffs[orbit[0]]) for orbit in orbits),
    )


@tool(
    seconds=0.02,
    limit_seconds=20,
    needs=("pymatgen",),
    tags=("materials", "files"),
    examples=(Example({"structure": HALITE}),),
)
def write_structure(structure: Crystal, format: Format = "cif") -> str:  # noqa: A002
    """Return a crystal as the text of a file, which `read_structure` reads back.

    A CIF lists every atom of the cell in P1. A POSCAR has no place for occupancies.

    Args:
        structure: the crystal.
        format: how to write it.

    Raises:
        Refuse: a disordered crystal cannot be written as a POSCAR.
    """
    built = structure.to_pymatgen()
    match format:
        case "cif":
            from pymatgen.io.cif import CifWriter

            return str(CifWriter(built))
        case "poscar":
            from pymatgen.io.vasp.inputs import Poscar

            if not built.is_ordered:
                raise Refuse("a POSCAR has no place for occupancies: write a CIF or a JSON")
            return Poscar(built, sort_structure=True).get_str(significant_figures=10)
        case "json":
            return structure.model_dump_json()


def _from_cif(text: str) -> Crystal:
    import warnings

    from pymatgen.io.cif import CifFile, CifParser

    if any(len(line) > MAX_LINE for line in text.splitlines()):
        raise Refuse(f"a line of the CIF has over {MAX_LINE} characters")
    with warnings.catch_warnings():
        # The parser warns where it rounds 0.3333 to a third, which is what the author meant.
        warnings.simplefilter("ignore")
        try:
            blocks = [dict(block.data) for block in CifFile.from_str(text).data.values()]
        except _PARSER_ERRORS as error:
            raise Retry(f"not a CIF: {_said(error)}") from error
        _check_block(blocks)
        try:
            built = CifParser.from_str(text).parse_structures(primitive=False)[0]
        except _PARSER_ERRORS as error:
            raise Retry(f"not a structure: {_said(error)}") from error
    return _checked(built)


def _check_block(blocks: list[dict[str, Any]]) -> None:
    """Measure a CIF whose text is split but whose operations have not been applied."""
    blocks = [block for block in blocks if "_atom_site_fract_x" in block]
    if len(blocks) != 1:
        raise Retry(f"the CIF holds {len(blocks)} structures; give exactly one")
    block = blocks[0]
    if any(key.startswith(("_space_group_magn", "_space_group_symop_magn")) for key in block):
        raise Refuse("magnetic CIFs are not read")
    operations = [str(line) for key in _OPERATION_KEYS for line in _listed(block.get(key, []))]
    if len(operations) > MAX_OPERATIONS:
        raise Refuse(f"{len(operations)} operations; no space group has over {MAX_OPERATIONS}")
    odd = [line for line in operations if len(line) > 80 or not _OPERATION.fullmatch(line.strip())]
    if odd:
        raise Retry(f"not a symmetry operation: {odd[0][:80]!r}")
    if not operations and not any("H-M" in key or "IT_number" in key for key in block):
        raise Retry("the CIF says neither its operations nor its space group")
    sites = len(_listed(block["_atom_site_fract_x"]))
    # Without a list the space group's own operations will be applied.
    images = sites * (len(operations) or MAX_OPERATIONS)
    if sites > MAX_SITES or images > MAX_IMAGES:
        raise Refuse(
            f"{sites} sites make {images} images under the operations; "
            f"at most {MAX_SITES} sites and {MAX_IMAGES} images are read"
        )


def _from_poscar(text: str) -> Crystal:
    from pymatgen.io.vasp.inputs import Poscar

    lines = text.splitlines()
    if len(lines) < 8:
        raise Retry("a POSCAR has at least eight lines")
    symbols, counts = lines[5].split(), lines[6].split()
    if not symbols or not all(re.fullmatch(r"[A-Z][a-z]?", symbol) for symbol in symbols):
        raise Retry("line 6 of the POSCAR must name the elements")
    if len(counts) != len(symbols) or not all(re.fullmatch(r"[1-9]\d{0,5}", n) for n in counts):
        raise Retry("line 7 of the POSCAR must say how many atoms each element has")
    atoms = sum(map(int, counts))
    if atoms > MAX_SITES:
        raise Refuse(f"the POSCAR claims {atoms} atoms; at most {MAX_SITES} are read")
    if len(lines) < 8 + atoms:
        raise Retry(f"the POSCAR claims {atoms} atoms and has lines for fewer")
    try:
        built = Poscar.from_str(text, read_velocities=False).structure
    except (*_PARSER_ERRORS, UserWarning) as error:  # it raises BadPoscarWarning, a UserWarning
        raise Retry(f"not a POSCAR: {_said(error)}") from error
    return _checked(built)


def _from_json(text: str) -> Crystal:
    try:
        held = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Retry(f"not a JSON: {error}") from error
    if not isinstance(held, dict):
        raise Retry("the JSON must be an object")
    try:
        if "cell" in held:
            return Crystal.model_validate(held)
        if held.get("@class", "Structure") not in ("Structure", "IStructure"):
            raise Retry(f"the JSON is a {str(held['@class'])[:60]!r}, not a Structure")
        sites = held["sites"]
        if len(sites) > MAX_SITES:
            raise Refuse(f"{len(sites)} sites; at most {MAX_SITES} are read")
        return Crystal(
            cell=held["lattice"]["matrix"],
            sites=tuple(
                Site(element=part["element"], position=site["abc"], occupancy=part["occu"])
                for site in sites
                for part in site["species"]
            ),
        )
    except (KeyError, TypeError) as error:
        raise Retry(f"the JSON is not a structure: {type(error).__name__} {error}") from error
    except ValidationError as error:
        raise Retry(f"the JSON is not a structure: {_first(error)}") from error


def _checked(built: Any) -> Crystal:
    if len(built) > MAX_SITES:
        raise Refuse(f"{len(built)} atoms in the cell; at most {MAX_SITES} are read")
    try:
        return Crystal.from_pymatgen(built)
    except ValidationError as error:
        raise Refuse(f"not a crystal: {_first(error)}", kind=FailureKind.IMPOSSIBLE) from error


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _first(error: ValidationError) -> str:
    detail = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, detail['loc']))} {detail['msg']}".strip()


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _shortest_distance(crystal: Crystal) -> float:
    import numpy as np

    built = crystal.to_pymatgen()
    distances = np.array(built.distance_matrix)
    np.fill_diagonal(distances, math.inf)
    # An atom's own image is a lattice vector away.
    reduced = built.lattice.get_lll_reduced_lattice()
    return float(min(distances.min(), *reduced.abc))

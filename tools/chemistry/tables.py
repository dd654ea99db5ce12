"""Tables: experimental values that ship with the libraries `chemicals` and `thermo`."""

import math
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Literal

from gaseol.tools import Refuse
from gaseol.tools.chemistry.molecule import elements, oddity, read, write
from gaseol.traces.nouns.failure import FailureKind

Property = Literal[
    "boiling_point",
    "melting_point",
    "dipole_moment",
    "formation_enthalpy",
    "henry_constant",
    "henry_temperature_dependence",
]
"""What is tabulated; the last is the part of the Henry constants that is best founded."""

ROOM = 298.15
"""Temperature of the Henry constants, in K."""
WATER = "7732-18-5"
CRC = (
    "CRC Handbook of Chemistry and Physics, 95th edition, W. M. Haynes, T. J. Bruno, D. R. Lide "
    "(editors), CRC Press, 2014"
)
CCCBDB = (
    "NIST Computational Chemistry Comparison and Benchmark Database, R. D. Johnson III (editor), "
    "doi:10.18434/T47C7Z, experimental dipole moments as shipped by chemicals"
)
ATCT = (
    "Active Thermochemical Tables, B. Ruscic, D. H. Bross, Argonne National Laboratory, gaseous "
    "species at 298.15 K as shipped by chemicals, which names no version"
)
SANDER = (
    "R. Sander's compilation of Henry's law constants for water as solvent, as shipped by thermo, "
    "which names no version; the current one: Atmos. Chem. Phys. 23, 10901 (2023), "
    "doi:10.5194/acp-23-10901-2023"
)


@dataclass(frozen=True)
class Entry:
    """A substance in a table."""

    cas: str
    smiles: str
    """Canonical."""
    name: str | None
    heavy_atoms: int
    elements: frozenset[str]
    ordinary: bool
    """One neutral closed-shell organic molecule."""


@dataclass(frozen=True)
class Table:
    """Values by CAS number."""

    property: Property
    source: str
    values: Mapping[str, float]
    """K, debye, kJ/mol or Pa."""
    uncertainties: Mapping[str, float] = field(default_factory=dict)
    """In the values' unit, where the table states them."""

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Substances by canonical SMILES; where several CAS numbers share one, the lowest."""
        known = (_entry(cas) for cas in sorted(self.values, key=_number))
        entries: dict[str, Entry] = {}
        for entry in known:
            if entry is not None:
                entries.setdefault(entry.smiles, entry)
        return entries

    def find(self, compound: str) -> Entry:
        """Return the substance that a SMILES or a CAS number names.

        Raises:
            Refuse: with kind `empty`, it is not tabulated, or the library knows no structure of
                it; with kind `bad_arguments`, the SMILES does not parse.
        """
        if re.fullmatch(r"\d{2,7}-\d\d-\d", compound):
            found = _entry(compound) if compound in self.values else None
        else:
            found = self.entries.get(_canonical(compound))
        if found is None:
            what = self.property.replace("_", " ")
            lack = (
                f"no structure is known for the {what}" if compound in self.values else f"no {what}"
            )
            reason = f"{lack} of {compound!r} in {self.source}"
            raise Refuse(reason, kind=FailureKind.EMPTY)
        return found


@cache
def table(of: Property) -> Table:
    """Load the table of a property, once in a process."""
    match of:
        case "boiling_point":
            return Table(of, CRC, _crc("Tb"))
        case "melting_point":
            return Table(of, CRC, _crc("Tm"))
        case "dipole_moment":
            return Table(of, CCCBDB, _dipoles())
        case "formation_enthalpy":
            return Table(of, ATCT, *_enthalpies())
        case "henry_temperature_dependence":
            return Table(of, SANDER, _sander("Sander T dep"))
        case "henry_constant":
            best = {**_sander("Sander Const"), **_sander("Sander T dep")}
            return Table(of, SANDER, best)


def _crc(column: Literal["Tb", "Tm"]) -> dict[str, float]:
    """Return a column of the handbook's organic compounds, in K.

    One method only: `chemicals` otherwise falls through to compilations that mix in predictions,
    and at last to an estimate by group contributions.
    """
    from chemicals import phase_change

    look_up = phase_change.Tb if column == "Tb" else phase_change.Tm
    look_up("64-17-5", method="CRC_ORG")  # loads the tables
    sources = phase_change.Tb_sources if column == "Tb" else phase_change.Tm_sources
    return sources["CRC_ORG"][column].dropna().to_dict()


def _dipoles() -> dict[str, float]:
    """Return dipole moments in debye: one table only, the others hold computed ones too."""
    from chemicals import dipole

    dipole.dipole_moment("64-17-5", method="CCCBDB")  # loads the tables
    return dipole.dipole_sources["CCCBDB"]["dipole_moment"].dropna().to_dict()


def _enthalpies() -> tuple[dict[str, float], dict[str, float]]:
    """Return gas enthalpies of formation at 298.15 K and their uncertainties, in kJ/mol."""
    from chemicals import reaction

    reaction.Hfg("64-17-5", method="ATCT_G")  # loads the tables
    held = reaction.Hfg_sources["ATCT_G"].dropna(subset=["Hfg", "uncertainty"])
    values, spreads = ((held[column] / 1000).to_dict() for column in ("Hfg", "uncertainty"))
    return values, spreads


def _sander(name: Literal["Sander Const", "Sander T dep"]) -> dict[str, float]:
    """Return Henry constants in water at 298.15 K as p/x in Pa: ln H = A + B/T."""
    with warnings.catch_warnings():
        # thermo leaves it to the garbage collector to close the files it reads here.
        warnings.simplefilter("ignore", ResourceWarning)
        from thermo.interaction_parameters import IPDB

    found = {}
    for pair, constants in IPDB.tables[name].items():
        solute, _, solvent = pair.partition(" ")
        if solvent == WATER:
            found[solute] = math.exp(constants["A"] + constants["B"] / ROOM)
    return found


@cache
def _entry(cas: str) -> Entry | None:
    """Return what the library knows of a CAS number; None without a readable structure."""
    from chemicals.identifiers import pubchem_db

    known = pubchem_db.search_CAS(_number(cas))
    if not known or not known.smiles:
        return None
    try:
        mol = read(known.smiles)
    except Refuse:
        return None  # a structure of the library that breaks rdkit's valence rules
    return Entry(
        cas=cas,
        smiles=write(mol),
        name=known.common_name or known.iupac_name or None,
        heavy_atoms=mol.GetNumHeavyAtoms(),
        elements=elements(mol),
        ordinary=oddity(mol) is None,
    )


@cache
def _canonical(smiles: str) -> str:
    return write(read(smiles))


def _number(cas: str) -> int:
    return int(cas.replace("-", ""))

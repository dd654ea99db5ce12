"""Spaces of molecules: a list of them, or all that change and mixture lead to."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from gaseol.tools.chemistry.breeding import Limits, child, mutant
from gaseol.tools.chemistry.druglikeness import Catalogue, alerted, synthetic_accessibility
from gaseol.tools.chemistry.fingerprint import featurise
from gaseol.tools.space import Cell, Features, SpaceError, SpaceKind

if TYPE_CHECKING:
    import numpy as np
    from rdkit.Chem.rdchem import Mol

_KEPT = 8_000
"""Molecules kept as rdkit holds them, so that parents are not read again and again."""


@dataclass(frozen=True)
class Rules:
    """What a molecule that is proposed has to keep, beyond its size."""

    accessibility: float | None = None
    """Synthetic accessibility of at most this: 1 is easy to make, 10 is hard."""
    alerts: tuple[Catalogue, ...] = ()
    """Catalogues of structural alerts, none of which it may match."""

    def keep(self, mol: "Mol") -> bool:
        """Tell whether a molecule keeps them."""
        if self.accessibility is not None:
            one = mol.GetNumAtoms() < 2
            if one or synthetic_accessibility(mol) > self.accessibility:
                return False
        return not any(alerted(mol, catalogue) for catalogue in self.alerts)


@dataclass
class Molecules:
    """Molecules that grow out of a set to start from."""

    start: tuple[str, ...]
    """SMILES."""
    limits: Limits = field(default_factory=Limits)
    rules: Rules = field(default_factory=Rules)
    _mols: "OrderedDict[str, Mol]" = field(default_factory=OrderedDict, repr=False)

    @property
    def size(self) -> int | None:
        """None: they cannot be listed."""
        return None

    def enumerate(self) -> Sequence[str]:
        """Raise, for they cannot be listed.

        Raises:
            SpaceError: always.
        """
        raise SpaceError("molecules that grow cannot be listed; take the kind `molecule_list`")

    def sample(self, n: int, rng: "np.random.Generator") -> list[str]:
        """Return molecules of the set to start from, canonical."""
        count = min(n, len(self.start))
        found = [self.start[i] for i in rng.choice(len(self.start), size=count, replace=False)]
        names = dict.fromkeys(self._canonical(smiles) for smiles in found)
        return [name for name in names if self.rules.keep(self.mol(name))]

    def mutate(self, points: Sequence[str], rng: "np.random.Generator") -> list[str]:
        """Return each molecule with one change of an atom, a bond or a ring."""
        found = (mutant(self.mol(point), self.limits, rng) for point in points)
        return [self._hold(*bred) for bred in found if bred and self.rules.keep(bred[1])]

    def cross(
        self, firsts: Sequence[str], seconds: Sequence[str], rng: "np.random.Generator"
    ) -> list[str]:
        """Return a part of each first joined to a part of its second."""
        found = (
            child(self.mol(a), self.mol(b), self.limits, rng)
            for a, b in zip(firsts, seconds, strict=True)
        )
        return [self._hold(*bred) for bred in found if bred and self.rules.keep(bred[1])]

    def featurise(self, points: Sequence[str]) -> Features:
        """Return counted substructures and descriptors.

        Raises:
            SpaceError: a point is no SMILES.
        """
        return featurise([self.mol(point) for point in points])

    def rows(self, points: Sequence[str]) -> list[dict[str, Cell]]:
        """Return the SMILES of each point as the cell `smiles`."""
        return [{"smiles": point} for point in points]

    def read(self, text: str) -> str:
        """Return the canonical SMILES of a molecule within the limits.

        Raises:
            SpaceError: it is no SMILES of one molecule, or breaks a limit or a rule.
        """
        mol = self.mol(text)
        name = self._canonical(text)
        if "." in name:
            raise SpaceError(f"{text!r} is more than one molecule")
        if mol.GetNumHeavyAtoms() > self.limits.heavy_atoms:
            raise SpaceError(f"{text!r} has more than {self.limits.heavy_atoms} heavy atoms")
        rings = mol.GetRingInfo().AtomRings()
        if any(len(ring) > self.limits.ring for ring in rings):
            raise SpaceError(f"{text!r} has a ring of more than {self.limits.ring} atoms")
        if not self.rules.keep(mol):
            raise SpaceError(f"{text!r} breaks a rule of the space")
        return name

    def mol(self, smiles: str) -> "Mol":
        """Return a molecule as rdkit holds it.

        Raises:
            SpaceError: it is no SMILES.
        """
        from rdkit import Chem, rdBase

        mol = self._mols.get(smiles)
        if mol is None:
            with rdBase.BlockLogs():
                mol = Chem.MolFromSmiles(smiles)
            if mol is None or not mol.GetNumAtoms():
                raise SpaceError(f"{smiles!r} is no SMILES of a molecule")
            self._mols[smiles] = mol
            if len(self._mols) > _KEPT:
                self._mols.popitem(last=False)
        return mol

    def _hold(self, smiles: str, mol: "Mol") -> str:
        self._mols.setdefault(smiles, mol)
        if len(self._mols) > _KEPT:
            self._mols.popitem(last=False)
        return smiles

    def _canonical(self, smiles: str) -> str:
        from rdkit import Chem

        return Chem.MolToSmiles(self.mol(smiles))


@dataclass
class MoleculeList:
    """A list of molecules, each of which may be measured."""

    molecules: tuple[str, ...]
    """SMILES, as they were given."""
    names: tuple[str, ...] = ()
    """What each is called; by default its SMILES."""
    _place: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.molecules:
            raise SpaceError("the list of molecules is empty")
        self.names = self.names or self.molecules
        if len(self.names) != len(self.molecules):
            raise SpaceError(f"{len(self.names)} names for {len(self.molecules)} molecules")
        self._place = {name: i for i, name in enumerate(self.names)}
        if len(self._place) < len(self.names):
            twice = next(name for name in self.names if self.names.count(name) > 1)
            raise SpaceError(f"two molecules are named '{twice}'; give the list other names")

    @property
    def size(self) -> int | None:
        """How many molecules there are."""
        return len(self.molecules)

    def enumerate(self) -> Sequence[str]:
        """Return the names of all molecules."""
        return self.names

    def sample(self, n: int, rng: "np.random.Generator") -> list[str]:
        """Return molecules at random."""
        size = min(n, len(self.molecules))
        return [self.names[i] for i in rng.choice(len(self.molecules), size, replace=False)]

    def mutate(self, points: Sequence[str], rng: "np.random.Generator") -> list[str]:
        """Return a molecule at random for each: a list has no changes of its own."""
        return self.sample(len(points), rng)

    def cross(
        self, firsts: Sequence[str], seconds: Sequence[str], rng: "np.random.Generator"
    ) -> list[str]:
        """Return a molecule at random for each two: a list has no mixtures."""
        return self.sample(min(len(firsts), len(seconds)), rng)

    def featurise(self, points: Sequence[str]) -> Features:
        """Return counted substructures and descriptors.

        Raises:
            SpaceError: a point is not of the list, or no SMILES.
        """
        from rdkit import Chem, rdBase

        smiles = [str(row["smiles"]) for row in self.rows(points)]
        with rdBase.BlockLogs():
            mols = [Chem.MolFromSmiles(one) for one in smiles]
        for one, mol in zip(smiles, mols, strict=True):
            if mol is None or not mol.GetNumAtoms():
                raise SpaceError(f"{one!r} is no SMILES of a molecule")
        return featurise(mols)

    def rows(self, points: Sequence[str]) -> list[dict[str, Cell]]:
        """Return the SMILES of each point as the cell `smiles`.

        Raises:
            SpaceError: a point is not of the list.
        """
        strange = next((p for p in points if p not in self._place), None)
        if strange is not None:
            raise SpaceError(f"{strange!r} is not of the list")
        return [{"smiles": self.molecules[self._place[p]]} for p in points]


def _start(rows: Sequence[Mapping[str, Cell]]) -> tuple[str, ...]:
    from rdkit import Chem, rdBase

    found = tuple(str(row["smiles"]) for row in rows if row.get("smiles"))
    if not found:
        raise SpaceError("molecules need rows with a column `smiles` to start from")
    with rdBase.BlockLogs():
        for number, smiles in enumerate(found, start=1):
            mol = Chem.MolFromSmiles(smiles)
            if mol is None or not mol.GetNumAtoms():
                raise SpaceError(f"molecule {number}, {smiles!r}, is no SMILES of a molecule")
    return found


def _make(rows: Sequence[Mapping[str, Cell]], options: Mapping[str, Any]) -> Molecules:
    least = {"heavy_atoms": 2, "ring": 3}
    rules = ("accessibility", "alerts")
    if not set(options) <= {*least, *rules}:
        raise SpaceError(f"the space `molecules` takes {', '.join((*least, *rules))}")
    sizes = {name: value for name, value in options.items() if name in least}
    for name, value in sizes.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < least[name]:
            raise SpaceError(f"`{name}` is a whole number of at least {least[name]}, not {value!r}")
    found = Molecules(_start(rows), Limits(**sizes), _rules(options))
    if not any(found.rules.keep(found.mol(smiles)) for smiles in found.start):
        raise SpaceError("none of the molecules to start from keeps `accessibility` and `alerts`")
    return found


def _rules(options: Mapping[str, Any]) -> Rules:
    easy, alerts = options.get("accessibility"), options.get("alerts", [])
    number = isinstance(easy, int | float) and not isinstance(easy, bool)
    if easy is not None and not (number and 1 <= easy <= 10):
        raise SpaceError(f"`accessibility` is a number from 1, easy, to 10, hard, not {easy!r}")
    known = get_args(Catalogue)
    if not isinstance(alerts, list | tuple) or not set(alerts) <= set(known):
        raise SpaceError(f"`alerts` is a list of {' and '.join(known)}, not {alerts!r}")
    return Rules(easy, tuple(alerts))


def _make_list(rows: Sequence[Mapping[str, Cell]], options: Mapping[str, Any]) -> MoleculeList:
    if options:
        raise SpaceError("the space `molecule_list` takes no options")
    return MoleculeList(_start(rows))


molecules = SpaceKind("molecules", "molecules that grow out of those given", _make)
molecule_list = SpaceKind("molecule_list", "the molecules given, and no others", _make_list)

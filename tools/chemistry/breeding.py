"""Molecules bred: one changed a little, or two that exchange parts.

The operations are those of graph-based genetic algorithms (J. H. Jensen, Chem. Sci. 10, 3567
(2019), doi:10.1039/c8sc05372c): everything is done on the structural formula with its double bonds
in place, and only what rdkit accepts as a molecule is returned.
"""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.random import Generator
    from rdkit.Chem.rdchem import Atom, Mol, RWMol

_TRIES = 6

_ELEMENTS = (6, 7, 8, 9, 16, 17, 35, 15)
_SHARES = (0.30, 0.22, 0.20, 0.10, 0.06, 0.06, 0.03, 0.03)
_VALENCE = {6: 4, 7: 3, 8: 2, 9: 1, 15: 5, 16: 6, 17: 1, 35: 1, 53: 1}


@dataclass(frozen=True)
class Limits:
    """What a bred molecule may be."""

    heavy_atoms: int = 50
    ring: int = 7
    """Atoms in its largest ring, whatever its parents had."""


def mutant(mol: "Mol", limits: Limits, rng: "Generator") -> "tuple[str, Mol] | None":
    """Return a molecule with one change; None where none was found in a few tries."""
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        for _ in range(_TRIES):
            change = _CHANGES[int(rng.choice(len(_CHANGES), p=_WEIGHTS))]
            work = Chem.RWMol(mol)
            Chem.Kekulize(work, clearAromaticFlags=True)
            if change(work, rng):
                found = _finished(work, limits)
                if found is not None:
                    return found
    return None


def child(a: "Mol", b: "Mol", limits: Limits, rng: "Generator") -> "tuple[str, Mol] | None":
    """Return a part of one molecule joined to a part of another; None where none was found."""
    from rdkit import rdBase

    with rdBase.BlockLogs():
        for _ in range(_TRIES):
            cut = _ring_cut if rng.random() < 0.3 else _chain_cut
            left, right = cut(a, rng), cut(b, rng)
            if left is None or right is None:
                continue
            joined = _joined(left, right, rng)
            found = None if joined is None else _finished(joined, limits)
            if found is not None:
                return found
    return None


def _finished(work: "RWMol | Mol", limits: Limits) -> "tuple[str, Mol] | None":
    """Return canonical SMILES and the molecule read from it, if it is one and within the limits."""
    from rdkit import Chem

    if not 2 <= work.GetNumAtoms() <= limits.heavy_atoms:
        return None
    mol = Chem.Mol(work)
    if Chem.SanitizeMol(mol, catchErrors=True) != Chem.SanitizeFlags.SANITIZE_NONE:
        return None
    if any(len(ring) > limits.ring for ring in mol.GetRingInfo().AtomRings()):
        return None
    _, strained, radical = _queries()
    if mol.HasSubstructMatch(strained) or len(mol.GetAtomsMatchingQuery(radical)):
        return None
    smiles = Chem.MolToSmiles(mol)
    again = None if "." in smiles else Chem.MolFromSmiles(smiles)
    return None if again is None else (smiles, again)


@cache
def _queries() -> "tuple[Mol, Mol, Any]":
    """Return what finds single bonds outside rings, carbons in rings with two double bonds, radicals.

    Looked for by rdkit itself: a loop over atoms costs more than all else here.
    """
    from rdkit import Chem
    from rdkit.Chem import rdqueries

    return (
        Chem.MolFromSmarts("*-;!@*"),
        Chem.MolFromSmarts("[#6;R](=,#*)=,#*"),
        rdqueries.NumRadicalElectronsGreaterQueryAtom(0),
    )


def _chain_cut(mol: "Mol", rng: "Generator") -> "Mol | None":
    """Return one side of a single bond outside rings, with a dummy atom where it was cut."""
    from rdkit import Chem

    bonds = mol.GetSubstructMatches(_queries()[0])
    if not bonds:
        return None
    chosen = mol.GetBondBetweenAtoms(*bonds[int(rng.integers(len(bonds)))])
    cut = Chem.FragmentOnBonds(mol, [chosen.GetIdx()], dummyLabels=[(0, 0)])
    parts = Chem.GetMolFrags(cut, asMols=True, sanitizeFrags=False)
    return parts[int(rng.integers(len(parts)))] if len(parts) == 2 else None


def _ring_cut(mol: "Mol", rng: "Generator") -> "Mol | None":
    """Return one side of a ring that was cut at two of its bonds."""
    from rdkit import Chem

    rings = mol.GetRingInfo().BondRings()
    if not rings:
        return None
    whole = Chem.Mol(mol)
    Chem.Kekulize(whole, clearAromaticFlags=True)
    info = mol.GetRingInfo()
    ring = [b for b in rings[int(rng.integers(len(rings)))] if info.NumBondRings(b) == 1]
    single = [b for b in ring if whole.GetBondWithIdx(b).GetBondType() == Chem.BondType.SINGLE]
    if len(single) < 2:
        return None
    pair = sorted(int(b) for b in rng.choice(single, size=2, replace=False))
    cut = Chem.FragmentOnBonds(whole, pair, dummyLabels=[(0, 0), (0, 0)])
    parts = Chem.GetMolFrags(cut, asMols=True, sanitizeFrags=False)
    return parts[int(rng.integers(len(parts)))] if len(parts) == 2 else None


def _joined(left: "Mol", right: "Mol", rng: "Generator") -> "RWMol | None":
    """Return two parts bonded where their dummy atoms were."""
    from rdkit import Chem

    both = Chem.RWMol(Chem.CombineMols(left, right))
    Chem.Kekulize(both, clearAromaticFlags=True)
    size = left.GetNumAtoms()
    ends: tuple[list[int], list[int]] = ([], [])
    dummies: list[int] = []
    for atom in both.GetAtoms():
        if atom.GetAtomicNum() == 0:
            dummies.append(atom.GetIdx())
            (near,) = atom.GetNeighbors()
            ends[int(atom.GetIdx() >= size)].append(near.GetIdx())
    if len(ends[0]) != len(ends[1]):
        return None
    if len(ends[0]) == 2 and rng.random() < 0.5:
        ends[1].reverse()
    for a, b in zip(*ends, strict=True):
        if both.GetBondBetweenAtoms(a, b) is not None:
            return None
        both.AddBond(a, b, Chem.BondType.SINGLE)
    for at in sorted(dummies, reverse=True):
        both.RemoveAtom(at)
    return both


def _free(atom: "Atom") -> int:
    """Return how many more bonds an atom takes: its hydrogens."""
    return atom.GetTotalNumHs()


def _pick(atoms: "list[Atom]", rng: "Generator") -> "Atom | None":
    return atoms[int(rng.integers(len(atoms)))] if atoms else None


def _element(rng: "Generator") -> int:
    return int(rng.choice(_ELEMENTS, p=_SHARES))


def _replace(work: "RWMol", rng: "Generator") -> bool:
    """Make an atom another element."""
    from rdkit.Chem import ChiralType

    atom = _pick([a for a in work.GetAtoms() if not a.GetFormalCharge()], rng)
    if atom is None:
        return False
    element = _element(rng)
    used = sum(bond.GetBondTypeAsDouble() for bond in atom.GetBonds())
    if element == atom.GetAtomicNum() or used > _VALENCE[element]:
        return False
    atom.SetAtomicNum(element)
    atom.SetNoImplicit(False)
    atom.SetNumExplicitHs(0)
    atom.SetChiralTag(ChiralType.CHI_UNSPECIFIED)
    return True


def _append(work: "RWMol", rng: "Generator") -> bool:
    """Put a new atom onto one that has a hydrogen."""
    from rdkit import Chem

    atom = _pick([a for a in work.GetAtoms() if _free(a)], rng)
    if atom is None:
        return False
    element = _element(rng)
    most = min(_free(atom), _VALENCE[element])
    order = 2 if most >= 2 and rng.random() < 0.25 else 1
    new = work.AddAtom(Chem.Atom(element))
    _spend(atom, order)
    work.AddBond(atom.GetIdx(), new, Chem.BondType.values[order])
    return True


def _insert(work: "RWMol", rng: "Generator") -> bool:
    """Put a new atom into a single bond."""
    from rdkit import Chem

    bonds = [b for b in work.GetBonds() if b.GetBondType() == Chem.BondType.SINGLE]
    if not bonds:
        return False
    bond = bonds[int(rng.integers(len(bonds)))]
    element = int(rng.choice((6, 7, 8, 16), p=(0.5, 0.25, 0.2, 0.05)))
    a, b = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
    new = work.AddAtom(Chem.Atom(element))
    work.RemoveBond(a, b)
    work.AddBond(a, new, Chem.BondType.SINGLE)
    work.AddBond(new, b, Chem.BondType.SINGLE)
    return True


def _delete(work: "RWMol", rng: "Generator") -> bool:
    """Take an atom out; what it held together is joined where it had two neighbours."""
    from rdkit import Chem

    atom = _pick([a for a in work.GetAtoms() if a.GetDegree() in (1, 2)], rng)
    if atom is None or work.GetNumAtoms() <= 3:
        return False
    near = [a.GetIdx() for a in atom.GetNeighbors()]
    if len(near) == 2:
        if work.GetBondBetweenAtoms(*near) is not None:
            return False
        work.AddBond(near[0], near[1], Chem.BondType.SINGLE)
    for at in near:
        _loosen(work.GetAtomWithIdx(at))
    work.RemoveAtom(atom.GetIdx())
    return True


def _loosen(atom: "Atom") -> None:
    """Let rdkit count the hydrogens of an uncharged atom anew."""
    if not atom.GetFormalCharge():
        atom.SetNoImplicit(False)
        atom.SetNumExplicitHs(0)


def _spend(atom: "Atom", hydrogens: int) -> None:
    """Take explicit hydrogens away that a new bond replaces."""
    if atom.GetNumExplicitHs():
        atom.SetNumExplicitHs(max(0, atom.GetNumExplicitHs() - hydrogens))


def _order(work: "RWMol", rng: "Generator") -> bool:
    """Make a bond single, double or triple."""
    from rdkit import Chem

    bonds = list(work.GetBonds())
    if not bonds:
        return False
    bond = bonds[int(rng.integers(len(bonds)))]
    now = int(bond.GetBondTypeAsDouble())
    a, b = bond.GetBeginAtom(), bond.GetEndAtom()
    orders = [o for o in (1, 2, 3) if o != now and o - now <= min(_free(a), _free(b))]
    if bond.IsInRing():
        orders = [o for o in orders if o < 3]
    if not orders:
        return False
    order = orders[int(rng.integers(len(orders)))]
    if order > now:
        _spend(a, order - now)
        _spend(b, order - now)
    else:
        _loosen(a)
        _loosen(b)
    bond.SetBondType(Chem.BondType.values[order])
    return True


def _close(work: "RWMol", rng: "Generator") -> bool:
    """Close a ring of three to seven atoms."""
    from rdkit import Chem

    atom = _pick([a for a in work.GetAtoms() if _free(a)], rng)
    if atom is None:
        return False
    far = Chem.GetDistanceMatrix(work)[atom.GetIdx()]
    others = [a for a in work.GetAtoms() if 2 <= far[a.GetIdx()] <= 6 and _free(a)]
    others = [a for a in others if far[a.GetIdx()] >= 4] or others
    other = _pick(others, rng)
    if other is None:
        return False
    _spend(atom, 1)
    _spend(other, 1)
    work.AddBond(atom.GetIdx(), other.GetIdx(), Chem.BondType.SINGLE)
    return True


def _open(work: "RWMol", rng: "Generator") -> bool:
    """Cut a single bond of a ring."""
    from rdkit import Chem

    bonds = [b for b in work.GetBonds() if b.IsInRing() and b.GetBondType() == Chem.BondType.SINGLE]
    if not bonds:
        return False
    bond = bonds[int(rng.integers(len(bonds)))]
    for atom in (bond.GetBeginAtom(), bond.GetEndAtom()):
        _loosen(atom)
    work.RemoveBond(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())
    return True


_CHANGES = (_replace, _append, _insert, _delete, _order, _close, _open)
_WEIGHTS = (0.25, 0.2, 0.13, 0.17, 0.1, 0.08, 0.07)

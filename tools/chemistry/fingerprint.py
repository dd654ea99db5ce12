"""Features of molecules for campaigns: counted substructures as sets, and a few descriptors."""

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from gaseol.tools.space import Features, SpaceError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rdkit.Chem.rdchem import Mol
    from scipy.sparse import csr_array

WIDTH = 8192
"""Columns of a block of sets; two substructures in a hundred share one by chance."""

_ELEMENTS = ("C", "N", "O", "S", "P", "F", "Cl", "Br", "I")
_COLUMNS = len(_ELEMENTS) + 10
"""Descriptors of a molecule."""
_SCALES = (8, 2, 2, 1, 1, 2, 1, 1, 1)
"""What counts as a large difference between two drug-like molecules, by element."""
_COUNTED = re.compile(r"([A-Z][a-z]?)(\d*)")
"""An element of a formula and how often it occurs; a charge stands behind all of them."""


def featurise(mols: "Sequence[Mol]") -> Features:
    """Return counted environments, counted pharmacophoric environments, atom pairs, descriptors.

    A substructure that occurs n times gives n members of the set, so that sets compare as counts
    do: |intersection| / |union| is the sum of the smaller over the sum of the larger counts.
    Sources: environments D. Rogers, M. Hahn, J. Chem. Inf. Model. 50, 742 (2010),
    doi:10.1021/ci100050t; atom pairs R. E. Carhart et al., J. Chem. Inf. Comput. Sci. 25, 64
    (1985), doi:10.1021/ci00046a002; as implemented in rdkit.
    """
    import numpy as np

    numeric = np.array([_descriptors(mol) for mol in mols], dtype=float).reshape(
        len(mols), _COLUMNS
    )
    counts = tuple(_sets([g.GetSparseCountFingerprint(m) for m in mols]) for g in _generators())
    return Features(numeric, tuple(range(numeric.shape[1])), counts)


@cache
def _generators() -> tuple[Any, ...]:
    from rdkit.Chem import rdFingerprintGenerator

    atoms = rdFingerprintGenerator.GetMorganFeatureAtomInvGen()
    return (
        rdFingerprintGenerator.GetMorganGenerator(radius=2),
        rdFingerprintGenerator.GetMorganGenerator(radius=2, atomInvariantsGenerator=atoms),
        rdFingerprintGenerator.GetAtomPairGenerator(maxDistance=10),
    )


def _sets(fingerprints: Sequence[Any]) -> "csr_array":
    """Return counts as sets: every further occurrence of a substructure is a member of its own."""
    import numpy as np
    from scipy.sparse import csr_array

    found = [fp.GetNonzeroElements() for fp in fingerprints]
    keys = np.array([key for one in found for key in one], dtype=np.uint64)
    times = np.array([n for one in found for n in one.values()], dtype=np.int64)
    row = np.repeat(np.arange(len(found)), [len(one) for one in found])
    level = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    mixed = np.repeat(keys, times) * np.uint64(2654435761) + level.astype(np.uint64) * np.uint64(
        0x9E3779B97F4A7C15
    )
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    column = (mixed >> np.uint64(40)) % np.uint64(WIDTH)
    place = np.unique(np.repeat(row, times) * WIDTH + column.astype(np.int64))
    start = np.searchsorted(place, np.arange(len(found) + 1) * WIDTH)
    ones = np.ones(len(place))
    return csr_array((ones, place % WIDTH, start), shape=(len(found), WIDTH))


def _descriptors(mol: "Mol") -> list[float]:
    from rdkit.Chem import rdMolDescriptors

    formula = rdMolDescriptors.CalcMolFormula(mol)
    count = {symbol: int(n or 1) for symbol, n in _COUNTED.findall(formula)}
    return [
        *(count.get(e, 0) / scale for e, scale in zip(_ELEMENTS, _SCALES, strict=True)),
        count.get("H", 0) / 10,
        mol.GetNumHeavyAtoms() / 10,
        rdMolDescriptors.CalcCrippenDescriptors(mol)[0] / 2.5,
        rdMolDescriptors.CalcTPSA(mol) / 50,
        rdMolDescriptors.CalcNumHBD(mol) / 2,
        rdMolDescriptors.CalcNumHBA(mol) / 3,
        rdMolDescriptors.CalcNumRotatableBonds(mol) / 4,
        rdMolDescriptors.CalcNumRings(mol) / 2,
        rdMolDescriptors.CalcNumAromaticRings(mol) / 2,
        rdMolDescriptors.CalcFractionCSP3(mol) * 2,
    ]


def describe_structures(labels: Sequence[str]) -> "NDArray[np.float64]":
    """Return how alike the structures of a category's labels are, as principal components.

    All descriptors of rdkit, compressed by logarithm, standardised over the labels; what varies
    by less than a twentieth of the first component is dropped. The mean distance is 1.

    Raises:
        SpaceError: a label is no SMILES.
    """
    import numpy as np
    from rdkit import Chem, rdBase
    from rdkit.Chem import Descriptors

    with rdBase.BlockLogs():
        mols = [Chem.MolFromSmiles(label) for label in labels]
    for label, mol in zip(labels, mols, strict=True):
        if mol is None or not mol.GetNumAtoms():
            raise SpaceError(
                f"{label!r} is no SMILES; a category described as structures needs them"
            )
    table = np.array([[f(mol) for _, f in Descriptors.descList] for mol in mols], dtype=float)
    table = table[:, np.isfinite(table).all(axis=0)]
    table = np.sign(table) * np.log1p(np.abs(table))
    table = table[:, table.std(axis=0) > 1e-9]
    if len(labels) < 2 or not table.shape[1]:
        return np.zeros((len(labels), 1))
    table = np.clip((table - table.mean(axis=0)) / table.std(axis=0), -3, 3)
    left, size, _ = np.linalg.svd(table - table.mean(axis=0), full_matrices=False)
    parts = (left * size)[:, size > 0.05 * size[0]]
    parts *= np.sign(parts[np.abs(parts).argmax(axis=0), np.arange(parts.shape[1])])
    apart = np.sqrt(((parts[:, None] - parts[None]) ** 2).sum(axis=-1))
    return parts / apart[np.triu_indices(len(labels), 1)].mean()

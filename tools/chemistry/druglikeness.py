"""Drug-likeness: rules of thumb, structural alerts and the ease of synthesis."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, Le
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Unit, tool
from gaseol.tools.chemistry.molecule import SmilesList, molar_mass, read_all
from gaseol.traces.nouns.failure import FailureKind

if TYPE_CHECKING:
    from rdkit.Chem.rdchem import Mol

Catalogue = Literal["PAINS", "BRENK"]


class DrugLikeness(BaseModel):
    """How much a molecule resembles oral drugs, by four rules of thumb."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    smiles: str
    """As it was given."""
    qed: Annotated[float, Unit("1"), Ge(0), Le(1)]
    """Quantitative estimate of drug-likeness, weighted mean of eight desirabilities."""
    lipinski_violations: Annotated[int, Ge(0), Le(4)]
    """Of: mass at most 500 g/mol, log P at most 5, N-H and O-H at most 5, N and O at most 10."""
    veber: bool
    """At most 10 rotatable bonds and a polar surface of at most 140 square angstrom."""
    synthetic_accessibility: Annotated[float, Unit("1"), Ge(1), Le(10)]
    """From 1, easy to make, to 10, hard."""


class Alert(BaseModel):
    """A group of atoms that experience warns of."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    catalogue: Catalogue
    name: str
    """The pattern's name in the catalogue."""
    atoms: tuple[int, ...]
    """Atoms it matches, by their place in the SMILES, from 0."""


class Alerts(BaseModel):
    """All alerts of one molecule."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    smiles: str
    """As it was given."""
    alerts: tuple[Alert, ...]
    """Empty where nothing is found."""


@tool(
    seconds=1.0,
    limit_seconds=600,
    needs=("rdkit",),
    tags=("chemistry", "features", "drugs"),
    examples=(Example({"smiles": ["CC(=O)Oc1ccccc1C(=O)O"]}),),
)
def drug_likeness(smiles: SmilesList) -> list[DrugLikeness]:
    """Judge the drug-likeness of molecules by rules of thumb, one answer each in the given order.

    About 5 ms a molecule. QED: G. R. Bickerton, G. V. Paolini, J. Besnard, S. Muresan,
    A. L. Hopkins, Nat. Chem. 4, 90 (2012), doi:10.1038/nchem.1243 (rdkit, mean weights); rule of
    five: C. A. Lipinski, F. Lombardo, B. W. Dominy, P. J. Feeney, Adv. Drug Deliv. Rev. 23, 3
    (1997); bonds and polar surface: D. F. Veber et al., J. Med. Chem. 45, 2615 (2002),
    doi:10.1021/jm020017n; synthetic accessibility: P. Ertl, A. Schuffenhauer, J. Cheminform. 1, 8
    (2009), doi:10.1186/1758-2946-1-8 (rdkit's Contrib). All describe what known oral drugs look
    like; none predicts that a molecule works, is safe or can be made. Salts are judged as they
    stand: take the parent from `molecule_identity` first.

    Args:
        smiles: the molecules.

    Raises:
        Refuse: with kind `bad_arguments`, a SMILES does not parse; with kind `out_of_domain`, a
            molecule is one atom, of which no ease of synthesis can be told; the answer is all or
            nothing.
    """
    return [_judge(text, mol) for text, mol in zip(smiles, read_all(smiles), strict=True)]


@tool(
    seconds=1.0,
    limit_seconds=600,
    needs=("rdkit",),
    tags=("chemistry", "drugs"),
    examples=(Example({"smiles": ["O=C1C=CC(=O)C=C1"]}),),
)
def structural_alerts(
    smiles: SmilesList, catalogues: tuple[Catalogue, ...] = ("PAINS", "BRENK")
) -> list[Alerts]:
    """List the groups in molecules that screening experience warns of, one answer each.

    `PAINS`: 480 patterns of frequent hitters in assays (J. B. Baell, G. A. Holloway, J. Med.
    Chem. 53, 2719 (2010), doi:10.1021/jm901137j); `BRENK`: 105 reactive, toxic or unstable groups
    (R. Brenk et al., ChemMedChem 3, 435 (2008), doi:10.1002/cmdc.200700139), as rdkit holds them.
    An alert is a reason to look, not a verdict: many approved drugs carry one. A clean answer
    does not say that a molecule is safe.

    Args:
        smiles: the molecules.
        catalogues: which to look through.

    Raises:
        Refuse: with kind `bad_arguments`, a SMILES does not parse; the answer is all or nothing.
    """
    return [
        Alerts(
            smiles=text,
            alerts=tuple(alert for one in dict.fromkeys(catalogues) for alert in _alerts(mol, one)),
        )
        for text, mol in zip(smiles, read_all(smiles), strict=True)
    ]


def _judge(smiles: str, mol: "Mol") -> DrugLikeness:
    from rdkit.Chem import QED, Crippen, rdMolDescriptors

    if mol.GetNumAtoms() < 2:
        raise Refuse(f"{smiles} is one atom: no ease of synthesis can be told of it")
    limits = (
        (molar_mass(mol), 500),
        (Crippen.MolLogP(mol), 5),  # pyright: ignore[reportAttributeAccessIssue]
        (rdMolDescriptors.CalcNumLipinskiHBD(mol), 5),
        (rdMolDescriptors.CalcNumLipinskiHBA(mol), 10),
    )
    rotatable, area = rdMolDescriptors.CalcNumRotatableBonds(mol), rdMolDescriptors.CalcTPSA(mol)
    return DrugLikeness(
        smiles=smiles,
        qed=round(QED.qed(mol), 6),
        lipinski_violations=sum(value > limit for value, limit in limits),
        veber=rotatable <= 10 and area <= 140,
        synthetic_accessibility=round(synthetic_accessibility(mol), 6),
    )


def _alerts(mol: "Mol", catalogue: Catalogue) -> list[Alert]:
    return [
        Alert(
            catalogue=catalogue,
            name=entry.GetDescription(),
            atoms=tuple(sorted({pair[1] for match in entry.GetFilterMatches(mol)
                                for pair in match.atomPairs})),
        )
        for entry in _catalogue(catalogue).GetMatches(mol)
    ]  # fmt: skip


def synthetic_accessibility(mol: "Mol") -> float:
    """Return how hard a molecule of two atoms or more is to make, from 1, easy, to 10.

    Raises:
        Refuse: this rdkit came without the score.
    """
    return float(_accessibility()(mol))


def alerted(mol: "Mol", catalogue: Catalogue) -> bool:
    """Tell whether a molecule matches a pattern of a catalogue of alerts."""
    return bool(_catalogue(catalogue).HasMatch(mol))


@functools.cache
def _catalogue(name: Catalogue) -> Any:
    from rdkit.Chem.FilterCatalog import FilterCatalog, FilterCatalogParams

    return FilterCatalog(FilterCatalogParams(getattr(FilterCatalogParams.FilterCatalogs, name)))


@functools.cache
def _accessibility() -> "Callable[[Mol], float]":
    """Load the score from rdkit's Contrib folder, which is no package.

    Raises:
        Refuse: with kind `unavailable`, this rdkit came without the folder.
    """
    import importlib.util
    from pathlib import Path

    from rdkit import RDConfig

    file = Path(RDConfig.RDContribDir, "SA_Score", "sascorer.py")
    spec = importlib.util.spec_from_file_location("sascorer", file) if file.is_file() else None
    if spec is None or spec.loader is None:
        reason = f"rdkit has no {file}: install rdkit from its wheel (pip install rdkit)"
        raise Refuse(reason, kind=FailureKind.UNAVAILABLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.calculateScore

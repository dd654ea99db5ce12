"""Metabolism: growth of E. coli by flux balance, with genes taken out, on a medium."""

import functools
from collections import Counter
from importlib import import_module
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Len
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Retry, Unit, tool
from gaseol.traces.nouns.failure import FailureKind

Model = Literal["textbook", "iJO1366"]
Carbon = Literal["glucose", "fructose", "glycerol", "acetate", "succinate", "lactate", "pyruvate"]
Gene = Annotated[str, Len(2, 12)]

CENTRAL = frozenset(
    {
        "Glycolysis/Gluconeogenesis",
        "Pentose Phosphate Pathway",
        "Citric Acid Cycle",
        "Anaplerotic Reactions",
        "Pyruvate Metabolism",
        "Glyoxylate Metabolism",
        "Oxidative Phosphorylation",
    }
)
"""Subsystems of energy and central carbon metabolism, in iJO1366's names."""
BIOSYNTHESIS = frozenset(
    {
        "Alanine and Aspartate Metabolism",
        "Arginine and Proline Metabolism",
        "Cofactor and Prosthetic Group Biosynthesis",
        "Cysteine Metabolism",
        "Glutamate Metabolism",
        "Glycine and Serine Metabolism",
        "Histidine Metabolism",
        "Methionine Metabolism",
        "Purine and Pyrimidine Biosynthesis",
        "Threonine and Lysine Metabolism",
        "Tyrosine, Tryptophan, and Phenylalanine Metabolism",
        "Valine, Leucine, and Isoleucine Metabolism",
    }
)
"""Subsystems that make amino acids, cofactors and nucleotides, in iJO1366's names."""

_EXCHANGE = {
    "glucose": "EX_glc__D_e",
    "fructose": "EX_fru_e",
    "glycerol": "EX_glyc_e",
    "acetate": "EX_ac_e",
    "succinate": "EX_succ_e",
    "lactate": "EX_lac__D_e",
    "pyruvate": "EX_pyr_e",
}
_UPTAKE = 10.0  # mmol/(g h), the usual bound for glucose


class Growth(BaseModel):
    """How fast a model cell grows."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    rate: Annotated[float, Unit("1/hour"), Ge(0), Le(5)]
    """Largest specific growth rate that the network allows; 0 where it allows none."""
    wild_type: Annotated[float, Unit("1/hour"), Gt(0), Le(5)]
    """Of the cell with all genes, on the same medium."""
    relative: Annotated[float, Unit("1"), Ge(0), Le(1.001)]
    """Rate over that of the wild type."""
    lost_reactions: Annotated[int, Ge(0)]
    """Reactions that stop without the genes."""


class GeneRecord(BaseModel):
    """What the network says of a gene before it is taken out."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    gene: str
    """Locus tag, such as b0720."""
    name: str
    """Gene name, or the tag where the model has none."""
    reactions: Annotated[int, Ge(0)]
    """Reactions that the gene takes part in."""
    sole_reactions: Annotated[int, Ge(0)]
    """Those among them that stop without it: no isoenzyme stands in."""
    backed_up: bool
    """No reaction stops without it."""
    subsystem: str
    """That of most of its reactions."""
    area: Literal["central", "biosynthesis", "transport", "other"]
    """`central`: energy and central carbon; `biosynthesis`: amino acids, cofactors, nucleotides."""


@tool(
    seconds=0.1,
    limit_seconds=120,
    memory_mb=2048,
    needs=("cobra",),
    tags=("bio", "population"),
    examples=(Example({"model": "textbook"}),),
)
def metabolic_genes(model: Model = "iJO1366") -> list[GeneRecord]:
    """List the genes of a metabolic model with their place in the network, without growth rates.

    J. D. Orth et al., Mol. Syst. Biol. 7, 535 (2011), doi:10.1038/msb.2011.65 (iJO1366, 1,367
    genes); J. D. Orth, R. M. T. Fleming, B. O. Palsson, EcoSal Plus 4 (2010),
    doi:10.1128/ecosalplus.10.2.1 (textbook, the core of E. coli, 137 genes, which names no
    subsystems). Both ship with COBRApy; the first call in a process loads the network, 6 s for iJO1366.

    Args:
        model: which network.
    """
    network = _network(model)
    rows = []
    for gene in sorted(network.genes, key=lambda one: one.id):
        sole = sum(not one.gpr.eval({gene.id}) for one in gene.reactions)
        systems = Counter(one.subsystem or "" for one in gene.reactions)
        system = min(systems, key=lambda one: (-systems[one], one)) if systems else ""
        rows.append(
            GeneRecord(
                gene=gene.id,
                name=gene.name or gene.id,
                reactions=len(gene.reactions),
                sole_reactions=sole,
                backed_up=not sole,
                subsystem=system,
                area=_area(system),
            )
        )
    return rows


@tool(
    seconds=0.1,
    limit_seconds=120,
    memory_mb=2048,
    needs=("cobra",),
    tags=("bio", "simulation"),
    examples=(
        Example(
            {"model": "textbook"},
            value=0.8739,
            tolerance=1e-3,
            source="J. D. Orth, I. Thiele, B. O. Palsson, Nat. Biotechnol. 28, 245 (2010)",
        ),
    ),
)
def growth(
    carbon: Carbon = "glucose", aerobic: bool = True, model: Model = "iJO1366"
) -> Annotated[float, Unit("1/hour"), Ge(0), Le(5)]:
    """Compute the largest growth rate of a model E. coli on minimal medium (flux balance).

    At most 10 mmol/(g h) of one carbon source, minerals unlimited, oxygen unlimited or none:
    J. D. Orth, I. Thiele, B. O. Palsson, Nat. Biotechnol. 28, 245 (2010), doi:10.1038/nbt.1614. An
    upper bound set by stoichiometry and uptake: real cells grow slower, and a cell that has not
    adapted grows slower still. 0 where no growth is possible.

    Args:
        carbon: the only carbon source.
        aerobic: whether there is oxygen.
        model: which network; `textbook` lacks some of the carbon sources.

    Raises:
        Retry: the network does not take up the carbon source.
        Refuse: the solver finds neither a rate nor that there is none.
    """
    return _rate(model, carbon, aerobic, ())[0]


@tool(
    seconds=0.1,
    limit_seconds=120,
    memory_mb=2048,
    needs=("cobra",),
    tags=("bio", "simulation"),
    examples=(
        Example(
            {"genes": ["b2779"], "model": "textbook"},
            value={"relative": 0.0},
            source="T. Baba et al., Mol. Syst. Biol. 2, 2006.0008 (2006): enolase is essential",
        ),
    ),
)
def knock_out(
    genes: Annotated[tuple[Gene, ...], Len(1, 20)],
    carbon: Carbon = "glucose",
    aerobic: bool = True,
    model: Model = "iJO1366",
) -> Growth:
    """Take genes out of a model E. coli and compute how fast it still grows (flux balance).

    As `growth`, with the genes' reactions stopped where no isoenzyme stands in. Of the single
    knock-outs on glucose, 91% agree with experiment in whether there is growth (Matthews coefficient
    .66 with the lists in J. D. Orth et al., Mol. Syst. Biol. 7, 535 (2011)). Regulation, toxic
    intermediates and genes outside metabolism are not in the model; growth after full adaptation
    is what it speaks of.

    Args:
        genes: locus tags, such as b0720.
        carbon: the only carbon source.
        aerobic: whether there is oxygen.
        model: which network.

    Raises:
        Retry: a gene is not in the network, or it does not take up the carbon source.
        Refuse: with kind `empty`, the wild type does not grow on this medium; the solver finds
            neither a rate nor that there is none.
    """
    wild, _ = _rate(model, carbon, aerobic, ())
    if wild < 1e-6:
        reason = f"the wild type of {model} does not grow on {carbon}"
        raise Refuse(reason, kind=FailureKind.EMPTY)
    rate, lost = _rate(model, carbon, aerobic, tuple(sorted(set(genes))))
    return Growth(
        rate=rate, wild_type=wild, relative=round(min(rate / wild, 1.0), 6), lost_reactions=lost
    )


def _area(system: str) -> Literal["central", "biosynthesis", "transport", "other"]:
    if system in CENTRAL:
        return "central"
    if system in BIOSYNTHESIS:
        return "biosynthesis"
    return "transport" if system.startswith(("Transport", "Inorganic Ion Transport")) else "other"


@functools.cache
def _network(model: Model) -> Any:
    """Load a model from COBRApy's own files, once in a process."""
    import logging

    # It says on standard error that it reads compressed files.
    logging.getLogger("cobra").setLevel(logging.ERROR)
    return import_module("cobra.io").load_model(model)


@functools.lru_cache(maxsize=4096)
def _rate(model: Model, carbon: Carbon, aerobic: bool, genes: tuple[str, ...]) -> tuple[float, int]:
    """Return the growth rate, rounded to 1e-6, and the number of reactions stopped."""
    import math

    network = _network(model)
    unknown = [gene for gene in genes if gene not in network.genes]
    if unknown:
        raise Retry(f"{model} has no gene {', '.join(unknown)}; `metabolic_genes` lists them")
    exchange = _EXCHANGE[carbon]
    if exchange not in network.reactions:
        raise Retry(f"{model} does not take up {carbon}")
    with network:
        network.reactions.get_by_id(_EXCHANGE["glucose"]).lower_bound = 0.0
        network.reactions.get_by_id(exchange).lower_bound = -_UPTAKE
        network.reactions.get_by_id("EX_o2_e").lower_bound = -1000.0 if aerobic else 0.0
        lost = sum(
            not reaction.gpr.eval(set(genes))
            for reaction in {
                one for gene in genes for one in network.genes.get_by_id(gene).reactions
            }
        )
        for gene in genes:
            network.genes.get_by_id(gene).knock_out()
        found = network.slim_optimize(error_value=math.nan)
        status = str(network.solver.status)
    if math.isnan(found) and status != "infeasible":
        reason = f"the solver ended with status {status!r}, which is neither a growth rate nor none"
        raise Refuse(reason)
    # infeasible: no flux satisfies the demand of maintenance, the cell cannot live
    rate = 0.0 if math.isnan(found) else max(0.0, round(float(found), 6))
    return rate, lost

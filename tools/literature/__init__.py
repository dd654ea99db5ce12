"""Literature: connectors to services, and the tools that read what they answer."""

from gaseol.tools.literature.arxiv import arxiv, read_arxiv
from gaseol.tools.literature.chembl import chembl, read_chembl
from gaseol.tools.literature.crossref import crossref, read_crossref
from gaseol.tools.literature.dataon import dataon, read_dataon
from gaseol.tools.literature.europepmc import europepmc, read_europepmc
from gaseol.tools.literature.kci import kci, read_kci
from gaseol.tools.literature.kipris import kipris, read_kipris
from gaseol.tools.literature.ntis import ntis, read_ntis
from gaseol.tools.literature.openalex import openalex, read_openalex
from gaseol.tools.literature.optimade import (
    optimade_alexandria,
    optimade_cod,
    optimade_mp,
    optimade_oqmd,
    read_optimade,
)
from gaseol.tools.literature.pubchem import pubchem, read_pubchem
from gaseol.tools.literature.pubmed import pubmed, read_pubmed, read_pubmed_ids
from gaseol.tools.literature.scienceon import read_scienceon, scienceon
from gaseol.tools.literature.semanticscholar import read_semanticscholar, semanticscholar

__all__ = [
    "arxiv",
    "chembl",
    "crossref",
    "dataon",
    "europepmc",
    "kci",
    "kipris",
    "ntis",
    "openalex",
    "optimade_alexandria",
    "optimade_cod",
    "optimade_mp",
    "optimade_oqmd",
    "pubchem",
    "pubmed",
    "read_arxiv",
    "read_chembl",
    "read_crossref",
    "read_dataon",
    "read_europepmc",
    "read_kci",
    "read_kipris",
    "read_ntis",
    "read_openalex",
    "read_optimade",
    "read_pubchem",
    "read_pubmed",
    "read_pubmed_ids",
    "read_scienceon",
    "read_semanticscholar",
    "scienceon",
    "semanticscholar",
]

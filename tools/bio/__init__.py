"""Biology: metabolism, sequences and folding; `pip install 'gaseol[bio]'` and `'gaseol[rna]'`."""

from gaseol.tools.bio.folding import fold_rna
from gaseol.tools.bio.metabolism import growth, knock_out, metabolic_genes
from gaseol.tools.bio.screening import screen_sequences
from gaseol.tools.bio.sequences import sequence_properties, translate_dna

__all__ = [
    "fold_rna",
    "growth",
    "knock_out",
    "metabolic_genes",
    "screen_sequences",
    "sequence_properties",
    "translate_dna",
]

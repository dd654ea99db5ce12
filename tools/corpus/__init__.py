"""A corpus of one's own: files read in workers, indexed by passage, searched and cited."""

from gaseol.tools.corpus.bridging import bridge_terms
from gaseol.tools.corpus.extracting import extract_by_rules
from gaseol.tools.corpus.pairing import bridge_texts
from gaseol.tools.corpus.reading import read_pdf, read_text_file
from gaseol.tools.corpus.searching import search_corpus, search_texts

__all__ = [
    "bridge_terms",
    "bridge_texts",
    "extract_by_rules",
    "read_pdf",
    "read_text_file",
    "search_corpus",
    "search_texts",
]

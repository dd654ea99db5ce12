"""A corpus of one's own: files read in workers, indexed by passage, searched and cited."""

from gaseol.tools.corpus.bridging import bridge_terms
from gaseol.tools.corpus.reading import read_pdf, read_text_file
from gaseol.tools.corpus.searching import search_corpus

__all__ = ["bridge_terms", "read_pdf", "read_text_file", "search_corpus"]

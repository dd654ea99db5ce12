"""Vectors of passages by a static embedding model in a folder: no network, no server, no torch.

The model is one of `model2vec` (a table of vectors by token, averaged), of the user's own choosing; the extra
`embeddings` brings the library. A corpus names the model that its vectors came from by its digest, and is
searched by no other.
"""

import functools
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaseol.tools.corpus.index import CorpusError

if TYPE_CHECKING:
    import numpy as np

    Matrix = np.ndarray[Any, np.dtype[np.float32]]

PLACE = "GASEOL_EMBEDDINGS"
"""Names the model's folder on this machine, where it is not the one that the corpus names."""
_FILES = ("config.json", "model.safetensors", "tokenizer.json")
_CHARACTERS = 4000
"""Of a text; passages are shorter."""
_APART = 60
"""What is added to ranks before they are fused (G. Cormack et al., SIGIR 2009, use 60)."""


@dataclass(frozen=True)
class Embedder:
    """A model, and its digest."""

    folder: Path
    sha256: str
    """Over the names and contents of its files."""
    model: Any

    @property
    def name(self) -> str:
        """What a person calls it, with what tells it from others."""
        return f"{self.folder.name} {self.sha256[:12]}"

    def vectors(self, texts: Sequence[str]) -> "Matrix":
        """Return a row of length one for each text; of a text without a known token, of length nought."""
        import numpy as np

        raw = self.model.encode([t[:_CHARACTERS] for t in texts], use_multiprocessing=False)
        rows = np.asarray(raw, dtype=np.float32).reshape(len(texts), -1)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)


def embedder(folder: Path | str, sha256: str = "") -> Embedder:
    """Return the model in a folder.

    Args:
        folder: with `config.json`, `model.safetensors` and `tokenizer.json`, as model2vec saves it.
        sha256: that it must have; any, when empty.

    Raises:
        CorpusError: the library is missing, the folder holds no model, or another one.
    """
    place = Path(folder).expanduser().resolve()
    lacking = [name for name in _FILES if not (place / name).is_file()]
    if lacking:
        raise CorpusError(
            f"{place} holds no embedding model: it has no {lacking[0]}; name the folder of a "
            f"model2vec model, or set {PLACE}"
        )
    digest = _digest(place)
    if sha256 and digest != sha256:
        raise CorpusError(
            f"the corpus was embedded by the model {sha256[:12]}, and {place} holds {digest[:12]}; "
            f"set {PLACE} to the folder of that model, or embed the corpus again"
        )
    return _loaded(place, digest)


def _digest(place: Path) -> str:
    digest = hashlib.sha256()
    for name in _FILES:
        with (place / name).open("rb") as file:
            digest.update(f"{name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return digest.hexdigest()


@functools.lru_cache(maxsize=1)
def _loaded(place: Path, sha256: str) -> Embedder:
    os.environ["HF_HUB_OFFLINE"] = "1"  # a folder is all that is read
    try:
        from model2vec import StaticModel
    except ImportError:
        raise CorpusError(
            "searching by meaning needs model2vec: pip install 'gaseol[embeddings]'"
        ) from None
    try:
        model = StaticModel.from_pretrained(str(place))
    except Exception as error:  # noqa: BLE001 (the library raises whatever its own libraries do)
        reason = f"{place} holds no embedding model: {type(error).__name__}: {error}"
        raise CorpusError(reason[:400]) from None
    return Embedder(place, sha256, model)


def fused(*rankings: Iterable[int]) -> dict[int, float]:
    """Return the sum of reciprocal ranks of whatever stands in one of these rankings.

    Args:
        rankings: each the best first.
    """
    found: dict[int, float] = {}
    for ranking in rankings:
        for rank, one in enumerate(ranking, start=1):
            found[one] = found.get(one, 0.0) + 1 / (_APART + rank)
    return found

"""The vectors in a corpus: made of passages that have none, compared with a query's."""

import json
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from gaseol.tools.corpus.embedding import PLACE, Embedder, embedder, fused
from gaseol.tools.corpus.index import CorpusError, Hit, Index

_BATCH = 512
_AMONG = 200
"""Passages that each way of searching hands in."""


@dataclass(frozen=True)
class Embedding:
    """By which model a corpus was embedded."""

    name: str
    folder: str
    """Where it was then."""
    sha256: str
    without: int
    """Passages that have no vector yet."""


def embedding(index: Index) -> Embedding | None:
    """Return by which model a corpus was embedded; None where it was not."""
    said = index.about("embedding")
    if said is None:
        return None
    row = json.loads(said)
    return Embedding(row["name"], row["folder"], row["sha256"], index.unembedded())


def embed(index: Index, model: Embedder, told: Callable[[int], None] | None = None) -> int:
    """Give every passage a vector that has none by this model; return how many were made.

    Args:
        index: open for writing. Vectors of another model are taken out first.
        model: that makes them.
        told: how many are done so far.
    """
    import numpy as np

    before = embedding(index)
    if before is None or before.sha256 != model.sha256:
        index.forget_vectors()
    row = {"name": model.folder.name, "folder": str(model.folder), "sha256": model.sha256}
    index.note("embedding", json.dumps(row))
    done = 0
    while batch := index.passages_without_vectors(_BATCH):
        rows = model.vectors([text for _, text in batch]).astype(np.float16)
        index.put_vectors([(n, row.tobytes()) for (n, _), row in zip(batch, rows, strict=True)])
        index.keep()
        done += len(batch)
        if told is not None:
            told(done)
    return done


def model_of(index: Index) -> Embedder:
    """Return the model that a corpus was embedded by.

    Raises:
        CorpusError: it was not, some passages were not, or the model is not here.
    """
    about = embedding(index)
    if about is None:
        raise CorpusError(
            f"{index.path} has no vectors; make them: gaseol corpus embed --model FOLDER"
        )
    if about.without:
        raise CorpusError(
            f"{about.without} passages of {index.path} have no vector yet; make them: "
            "gaseol corpus embed"
        )
    return embedder(os.environ.get(PLACE) or about.folder, about.sha256)


def search_both(index: Index, query: str, limit: int, model: Embedder) -> list[Hit]:
    """Return passages that hold the words of a query, or whose vectors are near it; best first.

    The two rankings are fused by their reciprocal ranks, so that neither's scores have to be put on
    the other's scale.

    Raises:
        BadQuery: it holds no word.
        CorpusError: the file is damaged.
    """
    import numpy as np

    words = [number for number, _ in index.ranked(query, _AMONG)]
    try:
        rows = index.all_vectors()
    except sqlite3.Error as error:
        raise CorpusError(f"{index.path} cannot be searched: {error}") from None
    near: list[int] = []
    (asked,) = model.vectors([query])
    if rows and asked.any():
        numbers = np.array([number for number, _ in rows])
        matrix = np.frombuffer(b"".join(row for _, row in rows), dtype=np.float16)
        likeness = matrix.reshape(len(rows), -1).astype(np.float32) @ asked
        best = np.lexsort((numbers, -likeness))[:_AMONG]
        near = [int(numbers[i]) for i in best if likeness[i] > 0]
    scores = fused(words, near)
    order = sorted(scores, key=lambda number: (-scores[number], number))[:limit]
    return index.hits([(number, -scores[number]) for number in order])

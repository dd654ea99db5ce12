"""Pairs of terms with how surely texts tie them by third terms: the cases of a question on bridges."""

import math
from typing import Annotated

from annotated_types import Ge, Le, MaxLen
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Unit, tool
from gaseol.tools.corpus.bridging import Probability, Terms, joined
from gaseol.tools.corpus.index import BadQuery, Index
from gaseol.tools.corpus.searching import documents_of
from gaseol.traces.nouns.failure import FailureKind

MOST = 12.0
"""The largest score: beyond it, links differ in nothing that matters."""


class Row(BaseModel):
    """A pair of terms, and how surely texts tie them by third terms."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    pair: str
    start: str
    end: str
    bridge: Annotated[float, Unit("1"), Ge(0), Le(MOST)]
    """-log10 of the p of the best bridge, which is that of its weaker link; 0 where nothing bridges."""
    ways: int
    """Terms that share a document with either."""
    start_documents: int
    end_documents: int
    together: int
    """Documents that hold both."""
    p: Probability
    q: Probability


@tool(
    seconds=0.3,
    limit_seconds=120,
    needs=("scipy",),
    tags=("literature", "corpus", "discovery"),
    examples=(
        Example(
            {
                "documents": '{"title": "a", "abstract": "velm holds ardin"}\n'
                '{"title": "b", "abstract": "ardin acts on torsase"}\n',
                "starts": ["velm"],
                "bridges": ["ardin"],
                "ends": ["torsase"],
            }
        ),
        Example(
            {"documents": "no JSON", "starts": ["velm"], "bridges": ["ardin"], "ends": ["torsase"]},
            failure=FailureKind.WRONG_SHAPE,
        ),
    ),
)
def bridge_texts(
    documents: Annotated[str, MaxLen(4_000_000)],
    starts: Terms,
    bridges: Terms,
    ends: Terms,
    before: int | None = None,
    unjoined: bool = True,
) -> list[Row]:
    """List pairs of terms, each with the score of the bridges that texts build between them.

    A row holds `pair`, `start`, `end`; `bridge`, the score: -log10 of the p of the best bridge, whose
    p is that of its weaker link (Fisher's exact test, one-sided), 0 where nothing bridges; `ways`, the
    number of terms that share a document with either; `start_documents`, `end_documents`, how many
    hold each; `together`, how many hold both; and `p` and `q` of the pair, as `bridge_terms` gives them.

    Args:
        documents: JSON lines with `title`, `abstract`, `year`, ...
        starts: the terms A, as herbs.
        bridges: the terms B, as compounds.
        ends: the terms C, as targets.
        before: take only documents of earlier years; those without a year are left out then.
        unjoined: list only pairs that no document holds together.

    Raises:
        Refuse: `empty`, no pair is left; `bad_arguments`, a term holds no word; `wrong_shape`, a line
            is no document.
    """
    try:
        with Index.in_memory(documents_of(documents)) as index:
            there = {
                term: index.holding(term, before)
                for term in dict.fromkeys((*starts, *bridges, *ends))
            }
            size = index.size(before)
    except BadQuery as error:
        raise Refuse(str(error), kind=FailureKind.BAD_ARGUMENTS) from None
    kept = [
        [term for term in dict.fromkeys(group) if there[term]] for group in (starts, bridges, ends)
    ]
    pairs = joined(size, there, *kept, unjoined=unjoined) if all(kept) else []
    if not pairs:
        raise Refuse("these texts hold no pair of these terms to list", kind=FailureKind.EMPTY)
    rows: list[Row] = []
    for pair in sorted(pairs, key=lambda one: (one.start, one.end)):
        ways = sum(
            bool(there[pair.start] & there[b]) and bool(there[b] & there[pair.end]) for b in kept[1]
        )
        best = pair.bridges[0].p if ways else 1.0
        score = min(MOST, -math.log10(best)) if best > 0 else MOST
        rows.append(
            Row(
                pair=f"{pair.start} on {pair.end}",
                start=pair.start,
                end=pair.end,
                bridge=round(score, 6) + 0.0,
                ways=ways,
                start_documents=len(there[pair.start]),
                end_documents=len(there[pair.end]),
                together=pair.together,
                p=pair.p,
                q=pair.q,
            )
        )
    return rows

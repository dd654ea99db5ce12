"""Literature-based discovery: A and C that no document joins, joined by B (D. R. Swanson, 1986).

Whether two terms stand together in more documents than chance would have is asked by the upper tail of
the hypergeometric distribution (Fisher's exact test, one-sided). A bridge A-B-C needs both links, so its
p is the larger of the two (an intersection-union test); a pair A-C is tried over all bridges, so its p is
the least of these times their number (Bonferroni); and over all pairs the false discovery rate is
controlled whatever their dependence (Benjamini and Yekutieli, doi:10.1214/aos/1013699998).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Unit, tool
from gaseol.tools.contract import States
from gaseol.tools.corpus.index import BadQuery, CorpusError, Index, readable
from gaseol.traces.nouns.failure import FailureKind
from gaseol.traces.nouns.label import Confidentiality

Terms = Annotated[list[Annotated[str, MinLen(1), MaxLen(200)]], MinLen(1), MaxLen(300)]
Probability = Annotated[float, Unit("1"), Ge(0), Le(1)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Bridge(_Value):
    """A term between two others."""

    term: str
    with_start: int
    """Documents that it shares with the start."""
    with_end: int
    p: Probability
    """Of the weaker link."""


class Pair(_Value):
    """A start and an end, and what joins them."""

    start: str
    end: str
    together: int
    """Documents that hold both: 0 for a pair that nobody has joined."""
    p: Probability
    """Of the best bridge, times the number of bridges tried."""
    q: Probability
    """The false discovery rate at which the pair would be called joined."""
    bridges: tuple[Bridge, ...]
    """The best five, by their p."""


class Bridged(_Value):
    """All pairs, the surest first."""

    documents: int
    pairs: tuple[Pair, ...]
    tried: int
    """Pairs tested: what the false discovery rate is taken over."""
    links: int
    """Links tested in all."""
    unseen: tuple[str, ...]
    """Terms that no document holds; pairs with them are not tested."""
    state: str
    """A digest of the files that were searched."""
    confidentiality: Annotated[Confidentiality, States()]
    """As the corpus was declared."""


@tool(
    seconds=0.5,
    limit_seconds=120,
    needs=("scipy",),
    tags=("literature", "corpus", "discovery"),
    deterministic=False,
    quotes="corpus",
    examples=(
        # what a corpus holds is its owner's: there is none that every machine has
        Example(
            {
                "starts": ["fish oil"],
                "bridges": ["blood viscosity"],
                "ends": ["Raynaud"],
                "corpus": "no-such-corpus",
            },
            failure=FailureKind.UNAVAILABLE,
        ),
    ),
)
def bridge_terms(
    starts: Terms,
    bridges: Terms,
    ends: Terms,
    corpus: str = "default",
    before: int | None = None,
    unjoined: bool = True,
) -> Bridged:
    """Find pairs of terms that a corpus joins only by way of third terms.

    A small q says that the links stand in the corpus more often than chance would have, not that the
    relation holds in the world: documents that copy each other, or are about everything, make links too.

    Args:
        starts: the terms A, as herbs.
        bridges: the terms B, as compounds.
        ends: the terms C, as targets.
        corpus: its name.
        before: take only documents of earlier years; those without a year are left out then.
        unjoined: test only pairs that no document holds together.

    Raises:
        Refuse: `unavailable`, there is no such corpus; `empty`, nothing is left to test;
            `bad_arguments`, a term holds no word.
    """
    try:
        with Index(readable(corpus)) as index:
            there = {
                term: index.holding(term, before)
                for term in dict.fromkeys((*starts, *bridges, *ends))
            }
            size, state = index.size(before), index.state()
            level = index.confidentiality
    except BadQuery as error:
        raise Refuse(str(error), kind=FailureKind.BAD_ARGUMENTS) from None
    except CorpusError as error:
        raise Refuse(str(error), kind=FailureKind.UNAVAILABLE) from None
    seen = {term: documents for term, documents in there.items() if documents}
    kept = [
        [term for term in dict.fromkeys(group) if term in seen] for group in (starts, bridges, ends)
    ]
    rows = joined(size, seen, *kept, unjoined=unjoined)
    if not rows:
        reason = f"the corpus '{corpus}' has no pair of these terms to test"
        raise Refuse(reason, kind=FailureKind.EMPTY)
    return Bridged(
        documents=size,
        pairs=tuple(rows),
        tried=len(rows),
        links=len(kept[1]) * (len(kept[0]) + len(kept[2])),
        unseen=tuple(term for term in there if term not in seen),
        state=state,
        confidentiality=level,
    )


def joined(
    size: int,
    there: Mapping[str, Collection[int]],
    starts: Sequence[str],
    bridges: Sequence[str],
    ends: Sequence[str],
    *,
    unjoined: bool,
) -> list[Pair]:
    """Return every pair of a start and an end with its p and q, the surest first.

    Args:
        size: documents in all.
        there: the documents that hold a term.
        starts: the terms A.
        bridges: the terms B.
        ends: the terms C.
        unjoined: leave out pairs that a document holds together.
    """
    sets = {term: frozenset(documents) for term, documents in there.items()}
    first = {(a, b): _link(size, sets[a], sets[b]) for a in starts for b in bridges if a != b}
    second = {(b, c): _link(size, sets[b], sets[c]) for b in bridges for c in ends if b != c}
    found: list[tuple[str, str, int, float, tuple[Bridge, ...]]] = []
    for a in starts:
        for c in ends:
            together = len(sets[a] & sets[c])
            if a == c or (unjoined and together):
                continue
            ways = [
                Bridge(
                    term=b,
                    with_start=first[a, b][0],
                    with_end=second[b, c][0],
                    p=max(first[a, b][1], second[b, c][1]),
                )
                for b in bridges
                if b not in (a, c)
            ]
            if ways:
                ways.sort(key=lambda way: (way.p, way.term))
                p = min(1.0, ways[0].p * len(ways))
                found.append((a, c, together, p, tuple(ways[:5])))
    found.sort(key=lambda row: (row[3], row[0], row[1]))
    rates = false_discovery_rates([row[3] for row in found])
    return [
        Pair(start=a, end=c, together=together, p=p, q=q, bridges=ways)
        for (a, c, together, p, ways), q in zip(found, rates, strict=True)
    ]


def false_discovery_rates(sorted_p: Sequence[float]) -> list[float]:
    """Return the adjusted values of Benjamini and Yekutieli for p values in rising order."""
    count = len(sorted_p)
    harmonic = sum(1 / n for n in range(1, count + 1))
    rates: list[float] = []
    least = 1.0
    for rank in range(count, 0, -1):
        least = min(least, sorted_p[rank - 1] * count * harmonic / rank)
        rates.append(least)
    return rates[::-1]


def _link(size: int, a: frozenset[int], b: frozenset[int]) -> tuple[int, float]:
    """Return how many documents hold both, and the chance of so many or more."""
    from scipy.stats import hypergeom

    both = len(a & b)
    if not both:
        return 0, 1.0
    return both, min(1.0, float(hypergeom.sf(both - 1, size, len(a), len(b))))

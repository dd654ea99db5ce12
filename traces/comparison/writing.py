"""What differs between the claims of two runs: ids and positions do not count."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from gaseol.traces.comparison.outline import Key, Outline
from gaseol.traces.comparison.pairing import Difference, one_sided
from gaseol.traces.comparison.wording import show
from gaseol.traces.nouns.claim import Audit, Claim


@dataclass(frozen=True, slots=True)
class Written:
    """A claim, and the hypotheses it is about by content."""

    seq: int
    claim: Claim
    about: tuple[Key, ...]
    audit: Audit | None


def written(outline: Outline) -> list[Written]:
    """Return what a run claims."""
    return [
        Written(
            seq,
            claim,
            tuple(sorted(outline.keys.get(h, h) for h in claim.hypotheses)),
            outline.audits.get(claim.id),
        )
        for seq, claim in outline.claims.values()
    ]


def claims(p: list[Written], q: list[Written]) -> Iterator[Difference]:
    """Yield what differs: claims of the same words first, then others about the same."""
    pairs: list[tuple[Written | None, Written | None]] = []
    for alike in (_words, _subject):
        left, right = _by(alike, p), _by(alike, q)
        for key in left.keys() & right.keys():
            pairs += zip(left[key], right[key], strict=False)
        p = [w for w in p if all(w is not x for x, _ in pairs)]
        q = [w for w in q if all(w is not y for _, y in pairs)]
    pairs += [(w, None) for w in p]
    pairs += [(None, w) for w in q]
    for x, y in sorted(pairs, key=lambda pair: min(w.seq for w in pair if w)):
        yield from _difference(x, y)


def _difference(x: Written | None, y: Written | None) -> Iterator[Difference]:
    at = (x.seq if x else None, y.seq if y else None)
    if x is None or y is None:
        one = x or y
        assert one is not None
        yield one_sided("claimed", f"'{show(str(one.claim))}'", in_a=x is not None, at=at)
        return
    a, b = x.claim, y.claim
    if a.text != b.text:
        what = f"other words: '{show(str(a))}' in A, '{show(str(b))}' in B"
        yield Difference(what, str(a), str(b), *at)
    else:
        changed = [
            f"{name} {show(a.figures[name].value)} in A, {show(b.figures[name].value)} in B"
            for name in a.figures
            if name in b.figures and _figure(a, name) != _figure(b, name)
        ]
        if changed:
            yield Difference(f"'{show(str(a))}': {'; '.join(changed)}", str(a), str(b), *at)
    said = _audited(x.audit), _audited(y.audit)
    if said[0] != said[1]:
        what = f"'{show(str(a))}': {said[0]} in A, {said[1]} in B"
        yield Difference(what, *said, *at)


def _words(w: Written) -> Any:
    return w.about, w.claim.text, tuple(sorted(w.claim.figures))


def _subject(w: Written) -> Any:
    return w.about or (w.claim.text,)


def _by(key: Callable[[Written], Any], all_of_them: list[Written]) -> dict[Any, list[Written]]:
    found: dict[Any, list[Written]] = {}
    for w in all_of_them:
        found.setdefault(key(w), []).append(w)
    return found


def _figure(claim: Claim, name: str) -> tuple[Any, ...]:
    figure = claim.figures[name]
    return figure.statistic, figure.value, figure.unit


def _audited(audit: Audit | None) -> str:
    if audit is None:
        return "not audited"
    return "supported by the record" if audit.supported else "UNSUPPORTED by the record"

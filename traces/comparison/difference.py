"""What differs between two runs, noun by noun, each difference in a sentence."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from math import inf
from typing import Any, cast

from gaseol.traces.comparison.outline import Drawn, Key, Outline, Taken
from gaseol.traces.comparison.pairing import Difference, Pairing, one_sided, plural, union
from gaseol.traces.comparison.payload import NOTHING
from gaseol.traces.comparison.wording import show
from gaseol.traces.comparison.writing import claims, written
from gaseol.traces.nouns.registration import Registration
from gaseol.traces.nouns.verdict import Verdict

_EXAMPLES = 5
_TIMES = ("seconds", "cpu_seconds")


class Differences(Pairing):
    """Finds what differs between two outlines; one method a noun."""

    def question(self) -> Iterator[Difference]:
        """What was asked: the scenario, seed, scientist, files."""
        a, b = self.a, self.b
        x, y = _scenario(a), _scenario(b)
        names = x.pop("name", None), y.pop("name", None)
        other = names[0] != names[1]
        if other:
            what = f"A asks '{names[0]}', B asks '{names[1]}': these are different questions"
            yield Difference(what, *names, 0, 0)
        for name in ("seed", "scientist"):
            yield from self.differs(name, a.run.get(name), b.run.get(name), (0, 0))
        yield from self.grouped(x, y, 1 if other else 3, "", (0, 0))
        yield from self.differs("branched off", _branch(a), _branch(b), (0, 0))
        p, q = _files(a), _files(b)
        for name in union(p, q):
            if not self.contrast.same(p.get(name, NOTHING), q.get(name, NOTHING)):
                both = name in p and name in q
                how = "has another content" if both else f"is in {'A' if name in p else 'B'} only"
                yield Difference(f"the file {name} {how}", name in p, name in q, 0, 0)

    def hypotheses(self) -> Iterator[Difference]:
        """What was believed; ids do not count."""
        a, b = self.a, self.b
        for key in union(a.hypotheses, b.hypotheses):
            x, y = a.hypotheses.get(key), b.hypotheses.get(key)
            at = (a.proposed.get(key), b.proposed.get(key))
            called = self.called(key)
            if x is None or y is None:
                yield one_sided("proposed", called, in_a=x is not None, at=at)
                continue
            for name in ("statement", "mechanism", "proposed_by"):
                yield from self.differs(f"{called}: {name}", getattr(x, name), getattr(y, name), at)
            p, q = a.turned_away.get(key, ""), b.turned_away.get(key, "")
            if p != q:
                yield Difference(f"{called}: {_fate(p)} in A, {_fate(q)} in B", p, q, *at)

    def registrations(self) -> Iterator[Difference]:
        """What was promised before measuring."""
        a, b = self.a, self.b
        shared = self.shared("registrations", a.registrations, b.registrations)
        several: dict[str, list[tuple[Key, Difference]]] = {}
        for key in shared.keys:
            x, y = a.registrations.get(key), b.registrations.get(key)
            at = (a.registered.get(key), b.registered.get(key))
            if x is None or y is None:
                yield one_sided("registered", self.called(key), in_a=x is not None, at=at)
                continue
            for found in self.grouped(_promise(x, a), _promise(y, b), 2, "", at):
                several.setdefault(found.what, []).append((key, found))
        for what, same in several.items():
            keys = tuple(key for key, _ in same)
            yield replace(same[0][1], what=f"{self.together(keys)}: {what}")
        yield from shared.rest

    def experiments(self) -> Iterator[Difference]:
        """What was chosen to be measured, in the order chosen, by hypotheses that share draws."""
        a, b = self._trials()
        shared = self.shared("experiments", a, b)
        for keys in shared.keys:
            p, q = a.get(keys, []), b.get(keys, [])
            counts = f"{self.together(keys)}: {plural(len(p), 'experiment', 'experiments')} in A, "
            counts += f"{len(q)} in B"
            for number, (x, y) in enumerate(zip_longest(p, q)):
                at = (x.seq if x else None, y.seq if y else None)
                if x is None or y is None:
                    both = f"; the {number} that both have are the same" if p and q else ""
                    yield Difference(counts + both, len(p), len(q), *at)
                    break
                if x.choice != y.choice:
                    said = f"{_designed(x)} in A, {_designed(y)} in B"
                    what = f"{counts}; the first to differ is number {number + 1}: {said}"
                    yield Difference(what, list(x.cases), list(y.cases), *at)
                    break
        yield from shared.rest

    def _trials(self) -> tuple[dict[tuple[Key, ...], list[Drawn]], ...]:
        """Return both runs' experiments, by the hypotheses that are tied by common draws."""
        tied: dict[Key, set[Key]] = {}
        for outline in (self.a, self.b):
            for x in outline.experiments:
                group = set(x.hypotheses).union(*(tied.get(key, ()) for key in x.hypotheses))
                tied |= dict.fromkeys(group, group)
        found: list[dict[tuple[Key, ...], list[Drawn]]] = []
        for outline in (self.a, self.b):
            trials: dict[tuple[Key, ...], list[Drawn]] = {}
            for x in outline.experiments:
                trials.setdefault(tuple(sorted(tied[x.hypotheses[0]])), []).append(x)
            found.append(trials)
        return tuple(found)

    def measurements(self) -> Iterator[Difference]:
        """What was measured: the same cases, readings and purposes, and their values."""
        a, b = self.a.measurements, self.b.measurements
        shared = a.keys() & b.keys()
        apart = [
            (_relative(a[key], b[key]), key)
            for key in shared
            if (a[key].value, a[key].unit, a[key].failure)
            != (b[key].value, b[key].unit, b[key].failure)
        ]
        apart.sort(key=lambda row: (-row[0], row[1]))
        if apart:
            sizes = [size for size, _ in apart if size < inf]
            what = f"{len(apart)} of {len(shared)} shared measurements differ"
            what += f"; the largest relative difference is {max(sizes):.3g}" if sizes else ""
            if len(sizes) < len(apart):
                what += (
                    f"; {len(apart) - len(sizes)} of them failed in one run or have another unit"
                )
            yield Difference(what, len(apart), len(apart))
        for _, key in apart[:_EXAMPLES]:
            x, y = a[key], b[key]
            what = f"{_reading(key)}: {_value(x)} in A, {_value(y)} in B"
            yield Difference(what, x.value, y.value, x.seq, y.seq)
        for side, own in (("A", a), ("B", b)):
            only = sorted(own.keys() - shared, key=lambda key, own=own: own[key].seq)
            if only:
                named = ", ".join(_reading(key) for key in only[:_EXAMPLES])
                more = ", ..." if len(only) > _EXAMPLES else ""
                what = f"{len(only)} of {len(own)} measurements are in {side} only: {named}{more}"
                first = own[only[0]].seq
                in_a = (len(only), 0, first, None)
                yield Difference(what, *(in_a if side == "A" else (0, len(only), None, first)))

    def verdicts(self) -> Iterator[Difference]:
        """What was concluded of each hypothesis, and how that agrees with what is known."""
        a, b = self.a, self.b
        shared = self.shared("verdicts", a.verdicts, b.verdicts)
        for key in shared.keys:
            (i, x), (j, y) = a.verdicts.get(key, (None, None)), b.verdicts.get(key, (None, None))
            called = self.called(key)
            if x is None or y is None:
                yield one_sided("judged", called, in_a=x is not None, at=(i, j))
                continue
            if _judged(x) != _judged(y):
                same = "the same ruling, but " if x.ruling == y.ruling else ""
                what = f"{called}: {same}{_ruled(x)} in A, {_ruled(y)} in B"
                yield Difference(what, x.ruling.value, y.ruling.value, i, j)
            if a.ended and b.ended:
                p, q = a.ended.score.get(a.name(key)), b.ended.score.get(b.name(key))
                yield from self.differs(f"{called} against what is known", p, q, (a.end, b.end))
        yield from shared.rest

    def claims(self) -> Iterator[Difference]:
        """What was written; figures and audits count, ids and positions do not."""
        yield from claims(written(self.a), written(self.b))

    def cost(self) -> Iterator[Difference]:
        """How the runs ended and what they spent; wall and processor time do not count."""
        a, b = self.a, self.b
        if a.status != b.status:
            what = f"A is {a.status}, B is {b.status}"
            yield Difference(what, a.status, b.status, a.end, b.end)
        if a.ended and b.ended:
            at = (a.end, b.end)
            yield from self.differs("why it ended", a.ended.reason, b.ended.reason, at)
            p, q = a.ended.cost, b.ended.cost
            for name in union(p, q):
                if name not in _TIMES:
                    yield from self.differs(name.replace("_", " "), p.get(name), q.get(name), at)

    def versions(self) -> Iterator[Difference]:
        """What ran: software, tools, code."""
        a, b = self.a, self.b
        for name in ("format", "python", "platform"):
            yield from self.differs(name, a.run.get(name), b.run.get(name))
        nowhere = (None, None)
        yield from self.grouped(_member(a, "versions"), _member(b, "versions"), 1, "", nowhere)
        yield from self.differs("gaseol's own code", _code(a), _code(b), (0, 0))
        p, q = _tools(a), _tools(b)
        for name in p:
            if name in q and p[name] != q[name]:
                at = _first(a, name, q[name]), _first(b, name, p[name])
                idle = " (neither run asked it)" if at == nowhere else ""
                said = f"version {_versions(p[name])} in A, {_versions(q[name])} in B"
                yield Difference(f"the tool {name}{idle}: {said}", p[name], q[name], *at)
        for side, own, other in (("A", p, q), ("B", q, p)):
            only = [name for name in own if name not in other]
            if only:
                what = f"{plural(len(only), 'tool is', 'tools are')} in {side} only: "
                there = (only, None) if side == "A" else (None, only)
                yield Difference(what + show(", ".join(only)), *there)


def _member(outline: Outline, name: str) -> dict[str, Any]:
    """Return an object of `run.json`; an empty one where there is none."""
    found = outline.run.get(name)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _scenario(outline: Outline) -> dict[str, Any]:
    started = outline.started
    return {"name": started.scenario if started else None, **_member(outline, "scenario")}


def _branch(outline: Outline) -> str:
    forked = outline.forked
    return f"{forked.parent} before event {forked.at}" if forked else ""


def _files(outline: Outline) -> dict[str, Any]:
    files = outline.started.files if outline.started else {}
    return {name: blob.model_dump(mode="json") for name, blob in files.items()}


def _code(outline: Outline) -> str:
    return outline.started.code if outline.started else ""


def _tools(outline: Outline) -> dict[str, list[str]]:
    """Return the versions of the tools: those that requests name, then those of `run.json`."""
    listed = {name: [str(version)] for name, version in _member(outline, "tools").items()}
    return {**listed, **{name: list(versions) for name, versions in outline.asked.items()}}


def _first(outline: Outline, name: str, others: list[str]) -> int | None:
    """Return the first request of a version that the other run has not asked."""
    asked = outline.asked.get(name, {})
    return next((seq for version, seq in asked.items() if version not in others), None)


def _versions(versions: list[str]) -> str:
    return " and ".join(show(version, 12) for version in versions[:3])


def _fate(reason: str) -> str:
    return f"turned away ({show(reason)})" if reason else "not turned away"


def _promise(registration: Registration, outline: Outline) -> dict[str, Any]:
    """Return what a registration promises, its rivals by content."""
    dumped = registration.model_dump(mode="json", include={"prediction", "criterion", "frame"})
    rivals = (outline.keys.get(h, h) for h in registration.criterion.rivals)
    dumped["criterion"]["rivals"] = sorted(rivals)
    return dumped


def _designed(x: Drawn) -> str:
    again = f", reading {x.reading}" if x.reading else ""
    tied = f", for {len(x.hypotheses)} hypotheses" if len(x.hypotheses) > 1 else ""
    return f"{show(' against '.join(x.cases))} (draw {x.draw}{again}{tied})"


def _relative(x: Taken, y: Taken) -> float:
    """Return the relative difference of two values; infinite where they cannot be compared."""
    if x.value is None or y.value is None or x.unit != y.unit:
        return inf
    size = max(abs(x.value), abs(y.value))
    return abs(x.value / size - y.value / size) if size else 0.0


def _reading(key: tuple[str, int, str]) -> str:
    case, reading, purpose = key
    again = f", reading {reading}" if reading else ""
    return f"{show(case)} ({purpose}{again})"


def _value(taken: Taken) -> str:
    if taken.value is None:
        return f"failed: {taken.failure}"
    unit = "" if taken.unit in ("", "1") else f" {taken.unit}"
    return f"{taken.value:.10g}{unit}"


def _judged(v: Verdict) -> tuple[Any, ...]:
    return v.ruling, v.log_e_for, v.log_e_against, v.draws, v.failures, v.basis, v.rule


def _ruled(v: Verdict) -> str:
    return (
        f"{v.ruling.value} after {v.draws} draws ({v.failures} failed; ln E {v.log_e_for:.4g} for, "
        f"{v.log_e_against:.4g} against)"
    )

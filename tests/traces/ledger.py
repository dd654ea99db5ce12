"""A small but complete record, made by hand: every kind of event, three kinds of judgement.

Loaded by path (from `conftest.py` and from `tests/attacks`), for tests are no package.
"""

import hashlib
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson

from gaseol.traces.evidence.judge import Judge, first_crossing
from gaseol.traces.evidence.process import LawContest as Contest
from gaseol.traces.evidence.process import Process, Sign
from gaseol.traces.evidence.statistic import figure
from gaseol.traces.nouns.claim import Claim
from gaseol.traces.nouns.experiment import Alternative, Experiment
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.nouns.hypothesis import Hypothesis, Law, Trend
from gaseol.traces.nouns.literature import Excerpt, Point, Work
from gaseol.traces.nouns.measurement import Measurement
from gaseol.traces.nouns.registration import (
    FIRST_RULE,
    Criterion,
    Frame,
    Prediction,
    Registration,
    digest,
)
from gaseol.traces.record import event as kinds
from gaseol.traces.record.blob import BlobStore
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.recorder import Recorder
from gaseol.traces.verification.auditor import audit

UNIT, FACTOR, OFFSET = "K", 1.0, 273.15
"""Values are kept in kelvin, the instrument answers in degrees Celsius."""

Change = Callable[[list[dict[str, Any]]], None]


class Book:
    """Keeps a docket, and a record too where a folder is given."""

    def __init__(
        self,
        blobs: Path,
        record: Path | None = None,
        m: int = 5,
        alpha: float = 0.05,
        run: dict[str, Any] | None = None,
    ):
        self.docket = Docket()
        asked = run or {"id": "made", "scenario": {}}
        self.recorder = Recorder(record, asked) if record else None
        self.blobs = self.recorder.blobs if self.recorder else BlobStore(blobs)
        self.judge = Judge(self.docket, self.blobs)
        self.m, self.alpha, self.count = m, alpha, 0
        self.add(
            kinds.RunStarted(
                scenario="made", question="what is warmer?", scientist="by hand", graph="none",
                seed=0, hypotheses=m, alpha=alpha, budget={"seconds": 60.0}, notes=("no tblite",),
            )
        )  # fmt: skip

    def add(self, fact: kinds.Fact, cause: int | None = None) -> int:
        """Put a fact into the docket, and on record where there is one."""
        seq, self.count = self.count, self.count + 1
        if self.recorder:
            assert self.recorder.record(fact, cause) == seq
        self.docket.add(seq, fact)
        return seq

    def request(self, name: str, arguments: dict[str, Any]) -> int:
        """Ask a tool."""
        asked = orjson.dumps(["tool", name, "1", arguments], option=orjson.OPT_SORT_KEYS)
        return self.add(
            kinds.EffectRequested(
                effect="tool", name=name, arguments=arguments,
                key=hashlib.sha256(asked).hexdigest(), version="1", role="experimentalist",
            )
        )  # fmt: skip

    def measure(
        self,
        case: str,
        value: float | None,
        *,
        purpose: str = "test",
        reading: int = 0,
        tool: str = "thermometer",
    ) -> int:
        """Measure a case: request, answer and measurement; None fails."""
        request = self.request(tool, {"case": case, "reading": reading, "for": purpose})
        about = {
            "case": case, "reading": reading, "quantity": "temperature", "tool": tool,
            "request": request, "unit": UNIT, "raw_unit": "degC", "purpose": purpose,
        }  # fmt: skip
        if value is None:
            failure = Failure(kind=FailureKind.OUT_OF_DOMAIN, reason="it evaporates")
            self.add(
                kinds.EffectFailed(request=request, failure=failure, seconds=0.1), cause=request
            )
            return self.add(kinds.Measured(measurement=Measurement(**about, failure=failure)))
        raw = value - OFFSET
        self.add(
            kinds.EffectCompleted(request=request, value={"t": {"mean": raw}}, seconds=0.1),
            cause=request,
        )
        return self.add(
            kinds.Measured(
                measurement=Measurement(
                    **about, path=("t", "mean"), raw=raw, factor=FACTOR, offset=OFFSET,
                    value=raw * FACTOR + OFFSET, uncertainty=0.5,
                )
            )
        )  # fmt: skip

    def propose(self, name: str, relation: Any = None, seen: tuple[int, ...] = ()) -> Hypothesis:
        """Propose a hypothesis."""
        hypothesis = Hypothesis(
            id=name, statement=f"the statement of {name}", proposed_by="theorist", bits=3.0,
            relation=relation or Trend(variable="size", direction="raises"), seen=seen,
        )  # fmt: skip
        self.add(kinds.HypothesisProposed(hypothesis=hypothesis))
        return hypothesis

    def seal(
        self, name: str, prediction: Prediction, criterion: Criterion, frame: Frame
    ) -> Registration:
        """Register a hypothesis."""
        dumped = self.docket.hypotheses[name].model_dump(mode="json")
        registration = Registration(
            id=f"r-{name}", hypothesis=name, prediction=prediction, criterion=criterion,
            frame=frame, digest=digest(dumped, prediction, criterion, frame),
        )  # fmt: skip
        self.add(kinds.Registered(registration=registration))
        return registration

    def register_pairs(
        self,
        name: str,
        pairs: Sequence[tuple[str, str]],
        *,
        process: Process | None = None,
        sign: int = 1,
        **criterion: Any,
    ) -> Registration:
        """Register an effect on a sealed order of pairs, proposing it where nobody has."""
        if name not in self.docket.hypotheses:
            self.propose(name)
        settings: dict[str, Any] = {
            "process": process or Sign(), "alpha": self.alpha, "hypotheses": self.m,
            "draws": len(pairs), "basis": "design-based", **criterion,
        }  # fmt: skip
        return self.seal(
            name,
            Prediction(outcome="temperature", unit=UNIT, sign=sign, words="the first is warmer"),
            Criterion(**settings),
            Frame(
                population="pairs", kind="pairs", cases=2 * len(pairs), size=len(pairs),
                draw_rule="disjoint", draws=self.blobs.put_json([list(p) for p in pairs]),
                planned=len(pairs), seed=0,
            ),
        )  # fmt: skip

    def register_laws(
        self, laws: dict[str, dict[str, float]], draws: int, rule: str = FIRST_RULE, **process: Any
    ) -> list[Registration]:
        """Register laws, given by their tables of design to term, against each other."""
        for name in laws:
            if name not in self.docket.hypotheses:
                self.propose(name, Law(weights={"x": 1.0}))
        designs = sorted(next(iter(laws.values())), key=lambda d: int(d[1:]))
        frame = Frame(
            population="designs", kind="designs", cases=len(designs), size=len(designs),
            draw_rule="informative", draws=self.blobs.put_json(designs), planned=draws, seed=0,
        )  # fmt: skip
        xs = [math.log(int(d[1:])) for d in designs]
        middle = sum(xs) / len(xs)
        regressors = self.blobs.put_json(
            {"x": {d: x - middle for d, x in zip(designs, xs, strict=True)}}
        )
        return [
            self.seal(
                name,
                Prediction(
                    outcome="temperature", unit=UNIT, table=self.blobs.put_json(table),
                    regressors=regressors,
                ),
                Criterion(
                    rule=rule, process=Contest(flexible=("x",), **process), alpha=self.alpha,
                    hypotheses=self.m, draws=draws, basis="model-based",
                    rivals=tuple(r for r in laws if r != name),
                ),
                frame,
            )
            for name, table in laws.items()
        ]  # fmt: skip

    def experiment(
        self,
        hypotheses: str | tuple[str, ...],
        cases: tuple[str, ...],
        draw: int | None = None,
        reading: int = 0,
    ) -> Experiment:
        """Design an experiment, by default the next draw."""
        names = (hypotheses,) if isinstance(hypotheses, str) else hypotheses
        experiment = Experiment(
            id=f"x{len(self.docket.experiments)}", hypotheses=names, cases=cases, reading=reading,
            draw=len(self.docket.trials.get(names[0], ())) if draw is None else draw,
            alternatives=(Alternative(design="another", expected_information=0.1, cost=1.0),),
        )  # fmt: skip
        self.add(kinds.ExperimentDesigned(experiment=experiment))
        return experiment

    def weigh(self, *names: str) -> None:
        """Record the evidence and the crossings that are new."""
        for name in names:
            path = self.judge.path(name)
            for evidence in path[len(self.docket.evidence.get(name, ())) :]:
                self.add(kinds.Weighed(evidence=evidence))
            crossing = first_crossing(self.docket.registrations[name], path)
            if crossing and name not in self.docket.crossings:
                self.add(kinds.Crossed(crossing=crossing))

    def try_pair(self, name: str, pair: tuple[str, str], outcome: float | None) -> None:
        """Design, measure and weigh a pair whose difference is `outcome`; None fails."""
        self.experiment(name, pair)
        self.measure(pair[0], None if outcome is None else 300.0 + outcome)
        self.measure(pair[1], 300.0)
        self.weigh(name)

    def conclude(self) -> None:
        """Judge, claim, audit and end."""
        for verdict in self.judge.verdicts().values():
            self.add(kinds.Judged(verdict=verdict))
        for number, name in enumerate(self.docket.registrations):
            claim = Claim(
                id=f"c{number}",
                text="{ruling}: {statement} ({hits} of {draws}, ln E {for}).",
                figures={
                    "ruling": figure(self.docket, "ruling", hypothesis=name),
                    "statement": figure(self.docket, "statement", hypothesis=name),
                    "hits": figure(self.docket, "hits", hypothesis=name),
                    "draws": figure(self.docket, "draws", hypothesis=name),
                    "for": figure(self.docket, "log_e_for", hypothesis=name),
                },
                hypotheses=(name,),
            )
            self.add(kinds.Claimed(claim=claim))
            self.add(kinds.Audited(audit=audit(claim, self.docket)))
        good = tuple(p for p, m in self.docket.measurements.items() if m.value is not None)
        claim = Claim(
            id="c-mean",
            text="On average it was {mean}, at most {most}.",
            figures={
                "mean": figure(self.docket, "mean", good),
                "most": figure(self.docket, "maximum", good),
            },
        )
        self.add(kinds.Claimed(claim=claim))
        self.add(kinds.Audited(audit=audit(claim, self.docket)))


def write(folder: Path, *, sealed: bool = True) -> Path:
    """Write a run with each kind of event: one effect supported, one refuted, three laws."""
    book = Book(folder, folder)
    assert book.recorder is not None
    start = book.add(kinds.StepStarted(step="survey", number=0))
    book.add(kinds.PolicyDecided(subject="thermometer", allowed=True, reason="it is local"))
    book.add(kinds.LessonUsed(run="an-earlier-run", lesson="stir first"))
    book.add(kinds.Forked(parent="an-earlier-run", at=3, head="0" * 64))
    _large_answer(book)
    known = {"file": "old.csv", "sha256": "0" * 64, "cases": 3, "passed_over": 1}
    book.add(kinds.DataKnown(source="a notebook", **known))
    book.add(kinds.CaseSuggested(case="p1", source="a colleague"))
    _literature(book)
    seen = tuple(book.measure(f"p{i}", 280.0 + i, purpose="pilot") for i in range(3))
    book.add(kinds.StepEnded(step="survey", number=0, change={"wave": 0}, seconds=0.5), start)
    for name in ("up", "down", "spare"):
        book.propose(name, seen=seen)
    book.add(kinds.HypothesisTurnedAway(hypothesis="spare", reason="a duplicate of up"))
    book.add(kinds.HypothesisRanked(order=("up", "down"), priors=(0.75, 0.25)))
    pairs = {h: [(f"{h}{i}a", f"{h}{i}b") for i in range(14)] for h in ("up", "down")}
    for name, drawn in pairs.items():
        book.register_pairs(name, drawn)
    designs = range(1, 15)
    book.register_laws(
        {
            "square": {f"d{x}": 2 * math.log(x) for x in designs},
            "linear": {f"d{x}": math.log(x) for x in designs},
            "flat": {f"d{x}": 0.0 for x in designs},
        },
        draws=14,
    )
    for i in range(14):
        for name, outcome in (("up", 7.0 + i), ("down", -3.0 - i)):
            if name not in book.docket.crossings:
                failed = name == "up" and i == 2
                book.try_pair(name, pairs[name][i], None if failed else outcome)
    book.add(kinds.RunInterrupted(reason="asked to stop"))
    book.add(kinds.RunResumed(reason="by hand"))
    for i, x in enumerate((1, 9, 4, 14, 2, 12, 7, 3, 11)):
        book.experiment(("square", "linear", "flat"), (f"d{x}",))
        book.measure(f"d{x}", 5.0 * x**2 * (1 + 0.04 * math.sin(10 * i)))
        book.weigh("square", "linear", "flat")
    unanswered = book.request("thermometer", {"case": "nowhere"})
    book.add(kinds.EffectAmbiguous(request=unanswered, reason="the power went"))
    book.conclude()
    book.add(kinds.BudgetSpent(spent={"seconds": 4.5, "experiments": 20.0}))
    book.add(
        kinds.RunEnded(
            status="done", cost={"seconds": 5.0, "tool_calls": 60.0}, score={"up": "agrees"}
        )
    )
    (folder / "report.md").write_text("# What was found\n")
    if sealed:
        book.recorder.seal(("report.md",))
    else:
        book.recorder.close()
    return folder


def _large_answer(book: Book) -> None:
    request = book.request("list_cases", {"count": 400})
    cases = book.blobs.spill([{"case": f"case {i}", "size": i / 7} for i in range(400)])
    drawing = book.blobs.put(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml")
    assert cases is not None
    book.add(
        kinds.EffectCompleted(request=request, blob=cases, seconds=0.2, cpu_seconds=0.1), request
    )
    request = book.request("draw", {"case": "p0"})
    book.add(
        kinds.EffectCompleted(
            request=request, value={"case": "p0"}, media={"picture": drawing}, seconds=0.2
        ),
        request,
    )


def events(folder: Path) -> list[dict[str, Any]]:
    """Return the events as stored."""
    return [orjson.loads(line) for line in (folder / "events.jsonl").read_bytes().splitlines()]


def rewrite(folder: Path, change: Change, *, reseal: bool = True) -> None:
    """Change events, then make every link, position and the seal right again, as a forger would.

    The formulas of chain and seal are written out here a second time on purpose.
    """
    found = events(folder)
    change(found)
    head = hashlib.sha256(b"gaseol.run/1\0" + (folder / "run.json").read_bytes()).digest()
    lines, heads = list[bytes](), list[bytes]()
    for seq, event in enumerate(found):
        line = orjson.dumps({**event, "seq": seq, "prev": head.hex()})
        head = hashlib.sha256(b"gaseol.event/1\0" + head + line).digest()
        lines.append(line)
        heads.append(head)
    (folder / "events.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    if reseal and (folder / "seal.json").exists():
        seal = orjson.loads((folder / "seal.json").read_bytes())
        seal.update(events=len(lines), head=head.hex(), root=naive_root(heads).hex())
        (folder / "seal.json").write_bytes(
            orjson.dumps(seal, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        )


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle root level by level; an odd node is carried up unchanged."""
    level = list(leaves)
    if not level:
        return hashlib.sha256(b"gaseol.node/1\0").digest()
    while len(level) > 1:
        above = [
            hashlib.sha256(b"gaseol.node/1\0" + level[i] + level[i + 1]).digest()
            for i in range(0, len(level) - 1, 2)
        ]
        level = above + level[len(level) - len(level) % 2 :]
    return level[0]


def _literature(book: Book) -> None:
    """Search a corpus, read a passage and put it together; the other passage is passed over."""
    request = book.request("search_corpus", {"query": "warmth of stones"})
    quote = "Large stones stay warm: 301.5 K at noon."
    passages = {"corpus:0123456789ab#1": quote, "corpus:0123456789ab#2": "Stones are grey."}
    hits = [{"cite": cite, "text": text} for cite, text in passages.items()]
    book.add(
        kinds.EffectCompleted(request=request, value={"hits": hits}, seconds=0.1), cause=request
    )
    read, other = (Work(cite=cite, title="On stones", request=request) for cite in passages)
    book.add(
        kinds.LiteratureFound(
            source="corpus:default", query="warmth of stones", works=(read, other), total=5
        )
    )
    book.add(
        kinds.LiteratureScreened(
            kept=(read.cite,),
            passed_over={other.cite: "it names nothing that is sought"},
            by="rules",
        )
    )
    excerpt = Excerpt(
        id="e1", field="warmth", kind="quantity", cite=read.cite, quote=quote, value=301.5, unit="K",
        said="301.5 K", by="rules",
    )  # fmt: skip
    book.add(kinds.LiteratureExtracted(cite=read.cite, excerpts=(excerpt,), by="rules"))
    point = Point(text="warmth: 301.5 K", cites=(read.cite,), by="rules")
    book.add(kinds.LiteratureSynthesised(points=(point,), missing=("colour",)))

"""What was asked, claimed and believed: the page that is shown first."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import orjson
from pydantic import ValidationError

from gaseol.traces.evidence.stopping import stop
from gaseol.traces.nouns.claim import Claim, Figure
from gaseol.traces.nouns.registration import Registration
from gaseol.traces.record import event as kinds
from gaseol.traces.record.blob import Blob
from gaseol.traces.record.cases import columns
from gaseol.traces.view.criterion import criterion
from gaseol.traces.view.outline import Curve, Outline
from gaseol.traces.view.skeleton import Skeleton

_NOUNS = (
    "run.started", "run.ended", "run.interrupted", "run.resumed", "run.forked", "lesson.used",
    "data.known", "case.suggested",
    "policy.decision", "hypothesis.proposed", "hypothesis.turned_away", "hypothesis.ranked",
    "registration", "crossing", "verdict", "claim", "audit", "literature.synthesised",
)  # fmt: skip
_ORDER = ("supported", "refuted", "undecided", "invalid", "open")
_TOOLS = 500
"""Tools whose summaries are handed out."""
_CITED = 5_000
"""Measurements behind one figure that are handed out."""


@dataclass
class Board:
    """The nouns of a record that are few, each with its position."""

    started: tuple[int, kinds.RunStarted] | None = None
    ended: tuple[int, kinds.RunEnded] | None = None
    status: str = "running"
    interrupted: str = ""
    """Why the run was last interrupted."""
    hypotheses: dict[str, tuple[int, Any]] = field(default_factory=dict[str, tuple[int, Any]])
    turned_away: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    ranks: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """Place and weight of each hypothesis in the ranking that came first for it."""
    registrations: dict[str, tuple[int, Registration]] = field(
        default_factory=dict[str, tuple[int, Registration]]
    )
    crossings: dict[str, tuple[int, Any]] = field(default_factory=dict[str, tuple[int, Any]])
    verdicts: dict[str, tuple[int, Any]] = field(default_factory=dict[str, tuple[int, Any]])
    ranking: tuple[int, kinds.HypothesisRanked] | None = None
    """The last one by pairings."""
    literature: tuple[int, kinds.LiteratureSynthesised] | None = None
    """What was last put together of what others have written."""
    claims: dict[str, tuple[int, Claim]] = field(default_factory=dict[str, tuple[int, Claim]])
    audits: dict[str, tuple[int, Any]] = field(default_factory=dict[str, tuple[int, Any]])
    notes: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """What happened on the way: interruptions, forks, lessons, refusals."""
    unreadable: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Events that are not of the shape of their kind."""

    @classmethod
    def of(cls, skeleton: Skeleton) -> "Board":
        """Read the events that carry these nouns."""
        board = cls()
        for event in skeleton.events(*_NOUNS):
            try:
                board.add(event.seq, event.fact)
            except ValidationError as error:
                said = error.errors()[0]
                what = f"{'.'.join(map(str, said['loc']))}: {said['msg']}"
                board.unreadable.append({"seq": event.seq, "kind": event.kind, "what": what[:400]})
        return board

    def add(self, seq: int, fact: kinds.Fact | None) -> None:
        """Fold one more event in; the first of a name counts."""
        match fact:
            case kinds.RunStarted():
                self.started = self.started or (seq, fact)
            case kinds.RunEnded():
                self.ended, self.status = (seq, fact), fact.status
            case kinds.HypothesisProposed(hypothesis=h):
                self.hypotheses.setdefault(h.id, (seq, h))
            case kinds.HypothesisTurnedAway():
                self.turned_away.setdefault(fact.hypothesis, (seq, fact.reason))
            case kinds.HypothesisRanked():
                for place, (name, weight) in enumerate(
                    zip(fact.order, fact.priors, strict=True), start=1
                ):
                    said = {"at": seq, "place": place, "of": len(fact.order), "weight": weight}
                    self.ranks.setdefault(name, said)
                if fact.strengths:
                    self.ranking = (seq, fact)
            case kinds.LiteratureSynthesised():
                self.literature = (seq, fact)
            case kinds.Registered(registration=r):
                self.registrations.setdefault(r.hypothesis, (seq, r))
            case kinds.Crossed(crossing=c):
                self.crossings.setdefault(c.hypothesis, (seq, c))
            case kinds.Judged(verdict=v):
                self.verdicts.setdefault(v.hypothesis, (seq, v))
            case kinds.Claimed(claim=c):
                self.claims.setdefault(c.id, (seq, c))
            case kinds.Audited(audit=a):
                self.audits[a.claim] = (seq, a)
            case kinds.RunInterrupted():
                self.status, self.interrupted = fact.status, fact.reason
                self.notes.append({"seq": seq, "kind": fact.kind, "what": fact.reason})
            case kinds.RunResumed():
                self.status = "running"
                self.notes.append({"seq": seq, "kind": fact.kind, "what": fact.reason})
            case kinds.Forked():
                said = {"parent": fact.parent, "at": fact.at}
                self.notes.append({"seq": seq, "kind": fact.kind, "what": fact.parent, **said})
            case kinds.LessonUsed():
                said = f"{fact.run}: {fact.lesson}"
                self.notes.append({"seq": seq, "kind": fact.kind, "what": said})
            case kinds.DataKnown():
                said = f"{fact.source}: {fact.file}"
                self.notes.append({"seq": seq, "kind": fact.kind, "what": said})
            case kinds.CaseSuggested():
                said = f"{fact.source}: {fact.case}"
                self.notes.append({"seq": seq, "kind": fact.kind, "what": said})
            case kinds.PolicyDecided():
                said = f"{fact.subject}: {fact.reason}"
                self.notes.append(
                    {"seq": seq, "kind": fact.kind, "what": said, "allowed": fact.allowed}
                )
            case _:
                pass


def board(skeleton: Skeleton, outline: Outline) -> dict[str, Any]:
    """Return the first page: what was asked, the claims and the hypotheses."""
    found = Board.of(skeleton)
    variables = _mapping(_mapping(run(skeleton).get("scenario")).get("variables"))
    rows = [_hypothesis(found, outline, variables, name) for name in found.registrations]
    rows.sort(key=lambda row: _ORDER.index(row["standing"]))
    return {
        "head": _head(skeleton, found),
        "claims": [_claim(found, outline, name) for name in found.claims],
        "hypotheses": rows,
        "turned_away": [
            {
                "id": name,
                "at": at,
                "proposed_at": found.hypotheses[name][0] if name in found.hypotheses else None,
                "statement": found.hypotheses[name][1].statement
                if name in found.hypotheses
                else "",
                "reason": reason,
            }
            for name, (at, reason) in found.turned_away.items()
        ],
        "waiting": [
            {"id": name, "at": at, "statement": h.statement}
            for name, (at, h) in found.hypotheses.items()
            if name not in found.registrations and name not in found.turned_away
        ],
        "ranking": _ranking(found),
        "literature": _literature(found),
        "notes": found.notes[:200],
        "unreadable": [
            *found.unreadable[:200],
            *(
                {"seq": seq, "kind": skeleton.kinds[skeleton.kind[seq]], "what": "it is not JSON"}
                for seq in outline.unreadable[:200]
            ),
        ],
    }


def _ranking(found: Board) -> dict[str, Any] | None:
    if found.ranking is None:
        return None
    at, fact = found.ranking
    return {
        "at": at,
        "strengths": [s.model_dump(mode="json") for s in fact.strengths[:200]],
        "pairings": len(fact.pairings),
    }


def _literature(found: Board) -> dict[str, Any] | None:
    if found.literature is None:
        return None
    at, fact = found.literature
    return {
        "at": at,
        "points": [p.model_dump(mode="json") for p in fact.points[:200]],
        "missing": list(fact.missing[:200]),
    }


def run(skeleton: Skeleton) -> dict[str, Any]:
    """Return what `run.json` says; empty where it says nothing that can be read."""
    try:
        said = orjson.loads((skeleton.folder / "run.json").read_bytes())
    except ValueError:
        return {}
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


def _head(skeleton: Skeleton, found: Board) -> dict[str, Any]:
    said = run(skeleton)
    scenario = _mapping(said.get("scenario"))
    started = found.started[1] if found.started else None
    ended = found.ended[1] if found.ended else None
    named = started.scenario if started else str(scenario.get("name", ""))
    return {
        "title": str(scenario.get("title") or named or skeleton.folder.name)[:300],
        "question": (started.question if started else str(scenario.get("question", "")))[:4000],
        "scenario": named,
        "run": str(said.get("id") or skeleton.folder.name)[:300],
        "format": str(said.get("format", ""))[:60],
        "scientist": started.scientist if started else "",
        "graph": started.graph if started else "",
        "seed": started.seed if started else None,
        "hypotheses": started.hypotheses if started else None,
        "alpha": started.alpha if started else None,
        "budget": started.budget if started else {},
        "machine": list(started.notes) if started else [],
        "began": _day(skeleton.at[0]) if len(skeleton) else "",
        "ended": _day(skeleton.at[-1]) if len(skeleton) else "",
        "wall": skeleton.at[-1] - skeleton.at[0] if len(skeleton) else 0.0,
        "status": found.status,
        "ended_at": found.ended[0] if found.ended else None,
        "reason": ended.reason if ended else "",
        "cost": ended.cost if ended else {},
        "score": ended.score if ended else {},
        "events": len(skeleton),
        "digest": skeleton.digest(len(skeleton) - 1) if len(skeleton) else "",
        "asked": hashlib.sha256((skeleton.folder / "run.json").read_bytes()).hexdigest(),
        "tools": {
            str(name)[:200]: str(_mapping(card).get("summary", ""))[:400]
            for name, card in list(_mapping(said.get("cards")).items())[:_TOOLS]
        },
        "check": str(_mapping(scenario.get("check")).get("name", ""))[:300],
        "versions": {
            "python": str(said.get("python", ""))[:60],
            "platform": str(said.get("platform", ""))[:200],
            **{str(k)[:60]: str(v)[:60] for k, v in _mapping(said.get("versions")).items()},
        },
    }


def _hypothesis(
    found: Board, outline: Outline, variables: Mapping[str, Any], name: str
) -> dict[str, Any]:
    registered_at, registration = found.registrations[name]
    proposed_at, hypothesis = found.hypotheses.get(name, (None, None))
    verdict_at, verdict = found.verdicts.get(name, (None, None))
    crossed_at, crossing = found.crossings.get(name, (None, None))
    curve = outline.curves.get(name)
    tally = {"hit": 0, "miss": 0, "tie": 0, "failure": 0, "measured": 0, "not_counted": 0}
    last = (0.0, 0.0)
    if curve:
        pairs = registration.frame.kind == "pairs"
        for row, outcome in enumerate(curve.outcome):
            if row in curve.why_not:
                tally["not_counted"] += 1
                continue
            last = (curve.log_for[row], curve.log_against[row])
            tally[_outcome(outcome, pairs)] += 1
    frame, prediction = registration.frame, registration.prediction
    return {
        "id": name,
        "statement": hypothesis.statement if hypothesis else "",
        "mechanism": hypothesis.mechanism if hypothesis else "",
        "relation": hypothesis.relation.kind if hypothesis else "",
        "proposed_by": hypothesis.proposed_by if hypothesis else "",
        "proposed_at": proposed_at,
        "parents": list(hypothesis.parents) if hypothesis else [],
        "seen": len(hypothesis.seen) if hypothesis else 0,
        "rank": found.ranks.get(name),
        "standing": verdict.ruling.value if verdict else "open",
        "reason": verdict.reason if verdict else "",
        "verdict_at": verdict_at,
        "registered_at": registered_at,
        "digest": registration.digest,
        "crossing": crossing
        and {"at": crossed_at, "ruling": crossing.ruling.value, "draw": crossing.draw},
        "log_for": verdict.log_e_for if verdict else last[0],
        "log_against": verdict.log_e_against if verdict else last[1],
        "stop": _stop(found, registration, curve),
        "columns": [c.model_dump(mode="json") for c in columns(hypothesis.relation, variables)]
        if hypothesis
        else [],
        "draws": verdict.draws if verdict else sum(tally.values()) - tally["not_counted"],
        "tally": tally,
        "prediction": prediction.words,
        "outcome": prediction.outcome,
        "unit": prediction.unit,
        "sign": prediction.sign,
        "link": prediction.link,
        "drawing": _reference(prediction.drawing),
        "frame": frame.model_dump(mode="json", exclude={"draws"}),
        "criterion": criterion(registration),
        "score": found.ended[1].score.get(name) if found.ended else None,
        "claims": [c for c, (_, claim) in found.claims.items() if name in claim.hypotheses],
    }


def _stop(found: Board, registration: Registration, curve: Curve | None) -> dict[str, Any]:
    """Return why no further draw was made; without words where the record is not coherent."""
    outcomes = [] if curve is None else [
        o for row, o in enumerate(curve.outcome) if row not in curve.why_not
    ]  # fmt: skip
    ended = found.ended[1] if found.ended else None
    try:
        said = stop(
            registration,
            outcomes,
            decided=registration.hypothesis in found.crossings,
            status=found.status,
            reason=(ended.reason if ended else found.interrupted)[:400],
        )
    except ValueError:
        return {}
    return {**said.model_dump(mode="json"), "left": said.left}


def _outcome(outcome: float | None, pairs: bool) -> str:
    if outcome is None:
        return "failure"
    if not pairs:
        return "measured"
    return "hit" if outcome > 0 else "miss" if outcome < 0 else "tie"


def _claim(found: Board, outline: Outline, name: str) -> dict[str, Any]:
    at, claim = found.claims[name]
    audited_at, audit = found.audits.get(name, (None, None))
    rulings = {v[1].ruling.value for h in claim.hypotheses if (v := found.verdicts.get(h))}
    return {
        "id": name,
        "at": at,
        "parts": list(_parts(claim)),
        "figures": {k: _figure(f, outline) for k, f in claim.figures.items()},
        "hypotheses": list(claim.hypotheses),
        "standing": rulings.pop() if len(rulings) == 1 else "",
        "supported": audit.supported if audit else None,
        "problems": list(audit.problems) if audit else [],
        "audited_at": audited_at,
    }


def _parts(claim: Claim) -> Iterator[str | dict[str, str]]:
    """Yield the sentence of a claim, its figures by name."""
    text = claim.text[:20_000]
    while "{" in text:
        before, _, rest = text.partition("{")
        inside, brace, after = rest.partition("}")
        if not brace or inside not in claim.figures:
            yield before + "{"
            text = rest
            continue
        if before:
            yield before
        yield {"figure": inside}
        text = after
    if text:
        yield text


def _figure(figure: Figure, outline: Outline) -> dict[str, Any]:
    measured, counted = list(figure.measurements), len(figure.measurements)
    if figure.hypothesis is not None and figure.statistic not in ("statement",):
        curve = outline.curves.get(figure.hypothesis)
        rows = [] if curve is None else [
            m for row, m in enumerate(curve.measurements) if row not in curve.why_not
        ]  # fmt: skip
        measured = [position for row in rows for position in row]
        counted = len(measured)
    return {
        "statistic": figure.statistic,
        "value": figure.value,
        "unit": figure.unit,
        "shown": str(figure)[:2000],
        "hypothesis": figure.hypothesis,
        "measurements": measured[:_CITED],
        "cited": counted,
        "against": list(figure.against[:_CITED]),
    }


def _reference(blob: Blob | None) -> dict[str, Any] | None:
    return blob.model_dump(mode="json") if blob else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

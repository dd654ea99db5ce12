"""An event in one line for a person."""

from gaseol.traces.record import event as kinds
from gaseol.traces.record.event import Event

_TESTS = {
    "sign": "share of hits, draw by draw",
    "census": "share of hits in the whole frame",
    "bounded_mean": "mean of bounded differences",
    "gaussian_mean": "mean with known noise",
    "law_contest": "law against law",
}


def tell(event: Event) -> str:
    """Return what happened, in a sentence; empty for a kind this version does not know."""
    match event.fact:
        case kinds.RunStarted() as f:
            return f"the scientist '{f.scientist}' begins '{f.scenario}' with seed {f.seed}"
        case kinds.RunEnded() as f:
            return f"ended: {f.status}{f' ({f.reason})' if f.reason else ''}"
        case kinds.RunInterrupted() as f:
            return f"{f.status}: {f.reason}"
        case kinds.RunResumed() as f:
            return f"goes on {f.reason}"
        case kinds.StepStarted() as f:
            return f"step {f.number}: {f.step} begins"
        case kinds.StepEnded() as f:
            return f"step {f.number}: {f.step} took {f.seconds:.3f} s"
        case kinds.EffectRequested() as f:
            arguments = ", ".join(f"{k}={_short(v)}" for k, v in f.arguments.items())
            return f"asks {f.effect} {f.name}({arguments or '...'})"
        case kinds.EffectCompleted() as f:
            value = _short(f.value) if f.blob is None else f"{f.blob.bytes} bytes"
            return f"answer to {f.request} ({f.origin}, {f.seconds:.3f} s): {value}"
        case kinds.EffectFailed() as f:
            return f"answer to {f.request}: {f.failure.kind.value}: {f.failure.reason}"
        case kinds.EffectAmbiguous() as f:
            return f"nobody knows how {f.request} ended: {f.reason}"
        case kinds.HypothesisProposed(hypothesis=h):
            who = "the asker" if h.proposed_by == "scenario" else h.proposed_by
            return f"{who} proposes {h.id}: {h.statement}"
        case kinds.HypothesisTurnedAway() as f:
            return f"{f.hypothesis} is turned away: {f.reason}"
        case kinds.HypothesisRanked() as f:
            judged = [p for p in f.pairings if p.outcome != "discarded"]
            by = f" (of {len(f.pairings)} pairings {len(judged)} counted)" if f.pairings else ""
            return f"rank: {', '.join(f.order)}{by}"
        case kinds.Registered(registration=r):
            return (
                f"{r.hypothesis} is registered ({_TESTS[r.criterion.process.kind]}; "
                f"{r.frame.planned} draws sealed, out of {r.frame.size} {r.frame.kind}): "
                f"{r.prediction.words}"
            )
        case kinds.ExperimentDesigned(experiment=x):
            return (
                f"{x.id} for {', '.join(x.hypotheses)}: {' against '.join(x.cases)} "
                f"(expects {x.expected_information:.3g} nats for {x.cost:.3g} s)"
            )
        case kinds.Measured(measurement=m):
            what = f"{m.value:.6g} {m.unit}" if m.value is not None else ""
            if m.failure is not None:
                what = f"failed, {m.failure.kind.value}: {m.failure.reason}"
            return f"{m.quantity} of {m.case}: {what} [{m.purpose}]"
        case kinds.Weighed(evidence=e):
            word = {1.0: "hit", -1.0: "miss", 0.0: "tie", None: "failed"}.get(e.outcome, "draw")
            stands = f"ln E {e.log_e_for:.2f} for, {e.log_e_against:.2f} against"
            if e.left is not None and e.left > 0:
                stands += f", ln B {e.left:.2f} that something is left"
            if not e.admissible:
                return f"{e.hypothesis}: {word}, not counted ({e.why_not}); {stands} as before"
            return f"{e.hypothesis}: {word} {e.draw}, {stands}"
        case kinds.Crossed(crossing=c):
            return f"{c.hypothesis} is provisionally {c.ruling.value} at draw {c.draw}"
        case kinds.Judged(verdict=v):
            return f"{v.hypothesis} is {v.ruling.value}: {v.reason}"
        case kinds.Claimed(claim=c):
            return f"{c.id}: {c}"
        case kinds.Audited(audit=a):
            # of the claim, not of its hypothesis: that one is refuted can be true to the record
            true = "says what the record says" if a.supported else "is UNSUPPORTED by the record"
            return f"the claim {a.claim} {true}"
        case kinds.BudgetSpent() as f:
            return ", ".join(f"{k} {v:g}" for k, v in f.spent.items())
        case kinds.PolicyDecided() as f:
            return f"{f.subject}: {'allowed' if f.allowed else 'refused'}, {f.reason}"
        case kinds.LessonUsed() as f:
            return f"lesson of {f.run}: {f.lesson}"
        case kinds.DataKnown() as f:
            return f"{f.cases} cases of {f.file} were known, by {f.source}"
        case kinds.CaseSuggested() as f:
            return f"{f.source} suggests {f.case}"
        case kinds.LiteratureFound() as f:
            why = f"; {f.failure.kind.value}: {f.failure.reason}" if f.failure else ""
            return f"{f.source} on '{_short(f.query)}': {len(f.works)} works{why}"
        case kinds.LiteratureScreened() as f:
            return f"{len(f.kept)} works are read, {len(f.passed_over)} passed over"
        case kinds.LiteratureExtracted() as f:
            away = f", {len(f.turned_away)} turned away" if f.turned_away else ""
            return f"{f.by} reads {f.cite}: {len(f.excerpts)} excerpts{away}"
        case kinds.LiteratureSynthesised() as f:
            flawed = sum(bool(p.problems) for p in f.points)
            return f"{len(f.points)} points, {flawed} of them flawed; not found: {len(f.missing)}"
        case kinds.Forked() as f:
            return f"branches off {f.parent} at {f.at}"
        case _:
            return ""


def _short(value: object) -> str:
    said = str(value)
    return said if len(said) <= 60 else f"{said[:57]}..."

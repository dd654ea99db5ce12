"""A run in one JSON document, and the row of each hypothesis."""

from typing import Any

from gaseol.traces.campaign import chosen, listed, results
from gaseol.traces.record.cases import mapping
from gaseol.traces.record.docket import Docket


def rows(docket: Docket) -> list[dict[str, Any]]:
    """Return a row for every registered hypothesis: statement, verdict, evidence, experiments."""
    found: list[dict[str, Any]] = []
    for name, registration in list(docket.registrations.items()):  # a live run adds to it
        hypothesis = docket.hypotheses[name]
        verdict = docket.verdicts.get(name)
        counted = [e for e in docket.evidence.get(name, ()) if e.admissible]
        last = counted[-1] if counted else None
        crossing = docket.crossings.get(name)
        provisional = f"provisionally {crossing.ruling.value}" if crossing else "open"
        found.append(
            {
                "id": name,
                "statement": hypothesis.statement,
                "proposed_by": hypothesis.proposed_by,
                "prediction": registration.prediction.words,
                "verdict": verdict.ruling.value if verdict else provisional,
                "reason": verdict.reason if verdict else "",
                "basis": registration.criterion.basis,
                "log_e_for": last.log_e_for if last else 0.0,
                "log_e_against": last.log_e_against if last else 0.0,
                "experiments": len(counted),
                "score": docket.ended.score.get(name) if docket.ended else None,
            }
        )
    return found


def summary(docket: Docket, path: str, status: str) -> dict[str, Any]:
    """Return what `gaseol run --json` and `gaseol show --json` print."""
    started, ended = docket.started, docket.ended
    return {
        "run": path,
        "status": status,
        "scenario": started.scenario if started else None,
        "question": started.question if started else None,
        "scientist": started.scientist if started else None,
        "seed": started.seed if started else None,
        "reason": ended.reason if ended else "",
        "would": list(ended.would) if ended else [],
        "hypotheses": rows(docket),
        "turned_away": [
            {"id": h, "statement": docket.hypotheses[h].statement, "reason": reason}
            for h, reason in list(docket.turned_away.items())
        ],
        "claims": [
            {
                "id": c.id,
                "text": str(c),
                "supported": docket.audits[c.id].supported if c.id in docket.audits else None,
            }
            for c in list(docket.claims.values())
        ],
        "literature": {
            "works": len(docket.works),
            "read": len(docket.read),
            "excerpts": len(docket.excerpts),
            "points": [point.model_dump(mode="json") for point in docket.points],
            "missing": list(docket.missing),
        },
        "cost": dict(ended.cost) if ended else {},
        "notes": list(started.notes) if started else [],
        **({"campaign": campaign(docket)} if docket.goals else {}),
    }


def campaign(docket: Docket) -> dict[str, Any]:
    """Return what a campaign wanted, the cases that no other beats, and what comes next."""
    found = results(docket, docket.goals)
    estimates = mapping(docket.learnt.get("estimates"))
    return {
        "goals": [
            {"quantity": g.name, "unit": g.unit, "low": g.low, "high": g.high,
             "direction": {1: "maximise", -1: "minimise", 0: None}[g.sign]}
            for g in docket.goals
        ],
        "measured": len(found),
        "acceptable": sum(result.acceptable for result in found),
        "front": [
            {
                "case": result.case,
                "values": {g.name: v for g, v in zip(docket.goals, result.values, strict=True)},
                "readings": len(result.readings[0]),
                "measurements": [at for each in result.readings for at in each],
                **({"estimate": estimates[result.case]} if result.case in estimates else {}),
            }
            for result in chosen(docket, found)
        ],
        "next": listed(docket.learnt.get("points")),
        "expected_gain": docket.learnt.get("gain"),
    }  # fmt: skip

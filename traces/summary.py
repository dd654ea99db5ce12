"""A run in one JSON document, and the row of each hypothesis."""

from typing import Any

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
    }

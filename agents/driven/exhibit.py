"""What models are shown: the briefing and the docket as parts of a transcript, nothing else."""

from collections.abc import Iterable, Iterator

from gaseol.agents.briefing import Briefing
from gaseol.agents.driven.idea import Ground
from gaseol.agents.models.transcript import Part, part
from gaseol.traces.nouns.hypothesis import Hypothesis
from gaseol.traces.record.docket import Docket


def question(briefing: Briefing) -> Part:
    """Return the question."""
    return part(
        "Question",
        [briefing.question, f"Measured: {briefing.outcome}, in {briefing.unit}."],
        kept=True,
    )


def variables(briefing: Briefing, ground: Ground) -> Part:
    """Return the variables, with units and ranges."""
    lines: list[str] = []
    for name, spec in briefing.variables.items():
        said = f"{name} [{spec.unit}]"
        if spec.description and spec.description != name:
            said += f": {spec.description}"
        if name in ground.numbers:
            cells = briefing.population.columns[name]
            values = [c for c in cells if isinstance(c, int | float)]
            said += f"; {min(values):.4g} to {max(values):.4g}"
        elif name in ground.labels:
            said += f"; labels {', '.join(map(str, ground.labels[name][:12]))}"
        lines.append(said)
    return part("Variables", lines, kept=True)


def pilot(briefing: Briefing) -> list[Part]:
    """Return the pilot's values with the variables of each case; the cases stay nameless."""
    lines: list[str] = []
    for case, reading in briefing.pilot.items():
        row = briefing.population.row(case)
        cells = ", ".join(
            f"{name}={_cell(row[name])}" for name in briefing.variables if row.get(name) is not None
        )
        lines.append(f"{briefing.outcome}={reading.value:.5g}: {cells}")
    return [part("Pilot, which is no evidence", lines)] if lines else []


def lessons(briefing: Briefing) -> list[Part]:
    """Return what earlier runs teach."""
    lines = [f"{lesson.run}: {lesson.said}" for lesson in briefing.lessons]
    return [part("Learnt in earlier runs, which is no evidence", lines)] if lines else []


def literature(briefing: Briefing) -> list[Part]:
    """Return what others say of the variables: directions and references, no word of their texts."""
    lines = [
        f"{name} {way} {briefing.outcome}, say {', '.join(cites[:6])}"
        + (f" and {len(cites) - 6} more" if len(cites) > 6 else "")
        for name, ways in briefing.literature.items()
        for way, cites in ways.items()
    ]
    return [part("What others have written, which is no evidence", lines)] if lines else []


def observations(briefing: Briefing) -> list[Part]:
    """Return what was read off pictures and confirmed by a tool."""
    lines = [f"{o.quantity} of {o.case}: {o.value:.4g} {o.unit}" for o in briefing.observations]
    return [part("Read off pictures, confirmed by tools", lines)] if lines else []


def changes(briefing: Briefing, ground: Ground) -> list[Part]:
    """Return the structural changes."""
    lines = [f"{c} ({briefing.changes[c]} pairs)" for c in ground.changes]
    return [part("Structural changes", lines)] if lines else []


def proposed(docket: Docket, pool: Iterable[Hypothesis] = ()) -> list[Part]:
    """Return what was proposed, and what has become of it; the newest first."""
    own = {h.id: h for h in pool}
    lines = [
        f"{name}: {h.statement} ({state(docket, name)})"
        for name, h in reversed({**docket.hypotheses, **own}.items())
        if name not in docket.turned_away
    ]
    return [part("Proposed before", lines)] if lines else []


def turned_away(docket: Docket) -> list[Part]:
    """Return what was turned away last, and why."""
    lines = [
        f"{docket.hypotheses[name].statement}: {reason}"
        for name, reason in reversed(docket.turned_away.items())
        if name in docket.hypotheses
    ]
    return [part("Turned away", lines[:8])] if lines else []


def state(docket: Docket, name: str) -> str:
    """Say where a hypothesis stands."""
    if name in docket.turned_away:
        return "turned away"
    if name in docket.verdicts:
        return docket.verdicts[name].ruling.value
    if name in docket.crossings:
        return f"provisionally {docket.crossings[name].ruling.value}"
    if name in docket.registrations:
        return "open"
    return "not registered"


def standings(docket: Docket, names: Iterable[str]) -> Part:
    """Return where open hypotheses stand."""
    return part("Open hypotheses", list(_standings(docket, names)))


def _standings(docket: Docket, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        counted = [e for e in docket.evidence.get(name, ()) if e.admissible]
        last = counted[-1] if counted else None
        said = f"{name}: {docket.hypotheses[name].statement}"
        if last is not None:
            said += f"; ln E for {last.log_e_for:.2f}, against {last.log_e_against:.2f}"
        yield f"{said}; {len(counted)} draws"


def _cell(cell: object) -> str:
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)[:60]

"""A writer that asks a model for the outline; sentences and numbers come from the record."""

from collections.abc import Sequence
from dataclasses import dataclass

from gaseol.agents.briefing import Briefing
from gaseol.agents.driven import exhibit
from gaseol.agents.driven.form import Entry, Outline
from gaseol.agents.embedded.writer import EmbeddedWriter
from gaseol.agents.models.prompt import prompt
from gaseol.agents.models.schema import schema_of
from gaseol.agents.models.session import Session
from gaseol.agents.models.transcript import Transcript, part
from gaseol.traces.evidence.statistic import NoOrigin, figure
from gaseol.traces.nouns.claim import Claim, Figure
from gaseol.traces.record.docket import Docket

_WORDS = {
    "count": "{count} values measured for it",
    "mean": "mean {mean}",
    "minimum": "least {minimum}",
    "maximum": "most {maximum}",
}


@dataclass(frozen=True)
class ModelWriter:
    """Lets a model order the findings and say which figures to show; it writes no word of them.

    A sentence of a model could praise what was refuted without a single digit, and no audit of
    numbers would find it.
    """

    session: Session

    def write(self, briefing: Briefing, docket: Docket) -> Sequence[Claim]:
        """Return the claims of the embedded writer, in the model's order and with its figures."""
        claims = EmbeddedWriter().write(briefing, docket)
        names = [c.hypotheses[0] for c in claims if c.hypotheses]
        if len(names) < 2:
            return claims
        lines = [
            f"{n}: {docket.verdicts[n].ruling.value}: {docket.hypotheses[n].statement}"
            for n in names
        ]
        transcript = Transcript(
            (exhibit.question(briefing), part("Decided", lines, kept=True)),
        )
        schema = schema_of(Outline, {"hypothesis": names})
        said = self.session.ask("writer", prompt("writer"), transcript, Outline, schema)
        if said.answer is None:
            return claims
        by_name = {c.hypotheses[0]: c for c in claims if c.hypotheses}
        found: dict[str, Claim] = {}
        for entry in said.answer.findings:
            if entry.hypothesis in by_name and entry.hypothesis not in found:
                claim = by_name[entry.hypothesis]
                found[entry.hypothesis] = _with_figures(claim, entry, docket)
        order = [*found.values(), *(c for c in claims if not c.hypotheses
                                    or c.hypotheses[0] not in found)]  # fmt: skip
        return [c.model_copy(update={"id": f"c{i}"}) for i, c in enumerate(order, start=1)]


def _with_figures(claim: Claim, entry: Entry, docket: Docket) -> Claim:
    """Return a claim that also shows figures of what was measured for its hypothesis."""
    measured = _measured(docket, entry.hypothesis)
    figures: dict[str, Figure] = {}
    for name in dict.fromkeys(entry.figures):
        try:
            figures[name] = figure(docket, name, measured)
        except NoOrigin:
            continue  # nothing was measured for it, so there is nothing to show
    if not figures:
        return claim
    said = "; ".join(_WORDS[name] for name in figures)
    return claim.model_copy(
        update={
            "text": f"{claim.text} Of its measurements: {said}.",
            "figures": {**claim.figures, **figures},
        }
    )


def _measured(docket: Docket, hypothesis: str) -> tuple[int, ...]:
    """Return the positions of the values measured for a hypothesis."""
    cases = dict.fromkeys(
        (case, docket.experiments[x].reading)
        for x in docket.trials.get(hypothesis, ())
        for case in docket.experiments[x].cases
    )
    positions = (docket.readings.get((case, reading, "test")) for case, reading in cases)
    return tuple(p for p in positions if p is not None and docket.measurements[p].value is not None)

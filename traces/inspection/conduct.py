"""Was what was registered what was done? One hypothesis at a time, from the record alone."""

import math
from dataclasses import dataclass, field
from typing import Any, cast

from gaseol.traces.evidence.judge import Judge
from gaseol.traces.nouns.registration import Registration, stored_digest
from gaseol.traces.nouns.verdict import Evidence, Verdict
from gaseol.traces.record.blob import AlteredBlob, MissingBlob
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.trace import Trace

_LATE = ("decided", "closed")
"""Why a draw came too late to count; it does no harm, but it is told."""

_CLOSE = 1e-9


@dataclass
class Conduct:
    """What was found about one hypothesis."""

    deviations: list[str] = field(default_factory=list[str])
    asides: list[str] = field(default_factory=list[str])
    """Told, but no deviation."""
    events: list[int] = field(default_factory=list[int])
    undecided: str = ""
    """Why it could not be judged from this copy; empty where it could."""
    draws: int = 0

    def wrong(self, what: str, *events: int) -> None:
        """Add a deviation, with the events where it shows."""
        at = f" (event {', '.join(map(str, events[:5]))})" if events else ""
        self.deviations.append(f"{what}{at}")
        self.events += events


class Conducts:
    """Derives the conduct of hypotheses from a record, each once."""

    def __init__(self, trace: Trace, docket: Docket) -> None:
        self.docket, self.run = docket, trace.run
        self._judge = Judge(docket, trace.blobs)
        self._known: dict[str, Conduct] = {}
        self._verdicts: dict[str, Verdict] | None = None
        self._stored: dict[str, tuple[Any, Any]] = {}
        proposed: dict[str, Any] = {}
        for event in trace.events("hypothesis.proposed", "registration"):
            if event.kind == "hypothesis.proposed":
                proposed[event.data["hypothesis"]["id"]] = event.data["hypothesis"]
            else:
                registration = event.data["registration"]
                name = registration["hypothesis"]
                self._stored[name] = (proposed.get(name), registration)

    def of(self, name: str) -> Conduct:
        """Return the conduct of a hypothesis."""
        if name not in self._known:
            self._known[name] = self._found(name)
        return self._known[name]

    def _found(self, name: str) -> Conduct:
        found, docket = Conduct(), self.docket
        registration = docket.registrations.get(name)
        if registration is None:
            found.wrong(f"{name} was never registered")
            return found
        since = docket.positions[f"registration:{name}"]
        found.events.append(since)
        self._promise(found, name, registration, since)
        try:
            derived = self._judge.path(name)
            if self._verdicts is None:
                self._verdicts = self._judge.verdicts()
        except (MissingBlob, AlteredBlob) as error:
            found.undecided = f"{name} cannot be judged from this copy: {error}"
            return found
        except (LookupError, TypeError, ValueError) as error:
            found.wrong(f"{name} cannot be judged by what is on record: {error!r}"[:300])
            return found
        self._draws(found, name, registration, derived)
        self._closing(found, name)
        said, due = docket.verdicts.get(name), self._verdicts.get(name)
        if said and due and (said.ruling, said.draws) != (due.ruling, due.draws):
            what = f"the registered rule gives {name} {due.ruling.value} after {due.draws} draws, "
            what += f"the record says {said.ruling.value} after {said.draws}"
            found.wrong(what, docket.positions[f"verdict:{name}"])
        return found

    def _promise(self, found: Conduct, name: str, registration: Registration, since: int) -> None:
        """Check the registration against its digest, the start of the run and its rivals."""
        docket, criterion = self.docket, registration.criterion
        hypothesis, stored = self._stored.get(name, (None, None))
        if stored is None or stored["digest"] != stored_digest(hypothesis, stored):
            found.wrong(
                f"the registration of {name} has not the digest of what it registers", since
            )
        settings = _member(_member(self.run, "scenario"), "hypotheses")
        starts: list[tuple[str, Any, Any]] = [
            ("run.json", settings.get("maximum"), settings.get("alpha"))
        ]
        if docket.started:
            starts.append(("the start", docket.started.hypotheses, docket.started.alpha))
        for where, m, alpha in starts:
            if m is not None and criterion.hypotheses != m:
                found.wrong(
                    f"{name} is judged with m = {criterion.hypotheses}, {where} says {m}", since
                )
            if alpha is not None and criterion.alpha != alpha:
                what = f"{name} is judged at alpha = {criterion.alpha}, {where} says {alpha}"
                found.wrong(what, since)
        trials = docket.trials.get(name, ())
        first = min((docket.positions[f"experiment:{x}"] for x in trials), default=math.inf)
        for rival in criterion.rivals:
            at = docket.positions.get(f"registration:{rival}")
            if at is None or at > first:
                found.wrong(f"its rival {rival} was not registered before measuring", at or since)

    def _draws(
        self, found: Conduct, name: str, registration: Registration, derived: list[Evidence]
    ) -> None:
        """Check order, count and timing of the draws, and the evidence recorded of them."""
        docket = self.docket
        since = docket.positions[f"registration:{name}"]
        recorded = docket.evidence.get(name, [])
        counted = [e for e in recorded if e.admissible]
        found.draws = len(counted)
        limit = registration.criterion.draws
        if registration.frame.draw_rule != "informative":
            limit = min(limit, registration.frame.planned)
        if len(counted) > limit:
            found.wrong(f"{len(counted)} draws of {name} count, {limit} were registered")
        for e in counted:
            early = [p for p in e.measurements if self._asked(p) < since]
            if early:
                what = f"draw {e.draw} of {name} was asked for before the registration"
                found.wrong(what, *early)
        for said, due in zip(recorded, derived, strict=False):
            if not _same(said, due):
                at = docket.positions.get(f"experiment:{said.experiment}")
                what = f"experiment {said.experiment} counts as {_told(said)}, due is {_told(due)}"
                found.wrong(what, *([] if at is None else [at]))
        if len(recorded) != len(derived):
            found.wrong(f"{len(derived)} draws of {name} were made, {len(recorded)} are weighed")
        late: list[int] = []
        for e in derived:
            if e.admissible:
                continue
            at = docket.positions[f"experiment:{e.experiment}"]
            if e.why_not.startswith(_LATE):
                late.append(at)
            else:
                found.wrong(f"experiment {e.experiment} was out of plan: {e.why_not}", at)
        if late:
            one = len(late) == 1
            found.asides.append(
                f"{len(late)} more {'draw' if one else 'draws'} of {name}, asked for before "
                f"it was closed, {'counts' if one else 'count'} for nothing "
                f"(designed at {'event' if one else 'events'} "
                f"{', '.join(map(str, late[:5]))}{', ...' if len(late) > 5 else ''})"
            )
            found.events += late
        failed = [e for e in counted if e.outcome is None]
        if counted and len(failed) > registration.criterion.failure_rate * len(counted):
            what = (
                f"{len(failed)} of {len(counted)} draws of {name} failed, registered was at most "
            )
            what += f"{registration.criterion.failure_rate:.0%}"
            found.wrong(what, *(p for e in failed[:5] for p in e.measurements[:1]))

    def _closing(self, found: Conduct, name: str) -> None:
        """Find experiments designed when every hypothesis that they were for was decided."""
        docket = self.docket
        for x in docket.trials.get(name, ()):
            at = docket.positions[f"experiment:{x}"]
            closed = [
                docket.positions.get(f"crossing:{h}") for h in docket.experiments[x].hypotheses
            ]
            if all(c is not None and c < at for c in closed):
                found.wrong(f"experiment {x} was designed after {name} was decided", at)

    def _asked(self, position: int) -> int:
        measurement = self.docket.measurements.get(position)
        return position if measurement is None else min(position, measurement.request)


def _member(value: Any, name: str) -> dict[str, Any]:
    found: Any = cast("dict[str, Any]", value).get(name) if isinstance(value, dict) else None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _same(a: Evidence, b: Evidence) -> bool:
    return (a.experiment, a.draw, a.admissible, a.measurements) == (
        b.experiment, b.draw, b.admissible, b.measurements,
    ) and _close(a.outcome, b.outcome)  # fmt: skip


def _close(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=_CLOSE, abs_tol=_CLOSE)


def _told(e: Evidence) -> str:
    if not e.admissible:
        return f"not counted ({e.why_not})"
    return f"draw {e.draw} with outcome {'failed' if e.outcome is None else f'{e.outcome:g}'}"

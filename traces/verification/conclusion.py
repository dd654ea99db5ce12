"""Do the conclusions follow? Every evidence, crossing, verdict and audit is derived anew."""

import math

from gaseol.traces.evidence.judge import Judge, close, first_crossing
from gaseol.traces.evidence.process import LawContest
from gaseol.traces.nouns.registration import RULES, Registration
from gaseol.traces.nouns.verdict import Crossing, Evidence, Verdict
from gaseol.traces.record.blob import Blob, BlobStore
from gaseol.traces.verification.auditor import audit
from gaseol.traces.verification.problem import Flaw, Problem
from gaseol.traces.verification.sequence import Sequence


class Conclusions:
    """What a record concludes, beside what its measurements give."""

    def __init__(self, sequence: Sequence, blobs: BlobStore) -> None:
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.checked: dict[str, int] = {
            "effects": sequence.effects,
            "measurements": len(sequence.docket.measurements) - sequence.unchecked,
        }
        self.docket = sequence.docket
        self._blobs = blobs
        if sequence.unchecked:
            self.notes.append(
                f"{sequence.unchecked} measurements could not be held against their answers, "
                "which were withheld"
            )

    def wrong(self, where: str, what: str) -> None:
        """Note that something does not follow."""
        self.problems.append(Problem(where, what, Flaw.CONTRADICTED))

    def count(self, what: str, number: int = 1) -> None:
        """Note that so many were derived anew."""
        self.checked[what] = self.checked.get(what, 0) + number

    def derive(self) -> None:
        """Derive every conclusion and compare it with the one on record."""
        docket = self.docket
        judge = Judge(docket, self._blobs)
        withheld = [h for h, r in docket.registrations.items() if self._withheld(r)]
        if withheld:
            self.notes.append(
                f"no verdict could be derived anew: what was registered for {', '.join(withheld)} "
                "was withheld"
            )
        else:
            self._judged(judge)
        self._claims()

    def _withheld(self, registration: Registration) -> bool:
        prediction = registration.prediction
        needed = (registration.frame.draws, prediction.table, prediction.others,
                  prediction.regressors)  # fmt: skip
        return any(isinstance(b, Blob) and self._blobs.kept_back(b.sha256) for b in needed)

    def _judged(self, judge: Judge) -> None:
        docket = self.docket
        for name, registration in docket.registrations.items():
            where = f"event {docket.positions[f'registration:{name}']}"
            if registration.criterion.rule not in RULES:
                self.wrong(
                    where, f"names the judging rule {registration.criterion.rule}, unknown here"
                )
            if isinstance(registration.criterion.process, LawContest):
                self._rivals(where, name)
            self._sealed_draws(where, judge, registration)
        if self.problems:
            return
        try:
            for name, registration in docket.registrations.items():
                path = judge.path(name)
                self._evidence(name, path)
                self._crossing(name, first_crossing(registration, path))
            derived = judge.verdicts()
        except (LookupError, TypeError, ValueError) as error:
            self.wrong("registrations", f"cannot be judged by what is on record: {error!r}")
            return
        ended = docket.ended is not None and docket.ended.status in ("done", "budget")
        if ended:
            for name in docket.registrations:
                if name not in docket.verdicts:
                    self.wrong(f"hypothesis {name}", "is registered and has no verdict")
        for name, verdict in docket.verdicts.items():
            where = f"event {docket.positions[f'verdict:{name}']}"
            if name not in derived:
                self.wrong(where, f"judges {name}, which is not registered")
            elif not _same_verdict(verdict, derived[name]):
                self.wrong(where, f"says {verdict.ruling} of {name}; the record gives "
                                  f"{derived[name].ruling} ({derived[name].reason})")  # fmt: skip
        self.count("verdicts", len(docket.verdicts))

    def _claims(self) -> None:
        docket = self.docket
        ended = docket.ended is not None and docket.ended.status in ("done", "budget")
        for name, claim in docket.claims.items():
            where = f"event {docket.positions[f'claim:{name}']}"
            found, said = audit(claim, docket), docket.audits.get(name)
            if said is None:
                if ended:
                    self.wrong(where, "the claim was never audited")
            elif said.supported != found.supported:
                self.wrong(where, f"the audit says {_word(said.supported)}, "
                                  f"the record says {_word(found.supported)}")  # fmt: skip
        self.count("claims", len(docket.claims))

    def _sealed_draws(self, where: str, judge: Judge, registration: Registration) -> None:
        """Check that the sealed order is what its rule says it is."""
        frame = registration.frame
        if frame.draw_rule == "informative":
            return
        draws = [tuple(draw) for draw in judge.sealed_draws(registration)]
        if len(draws) != frame.planned:
            self.wrong(where, f"plans {frame.planned} draws, its sealed order holds {len(draws)}")
        cases = [case for draw in draws for case in draw]
        if frame.draw_rule == "disjoint" and len(set(cases)) < len(cases):
            self.wrong(where, "its draws are called disjoint, but a case stands in two of them")
        if frame.draw_rule == "without_replacement" and len(set(draws)) < len(draws):
            self.wrong(where, "its draws are without replacement, but a pair stands there twice")

    def _rivals(self, where: str, name: str) -> None:
        docket = self.docket
        trials = docket.trials.get(name, ())
        first = min((docket.positions[f"experiment:{x}"] for x in trials), default=math.inf)
        for rival in docket.registrations[name].criterion.rivals:
            if docket.positions.get(f"registration:{rival}", math.inf) > first:
                self.wrong(where, f"its rival {rival} was not registered before measuring")

    def _evidence(self, name: str, derived: list[Evidence]) -> None:
        recorded = self.docket.evidence.get(name, [])
        for said, found in zip(recorded, derived, strict=False):
            same = (
                said.experiment == found.experiment
                and said.draw == found.draw
                and said.admissible == found.admissible
                and said.measurements == found.measurements
                and _same_outcome(said.outcome, found.outcome)
                and close(said.log_e_for, found.log_e_for)
                and close(said.log_e_against, found.log_e_against)
                and _same_left(said.left, found.left)
            )
            if not same:
                self.wrong(
                    f"evidence on {name} at draw {said.draw}",
                    f"says ln E {said.log_e_for:.4g} for, {said.log_e_against:.4g} against; "
                    f"the measurements give {found.log_e_for:.4g}, {found.log_e_against:.4g}",
                )
                return
        if len(recorded) > len(derived):
            self.wrong(f"hypothesis {name}", "has evidence that no measurement gives")
        elif len(recorded) < len(derived) and self.docket.verdicts:
            self.wrong(
                f"hypothesis {name}", f"{len(derived) - len(recorded)} draws left no evidence"
            )
        self.count("evidences", len(recorded))

    def _crossing(self, name: str, derived: Crossing | None) -> None:
        said = self.docket.crossings.get(name)
        if said is None:
            return
        where = f"event {self.docket.positions[f'crossing:{name}']}"
        if derived is None:
            self.wrong(where, f"the evidence on {name} never reached the threshold")
        elif (
            (said.ruling, said.draw) != (derived.ruling, derived.draw)
            or not close(said.log_threshold, derived.log_threshold)
        ):  # fmt: skip
            self.wrong(where, f"says {name} is {said.ruling.value} at draw {said.draw}; the "
                              f"evidence gives {derived.ruling.value} at {derived.draw}")  # fmt: skip


def _same_outcome(a: float | None, b: float | None) -> bool:
    return a is b if a is None or b is None else close(a, b)


def _same_left(a: float | None, b: float | None) -> bool:
    # kernels have a condition number that other linear algebra feels
    return a is b if a is None or b is None else math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-6)


def _same_verdict(a: Verdict, b: Verdict) -> bool:
    return (
        (a.ruling, a.draws, a.failures, a.basis, a.rule)
        == (b.ruling, b.draws, b.failures, b.basis, b.rule)
        and close(a.log_e_for, b.log_e_for)
        and close(a.log_e_against, b.log_e_against)
    )


def _word(supported: bool) -> str:
    return "supported" if supported else "unsupported"

"""From registrations and measurements to evidence and verdicts, and by nothing else.

The judging rule `gaseol.judge/1`:

- A draw counts when it is the next of the sealed order (for informative designs: a reading of
  an allowed design that has not counted yet and was measured after it was designed), each of
  its measurements was asked for after the registration, and the hypothesis is still open:
  undecided, with registered draws left.
- The threshold is L = m / alpha, with m the registered maximum number of hypotheses. The
  first process to reach L freezes both.
- At the end, supports and refutations are two families, each put through e-BH on the frozen
  values with m slots, unused ones counting as e = 0 (Wang and Ramdas 2022, "False discovery
  rate control with e-values", J. R. Stat. Soc. B 84, 822).
- More failed draws than registered make the verdict invalid.

The rule `gaseol.judge/2` differs in a contest of laws. A law with a ceiling is held to it when
it predicts, too. And support waits: it is given at a draw after which the evidence against is
at most 1 and, where the registration says that a law must leave nothing but noise, no smooth
function of the variables predicts better what it leaves. Waiting withholds support only, so
that whoever is supported has crossed.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gaseol.traces.evidence import contest
from gaseol.traces.evidence.process import BoundedMean, Census, GaussianMean, LawContest, Sign
from gaseol.traces.evidence.remainder import remainder
from gaseol.traces.nouns.experiment import Experiment
from gaseol.traces.nouns.registration import FIRST_RULE, Registration
from gaseol.traces.nouns.verdict import Crossing, Evidence, Ruling, Verdict
from gaseol.traces.record.blob import Blob, BlobStore
from gaseol.traces.record.docket import Docket


@dataclass(frozen=True, slots=True)
class Draw:
    """One experiment as the judge sees it."""

    experiment: Experiment
    outcome: float | None
    measurements: tuple[int, ...]
    why_not: str = ""


_TOLERANCE = 1e-9
"""Relative and absolute, for numbers derived anew."""


def log_threshold(registration: Registration) -> float:
    """Return ln(m / alpha)."""
    return math.log(registration.criterion.hypotheses / registration.criterion.alpha)


class Judge:
    """Weighs a docket by its registrations."""

    def __init__(self, docket: Docket, blobs: BlobStore) -> None:
        self.docket = docket
        self._blobs = blobs
        self._loaded: dict[str, Any] = {}
        self._drawn: dict[str, list[Draw]] = {}

    def sealed_draws(self, registration: Registration) -> list[Any]:
        """Return the registered order of draws, or all designs that are allowed."""
        return self._load(registration.frame.draws)

    def table(self, registration: Registration) -> Mapping[str, float]:
        """Return a law's registered predictions by design."""
        return self._load(registration.prediction.table)

    def draws(self, hypothesis: str) -> list[Draw]:
        """Return the experiments made for a hypothesis whose measurements are all there.

        A record only grows: what was found before is kept, and what is new is added.
        """
        registration = self.docket.registrations[hypothesis]
        since = self.docket.positions[f"registration:{hypothesis}"]
        sealed = self.sealed_draws(registration)
        informative = registration.frame.draw_rule == "informative"
        allowed = frozenset[str](sealed if informative else ())
        found = self._drawn.setdefault(hypothesis, [])
        used = {draw.measurements for draw in found} if informative else set[tuple[int, ...]]()
        trials = self.docket.trials.get(hypothesis, [])
        for expected in range(len(found), len(trials)):
            name = trials[expected]
            experiment = self.docket.experiments[name]
            positions = [
                self.docket.readings.get((case, experiment.reading, "test"))
                for case in experiment.cases
            ]
            measured = tuple(p for p in positions if p is not None)
            if len(measured) < len(positions):
                break
            why_not = ""
            if informative:
                if experiment.cases[0] not in allowed:
                    why_not = "the design is not among those registered"
                elif measured in used:
                    why_not = "this reading was counted already"
                elif min(measured) < self.docket.positions[f"experiment:{name}"]:
                    # who designs with the value in hand can choose which values count
                    why_not = "measured before the experiment was designed"
            elif experiment.draw != expected or (
                expected >= len(sealed) or list(experiment.cases) != list(sealed[expected])
            ):
                why_not = f"draw {expected} of the sealed order was due"
            if not why_not and self._asked(measured) < since:
                why_not = "measured before the hypothesis was registered"
            used.add(measured)
            outcome = self._outcome(registration, experiment, measured)
            found.append(Draw(experiment, outcome, measured, why_not))
        return found

    def _asked(self, measured: tuple[int, ...]) -> int:
        """Return where the first of these values could have been known: at its request."""
        return min(min(p, self.docket.measurements[p].request) for p in measured)

    def _outcome(
        self, registration: Registration, experiment: Experiment, measured: tuple[int, ...]
    ) -> float | None:
        """Return what a draw came to; None for a failure."""
        values = [self.docket.measurements[p].value for p in measured]
        process = registration.criterion.process
        if any(value is None for value in values):
            return None
        y = [value for value in values if value is not None]
        if registration.frame.kind == "pairs":
            if len(y) != 2:
                return None
            difference = (y[0] - y[1]) * registration.prediction.sign
            if isinstance(process, BoundedMean):
                # the null speaks of the mean difference within the registered bounds
                return min(max(difference, process.low), process.high)
            if isinstance(process, GaussianMean):
                return difference
            return _sign(difference, registration.criterion.tie)
        g = _on_scale(y[0], registration)
        if g is None or isinstance(process, LawContest | BoundedMean | GaussianMean):
            return g
        # paired predictive loss: does the law predict this case better than its rival?
        design = experiment.cases[0]
        (rival,) = self.others(registration).values()
        own = abs(g - self.table(registration)[design])
        return _sign(abs(g - rival[design]) - own, registration.criterion.tie)

    def path(self, hypothesis: str, since: int = 0) -> list[Evidence]:
        """Derive the evidence on a hypothesis after each of its draws, or those `since` one."""
        registration = self.docket.registrations[hypothesis]
        process = registration.criterion.process
        draws = self.draws(hypothesis)
        good = [d for d in draws if not d.why_not]
        left: np.ndarray | None = None
        match process:
            case LawContest():
                plus, minus = self._contest(hypothesis, good, process)
                left = self._left(hypothesis, good, process)
            case Sign() | BoundedMean() | GaussianMean() | Census():
                outcomes = [math.nan if d.outcome is None else d.outcome for d in good]
                plus, minus = process.path(outcomes)
        found, counted, decided = list[Evidence](), 0, 0
        log_for = log_against = 0.0
        now: float | None = None
        for number, draw in enumerate(draws):
            why_not = draw.why_not
            if not why_not and decided:
                why_not = f"decided at draw {decided}"
            if not why_not and counted >= registration.criterion.draws:
                why_not = f"closed after the {counted} draws registered"
            if not why_not:
                log_for, log_against = float(plus[counted]), float(minus[counted])
                now = None if left is None else float(left[counted])
                counted += 1
                if _decided(registration, log_for, log_against, now):
                    decided = counted
            if number < since:
                continue
            found.append(
                Evidence(
                    hypothesis=hypothesis,
                    experiment=draw.experiment.id,
                    draw=counted,
                    outcome=draw.outcome,
                    measurements=draw.measurements,
                    log_e_for=log_for,
                    log_e_against=log_against,
                    left=now,
                    admissible=not why_not,
                    why_not=why_not,
                )
            )
        return found

    def _contest(
        self, hypothesis: str, draws: list[Draw], process: LawContest
    ) -> tuple[np.ndarray, np.ndarray]:
        if not draws:
            # a run may have been cut off between the registrations of two rivals
            return np.zeros(0), np.zeros(0)
        registration = self.docket.registrations[hypothesis]
        rivals = registration.criterion.rivals
        kept = [i for i, d in enumerate(draws) if d.outcome is not None]
        designs = [draws[i].experiment.cases[0] for i in kept]
        g = np.array([draws[i].outcome for i in kept], dtype=float)
        registrations = {h: self.docket.registrations[h] for h in (hypothesis, *rivals)}
        tables: dict[str, Mapping[str, float]] = {
            **self.others(registration),
            **{h: self.table(r) for h, r in registrations.items()},
        }
        residuals = {h: g - np.array([t[d] for d in designs]) for h, t in tables.items()}
        challengers = [name for name in tables if name != hypothesis]
        ceilings = {h: _ceiling(r) for h, r in registrations.items()}
        ceilings |= {h: process.ceiling for h in tables if h not in ceilings}
        flexible = None
        if process.flexible:
            regressors = self.regressors(registration)
            x = np.array([[regressors[v][d] for v in process.flexible] for d in designs])
            flexible = contest.flexible(
                g, x.reshape(len(designs), len(process.flexible)), process.ridge
            )
        plus, minus = contest.weigh(
            residuals,
            hypothesis,
            challengers,
            flexible,
            ceilings,
            hold=registration.criterion.rule != FIRST_RULE,
        )
        return _carried(plus, kept, len(draws)), _carried(minus, kept, len(draws))

    def _left(self, hypothesis: str, draws: list[Draw], process: LawContest) -> np.ndarray | None:
        """Return the ln Bayes factor of something smooth being left, after each draw."""
        if not process.remainder:
            return None
        registration = self.docket.registrations[hypothesis]
        since = self.docket.positions[f"registration:{hypothesis}"]
        table, regressors = self.table(registration), self.regressors(registration)
        columns = [regressors[v] for v in process.remainder]
        points: list[tuple[str, float]] = []
        for (case, _, purpose), position in self.docket.readings.items():
            value = self.docket.measurements[position].value
            if purpose != "pilot" or position > since or value is None:
                continue
            g = _on_scale(value, registration)
            if g is not None and case in table and all(case in column for column in columns):
                points.append((case, g))
        pilot = len(points)
        kept = [i for i, d in enumerate(draws) if d.outcome is not None]
        points += [(draws[i].experiment.cases[0], draws[i].outcome or 0.0) for i in kept]
        z = np.array([g - table[case] for case, g in points])
        x = np.array([[column[case] for column in columns] for case, _ in points])
        path = remainder(z, x.reshape(len(points), len(columns)))
        return _carried(path[pilot:], kept, len(draws), float(path[pilot - 1]) if pilot else 0.0)

    def regressors(self, registration: Registration) -> Mapping[str, Mapping[str, float]]:
        """Return the flexible rival's registered regressors: variable, then design."""
        return self._load(registration.prediction.regressors)

    def others(self, registration: Registration) -> Mapping[str, Mapping[str, float]]:
        """Return the predictions of the rivals that are no hypotheses: name, then design."""
        return self._load(registration.prediction.others)

    def _load(self, blob: Blob | None) -> Any:
        if blob is None:
            return {}
        if blob.sha256 not in self._loaded:
            self._loaded[blob.sha256] = self._blobs.get_json(blob)
        return self._loaded[blob.sha256]

    def verdicts(self) -> dict[str, Verdict]:
        """Derive every verdict, the false discovery rate controlled over all hypotheses."""
        paths = {h: self.path(h) for h in self.docket.registrations}
        standing = {h: _standing(self.docket.registrations[h], p) for h, p in paths.items()}
        open_to = {h: s for h, s in standing.items() if s.invalid is None}
        supported = _e_bh(
            {
                h: s.log_for
                for h, s in open_to.items()
                if s.crossed is not Ruling.REFUTED and not s.waits
            },
            self.docket.registrations,
        )
        refuted = _e_bh(
            {h: s.log_against for h, s in open_to.items() if s.crossed is not Ruling.SUPPORTED},
            self.docket.registrations,
        )
        found: dict[str, Verdict] = {}
        for h, s in standing.items():
            registration = self.docket.registrations[h]
            if s.invalid is not None:
                ruling, reason = Ruling.INVALID, s.invalid
            elif h in supported and h in refuted:
                ruling, reason = Ruling.UNDECIDED, "the evidence for and against are both large"
            elif h in supported:
                ruling, reason = Ruling.SUPPORTED, _because("for", s.log_for, registration)
            elif h in refuted:
                ruling, reason = Ruling.REFUTED, _because("against", s.log_against, registration)
            elif s.waits and s.log_for >= log_threshold(registration):
                ruling, reason = Ruling.UNDECIDED, _why_it_waits(s, registration)
            else:
                ruling = Ruling.UNDECIDED
                reason = (
                    f"after {s.draws} of {registration.criterion.draws} draws neither ln E "
                    f"has reached {log_threshold(registration):.2f}"
                )
            found[h] = Verdict(
                hypothesis=h,
                ruling=ruling,
                log_e_for=s.log_for,
                log_e_against=s.log_against,
                draws=s.draws,
                failures=s.failures,
                basis=registration.criterion.basis,
                rule=registration.criterion.rule,
                reason=reason,
            )
        return found


def first_crossing(registration: Registration, path: Sequence[Evidence]) -> Crossing | None:
    """Return where a hypothesis' evidence first reached the threshold; None while it is open."""
    for e in path:
        ruling = _decided(registration, e.log_e_for, e.log_e_against, e.left)
        if e.admissible and ruling:
            return Crossing(
                hypothesis=e.hypothesis,
                ruling=ruling,
                draw=e.draw,
                log_threshold=log_threshold(registration),
            )
    return None


def _sign(difference: float, tie: float) -> float:
    return 0.0 if abs(difference) <= tie else math.copysign(1.0, difference)


def _on_scale(y: float, registration: Registration) -> float | None:
    """Return the outcome on the scale of the tables; None where it has no logarithm."""
    process = registration.criterion.process
    link = process.link if isinstance(process, LawContest) else registration.prediction.link
    if link == "identity":
        return y
    return math.log(y) if y > 0 else None


def _ceiling(registration: Registration) -> float | None:
    process = registration.criterion.process
    return process.ceiling if isinstance(process, LawContest) else None


def _carried(path: np.ndarray, kept: Sequence[int], draws: int, before: float = 0.0) -> np.ndarray:
    """Return a path over the draws that did not fail as one over all: a failed draw changes nothing."""
    out = np.full(draws, before)
    for value, at in zip(path, kept, strict=True):
        out[at:] = value
    return out


def _waits(registration: Registration, log_against: float, left: float | None) -> bool:
    """Tell whether a law may not be supported yet: it has evidence against it, or leaves a pattern."""
    criterion = registration.criterion
    if criterion.rule == FIRST_RULE or not isinstance(criterion.process, LawContest):
        return False
    return log_against > 0 or (left is not None and left > 0)


def _decided(
    registration: Registration, log_for: float, log_against: float, left: float | None
) -> Ruling | None:
    """Return what evidence decides, None while it decides nothing."""
    threshold = log_threshold(registration)
    may = not _waits(registration, log_against, left)
    if may and log_for >= threshold and log_for >= log_against:
        return Ruling.SUPPORTED
    return Ruling.REFUTED if log_against >= threshold else None


@dataclass(frozen=True, slots=True)
class _Standing:
    log_for: float
    log_against: float
    left: float | None
    waits: bool
    draws: int
    failures: int
    crossed: Ruling | None
    invalid: str | None


def _standing(registration: Registration, path: list[Evidence]) -> _Standing:
    counted = [e for e in path if e.admissible]
    failures = sum(1 for e in counted if e.outcome is None)
    last = counted[-1] if counted else None
    crossed = None
    if last:
        crossed = _decided(registration, last.log_e_for, last.log_e_against, last.left)
    invalid = None
    limit = registration.criterion.failure_rate
    if counted and failures > limit * len(counted):
        invalid = f"{failures} of {len(counted)} draws failed; registered was at most {limit:.0%}"
    # what came too late to count does no harm
    late = ("decided", "closed")
    out_of_order = [e for e in path if not e.admissible and not e.why_not.startswith(late)]
    if out_of_order:
        invalid = f"experiment {out_of_order[0].experiment}: {out_of_order[0].why_not}"
    return _Standing(
        log_for=last.log_e_for if last else 0.0,
        log_against=last.log_e_against if last else 0.0,
        left=last.left if last else None,
        waits=last is not None and _waits(registration, last.log_e_against, last.left),
        draws=len(counted),
        failures=failures,
        crossed=crossed,
        invalid=invalid,
    )


def _e_bh(log_e: Mapping[str, float], registrations: Mapping[str, Registration]) -> set[str]:
    """Return the hypotheses that e-BH rejects at the registered alpha with m slots."""
    if not log_e:
        return set()
    ranked = sorted(log_e, key=lambda h: -log_e[h])
    keep = 0
    for k, h in enumerate(ranked, start=1):
        if math.log(k) + log_e[h] >= log_threshold(registrations[h]):
            keep = k
    return set(ranked[:keep])


def _because(side: str, log_e: float, registration: Registration) -> str:
    threshold = log_threshold(registration)
    reached = "reached" if log_e >= threshold else "passes e-BH below"
    return f"ln E {side} = {log_e:.2f} {reached} ln(m/alpha) = {threshold:.2f}"


def _why_it_waits(standing: _Standing, registration: Registration) -> str:
    log_for, threshold = standing.log_for, log_threshold(registration)
    if standing.log_against > 0:
        return (
            f"ln E for = {log_for:.2f} reached ln(m/alpha) = {threshold:.2f}, but ln E against is "
            f"{standing.log_against:.2f}: rivals predict better than the law explains"
        )
    return (
        f"ln E for = {log_for:.2f} reached ln(m/alpha) = {threshold:.2f}, but something is left: "
        f"a smooth function of the variables predicts it, ln B = {standing.left or 0.0:.2f}"
    )


def close(a: float, b: float) -> bool:
    """Tell whether two numbers are the same but for the last bits: libraries differ in these."""
    return math.isclose(a, b, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)

"""Chooses experiments by expected information gain per expected second."""

import functools
import math
from collections.abc import Sequence

import numpy as np

from gaseol.agents.briefing import Briefing
from gaseol.agents.roles import Bench, Choice, Option, Standing
from gaseol.traces.evidence.process import Census, Sign
from gaseol.traces.nouns.experiment import Alternative

_OVERHEAD = 0.002
"""Seconds that any experiment costs besides its measurement: keeps free look-ups comparable."""
_SHOWN = 3
"""Alternatives kept on record."""
_NODES = np.polynomial.hermite_e.hermegauss(9)


class EmbeddedDesigner:
    """Which hypothesis to draw for next, or which design tells the laws apart."""

    def design(self, briefing: Briefing, bench: Bench) -> Sequence[Choice]:
        """Return the best options, at most a batch; pairs come in their sealed order."""
        contest = [o for o in bench.options if o.hypotheses[0] in bench.predictions]
        if contest:
            return self._among_laws(briefing, bench, contest)
        return self._among_hypotheses(bench)

    def _among_hypotheses(self, bench: Bench) -> Sequence[Choice]:
        gains = {h: _gains(s, bench.batch) for h, s in bench.standings.items()}
        scored = [(gains[o.hypotheses[0]][min(o.ahead, bench.batch - 1)], o) for o in bench.options]
        scored.sort(key=lambda item: (-item[0] / (item[1].cost + _OVERHEAD), item[1].draw))
        chosen: list[tuple[float, Option]] = []
        taken: dict[str, int] = {}
        waiting = scored
        while waiting and len(chosen) < bench.batch:
            # a draw may be taken only after those before it in its sealed order
            at = next(
                (i for i, (_, o) in enumerate(waiting) if o.ahead == taken.get(o.hypotheses[0], 0)),
                None,
            )
            if at is None:
                break
            gain, option = waiting[at]
            waiting = waiting[:at] + waiting[at + 1 :]
            taken[option.hypotheses[0]] = option.ahead + 1
            chosen.append((gain, option))
        passed = _alternatives(waiting, {o.hypotheses[0] for _, o in chosen})
        return [Choice(o, expected_information=g, alternatives=passed) for g, o in chosen]

    def _among_laws(
        self, briefing: Briefing, bench: Bench, options: Sequence[Option]
    ) -> Sequence[Choice]:
        names = list(bench.standings)
        designs = [o.cases[0] for o in options]
        terms = np.array([[bench.predictions[h][d] for d in designs] for h in names])
        costs = np.array([o.cost for o in options])
        if len(bench.history) == 0:
            # the constant is free: one reading tells nothing, so take a cheap, telling place
            spread = terms.std(axis=0)
            score = spread if bench.preset_counts is None else spread + terms.mean(axis=0)
            best = int(np.argmax(score))
            return [Choice(options[best], expected_information=0.0)]
        weights, means, scales = _predict(bench, names, terms, briefing.noise)
        gains = _information(weights, means, scales)
        if bench.preset_counts is not None:
            costs = bench.preset_counts / np.exp(np.clip(weights @ means, -50, 50))
        order = np.argsort(-gains / (costs + _OVERHEAD), kind="stable")
        best = int(order[0])
        passed = tuple(
            Alternative(
                design=designs[i], expected_information=float(gains[i]), cost=float(costs[i])
            )
            for i in map(int, order[1 : 1 + _SHOWN])
        )
        option = options[best]
        priced = Option(
            option.hypotheses, option.draw, option.cases, option.reading, float(costs[best])
        )
        return [Choice(priced, expected_information=float(gains[best]), alternatives=passed)]


def _alternatives(
    waiting: Sequence[tuple[float, Option]], chosen: set[str]
) -> tuple[Alternative, ...]:
    """Return the best option of each hypothesis that was passed over."""
    found: dict[str, Alternative] = {}
    for gain, option in waiting:
        name = option.hypotheses[0]
        if name not in chosen and name not in found:
            found[name] = Alternative(
                design=f"{name}: draw {option.draw}", expected_information=gain, cost=option.cost
            )
    return tuple(list(found.values())[:_SHOWN])


def _gains(standing: Standing, batch: int) -> tuple[float, ...]:
    """Return what each of the next draws adds to the information on the verdict's class.

    The class is "at most theta0", "between", "at least theta0 + delta"; the share of hits has
    a uniform prior. The gain of draw j is that of j draws less that of j - 1, so draws of one
    batch do not count the same information twice.
    """
    process = standing.process
    n = len(standing.outcomes)
    if not isinstance(process, Sign | Census):
        return tuple(1.0 / (1.0 + n) / (1 + j) for j in range(batch))
    hits = sum(1 for o in standing.outcomes if o is not None and o > 0)
    return _sign_gains(process.theta0, process.theta0 + process.delta, n, hits, batch)


@functools.lru_cache(maxsize=100_000)
def _sign_gains(low: float, high: float, n: int, hits: int, batch: int) -> tuple[float, ...]:
    from scipy.special import betainc, betaln, gammaln

    a, b = 1 + hits, 1 + n - hits
    # every (draws ahead j, hits among them y), the present included as j = 0
    j = np.repeat(np.arange(batch + 1), np.arange(1, batch + 2))
    y = np.concatenate([np.arange(k + 1) for k in range(batch + 1)])
    cuts = np.array([0.0, low, high, 1.0])
    below = betainc((a + y)[:, None], (b + j - y)[:, None], cuts[None, :])
    p = np.clip(np.diff(below, axis=1), 1e-300, 1.0)
    entropy = -(p * np.log(p)).sum(axis=1)
    log_p = (
        gammaln(j + 1) - gammaln(y + 1) - gammaln(j - y + 1)
        + betaln(a + y, b + j - y) - betaln(a, b)
    )  # fmt: skip
    expected = np.bincount(j, weights=np.exp(log_p) * entropy)
    gained = np.maximum.accumulate(np.maximum(expected[0] - expected, 0.0))
    return tuple(float(g) for g in np.diff(gained))


def _predict(
    bench: Bench, names: Sequence[str], terms: np.ndarray, noise: float | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return posterior weights (m,), means (m, d) and scales (m,) of g(y) at each design.

    Only differences of g enter: every law's constant is the mean of its own residuals.
    """
    from gaseol.traces.evidence import contest

    designs = [d for d, _ in bench.history]
    g = np.array([value for _, value in bench.history])
    n = len(g)
    residuals = np.array([g - [bench.predictions[h][d] for d in designs] for h in names])
    centres = residuals.mean(axis=1)
    log_weights = np.log([bench.standings[h].prior for h in names])
    log_weights = np.minimum(log_weights - log_weights.max(), 0.0) * 0.1
    # priors are flattened here: they say what to test first, not what to find
    scales = np.full(len(names), noise if noise else 0.3)
    if n >= contest.FIRST:
        log_weights = log_weights + [contest.numerator(z)[-1] for z in residuals]
        scales = np.maximum(residuals.std(axis=1, ddof=1), 0.5 * noise if noise else 1e-3)
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    return weights, centres[:, None] + terms, scales * math.sqrt(1 + 1 / n)


def _information(weights: np.ndarray, means: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Return the expected information gain (nats) on which law holds, for each design.

    EIG(d) = sum_h p(h) E_{y|h,d} [ln p(y|h,d) - ln sum_h' p(h') p(y|h',d)] (Lindley 1956),
    by Gauss-Hermite quadrature under Gaussian predictions.

    Args:
        weights: shape (m,), posterior.
        means: shape (m, d), predicted g(y).
        scales: shape (m,), predictive standard deviations.
    """
    nodes, node_weights = _NODES
    node_weights = node_weights / node_weights.sum()
    y = means[:, :, None] + scales[:, None, None] * nodes  # (m, d, q)
    log_p = (
        -0.5 * ((y[:, None] - means[None, :, :, None]) / scales[None, :, None, None]) ** 2
        - np.log(scales)[None, :, None, None]
    )  # (m of y, m, d, q)
    own = np.einsum("iidq->idq", log_p)
    with np.errstate(divide="ignore"):
        mixed = _logsumexp(log_p + np.log(weights)[None, :, None, None], axis=1)
    gain = np.einsum("i,q,idq->d", weights, node_weights, own - mixed)
    return np.maximum(gain, 0.0)


def _logsumexp(x: np.ndarray, axis: int) -> np.ndarray:
    top = x.max(axis=axis, keepdims=True)
    return np.log(np.exp(x - top).sum(axis=axis)) + np.squeeze(top, axis=axis)

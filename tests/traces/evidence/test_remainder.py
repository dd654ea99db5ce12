"""What a law leaves: the arithmetic by an independent formula, and how often it speaks of a pattern."""

import math

import numpy as np
import pytest
from scipy import special, stats

from gaseol.traces.evidence.remainder import AMPLITUDES, REACH, TOGETHER, remainder


def marginal(z, covariance):
    """The ln density of the differences of z under an unknown noise, but for what all kernels share."""
    n = len(z)
    inverse = np.linalg.inv(covariance)
    ones = np.ones(n)
    weight = ones @ inverse @ ones
    rest = z - ones @ inverse @ z / weight
    return (
        -0.5 * np.linalg.slogdet(covariance)[1]
        - 0.5 * math.log(weight)
        - (n - 1) / 2 * math.log(rest @ inverse @ rest)
    )


@pytest.mark.parametrize("columns", [1, 3])
def test_it_is_the_ratio_of_marginal_likelihoods(columns):
    rng = np.random.default_rng(5)
    x, z = rng.standard_normal((9, columns)), rng.standard_normal(9)
    apart = x[:, None, :] - x[None, :, :]
    shapes = [np.exp(-0.5 * (apart[:, :, j] / REACH) ** 2) for j in range(columns)]
    shapes += [sum(shapes) / columns, np.exp(-0.5 * (apart**2).sum(axis=2) / TOGETHER**2)]
    kernels = [a * shape for a in AMPLITUDES for shape in shapes]

    def scored(kernel, n):
        # the first two points say nothing of the rest: their density is taken off
        return marginal(z[:n], kernel[:n, :n] + np.eye(n)) - marginal(
            z[:2], kernel[:2, :2] + np.eye(2)
        )

    found = remainder(z, x)
    assert list(found[:2]) == [0, 0]
    for n in range(3, 10):
        smooth = special.logsumexp([scored(k, n) for k in kernels]) - math.log(len(kernels))
        assert found[n - 1] == pytest.approx(smooth - scored(np.zeros((9, 9)), n), abs=1e-6)


def test_it_knows_no_unit_and_no_constant():
    rng = np.random.default_rng(6)
    x, z = rng.standard_normal((30, 2)), rng.standard_normal(30)
    np.testing.assert_allclose(remainder(1e-3 * z + 7, x), remainder(z, x), atol=1e-6)


def test_a_law_without_error_leaves_nothing():
    x = np.random.default_rng(7).standard_normal((30, 2))
    path = remainder(np.zeros(30), x)
    assert np.all(np.isfinite(path))
    assert path[-1] < 0


@pytest.mark.parametrize(
    "smooth",
    [
        lambda x: np.tanh(x[:, 0]),
        lambda x: x[:, 0] * x[:, 1],
        lambda x: x[:, 0] ** 2 - 0.5 * np.sin(x[:, 2]),
    ],
    ids=["one variable", "a product", "a sum"],
)
def test_a_pattern_is_found_and_grows(smooth):
    rng = np.random.default_rng(8)
    x = rng.standard_normal((60, 3))
    path = remainder(smooth(x) + 0.05 * rng.standard_normal(60), x)
    assert path[-1] > path[29] > 3


def test_noise_seldom_looks_like_a_pattern():
    """Under noise a Bayes factor that knows no unit reaches 20 with probability at most 1 / 20."""
    rng = np.random.default_rng(9)
    count = 300
    paths = [remainder(rng.standard_normal(40), rng.standard_normal((40, 2))) for _ in range(count)]
    reached = sum(path.max() >= math.log(20) for path in paths)
    assert stats.binom.sf(reached - 1, count, 0.05) > 1e-4
    assert sum(path[-1] > 0 for path in paths) < 0.15 * count

import numpy as np
import pytest
from scipy.sparse import csr_array

from gaseol.agents.optimisers import kernel
from gaseol.agents.optimisers.gaussian_process import GaussianProcess, Prior, fit
from gaseol.agents.optimisers.kernel import Likelihood, Shape, covariance, tanimoto
from gaseol.tools.space import Features


def points(n: int, seed: int = 0, *, sets: bool = True, numbers: bool = True) -> Features:
    rng = np.random.default_rng(seed)
    numeric = rng.random((n, 3)) if numbers else np.empty((n, 0))
    counts = (csr_array((rng.random((n, 12)) < 0.4).astype(float)),) if sets else ()
    return Features(numeric, (0, 1, 1) if numbers else (), counts)


@pytest.mark.parametrize(("sets", "numbers"), [(True, True), (True, False), (False, True)])
def test_the_gradient_is_that_of_the_likelihood(sets: bool, numbers: bool) -> None:
    features = points(9, sets=sets, numbers=numbers)
    shape = Shape.of(features)
    likelihood = Likelihood(features, np.sin(np.arange(9.0)), shape)
    theta = Prior.of(shape).mean + 0.3 * np.cos(np.arange(shape.size))
    _, gradient = likelihood(theta)
    for i in range(shape.size):
        step = np.zeros(shape.size)
        step[i] = 1e-5
        by_hand = (likelihood(theta + step)[0] - likelihood(theta - step)[0]) / 2e-5
        assert gradient[i] == pytest.approx(by_hand, rel=1e-4, abs=1e-6)


def test_tanimoto_counts_what_is_shared() -> None:
    sets = csr_array(np.array([[1.0, 1, 1, 0], [0, 1, 1, 1], [0, 0, 0, 0]]))
    features = Features(np.empty((3, 0)), (), (sets,))
    found = tanimoto(features, features, 0)
    assert found[0, 1] == pytest.approx(2 / 4)
    assert found[0, 2] == 0
    assert found[2, 2] == 1  # nothing is like nothing


def test_a_covariance_is_positive_semidefinite_and_its_diagonal_the_variance() -> None:
    features = points(40, seed=3)
    shape = Shape.of(features)
    theta = Prior.of(shape).mean
    matrix = covariance(shape, theta, features, features)
    assert np.linalg.eigvalsh(matrix).min() > -1e-9
    assert np.diag(matrix) == pytest.approx(shape.amplitudes(theta).sum())


def test_points_told_later_count_as_those_told_at_once() -> None:
    features, values = points(20), np.cos(np.arange(20.0))
    theta = Prior.of(Shape.of(features)).mean
    whole = GaussianProcess.of(features, values, theta)
    first = GaussianProcess.of(features.take(range(13)), values[:13], theta)
    grown = first.told(features.take(range(13, 20)), values[13:])
    others = points(6, seed=9)
    for a, b in zip(whole.predict(others), grown.predict(others), strict=True):
        assert a == pytest.approx(b, abs=1e-9)


@pytest.mark.parametrize("sets", [True, False])
def test_points_that_are_watched_are_believed_what_others_are(sets: bool) -> None:
    features, values = points(20, sets=sets), np.cos(np.arange(20.0))
    asked, rows = points(6, seed=9, sets=sets), np.array([4, 1])
    process = GaussianProcess.of(
        features.take(range(13)), values[:13], Prior.of(Shape.of(features)).mean
    )
    watching = process.watch(asked)
    for part in (range(13, 17), range(17, 20)):
        more = features.take(part), values[list(part)]
        process, watching = process.told(*more), watching.told(*more)
    process, watching = process.revalued(values**2), watching.revalued(values**2)
    assert watching.watched is not None
    assert len(watching.watched[1]) == 20  # carried along, not computed anew
    for known, other in zip(watching.joint(asked), process.joint(asked), strict=True):
        assert known == pytest.approx(other, abs=1e-9)
    some = watching.covariance(asked, rows)
    assert some == pytest.approx(process.covariance(asked.take(rows)), abs=1e-9)


@pytest.mark.parametrize("sets", [True, False])
def test_a_large_covariance_is_what_its_pieces_are(
    sets: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = points(7, sets=sets), points(11, seed=2, sets=sets)
    shape = Shape.of(a)
    theta = Prior.of(shape).mean + 0.3 * np.cos(np.arange(shape.size))
    whole = covariance(shape, theta, a, b)
    monkeypatch.setattr(kernel, "_BLOCK", 30)
    assert np.array_equal(covariance(shape, theta, a, b), whole)


def test_variables_that_add_up_are_learnt_from_few_values() -> None:
    rng = np.random.default_rng(5)
    x = rng.random((60, 4))
    values = np.sin(5 * x[:, 0]) + np.cos(6 * x[:, 1]) + np.sin(7 * x[:, 2]) + x[:, 3]
    values = (values - values.mean()) / values.std()
    features = Features(x, (0, 1, 2, 3))
    theta, _ = fit(features.take(range(30)), values[:30])
    shape = Shape.of(features)
    smooth, effects = shape.amplitudes(theta)
    assert effects > smooth
    mean, _ = GaussianProcess.of(features.take(range(30)), values[:30], theta).predict(
        features.take(range(30, 60))
    )
    assert np.corrcoef(mean, values[30:])[0, 1] > 0.95


def test_what_is_believed_jointly_is_what_is_believed_apart() -> None:
    known, asked = points(20), points(6, seed=1)
    shape = Shape.of(known)
    process = GaussianProcess.of(known, np.sin(np.arange(20.0)), Prior.of(shape).mean)
    mean, spread, left = process.joint(asked)
    apart = (*process.predict(asked), process.covariance(asked))
    for together, alone in zip((mean, spread, left), apart, strict=True):
        assert np.array_equal(together, alone)
    assert np.diag(left) == pytest.approx(spread**2)
    # other values at the same points are not predicted by what the first were whitened to
    other = process.revalued(np.cos(np.arange(20.0)))
    assert not np.allclose(other.joint(asked)[0], mean)


def test_a_value_left_out_is_predicted_from_the_others() -> None:
    features, values = points(12), np.cos(np.arange(12.0))
    theta = Prior.of(Shape.of(features)).mean
    means, spreads = GaussianProcess.of(features, values, theta).left_out()
    rest = [i for i in range(12) if i != 4]
    process = GaussianProcess.of(features.take(rest), values[rest], theta)
    mean, spread = process.predict(features.take([4]))
    assert means[4] == pytest.approx(float(mean[0]), abs=1e-6)
    assert spreads[4] ** 2 == pytest.approx(float(spread[0]) ** 2 + process.noise, rel=1e-4)


def test_the_fit_finds_which_variable_matters() -> None:
    rng = np.random.default_rng(1)
    x = rng.random((40, 2))
    values = np.sin(6 * x[:, 0])
    features = Features(x, (0, 1))
    theta, _ = fit(features, (values - values.mean()) / values.std())
    near, far = Shape.of(features).lengths(theta)
    assert far > 3 * near

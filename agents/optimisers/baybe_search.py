"""BayBE's search through a list, for who trusts it or wants to compare: the extra `baybe`.

Fitzner et al. 2025, Digital Discovery 4, 1991. Its settings are its own defaults: points at random,
then a Gaussian process and the logarithm of the expected improvement. It is told the same of every
point as our own searches are: the features of the space.
"""

import importlib.util
import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from gaseol.agents.optimisers.optimiser import finite
from gaseol.tools.space import Space, SpaceError

_POINT, _VALUE = "point", "value"


class BaybeSearch:
    """Proposes what BayBE recommends; the same seed and values give the same on the same libraries."""

    def __init__(self, space: Space, seed: int) -> None:
        """Begin a search.

        Args:
            space: where to look.
            seed: fixes everything that is left to chance.

        Raises:
            SpaceError: the points cannot be listed, nothing tells them apart, or BayBE is not here.
        """
        if space.size is None:
            raise SpaceError("BayBE looks through points that can be listed; these cannot")
        require()
        self._seed = seed
        self._names = list(space.enumerate())
        numbers = _described(space, self._names)
        kinds, first = np.unique(numbers, axis=0, return_inverse=True)
        if len(kinds) < 2:
            raise SpaceError("nothing that BayBE may know tells one point from another")
        self._kind = dict(zip(self._names, first.reshape(-1).tolist(), strict=True))
        self._free: list[dict[str, None]] = [{} for _ in kinds]
        """The points left of each kind; those that are described alike are one to BayBE."""
        for name in self._names:
            self._free[self._kind[name]][name] = None
        self._shut: set[int] = set()
        self._values: list[float] = []
        self._asks = 0
        with _apart(seed):
            self._campaign = _campaign(kinds)

    def ask(self, n: int) -> list[str]:
        """Return at most n points that were neither asked nor told before."""
        found: list[str] = []
        while len(found) < n:
            free = sum(bool(names) for names in self._free)
            if not free:
                break
            for kind in self._recommended(min(n - len(found), free)):
                name = next(iter(self._free[kind]))
                del self._free[kind][name]
                found.append(name)
        return found

    def tell(self, points: Sequence[str], values: Sequence[float | None]) -> None:
        """Take in what was measured; a failure only takes its point off the list.

        Raises:
            SpaceError: a point is not of the list.
            ValueError: a value is no finite number.
        """
        finite(points, values)
        strange = next((point for point in points if point not in self._kind), None)
        if strange is not None:
            raise SpaceError(f"'{strange}' is not of the list that is searched")
        for point in points:
            self._free[self._kind[point]].pop(point, None)
        known = [(self._kind[p], v) for p, v in zip(points, values, strict=True) if v is not None]
        if not known:
            return
        self._values += [value for _, value in known]
        frame = _frame(kind for kind, _ in known)
        frame[_VALUE] = [value for _, value in known]
        with _apart(self._seed):
            self._campaign.add_measurements(frame)

    def gains(self, points: Sequence[str]) -> np.ndarray | None:
        """Return what each point is expected to gain on the best; None before anything is learnt."""
        from scipy.special import ndtr

        if len(set(self._values)) < 2 or not points:
            return None
        with _apart(self._seed):
            frame = _frame(self._kind[point] for point in points)
            said = self._campaign.posterior_stats(frame, ("mean", "std"))
        mean, spread = (
            said[f"{_VALUE}_{which}"].to_numpy(dtype=float) for which in ("mean", "std")
        )
        spread = np.maximum(spread, 1e-12)
        z = (mean - max(self._values)) / spread
        return spread * (z * ndtr(z) + np.exp(-z * z / 2) / math.sqrt(2 * math.pi))

    def _recommended(self, n: int) -> list[int]:
        """Return n different kinds of points, each of which has some left."""
        shut = {kind for kind, names in enumerate(self._free) if not names}
        fresh, self._shut = shut - self._shut, shut
        self._asks += 1
        seed = int(np.random.default_rng([self._seed, 33, self._asks]).integers(2**31))
        with _apart(seed):
            if fresh:
                self._campaign.toggle_discrete_candidates(_frame(sorted(fresh)), exclude=True)
            return [int(kind) for kind in self._campaign.recommend(n)[_POINT]]


def require() -> None:
    """Hold that BayBE is installed.

    Raises:
        SpaceError: it is not.
    """
    if importlib.util.find_spec("baybe") is None:
        raise SpaceError("the optimiser 'baybe' needs an extra: pip install 'gaseol[baybe]'")


def _described(space: Space, names: Sequence[str]) -> np.ndarray:
    """Return what is known of points as numbers, shape (points, columns), but for what never varies."""
    features = space.featurise(names)
    blocks = [features.numeric, *(np.asarray(c.todense(), dtype=float) for c in features.counts)]
    numbers = np.concatenate(blocks, axis=1)
    return numbers[:, np.ptp(numbers, axis=0) > 0]


def _campaign(kinds: np.ndarray) -> Any:
    import pandas as pd
    from baybe import Campaign  # pyright: ignore[reportMissingImports]
    from baybe.parameters import CustomDiscreteParameter  # pyright: ignore[reportMissingImports]
    from baybe.searchspace import SearchSpace  # pyright: ignore[reportMissingImports]
    from baybe.targets import NumericalTarget  # pyright: ignore[reportMissingImports]

    columns = pd.Index([f"x{j}" for j in range(kinds.shape[1])])
    data = pd.DataFrame(kinds, index=pd.Index(list(map(str, range(len(kinds))))), columns=columns)
    parameter = CustomDiscreteParameter(_POINT, data)
    return Campaign(
        SearchSpace.from_dataframe(_frame(range(len(kinds))), [parameter]),
        NumericalTarget(_VALUE).to_objective(),
        # what may be asked is kept here: BayBE knows nothing of a measurement that failed
        allow_recommending_already_measured=True,
        allow_recommending_already_recommended=True,
    )


def _frame(kinds: Iterable[int]) -> Any:
    import pandas as pd

    return pd.DataFrame({_POINT: [str(kind) for kind in kinds]})


@contextmanager
def _apart(seed: int) -> Iterator[None]:
    """Let BayBE draw from a seed, and leave the process's own chance and warnings as they were."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from baybe import Settings  # pyright: ignore[reportMissingImports]

        with Settings(random_seed=seed):
            yield

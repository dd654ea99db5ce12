"""What is believed of one quantity at points: its own model, on its own scale.

The model works on the scale of `warp`, where values are standardised and no outlier decides; values
in the quantity's unit are carried there and back by the order that both scales share.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gaseol.agents.optimisers.surrogate import Surrogate, warp
from gaseol.tools.space import Features

Array = NDArray[np.float64]


@dataclass
class Belief:
    """A model of one quantity, learnt from every reading of it."""

    surrogate: Surrogate
    _values: Array = field(default_factory=lambda: np.empty(0))
    """What was measured, in ascending order; `_warped` are the same on the model's scale."""
    _warped: Array = field(default_factory=lambda: np.empty(0))

    @property
    def ready(self) -> bool:
        """Whether it has learnt anything."""
        return bool(self.surrogate.members)

    def learn(self, features: Features, values: Array) -> None:
        """Learn from all readings so far; a point that was read twice stands there twice.

        Args:
            features: of the points.
            values: shape (n,), finite, in the quantity's unit.
        """
        if len(values) < 2 or not np.ptp(values) > 0:
            return
        self.surrogate.learn(features, values)
        order = np.argsort(values, kind="stable")
        self._values, self._warped = values[order], warp(values)[order]

    def predict(self, features: Features) -> tuple[Array, Array]:
        """Return mean and standard deviation at points, on the model's scale."""
        return self.surrogate.predict(features)

    def joint(
        self, features: Features, rows: NDArray[np.int64] | None = None
    ) -> tuple[Array, Array]:
        """Return mean and covariance of the values at points, or some of them, on the model's scale."""
        return self.surrogate.joint(features, rows)

    def watch(self, features: Features) -> None:
        """Keep at hand what predicts these points, once there is a model of them."""
        if self.ready:
            self.surrogate.watch(features)

    def rough(self) -> "Belief":
        """Return the same by a model that is quicker asked about very many points."""
        return replace(self, surrogate=self.surrogate.rough())

    @property
    def noise(self) -> float:
        """Standard deviation of one reading about the value, on the model's scale."""
        each = np.array([member.noise for member in self.surrogate.members])
        return float(np.sqrt(self.surrogate.weights @ each))

    @property
    def step(self) -> float:
        """How much of the quantity's unit one step on the model's scale is, beyond what was seen."""
        return float(np.ptp(self._values) / np.ptp(self._warped))

    def carried(self, values: Array) -> Array:
        """Return values in the quantity's unit on the model's scale."""
        return _along(values, self._values, self._warped)

    def native(self, warped: Array) -> Array:
        """Return values on the model's scale in the quantity's unit."""
        return _along(warped, self._warped, self._values)

    def estimate(self, features: Features, width: float = 1.96) -> tuple[Array, Array, Array]:
        """Return mean, lower and upper end of an interval at points, in the quantity's unit.

        Args:
            features: of the points.
            width: of the interval, in standard deviations to either side; 1.96 is 95%.
        """
        mean, spread = self.predict(features)
        low, high = mean - width * spread, mean + width * spread
        return self.native(mean), self.native(low), self.native(high)


def _along(x: Array, known: Array, values: Array) -> Array:
    """Return `values` at `x` by the order of `known`; beyond its ends by the line through all."""
    known, first = np.unique(known, return_index=True)
    values = values[first]
    slope = np.ptp(values) / np.ptp(known)
    inside = np.interp(x, known, values)
    below, above = np.minimum(x - known[0], 0.0), np.maximum(x - known[-1], 0.0)
    return inside + slope * (below + above)

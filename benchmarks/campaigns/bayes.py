"""BayBE as its authors advise it: random points first, then its Gaussian process over a list.

Fitzner et al. 2025, Digital Discovery 4, 1991. Default recommenders: a random one until something is
measured, then logarithmic expected improvement, or its Monte Carlo form for batches.
"""

import warnings
from collections.abc import Sequence
from typing import Any


class Bayes:
    """BayBE in the form of the searches here: asked for rows of a table, told what came of them."""

    def __init__(self, table: Any, seed: int, *, encoding: str = "") -> None:
        """Begin a search.

        Args:
            table: a DataFrame of numbers, and of labels, which are SMILES where there is an encoding.
            seed: fixes everything that is left to chance.
            encoding: how molecules are described, as `MORDRED`; labels are categories without.
        """
        from baybe import Campaign, Settings  # pyright: ignore[reportMissingImports]
        from baybe.searchspace import SearchSpace  # pyright: ignore[reportMissingImports]
        from baybe.targets import NumericalTarget  # pyright: ignore[reportMissingImports]

        warnings.simplefilter("ignore")
        Settings(random_seed=seed).activate()
        self._table = table
        parameters = [_parameter(table[name], encoding) for name in table]
        space = SearchSpace.from_dataframe(table, parameters)
        objective = NumericalTarget("value").to_objective()
        # by default only what it recommended itself is not recommended again
        self._campaign = Campaign(space, objective, allow_recommending_already_measured=False)

    def ask(self, n: int) -> list[int]:
        """Return the places of n rows that were not measured."""
        return [int(i) for i in self._campaign.recommend(n).index]

    def tell(self, rows: Sequence[int], values: Sequence[float]) -> None:
        """Take in what was measured; larger is better."""
        found = self._table.iloc[list(rows)].copy()
        found["value"] = list(values)
        self._campaign.add_measurements(found)


def _parameter(column: Any, encoding: str) -> Any:
    from baybe import parameters  # pyright: ignore[reportMissingImports]

    kinds: Any = parameters
    name, labels = str(column.name), list(dict.fromkeys(column))
    if column.dtype.kind in "iuf":
        return kinds.NumericalDiscreteParameter(name, sorted(map(float, labels)))
    if encoding:
        molecules = dict(zip(labels, labels, strict=True))
        return kinds.SubstanceParameter(name, molecules, encoding=encoding)
    return kinds.CategoricalParameter(name, labels)

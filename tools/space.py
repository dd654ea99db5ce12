"""A space: where a campaign may look, as agents and optimisers see it.

Packs supply spaces; whoever searches one knows nothing but this protocol. A point is named by a
string (a SMILES, a formula, the key of a row), so that it can stand on the record as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from gaseol.tools.registry import plugin_objects

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

Cell = float | int | bool | str | None


class SpaceError(ValueError):
    """A space that cannot be made, or a point that is not in it, and why."""


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of points before measuring; row i describes point i."""

    numeric: "NDArray[np.float64]"
    """Shape (n, d), scaled so that a large difference in one variable is about 1."""
    groups: tuple[int, ...]
    """The variable that each numeric column belongs to, counted from 0 without gaps; the columns
    of one variable (a category's descriptors, say) are as near or as far as they are together."""
    counts: tuple["csr_array", ...] = ()
    """Sets that are compared by what they share: sparse zeros and ones, shape (n, width)."""
    ranks: "NDArray[np.float64] | None" = None
    """The numeric columns once more, each value as the share of the space that lies below it."""

    def __len__(self) -> int:
        return self.numeric.shape[0]

    def take(self, rows: "Sequence[int] | NDArray[Any]") -> "Features":
        """Return the features of some points, in the order asked for."""
        ranks = None if self.ranks is None else self.ranks[rows]
        return Features(self.numeric[rows], self.groups, tuple(c[rows] for c in self.counts), ranks)

    def join(self, other: "Features") -> "Features":
        """Return these points followed by others of the same space."""
        import numpy as np
        from scipy.sparse import vstack

        counts = tuple(
            vstack([a, b], format="csr") for a, b in zip(self.counts, other.counts, strict=True)
        )
        ranks = None
        if self.ranks is not None and other.ranks is not None:
            ranks = np.concatenate([self.ranks, other.ranks])
        numeric = np.concatenate([self.numeric, other.numeric])
        return Features(numeric, self.groups, counts, ranks)

    def ranked(self) -> "Features":
        """Return the same points with their ranks in place of their numbers.

        Raises:
            SpaceError: this space knows no ranks.
        """
        if self.ranks is None:
            raise SpaceError("the features of this space hold no ranks")
        return Features(self.ranks, self.groups, self.counts)


class Space(Protocol):
    """Points that may be measured; every method takes or gives a batch.

    The same arguments and the same state of `rng` give the same answer.
    """

    @property
    def size(self) -> int | None:
        """How many points there are; None where they cannot be listed."""
        ...

    def enumerate(self) -> Sequence[str]:
        """Return all points.

        Raises:
            SpaceError: they cannot be listed.
        """
        ...

    def sample(self, n: int, rng: "np.random.Generator") -> list[str]:
        """Return at most `n` distinct points at random."""
        ...

    def mutate(self, points: Sequence[str], rng: "np.random.Generator") -> list[str]:
        """Return a changed copy of each point; fewer where a change leads out of the space."""
        ...

    def cross(
        self, firsts: Sequence[str], seconds: Sequence[str], rng: "np.random.Generator"
    ) -> list[str]:
        """Return a mixture of each two points; fewer where one leads out of the space."""
        ...

    def featurise(self, points: Sequence[str]) -> Features:
        """Return what is known of points before measuring.

        Raises:
            SpaceError: a point is not in this space.
        """
        ...

    def rows(self, points: Sequence[str]) -> list[dict[str, Cell]]:
        """Return the cells that a measurement is filled in with, for each point.

        Raises:
            SpaceError: a point is not in this space.
        """
        ...


@runtime_checkable
class Written(Protocol):
    """A space whose points can be written by hand, also those that nobody has listed."""

    def read(self, text: str) -> str:
        """Return the point that a text names, as this space writes it.

        Raises:
            SpaceError: it is no point that this space would search.
        """
        ...


@dataclass(frozen=True)
class SpaceKind:
    """A kind of space that a plug-in brings, found by its name."""

    name: str
    summary: str
    make: Callable[[Sequence[Mapping[str, Cell]], Mapping[str, Any]], Space]
    """Takes rows to start from and the kind's options, gives a space; raises SpaceError."""


@dataclass(frozen=True)
class Describer:
    """Turns the labels of a category into numbers that say how alike they are."""

    name: str
    summary: str
    describe: Callable[[Sequence[str]], "NDArray[np.float64]"]
    """Takes labels, gives finite numbers of shape (labels, columns), in which labels differ by about
    1; raises SpaceError. The first nine columns count each by itself, the rest together."""


def space_kinds() -> dict[str, SpaceKind]:
    """Return the kinds of space that plug-ins bring, by name."""
    return {o.name: o for _, _, o in plugin_objects() if isinstance(o, SpaceKind)}


def describer(name: str) -> Describer:
    """Return a describer that a plug-in brings.

    Raises:
        SpaceError: there is none of this name.
    """
    known = {o.name: o for _, _, o in plugin_objects() if isinstance(o, Describer)}
    if name not in known:
        there = ", ".join(sorted(known)) or "none; is the plug-in installed?"
        raise SpaceError(f"nothing describes labels as '{name}'; there are {there}")
    return known[name]

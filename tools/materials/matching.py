"""Matching: which of several known structures a measured powder pattern is."""

import math
from typing import Annotated

from annotated_types import Ge, Gt, Le, Len
from pydantic import BaseModel, ConfigDict

from gaseol.tools import Example, Refuse, Retry, Unit, tool
from gaseol.tools.materials.crystal import HALITE, Crystal
from gaseol.tools.materials.diffraction import Radiation, powder_pattern
from gaseol.traces.nouns.failure import FailureKind


class Line(BaseModel):
    """A line of a measured powder pattern."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    two_theta: Annotated[float, Unit("degree"), Gt(0), Le(180)]
    intensity: Annotated[float, Unit("1"), Gt(0), Le(1e9)]
    """On any scale."""


class Match(BaseModel):
    """How well a structure explains the lines."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True
    )

    candidate: Annotated[int, Ge(0)]
    """Its place among the candidates, from 0."""
    formula: str
    similarity: Annotated[float, Unit("1"), Ge(0), Le(1.000001)]
    """Cosine of the two patterns, lines widened to Gaussians; 1 for equal patterns."""
    strain: Annotated[float, Unit("1"), Ge(-0.05), Le(0.05)]
    """Of the cell's edges, with which it fits best."""
    explained: Annotated[float, Unit("1"), Ge(0), Le(1.000001)]
    """Share of the measured intensity with a computed line within one width."""
    unseen: Annotated[float, Unit("1"), Ge(0), Le(1.000001)]
    """Share of the computed intensity without a measured line within one width."""


@tool(
    seconds=0.5,
    limit_seconds=120,
    needs=("pymatgen",),
    tags=("materials", "diffraction"),
    examples=(
        Example(
            {
                "lines": [
                    {"two_theta": 27.33, "intensity": 13},
                    {"two_theta": 31.69, "intensity": 100},
                    {"two_theta": 45.45, "intensity": 55},
                ],
                "candidates": [HALITE],
            }
        ),
    ),
)
def match_pattern(
    lines: Annotated[tuple[Line, ...], Len(1, 500)],
    candidates: Annotated[tuple[Crystal, ...], Len(1, 50)],
    wavelength: Radiation = "CuKa",
    width: Annotated[float, Unit("degree"), Gt(0), Le(2)] = 0.3,
    most_strain: Annotated[float, Unit("1"), Ge(0), Le(0.05)] = 0.01,
) -> list[Match]:
    """Rank structures by how well their computed patterns fit measured lines, the best first.

    Every line becomes a Gaussian of the given width; the score is the cosine between the measured
    and the computed sum, at the isotropic strain within `most_strain` (21 steps) where it is
    largest. Range: from two widths and a degree below the first measured line to as much above the last. One phase
    at a time: of a mixture every phase scores low, and `explained` says how much each covers.
    Texture changes intensities, which then do not match; isostructural compounds with nearly equal
    cells cannot be told apart. The best of the candidates need not be the right one: look at
    `unseen` and `explained`.

    Args:
        lines: angle and intensity, in any order.
        candidates: the structures to choose from.
        wavelength: the X-ray tube's line.
        width: full width at half height that lines are given.
        most_strain: largest relative change of the cell's edges that is allowed for.

    Raises:
        Retry: the lines are so far apart or the cell so large that too many reflections fall
            between them.
        Refuse: with kind `empty`, no candidate has a line in the range.
    """
    lowest = max(1.0, min(line.two_theta for line in lines) - 2 * width - 1)
    highest = min(175.0, max(line.two_theta for line in lines) + 2 * width + 1)
    if lowest >= highest:
        raise Retry("the lines lie beyond 175 degrees, where no pattern is computed")
    found = []
    for number, candidate in enumerate(candidates):
        try:
            peaks = powder_pattern(candidate, wavelength, lowest, highest)
        except Refuse as refusal:
            if refusal.kind is not FailureKind.EMPTY:
                raise
            continue
        spacings = [(peak.spacing, peak.intensity) for peak in peaks]
        found.append(_best(number, candidate, spacings, lines, wavelength, width, most_strain))
    if not found:
        reason = f"no candidate has a line between {lowest:g} and {highest:g} degrees"
        raise Refuse(reason, kind=FailureKind.EMPTY)
    return sorted(found, key=lambda match: (-match.similarity, match.candidate))


def _best(
    number: int,
    candidate: Crystal,
    spacings: list[tuple[float, float]],
    lines: tuple[Line, ...],
    wavelength: str,
    width: float,
    most_strain: float,
) -> Match:
    from pymatgen.analysis.diffraction.xrd import WAVELENGTHS

    seen = [(line.two_theta, line.intensity) for line in lines]
    strains = [most_strain * step / 10 for step in range(-10, 11)] if most_strain else [0.0]

    def fits(strain: float) -> tuple[float, list[tuple[float, float]]]:
        computed = [
            (2 * math.degrees(math.asin(sine)), intensity)
            for spacing, intensity in spacings
            if (sine := WAVELENGTHS[wavelength] / (2 * spacing * (1 + strain))) < 1
        ]
        return _cosine(seen, computed, width), computed

    # of equal scores the smaller strain
    strain = max(strains, key=lambda one: (round(fits(one)[0], 12), -abs(one)))
    similarity, computed = fits(strain)
    return Match(
        candidate=number,
        formula=candidate.to_pymatgen().composition.reduced_formula,
        similarity=similarity,
        strain=strain,
        explained=_covered(seen, computed, width),
        unseen=1 - _covered(computed, seen, width),
    )


def _cosine(
    one: list[tuple[float, float]], other: list[tuple[float, float]], width: float
) -> float:
    """Return the normalised overlap of two sums of Gaussians, in closed form."""
    import numpy as np

    def overlap(a: list[tuple[float, float]], b: list[tuple[float, float]]) -> float:
        (x, u), (y, v) = (np.array(part).T for part in (a, b))
        return float(u @ np.exp(-2 * math.log(2) * ((x[:, None] - y) / width) ** 2) @ v)

    if not other:
        return 0.0
    return overlap(one, other) / math.sqrt(overlap(one, one) * overlap(other, other))


def _covered(
    lines: list[tuple[float, float]], by: list[tuple[float, float]], width: float
) -> float:
    """Return the share of intensity that lies within one width of another pattern's line."""
    total = sum(intensity for _, intensity in lines)
    near = sum(i for angle, i in lines if any(abs(angle - there) <= width for there, _ in by))
    return near / total if total else 0.0

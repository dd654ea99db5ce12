"""A powder diffractometer in preset-count mode, with a sample whose structure it does not tell.

At an angle it counts until a preset number N of photons has come and notes the time that took. For
photons that come at a steady rate this time is Gamma distributed with shape N, so that ln(rate)
has the same noise at every angle, close to 1/sqrt(N), and the time is the cost: strong lines are
quick. The physics is that of `powder_profile`; what the sample is stands in `hidden/sample.yaml`.
"""

import functools
import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import yaml
from annotated_types import Ge, Gt, Le, Len
from pydantic import BaseModel, ConfigDict, StringConstraints

from gaseol.tools import Media, Refuse, Retry, Unit, tool
from gaseol.traces.nouns.failure import FailureKind

if TYPE_CHECKING:
    from gaseol.tools.materials.crystal import Crystal

FWHM = 0.4
"""Width of a line in degrees; fine-grained, strained mineral grains broaden lines this much."""
BACKGROUND = 40.0
"""On the scale where a pure phase's highest point is 100."""
MOVE = 2.0
"""Seconds that the arm takes to a new angle."""
LOWEST, HIGHEST = 10.0, 80.0
"""The arm's range in degrees."""

_HERE = Path(__file__).parent


class CountRate(BaseModel):
    """A rate of photons, and what it cost."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    rate: Annotated[float, Unit("1/s"), Gt(0), Le(1e9)]
    """Counts over the time they took."""
    relative_uncertainty: Annotated[float, Unit("1"), Gt(0), Le(1)]
    """Standard deviation of ln(rate): that of the logarithm of a Gamma variate."""
    seconds: Annotated[float, Unit("s"), Gt(0), Le(1e9)]
    """Time counting and moving."""


@tool(seconds=0.01, limit_seconds=30, needs=("pymatgen", "scipy"), tags=("diffraction",))
def count_photons(
    sample: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")],
    angle: Annotated[float, Unit("degree"), Ge(LOWEST), Le(HIGHEST)],
    counts: Annotated[int, Ge(5), Le(100_000)] = 30,
    reading: Annotated[int, Ge(0), Le(1_000_000)] = 0,
    seed: Annotated[int, Ge(0)] = 0,
) -> CountRate:
    """Count photons that the sample scatters by an angle, until a preset number has come.

    The same arguments give the same photons; another `reading` gives fresh ones.

    Args:
        sample: name of the sample on the stage.
        angle: scattering angle, two theta, with Cu K-alpha radiation.
        counts: photons to wait for.
        reading: which reading at this angle it is.
        seed: of the run.
    """
    import numpy as np
    from scipy.special import polygamma

    samples = _samples()
    if sample not in samples:
        raise Retry(f"no sample {sample!r} is here; there is {', '.join(sorted(samples))}")
    words = json.dumps([sample, angle, counts, reading, seed]).encode()
    generator = np.random.default_rng(list(hashlib.sha256(words).digest()))
    counting = float(generator.gamma(counts)) / _brightness(sample, angle)
    return CountRate(
        rate=counts / counting,
        relative_uncertainty=math.sqrt(float(polygamma(1, counts))),
        seconds=counting + MOVE,
    )


class Expected(BaseModel):
    """What the diffractometer would see of a structure, on its own scale."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    profile: tuple[Annotated[float, Unit("1"), Gt(0)], ...]
    """Expected height at each angle, background included; the highest line is 100 above it."""
    drawing: Annotated[str, Media("image/svg+xml")]
    """The unit cell."""


@tool(seconds=0.5, limit_seconds=60, needs=("pymatgen",), tags=("diffraction",))
def expected_profile(
    structure: Annotated[str, StringConstraints(max_length=100_000)],
    angles: Annotated[tuple[Annotated[float, Unit("degree")], ...], Len(1, 20_000)],
) -> Expected:
    """Compute what the diffractometer would see of a structure.

    Args:
        structure: a CIF.
        angles: scattering angles, two theta.
    """
    from gaseol.tools.materials import draw_structure, powder_profile, read_structure

    crystal = read_structure(structure, "cif")
    heights = powder_profile(crystal, angles, fwhm=FWHM, background=BACKGROUND)
    return Expected(profile=tuple(heights), drawing=draw_structure(crystal))


@tool(seconds=0.01, tags=("diffraction",))
def expected_halo(
    angles: Annotated[tuple[Annotated[float, Unit("degree")], ...], Len(1, 20_000)],
    centre: Annotated[float, Unit("degree"), Ge(LOWEST), Le(HIGHEST)] = 21.5,
    width: Annotated[float, Unit("degree"), Gt(0), Le(20)] = 3.0,
) -> list[Annotated[float, Unit("1")]]:
    """Compute what the diffractometer would see of a glass: one broad halo.

    The place and width are those of silica glass, whose first sharp diffraction peak lies near
    21.5 degrees with Cu K-alpha radiation.

    Args:
        angles: scattering angles, two theta.
        centre: of the halo.
        width: its standard deviation.
    """
    return [100 * math.exp(-(((x - centre) / width) ** 2) / 2) + BACKGROUND for x in angles]


@functools.cache
def _samples() -> Mapping[str, Mapping[str, object]]:
    held = yaml.safe_load((_HERE / "hidden" / "sample.yaml").read_text(encoding="utf-8"))
    return held["samples"]


@functools.lru_cache(maxsize=4096)
def _brightness(sample: str, angle: float) -> float:
    """Return the expected photons a second."""
    # Here and not above: every tool at the top level of this file is one that the file offers.
    from gaseol.tools.materials import powder_profile

    entry = _samples()[sample]
    shares, brightness = entry["shares"], entry["brightness"]
    if not isinstance(shares, dict) or not isinstance(brightness, int | float):
        reason = f"hidden/sample.yaml does not describe {sample!r}"
        raise Refuse(reason, kind=FailureKind.UNAVAILABLE)
    height = sum(
        share * powder_profile(_structure(file), (angle,), fwhm=FWHM)[0]
        for file, share in shares.items()
    )
    return float(brightness) * (height + BACKGROUND)


@functools.cache
def _structure(file: str) -> "Crystal":
    from gaseol.tools.materials import read_structure

    return read_structure((_HERE / file).read_text(encoding="utf-8"), "cif")

"""The diffractometer beside the diffraction scenario, in a worker as it would run there."""

import math
from pathlib import Path

import pytest

from gaseol.tools import Call, Pool, Registry
from gaseol.tools.materials import powder_profile, read_structure_file
from gaseol.traces.nouns.failure import FailureKind

FOLDER = Path(__file__).parents[3] / "scenarios" / "diffraction"
COUNTS = 400


@pytest.fixture(scope="module")
def registry():
    return Registry.load((FOLDER,))


@pytest.fixture(scope="module")
def pool(registry):
    with Pool(registry, jobs=1) as pool:
        yield pool


def call(sample="fragment", angle=28.75, **more):
    return Call(
        tool="count_photons",
        arguments={"sample": sample, "angle": angle, "counts": COUNTS, **more},
    )


def test_the_card_says_nothing_of_the_sample(registry):
    card = registry.get("count_photons")
    assert not registry.problems
    assert not any(word in str(card).lower() for word in ("coesite", "tridymite", "cif"))
    assert "'unit': '1/s'" in str(card.output_schema)


def test_the_same_arguments_give_the_same_photons(pool):
    first, again, fresh, other = pool.map(
        [call(seed=1), call(seed=1), call(seed=1, reading=1), call(seed=2)]
    )
    assert first.value == again.value
    assert len({first.value["rate"], fresh.value["rate"], other.value["rate"]}) == 3


def test_the_noise_is_that_of_counting(pool):
    answers = pool.map([call(reading=i) for i in range(200)])
    logs = [math.log(answer.value["rate"]) for answer in answers]
    mean = sum(logs) / len(logs)
    spread = math.sqrt(sum((x - mean) ** 2 for x in logs) / (len(logs) - 1))
    # 200 readings fix a standard deviation to 5 %, one sigma.
    assert spread == pytest.approx(1 / math.sqrt(COUNTS), rel=0.2)
    assert answers[0].value["relative_uncertainty"] == pytest.approx(COUNTS**-0.5, rel=0.01)


def test_the_rates_are_those_of_the_profile(pool):
    angles = (20.0, 26.0, 28.75, 33.25, 40.0, 48.0)
    expected = powder_profile(
        read_structure_file(FOLDER / "structures" / "coesite.cif"),
        angles,
        fwhm=0.4,
        background=40.0,
    )
    answers = pool.map([call(angle=angle) for angle in angles])
    offsets = [
        math.log(answer.value["rate"] / height)
        for answer, height in zip(answers, expected, strict=True)
    ]
    middle = sum(offsets) / len(offsets)
    assert offsets == pytest.approx([middle] * len(angles), abs=4 / math.sqrt(COUNTS))


def test_time_is_counts_over_rate_and_the_move(pool):
    (answer,) = pool.map([call()])
    assert answer.value["seconds"] == pytest.approx(COUNTS / answer.value["rate"] + 2.0)


@pytest.mark.parametrize("sample", ["nothing", "../hidden/sample", "Fragment"])
def test_a_sample_that_is_not_there(pool, sample):
    (answer,) = pool.map([call(sample=sample)])
    assert answer.failure.kind in (FailureKind.RETRY, FailureKind.BAD_ARGUMENTS)


@pytest.mark.parametrize("angle", [-5.0, 0.0, 179.0])
def test_an_angle_beyond_the_arm(pool, angle):
    (answer,) = pool.map([call(angle=angle)])
    assert answer.failure.kind is FailureKind.BAD_ARGUMENTS

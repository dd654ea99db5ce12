"""What ends a relaxation: the crystal, or the machine. Without torch."""

import pytest

from gaseol.tools import Refuse
from gaseol.tools.materials.crystal import HALITE, Crystal
from gaseol.tools.potentials import relaxation
from gaseol.traces.nouns.failure import FailureKind


class Broken:
    """An optimiser that ends as it is told to."""

    def __init__(self, said: str) -> None:
        self._said = said

    def relax(self, *_: object, **__: object) -> None:
        raise RuntimeError(self._said)


@pytest.fixture
def ends_with(monkeypatch):
    def attempt(said: str) -> None:
        monkeypatch.setattr(relaxation, "_optimizer", lambda: Broken(said))
        relaxation.relax(Crystal.model_validate(HALITE).to_pymatgen(), 0.1)

    return attempt


def test_a_crystal_that_flies_apart_is_impossible(ends_with):
    with pytest.raises(Refuse, match="flies apart: no neighbours") as refusal:
        ends_with("no neighbours")
    assert refusal.value.kind is FailureKind.IMPOSSIBLE


def test_a_machine_without_memory_says_nothing_of_the_crystal(ends_with):
    with pytest.raises(MemoryError):
        ends_with("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.")

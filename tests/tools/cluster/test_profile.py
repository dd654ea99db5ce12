"""Profiles: every flaw with its place, and schedulers' scripts that ask for what was written."""

import pytest

from gaseol.tools.cluster.crew import Crew
from gaseol.tools.cluster.profile import (
    PBS,
    ClusterError,
    Kubernetes,
    Local,
    Slurm,
    profile,
    profiles,
)

FILE = """
here: {kind: local, workers: 2}
cpu:
  kind: slurm
  partition: main
  account: chem
  jobs: 3
  nodes: 2
  workers: 32
  walltime: "04:00:00"
  setup: module load python
  options: "#SBATCH --mail-type=NONE"
old: {kind: pbs, queue: long, select: mem=64gb, workers: 16}
pods: {kind: kubernetes, image: registry/gaseol, pods: 4, workers: 2, volumes: {/runs: runs-claim}}
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "clusters.yaml"
    monkeypatch.setenv("GASEOL_CLUSTERS", str(path))
    path.write_text(FILE)
    return path


def test_every_kind_from_one_file(file):
    found = profiles()
    kinds = {name: type(one) for name, one in found.items()}
    assert kinds == {"here": Local, "cpu": Slurm, "old": PBS, "pods": Kubernetes}
    assert {name: one.slots for name, one in found.items()} == {
        "here": 2, "cpu": 192, "old": 16, "pods": 8,
    }  # fmt: skip
    assert [one.loopback for one in found.values()] == [True, False, False, False]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("cpu: {kind: slurm, partiton: main}", "cpu.slurm.partiton: Extra inputs"),
        ("cpu: {kind: slurm, walltime: 4h}", "cpu.slurm.walltime: String should match"),
        ("cpu: {kind: sge}", "'kind' does not match any of the expected tags|does not match any"),
        ("cpu: {kind: local, workers: 0}", "cpu.local.workers: Input should be greater"),
        ("cpu: [", "is not YAML"),
        ("[a]", "the file: Input should be a valid dictionary"),
    ],
)
def test_a_flaw_is_told_with_its_place(file, text, why):
    file.write_text(text)
    with pytest.raises(ClusterError, match=why):
        profiles()


def test_a_name_that_is_not_there(file):
    with pytest.raises(ClusterError, match="no profile 'gpu'; there are: cpu, here, old, pods"):
        profile("gpu")
    file.unlink()
    with pytest.raises(ClusterError, match="there are: none"):
        profile("here")


def test_without_parsl_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("gaseol.tools.cluster.crew.installed", lambda _: False)
    with pytest.raises(ClusterError, match=r"gaseol\[cluster\]"):
        Crew("here", Local(kind="local"))

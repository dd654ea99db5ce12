"""What schedulers would be handed: Parsl's own providers write it, given our profiles.

Slurm and PBS are not here. Their commands are: programs that take the script, keep it and give it a
number, so that everything up to the scheduler's door is the real thing.
"""

import os
import stat
import time

import pytest

from gaseol.tools.cluster.profile import PBS, Slurm

pytest.importorskip("parsl", reason="needs the extra cluster: pip install 'gaseol[cluster]'")

DOOR = """#!/bin/sh
for last; do :; done
cp "$last" {kept}
echo "$@" >> {kept}
echo "{says}"
"""


@pytest.fixture
def door(tmp_path, monkeypatch):
    def made(command: str, says: str):
        kept = tmp_path / "script"
        path = tmp_path / command
        path.write_text(DOOR.format(kept=kept, says=says))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
        return kept

    return made


def submitted(provider, folder):
    provider.script_dir = str(folder)
    return provider.submit("start-workers", 1, f"gaseol.{time.monotonic_ns()}")


def test_slurm(door, tmp_path):
    kept = door("sbatch", "Submitted batch job 4242")
    profile = Slurm(
        kind="slurm", partition="main", account="chem", qos="short", constraint="icelake",
        nodes=2, workers=32, memory=120, walltime="04:00:00", setup="module load python",
        options="#SBATCH --mail-type=NONE",
    )  # fmt: skip
    assert submitted(profile.provider(), tmp_path) == "4242"
    lines = {line.strip() for line in kept.read_text().splitlines()}
    assert {
        "#SBATCH --nodes=2", "#SBATCH --partition=main", "#SBATCH --account=chem",
        "#SBATCH --qos=short", "#SBATCH --constraint=icelake", "#SBATCH --mem=120g",
        "#SBATCH --cpus-per-task=32", "#SBATCH --mail-type=NONE", "module load python",
        "export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1",
    } <= lines  # fmt: skip
    assert "#SBATCH --exclusive" not in lines
    assert any(line.startswith("#SBATCH --time=") and "04:00:00" in line for line in lines) or any(
        "--time=240" in line for line in lines
    )
    assert any(line.startswith("srun ") for line in lines)


def test_pbs(door, tmp_path):
    kept = door("qsub", "4242.head")
    profile = PBS(
        kind="pbs", queue="long", account="chem", workers=16, select="mem=64gb",
        walltime="12:00:00", setup="module load python",
    )  # fmt: skip
    assert submitted(profile.provider(), tmp_path) == "4242.head"
    said = kept.read_text()
    assert "#PBS -l select=1:ncpus=16:mem=64gb" in said
    assert "12:00:00" in said
    assert "-q long -A chem" in said
    assert "module load python" in said

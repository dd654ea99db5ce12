"""Profiles: where workers can be started and how, from one small file.

`clusters.yaml` in the user's configuration folder, or the file that `GASEOL_CLUSTERS` names.
"""

import os
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gaseol.traces.signatures.keys import folder

if TYPE_CHECKING:
    from parsl.providers.base import ExecutionProvider

_LARGEST = 1_000_000
_WALLTIME = r"^\d{1,3}:[0-5]\d:[0-5]\d$"


class ClusterError(ValueError):
    """Workers that cannot be had, and why."""


class _Profile(BaseModel, ABC):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    workers: int = Field(default=1, ge=1, le=1024)
    """Worker processes on a node; each makes one run, or one call of a tool, at a time."""
    chunk: int = Field(default=0, ge=0, le=10_000)
    """Runs that a worker is handed at once; 0: as many as leave every worker eight helpings."""
    python: str = sys.executable
    """The interpreter there, which has the same gaseol."""
    setup: str = ""
    """Shell commands before a worker is started, as `module load python`."""
    address: str = ""
    """Of this machine, as a node reaches it; by default every address is tried."""
    silence: int = Field(default=60, ge=2)
    """Seconds without a sign of life after which a node is given up."""
    folder: Path | None = None
    """Of what Parsl writes, the answers on their way included; on a file system that all nodes share."""

    @property
    def slots(self) -> int:
        """Workers when all that may be asked for has been granted."""
        return self.workers

    @abstractmethod
    def provider(self) -> "ExecutionProvider":
        """Return who starts the workers."""

    @property
    def loopback(self) -> bool:
        """Whether all workers are on this machine."""
        return False


class Local(_Profile):
    """Several workers on this machine."""

    kind: Literal["local"]

    @property
    def loopback(self) -> bool:
        """Whether all workers are on this machine."""
        return True

    def provider(self) -> "ExecutionProvider":
        """Return who starts the workers."""
        from parsl.providers import LocalProvider

        return LocalProvider(
            init_blocks=1, min_blocks=1, max_blocks=1, worker_init=_prepared(self.setup)
        )


class _Batch(_Profile):
    """What the schedulers of a cluster have in common: jobs of some nodes for some time."""

    jobs: int = Field(default=1, ge=1, le=1000)
    """Of the scheduler's at a time, at most; one is asked for at first, more as there is work."""
    nodes: int = Field(default=1, ge=1)
    """Of a job."""
    walltime: str = Field(default="01:00:00", pattern=_WALLTIME)
    """Of a job, HH:MM:SS; what it leaves undone goes on in the next one."""
    account: str | None = None
    options: str = ""
    """Further lines for the head of the scheduler's script, as `#SBATCH --constraint=icelake`."""

    @property
    def slots(self) -> int:
        """Workers when all that may be asked for has been granted."""
        return self.jobs * self.nodes * self.workers

    @property
    def _blocks(self) -> dict[str, Any]:
        return {
            "nodes_per_block": self.nodes,
            "init_blocks": 1,
            "min_blocks": 0,
            "max_blocks": self.jobs,
            "walltime": self.walltime,
            "account": self.account,
            "scheduler_options": self.options,
            "worker_init": _prepared(self.setup),
        }


class Slurm(_Batch):
    """Nodes of a cluster under Slurm."""

    kind: Literal["slurm"]
    partition: str | None = None
    qos: str | None = None
    constraint: str | None = None
    memory: int | None = Field(default=None, ge=1)
    """Of a node, in GB."""
    exclusive: bool = False
    """Whether nobody else's jobs may be on the nodes."""

    def provider(self) -> "ExecutionProvider":
        """Return who starts the workers."""
        from parsl.launchers import SrunLauncher
        from parsl.providers import SlurmProvider

        return SlurmProvider(
            **self._blocks,
            partition=self.partition,
            qos=self.qos,
            constraint=self.constraint,
            cores_per_node=self.workers,
            mem_per_node=self.memory,
            exclusive=self.exclusive,
            launcher=SrunLauncher(),
        )


class PBS(_Batch):
    """Nodes of a cluster under PBS Professional or OpenPBS."""

    kind: Literal["pbs"]
    queue: str | None = None
    select: str = ""
    """Further resources of a node, as `mem=64gb`."""

    def provider(self) -> "ExecutionProvider":
        """Return who starts the workers."""
        from parsl.launchers import MpiExecLauncher, SingleNodeLauncher
        from parsl.launchers.base import Launcher

        launcher: Launcher = MpiExecLauncher() if self.nodes > 1 else SingleNodeLauncher()
        from parsl.providers import PBSProProvider

        return PBSProProvider(
            **self._blocks,
            queue=self.queue,
            select_options=self.select,
            cpus_per_node=self.workers,
            launcher=launcher,  # pyright: ignore[reportArgumentType] (any launcher will do)
        )


class Kubernetes(_Profile):
    """Pods of a Kubernetes cluster, each one node."""

    kind: Literal["kubernetes"]
    image: str
    """A container that has gaseol."""
    python: str = "python3"
    namespace: str = "default"
    pods: int = Field(default=1, ge=1, le=1000)
    """At a time, at most."""
    memory: str = "4Gi"
    """Of a pod."""
    volumes: dict[str, str] = {}
    """Claims by the path they are mounted at; one holds the folder of the runs, at the path it has here."""
    service_account: str | None = None

    @property
    def slots(self) -> int:
        """Workers when all that may be asked for has been granted."""
        return self.pods * self.workers

    def provider(self) -> "ExecutionProvider":
        """Return who starts the workers."""
        from parsl.errors import OptionalModuleMissing
        from parsl.providers import KubernetesProvider

        try:
            return KubernetesProvider(
                image=self.image,
                namespace=self.namespace,
                init_blocks=1,
                min_blocks=0,
                max_blocks=self.pods,
                init_cpu=self.workers,
                max_cpu=self.workers,
                init_mem=self.memory,
                max_mem=self.memory,
                worker_init=_prepared(self.setup),
                persistent_volumes=[(claim, path) for path, claim in self.volumes.items()],
                service_account_name=self.service_account,
            )
        except OptionalModuleMissing as error:
            raise ClusterError(
                f"Kubernetes cannot be asked: {error} (pip install kubernetes)"
            ) from None


Profile = Annotated[Local | Slurm | PBS | Kubernetes, Field(discriminator="kind")]

_FILE: TypeAdapter[dict[str, Local | Slurm | PBS | Kubernetes]] = TypeAdapter(dict[str, Profile])


def place() -> Path:
    """Return where profiles are written down."""
    given = os.environ.get("GASEOL_CLUSTERS")
    return Path(given) if given else folder().parent / "clusters.yaml"


def profiles(path: Path | None = None) -> dict[str, Local | Slurm | PBS | Kubernetes]:
    """Return all profiles by name; none where there is no file.

    Raises:
        ClusterError: the file cannot be used; each flaw with its place.
    """
    path = path or place()
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ClusterError(f"{path}: {error.strerror}") from None
    if len(content) > _LARGEST:
        raise ClusterError(f"{path} has more than {_LARGEST:,} bytes")
    try:
        return _FILE.validate_python(yaml.safe_load(content) or {})
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ClusterError(f"{path} is not YAML: {error}") from None
    except ValidationError as error:
        flaws = "; ".join(
            f"{'.'.join(map(str, e['loc'])) or 'the file'}: {e['msg']}" for e in error.errors()
        )
        raise ClusterError(f"{path}: {flaws}") from None


def profile(name: str) -> Local | Slurm | PBS | Kubernetes:
    """Return a profile by its name.

    Raises:
        ClusterError: there is none, or the file cannot be used.
    """
    found = profiles()
    if name not in found:
        there = ", ".join(sorted(found)) or "none"
        raise ClusterError(f"{place()} has no profile '{name}'; there are: {there}")
    return found[name]


def _prepared(setup: str) -> str:
    # one processor a worker, as on this machine: libraries must not take all of them
    single = "export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1"
    return "\n".join(filter(None, (setup, single)))

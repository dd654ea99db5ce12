"""How a run was launched on this machine: what `gaseol resume` needs and no stranger is told.

`setup.json` lies beside the record and is no part of it: where the scenario's folder is, how many
calls at a time, and the salt that opens the commitment to the hidden answer. A copy of a run leaves
it out; on another machine the folder is named anew.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gaseol.graphs.running.asked import Commitment
from gaseol.scenarios.catalogue import builtin, known
from gaseol.scenarios.loader import load_answer
from gaseol.scenarios.scenario import Scenario

if TYPE_CHECKING:
    from gaseol.graphs.replay.forking import Prefix

SETUP = "setup.json"


class BrokenSetup(ValueError):
    """`setup.json` does not say how a run was launched."""


class Branch(BaseModel):
    """The run that this one branches off."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    parent: Path
    at: int


class Setup(BaseModel):
    """What `setup.json` says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path | None = None
    """The scenario's; None for one that is built in or was made in Python."""
    jobs: int | None = None
    cache: Path | None = None
    report: bool = True
    salt: str = Field(default="", pattern=r"^([0-9a-f]{2})*$")
    """Of the commitment to the hidden answer, in hexadecimal."""
    branch: Branch | None = None

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        jobs: int | None,
        cache: Path | None,
        report: bool,
        hidden: Commitment | None,
        prefix: "Prefix | None",
    ) -> "Setup":
        """Return what a run that begins here needs to be resumed here."""
        folder = scenario.folder.resolve() if scenario.folder else None
        own = builtin().get(scenario.name)
        return cls(
            folder=None if own and folder == own.parent.resolve() else folder,
            jobs=jobs,
            cache=cache.resolve() if cache else None,
            report=report,
            salt=hidden.salt.hex() if hidden else "",
            branch=Branch(parent=prefix.parent.folder.resolve(), at=prefix.fact.at)
            if prefix
            else None,
        )

    @classmethod
    def beside(cls, run: Path) -> "Setup":
        """Return the set-up of a run; that of none in particular where there is no file.

        Raises:
            BrokenSetup: the file is not what it should be.
        """
        path = run / SETUP
        if not path.is_file():
            return cls()
        try:
            return cls.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise BrokenSetup(
                f"{path} does not say how a run was launched ({error.errors()[0]['msg']}); "
                "remove it, and name the scenario's folder with --folder"
            ) from None

    def place(self, scenario: Scenario, folder: Path | None) -> Path | None:
        """Return the scenario's folder: the one named, else as it was, else the built-in one's."""
        if folder is not None:
            return folder
        if self.folder is not None:
            return self.folder
        named = known().get(scenario.name)
        return named.parent if named else None

    def commitment(self, folder: Path | None, promised: str | None) -> Commitment | None:
        """Return the hidden answer, where it is here and is the one that was promised."""
        if not promised or not self.salt or folder is None:
            return None
        answer = load_answer(folder)
        found = Commitment(answer, bytes.fromhex(self.salt)) if answer else None
        return found if found and found.sha256 == promised else None

    def to_bytes(self) -> bytes:
        """Return what is written."""
        return self.model_dump_json(indent=2).encode()

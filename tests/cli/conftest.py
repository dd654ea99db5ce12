"""The command line, in this process."""

import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from gaseol.cli import main
from gaseol.tools.workers import keeper


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON document."""
        return orjson.loads(self.out)


_DESCRIBED: dict[bytes, Any] = {}


@pytest.fixture(autouse=True)
def _described_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Describe a file of tools once: a worker takes a third of a second to import it."""
    describe = keeper.describe

    def remembered(root: str, file: str, **options: Any) -> Any:
        content = Path(file).read_bytes()
        if content not in _DESCRIBED:
            _DESCRIBED[content] = describe(root, file, **options)
        return _DESCRIBED[content]

    monkeypatch.setattr(keeper, "describe", remembered)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home for runs."""
    monkeypatch.setenv("GASEOL_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "runs"


@pytest.fixture
def gaseol(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Said]]:
    """Call `gaseol WORDS...` as the console script does; an error of ours comes through raw."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def call(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["gaseol", *map(str, words)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Said(int(ended.value.code or 0), out, err)

    yield call
    for number, handler in handlers.items():
        signal.signal(number, handler)

"""What a sweep found already: a line for each run that ended, so that no record is read again."""

from pathlib import Path
from typing import Any

import orjson

from gaseol.graphs.sweep.attempts import Attempts, Result
from gaseol.traces.shelf import Stamp

NAME = ".found.jsonl"
"""In a sweep's folder; can be thrown away at any time."""


class Ledger:
    """The lines of one sweep. A line counts while the record's files are what they were."""

    def __init__(self, out: Path) -> None:
        """Read what is there; a line that is torn is left out."""
        self._path = out / NAME
        self._lines: dict[str, dict[str, Any]] = {}
        if self._path.is_file():
            for line in self._path.read_bytes().splitlines():
                try:
                    said = orjson.loads(line)
                    self._lines[said["folder"]] = said
                except (orjson.JSONDecodeError, KeyError, TypeError):
                    continue

    def there(self, attempts: Attempts) -> Result | None:
        """Return what came of a run earlier, by its line if there is one, else by its record."""
        for folder in attempts.folders:
            said = self._lines.get(folder.name)
            if said is not None and said["stamp"] == Stamp.of(folder).text:
                return Result(attempts.point, folder, said["status"], said["reason"],
                              said["attempts"], earlier=True, found=said["found"])  # fmt: skip
        result = attempts.there()
        if result is not None:
            self.keep(result)
        return result

    def keep(self, result: Result) -> None:
        """Put a run down that has ended for good."""
        if not (result.folder / "seal.json").is_file():
            return
        said = {"folder": result.folder.name, "stamp": Stamp.of(result.folder).text,
                "status": result.status, "reason": result.reason, "attempts": result.attempts,
                "found": result.found}  # fmt: skip
        with self._path.open("ab") as file:
            file.write(b"\n" + orjson.dumps(said) + b"\n")  # after one that a kill has torn, too

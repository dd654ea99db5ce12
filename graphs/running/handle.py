"""A run that goes on or has ended, as held in a script, a notebook or the command line."""

import html
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gaseol.traces.record.docket import Docket
from gaseol.traces.record.recorder import Recorder
from gaseol.traces.record.trace import Trace
from gaseol.traces.summary import summary


class Run:
    """The live handle of a run; what it knows comes from the record."""

    def __init__(
        self,
        folder: Path,
        docket: Docket,
        stopping: threading.Event,
        recorder: Recorder | None = None,
    ) -> None:
        self.path = folder
        self._recorder = recorder
        self.docket = docket
        """What is known so far."""
        self.phase = ""
        """The node of the graph that was reached last."""
        self.abandoned = False
        """Whether it was left where it was, although its thread had not ended."""
        self.notices: Callable[[], tuple[str, ...]] = tuple
        """What an operator should hear of the tools, as `Pool.notices` gives it."""
        self._status = "running"
        self._error: BaseException | None = None
        self._ended = threading.Event()
        self._ending = threading.Lock()
        self._stopping = stopping

    @property
    def status(self) -> str:
        """`running`, then `done`, `budget`, `paused`, `interrupted` or `failed`."""
        return self._status

    @property
    def trace(self) -> Trace:
        """The record."""
        return Trace(self.path)

    @property
    def report(self) -> Path | None:
        """The report to open in a browser, once there is one."""
        path = self.path / "report.html"
        return path if path.is_file() else None

    def wait(self, timeout: float | None = None) -> "Run":
        """Return when the run has ended, or after `timeout` seconds.

        Raises:
            Exception: whatever made the run fail.
        """
        self._ended.wait(timeout)
        if self._error is not None:
            raise self._error
        return self

    def stop(self) -> None:
        """Ask the run to stop; it records that it was interrupted."""
        self._stopping.set()

    def abandon(self) -> None:
        """End the writing of the record now, wherever the run is; it can be resumed from there."""
        if self._recorder is not None:
            self._recorder.abandon()
        with self._ending:
            if self._status != "running":  # it has ended meanwhile, and says how
                return
            self.abandoned = True
            self._status = "interrupted"
        self._ended.set()

    def end(self, status: str, error: BaseException | None = None) -> None:
        """Be told by the run's thread how it ended."""
        with self._ending:
            if self._status == "running":
                # whoever sees the status looks for the error
                self._error = error
                self._status = status
        self._ended.set()

    def summary(self) -> Mapping[str, Any]:
        """Return run, status, hypotheses, claims and cost, as `gaseol show --json` prints them."""
        return summary(self.docket, str(self.path), self._status)

    def __repr__(self) -> str:
        return f"<Run {self.path} {self._status}>"

    def _repr_html_(self) -> str:
        """Show the hypothesis board in a notebook."""
        said = self.summary()
        rows = "".join(
            f"<tr><td>{html.escape(h['statement'])}</td><td>{html.escape(h['verdict'])}</td>"
            f"<td>{h['log_e_for']:.2f}</td><td>{h['log_e_against']:.2f}</td>"
            f"<td>{h['experiments']}</td></tr>"
            for h in said["hypotheses"]
        )
        return (
            f"<p><b>{html.escape(str(self.path))}</b>: {html.escape(self._status)}</p>"
            "<table><thead><tr><th>hypothesis</th><th>verdict</th><th>ln E for</th>"
            f"<th>ln E against</th><th>experiments</th></tr></thead><tbody>{rows}</tbody></table>"
        )

"""What a person sees while a run goes on: phase, hypotheses, budget, time left."""

import math
import time
from typing import TYPE_CHECKING, Any, Self

from gaseol.traces.summary import rows

if TYPE_CHECKING:
    from gaseol.graphs.laboratory import Laboratory
    from gaseol.scenarios.scenario import Scenario

_PHASES = {
    "think": "thinking of hypotheses",
    "judge": "judging hypotheses in pairs",
    "rank": "ranking hypotheses",
    "evolve": "revising the strongest",
    "propose": "proposing and criticising hypotheses",
    "register": "sealing registrations",
    "weigh": "measuring and weighing",
    "search": "searching what others have written",
    "extract": "reading",
    "synthesise": "putting together what was read",
    "control": "judging all hypotheses together",
    "end": "writing the report",
}


class Progress:
    """A live board on standard error; silent when that is not a terminal."""

    def __init__(self, scenario: "Scenario", quiet: bool) -> None:
        self._scenario = scenario
        self._quiet = quiet
        self._live: Any = None
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        if not self._quiet:
            from rich.console import Console
            from rich.live import Live

            self._live = Live(
                f"{self._scenario.title}: gathering cases",
                console=Console(stderr=True),
                transient=True,
                refresh_per_second=4,
            )
            self._live.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        if self._live is not None:
            self._live.__exit__(*error)

    def look(self, phase: str, laboratory: "Laboratory") -> None:
        """Show where the run is; called in the run's thread."""
        if self._live is None:
            return
        from rich.console import Group
        from rich.text import Text

        from gaseol.cli.board import board
        from gaseol.traces.language import words

        spent = laboratory.meter.spent()
        line = f"{_PHASES.get(phase, phase)}   {self._done(laboratory, spent['experiments'])}"
        line += f"   {spent['seconds']:.0f} s{self._left(laboratory)}"
        limits = self._scenario.budget.limits
        for name in sorted(limits.keys() - {"experiments", "seconds"}):
            if spent.get(name):
                line += f"   {name} {spent[name]:.4g} of {limits[name]:.4g}"
        shown: list[Any] = [Text(self._scenario.title, style="bold")]
        if self._scenario.measures:
            settings = self._scenario.hypotheses
            threshold = math.log(settings.maximum / settings.alpha)
            t = words(self._scenario.language or "en")
            shown.append(board(rows(laboratory.docket), threshold, t))
        self._live.update(Group(*shown, Text(line, style="dim")))

    def _done(self, laboratory: "Laboratory", experiments: float) -> str:
        """Return how much of what may be done has been done."""
        if self._scenario.measures:
            return f"experiments {experiments:.0f} of {self._scenario.budget.experiments}"
        docket = laboratory.docket
        return (
            f"works {len(docket.works)}, read {len(docket.read)} of "
            f"{self._scenario.reading.most} at most, excerpts {len(docket.excerpts)}"
        )

    def _left(self, laboratory: "Laboratory") -> str:
        """Return about how long it may take yet, from the draws that are left at most."""
        docket = laboratory.docket
        done = sum(len(e) for e in docket.evidence.values())
        open_draws = sum(
            r.criterion.draws - len(docket.evidence.get(h, ()))
            for h, r in docket.registrations.items()
            if h not in docket.crossings
        )
        if not done:
            return ""
        left = min(open_draws, laboratory.meter.left("experiments"))
        seconds = left * (time.monotonic() - self._began) / done
        return f"   at most {seconds:.0f} s to go" if math.isfinite(seconds) else ""

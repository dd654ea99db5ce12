"""Says what to do next from where the hypotheses stand."""

from gaseol.agents.briefing import Briefing
from gaseol.agents.roles import Advice, Bench
from gaseol.traces.record.docket import Docket


class EmbeddedInterpreter:
    """Measures while something is open, thinks again while slots are left, then stops."""

    def interpret(self, briefing: Briefing, bench: Bench, docket: Docket) -> Advice:
        """Return what to do next; never what is true."""
        if bench.options:
            return Advice("experiment", f"{len(bench.standings)} hypotheses are open")
        left = briefing.maximum - len(docket.registrations)
        if left > 0:
            return Advice("hypothesis", f"{left} of {briefing.maximum} slots are left")
        return Advice("stop", "every registered hypothesis is decided or can no longer be")

"""An experimentalist that needs no model: it tries what the scenario allows, in its order."""

from gaseol.agents.roles import Trouble


class EmbeddedExperimentalist:
    """Takes the first remedy that was not tried."""

    def repair(self, trouble: Trouble) -> int | None:
        """Return which remedy to try, by its number; None where there is none."""
        return next(iter(trouble.remedies), None)

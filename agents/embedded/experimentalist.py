"""An experimentalist that needs no model: it tries what the scenario allows, in its order."""

from gaseol.agents.roles import Repair, Trouble


class EmbeddedExperimentalist:
    """Takes the first remedy that was not tried."""

    def repair(self, trouble: Trouble) -> Repair:
        """Return the first remedy that is left, or none."""
        return Repair(next(iter(trouble.remedies), None))

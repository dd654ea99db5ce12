"""Why no further draw was made for a hypothesis: derived from the record, by whoever reads it."""

import math
from collections.abc import Sequence
from typing import Literal

from gaseol.traces.evidence.futility import reach
from gaseol.traces.nouns.registration import Registration
from gaseol.traces.nouns.value import Value

Why = Literal["decided", "spent", "futile", "budget", "ended", "interrupted", "running"]


class Stop(Value):
    """Why the draws of a hypothesis ended where they did."""

    why: Why
    draws: int
    """Draws that counted."""
    planned: int
    """Draws that were registered as the most."""
    log_threshold: float
    most_for: float | None = None
    """The most that ln E for could have come to with the draws left; None where none is known."""
    most_against: float | None = None
    reason: str = ""
    """What the run said when it ended, where it ended for another reason."""

    @property
    def left(self) -> int:
        """Draws that were not made."""
        return max(0, self.planned - self.draws)

    def __str__(self) -> str:
        match self.why:
            case "decided":
                return f"Draws stopped because draw {self.draws} decided it."
            case "spent":
                return f"Draws stopped because all {self.planned} registered draws were made."
            case "futile":
                if self.most_for is None or self.most_against is None:
                    return f"Draws stopped after {self.draws} of {self.planned}."
                return (
                    f"Draws stopped after {self.draws} of {self.planned} because the "
                    f"{self.left} left could no longer decide it: had all of them gone as "
                    f"predicted, ln E for would have come to {_log(self.most_for)}, had none, ln E "
                    f"against to {_log(self.most_against)}; {_log(self.log_threshold)} decides."
                )
            case "budget":
                return (
                    f"Draws stopped after {self.draws} of {self.planned} because the run's budget "
                    f"was spent{_colon(self.reason)}."
                )
            case "interrupted":
                return (
                    f"Draws stopped after {self.draws} of {self.planned} because the run was "
                    f"interrupted{_colon(self.reason)}; it can be resumed."
                )
            case "ended":
                return (
                    f"Draws stopped after {self.draws} of {self.planned} because the run "
                    f"ended{_colon(self.reason)}."
                )
            case "running":
                return f"{self.draws} of {self.planned} draws are made; the run has not ended."


def stop(
    registration: Registration,
    outcomes: Sequence[float | None],
    *,
    decided: bool,
    status: str,
    reason: str = "",
) -> Stop:
    """Return why a hypothesis was given no further draw.

    Args:
        registration: its prediction, criterion and frame.
        outcomes: of the draws that counted, as the evidence on record has them.
        decided: whether either evidence reached the threshold.
        status: how the run stands: `running`, `interrupted`, or how it ended.
        reason: what the run said when it ended or was interrupted.
    """
    criterion = registration.criterion
    threshold = math.log(criterion.hypotheses / criterion.alpha)
    left = criterion.draws - len(outcomes)
    most = reach(criterion.process, outcomes, left)
    if decided:
        why: Why = "decided"
    elif left <= 0:
        why = "spent"
    elif most is not None and max(most) < threshold:
        why = "futile"
    elif status in ("budget", "interrupted", "running", "paused"):
        why = "running" if status == "paused" else status
    else:
        why = "ended"
    open_ends = why in ("budget", "interrupted", "ended")
    return Stop(
        why=why,
        draws=len(outcomes),
        planned=criterion.draws,
        log_threshold=threshold,
        most_for=most[0] if most and why == "futile" else None,
        most_against=most[1] if most and why == "futile" else None,
        reason=reason if open_ends else "",
    )


def _log(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _colon(reason: str) -> str:
    return f" ({reason})" if reason else ""

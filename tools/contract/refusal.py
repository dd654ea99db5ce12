"""The two ways in which an author ends a call without a value; anything else is a bug."""

from gaseol.traces.nouns.failure import Failure, FailureKind


class Retry(Exception):
    """Ask the scientist for other arguments, and say why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def failure(self) -> Failure:
        """The typed failure that goes on record."""
        return Failure(kind=FailureKind.RETRY, reason=self.reason)


class Refuse(Exception):
    """End the attempt without a value, and say why."""

    def __init__(self, reason: str, *, kind: FailureKind = FailureKind.OUT_OF_DOMAIN) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind

    @property
    def failure(self) -> Failure:
        """The typed failure that goes on record."""
        return Failure(kind=self.kind, reason=self.reason)

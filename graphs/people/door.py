"""The door to people: what they handed in answers a request; what they have not is waited for."""

import orjson

from gaseol.tools.contract import Answer
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.record.blob import Blob, BlobStore
from gaseol.traces.record.inbox import PLACE, Inbox, Said


class People:
    """What people handed in for a run."""

    def __init__(self, begun: bool, inbox: Inbox, blobs: BlobStore) -> None:
        """Take what is in the inbox now; later answers are for the next resumption.

        Args:
            begun: whether there is a record already, of which something can have been asked.
            inbox: beside it.
            blobs: of the run, where attachments go.

        Raises:
            BrokenInbox: a line was changed, or an attachment that is not among the payloads yet.
        """
        self._inbox = inbox
        self._blobs = blobs
        self._said = inbox.latest() if begun else {}
        for said in self._said.values():  # now, for in the middle of the run it would end it
            for attachment in said.attachments.values():
                if not blobs.holds(attachment.sha256):
                    inbox.attached(attachment)

    def said(self, request: int) -> Said | None:
        """Return what was handed in for the request at a position."""
        return self._said.get(request)

    def answer(self, request: int) -> Answer | None:
        """Return a person's answer to the request at a position; None while it is awaited."""
        said = self._said.get(request)
        if said is None or said.again:
            return None
        about = {"seconds": 0.0, "cpu_seconds": 0.0, "isolation": PLACE}
        entry = said.model_dump(mode="json")
        if said.failed:
            failure = Failure(
                kind=FailureKind.EMPTY,
                reason=f"{said.by}: {said.failed}",
                detail=orjson.dumps(entry).decode(),
            )
            return Answer(failure=failure, **about)
        value = {"value": said.value, "uncertainty": said.uncertainty, "approve": said.approve,
                 "by": said.by, "note": said.note, "entry": entry}  # fmt: skip
        return Answer(value=value, **about)

    def attachments(self, request: int) -> dict[str, Blob]:
        """Put the files of an answer among the run's payloads and return their references.

        Raises:
            BrokenInbox: one is missing or was changed.
        """
        said = self._said.get(request)
        return {
            name: self._blobs.put(self._inbox.attached(a), a.media)
            for name, a in (said.attachments.items() if said else ())
        }

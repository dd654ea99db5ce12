"""The door to people: what they handed in answers a request; what they have not is waited for."""

import orjson

from gaseol.graphs.laboratory import Laboratory, OverBudget
from gaseol.tools.contract import Answer
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.record.blob import Blob, BlobStore
from gaseol.traces.record.effects import Request, Response
from gaseol.traces.record.event import PolicyDecided
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


def allowed(laboratory: Laboratory, what: str, subject: str, about: dict[str, object]) -> str:
    """Ask a person to allow something; return why they do not, or nothing where they do.

    Args:
        laboratory: whose run it is.
        what: `registration`, `tool` or `spending`.
        subject: in a line.
        about: what they should know.
    """
    (said,) = ask(laboratory, [(what, subject, about)])
    return said


def ask(laboratory: Laboratory, wanted: list[tuple[str, str, dict[str, object]]]) -> list[str]:
    """Ask for several approvals at once; as for `allowed`."""
    requests = [
        Request("person", "approval", {"what": what, "subject": subject, **about}, "approver")
        for what, subject, about in wanted
    ]
    found: list[str] = []
    for (_, subject, _), response in zip(wanted, laboratory.effects.perform(requests), strict=True):
        reason = _refusal(response)
        decision = PolicyDecided(
            subject=subject, allowed=not reason, reason=reason or f"{_by(response)} allows it"
        )
        laboratory.effects.record(decision, response.request)
        found.append(reason)
    return found


def _refusal(response: Response) -> str:
    if response.failure is not None:
        return response.failure.reason
    if response.value.get("approve") is True:
        return ""
    note = response.value.get("note") or "no reason given"
    return f"{_by(response)} does not allow it: {note}"


def _by(response: Response) -> str:
    return str(response.value.get("by"))


def spend_more(laboratory: Laboratory, spent: dict[str, float]) -> str:
    """Ask for approval where a step of spending is reached; return why the run may not go on."""
    for name, step in laboratory.scenario.policy.approve.spending.items():
        reached = int(spent.get(name, 0.0) // step)
        if reached > laboratory.approved.get(name, 0):
            laboratory.approved[name] = reached
            subject = f"spend more {name}: {reached * step:g} are spent"
            reason = allowed(laboratory, "spending", subject, {"limit": name, "step": step})
            if reason:
                return reason
    return ""


def consent(laboratory: Laboratory, tool: str, calls: list[dict[str, object]]) -> None:
    """Ask before a tool is called that the policy names.

    Raises:
        OverBudget: it may not be called.
    """
    if calls and tool in laboratory.scenario.policy.approve.tools:
        subject = f"call {tool} {len(calls)} times"
        reason = allowed(laboratory, "tool", subject, {"tool": tool, "calls": calls})
        if reason:
            raise OverBudget(reason)

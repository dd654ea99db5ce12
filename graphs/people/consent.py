"""What people are asked to allow: registrations, consequential tools, spending."""

from collections.abc import Mapping, Sequence

from gaseol.graphs.laboratory import Laboratory, OverBudget
from gaseol.traces.record.effects import APPROVAL, Effects, Request, Response
from gaseol.traces.record.event import Fact, PolicyDecided


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
        Request("person", APPROVAL, {"what": what, "subject": subject, **about}, "approver")
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


def spend_more(laboratory: Laboratory, spent: Mapping[str, float]) -> str:
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


class Consenting:
    """Effects for which a person is asked first, where the policy wants it, whoever wants them."""

    def __init__(self, effects: Effects, laboratory: Laboratory) -> None:
        """Stand before a run's desk.

        Args:
            effects: the desk.
            laboratory: whose policy says what is asked, and whose meter what is spent.
        """
        self._effects = effects
        self._laboratory = laboratory

    def record(self, fact: Fact, cause: int | None = None) -> int:
        """Put a fact on the record and return its position."""
        return self._effects.record(fact, cause)

    def spent(self) -> Mapping[str, float]:
        """Put what has been spent so far on the record and return it."""
        return self._effects.spent()

    def perform(self, requests: Sequence[Request], cause: int | None = None) -> list[Response]:
        """Carry out requests, once a person allows what the policy does not leave to the run.

        Raises:
            OverBudget: a person does not allow it.
        """
        if any(not _approval(request) for request in requests):
            reason = self._refusal(requests)
            if reason:
                raise OverBudget(reason)
        return self._effects.perform(requests, cause)

    def gather(self, requests: Sequence[Request], *, need: bool = False) -> list[Response | None]:
        """Ask people what they may answer later, once a person allows what that needs.

        Raises:
            OverBudget: a person does not allow it.
        """
        reason = self._refusal(requests)
        if reason:
            raise OverBudget(reason)
        return self._effects.gather(requests, need=need)

    def _refusal(self, requests: Sequence[Request]) -> str:
        laboratory, approve = self._laboratory, self._laboratory.scenario.policy.approve
        if approve.spending:
            spent = laboratory.meter.spent()
            del spent[
                "experiments"
            ]  # counted when they are designed: the graph asks once they are made
            reason = spend_more(laboratory, spent)
            if reason:
                return reason
        for tool in dict.fromkeys(approve.tools):
            calls = [dict(r.arguments) for r in requests if (r.effect, r.name) == ("tool", tool)]
            if calls:
                subject = f"call {tool} {len(calls)} times"
                reason = allowed(laboratory, "tool", subject, {"tool": tool, "calls": calls})
                if reason:
                    return reason
        return ""


def _approval(request: Request) -> bool:
    return (request.effect, request.name) == ("person", APPROVAL)

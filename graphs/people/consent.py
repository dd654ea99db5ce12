"""What people are asked to allow: registrations, consequential tools, spending."""

from gaseol.graphs.laboratory import Laboratory, OverBudget
from gaseol.traces.record.effects import Request, Response
from gaseol.traces.record.event import PolicyDecided


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

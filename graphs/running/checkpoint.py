"""The checkpoint: what labels and screens say of a call before it is made, and of its answer."""

from concurrent.futures import Future
from typing import Any

from gaseol.graphs.running.labelling import source_of
from gaseol.scenarios.policy import Policy
from gaseol.tools.contract import Answer, Tool, ToolCard
from gaseol.tools.door import Door, Scrubs
from gaseol.tools.registry import Registry
from gaseol.tools.screens import Screens
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.nouns.label import PUBLIC, Target
from gaseol.traces.record.effects import Request


class Checkpoint:
    """A door that holds every request against the policy before it hands it on.

    The request is on record already, so a refusal is its answer: a typed failure, beside which the
    desk records the decision. A replay takes it from there.
    """

    def __init__(
        self, door: Door, policy: Policy, registry: Registry, screens: Screens | None = None
    ) -> None:
        """Stand before a door.

        Args:
            door: that carries out what may be.
            policy: the scenario's.
            registry: of the tools that may be called.
            screens: of the site.
        """
        self._door, self._policy, self._registry = door, policy, registry
        self._screens = screens

    def submit(self, request: Request) -> "Future[Answer]":
        """Begin to carry out a request, or refuse it."""
        target = target_of(request, self._policy, self._registry)
        why = target.refusal(request.label or PUBLIC, self._policy.label)
        if not why and self._screens and request.effect != "model":
            # what a model is told was answered by somebody, and was screened then
            why = self._screens.refusal(dict(request.arguments))
        if why:
            return refused(why)
        answer = self._door.submit(request)
        return screened(answer, self._screens) if self._screens else answer

    def scrubbed(self, request: Request) -> Request:
        """Return a request as its door lets it be recorded."""
        return self._door.scrubbed(request) if isinstance(self._door, Scrubs) else request


def target_of(request: Request, policy: Policy, registry: Registry) -> Target:
    """Return where a request takes what it is given.

    Args:
        request: of any kind; models have a clearance of their own, and people see what they are asked.
        policy: the scenario's.
        registry: of the tools that may be called.
    """
    known = request.effect == "tool" and request.name in registry
    tool = registry.get(request.name) if known else None
    return Target(
        name=request.name,
        source=source_of(request, tool),
        leaves=request.effect == "egress" or (tool is not None and reaches_out(tool)),
        consequential=tool is not None and tool.consequential,
        takes_low=request.name in (*policy.low_integrity, *policy.approve.tools),
    )


def reaches_out(tool: Tool[..., Any] | ToolCard) -> bool:
    """Tell whether what a tool is given may leave: workers have no network, servers of others may."""
    return tool.network != "none" and tool.module.startswith("mcp:")


def screened(answer: "Future[Answer]", screens: Screens) -> "Future[Answer]":
    """Return an answer as the screens let it through: a refusal stands in for one that they do not.

    Args:
        answer: is awaited by whoever gives it.
        screens: of the site.
    """
    seen: Future[Answer] = Future()

    def look(given: "Future[Answer]") -> None:
        if given.cancelled():
            seen.cancel()
            seen.set_running_or_notify_cancel()
            return
        try:
            found = given.result()
            failure = found.failure
            said = found.value if failure is None else [failure.reason, failure.detail]
            why = screens.refusal(said)
            if why:
                refusal = Failure(kind=FailureKind.REFUSED, reason=why)
                found = found.model_copy(update={"value": None, "failure": refusal})
        except BaseException as error:  # noqa: BLE001 (handed to whoever waits)
            seen.set_exception(error)
        else:
            seen.set_result(found)

    answer.add_done_callback(look)
    return seen


def refused(reason: str) -> "Future[Answer]":
    """Return the answer to a request that is not carried out."""
    future: Future[Answer] = Future()
    failure = Failure(kind=FailureKind.REFUSED, reason=reason)
    future.set_result(Answer(failure=failure, seconds=0.0, cpu_seconds=0.0, isolation=""))
    return future

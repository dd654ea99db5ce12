"""After a failure: the same value tried for in another way that the scenario allows."""

from collections.abc import Sequence
from dataclasses import replace

from gaseol.agents.embedded.experimentalist import EmbeddedExperimentalist
from gaseol.agents.roles import Repair, Trouble
from gaseol.graphs.laboratory import Laboratory, OverBudget
from gaseol.scenarios.measurement import Measurement as Method
from gaseol.traces.nouns.failure import FailureKind
from gaseol.traces.nouns.label import PUBLIC
from gaseol.traces.record.effects import Request, Response
from gaseol.traces.record.event import PolicyDecided

_MENDABLE = (
    FailureKind.RETRY,
    FailureKind.TIMED_OUT,
    FailureKind.OUT_OF_MEMORY,
    FailureKind.CRASHED,
    FailureKind.IMPOSSIBLE,
)
"""Failures that other settings may mend; what is refused or outside a method's domain stays so."""


def repaired(
    laboratory: Laboratory,
    method: Method,
    requests: Sequence[Request],
    responses: Sequence[Response],
    cause: int | None = None,
) -> list[Response]:
    """Return the answers, the failed ones tried again while remedies are left.

    A remedy is chosen by the failure alone, before any value is known: it can favour no outcome.
    What a budget does not allow any more stays failed.
    """
    answers = list(responses)
    tried: dict[int, set[int]] = {i: set() for i in range(len(answers))}
    while groups := _groups(method, answers, tried):
        again: dict[int, Request] = {}
        for broken in groups:
            chosen = _chosen(laboratory, method, requests, answers, tried, broken)
            number = chosen.number
            for i in broken:
                if number is None:
                    tried[i] = set(range(len(method.remedies)))
                    continue
                tried[i].add(number)
                given = {**requests[i].arguments, **method.remedies[number]}
                label = (requests[i].label or PUBLIC) | answers[i].label | chosen.label
                again[i] = replace(requests[i], arguments=given, label=label)
        if not again:
            break
        try:
            found = laboratory.effects.perform(list(again.values()), cause)
        except OverBudget:
            break
        for i, response in zip(again, found, strict=True):
            answers[i] = response
    return answers


def _groups(
    method: Method, answers: Sequence[Response], tried: dict[int, set[int]]
) -> list[list[int]]:
    """Return the failed calls that something is left to try for, those alike together."""
    alike: dict[tuple[FailureKind, frozenset[int]], list[int]] = {}
    for i, answer in enumerate(answers):
        failure = answer.failure
        if (
            failure is not None
            and failure.kind in _MENDABLE
            and len(tried[i]) < len(method.remedies)
        ):
            alike.setdefault((failure.kind, frozenset(tried[i])), []).append(i)
    return list(alike.values())


def _chosen(
    laboratory: Laboratory,
    method: Method,
    requests: Sequence[Request],
    answers: Sequence[Response],
    tried: dict[int, set[int]],
    broken: Sequence[int],
) -> Repair:
    """Let the experimentalist choose, and put on record what is tried."""
    first = broken[0]
    failure = answers[first].failure
    assert failure is not None
    trouble = Trouble(
        tool=method.tool,
        summary=laboratory.registry.get(method.tool).description.partition("\n")[0],
        arguments=requests[first].arguments,
        failure=failure,
        remedies={n: r for n, r in enumerate(method.remedies) if n not in tried[first]},
    )
    who = laboratory.scientist.experimentalist or EmbeddedExperimentalist()
    found = who.repair(trouble)
    if found.number is not None and found.number not in trouble.remedies:
        found = Repair(None, found.label)
    number = found.number
    said = (
        "nothing more is tried" if number is None else f"tried again with {method.remedies[number]}"
    )
    subject = f"{len(broken)} failed calls of {method.tool} ({failure.kind.value})"
    laboratory.effects.record(
        PolicyDecided(subject=subject, allowed=number is not None, reason=said)
    )
    return found

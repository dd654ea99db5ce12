"""May this model be asked this question? Its host, its licence, and how confidential the question is."""

from collections.abc import Iterator, Sequence

from gaseol.agents.models.profile import Profile
from gaseol.scenarios.scenario import Policy
from gaseol.traces.event import PolicyDecided

_ORDER = ("public", "institute", "project", "secret")


class NotCleared(ValueError):
    """A model may not be used for this question."""


def decisions(
    profiles: Sequence[Profile], policy: Policy, despite: str = ""
) -> tuple[PolicyDecided, ...]:
    """Return what the policy says of each model, to be put on record when the run begins.

    Args:
        profiles: the models that are to be asked.
        policy: the scenario's.
        despite: why a use that a licence forbids is made of it all the same; empty forbids it.
    """
    return tuple(d for profile in profiles for d in _decided(profile, policy, despite))


def cleared(found: Sequence[PolicyDecided]) -> None:
    """Raise unless every decision allows.

    Raises:
        NotCleared: one refuses, and what to do about it.
    """
    refused = [f"{d.subject}: {d.reason}" for d in found if not d.allowed]
    if refused:
        raise NotCleared("; ".join(refused))


def _decided(profile: Profile, policy: Policy, despite: str) -> Iterator[PolicyDecided]:
    named = policy.network != "deny" and profile.host in policy.network
    host = "is this machine" if profile.local else "is named by policy.network"
    if not (profile.local or named):
        host = (
            "is neither this machine nor named by the scenario's policy.network; add "
            f"`network: [{profile.host}]` there if the question may leave for it"
        )
    yield PolicyDecided(
        subject=f"model {profile.name} at {profile.host}",
        allowed=profile.local or named,
        reason=f"{profile.host} {host}",
    )
    yield _licensed(profile, policy, despite)
    enough = _ORDER.index(profile.clearance) >= _ORDER.index(policy.confidentiality)
    yield PolicyDecided(
        subject=f"model {profile.name} asked a question that is {policy.confidentiality}",
        allowed=enough,
        reason=f"the profile is cleared for what is {profile.clearance}"
        + (
            ""
            if enough
            else f"; raise its --clearance if it may see what is {policy.confidentiality}"
        ),
    )


def _licensed(profile: Profile, policy: Policy, despite: str) -> PolicyDecided:
    licence = profile.licence or "its licence"
    subject = f"model {profile.name} for {policy.use}"
    if not profile.uses:
        return PolicyDecided(
            subject=subject, allowed=True, reason="the profile does not say what its licence allows"
        )
    said = f"{licence} allows {', '.join(profile.uses)}"
    if policy.use in profile.uses:
        return PolicyDecided(subject=subject, allowed=True, reason=said)
    if despite:
        return PolicyDecided(
            subject=subject, allowed=True, reason=f"{said}; told to go on all the same: {despite}"
        )
    return PolicyDecided(
        subject=subject,
        allowed=False,
        reason=f"{said}; go on all the same with --despite-licence REASON, which goes on record",
    )

"""May this model be asked this question? Its host, its licence, and how confidential the question is."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from gaseol.agents.models.profile import Profile
from gaseol.scenarios.policy import Policy
from gaseol.tools.egress.reach import Forbidden, Reach
from gaseol.traces.nouns.label import Label
from gaseol.traces.record.event import PolicyDecided


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


def unfit(profile: Profile, label: Label | None) -> str:
    """Say why a model may not be told something; empty where it may.

    Args:
        profile: of the model.
        label: of what it would be told.
    """
    if label is None or label.within(profile.clearance):
        return ""
    return (
        f"{profile.name} is cleared for what is {profile.clearance}, and it would be told something "
        f"that is {label.confidentiality}"
    )


def out_of_reach(profile: Profile, reach: Reach) -> str:
    """Say why a model may not be asked where it is; empty where it may."""
    if profile.local:
        return ""
    parts = urlsplit(profile.url)
    try:
        reach.admit(parts.scheme, profile.host, parts.port)
    except Forbidden as error:
        return (
            f"{profile.host} is not this machine, and {error}; add {server(profile)} to the "
            "scenario's policy.network if the question may leave for it"
        )
    return ""


def server(profile: Profile) -> str:
    """Return the server of a model as a policy names it."""
    parts = urlsplit(profile.url)
    return f"{parts.scheme}://{parts.netloc}"


def _decided(profile: Profile, policy: Policy, despite: str) -> Iterator[PolicyDecided]:
    why = out_of_reach(profile, Reach(policy.hosts, policy.private))
    host = "is this machine" if profile.local else "is named by policy.network"
    yield PolicyDecided(
        subject=f"model {profile.name} at {profile.host}",
        allowed=not why,
        reason=why or f"{profile.host} {host}",
    )
    yield _licensed(profile, policy, despite)
    enough = Label(confidentiality=policy.confidentiality).within(profile.clearance)
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

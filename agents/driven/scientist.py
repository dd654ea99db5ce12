"""A scientist some or all of whose roles ask models."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gaseol.agents.driven.designer import ModelDesigner
from gaseol.agents.driven.experimentalist import ModelExperimentalist
from gaseol.agents.driven.form import Ready
from gaseol.agents.driven.hybrid import (
    MODEL_WAVES,
    OWN_WAVES,
    HybridDesigner,
    HybridReferee,
    HybridSceptic,
    HybridTheorist,
)
from gaseol.agents.driven.interpreter import ModelInterpreter
from gaseol.agents.driven.librarian import HybridLibrarian, ModelLibrarian
from gaseol.agents.driven.observer import ModelObserver
from gaseol.agents.driven.referee import ModelReferee
from gaseol.agents.driven.reviewer import ModelReviewer
from gaseol.agents.driven.reviser import HybridReviser, ModelReviser
from gaseol.agents.driven.role import ROLES
from gaseol.agents.driven.sceptic import ModelSceptic
from gaseol.agents.driven.suggester import ModelSuggester
from gaseol.agents.driven.theorist import ModelTheorist
from gaseol.agents.driven.writer import ModelWriter
from gaseol.agents.embedded import embedded
from gaseol.agents.embedded.librarian import EmbeddedLibrarian
from gaseol.agents.models.clearance import cleared, decisions
from gaseol.agents.models.door import ModelDoor
from gaseol.agents.models.profile import Profile, ProfileProblem, load_profile
from gaseol.agents.models.prompt import prompt
from gaseol.agents.models.schema import schema_of
from gaseol.agents.models.session import ModelSilent, Session
from gaseol.agents.models.transcript import Transcript, part
from gaseol.agents.roles import Librarian, Scientist
from gaseol.agents.tournament import EmbeddedReferee
from gaseol.scenarios.policy import Policy
from gaseol.tools.door import Door
from gaseol.tools.egress.reach import Reach
from gaseol.traces.nouns.hypothesis import Hypothesis
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.effects import Effects

_HYBRID = ("theorist", "sceptic", "librarian", "observer")
"""The roles that a model has beside the embedded scientist, unless others are named; the observer's
where it reads pictures."""
_SUGGESTION = "suggestion"
"""The instructions of whoever suggests cases."""


@dataclass(frozen=True)
class DrivenScientist(Scientist):
    """Roles on models. Before it joins a run, its roles are the embedded scientist's."""

    parts: Mapping[str, Profile] = field(default_factory=dict[str, Profile])
    """Role to the model that has it; roles that are not named are the embedded scientist's."""
    alone: bool = False
    """Without the embedded scientist's own hypotheses: for comparing, not for finding."""
    despite: str = ""
    """Why a use that a licence forbids is made all the same."""
    suggests: bool = True
    """Whether the theorist suggests cases to a campaign; those of earlier versions did not."""
    opened: Door | None = None
    """Answers instead of the servers: a script, a record, another library's model."""

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """The models, each once."""
        return tuple({p.name: p for p in self.parts.values()}.values())

    @property
    def waves(self) -> int:
        """So often hypotheses are thought of."""
        return OWN_WAVES if self.alone else OWN_WAVES + MODEL_WAVES

    def league(self, hypothesis: Hypothesis) -> int:
        """Return 1 for a model's hypothesis beside the embedded scientist's, which go before it."""
        if self.alone or "theorist" not in self.parts:
            return 0
        return int(hypothesis.proposed_by == f"theorist {self.parts['theorist'].name}")

    @property
    def _prompts(self) -> tuple[str, ...]:
        named = ("opening", *(name for role in self.parts for name in ROLES[role].prompts))
        return tuple(name for name in named if self.suggests or name != _SUGGESTION)

    @property
    def card(self) -> dict[str, Any]:
        """What `run.json` says of it: enough to drive the same code again."""
        return {
            "roles": {role: profile.name for role, profile in self.parts.items()},
            "profiles": {p.name: p.card for p in self.profiles},
            "alone": self.alone,
            "despite": self.despite,
            "prompts": {n: prompt(n).card for n in self._prompts},
        }

    @classmethod
    def of_card(cls, card: Any, name: str) -> "DrivenScientist":
        """Return the scientist of a run from what `run.json` says of it.

        Raises:
            ProfileProblem: this version does not understand it.
        """
        try:
            profiles = {n: Profile.of_card(p) for n, p in card["profiles"].items()}
            parts = {role: profiles[n] for role, n in card["roles"].items() if role in ROLES}
            made = _made(name, parts, alone=bool(card["alone"]), despite=str(card["despite"]))
            made = replace(made, suggests=_SUGGESTION in card["prompts"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ProfileProblem(f"run.json names models as no version does: {error!r}") from None
        return made

    def admitted(self, policy: Policy) -> None:
        """Hold the models against the policy before a run begins.

        Raises:
            NotCleared: one may not be asked this question.
        """
        cleared(decisions(self.profiles, policy, self.despite))

    def door(self, policy: Policy) -> Door:
        """Return who carries out what the roles ask."""
        if self.opened is not None:
            return self.opened
        return ModelDoor(self.profiles, Reach(policy.hosts, policy.private))

    def joined(self, effects: Effects, docket: Docket, policy: Policy) -> Scientist:
        """Put on record what the policy says of each model, see that it answers, and take part.

        Raises:
            ModelSilent: a model does not answer.
        """
        for decision in decisions(self.profiles, policy, self.despite):
            effects.record(decision)
        sessions = {p.name: Session(p, effects, docket) for p in self.profiles}
        for session in sessions.values():
            _greeted(session)
        at = {role: sessions[profile.name] for role, profile in self.parts.items()}
        whole = replace(self, librarian=_librarian(at, effects, alone=self.alone))
        if "theorist" in at and self.suggests:
            whole = replace(whole, suggester=ModelSuggester(at["theorist"]))
        at.pop("librarian", None)
        if "observer" in at:
            # a server that takes no pictures after all is silent to the observer alone
            at["observer"] = Session(self.parts["observer"], effects, docket)
        return _alone(whole, at) if self.alone else _beside(whole, at, docket)


def driven(
    spec: str, *, despite: str = "", profiles: Mapping[str, Profile] | None = None
) -> DrivenScientist:
    """Return a scientist by what was asked for.

    Args:
        spec: `PROFILE`, or roles with profiles as in `theorist=A,sceptic=B`; `alone:` before it
            leaves out the embedded scientist's own hypotheses.
        despite: why a use that a licence forbids is made all the same.
        profiles: by name; by default those that the user keeps.

    Raises:
        ProfileProblem: there is no such profile or role.
    """
    alone = spec.startswith("alone:")
    names: dict[str, str] = {}
    whole: str | None = None
    for word in spec.removeprefix("alone:").split(","):
        role, equals, name = word.partition("=")
        if not equals:
            whole = role
        elif role not in ROLES:
            raise ProfileProblem(f"'{role}' is no role; there are {', '.join(ROLES)}")
        else:
            names[role] = name
    wanted = [*names.values()] if whole is None else [*names.values(), whole]
    found = {n: profiles[n] if profiles and n in profiles else load_profile(n)
             for n in dict.fromkeys(wanted)}  # fmt: skip
    for role, name in names.items():
        if ROLES[role].vision and not found[name].vision:
            raise ProfileProblem(
                f"the {role} reads pictures, and {name} does not; name a model that does, or say so "
                f"of it: gaseol model add {found[name].url} --name {name} --vision --replace"
            )
    if whole is not None:
        named = tuple(ROLES) if alone else _HYBRID
        own = [r for r in named if found[whole].vision or not ROLES[r].vision]
        names = {**dict.fromkeys(own, whole), **names}
    return _made(spec, {r: found[n] for r, n in names.items()}, alone=alone, despite=despite)


def _made(name: str, parts: Mapping[str, Profile], *, alone: bool, despite: str) -> DrivenScientist:
    own = embedded()
    return DrivenScientist(
        name=name,
        theorist=own.theorist,
        sceptic=own.sceptic,
        designer=own.designer,
        interpreter=own.interpreter,
        writer=own.writer,
        parts={role: parts[role] for role in ROLES if role in parts},
        alone=alone,
        despite=despite,
    )


def _alone(whole: Scientist, at: Mapping[str, Session]) -> Scientist:
    roles: dict[str, Any] = {role: _MADE[role](session) for role, session in at.items()}
    if "theorist" in at:
        roles["reviser"] = ModelReviser(roles["theorist"])
    if "sceptic" in at:
        roles["referee"] = ModelReferee(at["sceptic"])
    if "interpreter" in at:
        roles["reviewer"] = ModelReviewer(at["interpreter"])
    return replace(whole, **roles)


_MADE: dict[str, Any] = {
    "theorist": ModelTheorist,
    "sceptic": ModelSceptic,
    "designer": ModelDesigner,
    "experimentalist": ModelExperimentalist,
    "interpreter": ModelInterpreter,
    "writer": ModelWriter,
    "observer": ModelObserver,
}


def _beside(whole: Scientist, at: Mapping[str, Session], docket: Docket) -> Scientist:
    roles: dict[str, Any] = {}
    if "theorist" in at:
        theorist = ModelTheorist(at["theorist"])
        asked = "sceptic" in at
        ranks = ModelSceptic(at["sceptic"]) if asked else whole.sceptic
        judges = ModelReferee(at["sceptic"]) if asked else EmbeddedReferee()
        roles = {
            "theorist": HybridTheorist(theorist),
            "sceptic": HybridSceptic(ranks, theorist.by),
            "designer": HybridDesigner(docket, theorist.by),
            "reviser": HybridReviser(ModelReviser(theorist)),
            "referee": HybridReferee(judges, theorist.by),
        }
    taken = ("theorist", "sceptic") if roles else ()
    others = {role: session for role, session in at.items() if role not in taken}
    rest = {role: hybrid for role, hybrid in roles.items() if role not in others}
    return replace(_alone(whole, others), **rest)


def _librarian(at: Mapping[str, Session], effects: Effects, *, alone: bool) -> Librarian | None:
    if "librarian" not in at:
        return None
    model = ModelLibrarian(at["librarian"])
    return model if alone else HybridLibrarian(EmbeddedLibrarian(effects), model)


def _greeted(session: Session) -> None:
    """Ask whether the model is there, so that a run without it ends before it has cost anything."""
    profile = session.profile
    shown = Transcript((part("Wanted", ['Answer {"ready": "yes"}.'], kept=True),))
    found = session.ask("opening", prompt("opening"), shown, Ready, schema_of(Ready))
    if not found.answered:
        raise ModelSilent(f"{profile.name} cannot take part: {found.reason}")

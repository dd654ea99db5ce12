"""A theorist that asks a model, and lets through only what can be tested."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from gaseol.agents.briefing import Briefing
from gaseol.agents.driven import exhibit
from gaseol.agents.driven.form import Ideas
from gaseol.agents.driven.idea import Ground, Judged, judge
from gaseol.agents.embedded import grammar
from gaseol.agents.models.prompt import prompt
from gaseol.agents.models.schema import schema_of
from gaseol.agents.models.session import Session
from gaseol.agents.models.transcript import Part, Transcript, part
from gaseol.agents.roles import Review
from gaseol.agents.wording import nothing, say
from gaseol.traces.nouns.hypothesis import Curve, Hypothesis, Law
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.event import HypothesisProposed, HypothesisTurnedAway

Matter = Literal["all", "laws", "effects"]
_NEEDS = {
    "trend": "variable",
    "group": "variable",
    "label": "labelled",
    "change": "change",
    "law": "quantity",
}
"""Kind of an idea to the field without whose choices it was not asked for."""
_IDEAS = 6


@dataclass(frozen=True)
class _Asked:
    """What is asked of a model, and how many ideas are wanted."""

    prompt: str
    most: int
    least: int = 1
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class ModelTheorist:
    """Asks one model for ideas."""

    session: Session

    @property
    def by(self) -> str:
        """The provenance of its hypotheses."""
        return f"theorist {self.session.profile.name}"

    def propose(self, briefing: Briefing, docket: Docket) -> Sequence[Hypothesis]:
        """Return the asker's beliefs at first, and what the model proposes."""
        first = not docket.hypotheses
        beliefs = list(_beliefs(briefing)) if first else []
        return [*beliefs, *self.ideas(briefing, docket, beliefs)]

    def ideas(
        self,
        briefing: Briefing,
        docket: Docket,
        beside: Sequence[Hypothesis] = (),
        matter: Matter = "all",
    ) -> list[Hypothesis]:
        """Return the model's testable ideas; the others go on record with the reason at once.

        Args:
            briefing: what is known.
            docket: what was proposed before.
            beside: proposed in the same pool, not yet on record.
            matter: what kinds of ideas are asked for.
        """
        slots = briefing.maximum - len(docket.registrations) - len(beside)
        # rivals are asked for; one idea alone is taken all the same
        asked = _Asked("theorist", min(slots, _IDEAS), least=min(2, slots))
        return self._heard(briefing, docket, beside, matter, asked)

    def revised(
        self,
        briefing: Briefing,
        docket: Docket,
        parents: Sequence[Hypothesis],
        review: Review,
        most: int,
        beside: Sequence[Hypothesis] = (),
    ) -> list[Hypothesis]:
        """Return testable ideas that are made of others.

        Args:
            briefing: what is known.
            docket: what was proposed before.
            parents: what they are to be made of, strongest first.
            review: what the next ideas should speak of.
            most: how many are wanted.
            beside: proposed in the same pool, not yet on record.
        """
        if not parents:
            return []
        parts = [part("Strong hypotheses", [f"{p.id}: {p.statement}" for p in parents], kept=True)]
        for title, names in (("Speak of", review.focus), ("Leave alone", review.avoid)):
            parts += [part(title, [", ".join(names)])] if names else []
        asked = _Asked("reviser", min(most, _IDEAS), parts=tuple(parts))
        found = self._heard(briefing, docket, beside, "all", asked)
        ids = tuple(p.id for p in parents)
        return [child.model_copy(update={"parents": ids}) for child in found]

    def _heard(
        self,
        briefing: Briefing,
        docket: Docket,
        beside: Sequence[Hypothesis],
        matter: Matter,
        asked: "_Asked",
    ) -> list[Hypothesis]:
        """Ask for ideas and return those that can be tested."""
        ground = Ground.of(briefing)
        choices = _choices(briefing, ground, matter)
        if not any(choices[k] for k in ("variable", "labelled", "change", "quantity")):
            return []
        if asked.most <= 0:
            return []
        transcript = Transcript(
            (
                exhibit.question(briefing),
                exhibit.variables(briefing, ground),
                *exhibit.changes(briefing, ground),
                *exhibit.pilot(briefing),
                *exhibit.lessons(briefing),
                *exhibit.literature(briefing),
                *exhibit.observations(briefing),
                *asked.parts,
                *exhibit.proposed(docket, beside),
                *exhibit.turned_away(docket),
                part("Wanted", [f"{asked.most} hypotheses at most."], kept=True),
            )
        )
        schema = schema_of(Ideas, choices)
        schema["properties"]["ideas"] |= {"minItems": asked.least, "maxItems": asked.most}
        found = self.session.ask("theorist", prompt(asked.prompt), transcript, Ideas, schema)
        if found.answer is None:
            return []
        known = [h.relation for h in (*docket.hypotheses.values(), *beside)]
        judged: list[Judged] = []
        for idea in found.answer.ideas:
            one = judge(idea, briefing, ground, [*known, *(j.relation for j in judged)])
            if not one.reason and not choices[_NEEDS[idea.kind]]:
                # the schema leaves such a kind out, but not every server holds a model to it
                one = replace(one, reason=f"no {idea.kind} was asked for here")
            judged.append(one)
        return self._sorted(judged, briefing, docket, len(beside))

    def _sorted(
        self, judged: Sequence[Judged], briefing: Briefing, docket: Docket, beside: int
    ) -> list[Hypothesis]:
        """Put what cannot be tested on record, and return the rest."""
        kept: list[Hypothesis] = []
        seen = tuple(docket.measurements)
        number = len(docket.hypotheses) + beside
        for each in judged:
            number += 1
            hypothesis = Hypothesis(
                id=f"h{number}",
                statement=say(each.relation, briefing),
                relation=each.relation,
                mechanism=each.why,
                proposed_by=self.by,
                bits=round(grammar.bits(each.relation, briefing), 6),
            )
            if not each.reason:
                kept.append(hypothesis)
                continue
            told = hypothesis.model_copy(update={"seen": seen})
            self.session.effects.record(HypothesisProposed(hypothesis=told))
            self.session.effects.record(
                HypothesisTurnedAway(hypothesis=hypothesis.id, reason=each.reason)
            )
        return kept


def _beliefs(briefing: Briefing) -> Iterator[Hypothesis]:
    """Return what the asker wants tested, and the rivals that laws and curves need."""
    made: list[tuple[str, Any, str, str]] = [
        (b.statement, b.relation, b.mechanism, "scenario") for b in briefing.beliefs
    ]
    link = "identity" if briefing.rival_link == "identity" else "log"
    for rival in briefing.rivals:
        curve = Curve(rival=rival, link=link)
        made.append((say(curve, briefing), curve, "", "theorist"))
    if briefing.laws or briefing.rivals:
        link = briefing.laws.link if briefing.laws else link
        said, why = nothing(briefing)
        made.append((said, Law(link=link), why, "theorist"))
    for number, (statement, relation, mechanism, by) in enumerate(made, start=1):
        yield Hypothesis(
            id=f"h{number}",
            statement=statement,
            relation=relation,
            mechanism=mechanism,
            proposed_by=by,
            bits=round(grammar.bits(relation, briefing), 6),
        )


def _choices(briefing: Briefing, ground: Ground, matter: Matter) -> dict[str, Sequence[Any]]:
    """Return what each field of an idea may say; a kind whose fields may say nothing falls away."""
    laws_only = not briefing.explore and not any(
        b.relation.kind in ("trend", "groups", "change") for b in briefing.beliefs
    )
    effects = matter != "laws" and not (laws_only and (briefing.laws or briefing.rivals))
    numbers = ground.numbers if effects else ()
    labels = ground.labels if effects else {}
    return {
        "variable": numbers,
        "at_equal": tuple(briefing.variables),
        "labelled": tuple(labels),
        "label": tuple(dict.fromkeys(str(v) for values in labels.values() for v in values)),
        "change": ground.changes if effects else (),
        "quantity": ground.laws if matter != "effects" else (),
        "form": briefing.laws.factors if briefing.laws and briefing.laws.link == "log" else (),
        "inputs": ground.laws,
    }

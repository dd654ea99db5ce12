"""Proposes: the asker's beliefs, then what the grammar makes of the variables."""

import itertools
import math
from collections.abc import Iterator, Sequence

from gaseol.agents.briefing import Briefing
from gaseol.agents.embedded import grammar
from gaseol.agents.embedded.likeness import alike, predictions
from gaseol.agents.embedded.pilot import Floats
from gaseol.agents.embedded.suggestion import suggested
from gaseol.agents.wording import change as say_change
from gaseol.agents.wording import equal, nothing, say
from gaseol.scenarios.hypotheses import Laws
from gaseol.traces.language import words
from gaseol.traces.nouns.hypothesis import (
    Change,
    Curve,
    Direction,
    Groups,
    Hypothesis,
    Law,
    Match,
    Relation,
    Trend,
)
from gaseol.traces.nouns.verdict import Ruling
from gaseol.traces.record.docket import Docket


class EmbeddedTheorist:
    """Enumerates a grammar; directions and laws are suggested by the pilot alone."""

    def propose(self, briefing: Briefing, docket: Docket) -> Sequence[Hypothesis]:
        """Return the first pool, or, once there are verdicts, what follows from them."""
        first = not docket.hypotheses
        ideas = self._first(briefing) if first else self._refine(briefing, docket)
        known = {h.relation.model_dump_json() for h in docket.hypotheses.values()}
        pool: list[Hypothesis] = []
        for statement, relation, mechanism, by, parents in ideas:
            key = relation.model_dump_json()
            if key in known:
                continue
            known.add(key)
            lesson = briefing.refuted(relation)
            if lesson and by != "scenario":
                where = f"{lesson.run}, event {lesson.events[0]}"
                t = words(briefing.language)
                why = t("Refuted in an earlier run ({where}), so tried last.", where=where)
                mechanism = f"{mechanism} {why}".strip()
            pool.append(
                Hypothesis(
                    id=f"h{len(docket.hypotheses) + len(pool) + 1}",
                    statement=statement,
                    relation=relation,
                    mechanism=mechanism,
                    proposed_by=by,
                    parents=parents,
                    bits=round(grammar.bits(relation, briefing), 6),
                )
            )
        return pool

    def _first(self, briefing: Briefing) -> Iterator["_Idea"]:
        for belief in briefing.beliefs:
            yield belief.statement, belief.relation, belief.mechanism, "scenario", ()
        for rival in briefing.rivals:
            link = "identity" if briefing.rival_link == "identity" else "log"
            yield (
                briefing.rival_statement.replace("{rival}", rival),
                Curve(rival=rival, link=link),
                "",
                "theorist",
                (),
            )
        if briefing.laws or briefing.rivals:
            link = briefing.laws.link if briefing.laws else briefing.rival_link
            said, why = nothing(briefing)
            yield said, Law(link="identity" if link == "identity" else "log"), why, "theorist", ()
        if briefing.laws:
            yield from self._laws(briefing)
        if briefing.explore:
            yield from self._trends(briefing)
            yield from self._changes(briefing)

    def _laws(self, briefing: Briefing) -> Iterator["_Idea"]:
        assert briefing.laws is not None
        scored: list[tuple[float, Law]] = []
        n = len(briefing.pilot)
        if _wide(briefing.laws):
            scored = _apart(suggested(briefing.laws, briefing), briefing, briefing.laws.propose)
        for law in () if scored else grammar.laws(briefing.laws):
            spread = grammar.pilot_fit(law, briefing)
            if spread is not None:
                scored.append((n * _log2(spread) + grammar.bits(law, briefing), law))
        scored.sort(key=lambda item: item[0])
        for _, law in scored[: briefing.laws.propose]:
            why = words(briefing.language)("Suggested by the pilot.")
            yield say(law, briefing), law, why, "theorist", ()

    def _trends(self, briefing: Briefing) -> Iterator["_Idea"]:
        explore = briefing.explore
        assert explore is not None
        t = words(briefing.language)
        for name, variable in briefing.variables.items():
            if not variable.explore:
                continue
            matching = tuple(m for m in explore.matching if m.variable != name)
            described = variable.description or name.replace("_", " ")
            if variable.among:
                for cut in grammar.group_cuts(name, briefing):
                    groups = Groups(
                        inside=(cut,),
                        direction=explore.direction,
                        matching=matching,
                        where=explore.where,
                    )
                    about = {"words": described, "labels": ", ".join(map(str, cut.among or ())),
                             "outcome": briefing.outcome}  # fmt: skip
                    if explore.direction == "raises":
                        said = t("{words} = {labels} raises {outcome}", **about)
                    else:
                        said = t("{words} = {labels} lowers {outcome}", **about)
                    said = equal(said, (m.variable for m in matching), briefing)
                    yield said, groups, "", "theorist", ()
                continue
            share = grammar.concordance(name, briefing)
            direction: Direction = explore.direction
            way, cites = briefing.said(name)
            if share is not None and share != 0.5:
                direction = "raises" if share > 0.5 else "lowers"
            elif way:
                direction = "raises" if way == "raises" else "lowers"
            mechanism = f"Others say that it {way} it: {', '.join(cites[:3])}." if way else ""
            trend = Trend(
                variable=name, direction=direction, matching=matching, where=explore.where
            )
            said = say(trend.model_copy(update={"where": ()}), briefing)
            yield said, trend, mechanism, "theorist", ()

    def _changes(self, briefing: Briefing) -> Iterator["_Idea"]:
        explore = briefing.explore
        assert explore is not None
        frequent = sorted(briefing.changes, key=lambda c: (-briefing.changes[c], c))
        for change in frequent[: explore.changes]:
            made = Change(change=change, direction=explore.direction, where=explore.where)
            yield (
                say_change(made, briefing),
                made,
                "",
                "theorist",
                (),
            )

    def _refine(self, briefing: Briefing, docket: Docket) -> Iterator["_Idea"]:
        """Of two supported trends ask whether each holds at equal values of the other."""
        supported = [
            h
            for h in docket.hypotheses.values()
            if (crossing := docket.crossings.get(h.id)) is not None
            and crossing.ruling is Ruling.SUPPORTED
            and isinstance(h.relation, Trend)
            and len(h.parents) == 0
        ]
        t = words(briefing.language)
        for a, b in itertools.permutations(supported, 2):
            one, other = a.relation, b.relation
            assert isinstance(one, Trend)
            assert isinstance(other, Trend)
            held = {m.variable for m in one.matching}
            if other.variable in held or other.variable == one.variable:
                continue
            within = other.minimum_difference / 4
            finer = one.model_copy(
                update={"matching": (*one.matching, Match(variable=other.variable, within=within))}
            )
            yield (
                t(
                    "{statement}, also at equal {name}",
                    statement=a.statement,
                    name=other.variable.replace("_", " "),
                ),
                finer,
                t(
                    "Two supported trends: does the first only stand for the second ({other})?",
                    other=b.id,
                ),
                "theorist",
                (a.id, b.id),
            )


_LOOKED = 100
"""Suggestions looked through for laws that can be told apart."""
_Idea = tuple[str, Relation, str, str, tuple[str, ...]]


def _wide(laws: Laws) -> bool:
    """Tell whether the pilot suggests more than products of the grammar's powers."""
    return laws.link == "log" and bool(laws.factors or laws.responses or laws.fitted)


def _apart(
    scored: Sequence[tuple[float, Law]], briefing: Briefing, count: int
) -> list[tuple[float, Law]]:
    """Return the first laws that can be told apart: in a wide grammar the best are often twins."""
    if not scored:
        return []
    left = [s for _, law in scored[:_LOOKED] if (s := grammar.pilot_fit(law, briefing)) is not None]
    kept: list[tuple[tuple[float, Law], Floats | None]] = []
    for each in scored[:_LOOKED]:
        curve = predictions(each[1], briefing)
        if curve is not None and not any(
            k is not None and alike(curve, k, min(left, default=None)) for _, k in kept
        ):
            kept.append((each, curve))
        if len(kept) == count:
            break
    return [each for each, _ in kept]


def _log2(x: float) -> float:
    return math.log2(max(x, 1e-12))

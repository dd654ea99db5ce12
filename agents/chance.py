"""A scientist that proposes and designs by lot: what is found without thinking at all.

It has the asker's beliefs, as every scientist has, and fills the other slots from the same grammar by
lot. The run's seed decides; the rules of registration and judging are everybody's.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from gaseol.agents.briefing import Briefing
from gaseol.agents.embedded import grammar
from gaseol.agents.embedded.interpreter import EmbeddedInterpreter
from gaseol.agents.embedded.sceptic import EmbeddedSceptic
from gaseol.agents.embedded.theorist import EmbeddedTheorist
from gaseol.agents.embedded.writer import EmbeddedWriter
from gaseol.agents.roles import Bench, Choice, Judgement, Option, Scientist
from gaseol.agents.wording import say
from gaseol.scenarios.hypotheses import Laws
from gaseol.traces.language import words
from gaseol.traces.nouns.hypothesis import Factor, Hypothesis, Law, Trend
from gaseol.traces.record.docket import Docket


class RandomTheorist:
    """Draws directions and laws by lot where the embedded theorist reads the pilot."""

    def propose(self, briefing: Briefing, docket: Docket) -> Sequence[Hypothesis]:
        """Return one pool: the embedded theorist's variables in any order, directions by lot."""
        if docket.hypotheses:
            return ()
        rng = np.random.default_rng([briefing.seed, 3])
        pool = list(EmbeddedTheorist().propose(briefing, docket))
        given = [h for h in pool if h.proposed_by == "scenario" or not _free(h)]
        drawn = [self._redrawn(h, briefing, rng) for h in pool if h not in given]
        order = [drawn[i] for i in rng.permutation(len(drawn))]
        return [
            h.model_copy(update={"id": f"h{i}"}) for i, h in enumerate([*given, *order], start=1)
        ]

    def _redrawn(
        self, hypothesis: Hypothesis, briefing: Briefing, rng: np.random.Generator
    ) -> Hypothesis:
        relation = hypothesis.relation
        if isinstance(relation, Law) and briefing.laws:
            laws = list(grammar.laws(briefing.laws))
            law = laws[int(rng.integers(len(laws)))]
            if briefing.laws.factors and briefing.laws.link == "log":
                law = _with_factor(law, briefing.laws, rng)
            return hypothesis.model_copy(
                update={
                    "relation": law,
                    "statement": say(law, briefing),
                    "mechanism": words(briefing.language)("Drawn by lot."),
                    "bits": round(grammar.bits(law, briefing), 6),
                }
            )
        assert isinstance(relation, Trend)
        raises = bool(rng.integers(2))
        trend = relation.model_copy(update={"direction": "raises" if raises else "lowers"})
        return hypothesis.model_copy(
            update={
                "relation": trend,
                "statement": say(trend, briefing),
                "mechanism": words(briefing.language)("Drawn by lot."),
            }
        )


def _with_factor(law: Law, settings: Laws, rng: np.random.Generator) -> Law:
    """Return a law with none of the factors that it may have, or one of them, all as likely."""
    drawn = int(rng.integers(len(settings.factors) + 1))
    if drawn == len(settings.factors):
        return law
    form = settings.factors[drawn]
    wanted = 2 if form in ("sum", "difference") else 1
    if len(settings.variables) < wanted:
        return law
    places = rng.permutation(len(settings.variables))[:wanted]
    names = tuple(settings.variables[i] for i in sorted(places))
    # the grammar's own: only the rate of an exponential may be less than nothing
    exponents = [e for e in settings.exponents if e > 0 or form == "exp"] or [1.0]
    exponent = float(exponents[int(rng.integers(len(exponents)))])
    factor = Factor(form=form, variables=names, exponent=exponent)
    return law.model_copy(update={"factor": factor})


def _free(hypothesis: Hypothesis) -> bool:
    """Tell whether the embedded theorist chose something of it by the pilot."""
    relation = hypothesis.relation
    return isinstance(relation, Trend) or (
        isinstance(relation, Law) and bool(relation.weights or relation.factor)
    )


class RandomReferee:
    """Tosses a coin for every judgement; positions swapped, half of the pairs come out as draws."""

    def compare(
        self, briefing: Briefing, pairs: Sequence[tuple[Hypothesis, Hypothesis]], docket: Docket
    ) -> Sequence[Judgement]:
        """Return a judgement for each pair."""
        rng = np.random.default_rng([briefing.seed, 5, len(docket.pairings)])
        sides: tuple[Literal["first", "second"], ...] = ("first", "second")
        return [Judgement(sides[int(rng.integers(2))], "drawn by lot") for _ in pairs]


class RandomDesigner:
    """Takes options by lot; the draws of a hypothesis stay in their sealed order."""

    def design(self, briefing: Briefing, bench: Bench) -> Sequence[Choice]:
        """Return at most a batch of the options."""
        rng = np.random.default_rng([briefing.seed, 4, _state(bench)])
        waiting = [bench.options[i] for i in rng.permutation(len(bench.options))]
        taken: dict[str, int] = {}
        chosen: list[Option] = []
        while waiting and len(chosen) < bench.batch:
            due = (o for o in waiting if o.ahead == taken.get(o.hypotheses[0], 0))
            option = next(due, None)
            if option is None:
                break
            waiting.remove(option)
            taken[option.hypotheses[0]] = option.ahead + 1
            chosen.append(option)
        return [Choice(option, expected_information=0.0) for option in chosen]


def _state(bench: Bench) -> int:
    return sum(len(s.outcomes) for s in bench.standings.values()) + len(bench.history)


def chance() -> Scientist:
    """Return the scientist that draws lots."""
    return Scientist(
        name="random",
        theorist=RandomTheorist(),
        sceptic=EmbeddedSceptic(),
        designer=RandomDesigner(),
        interpreter=EmbeddedInterpreter(),
        writer=EmbeddedWriter(),
        searches="blind",
        referee=RandomReferee(),
    )

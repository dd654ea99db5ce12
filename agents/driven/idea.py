"""From a form that a model filled in to a relation that can be tested, or to why it cannot be."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gaseol.agents.briefing import Briefing
from gaseol.agents.driven.form import (
    Bound,
    ChangeIdea,
    GroupIdea,
    Idea,
    LabelIdea,
    LawIdea,
    Quantity,
    Shape,
    TrendIdea,
)
from gaseol.tools.units import UnitError, convert
from gaseol.traces.nouns.hypothesis import (
    Cell,
    Change,
    Condition,
    Curve,
    Factor,
    Groups,
    Law,
    Match,
    Relation,
    Trend,
)

_STEEPEST = 12
"""No exponent of a law is larger."""
_SLOPE = 1e100
"""No slope of a sum is larger: squares of what it says stay finite."""
_LARGEST = 1e300
"""What is added up of one variable stays finite, so that it can be put on record as it was said."""


@dataclass(frozen=True)
class Judged:
    """An idea as a relation, and why it is turned away; empty where it can be tested."""

    relation: Relation
    why: str
    reason: str = ""


@dataclass(frozen=True)
class Ground:
    """What there is to speak of."""

    numbers: tuple[str, ...]
    """Variables that are numbers and differ between cases."""
    labels: dict[str, tuple[str | int | bool, ...]]
    """Labelled variables and their labels."""
    laws: tuple[str, ...]
    changes: tuple[str, ...]

    @classmethod
    def of(cls, briefing: Briefing) -> "Ground":
        """Return what a briefing offers."""
        numbers: list[str] = []
        labels: dict[str, tuple[str | int | bool, ...]] = {}
        for name, spec in briefing.variables.items():
            cells = [c for c in briefing.population.columns.get(name, ()) if c is not None]
            kinds = dict.fromkeys(cells)
            words = tuple(c for c in kinds if isinstance(c, str | bool))
            if spec.among:
                labels[name] = spec.among
            elif words and len(kinds) <= 24:
                labels[name] = tuple(sorted(words, key=str))
            elif len(kinds) > 1 and all(
                isinstance(c, int | float) and not isinstance(c, bool) for c in kinds
            ):
                numbers.append(name)
        laws = tuple(briefing.laws.variables) if briefing.laws else ()
        frequent = sorted(briefing.changes, key=lambda c: (-briefing.changes[c], c))
        return cls(tuple(numbers), labels, laws, tuple(frequent[:40]))


class _Untestable(ValueError):
    """Why an idea cannot be tested."""


def judge(idea: Idea, briefing: Briefing, ground: Ground, known: Iterable[Relation]) -> Judged:
    """Return an idea as a relation, held against what there is and what was proposed before."""
    relation = _relation(idea, briefing, ground)
    try:
        _checked(idea, briefing, ground)
        relation = _converted(idea, briefing, relation)
        _fresh(relation, known)
    except _Untestable as reason:
        return Judged(relation, idea.why, str(reason))
    return Judged(relation, idea.why)


def _relation(idea: Idea, briefing: Briefing, ground: Ground) -> Relation:
    """Return the relation as it was said, before any of it is checked."""
    match idea:
        case TrendIdea():
            return Trend(
                variable=idea.variable,
                direction=idea.direction,
                minimum_difference=max(idea.difference.value, 0.0) if idea.difference else 0.0,
                matching=_matching(idea.at_equal),
                where=tuple(_condition(b, b.limit.value) for b in idea.where),
            )
        case GroupIdea():
            inside = tuple(_condition(b, b.limit.value) for b in idea.inside)
            return Groups(
                inside=inside, direction=idea.direction, matching=_matching(idea.at_equal)
            )
        case LabelIdea():
            known = ground.labels.get(idea.inside.labelled, ())
            label = next((k for k in known if str(k) == idea.inside.label), idea.inside.label)
            return Groups(
                inside=(Condition(variable=idea.inside.labelled, among=(label,)),),
                direction=idea.direction,
                matching=_matching(idea.at_equal),
            )
        case ChangeIdea():
            where = briefing.explore.where if briefing.explore else ()
            return Change(change=idea.change, direction=idea.direction, where=where)
        case LawIdea():
            weights: dict[str, float] = {}
            for power in idea.factors:
                total = weights.get(power.quantity, 0.0) + power.exponent
                weights[power.quantity] = round(min(max(total, -_LARGEST), _LARGEST), 6)
            link = briefing.laws.link if briefing.laws else "log"
            factor = None
            if idea.shape is not None:
                inputs = tuple(idea.shape.inputs)
                exponent = round(min(max(idea.shape.exponent, -_LARGEST), _LARGEST), 6)
                factor = Factor(form=idea.shape.form, variables=inputs, exponent=exponent)
            kept = {n: w for n, w in weights.items() if w}
            return Law(link=link, weights=kept, factor=factor)


def _matching(names: Sequence[str]) -> tuple[Match, ...]:
    return tuple(Match(variable=name) for name in dict.fromkeys(names))


def _condition(bound: Bound, value: float) -> Condition:
    sides = {bound.side: value}
    return Condition(
        variable=bound.variable,
        at_least=sides.get("at_least"),
        at_most=sides.get("at_most"),
    )


def _checked(idea: Idea, briefing: Briefing, ground: Ground) -> None:
    """Hold every name against what there is.

    Raises:
        _Untestable: one is not there.
    """
    match idea:
        case TrendIdea():
            _known(idea.variable, ground.numbers, "number that differs between cases")
            for bound in idea.where:
                _known(bound.variable, ground.numbers, "number that differs between cases")
            if idea.difference and idea.difference.value < 0:
                raise _Untestable("a difference of less than nothing")
            _equal(idea.at_equal, [idea.variable], briefing)
        case GroupIdea():
            for bound in idea.inside:
                _known(bound.variable, ground.numbers, "number that differs between cases")
            _equal(idea.at_equal, [b.variable for b in idea.inside], briefing)
        case LabelIdea():
            _known(idea.inside.labelled, tuple(ground.labels), "variable with labels")
            labels = tuple(map(str, ground.labels[idea.inside.labelled]))
            _known(idea.inside.label, labels, f"label of '{idea.inside.labelled}'")
            _equal(idea.at_equal, [idea.inside.labelled], briefing)
        case ChangeIdea():
            _known(idea.change, tuple(briefing.changes), "structural change between these cases")
        case LawIdea():
            log = briefing.laws is None or briefing.laws.link == "log"
            what, most = ("an exponent", _STEEPEST) if log else ("a slope", _SLOPE)
            totals: dict[str, float] = {}
            for power in idea.factors:
                total = totals[power.quantity] = totals.get(power.quantity, 0.0) + power.exponent
                if briefing.laws and max(abs(power.exponent), abs(total)) > most:
                    raise _Untestable(f"{what} of {total:g} is beyond {most:g}")
                _known(power.quantity, ground.laws, "variable of this scenario's laws")
            if idea.shape is not None:
                _shaped(idea.shape, briefing, ground)


def _shaped(shape: Shape, briefing: Briefing, ground: Ground) -> None:
    """Hold the factor of a law against the forms that the scenario's laws may have.

    Raises:
        _Untestable: it is none of them, or of too few or too many variables.
    """
    forms = briefing.laws.factors if briefing.laws and briefing.laws.link == "log" else ()
    _known(shape.form, forms, "form that a factor of this scenario's laws may have")
    for name in shape.inputs:
        _known(name, ground.laws, "variable of this scenario's laws")
    wanted = 2 if shape.form in ("sum", "difference") else 1
    if len(set(shape.inputs)) != wanted or len(shape.inputs) != wanted:
        raise _Untestable(f"a {shape.form} is of {wanted} variables, each once")
    if not 1e-6 <= abs(shape.exponent) <= _SLOPE or (
        wanted == 2 and abs(shape.exponent) > _STEEPEST
    ):
        raise _Untestable(f"the exponent of a {shape.form} cannot be {shape.exponent:g}")


def _known(name: str, names: Sequence[str], what: str) -> None:
    if name not in names:
        raise _Untestable(f"'{name[:80]}' is no {what}")


def _equal(names: Sequence[str], own: Sequence[str], briefing: Briefing) -> None:
    for name in names:
        _known(name, tuple(briefing.variables), "variable")
        if name in own:
            raise _Untestable(f"'{name}' cannot be equal in both cases and differ between them")


def _converted(idea: Idea, briefing: Briefing, relation: Relation) -> Relation:
    """Return the relation with its quantities in the units of their variables.

    Raises:
        _Untestable: a unit is none, or of another dimension; or a law says nothing somewhere.
    """
    match idea, relation:
        case TrendIdea(), Trend():
            gap = _in_unit(idea.difference, idea.variable, briefing) if idea.difference else 0.0
            where = tuple(
                _condition(b, _in_unit(b.limit, b.variable, briefing)) for b in idea.where
            )
            return relation.model_copy(update={"minimum_difference": gap, "where": where})
        case GroupIdea(), Groups():
            inside = tuple(
                _condition(b, _in_unit(b.limit, b.variable, briefing)) for b in idea.inside
            )
            return relation.model_copy(update={"inside": inside})
        case LawIdea(), Law():
            _covers(relation, briefing)
            return relation
        case _:
            return relation


def _in_unit(quantity: Quantity, variable: str, briefing: Briefing) -> float:
    unit = briefing.variables[variable].unit
    said = quantity.unit.strip() or "1"
    if said == unit:
        return quantity.value
    try:
        value = convert(quantity.value, said, unit)
    except UnitError as error:
        raise _Untestable(f"'{variable}' is in {unit}, not in '{said}': {error}") from None
    if not math.isfinite(value):
        raise _Untestable(f"{quantity.value:g} {said} is no number of {unit}")
    return value


def _covers(law: Law, briefing: Briefing) -> None:
    """Hold a law against the cases: one that is silent somewhere would take designs from all.

    Raises:
        _Untestable: it has no terms, or says nothing of some case.
    """
    if not law.weights and law.factor is None:
        raise _Untestable("its terms cancel: nothing is left but a constant")
    population = briefing.population
    silent = sum(1 for case in population.cases if not _says(law, population.row(case)))
    if silent:
        raise _Untestable(f"it says nothing of {silent} of {len(population)} cases")


def _says(law: Law, row: Mapping[str, Cell]) -> bool:
    """Tell whether a law says something of a case; a factor may vanish or go beyond all numbers."""
    numbers = law.numbers(row)
    if numbers is None:
        return False
    try:
        return math.isfinite(law.term(numbers))
    except OverflowError:
        return False


def _fresh(relation: Relation, known: Iterable[Relation]) -> None:
    """Hold a relation against those proposed before.

    Raises:
        _Untestable: it is one of them, or the opposite of one.
    """
    for other in known:
        if relation == other:
            raise _Untestable("it was proposed before")
        if (
            not isinstance(relation, Law | Curve)
            and not isinstance(other, Law | Curve)
            and relation == other.model_copy(update={"direction": relation.direction})
        ):
            raise _Untestable("it is the opposite of one proposed before, whose refutation says so")

"""Gathers what earlier runs teach: from records that verify and are sealed, and from nothing else."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gaseol.graphs.running.asked import Unreplayable, scenario_of, tools_of
from gaseol.scenarios.policy import CONFIDENTIALITY
from gaseol.scenarios.scenario import Scenario
from gaseol.traces.nouns.lesson import Lesson
from gaseol.traces.nouns.verdict import Ruling
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.trace import NotARun, Trace
from gaseol.traces.report.text import cut
from gaseol.traces.shelf import runs
from gaseol.traces.verification.verifier import Integrity, verify

_SEALED = (Integrity.INTACT, Integrity.UNKNOWN_KEY, Integrity.WITHHELD)
_LESSONS = 40
"""Of each kind; of the newest runs first."""


class BadLesson(ValueError):
    """An earlier run from which nothing may be learnt here, and why."""


def learnt(scenario: Scenario, places: Sequence[Path] | None = ()) -> tuple[Lesson, ...]:
    """Return what earlier runs teach on a question, the newest first.

    Args:
        scenario: the question; its policy says whether lessons may be used.
        places: runs, or folders of runs; without any, those at home where the policy says `home`; None
            for nothing at all.

    Raises:
        BadLesson: the policy allows none, a record does not hold or is not sealed, its question was more
            confidential than this one, or nothing there speaks of this question.
        NotARun: there is no run in a place.
    """
    if places is None:
        return ()
    allowed = scenario.policy.lessons_allowed
    if places and allowed == "off":
        raise BadLesson(
            f"the question is {scenario.policy.confidentiality}, so lessons of earlier runs are off; "
            "its scenario may allow them with policy.lessons: asked"
        )
    found: list[Lesson] = []
    if places:
        for place in places:
            for folder in _runs(place):
                found += _of(folder, scenario, wanted=True)
        if not found:
            raise BadLesson(
                f"{', '.join(map(str, places))} teaches nothing on this question: no run there is of "
                f"'{scenario.name}', or had a tool of it that failed in every call"
            )
    elif allowed == "home":
        for folder in runs():
            found += _of(folder, scenario, wanted=False)
    return tuple(_distinct(found))


def lessons_of(run: dict[str, Any]) -> tuple[Lesson, ...]:
    """Return the lessons that a run was given, as its `run.json` has them.

    Raises:
        Unreplayable: this version does not understand one.
    """
    try:
        return tuple(Lesson.model_validate(each) for each in run.get("lessons", ()))
    except (TypeError, ValidationError) as error:
        raise Unreplayable(f"run.json holds a lesson as no version does: {error}") from None


def _runs(place: Path) -> list[Path]:
    if (place / "run.json").is_file():
        return [place]
    found = runs(place)
    if not found:
        raise NotARun(f"{place} holds no run to learn from")
    return found


def _of(folder: Path, scenario: Scenario, *, wanted: bool) -> list[Lesson]:
    """Return the lessons of a run; of one that nobody named, none where it is of another question."""
    trace = Trace(folder)
    try:
        asked = scenario_of(trace.run)
    except Unreplayable:
        if wanted:
            raise
        return []
    if asked.name != scenario.name and not wanted:
        return []
    checked = verify(folder)
    if not checked.holds:
        raise BadLesson(
            f"nothing is learnt from {folder}, which does not hold: {checked.problems[0]}"
        )
    if checked.integrity not in _SEALED:
        if wanted:
            raise BadLesson(
                f"nothing is learnt from {folder}, which is {checked.integrity.value}: only a run that "
                "has ended and is sealed says for good what came of it"
            )
        return []  # still running, or given up
    levels = [CONFIDENTIALITY.index(p.confidentiality) for p in (asked.policy, scenario.policy)]
    if levels[0] > levels[1]:
        if wanted:
            raise BadLesson(
                f"{folder} answered a question that is {asked.policy.confidentiality}; this one is "
                f"{scenario.policy.confidentiality}, and what it learns would leave that circle"
            )
        return []
    docket = Docket.of(trace)
    name = str(trace.run.get("id", folder.name))
    about = {"run": name, "head": checked.head}
    found = list(_failed(trace, docket, scenario, about))
    if asked.name == scenario.name and asked.measurement.name == scenario.measurement.name:
        found += [*_refuted(docket, about), *_costs(docket, checked.events, about)]
    return found


def _refuted(docket: Docket, about: dict[str, str]) -> Iterator[Lesson]:
    for hypothesis, verdict in docket.verdicts.items():
        if verdict.ruling is Ruling.REFUTED and hypothesis in docket.hypotheses:
            idea = docket.hypotheses[hypothesis]
            yield Lesson.model_validate({
                **about, "kind": "refuted", "relation": idea.relation,
                "events": (docket.positions[f"verdict:{hypothesis}"],),
                "said": f"refuted after {verdict.draws} draws: {cut(idea.statement)}",
            })  # fmt: skip


def _failed(
    trace: Trace, docket: Docket, scenario: Scenario, about: dict[str, str]
) -> Iterator[Lesson]:
    """Yield the tools of this question that gave no value at all, however often they were asked."""
    calls: dict[str, list[int]] = defaultdict(list)
    for at, measurement in docket.measurements.items():
        calls[measurement.tool].append(at)
    digests = trace.run.get("tools")
    for tool in tools_of(scenario):
        at = calls.get(tool, [])
        failures = [docket.measurements[i].failure for i in at]
        if not at or not all(failures):
            continue
        first = failures[0]
        assert first is not None
        yield Lesson.model_validate({
            **about, "kind": "tool", "tool": tool, "events": tuple(at[:3]),
            "digest": str(digests.get(tool, "")) if isinstance(digests, dict) else "",
            "said": f"{tool} failed in all of {len(at)} calls, first of all "
                    f"{first.kind.value.replace('_', ' ')}: {first.reason[:200]}",
        })  # fmt: skip


def _costs(docket: Docket, events: int, about: dict[str, str]) -> Iterator[Lesson]:
    ended = docket.ended
    if ended is None:
        return
    spent = ", ".join(
        f"{value:,.4g} {name.replace('_', ' ')}" for name, value in ended.cost.items() if value
    )
    yield Lesson.model_validate({
        **about, "kind": "cost", "events": (events - 1,),
        "said": f"ended {ended.status} after {spent or 'nothing'}",
    })  # fmt: skip


def _distinct(found: Sequence[Lesson]) -> Iterator[Lesson]:
    """Yield each hypothesis, tool and run once."""
    seen: set[str] = set()
    kinds: dict[str, int] = defaultdict(int)
    for lesson in found:
        what = lesson.relation.model_dump_json() if lesson.relation else lesson.tool or lesson.run
        if f"{lesson.kind}:{what}" in seen or kinds[lesson.kind] >= _LESSONS:
            continue
        seen.add(f"{lesson.kind}:{what}")
        kinds[lesson.kind] += 1
        yield lesson

"""The graph `discover`: a question becomes rival hypotheses, experiments and verdicts.

survey -> propose -> criticise -> register -> design -> measure -> weigh -> decide
decide -> design | propose | control;  control -> write -> audit
"""

import contextlib
from collections.abc import Callable
from typing import Any, Literal

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from pydantic import BaseModel, ConfigDict

from gaseol.agents.briefing import Briefing, Observed, Reading
from gaseol.graphs.benching import bench, beyond
from gaseol.graphs.gathering import gather
from gaseol.graphs.laboratory import Laboratory, OverBudget
from gaseol.graphs.measuring import measure
from gaseol.graphs.observing import PURPOSE, observe
from gaseol.graphs.people.consent import ask, spend_more
from gaseol.graphs.reading import sayings
from gaseol.graphs.registrar import Untestable, register_effect, register_laws
from gaseol.traces.evidence.judge import first_crossing
from gaseol.traces.nouns.experiment import Experiment
from gaseol.traces.nouns.hypothesis import Curve, Hypothesis, Law
from gaseol.traces.nouns.registration import Registration
from gaseol.traces.record.event import (
    Audited,
    Claimed,
    Crossed,
    ExperimentDesigned,
    HypothesisProposed,
    HypothesisRanked,
    HypothesisTurnedAway,
    Judged,
    PolicyDecided,
    Registered,
    Weighed,
)
from gaseol.traces.verification.auditor import audit as audit_claim

NAMED = 3
"""So many experiments are named that would come next."""


class State(BaseModel):
    """References only: ids of things that stand on the record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    wave: int = 0
    pool: tuple[str, ...] = ()
    """Proposed and not yet registered or turned away, in the order of their rank."""
    batch: tuple[str, ...] = ()
    """The experiments designed last."""
    next: Literal["experiment", "hypothesis", "stop"] = "experiment"
    status: Literal["done", "budget"] = "done"
    reason: str = ""
    would: tuple[str, ...] = ()
    """What would come next, had a limit not ended the run."""


Change = dict[str, Any]
Node = Callable[[State, Runtime[Laboratory]], Change]
Recorded = Callable[[str, Node], Node]


def survey_question(_: State, runtime: Runtime[Laboratory]) -> Change:
    """Gather the cases, measure the pilot, brief the scientist."""
    laboratory = runtime.context
    findings = laboratory.findings = gather(laboratory)
    measure(laboratory, [(case, 0) for case in findings.pilot], purpose="pilot")
    observe(laboratory)
    laboratory.briefing = brief(laboratory)
    return {"wave": 0}


def brief(laboratory: Laboratory) -> Briefing:
    """Return what the scientist is told: never the scenario itself, which knows the answer's place."""
    scenario, findings = laboratory.scenario, laboratory.surveyed
    docket = laboratory.docket
    pilot = {
        case: Reading(value, position)
        for (case, _, purpose), position in docket.readings.items()
        if purpose == "pilot" and (value := docket.measurements[position].value) is not None
    }
    rivals = scenario.hypotheses.rivals
    return Briefing(
        question=scenario.question,
        outcome=scenario.measurement.name,
        unit=scenario.measurement.unit,
        variables=scenario.variables,
        population=findings.population,
        maximum=scenario.hypotheses.maximum,
        alpha=scenario.hypotheses.alpha,
        delta=scenario.hypotheses.delta,
        seed=laboratory.seed,
        beliefs=scenario.hypotheses.beliefs,
        explore=scenario.hypotheses.explore,
        laws=scenario.hypotheses.laws,
        changes={change: len(pairs) for change, pairs in findings.changes.items()},
        rivals=findings.rivals,
        rival_statement=rivals.statement if rivals else "{rival}",
        rival_link=rivals.link if rivals else "log",
        pilot=pilot,
        language=scenario.language or "en",
        lessons=laboratory.lessons,
        literature=sayings(laboratory),
        noise=findings.noise,
        observations=tuple(
            Observed(case, m.quantity, m.value, m.unit, position)
            for (case, _, purpose), position in docket.readings.items()
            if purpose == PURPOSE and (m := docket.measurements[position]).value is not None
        ),
    )


def propose(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Let the theorist propose; every idea goes on record, also those that fail later."""
    laboratory = runtime.context
    laboratory.tell("think")
    ideas = laboratory.scientist.theorist.propose(laboratory.briefed, laboratory.docket)
    # what the proposer could see is for the record to say, not for the proposer
    shown = tuple(laboratory.docket.measurements)
    for idea in ideas:
        seen = () if idea.proposed_by == "scenario" else shown
        hypothesis = idea.model_copy(update={"seen": seen})
        laboratory.effects.record(HypothesisProposed(hypothesis=hypothesis))
    laboratory.tell("propose")
    return {"wave": state.wave + 1, "pool": tuple(h.id for h in ideas)}


def criticise(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Let the sceptic turn away duplicates and rank the rest."""
    laboratory = runtime.context
    pool = [laboratory.docket.hypotheses[name] for name in state.pool]
    criticisms = laboratory.scientist.sceptic.criticise(laboratory.briefed, pool)
    total = sum(c.prior for c in criticisms if not c.reason) or 1.0
    for criticism in criticisms:
        if criticism.reason:
            laboratory.effects.record(
                HypothesisTurnedAway(hypothesis=criticism.hypothesis, reason=criticism.reason)
            )
    kept = [c for c in criticisms if not c.reason]
    if kept:
        laboratory.effects.record(
            HypothesisRanked(
                order=tuple(c.hypothesis for c in kept),
                priors=tuple(c.prior / total for c in kept),
            )
        )
    return {"pool": tuple(c.hypothesis for c in kept)}


def register(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Seal registrations for as many of the pool as slots are left, in the order of their rank."""
    laboratory = runtime.context
    docket = laboratory.docket
    slots = laboratory.scenario.hypotheses.maximum - len(docket.registrations)
    sealed: list[Registration] = []
    laws: list[Hypothesis] = []
    for name in state.pool:
        hypothesis = docket.hypotheses[name]
        if len(sealed) + len(laws) >= slots:
            reason = f"all {laboratory.scenario.hypotheses.maximum} registered slots are taken"
            _turn_away(laboratory, hypothesis, reason)
        elif isinstance(hypothesis.relation, Law | Curve):
            if state.wave > 1:
                _turn_away(laboratory, hypothesis, "the contest of laws has begun without it")
            else:
                laws.append(hypothesis)
        else:
            try:
                sealed.append(register_effect(laboratory, hypothesis))
            except Untestable as reason:
                _turn_away(laboratory, hypothesis, str(reason))
    if laws:
        try:
            sealed += register_laws(laboratory, laws)
        except Untestable as reason:
            for hypothesis in laws:
                _turn_away(laboratory, hypothesis, str(reason))
    for registration in _allowed(laboratory, sealed):
        laboratory.effects.record(Registered(registration=registration))
    laboratory.tell("register")
    return {"pool": ()}


def _allowed(laboratory: Laboratory, sealed: list[Registration]) -> list[Registration]:
    """Return the registrations that a person allows, where the policy wants one asked."""
    if not sealed or not laboratory.scenario.policy.approve.registrations:
        return sealed
    hypotheses = laboratory.docket.hypotheses
    wanted: list[tuple[str, str, dict[str, object]]] = [
        (
            "registration",
            f"register {r.hypothesis}: {hypotheses[r.hypothesis].statement}",
            {"hypothesis": r.hypothesis, "prediction": r.prediction.words, "digest": r.digest,
             "draws": r.criterion.draws},
        )
        for r in sealed
    ]  # fmt: skip
    kept: list[Registration] = []
    for registration, reason in zip(sealed, ask(laboratory, wanted), strict=True):
        if reason:
            _turn_away(laboratory, hypotheses[registration.hypothesis], reason)
        else:
            kept.append(registration)
    return kept


def _turn_away(laboratory: Laboratory, hypothesis: Hypothesis, reason: str) -> None:
    laboratory.effects.record(HypothesisTurnedAway(hypothesis=hypothesis.id, reason=reason))


def design(_: State, runtime: Runtime[Laboratory]) -> Change:
    """Let the designer choose the experiments that tell most for their cost."""
    laboratory = runtime.context
    choices = laboratory.scientist.designer.design(laboratory.briefed, bench(laboratory))
    names: list[str] = []
    for choice in choices:
        option = choice.option
        experiment = Experiment(
            id=f"x{len(laboratory.docket.experiments) + 1}",
            hypotheses=option.hypotheses,
            draw=option.draw,
            cases=option.cases,
            reading=option.reading,
            expected_information=choice.expected_information,
            cost=option.cost,
            alternatives=choice.alternatives,
        )
        laboratory.effects.record(ExperimentDesigned(experiment=experiment))
        names.append(experiment.id)
    laboratory.meter.spend(experiments=len(names))
    return {"batch": tuple(names)}


def measure_batch(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Measure what the batch needs, in parallel."""
    laboratory = runtime.context
    experiments = [laboratory.docket.experiments[name] for name in state.batch]
    try:
        measure(laboratory, [(case, x.reading) for x in experiments for case in x.cases])
    except OverBudget as spent:
        return {"status": "budget", "reason": str(spent)}
    return {}


def weigh(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Weigh every new draw by the judging rule; record crossings, which freeze the evidence."""
    laboratory = runtime.context
    docket = laboratory.docket
    touched = {h for name in state.batch for h in docket.experiments[name].hypotheses}
    for name in sorted(touched, key=list(docket.registrations).index):
        fresh = laboratory.judge.path(name, since=len(docket.evidence.get(name, ())))
        for evidence in fresh:
            laboratory.effects.record(Weighed(evidence=evidence))
        crossing = first_crossing(docket.registrations[name], fresh)
        if crossing and name not in docket.crossings:
            laboratory.effects.record(Crossed(crossing=crossing))
    laboratory.tell("weigh")
    return {"batch": ()}


def decide(state: State, runtime: Runtime[Laboratory]) -> Change:
    """Measure on, think again, or stop; a limit that is reached stops the run."""
    laboratory = runtime.context
    board = bench(laboratory)
    advice = laboratory.scientist.interpreter.interpret(
        laboratory.briefed, board, laboratory.docket
    )
    unfinished = advice.next != "stop" or any(s.remaining > 0 for s in board.standings.values())
    spent = laboratory.effects.spent()
    limit = laboratory.meter.exhausted(spent)
    reason = f"the budget of {limit} is spent" if limit and unfinished else ""
    if state.status == "budget":
        reason = state.reason  # it was spent while measuring
    if not reason and unfinished:
        reason = spend_more(laboratory, dict(spent))
    if reason:
        return {"next": "stop", "status": "budget", "reason": reason, "would": would(laboratory)}
    waves = laboratory.scientist.waves
    if advice.next == "hypothesis" and state.wave >= waves:
        return {"next": "stop", "reason": f"{waves} waves of hypotheses were thought of"}
    return {"next": advice.next, "reason": advice.reason}


def would(laboratory: Laboratory) -> tuple[str, ...]:
    """Say in words which experiments would come next, the best first."""
    try:
        choices = laboratory.scientist.designer.design(laboratory.briefed, beyond(laboratory))
    except OverBudget:
        return ()
    return tuple(
        f"{' against '.join(c.option.cases)} for {', '.join(c.option.hypotheses)} "
        f"({c.expected_information:.2g} nats expected)"
        for c in choices[:NAMED]
    )


def after_decide(state: State) -> Literal["design", "propose", "control"]:
    """Name the node that follows."""
    follows: dict[str, Literal["design", "propose", "control"]] = {
        "experiment": "design",
        "hypothesis": "propose",
        "stop": "control",
    }
    return follows[state.next]


def after_propose(state: State) -> Literal["criticise", "control"]:
    """Go on with ideas; without any, conclude."""
    return "criticise" if state.pool else "control"


def after_design(state: State) -> Literal["measure", "control"]:
    """Go on with experiments; without any, conclude."""
    return "measure" if state.batch else "control"


def control(_: State, runtime: Runtime[Laboratory]) -> Change:
    """Judge all hypotheses together, then compare the measurement with an independent one."""
    laboratory = runtime.context
    for verdict in laboratory.judge.verdicts().values():
        laboratory.effects.record(Judged(verdict=verdict))
    check = laboratory.scenario.check
    if check is not None and not avoided(laboratory, check.tool, "the independent check"):
        measured = [
            (case, 0) for case, reading, purpose in laboratory.docket.readings
            if purpose == "test" and reading == 0
        ]  # fmt: skip
        with contextlib.suppress(OverBudget):  # on record; the verdicts do not need it
            measure(laboratory, measured[: check.cases], purpose="check", method=check)
    laboratory.tell("control")
    return {}


def avoided(laboratory: Laboratory, tool: str, what: str) -> bool:
    """Tell whether an earlier run says that a tool as it is here never gives anything, on record."""
    digest = next((t.digest for t in laboratory.registry if t.name == tool), "")
    for lesson in laboratory.lessons:
        if lesson.kind == "tool" and lesson.tool == tool and lesson.digest == digest:
            reason = f"{lesson.said} (run {lesson.run}, event {lesson.events[0]}); left out"
            laboratory.effects.record(
                PolicyDecided(subject=f"{what} by {tool}", allowed=False, reason=reason)
            )
            return True
    return False


def write(_: State, runtime: Runtime[Laboratory]) -> Change:
    """Let the writer write claims."""
    laboratory = runtime.context
    for claim in laboratory.scientist.writer.write(laboratory.briefed, laboratory.docket):
        laboratory.effects.record(Claimed(claim=claim))
    return {}


def audit(_: State, runtime: Runtime[Laboratory]) -> Change:
    """Audit every claim against the record."""
    laboratory = runtime.context
    for claim in laboratory.docket.claims.values():
        laboratory.effects.record(Audited(audit=audit_claim(claim, laboratory.docket)))
    return {}


def build(recorded: Recorded) -> Any:
    """Return the graph, not yet compiled, each node wrapped by whoever records it."""
    graph: Any = StateGraph(State, context_schema=Laboratory)
    for name, node in NODES.items():
        graph.add_node(name, recorded(name, node))
    graph.add_edge(START, "survey")
    graph.add_edge("survey", "propose")
    graph.add_conditional_edges("propose", after_propose)
    graph.add_edge("criticise", "register")
    graph.add_edge("register", "decide")
    graph.add_conditional_edges("decide", after_decide)
    graph.add_conditional_edges("design", after_design)
    graph.add_edge("measure", "weigh")
    graph.add_edge("weigh", "decide")
    graph.add_edge("control", "write")
    graph.add_edge("write", "audit")
    graph.add_edge("audit", END)
    return graph


NODES: dict[str, Node] = {
    "survey": survey_question,
    "propose": propose,
    "criticise": criticise,
    "register": register,
    "design": design,
    "measure": measure_batch,
    "weigh": weigh,
    "decide": decide,
    "control": control,
    "write": write,
    "audit": audit,
}

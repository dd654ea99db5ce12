"""What the designer is shown: open hypotheses, the draws that may come next, the history."""

from gaseol.agents.roles import Bench, Option, Standing
from gaseol.graphs.laboratory import Laboratory
from gaseol.traces.evidence.judge import log_threshold
from gaseol.traces.evidence.process import LawContest


def bench(laboratory: Laboratory) -> Bench:
    """Return standings and options; no option means that nothing can be decided any more."""
    docket = laboratory.docket
    state = (
        len(docket.registrations),
        len(docket.experiments),
        len(docket.crossings),
        sum(map(len, docket.evidence.values())),
    )
    if laboratory.shown is None or laboratory.shown[0] != state:
        laboratory.shown = (state, _bench(laboratory))
    return laboratory.shown[1]


def beyond(laboratory: Laboratory) -> Bench:
    """Return the bench as it would be if the budget allowed more experiments."""
    return _bench(laboratory, laboratory.batch)


def _bench(laboratory: Laboratory, batch: int | None = None) -> Bench:
    docket, judge = laboratory.docket, laboratory.judge
    standings: dict[str, Standing] = {}
    for name, registration in docket.registrations.items():
        if name in docket.crossings:
            continue
        evidence = docket.evidence.get(name, [])
        counted = [e for e in evidence if e.admissible]
        standing = Standing(
            hypothesis=name,
            prior=docket.priors.get(name, 1.0),
            process=registration.criterion.process,
            log_threshold=log_threshold(registration),
            outcomes=tuple(e.outcome for e in counted),
            log_e_for=counted[-1].log_e_for if counted else 0.0,
            log_e_against=counted[-1].log_e_against if counted else 0.0,
            remaining=registration.criterion.draws - len(counted),
        )
        if not standing.futile:
            standings[name] = standing
    if batch is None:
        batch = int(min(laboratory.batch, max(laboratory.meter.left("experiments"), 0)))
    contest = [n for n, s in standings.items() if isinstance(s.process, LawContest)]
    options = _pair_options(laboratory, standings, batch)
    predictions: dict[str, dict[str, float]] = {}
    history: list[tuple[str, float]] = []
    if contest:
        # every rival is weighed on every draw, so a decided one still helps to choose designs
        panel = [contest[0], *docket.registrations[contest[0]].criterion.rivals]
        predictions = {h: dict(judge.table(docket.registrations[h])) for h in panel}
        standings = {h: standings.get(h) or _decided(laboratory, h) for h in (*standings, *panel)}
        history = [
            (d.experiment.cases[0], d.outcome)
            for d in judge.draws(contest[0])
            if d.outcome is not None
        ]
        options = options or _design_options(laboratory, tuple(contest))
    return Bench(
        standings=standings,
        options=options if batch else [],
        predictions=predictions,
        history=history,
        batch=1 if options and options[0].hypotheses[0] in predictions else batch,
        preset_counts=laboratory.scenario.measurement.preset_counts,
    )


def _decided(laboratory: Laboratory, name: str) -> Standing:
    registration = laboratory.docket.registrations[name]
    return Standing(
        hypothesis=name,
        prior=laboratory.docket.priors.get(name, 1.0),
        process=registration.criterion.process,
        log_threshold=log_threshold(registration),
        outcomes=(),
        log_e_for=0.0,
        log_e_against=0.0,
        remaining=0,
    )


def _seconds(laboratory: Laboratory) -> float:
    """Return what a measurement costs; a person's are all alike."""
    method = laboratory.scenario.measurement
    return laboratory.registry.get(method.tool).seconds if method.bench is None else 1.0


def _pair_options(
    laboratory: Laboratory, standings: dict[str, Standing], batch: int
) -> list[Option]:
    docket = laboratory.docket
    seconds = _seconds(laboratory)
    options: list[Option] = []
    for name, standing in standings.items():
        if isinstance(standing.process, LawContest):
            continue
        sealed = laboratory.judge.sealed_draws(docket.registrations[name])
        done = len(docket.trials.get(name, ()))
        for ahead, cases in enumerate(sealed[done : done + min(batch, standing.remaining)]):
            fresh = sum((case, 0, "test") not in docket.readings for case in cases)
            options.append(
                Option(
                    hypotheses=(name,),
                    draw=done + ahead,
                    cases=tuple(cases),
                    reading=0,
                    cost=fresh * seconds,
                    ahead=ahead,
                )
            )
    return options


def _design_options(laboratory: Laboratory, contest: tuple[str, ...]) -> list[Option]:
    docket, scenario = laboratory.docket, laboratory.scenario
    seconds = _seconds(laboratory)
    done: dict[str, int] = {}
    for case, _, purpose in docket.readings:
        if purpose == "test":
            done[case] = done.get(case, 0) + 1
    number = len(docket.trials.get(contest[0], ()))
    return [
        Option(
            hypotheses=contest,
            draw=number,
            cases=(design,),
            reading=done.get(design, 0),
            cost=seconds,
        )
        for design in laboratory.judge.sealed_draws(docket.registrations[contest[0]])
        if done.get(design, 0) < scenario.measurement.readings
    ]

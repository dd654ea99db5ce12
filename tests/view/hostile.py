"""A record that says the worst it can in every place where a record can say anything."""

from pathlib import Path
from typing import Any

from gaseol.traces.evidence.process import Sign
from gaseol.traces.nouns.claim import Claim, Figure
from gaseol.traces.nouns.experiment import Experiment
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.nouns.hypothesis import Hypothesis, Trend
from gaseol.traces.nouns.measurement import Measurement
from gaseol.traces.nouns.registration import Criterion, Frame, Prediction, Registration, digest
from gaseol.traces.nouns.verdict import Evidence
from gaseol.traces.record import event as kinds
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.recorder import Recorder
from gaseol.traces.verification.auditor import audit

OUTSIDE = "http://198.51.100.7/taken"
"""An address of nobody; any request to it is a failure."""
MARKUP = f'<img src=x onerror="alert(1);window.taken=1"><script>window.taken=2;fetch("{OUTSIDE}")</script>'
BREAKOUT = f'</script><script>window.taken=3</script><!--<script>--></textarea></style><base href="{OUTSIDE}">'
LINK = "javascript:window.taken=4//"
TURNED = "abc\u202edetroppus\u202c\u2066x\u2069 \u0000\u0007"
SMILES = f'CC"><svg onload=window.taken=5>{BREAKOUT}'
PICTURE = f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 width="40" height="40" onload="window.taken=6"><script>window.taken=7;alert(7)</script>
<foreignObject width="40" height="40"><body xmlns="http://www.w3.org/1999/xhtml"
 onload="window.taken=8"><iframe src="{OUTSIDE}"/><img src="{OUTSIDE}.png"/></body></foreignObject>
<image href="{OUTSIDE}.svg" width="40" height="40"/><use xlink:href="{OUTSIDE}#a"/>
<style>@import url({OUTSIDE}.css); rect {{ fill: url({OUTSIDE}#b) }}</style>
<rect width="40" height="40"/></svg>"""
ALL = " ".join((MARKUP, BREAKOUT, LINK, TURNED))
LONG = "long text " * 105_000


def write(folder: Path) -> Path:
    """Write the record."""
    docket = Docket()
    run = {"id": f"../../{BREAKOUT}", "scenario": {"title": ALL, "name": MARKUP},
           "versions": {MARKUP: BREAKOUT}, "python": LINK, "platform": ALL}  # fmt: skip
    with Recorder(folder, run) as recorder:

        def add(fact: kinds.Fact, cause: int | None = None) -> int:
            seq = recorder.record(fact, cause)
            docket.add(seq, fact)
            return seq

        add(
            kinds.RunStarted(
                scenario=MARKUP, question=ALL, scientist=BREAKOUT, graph=LINK, seed=0,
                hypotheses=2, alpha=0.05, budget={}, notes=(ALL,),
            )
        )  # fmt: skip
        step = add(kinds.StepStarted(step=MARKUP, number=0))
        _model(add, recorder)
        name = f"h1{MARKUP}"
        add(
            kinds.HypothesisProposed(
                hypothesis=Hypothesis(
                    id=name, statement=ALL, mechanism=ALL, proposed_by=MARKUP, bits=1.0,
                    relation=Trend(variable=MARKUP, direction="raises"),
                )
            )
        )  # fmt: skip
        _register(recorder, add, docket, name)
        add(kinds.ExperimentDesigned(experiment=Experiment(id=MARKUP, hypotheses=(name,), draw=0,
                                                           cases=(SMILES, TURNED))))  # fmt: skip
        measured = tuple(
            _measure(recorder, add, case, i) for i, case in enumerate((SMILES, TURNED))
        )
        add(
            kinds.Weighed(
                evidence=Evidence(hypothesis=name, experiment=MARKUP, draw=1, outcome=1.0,
                                  measurements=measured, log_e_for=0.4, log_e_against=-0.4)
            )
        )  # fmt: skip
        add(kinds.StepEnded(step=MARKUP, number=0, change={MARKUP: ALL, "long": LONG}, seconds=1.0),
            step)  # fmt: skip
        figures = {
            "value": Figure(statistic="value", measurements=measured[:1], value=1.0, unit=MARKUP),
            "statement": Figure(statistic="statement", hypothesis=name, value=ALL),
        }
        claim = Claim(id=f"c1{MARKUP}", text=f"{MARKUP} {{statement}} {{value}} {BREAKOUT}",
                      figures=figures, hypotheses=(name,))  # fmt: skip
        add(kinds.Claimed(claim=claim))
        add(kinds.Audited(audit=audit(claim, docket)))
        add(kinds.PolicyDecided(subject=ALL, allowed=False, reason=ALL))
        add(kinds.LessonUsed(run=BREAKOUT, lesson=ALL))
        add(kinds.DataKnown(source=BREAKOUT, file=ALL, sha256=MARKUP, cases=1))
        add(kinds.CaseSuggested(case=BREAKOUT, source=ALL))
        add(kinds.RunEnded(status="done", reason=ALL, cost={MARKUP: 1.0}, score={name: MARKUP}))
        recorder.seal()
    return folder


def _model(add: Any, recorder: Recorder) -> None:
    prompt = {"messages": [{"role": MARKUP, "content": ALL}, {"role": "user", "content": LONG}]}
    blob = recorder.blobs.put_json(prompt)
    asked = add(kinds.EffectRequested(effect="model", name=MARKUP, blob=blob, key="0" * 64,
                                      role="theorist"))  # fmt: skip
    add(
        kinds.EffectCompleted(request=asked, value={"content": ALL, "url": LINK}, seconds=1.0),
        asked,
    )
    asked = add(kinds.EffectRequested(effect="tool", name=BREAKOUT, key="1" * 64,
                                      arguments={MARKUP: ALL, "__proto__": {"x": 1}}))  # fmt: skip
    page = recorder.blobs.put(f"<html>{ALL}</html>".encode(), "text/html")
    add(kinds.EffectCompleted(request=asked, value=LONG, media={MARKUP: page}, seconds=1.0), asked)
    asked = add(kinds.EffectRequested(effect="tool", name="../../etc/passwd", key="2" * 64))
    add(
        kinds.EffectFailed(
            request=asked, seconds=0.1,
            failure=Failure(kind=FailureKind.CRASHED, reason=ALL, detail=ALL),
        ),
        asked,
    )  # fmt: skip


def _register(recorder: Recorder, add: Any, docket: Docket, name: str) -> None:
    prediction = Prediction(
        outcome=MARKUP, unit=MARKUP, sign=1, words=ALL,
        drawing=recorder.blobs.put(PICTURE.encode(), "image/svg+xml"),
    )  # fmt: skip
    criterion = Criterion(process=Sign(), alpha=0.05, hypotheses=2, draws=1, basis="design-based")
    frame = Frame(
        population=ALL, kind="pairs", cases=2, size=1, matching=ALL, draw_rule="disjoint",
        draws=recorder.blobs.put_json([[SMILES, TURNED]]), planned=1, seed=0,
    )  # fmt: skip
    sealed = digest(docket.hypotheses[name].model_dump(mode="json"), prediction, criterion, frame)
    add(
        kinds.Registered(
            registration=Registration(id=MARKUP, hypothesis=name, prediction=prediction,
                                      criterion=criterion, frame=frame, digest=sealed)
        )
    )  # fmt: skip


def _measure(recorder: Recorder, add: Any, case: str, place: int) -> int:
    asked = add(kinds.EffectRequested(effect="tool", name=MARKUP, key=f"{place + 3:064x}",
                                      arguments={"smiles": case}))  # fmt: skip
    drawing = recorder.blobs.put((PICTURE + " " * place).encode(), "image/svg+xml")
    add(kinds.EffectCompleted(request=asked, value={"v": 1.0 - place}, media={"drawing": drawing},
                              seconds=0.1), asked)  # fmt: skip
    return add(
        kinds.Measured(
            measurement=Measurement(
                case=case, quantity=MARKUP, tool=MARKUP, request=asked, path=("v",),
                raw=1.0 - place, value=1.0 - place, unit=MARKUP, drawing=drawing,
            )
        ),
        asked,
    )  # fmt: skip

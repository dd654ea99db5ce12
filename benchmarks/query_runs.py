"""How long does a question across many runs take?

    python benchmarks/query_runs.py [--runs 1000] [--draws 20]

Writes so many small records (made up, with the recorder: three hypotheses, their registrations,
experiments, measurements, evidence and verdicts), reads them into an archive, adds ten runs and
brings it up to date, and asks every ready question. Beside it, the question `supported` answered by
a plain loop that reads every record. Also how long listing takes, first and again. Prints one
JSON object.
"""

import argparse
import json
import os
import platform
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gaseol.traces import shelf
from gaseol.traces.archive.card import cards
from gaseol.traces.archive.question import QUESTIONS
from gaseol.traces.archive.store import Archive
from gaseol.traces.evidence.process import Sign
from gaseol.traces.nouns.experiment import Experiment
from gaseol.traces.nouns.hypothesis import Hypothesis, Trend
from gaseol.traces.nouns.measurement import Measurement
from gaseol.traces.nouns.registration import Criterion, Frame, Prediction, Registration
from gaseol.traces.nouns.verdict import Evidence, Ruling, Verdict
from gaseol.traces.record import event as kinds
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.recorder import Recorder
from gaseol.traces.record.trace import Trace

NAMES = ("h1", "h2", "h3")


def write(folder: Path, number: int, draws: int) -> int:
    """Write a record and return how many events it has."""
    dice = random.Random(number)
    recorder = Recorder(folder, {"id": folder.name, "scenario": {"title": "made up"}})
    recorder.commit = lambda: None  # type: ignore[method-assign]  # a thousand fsyncs say nothing here
    record = recorder.record
    record(
        kinds.RunStarted(
            scenario=f"scenario{number % 5}", question="which way?", scientist="by chance",
            graph="none", seed=number // 5, hypotheses=3, alpha=0.05, budget={},
        )
    )  # fmt: skip
    order = recorder.blobs.put_json([[f"a{i}", f"b{i}"] for i in range(draws)])
    for name in NAMES:
        record(
            kinds.HypothesisProposed(
                hypothesis=Hypothesis(
                    id=name, statement=f"{name} raises the signal", proposed_by="theorist",
                    relation=Trend(variable=name, direction="raises"), bits=3.0,
                )
            )
        )  # fmt: skip
        record(
            kinds.Registered(
                registration=Registration(
                    id=f"r{name}", hypothesis=name, digest="0" * 64,
                    prediction=Prediction(outcome="signal", unit="1", sign=1),
                    criterion=Criterion(
                        process=Sign(), alpha=0.05, hypotheses=3, draws=draws,
                        basis="design-based",
                    ),
                    frame=Frame(
                        population="pairs", kind="pairs", cases=2 * draws, size=draws,
                        draw_rule="disjoint", draws=order, planned=draws, seed=0,
                    ),
                )
            )
        )  # fmt: skip
    for name in NAMES:
        for draw in range(draws // 3):
            x = f"{name}x{draw}"
            record(
                kinds.ExperimentDesigned(
                    experiment=Experiment(
                        id=x, hypotheses=(name,), draw=draw, cases=(f"a{draw}", f"b{draw}")
                    )
                )
            )
            measured: list[int] = []
            for case in (f"a{draw}", f"b{draw}"):
                value = dice.random()
                asked = record(
                    kinds.EffectRequested(
                        effect="tool", name="meter", arguments={"case": case}, key="0" * 64
                    )
                )
                record(kinds.EffectCompleted(request=asked, value=value, seconds=value / 10), asked)
                measured.append(
                    record(
                        kinds.Measured(
                            measurement=Measurement(
                                case=case, quantity="signal", tool="meter", request=asked,
                                raw=value, value=value,
                            )
                        ),
                        asked,
                    )
                )  # fmt: skip
            record(
                kinds.Weighed(
                    evidence=Evidence(
                        hypothesis=name, experiment=x, draw=draw + 1, outcome=1.0,
                        measurements=tuple(measured), log_e_for=0.1 * draw, log_e_against=-0.1,
                    )
                )
            )  # fmt: skip
        record(
            kinds.Judged(
                verdict=Verdict(
                    hypothesis=name, ruling=dice.choice(list(Ruling)), log_e_for=2.0,
                    log_e_against=-1.0, draws=draws // 3, failures=0, basis="design-based",
                    rule="gaseol.judge/1", reason="made up",
                )
            )
        )  # fmt: skip
    record(kinds.RunEnded(status="done", cost={"seconds": dice.random(), "tokens": 100.0}))
    count = recorder.count
    recorder.seal()
    return count


def looped(home: Path) -> Counter[tuple[str, str, str]]:
    """Answer `supported` by reading every record."""
    found: Counter[tuple[str, str, str]] = Counter()
    for run in shelf.runs(home):
        docket = Docket.of(Trace(run))
        for name, verdict in docket.verdicts.items():
            scenario = docket.started.scenario if docket.started else ""
            found[scenario, docket.hypotheses[name].statement, verdict.ruling.value] += 1
    return found


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that something took, and what came of it."""
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Seconds for questions across runs")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--draws", type=int, default=20)
    asked = parser.parse_args()
    shelf.SETTLED = 0.0  # nobody else writes these records
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        events = sum(write(home / f"run{n}", n, asked.draws) for n in range(asked.runs))
        with Archive(home) as archive:
            indexing, made = timed(archive.refresh)
            if made.read != asked.runs or made.skipped:
                raise SystemExit(f"only {made.runs} of {asked.runs} were read: {made.skipped}")
            idle, _ = timed(archive.refresh)
            for n in range(asked.runs, asked.runs + 10):
                write(home / f"run{n}", n, asked.draws)
            updating, found = timed(archive.refresh)
            if found.read != 10:
                raise SystemExit(f"{found.read} runs were read where 10 were new")
            questions: dict[str, float] = {}
            for question in QUESTIONS.values():
                seconds, _ = timed(lambda sql=question.sql: list(archive.ask(sql).rows))
                questions[question.name] = round(seconds, 4)
            answer = archive.ask(QUESTIONS["supported"].sql)
            judged = sum(row[answer.columns.index("judged")] for row in answer.rows)
        size = sum(f.stat().st_size for f in (home / ".archive").rglob("*") if f.is_file())
        records = sum((run / "events.jsonl").stat().st_size for run in shelf.runs(home))
        loop, counted = timed(lambda: looped(home))
        if judged != sum(counted.values()):
            raise SystemExit(
                f"the archive counts {judged} verdicts, the loop {sum(counted.values())}"
            )
        listing, _ = timed(lambda: cards(home))
        again, _ = timed(lambda: cards(home))
    print(
        json.dumps(
            {
                "benchmark": "query_runs",
                "runs": asked.runs,
                "events": events,
                "index_seconds": round(indexing, 3),
                "events_indexed_per_second": round(events / indexing),
                "nothing_new_seconds": round(idle, 4),
                "ten_new_seconds": round(updating, 3),
                "question_seconds": questions,
                "loop_supported_seconds": round(loop, 3),
                "loop_to_question": round(loop / questions["supported"], 1),
                "archive_to_records": round(size / records, 3),
                "list_first_seconds": round(listing, 3),
                "list_again_seconds": round(again, 3),
                "python": platform.python_version(),
                "machine": platform.machine(),
                "cores": os.cpu_count(),
            }
        )
    )


if __name__ == "__main__":
    main()

"""How soon can a record of 100,000 events be looked at, served and from a file?

Writes a record of that many events of about 1 KB, opens it in the viewer and, where a Chromium
is found, in a browser: the time until it can be used, and the longest task while it is scrolled.

    python benchmarks/viewer_open.py --events 100000
"""

import argparse
import json
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from gaseol.traces.evidence.judge import Judge
from gaseol.traces.evidence.process import Sign
from gaseol.traces.evidence.statistic import figure
from gaseol.traces.nouns.claim import Claim
from gaseol.traces.nouns.experiment import Experiment
from gaseol.traces.nouns.hypothesis import Hypothesis, Trend
from gaseol.traces.nouns.measurement import Measurement
from gaseol.traces.nouns.registration import Criterion, Frame, Prediction, Registration, digest
from gaseol.traces.nouns.verdict import Evidence
from gaseol.traces.record import event as kinds
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.event import FORMAT
from gaseol.traces.record.recorder import Recorder
from gaseol.traces.verification.auditor import audit
from gaseol.traces.verification.linkage import request_key

DRAWS = 600
"""Draws of each hypothesis; at 55% hits neither side is decided by then."""
EVENTS_A_DRAW = 8
NOTE = "a sentence of ordinary length that a tool says of how it came to its value; " * 8


def write_record(folder: Path, events: int) -> int:
    """Write a record of about this many events, as a run of one tool would; return how many."""
    names = [f"h{i + 1}" for i in range(max(1, events // (DRAWS * (EVENTS_A_DRAW + 2))))]
    docket = Docket()
    run = {
        "id": folder.name, "created": "2026-01-01T00:00:00Z",
        "scenario": {"name": "large", "title": f"A record of {events:,} events"},
        "hidden_answer_sha256": None, "scientist": "embedded", "seed": 0, "versions": {},
        "python": "3.11", "platform": "any", "tools": {},
    }  # fmt: skip
    with Recorder(folder, run) as recorder:

        def add(fact: kinds.Fact, cause: int | None = None) -> int:
            seq = recorder.record(fact, cause)
            docket.add(seq, fact)
            return seq

        add(
            kinds.RunStarted(
                scenario="large", question="Does the viewer keep up?", scientist="embedded",
                graph="discover", seed=0, hypotheses=len(names), alpha=0.05, budget={},
            )
        )  # fmt: skip
        frames = {name: _register(recorder, add, docket, name, len(names)) for name in names}
        outcomes = {name: np.random.default_rng(i).permutation(DRAWS) % 20 < 11
                    for i, name in enumerate(names)}  # fmt: skip
        paths = {n: Sign().path([1.0 if hit else -1.0 for hit in outcomes[n]]) for n in names}
        for draw in range(DRAWS):
            begun = add(kinds.StepStarted(step="measure", number=draw))
            for name in names:
                _draw(add, name, draw, frames[name][draw], bool(outcomes[name][draw]), paths[name])
            add(kinds.StepEnded(step="measure", number=draw, change={"draw": draw}, seconds=0.01),
                begun)  # fmt: skip
            while recorder.count < events * (draw + 1) / DRAWS - 60:
                _aside(add, recorder.count)
        for verdict in Judge(docket, recorder.blobs).verdicts().values():
            add(kinds.Judged(verdict=verdict))
        for i, name in enumerate(names):
            figures = {s: figure(docket, s, hypothesis=name) for s in ("statement", "draws")}
            claim = Claim(id=f"c{i + 1}", text="Undecided: {statement}, after {draws} draws.",
                          figures=figures, hypotheses=(name,))  # fmt: skip
            add(kinds.Claimed(claim=claim))
            add(kinds.Audited(audit=audit(claim, docket)))
        add(kinds.RunEnded(status="done", cost={"experiments": float(DRAWS * len(names))}))
        recorder.seal()
        return recorder.count


def _register(recorder: Recorder, add: Any, docket: Docket, name: str, m: int) -> list[list[str]]:
    relation = Trend(variable="size", direction="raises")
    add(
        kinds.HypothesisProposed(
            hypothesis=Hypothesis(
                id=name, statement=f"more of variable {name} raises the outcome",
                relation=relation, proposed_by="theorist", bits=5.0,
            )
        )
    )  # fmt: skip
    draws = [[f"{name}-{i}a", f"{name}-{i}b"] for i in range(DRAWS)]
    prediction = Prediction(
        outcome="yield", unit="%", sign=1, words="the first has the higher yield"
    )
    criterion = Criterion(
        process=Sign(), alpha=0.05, hypotheses=m, draws=DRAWS, basis="design-based"
    )
    frame = Frame(
        population="cases made for the benchmark", kind="pairs", cases=2 * DRAWS, size=DRAWS,
        draw_rule="disjoint", draws=recorder.blobs.put_json(draws), planned=DRAWS, seed=0,
    )  # fmt: skip
    sealed = digest(docket.hypotheses[name].model_dump(mode="json"), prediction, criterion, frame)
    add(
        kinds.Registered(
            registration=Registration(
                id=f"r-{name}", hypothesis=name, prediction=prediction, criterion=criterion,
                frame=frame, digest=sealed,
            )
        )
    )  # fmt: skip
    return draws


def _draw(add: Any, name: str, draw: int, pair: list[str], hit: bool, path: Any) -> None:
    add(
        kinds.ExperimentDesigned(
            experiment=Experiment(id=f"x-{name}-{draw}", hypotheses=(name,), draw=draw,
                                  cases=tuple(pair), cost=0.1)
        )
    )  # fmt: skip
    measured: list[int] = []
    for place, case in enumerate(pair):
        value = 50.0 + (1.0 if (place == 0) == hit else -1.0) * (1 + draw % 7)
        arguments = {"case": case, "protocol": NOTE}
        key = request_key("tool", f"yield_{draw % 5}", "", arguments)
        request = add(
            kinds.EffectRequested(effect="tool", name=f"yield_{draw % 5}", key=key,
                                  arguments=arguments, role="experimentalist")
        )  # fmt: skip
        add(
            kinds.EffectCompleted(request=request, value={"yield": value, "notes": NOTE},
                                  seconds=0.05, cpu_seconds=0.04),
            request,
        )  # fmt: skip
        measured.append(
            add(
                kinds.Measured(
                    measurement=Measurement(
                        case=case, quantity="yield", tool=f"yield_{draw % 5}", request=request,
                        path=("yield",), raw=value, raw_unit="%", value=value, unit="%",
                    )
                ),
                request,
            )
        )  # fmt: skip
    add(
        kinds.Weighed(
            evidence=Evidence(
                hypothesis=name, experiment=f"x-{name}-{draw}", draw=draw + 1,
                outcome=1.0 if hit else -1.0, measurements=tuple(measured),
                log_e_for=float(path[0][draw]), log_e_against=float(path[1][draw]),
            )
        )
    )  # fmt: skip


def _aside(add: Any, number: int) -> None:
    arguments = {"query": f"number {number}", "context": NOTE}
    key = request_key("tool", "look_up", "", arguments)
    request = add(
        kinds.EffectRequested(effect="tool", name="look_up", key=key, role="librarian",
                              arguments=arguments)
    )  # fmt: skip
    add(kinds.EffectCompleted(request=request, value={"found": NOTE}, seconds=0.01), request)


def chromium() -> str | None:
    """Return where a Chromium is."""
    return next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))),
                None)  # fmt: skip


FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync")  # fmt: skip

_WATCH = """() => { window.tasks = []; new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.tasks.push([task.startTime, task.duration]);
}).observe({ type: "longtask", buffered: true }); }"""

_SCROLL = """async () => {
  const list = document.querySelector(".list");
  const began = performance.now();
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  let frames = 0;
  while (performance.now() - began < 3000) {
    list.scrollTop += 700; frames++;
    if (frames % 40 === 0) list.scrollTop = Math.random() * list.scrollHeight;
    await frame();
  }
  return [began, frames / ((performance.now() - began) / 1000)];
}"""


def look(address: str, binary: str) -> dict[str, float | None]:
    """Open an address in Chromium, scroll the story, and return what it took."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=binary, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(f"({_WATCH})()")
        page.goto(address, wait_until="commit")
        page.wait_for_selector("html[data-ready]", timeout=60_000, state="attached")
        page.wait_for_load_state("load", timeout=60_000)
        page.wait_for_selector(".standing:not(.checking)", timeout=120_000)
        marks = page.evaluate(
            "Object.fromEntries(performance.getEntries().filter((e) => e.startTime > 0)"
            ".map((e) => [e.name, e.startTime / 1000]))"
        )
        page.evaluate("location.hash = '#view=story'")
        page.wait_for_selector(".story-view .list")
        page.get_by_role("button", name="everything").click()
        page.wait_for_timeout(500)
        scrolled, frames = page.evaluate(_SCROLL)
        page.wait_for_timeout(300)
        tasks = page.evaluate("window.tasks")
        browser.close()
    opening = [duration for at, duration in tasks if at < scrolled]
    scrolling = [duration for at, duration in tasks if at >= scrolled]
    return {
        "first_paint_seconds": marks.get("first-contentful-paint"),
        "skeleton_seconds": marks["gaseol-skeleton"],
        "claims_seconds": marks["gaseol-first"],
        "interactive_seconds": marks["gaseol-ready"],
        "longest_task_opening_ms": max(opening, default=0.0),
        "longest_task_scrolling_ms": max(scrolling, default=0.0),
        "frames_a_second_scrolling": frames,
    }


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="Write the record and the file here.")
    given = parser.parse_args()
    place = given.keep or Path(tempfile.mkdtemp())
    folder = place / "large"
    try:
        print(json.dumps(measure(place, folder, given.events), indent=2))
    finally:
        if given.keep is None:
            shutil.rmtree(place)


def measure(place: Path, folder: Path, events: int) -> dict[str, Any]:
    """Return what was measured."""
    from gaseol.traces.view import write_view
    from gaseol.traces.view.exhibit import PARTS, Exhibit
    from gaseol.viewer import Viewer

    count = len(Exhibit(folder).skeleton) if folder.exists() else write_record(folder, events)
    found: dict[str, Any] = {"events": count, "format": FORMAT,
                             "record_bytes": (folder / "events.jsonl").stat().st_size}  # fmt: skip
    exhibit, parts = Exhibit(folder), {}
    for name in PARTS:
        began = time.perf_counter()
        size = len(orjson.dumps(exhibit.part(name)))
        parts[name] = {"seconds": time.perf_counter() - began, "bytes": size}
    began = time.perf_counter()
    exhibit.chunk(exhibit.chunks() // 2)
    found |= {"skeleton_seconds": parts["skeleton"]["seconds"], "parts": parts,
              "chunk_seconds": time.perf_counter() - began}  # fmt: skip
    out = place / "large.html"
    began = time.perf_counter()
    write_view(folder, out)
    found |= {"file_seconds": time.perf_counter() - began, "file_bytes": out.stat().st_size}
    binary = chromium()
    if binary is None:
        return {**found, "browser": None, "why": "no Chromium on the path; not measured"}
    found["browser"] = {"file": look(out.as_uri(), binary)}
    viewer = Viewer(folder)
    serving = threading.Thread(target=viewer.serve, daemon=True)
    serving.start()
    try:
        found["browser"]["served"] = look(viewer.address, binary)
    finally:
        viewer.stop()
        serving.join()
        viewer.close()
    return found


if __name__ == "__main__":
    main()

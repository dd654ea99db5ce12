"""`gaseol run`."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from gaseol.cli.permission import allow_weak

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from gaseol.agents.roles import Scientist
    from gaseol.graphs.running.handle import Run
    from gaseol.scenarios.scenario import Scenario
    from gaseol.tools.workers.pool import Pool
    from gaseol.traces.language import Language

_CODES = {"done": 0, "budget": 0, "failed": 1, "paused": 3, "interrupted": 130}
_PATIENCE = 1.2
"""Seconds that a run which was asked to stop may take to do so by itself."""


@click.command("run")
@click.argument("scenario")
@click.option(
    "--scientist",
    default="embedded",
    show_default=True,
    help="Who thinks: embedded, a model's profile beside it, or alone:PROFILE.",
)
@click.option("--graph", help="Another graph than the scenario's, such as tournament.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Fixes samples and draws.",
)
@click.option("--out", type=click.Path(path_type=Path), help="The run's folder.")
@click.option("--jobs", type=click.IntRange(min=1), help="Tool calls at a time.")
@click.option(
    "--on",
    "cluster",
    metavar="PROFILE",
    help="Send tool calls to the workers of this profile of clusters.yaml.",
)
@click.option(
    "--cache/--no-cache",
    default=None,
    help="Share deterministic answers with other runs (default: the scenario's policy).",
)
@click.option(
    "--despite-licence",
    "despite",
    metavar="REASON",
    default="",
    help="Use a model for what its licence forbids; the reason goes on record.",
)
@click.option(
    "--control",
    is_flag=True,
    help="Run the embedded, the random and the named scientist side by side.",
)
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    metavar="N",
    help="With --control: so many seeds, from --seed on (default 5).",
)
@click.option(
    "--language",
    type=click.Choice(["en", "ko"]),
    help="Of hypotheses, claims and report (default: the scenario's).",
)
@click.option(
    "--lessons",
    multiple=True,
    metavar="RUN",
    help="Tell the scientist what an earlier run found, or all in a folder; never evidence.",
)
@click.option("--key", help="The key that signs the seal (default: the one of `gaseol key`).")
@click.option("--no-key", is_flag=True, help="Seal without a signature.")
@allow_weak
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    scenario: str,
    scientist: str,
    graph: str | None,
    seed: int,
    out: Path | None,
    jobs: int | None,
    cluster: str | None,
    cache: bool | None,
    despite: str,
    control: bool,
    seeds: int | None,
    language: "Language | None",
    lessons: tuple[str, ...],
    key: str | None,
    no_key: bool,
    allow_weak: bool,
    as_json: bool,
) -> None:
    """Run SCENARIO: a folder, a scenario.yaml, or the name of a built-in one."""
    from gaseol.agents.catalogue import find_scientist
    from gaseol.cli.progress import Progress
    from gaseol.graphs.running.launch import start
    from gaseol.scenarios import load
    from gaseol.scenarios.translation import in_language
    from gaseol.traces.shelf import find_run, home

    question = load(scenario)
    if language is not None:
        question = in_language(question, language)
    if graph is not None:
        question = _in_graph(question, graph)
    who = find_scientist(scientist, field=question.field, despite=despite)
    options: dict[str, Any] = {
        "jobs": jobs,
        "key": None if no_key else sealing_key(key),
        "allow_weak": allow_weak,
    }
    earlier = [find_run(each) for each in lessons]
    if cluster and (jobs or control):
        raise click.UsageError("--on goes neither with --jobs nor with --control")
    if control:
        if earlier:
            raise click.UsageError("--control compares scientists that know the same: no --lessons")
        if cache:
            raise click.UsageError("--control measures anew for every arm; leave out --cache")
        numbers = range(seed, seed + (seeds or 5))
        sys.exit(_controlled(question, who, numbers, out, options, as_json))
    if seeds is not None:
        raise click.UsageError("--seeds is for --control")
    shared = question.policy.cache == "shared" if cache is None else cache
    with (
        pool_of(cluster, question, allow_weak) as pool,
        Progress(question, quiet=not sys.stderr.isatty()) as progress,
    ):
        run, failure = waited_for(
            lambda: start(
                question,
                scientist=who,
                seed=seed,
                out=out,
                cache=home().parent / "cache" if shared else None,
                watch=progress.look,
                lessons=earlier,
                pool=pool,
                **options,
            )
        )
    finish(run, failure, as_json)


@contextlib.contextmanager
def pool_of(cluster: str | None, question: "Scenario", allow_weak: bool) -> "Iterator[Pool | None]":
    """Give the pool of a cluster's workers; None, for the run's own pool, without a profile.

    Raises:
        ClusterError: there is no such profile, or it cannot be used.
    """
    if cluster is None:
        yield None
        return
    from gaseol.tools.cluster.crew import Crew
    from gaseol.tools.cluster.pool import ClusterPool
    from gaseol.tools.cluster.profile import profile
    from gaseol.tools.registry import Registry
    from gaseol.traces.shelf import home

    folders = (question.folder,) if question.folder else ()
    with Crew(cluster, profile(cluster), home().absolute() / ".cluster") as crew:
        pool = ClusterPool(Registry.load(), crew, folders, allow_weak=allow_weak)
        try:
            yield pool
        finally:
            pool.close()


def _in_graph(question: "Scenario", graph: str) -> "Scenario":
    """Return a question, to be asked in another graph.

    Raises:
        UnknownGraph: there is none of this name.
        ScenarioError: the graph needs something that the question does not say.
    """
    from gaseol.graphs.replay.forking import changed
    from gaseol.graphs.running.runner import graph_named

    graph_named(graph)
    found = changed(question, {"graph": graph})
    return found.placed(question.folder) if question.folder else found


def _controlled(
    question: "Scenario",
    who: "Scientist",
    seeds: range,
    out: Path | None,
    options: Mapping[str, Any],
    as_json: bool,
) -> int:
    """Run the arms, print them side by side and return the exit code."""
    from gaseol.agents.chance import chance
    from gaseol.agents.embedded import embedded
    from gaseol.cli.arms_table import tell
    from gaseol.graphs.sweep.arms import compare
    from gaseol.traces.shelf import new_folder

    arms = {s.name: s for s in (embedded(), chance(), who)}
    folder = out or new_folder(f"{question.name}-control")

    def told(arm: str, seed: int, done: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"run {done + 1} of {len(arms) * len(seeds)}: {arm}, seed {seed}", err=True)

    found = [
        arm.summary()
        for arm in compare(question, list(arms.values()), seeds, folder, told=told, **options)
    ]
    chart = ""
    if question.campaign is not None:
        from gaseol.graphs.sweep.chart import write_courses

        path = folder / "progress.svg"
        write_courses(found, path, question.measurement.name, question.measurement.unit)
        chart = str(path)
    if as_json:
        import orjson

        said = {"scenario": question.name, "seeds": list(seeds), "out": str(folder), "arms": found,
                **({"chart": chart} if chart else {})}  # fmt: skip
        click.echo(orjson.dumps(said, option=orjson.OPT_INDENT_2))
    else:
        tell(found)
        click.echo(f"means over {len(seeds)} seeds with 95% intervals; records: {folder}")
        if chart:
            click.echo(f"the best so far, arm by arm: {chart}")
    statuses = {run["status"] for arm in found for run in arm["runs"]}
    return 1 if "failed" in statuses else 3 if "paused" in statuses else 0


def sealing_key(name: str | None) -> "Ed25519PrivateKey | None":
    """Return the key that signs seals: the one named, else the user's default, else none.

    Raises:
        KeyProblem: it is not there, or does not open.
    """
    from gaseol.traces.signatures import keys

    return keys.load_key(name) if name or keys.default() else None


def waited_for(begin: "Callable[[], Run]") -> "tuple[Run, Exception | None]":
    """Begin a run, wait for its end and return it with what made it fail."""
    run: Run | None = None
    try:
        run = begin()
        return run, waited(run)
    except KeyboardInterrupt:
        if run is None:
            click.echo("if the run had begun, it goes on with: gaseol resume", err=True)
            raise
        run.abandon()  # it had just begun: nobody was listening for signals yet
        return run, None


def waited(run: "Run") -> Exception | None:
    """Wait for the end of a run and return what made it fail, if anything did.

    A signal stops the run. One that does not stop in time is left where it is, which is what the
    record is made for: it can be resumed from there as after a kill.
    """
    asked: list[float] = []

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        asked.append(time.monotonic())
        run.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        while run.status == "running":
            run.wait(0.1)
            if asked and time.monotonic() > asked[0] + _PATIENCE:
                run.abandon()
        run.wait(0)
    except Exception as error:  # noqa: BLE001 (a run that failed is told, not thrown)
        return error
    return None


def finish(run: "Run", failure: Exception | None, as_json: bool) -> NoReturn:
    """Print what came of a run and exit with its code."""
    from gaseol.cli.errors import said
    from gaseol.traces.record.blob import Unrecorded

    code = _CODES.get(run.status, 1)
    if failure is not None:
        message = said(failure)
        mendable = message is not None and not isinstance(failure, Unrecorded)
        code = 2 if mendable else 1
        unforeseen = f"{type(failure).__name__}: {failure}"
        click.echo(f"gaseol: {message or unforeseen}", err=True)
    for notice in run.notices():
        click.echo(f"gaseol: {notice}", err=True)
    _tell(run, as_json)
    if run.abandoned:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # whatever it is that did not stop is not waited for
    sys.exit(code)


def _added(run: "Run") -> str:
    """Say what models contributed, in a line; empty where none took part."""
    cost = run.docket.ended.cost if run.docket.ended else {}
    calls = int(cost.get("model_calls", 0))
    if not calls:
        return ""
    theirs = [h for h in run.docket.hypotheses.values() if h.proposed_by.startswith("theorist ")]
    away = sum(h.id in run.docket.turned_away for h in theirs)
    tested = sum(h.id in run.docket.registrations for h in theirs)
    return (
        f"models: {calls} requests, {int(cost.get('tokens', 0)):,} tokens; {len(theirs)} hypotheses, "
        f"{tested} tested, {away} turned away"
    )


def _tell(run: "Run", as_json: bool) -> None:
    found: Any = run.summary()
    if as_json:
        import orjson

        options = orjson.OPT_INDENT_2
        click.echo(orjson.dumps({**found, "report": str(run.report or "")}, option=options))
        return
    from rich.console import Console

    from gaseol.cli.board import board
    from gaseol.traces.language import words

    console = Console()
    asked = run.trace.run.get("scenario")
    t = words(str(asked.get("language") or "en") if isinstance(asked, dict) else "en")
    if found["hypotheses"]:
        console.print(board(found["hypotheses"], t=t))
        console.print()
    if "campaign" in found:
        from gaseol.cli.front_lines import front_lines

        for line in front_lines(found["campaign"]):
            click.echo(line)
    for claim in found["claims"]:
        if claim["supported"] is False:
            said = t("UNSUPPORTED by the record: {claim}", claim=claim["text"])
            console.print(said, markup=False)
    ends = {
        "done": t("done"),
        "budget": t("ended: {reason}", reason=t.retold(found["reason"])),
        "interrupted": t("interrupted; go on with: gaseol resume {run}", run=run.path),
        "paused": t("paused for a person; see: gaseol todo {run}", run=run.path),
        "failed": t("failed: {reason}", reason=found["reason"]),
    }
    click.echo(ends.get(run.status, run.status))
    if (added := _added(run)) and run.status in ("done", "budget"):
        click.echo(added)
    if found["would"]:
        click.echo(t("next it would measure:") + "\n  " + "\n  ".join(found["would"]))
    if run.report is not None:
        click.echo(t("report: {path}", path=run.report))
    click.echo(t("record: {path}", path=run.path))
    click.echo(t("check it: gaseol verify {run}", run=run.path))

"""`gaseol run`."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from gaseol.agents.roles import Scientist
    from gaseol.graphs.handle import Run
    from gaseol.scenarios.scenario import Scenario

_CODES = {"done": 0, "budget": 0, "failed": 1, "paused": 3, "interrupted": 130}


@click.command("run")
@click.argument("scenario")
@click.option(
    "--scientist",
    default="embedded",
    show_default=True,
    help="Who thinks: embedded, a model's profile beside it, or alone:PROFILE.",
)
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
@click.option("--key", help="The key that signs the seal (default: the one of `gaseol key`).")
@click.option("--no-key", is_flag=True, help="Seal without a signature.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    scenario: str,
    scientist: str,
    seed: int,
    out: Path | None,
    jobs: int | None,
    cache: bool | None,
    despite: str,
    control: bool,
    seeds: int | None,
    key: str | None,
    no_key: bool,
    as_json: bool,
) -> None:
    """Run SCENARIO: a folder, a scenario.yaml, or the name of a built-in one."""
    from gaseol.cli.progress import Progress
    from gaseol.graphs.launch import find_scientist, start
    from gaseol.scenarios import load
    from gaseol.traces.shelf import home

    question = load(scenario)
    who = find_scientist(scientist, despite=despite)
    if control:
        numbers = range(seed, seed + (seeds or 5))
        sys.exit(_controlled(question, who, numbers, out, jobs, as_json))
    if seeds is not None:
        raise click.UsageError("--seeds is for --control")
    shared = question.policy.cache == "shared" if cache is None else cache
    with Progress(question, quiet=not sys.stderr.isatty()) as progress:
        run = start(
            question,
            scientist=who,
            seed=seed,
            out=out,
            jobs=jobs,
            cache=home().parent / "cache" if shared else None,
            watch=progress.look,
            key=None if no_key else sealing_key(key),
        )
        _stop_on_signals(run)
        failure = _follow(run)
    sys.exit(_finished(run, failure, as_json))


def _controlled(
    question: "Scenario",
    who: "Scientist",
    seeds: range,
    out: Path | None,
    jobs: int | None,
    as_json: bool,
) -> int:
    """Run the arms, print them side by side and return the exit code."""
    from gaseol.agents.chance import chance
    from gaseol.agents.embedded import embedded
    from gaseol.cli.arms_table import tell
    from gaseol.graphs.arms import compare
    from gaseol.traces.shelf import new_folder

    arms = {s.name: s for s in (embedded(), chance(), who)}
    folder = out or new_folder(f"{question.name}-control")

    def told(arm: str, seed: int, done: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"run {done + 1} of {len(arms) * len(seeds)}: {arm}, seed {seed}", err=True)

    found = [
        arm.summary()
        for arm in compare(question, list(arms.values()), seeds, folder, jobs=jobs, told=told)
    ]
    if as_json:
        import orjson

        said = {"scenario": question.name, "seeds": list(seeds), "out": str(folder), "arms": found}
        click.echo(orjson.dumps(said, option=orjson.OPT_INDENT_2))
    else:
        tell(found)
        click.echo(f"means over {len(seeds)} seeds with 95% intervals; records: {folder}")
    return 0 if all(r["status"] in ("done", "budget") for a in found for r in a["runs"]) else 1


def follow(run: "Run", as_json: bool) -> int:
    """Wait for a run, print what came of it and return the exit code."""
    _stop_on_signals(run)
    return _finished(run, _follow(run), as_json)


def sealing_key(name: str | None) -> "Ed25519PrivateKey | None":
    """Return the key that signs seals: the one named, else the user's default, else none.

    Raises:
        KeyProblem: it is not there, or does not open.
    """
    from gaseol.traces import keys

    return keys.load_key(name) if name or keys.default() else None


def _finished(run: "Run", failure: Exception | None, as_json: bool) -> int:
    from gaseol.cli.errors import said

    code = _CODES.get(run.status, 1)
    if failure is not None:
        message = said(failure)
        code = max(code, 1) if message is None else 2
        unforeseen = f"{type(failure).__name__}: {failure}"
        click.echo(f"gaseol: {message or unforeseen}", err=True)
    _tell(run, as_json)
    return code


def _follow(run: "Run") -> Exception | None:
    """Wait for the end of a run and return what made it fail, if anything did."""
    try:
        while run.status == "running":
            run.wait(0.1)
        run.wait()
    except Exception as error:  # noqa: BLE001 (a run that failed is told, not thrown)
        return error
    return None


def _stop_on_signals(run: "Run") -> None:
    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        run.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def _tell(run: "Run", as_json: bool) -> None:
    found: Any = run.summary()
    if as_json:
        import orjson

        options = orjson.OPT_INDENT_2
        click.echo(orjson.dumps({**found, "report": str(run.report or "")}, option=options))
        return
    from rich.console import Console

    from gaseol.cli.board import board

    console = Console()
    if found["hypotheses"]:
        console.print(board(found["hypotheses"]))
        console.print()
    for claim in found["claims"]:
        if claim["supported"] is False:
            console.print(f"UNSUPPORTED by the record: {claim['text']}", markup=False)
    words = {"done": "done", "budget": f"ended: {found['reason']}", "interrupted": "interrupted",
             "failed": f"failed: {found['reason']}"}  # fmt: skip
    console.print(f"{words.get(run.status, run.status)}", markup=False, highlight=False)
    for label, path in (("report", run.report), ("record", run.path)):
        if path is not None:
            click.echo(f"{label}: {path}")
    click.echo(f"check it: gaseol verify {run.path}")

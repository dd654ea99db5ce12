"""`gaseol resume`."""

import sys
from pathlib import Path

import click

from gaseol.cli.permission import allow_weak


@click.command("resume")
@click.argument("run", required=False)
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The scenario's folder, where it is not what it was: on another machine.",
)
@click.option("--jobs", type=click.IntRange(min=1), help="Tool calls at a time.")
@click.option(
    "--on",
    "cluster",
    metavar="PROFILE",
    help="Send tool calls to the workers of this profile of clusters.yaml.",
)
@click.option("--key", help="The key that signs the seal (default: the one that RUN names).")
@allow_weak
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    run: str | None,
    folder: Path | None,
    jobs: int | None,
    cluster: str | None,
    key: str | None,
    allow_weak: bool,
    as_json: bool,
) -> None:
    """Go on with RUN, or with the newest, after it was interrupted, killed or paused.

    What is on record is not done again. Exit codes are those of `gaseol run`.
    """
    from gaseol.cli.progress import Progress
    from gaseol.cli.run_command import finish, pool_of, waited_for
    from gaseol.graphs.replay.resuming import start_again
    from gaseol.graphs.running.asked import scenario_of
    from gaseol.graphs.running.setup import Setup
    from gaseol.traces.record.trace import Trace
    from gaseol.traces.shelf import find_run
    from gaseol.traces.signatures import keys

    place = find_run(run)
    if cluster and jobs:
        raise click.UsageError("--on does not go with --jobs")
    signing = keys.load_key(key) if key else None
    question = scenario_of(Trace(place).run)
    beside = Setup.beside(place).place(question, folder)
    with (
        pool_of(cluster, question.placed(beside) if beside else question, allow_weak) as pool,
        Progress(question, quiet=not sys.stderr.isatty()) as progress,
    ):
        going, failure = waited_for(
            lambda: start_again(
                place,
                beside=folder,
                jobs=jobs,
                pool=pool,
                watch=progress.look,
                key=signing,
                allow_weak=allow_weak,
            )
        )
    finish(going, failure, as_json)

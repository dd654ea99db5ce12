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
@click.option("--key", help="The key that signs the seal (default: the one that RUN names).")
@allow_weak
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    run: str | None,
    folder: Path | None,
    jobs: int | None,
    key: str | None,
    allow_weak: bool,
    as_json: bool,
) -> None:
    """Go on with RUN, or with the newest, after it was interrupted, killed or paused.

    What is on record is not done again. Exit codes are those of `gaseol run`.
    """
    from gaseol.cli.progress import Progress
    from gaseol.cli.run_command import finish, waited_for
    from gaseol.graphs.replay.resuming import start_again
    from gaseol.graphs.running.asked import scenario_of
    from gaseol.traces.record.trace import Trace
    from gaseol.traces.shelf import find_run
    from gaseol.traces.signatures import keys

    place = find_run(run)
    signing = keys.load_key(key) if key else None
    with Progress(scenario_of(Trace(place).run), quiet=not sys.stderr.isatty()) as progress:
        going, failure = waited_for(
            lambda: start_again(
                place,
                beside=folder,
                jobs=jobs,
                watch=progress.look,
                key=signing,
                allow_weak=allow_weak,
            )
        )
    finish(going, failure, as_json)

"""`gaseol fork`."""

from pathlib import Path

import click

from gaseol.cli.permission import allow_weak


@click.command("fork")
@click.argument("run")
@click.option("--at", type=click.IntRange(min=1), required=True, help="Branch before this event.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Change a field of the scenario, by its dotted path; may be repeated.",
)
@click.option("--scientist", help="Who thinks; by default who thought in RUN.")
@click.option("--seed", type=click.IntRange(min=0), help="By default that of RUN.")
@click.option(
    "--beside",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The scenario's folder, where it is not what it was: on another machine.",
)
@click.option("--out", type=click.Path(path_type=Path), help="The new run's folder.")
@click.option("--jobs", type=click.IntRange(min=1), help="Tool calls at a time.")
@allow_weak
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    run: str,
    at: int,
    settings: tuple[str, ...],
    scientist: str | None,
    seed: int | None,
    beside: Path | None,
    out: Path | None,
    jobs: int | None,
    allow_weak: bool,
    as_json: bool,
) -> None:
    """Branch a new run off RUN: what was answered before event N is not asked again.

    The new record names its parent and the branch, and shares the parent's payloads.
    Exit codes are those of `gaseol run`.
    """
    from gaseol.cli.run_command import finish, sealing_key, waited_for
    from gaseol.graphs.replay.forking import Prefix, branch_scenario
    from gaseol.graphs.running.launch import start
    from gaseol.traces.shelf import find_run

    changed: dict[str, str] = {}
    for setting in settings:
        field, equals, value = setting.partition("=")
        if not equals or not field:
            raise click.BadParameter(f"'{setting}' is not FIELD=VALUE", param_hint="--set")
        changed[field] = value
    prefix = Prefix.of(find_run(run), at)
    trace = prefix.parent
    branch, failure = waited_for(
        lambda: start(
            branch_scenario(trace, changed, beside),
            scientist=scientist or trace.run["scientist"],
            seed=trace.run["seed"] if seed is None else seed,
            out=out,
            jobs=jobs,
            prefix=prefix,
            key=sealing_key(None),
            allow_weak=allow_weak,
        )
    )
    finish(branch, failure, as_json)

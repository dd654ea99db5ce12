"""`gaseol show`."""

import math

import click


@click.command("show")
@click.argument("run", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(run: str | None, as_json: bool) -> None:
    """Show RUN's hypothesis board (the newest run by default)."""
    from gaseol.traces.record.docket import Docket
    from gaseol.traces.record.trace import Trace
    from gaseol.traces.shelf import find_run
    from gaseol.traces.summary import summary

    trace = Trace(find_run(run))
    docket = Docket.of(trace)
    said = summary(docket, str(trace.folder), trace.status)
    if as_json:
        import orjson

        click.echo(orjson.dumps(said, option=orjson.OPT_INDENT_2))
        return
    from rich.console import Console
    from rich.text import Text

    from gaseol.cli.board import board

    console = Console()
    started = docket.started
    if started:
        console.print(Text(f"{started.scenario}: {started.question.strip()}"))
        console.print(
            Text(f"{said['status']}, scientist {started.scientist}, seed {started.seed}", "dim")
        )
        console.print()
        if started.hypotheses:
            threshold = math.log(started.hypotheses / started.alpha)
            console.print(board(said["hypotheses"], threshold))
    for row in said["hypotheses"]:
        score = {"agrees": " [agrees with what is known]", "disagrees": " [DISAGREES with what is known]"}  # fmt: skip
        console.print()
        console.print(Text(f"{row['id']} {row['statement']}", "bold"))
        console.print(Text(f"   predicted: {row['prediction']}"))
        console.print(
            Text(
                f"   {row['verdict']} ({row['basis']}): {row['reason']}{score.get(row['score'], '')}"
            )
        )
    if "campaign" in said:
        from gaseol.cli.front_lines import front_lines

        console.print()
        for line in front_lines(said["campaign"]):
            console.print(Text(line))
        if said["campaign"]["next"]:
            console.print(Text(f"next: {', '.join(said['campaign']['next'])}"))
    if said["turned_away"]:
        console.print()
        console.print(Text("Turned away:", "bold"))
        for idea in said["turned_away"]:
            console.print(Text(f"   {idea['id']} {idea['statement']}: {idea['reason']}"))
    for point in said["literature"]["points"]:
        flawed = "; ".join(point["problems"])
        console.print()
        console.print(Text(point["text"], "red" if flawed else ""))
        console.print(Text(f"   {', '.join(point['cites'])}", "dim"))
        if flawed:
            console.print(Text(f"   NOT BORNE OUT: {flawed}", "red"))
    if said["literature"]["missing"]:
        console.print(Text(f"Not found: {', '.join(said['literature']['missing'])}", "bold"))
    unsupported = [c for c in said["claims"] if c["supported"] is False]
    for claim in unsupported:
        console.print(Text(f"UNSUPPORTED by the record: {claim['text']}", "red"))
    report = trace.folder / "report.html"
    click.echo()
    click.echo(f"record: {trace.folder}")
    if report.is_file():
        click.echo(f"report: {report}")

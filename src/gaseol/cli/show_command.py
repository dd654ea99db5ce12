"""`gaseol show`."""

import math

import click


@click.command("show")
@click.argument("run", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(run: str | None, as_json: bool) -> None:
    """Show RUN's hypothesis board (the newest run by default)."""
    from gaseol.traces.language import words
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
    scenario = trace.run.get("scenario")
    t = words(str(scenario.get("language") or "en") if isinstance(scenario, dict) else "en")
    started = docket.started
    if started:
        console.print(Text(f"{started.scenario}: {started.question.strip()}"))
        console.print(
            Text(
                t(
                    "{status}, scientist {scientist}, seed {seed}",
                    status=t.retold(said["status"]),
                    scientist=started.scientist,
                    seed=started.seed,
                ),
                "dim",
            )
        )
        console.print()
        if started.hypotheses:
            threshold = math.log(started.hypotheses / started.alpha)
            console.print(board(said["hypotheses"], threshold, t))
    for row in said["hypotheses"]:
        score = {
            "agrees": t(" [agrees with what is known]"),
            "disagrees": t(" [DISAGREES with what is known]"),
        }
        console.print()
        console.print(Text(f"{row['id']} {row['statement']}", "bold"))
        console.print(
            Text("   " + t("predicted: {prediction}", prediction=t.retold(row["prediction"])))
        )
        console.print(
            Text(
                f"   {t.retold(row['verdict'])} ({t.retold(row['basis'])}): "
                f"{t.retold(row['reason'])}{score.get(row['score'], '')}"
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
        console.print(Text(t("Turned away:"), "bold"))
        for idea in said["turned_away"]:
            console.print(Text(f"   {idea['id']} {idea['statement']}: {t.retold(idea['reason'])}"))
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
        console.print(Text(t("UNSUPPORTED by the record: {claim}", claim=claim["text"]), "red"))
    report = trace.folder / "report.html"
    click.echo()
    click.echo(t("record: {path}", path=trace.folder))
    if report.is_file():
        click.echo(t("report: {path}", path=report))

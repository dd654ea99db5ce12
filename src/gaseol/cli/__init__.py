"""The command line: `gaseol COMMAND`, one module a command, imported when it is used.

Exit codes: 0 done (whatever the verdict; for verify, replay and check: it holds), 1 it does
not hold or the run failed, 2 bad input, 3 paused for a person, 130 interrupted (resumable).
"""

import signal
import sys
import threading
from importlib import import_module

import click

COMMANDS = {
    "run": "Run a scenario: hypotheses, experiments, verdicts, report.",
    "resume": "Go on with a run that was interrupted, killed or paused.",
    "todo": "List what runs wait for: measurements, approvals.",
    "answer": "Hand in a measurement or an approval that a run waits for.",
    "sweep": "Run a scenario with many seeds and settings, here or on a cluster.",
    "show": "Show a run's hypothesis board.",
    "verify": "Check that a record is intact, in order, and says what it concludes.",
    "replay": "Step through what happened in a run, or drive its code by the record.",
    "rerun": "Run a run's tools again and compare every number.",
    "fork": "Branch a new run off another one.",
    "diff": "Say where two runs part, and what differs.",
    "review": "Note, question, judge and sign a run; the record stays untouched.",
    "view": "Look at a run in the browser.",
    "export": "Write a run in another format: html, rocrate, prov, otel, inspect, bundle.",
    "store": "Share sealed runs in one place, for many people.",
    "query": "Ask questions across runs.",
    "model": "Keep profiles of language models, and try what they can do.",
    "key": "Make, list and trust the keys that seal records.",
    "list": "List scenarios, tools, runs, graphs, scientists or roles.",
    "tool": "Call one tool: gaseol tool NAME key=value ...",
    "corpus": "Index a folder of one's own documents, and search it.",
    "new": "Write a small working plug-in: a tool, role, graph or scenario.",
    "check": "Check a scenario, or that a plug-in is what it declares to be.",
    "mcp": "Serve tools, scenarios and records by the Model Context Protocol.",
    "demo": "Run the first question, on this machine, offline.",
    "bundle": "Gather all that an installation without a network needs.",
    "doctor": "Try what gaseol needs on this machine, and say what is missing.",
}
"""Commands in the order they are met, with the line that `--help` shows."""


class _Commands(click.Group):
    """Imports a command's module only when that command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"gaseol.cli.{cmd_name}_command").command
        command.short_help = COMMANDS[cmd_name]
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise click.UsageError(f"there is no command '{args[0]}'{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gaseol", message="%(version)s")
def gaseol() -> None:
    """Agentic scientific discovery on your own machine.

    A scientist proposes rival hypotheses, registers them before measuring, lets tools measure
    and statistics judge, and leaves a record that a stranger can check offline.

    Begin with `gaseol run boiling`, then `gaseol show`, `gaseol verify`, `gaseol replay`.
    """


def main() -> None:
    """Run the command line and exit with its code."""
    if threading.current_thread() is threading.main_thread():
        # asked to end is asked to end, by whomever; a run then says how it goes on
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(gaseol.main(standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "")
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # whoever read our output has closed it, as `head` does
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        from gaseol.cli.errors import said

        message = said(error)
        if message is None:
            raise
        click.echo(f"gaseol: {message}", err=True)
        sys.exit(2)

"""What the command line says of itself: short, complete, and the same everywhere."""

import re
import sys
from pathlib import Path

import click
import pytest

from gaseol.cli import COMMANDS, gaseol

FOLDER = Path(sys.modules["gaseol.cli"].__file__ or "").parent


def command(name: str) -> click.Command:
    found = gaseol.get_command(click.Context(gaseol), name)
    assert found is not None
    return found


def told(*words: str) -> str:
    from click.testing import CliRunner

    answer = CliRunner().invoke(gaseol, [*words, "--help"])
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_every_command_has_a_module_and_every_module_a_command() -> None:
    assert {f"{name}_command" for name in COMMANDS} == {f.stem for f in FOLDER.glob("*_command.py")}


def test_the_overview_lists_every_command_in_order() -> None:
    overview = told().partition("Commands:")[2]
    at = [overview.index(f"\n  {name} ") for name in COMMANDS]
    assert at == sorted(at)
    said = " ".join(overview.split())
    for line in COMMANDS.values():
        assert line in said
    for words in re.findall(r"`gaseol\s+(\w+)", told()):
        assert words in COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    found = command(name)
    said = told(name)
    assert found.name == name
    assert said.startswith("Usage: ")
    text = (found.help or "").strip()
    assert text, "a command has a docstring"
    assert text[0].isupper()
    assert text.split("\n")[0].endswith(".")
    assert max(map(len, said.splitlines())) <= 80
    for parameter in found.params:
        if isinstance(parameter, click.Option) and parameter.name != "help":
            assert parameter.help, f"--{parameter.name} has no help"
            assert parameter.help.endswith("."), parameter.help
        elif isinstance(parameter, click.Argument):
            metavar = parameter.make_metavar(click.Context(found)).strip("[].")
            assert metavar.split("=")[0] in said.replace("\n", " ")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_what_the_command_says(name: str) -> None:
    """The overview's line is the command's own short help."""
    assert command(name).get_short_help_str(200) == COMMANDS[name]


def test_the_exit_codes_are_documented() -> None:
    text = sys.modules["gaseol.cli"].__doc__ or ""
    for words in ("0 done", "1 it does", "2 bad input", "3 paused", "130 interrupted"):
        assert words in text

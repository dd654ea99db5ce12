"""`gaseol model`."""

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from gaseol.agents.models.profile import Profile

_DIALECTS = ("openai", "vllm", "llama.cpp", "llama-cpp-python", "sglang", "ollama")
_USES = ("research", "teaching", "commercial")
_CLEARANCES = ("public", "institute", "project", "secret")


@click.group("model")
def command() -> None:
    """Keep profiles of language models, and try what they can do.

    A profile is used by its name: gaseol run SCENARIO --scientist NAME.
    """


@command.command("add")
@click.argument("url")
@click.option("--name", help="The profile's name (default: made of the model's).")
@click.option("--model", help="Which of the server's models (default: its only one).")
@click.option("--dialect", type=click.Choice(_DIALECTS), help="The kind of server (default: seen).")
@click.option("--key-env", default="", help="The environment variable that holds the key.")
@click.option("--temperature", type=float, help="Of sampling (default 0.7).")
@click.option("--top-p", type=float, help="Of sampling (default 0.95).")
@click.option("--max-tokens", type=int, help="The longest answer, in tokens.")
@click.option("--context", type=int, help="Tokens of prompt and answer (default: as served).")
@click.option("--vision/--no-vision", default=False, help="Whether it reads pictures.")
@click.option("--licence", default="", help="The model's licence, by name.")
@click.option("--allows", multiple=True, type=click.Choice(_USES), help="A use it allows; repeat.")
@click.option("--clearance", type=click.Choice(_CLEARANCES), help="The most it may be told.")
@click.option("--prompt-price", type=float, help="Money for a million tokens read.")
@click.option("--completion-price", type=float, help="Money for a million tokens written.")
@click.option("--timeout", "timeout_seconds", type=float, help="Seconds for one answer.")
@click.option("--concurrency", type=int, help="Requests at a time.")
@click.option("--template", help="chat_template_kwargs, as JSON.")
@click.option("--no-probe", is_flag=True, help="Believe the server; do not try it.")
@click.option("--replace", "again", is_flag=True, help="Take the place of a profile of this name.")
def add(url: str, no_probe: bool, again: bool, **given: Any) -> None:
    """Keep the model served at URL, such as http://127.0.0.1:8000/v1, and try what it can do."""
    from gaseol.agents.models.probe import seen
    from gaseol.agents.models.profile import save_profile

    profile = _profile(url, given)
    if not no_probe:
        profile = seen(profile)
    path = save_profile(profile, again=again)
    _tell(profile)
    click.echo(f"kept in {path}; use it: gaseol run SCENARIO --scientist {profile.name}")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_models(as_json: bool) -> None:
    """List the profiles."""
    from gaseol.agents.models.profile import profiles

    found = profiles()
    if as_json:
        import orjson

        rows = [p.model_dump(mode="json") for p in found.values()]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    for profile in found.values():
        click.echo(_line(profile))
    if not found:
        click.echo("no model yet; add one with: gaseol model add URL", err=True)


@command.command("probe")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def probe(name: str, as_json: bool) -> None:
    """Try again what the model NAME can do, and keep what was seen."""
    from gaseol.agents.models.probe import seen
    from gaseol.agents.models.profile import load_profile, save_profile

    profile = seen(load_profile(name))
    save_profile(profile, again=True)
    if as_json:
        import orjson

        click.echo(orjson.dumps(profile.model_dump(mode="json"), option=orjson.OPT_INDENT_2))
        return
    _tell(profile)


@command.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Forget the profile NAME; runs that used it can still be replayed."""
    from gaseol.agents.models.profile import remove_profile

    remove_profile(name)
    click.echo(f"{name} is forgotten")


def _profile(url: str, given: dict[str, Any]) -> "Profile":
    """Return the profile of what is served at an address, with what was given.

    Raises:
        ProfileProblem: nobody answers, several models are served, or an option is out of range.
    """
    import json
    import os
    import re

    from pydantic import ValidationError

    from gaseol.agents.models.probe import served
    from gaseol.agents.models.profile import Profile, ProfileProblem

    given = {k: v for k, v in given.items() if v is not None}
    found = served(url.rstrip("/"), os.environ.get(given.get("key_env", ""), "").strip())
    model = given.pop("model", None)
    if model is None:
        if len(found.models) != 1:
            names = ", ".join(found.models[:12]) or "none"
            raise ProfileProblem(f"choose one of its models with --model; it serves: {names}")
        model = found.models[0]
    stem = re.sub(r"[^a-z0-9_.-]+", "-", model.rsplit("/", 1)[-1].removesuffix(".gguf").lower())
    name = given.pop("name", None) or stem.strip("-._0123456789")[:64] or "model"
    template = given.pop("template", None)
    about: dict[str, Any] = {
        "dialect": found.dialect, "uses": given.pop("allows", ()), "name": name, "url": url,
        "model": model, **given,
    }  # fmt: skip
    if "context" not in about and found.context:
        about["context"] = found.context
    try:
        if template:
            about["template"] = json.loads(template)
        return Profile.model_validate(about)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        said = first["msg"].removeprefix("Value error, ")
        raise ProfileProblem(f"{where}: {said}") from None
    except ValueError as error:
        raise ProfileProblem(f"--template is no JSON: {error}") from None


def _line(profile: "Profile") -> str:
    uses = ", ".join(profile.uses) or "uses not stated"
    licence = f"{profile.licence}, {uses}" if profile.licence else uses
    return (
        f"{profile.name}  {profile.model} at {profile.url} ({profile.dialect}; {licence}; cleared "
        f"for {profile.clearance})"
    )


def _tell(profile: "Profile") -> None:
    click.echo(_line(profile))
    click.echo(f"schemas by {profile.means}, context {profile.context} tokens")
    seen = profile.capabilities
    if seen is None:
        return
    words = {True: "yes", False: "no"}
    for way, kept in seen.means.items():
        click.echo(f"  {way:<20}{'keeps to the schema' if kept else 'does not'}")
    for what, holds in (
        ("required tool", seen.required_tool),
        ("named tool", seen.named_tool),
        ("same seed, same answer", seen.seeded),
        ("usage in a stream", seen.stream_usage),
    ):
        click.echo(f"  {what:<24}{words[holds]}")
    for note in seen.notes:
        click.echo(f"  note: {note}")

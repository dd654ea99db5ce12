"""`gaseol list`."""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from gaseol.traces.archive.card import Card

_KINDS = ("scenarios", "tools", "runs", "graphs", "scientists", "roles")
_STATUSES = ("done", "budget", "paused", "interrupted", "failed", "running")
_RULINGS = ("supported", "refuted", "undecided", "invalid")
_ORDERS: dict[str, Callable[["Card"], Any]] = {
    "newest": lambda card: card.started,
    "oldest": lambda card: card.started,
    "name": lambda card: card.name,
    "scenario": lambda card: (card.scenario, card.seed or 0, card.started),
    "longest": lambda card: card.seconds or 0.0,
    "supported": lambda card: card.verdicts.get("supported", 0),
}
_DESCENDING = ("newest", "longest", "supported")


@click.command("list")
@click.argument("kind", type=click.Choice(_KINDS))
@click.option("--scenario", help="runs: of this scenario.")
@click.option("--scientist", help="runs: by this scientist.")
@click.option("--seed", type=int, help="runs: with this seed.")
@click.option("--status", type=click.Choice(_STATUSES), help="runs: that ended so.")
@click.option("--verdict", type=click.Choice(_RULINGS), help="runs: with such a verdict.")
@click.option(
    "--since", metavar="DATE", help="runs: begun then or later, such as 2026-01-31 (UTC)."
)
@click.option(
    "--text", metavar="WORD", help="runs: with WORD in name, question, hypotheses, claims."
)
@click.option("--sort", type=click.Choice(list(_ORDERS)), help="runs: in this order.")
@click.option("--limit", type=click.IntRange(min=1), help="runs: at most so many.")
@click.option("--tag", help="tools: of this family.")
@click.option("--find", "words", metavar="WORDS", help="tools: that are about WORDS, best first.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(kind: str, as_json: bool, **filters: Any) -> None:
    """List what there is of KIND: scenarios, tools, runs, graphs, scientists or roles."""
    given = {name: value for name, value in filters.items() if value is not None}
    for name in given:
        owner = "tools" if name in ("tag", "words") else "runs"
        if kind != owner:
            option = "find" if name == "words" else name
            raise click.UsageError(f"--{option} is for: gaseol list {owner}")
    rows = list(_SIFTED[kind](given) if kind in _SIFTED else _LISTS[kind]())
    if as_json:
        import orjson

        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    width = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        said = f"{row['name']:<{width}}  {row['summary']}"
        click.echo("".join(c if c.isprintable() else " " for c in said))


def _runs(given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    from gaseol.traces.archive.card import cards
    from gaseol.traces.shelf import home

    since = _moment(given["since"]) if "since" in given else None
    found = cards(home(), _progress)
    wanted = [card for card in found if _matches(card, given, since)]
    order = given.get("sort")
    if order:
        # what is broken says nothing to sort by, and stays at the end
        wanted.sort(key=_ORDERS[order], reverse=order in _DESCENDING)
        wanted.sort(key=lambda card: bool(card.broken))
    broken = sum(1 for card in found if card.broken)
    if broken and given.keys() - {"sort", "limit"}:
        click.echo(f"{broken} broken runs cannot be filtered; see: gaseol list runs", err=True)
    for card in wanted[: given.get("limit")]:
        yield {
            "name": card.name,
            "summary": card.summary,
            "path": card.path,
            "status": card.status,
            "scenario": card.scenario,
            "scientist": card.scientist,
            "seed": card.seed,
            "started": card.started,
            "seconds": card.seconds,
            "events": card.events,
            "verdicts": card.verdicts,
            "claims": card.claims,
            "broken": card.broken,
        }


def _matches(card: "Card", given: dict[str, Any], since: datetime | None) -> bool:
    if card.broken:
        return not given.keys() - {"sort", "limit"}
    return (
        all(getattr(card, name) == given[name] for name in ("scenario", "scientist", "seed", "status") if name in given)
        and ("verdict" not in given or given["verdict"] in card.verdicts)
        and (since is None or (card.started != "" and _moment(card.started) >= since))
        and ("text" not in given or card.holds(given["text"]))
    )  # fmt: skip


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except ValueError:
        raise click.BadParameter(f"'{text}' is no date such as 2026-01-31 or 2026-01-31T15:00") from None  # fmt: skip


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty() and of > 50:
        click.echo(f"\rreading run {done} of {of}", nl=done == of, err=True)


def _scenarios() -> Iterator[dict[str, Any]]:
    from gaseol.scenarios.catalogue import known
    from gaseol.scenarios.loader import load

    for name, path in known().items():
        scenario = load(path)
        yield {"name": name, "summary": scenario.title, "field": scenario.field, "path": str(path)}


def _tools(given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    from gaseol.tools.contract.requirement import how_to_get
    from gaseol.tools.discovery import families, ranked
    from gaseol.tools.registry import Registry

    registry = Registry.load()
    tag = given.get("tag")
    if tag is not None and tag not in families(registry):
        raise click.BadParameter(f"no tool has the tag '{tag}'; there are "
                                 f"{', '.join(families(registry))}")  # fmt: skip
    for tool in ranked(registry, given["words"]) if "words" in given else registry:
        if tag is not None and tag not in tool.tags:
            continue
        missing = tool.missing()
        needed = " and ".join(map(how_to_get, missing))
        yield {
            "name": tool.name,
            "summary": tool.summary + (f" (not available: it needs {needed})" if missing else ""),
            "tags": tool.tags,
            "seconds": tool.seconds,
            "missing": missing,
            "from": registry.entry(tool.name).plugin,
        }
    for problem in registry.problems:
        yield {"name": problem.plugin, "summary": f"BROKEN plug-in: {problem.reason}"}
    yield from _served_tools()


def _served_tools() -> Iterator[dict[str, Any]]:
    """Yield the tools of the servers in the user's configuration, each server reached by itself."""
    from gaseol.tools.mcp.configuration import ServerError, configured

    for name, server in configured().items():
        from gaseol.tools.mcp.servers import Servers

        try:
            servers = Servers({name: server})
        except ServerError as error:
            yield {"name": name, "summary": f"UNUSABLE server: {error}"}
            continue
        try:
            for entry in servers.entries:
                tool = entry.tool
                about = {"tags": tool.tags, "seconds": tool.seconds, "missing": ()}
                yield {"name": tool.name, "summary": tool.summary, **about}
        finally:
            servers.close()


def _graphs() -> Iterator[dict[str, Any]]:
    from gaseol.graphs.catalogue import graphs

    for graph in graphs().values():
        yield {"name": graph.name, "summary": graph.summary}


def _scientists() -> Iterator[dict[str, Any]]:
    from gaseol.agents.catalogue import scientists

    yield {"name": "embedded", "summary": "no language model; deterministic; the control arm"}
    yield {"name": "random", "summary": "draws lots: what is found without thinking"}
    for name, scientist in scientists().items():
        yield {"name": name, "summary": scientist.summary or "a plug-in's"}
    from gaseol.agents.models.profile import profiles

    for profile in profiles().values():
        summary = f"{profile.model} at {profile.url}, beside the embedded scientist"
        yield {"name": profile.name, "summary": summary}


def _roles() -> Iterator[dict[str, Any]]:
    from gaseol.agents.driven.role import ROLES
    from gaseol.agents.models.prompt import prompt

    for role in ROLES.values():
        yield {
            "name": role.name,
            "summary": role.summary + ("; needs a model that reads pictures" * role.vision),
            "takes": role.takes,
            "gives": [form.__name__ for form in role.gives],
            "tools": list(role.tools),
            "vision": role.vision,
            "prompts": [prompt(name).card for name in role.prompts],
        }


_LISTS: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
    "scenarios": _scenarios,
    "graphs": _graphs,
    "scientists": _scientists,
    "roles": _roles,
}
_SIFTED: dict[str, Callable[[dict[str, Any]], Iterator[dict[str, Any]]]] = {
    "runs": _runs,
    "tools": _tools,
}

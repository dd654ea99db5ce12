"""What a server really does: tried, because a 200 says nothing.

The probe asks small questions whose answers can be checked: a schema with one enumerated field,
a required tool, a named tool among two, the same seed twice, and whether a stream says what it used.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gaseol.agents.models.client import Client, limited
from gaseol.agents.models.dialect import DIALECTS
from gaseol.agents.models.profile import Capabilities, DialectName, Means, Profile, ProfileProblem
from gaseol.agents.models.reply import Reply
from gaseol.tools.contract import Refuse

if TYPE_CHECKING:
    import ssl

    import httpx

_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"state": {"type": "string", "enum": ["zqk-41", "zqk-42"]}},
    "required": ["state"],
    "additionalProperties": False,
}
"""Labels that no model says by itself."""
_WAIT = 10.0
"""Seconds to wait for a server's description."""
_OWNERS: dict[str, DialectName] = {
    "llamacpp": "llama.cpp", "vllm": "vllm", "sglang": "sglang", "me": "llama-cpp-python",
    "library": "ollama",
}  # fmt: skip
"""What each kind of server says owns its models."""


@dataclass(frozen=True)
class Served:
    """What a server says of itself."""

    dialect: DialectName
    models: tuple[str, ...]
    context: int | None


async def describe(url: str, secret: str = "") -> Served:
    """Return what kind of server answers at an address, and what it serves.

    Raises:
        ProfileProblem: nobody answers there, or nobody that serves models.
    """
    import httpx

    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    async with httpx.AsyncClient(
        verify=_trusted(), trust_env=False, follow_redirects=False, timeout=_WAIT, headers=headers
    ) as http:
        try:
            answer = await _get(http, f"{url}/models")
        except Refuse as refusal:
            raise ProfileProblem(f"{url}/models: {refusal.reason}: no list of models") from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise ProfileProblem(
                f"nobody answers at {url} ({type(error).__name__}); start the model server there, "
                "or give the address that it prints when it starts"
            ) from None
        if answer.status_code in (401, 403):
            raise ProfileProblem(
                f"{url} wants a key (HTTP {answer.status_code}); put it into an environment "
                "variable and name that with --key-env"
            )
        rows = _rows(answer)
        if answer.status_code != 200 or rows is None:
            hint = "" if url.endswith("/v1") else f"; did you mean {url}/v1?"
            raise ProfileProblem(
                f"{url}/models gives no list of models (HTTP {answer.status_code}){hint}"
            )
        owner = str(rows[0].get("owned_by", "")) if rows else ""
        dialect = _OWNERS.get(owner, "openai")
        if dialect in ("openai", "ollama") and await _is_ollama(http, url):
            dialect = "ollama"
        names = tuple(str(row["id"]) for row in rows if row.get("id"))
        return Served(dialect, names, await _context(http, url, rows))


async def probe(profile: Profile) -> Profile:
    """Return the profile with what was seen, and the best means that work.

    Raises:
        ProfileProblem: the model cannot be asked at all.
    """
    import httpx

    async with httpx.AsyncClient(
        verify=_trusted(), trust_env=False, follow_redirects=False, timeout=profile.timeout_seconds
    ) as http:
        trial = profile.model_copy(update={"retries": 1})
        client = Client(trial, http)
        try:
            first = await client.ask(_question(trial))
        except Refuse as error:
            raise ProfileProblem(error.reason) from None
        second = await client.ask(_question(trial))
        means: dict[Means, bool] = {}
        notes: list[str] = list(first.notes)
        for way in DIALECTS[profile.dialect].means:
            means[way] = await _keeps(client, trial, way, notes)
        tools = await _tools(client, trial, notes)
    seen = Capabilities(
        means={str(way): kept for way, kept in means.items()},
        required_tool=tools[0],
        named_tool=tools[1],
        seeded=first.text == second.text,
        stream_usage=profile.stream and not any("bounded" in note for note in first.notes),
        notes=tuple(dict.fromkeys(notes)),
    )
    kept = [way for way in DIALECTS[profile.dialect].means if means[way]]
    return profile.model_copy(update={"capabilities": seen, "means": kept[0] if kept else "prompt"})


def _question(profile: Profile, **more: Any) -> dict[str, Any]:
    return {
        "profile": profile.name,
        "dialect": profile.dialect,
        "model": profile.model,
        "messages": [{"role": "user", "content": "State of the sample?"}],
        "temperature": 0.8,
        "top_p": 1.0,
        "max_tokens": min(profile.max_tokens, 256),
        "seed": 7,
        "template": profile.template,
        "context": profile.context,
        **more,
    }


async def _keeps(client: Client, profile: Profile, way: Means, notes: list[str]) -> bool:
    """Tell whether an answer keeps to the schema when it is asked for in this way."""
    reply = await _tried(client, _question(profile, schema=_SCHEMA, means=way), way, notes)
    found = reply.object if reply else None
    return isinstance(found, dict) and found.get("state") in ("zqk-41", "zqk-42")


async def _tools(client: Client, profile: Profile, notes: list[str]) -> tuple[bool, bool]:
    offered = [
        {"name": name, "description": f"Report by {name}.", "parameters": _SCHEMA}
        for name in ("one", "two")
    ]
    required = await _tried(
        client, _question(profile, tools=offered, tool_choice="required"), "a required tool", notes
    )
    named = await _tried(
        client, _question(profile, tools=offered, tool_choice="two"), "a named tool", notes
    )
    called = required.tool_calls[0] if required and required.tool_calls else None
    chosen = named.tool_calls[0].name if named and named.tool_calls else ""
    kept = called is not None and called.arguments.get("state") in ("zqk-41", "zqk-42")
    return kept, chosen == "two"


async def _tried(
    client: Client, question: Mapping[str, Any], what: str, notes: list[str]
) -> Reply | None:
    try:
        return await client.ask(question)
    except Refuse as error:
        notes.append(f"{what}: {error.reason}"[:200])
        return None


def _trusted() -> "ssl.SSLContext":
    """Return the certificates that are trusted.

    Raises:
        ProfileProblem: those that the environment names cannot be read.
    """
    from gaseol.tools.egress.guard import trusted
    from gaseol.tools.egress.reach import Forbidden

    try:
        return trusted()
    except Forbidden as error:
        raise ProfileProblem(str(error)) from None


def _rows(answer: "httpx.Response") -> list[dict[str, Any]] | None:
    try:
        found = answer.json()
    except ValueError:
        return None
    rows = found.get("data") if isinstance(found, dict) else None
    return [r for r in rows if isinstance(r, dict)] if isinstance(rows, list) else None


async def _is_ollama(http: "httpx.AsyncClient", url: str) -> bool:
    parts = urlsplit(url)
    found = await _got(http, f"{parts.scheme}://{parts.netloc}/api/version")
    return isinstance(found, dict) and isinstance(found.get("version"), str)


async def _context(http: "httpx.AsyncClient", url: str, rows: list[dict[str, Any]]) -> int | None:
    """Return the context that a server says it has, where it says so."""
    length = rows[0].get("max_model_len") if rows else None
    if not isinstance(length, int):
        props = await _got(http, f"{url.removesuffix('/v1')}/props")
        settings = props.get("default_generation_settings") if isinstance(props, dict) else None
        length = settings.get("n_ctx") if isinstance(settings, dict) else None
    return length if isinstance(length, int) and length >= 256 else None


async def _got(http: "httpx.AsyncClient", url: str) -> Any:
    import httpx

    try:
        answer = await _get(http, url)
        return answer.json() if answer.status_code == 200 else None
    except (httpx.HTTPError, TimeoutError, Refuse, ValueError):
        return None


async def _get(http: "httpx.AsyncClient", url: str) -> "httpx.Response":
    """Return a page, read to its end within the time and size that any server needs."""
    import httpx

    async with asyncio.timeout(_WAIT), http.stream("GET", url) as answer:
        return httpx.Response(answer.status_code, content=await limited(answer))


def seen(profile: Profile) -> Profile:
    """Probe, and return when it is done."""
    return asyncio.run(probe(profile))


def served(url: str, secret: str = "") -> Served:
    """Describe, and return when it is done."""
    return asyncio.run(describe(url, secret))

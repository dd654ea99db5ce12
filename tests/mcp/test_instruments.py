"""Tools by the protocol: found, described, called within their limits, and taken back."""

import asyncio
import re
import uuid
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

import jsonschema

from gaseol.mcp.offer import LONGEST_NAME, offered_name
from gaseol.tools import Pool

VERSIONS = {"auto": "2026-07-28", "legacy": "2025-11-25"}


@pytest.mark.parametrize(("mode", "version"), VERSIONS.items())
def test_both_versions_are_spoken(house, visit, hostile_pool, mode: str, version: str) -> None:
    async def act(visitor) -> None:
        assert visitor.client.protocol_version == version
        assert visitor.client.server_info.name == "gaseol"
        assert "gaseol_find_tools" in visitor.client.instructions
        assert await visitor.ask("twice", x=2) == {"result": 4}

    visit(house(hostile_pool), act, mode)


def test_a_client_is_shown_a_search_and_not_every_tool(house, visit, hostile_pool) -> None:
    async def act(visitor) -> list[str]:
        return [tool.name for tool in (await visitor.client.list_tools()).tools]

    few, all_of_them = (
        visit(house(hostile_pool), act),
        visit(house(hostile_pool, all_tools=True), act),
    )
    assert len(few) < 15 < len(hostile_pool.registry) < len(all_of_them)
    assert "twice" not in few
    assert "twice" in all_of_them
    assert len(set(all_of_them)) == len(all_of_them)


def test_every_definition_is_one_that_clients_take(house, visit, hostile_pool) -> None:
    async def act(visitor) -> None:
        for tool in (await visitor.client.list_tools()).tools:
            assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", tool.name)
            jsonschema.Draft202012Validator.check_schema(tool.input_schema)
            assert tool.input_schema["type"] == "object"
            assert tool.annotations is not None
            assert tool.annotations.destructive_hint is False
            if tool.output_schema is not None:
                jsonschema.Draft202012Validator.check_schema(tool.output_schema)
                assert tool.output_schema["type"] == "object"

    visit(house(hostile_pool, all_tools=True), act)


def test_annotations_say_what_the_contract_says(house, visit, hostile_pool) -> None:
    async def act(visitor) -> None:
        tools = {tool.name: tool for tool in (await visitor.client.list_tools()).tools}
        offline, online = tools["twice"].annotations, tools["needs_network"].annotations
        assert (offline.read_only_hint, offline.open_world_hint) == (True, False)
        assert (online.read_only_hint, online.open_world_hint) == (False, True)
        assert offline.idempotent_hint is hostile_pool.registry.get("twice").idempotent
        assert tools["gaseol_start_run"].annotations.read_only_hint is False
        assert tools["twice"].output_schema["properties"]["result"]["unit"] == "1"

    visit(house(hostile_pool, all_tools=True), act)


@pytest.mark.parametrize(
    "name", ["twice", "x" * 64, "x" * 65, "끓는점", "gaseol_find_tools", "a.b"]
)
def test_names_fit_every_client(name: str) -> None:
    offered = offered_name(name)
    assert re.fullmatch(rf"[A-Za-z0-9_-]{{1,{LONGEST_NAME}}}", offered)
    assert (offered == name) == (name in ("twice", "x" * 64))
    assert offered_name(name + "x") != offered


def test_tools_are_found_by_what_they_are_about(house, visit, hostile_pool) -> None:
    async def act(visitor) -> None:
        found = await visitor.ask("gaseol_find_tools", query="boiling point of a compound")
        assert found["tools"][0]["name"] == "boiling_point"
        narrow = await visitor.ask("gaseol_find_tools", query="chemistry", limit=1)
        assert len(narrow["tools"]) == 1
        assert narrow["more"] > 0
        nothing = await visitor.ask("gaseol_find_tools")
        assert nothing["tools"] == []
        assert nothing["families"]["chemistry"] > 3
        described = await visitor.ask("gaseol_describe_tool", name="boiling_point")
        assert described["input_schema"]["required"] == ["compound"]
        assert "boiling_point" in await visitor.fail("gaseol_describe_tool", name="boiling_pint")
        assert "limit" in await visitor.fail("gaseol_find_tools", query="x", limit=1000)
        assert "extra" in (await visitor.fail("gaseol_find_tools", words="x")).lower()

    visit(house(hostile_pool), act)


def test_no_client_reads_the_operators_files(house, visit, hostile_pool, tmp_path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the salary of everybody")

    async def act(visitor) -> None:
        listed = {tool.name for tool in (await visitor.client.list_tools()).tools}
        found = await visitor.ask("gaseol_find_tools", query="read a file", limit=50)
        listed |= {tool["name"] for tool in found["tools"]}
        for name in ("read_text_file", "read_pdf", "read_structure_file"):
            assert name in hostile_pool.registry
            assert name not in listed
            arguments = {"path": str(secret)}
            for answer in (
                await visitor.call(name, **arguments),
                await visitor.call("gaseol_call_tool", name=name, arguments=arguments),
            ):
                assert answer.is_error
                assert "salary" not in str(answer)

    visit(house(hostile_pool, all_tools=True), act)


def test_a_tool_is_called_by_its_name_and_through_the_one_call(house, visit, hostile_pool) -> None:
    async def act(visitor) -> None:
        direct = await visitor.call("twice", x=3)
        assert direct.structured_content == {"result": 6.0}
        assert direct.content[0].text == '{"result":6.0}'
        assert await visitor.ask("gaseol_call_tool", name="twice", arguments={"x": 3}) == {
            "result": 6.0
        }
        for wrong in (
            {},
            {"name": 3},
            {"name": "twice", "arguments": []},
            {"name": "twice", "x": 3},
        ):
            assert "gaseol_call_tool takes" in await visitor.fail("gaseol_call_tool", **wrong)
        assert "there is no tool" in await visitor.fail("gaseol_call_tool", name="thrice")
        assert "did you mean twice" in await visitor.fail("twise", x=1)

    visit(house(hostile_pool), act)


def test_an_object_is_answered_as_it_is(house, visit, hostile_pool) -> None:
    async def act(visitor) -> None:
        await visitor.client.list_tools()  # so that the client holds answers against the schema
        assert await visitor.ask("build_impossible", x=0.5) == {"x": 0.5}
        assert (await visitor.fail("build_impossible", x=2)).startswith("impossible: ")

    visit(house(hostile_pool, all_tools=True), act)


@pytest.mark.parametrize(
    ("tool", "arguments", "kind", "advice"),
    [
        ("twice", {"x": "much"}, "bad_arguments", "Correct the arguments"),
        ("twice", {"x": -1}, "impossible", "do not use it"),
        ("ask_again", {}, "retry", "Change the arguments"),
        ("refuse", {}, "out_of_domain", "use another one"),
        ("bug", {}, "crashed", "at fault"),
        ("end_process", {"how": "abort"}, "crashed", "at fault"),
        ("give_nan", {}, "impossible", "do not use it"),
        ("give_much", {"megabytes": 2}, "too_large", "Ask for less"),
        ("give_much", {"megabytes": 17}, "too_large", "Ask for less"),
        ("needs_network", {}, "unavailable", "operator"),
        ("needs_library", {}, "unavailable", "operator"),
    ],
)  # fmt: skip
def test_a_failure_is_an_error_that_says_what_to_do(
    house, visit, hostile_pool, tool: str, arguments: dict, kind: str, advice: str
) -> None:
    async def act(visitor) -> None:
        answer = await visitor.call(tool, **arguments)
        assert answer.is_error
        assert answer.meta["gaseol/failure"]["kind"] == kind
        said = answer.content[0].text
        assert said.startswith(f"{kind}: ")
        assert advice in said
        assert "Traceback" not in said
        assert await visitor.ask("twice", x=1) == {"result": 2}

    visit(house(hostile_pool), act)


def _running(marker: str) -> bool:
    lines = [_command(folder) for folder in Path("/proc").glob("[0-9]*")]
    return any(marker in line for line in lines)


def _command(folder: Path) -> str:
    try:
        return (folder / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


async def _until(true) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("mode", VERSIONS)
def test_a_call_that_is_taken_back_is_killed(house, visit, hostile_pool: Pool, mode: str) -> None:
    marker = str(uuid.uuid4().int)

    async def act(visitor) -> None:
        asked = asyncio.create_task(visitor.call("wait", marker=marker))
        await _until(lambda: _running(marker))
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await _until(lambda: not _running(marker))
        answers = await asyncio.gather(*(visitor.ask("twice", x=i) for i in range(6)))
        assert answers == [{"result": 2.0 * i} for i in range(6)]

    visit(house(hostile_pool), act, mode)


def test_a_long_call_tells_how_long_it_takes(
    house, visit, hostile_pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gaseol.mcp.instruments.BEAT", 0.01)

    async def act(visitor) -> None:
        asked = asyncio.create_task(visitor.call("wait", marker=str(uuid.uuid4().int)))
        await _until(lambda: len(visitor.progress) > 1)
        asked.cancel()
        (first, total, said), (second, *_), *_ = visitor.progress
        assert 0 < first < second
        assert total is None
        assert "limit 60 s" in said

    visit(house(hostile_pool), act)

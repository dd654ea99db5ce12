"""Another server's tools: pinned, isolated, capped, and answered with a value or a typed failure."""

import json
import os
import socket
import sys
import time
import uuid
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

from gaseol.tools import Pool, Registry
from gaseol.tools.egress.reach import Reach
from gaseol.tools.mcp.configuration import (
    ConfiguredServer,
    Server,
    ServerError,
    configuration_file,
    configured,
)
from gaseol.tools.mcp.servers import ServedPool, Servers, served
from gaseol.traces.nouns.failure import FailureKind

HERE = Path(__file__).parent


def running(marker: str) -> bool:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (folder / "cmdline").read_bytes():
                return True
        except OSError:
            continue
    return False


def test_a_tool_is_called_and_marked_as_a_third_partys(connect) -> None:
    ask = connect()
    answer = ask("signal", size=2)
    assert answer.value == {"value": 304, "spread": 0.1}
    assert answer.isolation.startswith("third party, ")
    assert ask("words").value == {"text": "hello", "left_out": []}
    assert ask("picture").value == {"text": "a", "left_out": ["image, image/png, 4 characters"]}


def test_a_card_says_whose_it_is_and_hides_nothing_that_acts(server) -> None:
    servers = Servers({"calc": server()}, HERE)
    try:
        cards = {entry.tool.name: entry.tool for entry in servers.entries}
    finally:
        servers.close()
    words = cards["calc__words"]
    assert words.summary.startswith("[third party: calc] ")
    assert "unchecked" in words.description
    for said in (words.summary, words.description):
        assert said.isprintable()
    assert "third-party" in words.tags
    assert not words.deterministic
    assert not words.idempotent
    assert cards["calc__signal"].output_schema["properties"]["value"]["unit"] == "K"


@pytest.mark.parametrize(
    ("tool", "arguments", "kind", "said"),
    [
        ("signal", {"size": "x"}, "bad_arguments", "size"),
        ("fail", {}, "crashed", "sizes that nobody has"),
        ("wrong", {}, "unavailable", "no such"),
        ("die", {}, "crashed", "closed"),
        ("flood", {"size": 1_100_000}, "too_large", "1048576"),
        ("flood", {"size": 5_000_000}, "too_large", "longer message"),
        ("odd", {"how": "nothing"}, "wrong_shape", "gave none"),
        ("odd", {"how": "text"}, "wrong_shape", "'warm'"),
        ("odd", {"how": "lacking"}, "wrong_shape", "'value'"),
        ("odd", {"how": "number"}, "wrong_shape", "calc__odd"),
        ("odd", {"how": "infinite"}, "impossible", "finite"),
        ("odd", {"how": "long"}, "wrong_shape", "JSON"),
        ("odd", {"how": "shape"}, "wrong_shape", "otherwise than the protocol"),
        ("odd", {"how": "deep"}, "wrong_shape", "calc__odd"),
        ("odd", {"how": "changed"}, "crashed", "error"),
        ("odd", {"how": "kind"}, "out_of_domain", "error"),
    ],
)
def test_every_misfortune_has_its_failure(connect, tool, arguments, kind, said) -> None:
    ask = connect("good", "signal", tool)
    answer = ask(tool, **arguments)
    assert answer.value is None
    assert answer.failure is not None
    assert answer.failure.kind == kind, answer.failure
    assert said in answer.failure.reason
    assert answer.failure.reason.isprintable()
    assert ask("signal", size=1).value["value"] == 302  # whatever came of it


def test_a_dead_server_leaves_its_last_words(connect) -> None:
    failure = connect("good", "die")("die").failure
    assert "last words" in failure.detail


def test_a_call_that_hangs_is_ended_with_all_that_it_started(connect) -> None:
    marker = str(uuid.uuid4().int)
    ask = connect("good", "hang", "signal", seconds=0.5)
    assert ask("hang", marker=marker).failure.kind is FailureKind.TIMED_OUT
    until = time.monotonic() + 10
    while running(marker) and time.monotonic() < until:
        time.sleep(0.01)
    assert not running(marker)
    assert ask("signal", size=0).value["value"] == 300


def test_closing_ends_what_runs(server) -> None:
    marker = str(uuid.uuid4().int)
    from gaseol.tools import Call

    servers = Servers({"calc": server("good", "hang")}, HERE)
    future = servers.submit(Call(tool="calc__hang", arguments={"marker": marker}))
    until = time.monotonic() + 10
    while not running(marker) and time.monotonic() < until:
        time.sleep(0.01)
    assert running(marker)
    servers.close()
    assert future.cancelled()
    assert not running(marker)
    servers.close()  # twice does no harm


def test_a_call_that_is_taken_back_is_ended_and_the_next_one_is_answered(server) -> None:
    from gaseol.tools import Call

    marker = str(uuid.uuid4().int)
    servers = Servers({"calc": server("good", "hang", "signal")}, HERE)
    with Pool(Registry(), 1) as workers:
        pool = ServedPool(workers, servers)
        future = pool.submit(Call(tool="calc__hang", arguments={"marker": marker}))
        until = time.monotonic() + 10
        while not running(marker) and time.monotonic() < until:
            time.sleep(0.01)
        assert running(marker)
        pool.cancel(future)
        assert future.cancelled()
        while running(marker) and time.monotonic() < until:
            time.sleep(0.01)
        assert not running(marker)
        again = pool.submit(Call(tool="calc__signal", arguments={"size": 0})).result(30)
        assert again.value["value"] == 300
        servers.close()


def test_a_server_sees_neither_the_network_nor_our_environment(
    connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        ask = connect("good", "around", "reach", environment={"MODE": "test"})
        seen = json.loads(ask("around").value["text"])
        tried = json.loads(ask("reach", port=listener.getsockname()[1]).value["text"])
    assert seen["MODE"] == "test"
    assert "secret" not in seen.values()
    assert "PYTHONPATH" not in seen
    assert seen["HOME"] == seen["cwd"] != str(Path.home())
    assert not Path(seen["HOME"]).exists() or Path(seen["HOME"], "scratch").exists()
    assert tried["socket"] == "closed"
    assert tried["file"] == "closed"
    assert not HERE.joinpath("written").exists()


def test_the_scratch_folder_goes_with_the_server(server) -> None:
    from gaseol.tools import Call

    servers = Servers({"calc": server("good", "around")}, HERE)
    answer = servers.submit(Call(tool="calc__around", arguments={})).result(timeout=30)
    home = Path(json.loads(answer.value["text"])["HOME"])
    assert home.is_dir()
    servers.close()
    assert not home.exists()


@pytest.mark.parametrize("kind", ["many", "noise"])
def test_much_and_noise_do_no_harm(connect, kind: str) -> None:
    assert connect(kind, "signal")("signal", size=1).value["value"] == 302


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("gone", "no licence found"),
        ("silent", "did not begin and list its tools within 1 s"),
        ("pages", "more than 100 pages"),
        ("twins", "two tools named 'signal'"),
        ("names", r"the server has no such tool; it offers:\n  bad \[31m name: "),
    ],
)
def test_a_server_that_cannot_be_used_says_why(server, kind: str, said: str) -> None:
    wanted = ("signal", "words") if kind == "names" else ("signal",)
    seconds = 1.0 if kind == "silent" else 30.0
    with pytest.raises(ServerError, match=said) as told:
        Servers({"calc": server(kind, *wanted, start_seconds=seconds)}, HERE)
    assert "\x1b" not in str(told.value)
    assert "\u202e" not in str(told.value)


def test_a_schema_without_end_is_turned_away(server, pins) -> None:
    from gaseol.tools.mcp.definition import Definition

    schema = {"type": "object", "properties": {"a": {"$ref": "#/properties/a"}}}
    said = {"name": "signal", "description": "Return a signal.", "outputSchema": schema,
            "inputSchema": {"type": "object", "properties": {"size": {"type": "number"}}}}  # fmt: skip
    pinned = server("loop", "signal").model_copy(
        update={"tools": {"signal": Definition.of(said).digest}}
    )
    with pytest.raises(ServerError, match="cannot be used: its schema refers to itself"):
        Servers({"calc": pinned}, HERE)


def test_a_definition_that_was_pinned_otherwise_is_refused(server, pins) -> None:
    other = server("good", "signal").model_copy(update={"tools": {"signal": "0" * 64}})
    with pytest.raises(
        ServerError, match=r"0{12} then and [0-9a-f]{12} now.*Return a signal"
    ) as told:
        Servers({"calc": other}, HERE)
    assert f"write signal: {pins['signal']}" in str(told.value)
    unpinned = other.model_copy(update={"tools": {"signal": None}})
    with pytest.raises(ServerError, match=f"is not pinned.*signal: {pins['signal']}"):
        Servers({"calc": unpinned}, HERE)


@pytest.mark.parametrize(("kind", "said"), [("changes", "has changed"), ("vanishes", "any more")])
def test_a_definition_that_changes_later_ends_the_calls(
    connect, kind: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "vanishes":  # which is not announced, so the listing must have grown old
        monkeypatch.setattr("gaseol.tools.mcp.connection.LISTED_SECONDS", 0.0)
    ask = connect(kind, "signal", "words")
    assert ask("signal", size=1).value["value"] == 302
    for _ in range(2):  # nor does it come back when the server begins anew
        failure = ask("signal", size=2).failure
        assert failure is not None
        assert failure.kind is FailureKind.CHANGED
        assert said in failure.reason


def test_a_server_that_keeps_dying_is_given_up(connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gaseol.tools.mcp.connection._MOST_STARTS", 2)
    ask = connect("good", "die")
    kinds = [ask("die").failure.kind.value for _ in range(3)]
    assert kinds == ["crashed", "crashed", "unavailable"]
    assert "given up" in ask("die").failure.reason


def test_without_isolation_nothing_is_started_unless_it_is_trusted(server) -> None:
    weak = ("--no-namespaces", "--no-landlock")
    with pytest.raises(ServerError, match="nothing here keeps it from the network"):
        Servers({"calc": server("good", "signal")}, HERE, options=weak)
    servers = Servers({"calc": server("good", "signal")}, HERE, options=weak, trust=True)
    try:
        from gaseol.tools import Call

        answer = servers.submit(Call(tool="calc__signal", arguments={"size": 1})).result(30)
        assert answer.isolation == "third party, weak"
    finally:
        servers.close()


def test_no_such_program_is_said() -> None:
    with pytest.raises(ServerError, match="there is no program 'no-such-program'"):
        Servers({"calc": Server(command=("no-such-program",), tools={"a": "0" * 64})})


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"command": ["a"], "url": "http://b"}, {"url": "ftp://b"}, {"url": "http://u:p@b/"},
        {"url": "http://b", "environment": {"A": "b"}}, {"command": ["a"], "environment": {"A=": "b"}},
        {"command": ["a"], "tools": {"a b": None}}, {"command": ["a"], "tools": {"a": "short"}},
        {"command": ["a"], "network": True}, {"command": ["a"], "pass_on": ["HOME"]},
        {"url": "http://b", "authorization": "TOKEN"}, {"command": ["a"], "seconds": 0},
    ],
)  # fmt: skip
def test_a_scenario_cannot_name_a_server_so(wrong: dict) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Server.model_validate(wrong)


def test_the_users_configuration_may_say_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path))
    assert configured() == {}
    file = configuration_file()
    file.write_text("servers: {calc: {command: [x], network: true, pass_on: [A]}}")
    assert configured()["calc"] == ConfiguredServer(command=("x",), network=True, pass_on=("A",))
    for bad in ("servers: {Calc: {command: [x]}}", "servers: {calc: {}}", "- 1", "{", "a: \x01"):
        file.write_text(bad)
        with pytest.raises(ServerError, match=r"servers\.yaml"):
            configured()


def test_the_users_servers_are_reached_when_their_tools_are_called(
    pins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path))
    monkeypatch.setenv("LICENCE", "of-mine")
    monkeypatch.delenv("ABSENT", raising=False)
    command = [sys.executable, "-I", str(HERE / "hostile.py"), "good"]
    wanted = {name: pins[name] for name in ("around", "die")}
    server = {"command": command, "tools": wanted, "pass_on": ["LICENCE"]}
    configuration_file().write_text(json.dumps({"servers": {"calc": server}}))
    from gaseol.tools import Call

    with Pool(Registry(), jobs=1) as pool:
        with served(pool, {}, ["twice", "other__x"], Reach()) as plain:
            assert plain is pool
        with served(pool, {}, ["calc__around"], Reach()) as more:
            assert "calc__around" in more.registry
            assert "calc__around" not in pool.registry
            answer = more.submit(Call(tool="calc__around", arguments={})).result(30)
            assert json.loads(answer.value["text"])["LICENCE"] == "[LICENCE]"
            assert more.submit(Call(tool="none", arguments={})).result(30).failure
            died = more.submit(Call(tool="calc__die", arguments={})).result(30).failure
            assert "last words [LICENCE]" in died.detail
            assert "of-mine" not in died.model_dump_json()
        configuration_file().write_text(
            json.dumps({"servers": {"calc": {**server, "pass_on": ["ABSENT"]}}})
        )
        with (
            pytest.raises(ServerError, match="ABSENT is not set"),
            served(pool, {}, ["calc__a"], Reach()),
        ):
            pass


def test_an_address_must_be_named_by_the_policy() -> None:
    web = Server(url="http://127.0.0.1:81/mcp", tools={"a": "0" * 64})
    with Pool(Registry(), jobs=1) as pool:
        for hosts in ((), ("example.org",), ("http://127.0.0.1:82",), ("127.0.0.1:81",)):
            with (
                pytest.raises(ServerError, match=r"network: \['http://127\.0\.0\.1:81'\]"),
                served(pool, {"far": web}, (), Reach(hosts)),
            ):
                pass


def test_no_process_is_left() -> None:
    mine = str(os.getpid())
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        assert not ("confine.py" in command and f"\0{mine}\0" in command)

"""The gateway against servers that answer well, badly, slowly, and not at all."""

import gzip
import threading
import time
import zlib
from concurrent.futures import wait

import pytest

from gaseol.tools.contract import Answer
from gaseol.tools.egress.credentials import Credentials
from gaseol.tools.egress.exchange import Ask, Login, Terms
from gaseol.tools.egress.pace import Rate
from gaseol.tools.egress.transport import Limits
from gaseol.traces.nouns.failure import FailureKind

KEY = "k3y-of-the-institute"


def fetch(gateway, url: str, **rest) -> Answer:
    return gateway.fetch({"url": url, **rest}, "here")


def failed(answer: Answer, kind: FailureKind) -> str:
    assert answer.failure is not None, answer.value
    assert answer.failure.kind is kind, answer.failure
    assert answer.value is None
    return answer.failure.reason


def test_a_page_says_where_and_when_it_came_from(serve, gateway, service) -> None:
    server = serve(
        lambda seen: service.Reply('{"a": "수소"}', headers={"content-type": "application/json"})
    )
    answer = fetch(gateway(server.url), f"{server.url}/works", params={"q": "물 & 수소"})
    assert answer.failure is None
    page = answer.value
    assert page["status"] == 200
    assert page["text"] == '{"a": "수소"}'
    assert page["address"] == "127.0.0.1"
    assert page["at"].endswith("Z")
    assert page["url"].startswith(f"{server.url}/works?q=")
    (seen,) = server.seen
    assert seen.headers["user-agent"] == "gaseol"
    assert seen.path == "/works?q=%EB%AC%BC+%26+%EC%88%98%EC%86%8C"


def test_nothing_is_within_reach_by_default(serve, gateway, service) -> None:
    server = serve(lambda seen: service.Reply("x"))
    assert "does not name" in failed(fetch(gateway(), server.url), FailureKind.REFUSED)
    assert server.seen == []


def test_a_name_that_points_inside_is_refused(serve, gateway, service) -> None:
    server = serve(lambda seen: service.Reply("x"))
    host = f"http://rebound.example:{server.port}"
    asked = []

    def resolver(name: str, port: int) -> list[str]:
        asked.append(name)
        return ["93.184.215.14"] if len(asked) > 1 else ["127.0.0.1"]

    reason = failed(fetch(gateway(host, resolver=resolver), host), FailureKind.REFUSED)
    assert "rebound.example is 127.0.0.1" in reason
    assert asked == ["rebound.example"], "a refused name is not asked for again"
    assert server.seen == []
    inside = gateway(host, private=(host,), resolver=lambda *_: ["127.0.0.1"])
    assert fetch(inside, host).value["status"] == 200


def test_the_connection_goes_to_the_address_that_was_checked(serve, gateway, service) -> None:
    server = serve(lambda seen: service.Reply("x"))
    host = f"http://inside.example:{server.port}"
    answers = iter([["127.0.0.1"]])
    one = gateway(host, private=(host,), resolver=lambda *_: next(answers))
    assert fetch(one, host).value["address"] == "127.0.0.1"
    assert server.seen[0].headers["host"] == f"inside.example:{server.port}"


@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/latest", "https://example.org/", "file:///etc/passwd", "//evil.net/"],
)
def test_a_redirect_does_not_lead_out_of_reach(serve, gateway, service, target: str) -> None:
    server = serve(lambda seen: service.Reply(status=302, headers={"location": target}))
    failed(fetch(gateway(server.url), server.url), FailureKind.REFUSED)
    assert len(server.seen) == 1


def test_a_redirect_within_reach_is_followed_without_the_keys(serve, gateway, service) -> None:
    there = serve(lambda seen: service.Reply("there"))
    here = serve(lambda seen: service.Reply(status=307, headers={"location": there.url + "/x"}))
    one = gateway(
        here.url,
        there.url,
        credentials=Credentials({"A_KEY": KEY}),
        terms=[Terms("here", (here.url,), keys=("A_KEY",))],
    )
    headers = {"x-api-key": "{key:A_KEY}", "accept": "text/plain"}
    answer = fetch(one, here.url, headers=headers)
    assert answer.value["text"] == "there"
    assert answer.value["url"] == there.url + "/x"
    assert here.seen[0].headers["x-api-key"] == KEY
    assert "x-api-key" not in there.seen[0].headers
    assert there.seen[0].headers["accept"] == "text/plain"


def test_a_redirect_without_end_ends(serve, gateway, service) -> None:
    server = serve(lambda seen: service.Reply(status=302, headers={"location": "/again"}))
    reason = failed(fetch(gateway(server.url), server.url), FailureKind.UNAVAILABLE)
    assert "without an end" in reason
    assert len(server.seen) == Limits().redirects + 1


def test_a_busy_service_is_asked_again_when_it_says(serve, gateway, service, clock) -> None:
    replies = iter(
        [
            service.Reply(status=429, headers={"retry-after": "7"}),
            service.Reply(status=503),
            service.Reply("at last"),
        ]
    )
    server = serve(lambda seen: next(replies))
    page = fetch(gateway(server.url), server.url).value
    assert page["text"] == "at last"
    assert [one["status"] for one in page["attempts"]] == [429, 503]
    assert clock.waits[0] == 7.0
    assert page["attempts"][0]["waited"] == 7.0
    assert 1.0 <= page["attempts"][1]["waited"] <= 3.0


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_service_that_stays_broken_is_unavailable(serve, gateway, service, status: int) -> None:
    server = serve(lambda seen: service.Reply("oops", status=status))
    reason = failed(fetch(gateway(server.url), server.url), FailureKind.UNAVAILABLE)
    assert f"HTTP {status}" in reason
    assert len(server.seen) == 4


def test_a_service_that_wants_too_much_patience_is_unavailable(
    serve, gateway, service, clock
) -> None:
    server = serve(lambda seen: service.Reply(status=429, headers={"retry-after": "86400"}))
    reason = failed(fetch(gateway(server.url), server.url), FailureKind.UNAVAILABLE)
    assert "86400" in reason
    assert len(server.seen) == 1
    assert clock.now == 0


def test_nobody_listens(gateway, service) -> None:
    url = f"http://127.0.0.1:{service.unused_port()}"
    reason = failed(fetch(gateway(url), url), FailureKind.UNAVAILABLE)
    assert "4 tries" in reason


def test_a_name_that_does_not_exist(gateway) -> None:
    def resolver(name: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    reason = failed(
        fetch(gateway("a.example", resolver=resolver), "https://a.example"), FailureKind.UNAVAILABLE
    )
    assert "cannot be looked up" in reason


def test_a_truncated_body_is_no_answer(serve, gateway, service) -> None:
    server = serve(lambda seen: service.Reply("half", length=1000))
    reason = failed(fetch(gateway(server.url), server.url), FailureKind.UNAVAILABLE)
    assert "without sending complete message body" in reason


def test_a_truncated_archive_is_no_answer(serve, gateway, service) -> None:
    packed = gzip.compress(b"x" * 10_000)[:-12]
    server = serve(lambda seen: service.Reply(packed, headers={"content-encoding": "gzip"}))
    reason = failed(fetch(gateway(server.url), server.url), FailureKind.UNAVAILABLE)
    assert "broke off" in reason


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_packed_body_is_unpacked(serve, gateway, service, pack) -> None:
    coding = "gzip" if pack is gzip.compress else "deflate"
    server = serve(
        lambda seen: service.Reply(pack("물".encode()), headers={"content-encoding": coding})
    )
    assert fetch(gateway(server.url), server.url).value["text"] == "물"


@pytest.mark.parametrize("behind", [b"", b"\0" * 512])
def test_a_body_of_several_members_is_unpacked_to_its_end(serve, gateway, service, behind) -> None:
    packed = gzip.compress(b"first ") + gzip.compress(b"second ") + gzip.compress(b"third") + behind
    server = serve(lambda seen: service.Reply(packed, headers={"content-encoding": "gzip"}))
    assert fetch(gateway(server.url), server.url).value["text"] == "first second third"


def test_what_follows_a_packed_body_is_no_body(serve, gateway, service) -> None:
    packed = gzip.compress(b"first") + b"and something else"
    server = serve(lambda seen: service.Reply(packed, headers={"content-encoding": "gzip"}))
    failed(fetch(gateway(server.url), server.url), FailureKind.UNAVAILABLE)


def test_a_bomb_is_not_unpacked(serve, gateway, service) -> None:
    packed = gzip.compress(b"\0" * (64 << 20))
    assert len(packed) < 100_000
    server = serve(lambda seen: service.Reply(packed, headers={"content-encoding": "gzip"}))
    one = gateway(server.url, limits=Limits(bytes=1 << 20))
    assert "more than" in failed(fetch(one, server.url), FailureKind.TOO_LARGE)


def test_a_body_without_an_end_is_cut_off(serve, gateway, service) -> None:
    def endless():
        while True:
            yield b"x" * 65536

    server = serve(lambda seen: service.Reply(chunks=endless))
    one = gateway(server.url, limits=Limits(bytes=1 << 20))
    failed(fetch(one, server.url), FailureKind.TOO_LARGE)
    assert len(server.seen) == 1


def test_a_slow_server_is_not_waited_for(serve, gateway, service, clock) -> None:
    """Every byte comes in time, the whole does not: the clock moves by ten seconds a byte."""

    def dribble():
        for _ in range(1000):
            clock.now += 10
            yield b"x"

    server = serve(lambda seen: service.Reply(chunks=dribble))
    one = gateway(server.url, limits=Limits(seconds=60))
    reason = failed(fetch(one, server.url), FailureKind.UNAVAILABLE)
    assert "longer than it may" in reason


def test_a_silent_server_is_not_waited_for(serve, gateway, service) -> None:
    held = threading.Event()
    server = serve(lambda seen: service.Reply("x", before=held.wait))
    one = gateway(server.url, limits=Limits(silence=0.05))
    reason = failed(fetch(one, server.url), FailureKind.UNAVAILABLE)
    held.set()
    assert "nothing came for too long" in reason


def test_what_is_no_request_is_refused(gateway) -> None:
    for arguments in ({}, {"url": "https://a.org", "method": "DELETE"}, {"url": 3}):
        answer = gateway("a.org").fetch(arguments)
        failed(answer, FailureKind.BAD_ARGUMENTS)
    for url in ("nonsense", "https://", "http://a.org:port/", "https://a.org@evil.net/"):
        answer = fetch(gateway("a.org"), url)
        assert answer.failure is not None
        assert answer.failure.kind in (FailureKind.REFUSED, FailureKind.BAD_ARGUMENTS)


def test_a_text_that_cannot_be_sent_is_refused(gateway) -> None:
    for rest in (
        {"headers": {"x": "수소"}},
        {"params": {"q": "\ud800"}},
        {"body": "\ud800", "method": "POST"},
    ):
        answer = fetch(
            gateway("a.org", resolver=lambda *_: ["93.184.215.14"]), "https://a.org", **rest
        )
        failed(answer, FailureKind.BAD_ARGUMENTS)


@pytest.mark.parametrize("charset", ["undefined", "punycode", "idna", "zlib_codec", "no-such"])
def test_a_server_does_not_choose_any_codec(serve, gateway, service, charset: str) -> None:
    said = {"content-type": f"text/plain; charset={charset}"}
    server = serve(lambda seen: service.Reply("수소-x", headers=said))
    assert fetch(gateway(server.url), server.url).value["text"] == "수소-x"


def test_a_korean_page_is_read_as_it_says(serve, gateway, service) -> None:
    said = {"content-type": "text/plain; charset=EUC-KR"}
    server = serve(lambda seen: service.Reply("수소".encode("euc-kr"), headers=said))
    assert fetch(gateway(server.url), server.url).value["text"] == "수소"


def test_the_next_address_is_tried_where_nobody_answers_at_the_first(
    serve, gateway, service
) -> None:
    server = serve(lambda seen: service.Reply("x"))
    host = f"http://localhost:{server.port}"
    one = gateway(host, resolver=lambda *_: ["::1", "127.0.0.1"])
    assert fetch(one, host).value["address"] == "127.0.0.1"


def test_a_key_is_sent_and_never_told(serve, gateway, service) -> None:
    server = serve(lambda seen: service.Reply(f"you are {seen.headers['x-api-key']} {seen.path}"))
    one = gateway(
        server.url,
        credentials=Credentials({"A_KEY": KEY}),
        terms=[Terms("here", (server.url,), keys=("A_KEY",))],
    )
    answer = fetch(
        one, server.url + "/s", params={"key": "{key:A_KEY}"}, headers={"x-api-key": "{key:A_KEY}"}
    )
    assert server.seen[0].headers["x-api-key"] == KEY
    assert server.seen[0].path == f"/s?key={KEY}"
    assert KEY not in answer.model_dump_json()
    assert "you are [A_KEY]" in answer.value["text"]


def test_a_key_that_is_missing_is_named_before_anybody_is_asked(serve, gateway, service) -> None:
    server = serve(lambda seen: service.Reply("x"))
    one = gateway(server.url, terms=[Terms("here", (server.url,), keys=("A_KEY",))])
    reason = failed(fetch(one, server.url, params={"k": "{key:A_KEY}"}), FailureKind.UNAVAILABLE)
    assert "A_KEY" in reason
    assert server.seen == []


def test_a_key_goes_only_to_its_service(serve, gateway, service) -> None:
    server = serve(lambda seen: service.Reply("x"))
    one = gateway(
        server.url,
        credentials=Credentials({"A_KEY": KEY}),
        terms=[Terms("here", ("a.org",), keys=("A_KEY",))],
    )
    for place in ({"params": {"k": "{key:A_KEY}"}}, {"body": "{key:A_KEY}", "method": "POST"}):
        reason = failed(fetch(one, server.url, **place), FailureKind.UNAVAILABLE)
        assert "not meant for this host" in reason
    assert server.seen == []


def test_a_login_is_done_once_and_never_told(serve, gateway, service) -> None:
    def script(seen):
        if seen.path.startswith("/token"):
            return service.Reply("short-lived-token")
        return service.Reply(f"hello {seen.path}")

    server = serve(script)
    login = Login(
        gives="A_TOKEN",
        needs=("A_KEY",),
        ask=lambda values, now: Ask(url=f"{server.url}/token", params={"made": values["A_KEY"]}),
        read=lambda text: (text, 3600.0),
    )
    one = gateway(
        server.url,
        credentials=Credentials({"A_KEY": KEY}),
        terms=[Terms("here", (server.url,), login=login)],
    )
    answers = [fetch(one, server.url, params={"t": "{key:A_TOKEN}"}) for _ in range(3)]
    assert [seen.path.partition("?")[0] for seen in server.seen] == ["/token", "/", "/", "/"]
    assert "short-lived-token" in server.seen[1].path
    for answer in answers:
        said = answer.model_dump_json()
        assert "short-lived-token" not in said
        assert KEY not in said
        assert answer.value["text"] == "hello /?t=[A_TOKEN]"


def test_a_login_that_fails_tells_nothing_of_the_key(serve, gateway, service) -> None:
    server = serve(lambda seen: service.Reply("no"))

    def read(text: str) -> tuple[str, float]:
        raise ValueError(text)

    login = Login(
        "A_TOKEN", ("A_KEY",), lambda v, _: Ask(url=f"{server.url}/t?k={v['A_KEY']}"), read
    )
    one = gateway(
        server.url,
        credentials=Credentials({"A_KEY": KEY}),
        terms=[Terms("here", (server.url,), login=login)],
    )
    answer = fetch(one, server.url, params={"t": "{key:A_TOKEN}"})
    assert "handed out no key" in failed(answer, FailureKind.UNAVAILABLE)
    assert KEY not in answer.model_dump_json()


def test_a_lasting_key_that_a_login_cannot_use_is_named(gateway) -> None:
    def ask(values: object, now: object) -> Ask:
        raise ValueError(KEY[:8])

    login = Login("A_TOKEN", ("A_KEY",), ask, lambda text: (text, 1.0))
    one = gateway(
        "a.org",
        credentials=Credentials({"A_KEY": KEY}),
        terms=[Terms("here", ("a.org",), login=login)],
    )
    answer = fetch(one, "https://a.org", params={"t": "{key:A_TOKEN}"})
    assert "A_KEY is not as the service hands it out" in failed(answer, FailureKind.UNAVAILABLE)
    assert KEY[:8] not in answer.model_dump_json()


def test_requests_of_many_threads_keep_the_pace(serve, gateway, service, clock) -> None:
    server = serve(lambda seen: service.Reply(seen.path))
    rate = Rate(requests=1, seconds=3, connections=1)
    one = gateway(server.url, terms=[Terms("here", (server.url,), rate=rate)])
    futures = [one.submit({"url": f"{server.url}/{n}"}, "here") for n in range(8)]
    wait(futures)
    assert [f.result().value["text"] for f in futures] == [f"/{n}" for n in range(8)]
    assert max(clock.waits) <= 21
    assert clock.now >= 3


def test_closing_wakes_whoever_waits(serve, gateway, service) -> None:
    asked = threading.Event()
    busy = service.Reply(status=503, headers={"retry-after": "100"}, before=asked.set)
    server = serve(lambda seen: busy)
    one = gateway(server.url, clock=time.monotonic, wait=None)
    future = one.submit({"url": server.url})
    assert asked.wait(10)
    one.close()
    failed(future.result(timeout=10), FailureKind.UNAVAILABLE)
    with pytest.raises(RuntimeError, match="closed"):
        one.submit({"url": server.url})


def test_a_key_that_a_service_can_do_without_is_left_out(serve, gateway, service) -> None:
    server = serve(lambda seen: service.Reply("x"))
    terms = [Terms("here", (server.url,), keys=("A_MAIL",), optional=("A_MAIL",))]
    asked = {"params": {"mail": "{key:A_MAIL}", "q": "1"}}
    assert fetch(gateway(server.url, terms=terms), server.url, **asked).failure is None
    held = Credentials({"A_MAIL": "me@institute.kr"})
    fetch(gateway(server.url, terms=terms, credentials=held), server.url, **asked)
    assert [seen.path for seen in server.seen] == ["/?q=1", "/?mail=me%40institute.kr&q=1"]


def test_another_service_at_the_same_host_gets_no_key(serve, gateway, service) -> None:
    server = serve(lambda seen: service.Reply("x"))
    one = gateway(
        server.url,
        credentials=Credentials({"A_KEY": KEY}),
        terms=[Terms("there", (server.url,), keys=("A_KEY",))],
    )
    failed(fetch(one, server.url, params={"k": "{key:A_KEY}"}), FailureKind.UNAVAILABLE)

"""Which hosts and addresses are within reach."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.tools.egress.reach import BadHost, Forbidden, Host, Reach


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("api.openalex.org", ("https", "api.openalex.org", 443)),
        ("API.OpenAlex.org.", ("https", "api.openalex.org", 443)),
        ("api.example.org:8443", ("https", "api.example.org", 8443)),
        ("http://localhost:80", ("http", "localhost", 80)),
        ("http://[::1]:9", ("http", "::1", 9)),
    ],
)
def test_an_entry_is_a_host(text: str, said: tuple[str, str, int]) -> None:
    host = Host.parse(text)
    assert (host.scheme, host.name, host.port) == said
    assert Host.parse(str(host)) == host


@pytest.mark.parametrize(
    "text",
    [
        "", "*", "*.example.org", "https://a.org/path", "a.org?x", "user@a.org", "ftp://a.org",
        "a.org:99999", "a..org", "-a.org", "2130706433", "127.1", "0x7f.1", "a b", "http://",
    ],
)  # fmt: skip
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(BadHost, match="names no host"):
        Host.parse(text)


@given(st.text(max_size=40))
def test_any_text_is_a_host_or_is_refused(text: str) -> None:
    try:
        host = Host.parse(text)
    except BadHost:
        return
    assert Host.parse(str(host)) == host


def test_nothing_is_within_reach_by_default() -> None:
    with pytest.raises(Forbidden, match=r"does not name example.org \(network: none\)"):
        Reach().admit("https", "example.org", None)


@pytest.mark.parametrize(
    ("scheme", "name", "port"),
    [
        ("http", "a.org", None),
        ("https", "a.org", 8443),
        ("https", "b.a.org", None),
        ("https", "a.org.evil.net", None),
        ("file", "a.org", None),
    ],
)
def test_only_the_very_host_is_within_reach(scheme: str, name: str, port: int | None) -> None:
    reach = Reach(["a.org"])
    assert reach.admit("https", "A.org.", None) == Host("https", "a.org", 443)
    with pytest.raises(Forbidden):
        reach.admit(scheme, name, port)


INSIDE = [
    "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.9.9", "100.64.0.1", "169.254.169.254",
    "0.0.0.0", "255.255.255.255", "224.0.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "2002:7f00:0001::", "192.0.2.1", "2001:db8::1", "198.18.0.1", "fec0::1", "::7f00:1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_refused(address: str) -> None:
    reach = Reach(["a.org"])
    host = reach.admit("https", "a.org", None)
    with pytest.raises(Forbidden, match="not a public address"):
        reach.check(host, [address])
    with pytest.raises(Forbidden):  # one of several
        reach.check(host, ["93.184.215.14", address])


def test_an_address_outside_is_taken() -> None:
    reach = Reach(["a.org"])
    host = reach.admit("https", "a.org", None)
    found = ["93.184.215.14", "2606:2800:21f::1"]
    assert [str(one) for one in reach.check(host, found)] == found
    with pytest.raises(Forbidden, match="no address"):
        reach.check(host, [])


def test_a_host_inside_has_to_be_named_as_such() -> None:
    reach = Reach(["models.institute.kr", "a.org"], private=["models.institute.kr"])
    inside = reach.admit("https", "models.institute.kr", None)
    assert [str(one) for one in reach.check(inside, ["10.0.0.7"])] == ["10.0.0.7"]
    for never in ("169.254.169.254", "0.0.0.0", "::", "fe80::1", "224.0.0.1"):
        with pytest.raises(Forbidden):
            reach.check(inside, [never])
    with pytest.raises(Forbidden):
        reach.check(reach.admit("https", "a.org", None), ["10.0.0.7"])
    with pytest.raises(BadHost, match="not among the hosts"):
        Reach(["a.org"], private=["b.org"])


def test_an_address_speaks_for_itself() -> None:
    reach = Reach(["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"])
    for name in ("127.0.0.1", "localhost", "[::1]"):
        host = reach.admit("http", name, 9)
        assert reach.check(host, [host.name if host.name != "localhost" else "127.0.0.1"])
    both = reach.check(reach.admit("http", "localhost", 9), ["::1", "127.0.0.1"])
    assert [str(one) for one in both] == ["::1", "127.0.0.1"]

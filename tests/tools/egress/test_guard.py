"""What stands under asynchronous clients: of either library, over TLS, against names that move."""

import asyncio
import contextlib
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from gaseol.tools.egress.guard import GuardedAsyncTransport
from gaseol.tools.egress.reach import Forbidden, Reach


def get(url: str, reach: Reach, resolver: Any, **options: Any) -> httpx.Response:
    async def go() -> httpx.Response:
        inner = httpx.AsyncHTTPTransport(trust_env=False, **options)
        transport = GuardedAsyncTransport(reach, inner, resolver)
        async with httpx.AsyncClient(transport=transport, trust_env=False) as http:
            return await http.get(url)

    return asyncio.run(go())


def test_a_request_goes_to_the_address_that_was_checked(serve, service) -> None:
    server = serve(lambda seen: service.Reply("x"))
    url = f"http://inside.example:{server.port}"
    answers = iter([["127.0.0.1"]])
    found = get(url, Reach([url], [url]), lambda *_: next(answers))
    assert found.text == "x"
    assert found.url == url
    assert server.seen[0].headers["host"] == f"inside.example:{server.port}"


def test_a_name_that_points_inside_is_refused(serve, service) -> None:
    server = serve(lambda seen: service.Reply("x"))
    url = f"http://rebound.example:{server.port}"
    with pytest.raises(Forbidden, match=r"rebound\.example is 127\.0\.0\.1"):
        get(url, Reach([url]), lambda *_: ["93.184.215.14", "127.0.0.1"])
    with pytest.raises(Forbidden, match="does not name"):
        get(url, Reach(), lambda *_: ["93.184.215.14"])
    assert server.seen == []


def test_localhost_is_whichever_address_answers(serve, service) -> None:
    server = serve(lambda seen: service.Reply("x"))
    url = f"http://localhost:{server.port}"
    assert get(url, Reach([url]), lambda *_: ["::1", "127.0.0.1"]).text == "x"


def test_a_name_that_cannot_be_looked_up_is_a_connection_that_failed() -> None:
    def resolver(name: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(httpx.ConnectError, match=r"a\.example cannot be looked up"):
        get("https://a.example", Reach(["a.example"]), resolver)


def test_a_certificate_is_held_against_the_name(tmp_path: Path) -> None:
    certificate = _certificate("models.example", tmp_path)
    trusted = ssl.create_default_context(cafile=str(certificate))
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.load_cert_chain(certificate)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx")
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.close()

    async def go(name: str) -> str:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=ours)
        url = f"https://{name}:{server.sockets[0].getsockname()[1]}"
        inner = httpx.AsyncHTTPTransport(verify=trusted, trust_env=False)
        transport = GuardedAsyncTransport(Reach([url], [url]), inner, lambda *_: ["127.0.0.1"])
        async with server, httpx.AsyncClient(transport=transport, trust_env=False) as http:
            return (await http.get(url)).text

    assert asyncio.run(go("models.example")) == "x"
    with pytest.raises(httpx.ConnectError, match=r"(?i)hostname mismatch"):
        asyncio.run(go("other.example"))


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
def test_certificates_of_the_institute_are_trusted(tmp_path: Path, monkeypatch, library) -> None:
    """Both kinds of client heed `SSL_CERT_FILE`, and nobody is trusted whom it does not name."""
    if library == "httpx2":
        pytest.importorskip("httpx2", reason="needs the extra: mcp")
    certificate = _certificate("models.example", tmp_path)
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.load_cert_chain(certificate)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx")
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.close()

    async def go() -> str:
        async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=ours) as server:
            return await asked(f"https://models.example:{server.sockets[0].getsockname()[1]}")

    async def asked(url: str) -> str:
        reach = Reach([url], [url])
        resolver = lambda *_: ["127.0.0.1"]  # noqa: E731
        if library == "httpx":
            http: Any = httpx.AsyncClient(
                transport=GuardedAsyncTransport(reach, resolver=resolver), trust_env=False
            )
        else:
            import httpx2

            from gaseol.tools.egress import guard
            from gaseol.tools.mcp.web import _Transport

            monkeypatch.setattr(guard.guarded, "__defaults__", (resolver,))
            http = httpx2.AsyncClient(transport=_Transport(reach), trust_env=False)
        async with http:
            return (await http.get(url)).text

    with pytest.raises(Exception, match=r"(?i)certificate verify failed"):
        asyncio.run(go())
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert asyncio.run(go()) == "x"
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    with pytest.raises(Forbidden, match=r"SSL_CERT_FILE=.*gone\.pem gives no certificates"):
        asyncio.run(go())


def test_the_library_of_mcp_is_guarded_too(serve, service) -> None:
    httpx2 = pytest.importorskip("httpx2", reason="needs the extra: mcp")
    from gaseol.tools.mcp.web import _Transport

    server = serve(lambda seen: service.Reply("x"))

    async def go(url: str, reach: Reach) -> str:
        async with httpx2.AsyncClient(transport=_Transport(reach), trust_env=False) as http:
            return (await http.post(url, json={"a": 1})).text

    assert asyncio.run(go(server.url, Reach([server.url]))) == "x"
    assert server.seen[0].body == '{"a":1}'
    with pytest.raises(Forbidden):
        asyncio.run(go(server.url, Reach()))
    assert len(server.seen) == 1


def _certificate(name: str, folder: Path) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file

"""The viewer's server: one person, one machine, loopback only.

Everything needs the token that stands in the address it is opened with; it is then kept in a
cookie that no other site can make the browser send. Writing needs it in a header as well. With a
file of people everybody has a token of their own, and may do what their role may.
"""

import gzip
import hmac
import re
import secrets
import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urlsplit

import orjson

from gaseol.answers import intake
from gaseol.answers import page as form
from gaseol.traces.shared.people import People, Person
from gaseol.traces.shelf import runs
from gaseol.traces.view import standing
from gaseol.traces.view.exhibit import PARTS, Exhibit
from gaseol.traces.view.page import LANGUAGES, closing, opening, policy

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ADDRESS = "127.0.0.1"
LARGEST = 256 * 1024
"""Bytes that one request may bring."""
_KEPT = 8
"""Runs that are kept open."""
_SECONDS = 30.0
"""A connection that says nothing for longer is closed."""
_RUN = re.compile(r"^/run/([^/]{1,1024})/(.*)$")
_FRESH = ("replay", "reviews")
"""Parts that may change while a record does not."""


class Viewer:
    """Shows one run, or all that are at home.

    Args:
        folder: the run; None for the list of runs at home.
        beside: a run to compare it with.
        port: 0 for any free one.
        language: of the page when it is opened.
        people: who is served, each by a token of their own; None for whoever has the viewer's.
        signs: name and key that sign the answers handed in here, of the one person who is served.

    Raises:
        ValueError: there is no such language, or people would sign with somebody else's key.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        beside: Path | None = None,
        port: int = 0,
        language: str = "en",
        people: People | None = None,
        signs: "tuple[str, Ed25519PrivateKey] | None" = None,
    ) -> None:
        if people is not None and signs is not None:
            raise ValueError("people who are served do not sign with the key of who serves them")
        if language not in LANGUAGES:
            raise ValueError(f"there is no language '{language}'; there are {', '.join(LANGUAGES)}")
        self.folder, self.beside, self.language = folder, beside, language
        self.token = secrets.token_urlsafe(24)
        self.people = people
        self.signs = signs
        self._open: dict[Path, Exhibit] = {}
        self._lock = threading.Lock()
        self._warm: weakref.WeakSet[Exhibit] = weakref.WeakSet()
        self._server = _Server((ADDRESS, port), _handler(self))
        self.port: int = self._server.server_address[1]

    @property
    def address(self) -> str:
        """The address to open, with the token; where people have their own, with its place."""
        place = "/" if self.folder is None else f"/run/{_key(self.folder)}/"
        token = self.token if self.people is None else "YOUR-TOKEN"
        return f"http://{ADDRESS}:{self.port}{place}?token={token}"

    def serve(self) -> None:
        """Serve until `stop` is called."""
        if self.folder is not None:
            self.warm(self.exhibit(self.folder))
        self._server.serve_forever(poll_interval=0.2)

    def stop(self) -> None:
        """Stop serving and release the port."""
        self._server.shutdown()

    def close(self) -> None:
        """Release the port."""
        self._server.server_close()

    def shelf(self) -> dict[str, Path]:
        """Return the runs that may be seen, by the name in their address."""
        if self.folder is None:
            return {_key(p): p for p in runs()}
        shown = (self.folder, *((self.beside,) if self.beside else ()))
        return {_key(p): p for p in shown}

    def exhibit(self, folder: Path) -> Exhibit:
        """Return a run as it stands now."""
        with self._lock:
            found = self._open.pop(folder, None)
            if found is None or found.stale():
                found = Exhibit(folder)
            self._open[folder] = found
            while len(self._open) > _KEPT:
                self._open.pop(next(iter(self._open)))
            return found

    def warm(self, exhibit: Exhibit) -> None:
        """Read a run in the background, what is shown first first, and verify it."""
        with self._lock:
            if exhibit in self._warm:
                return
            self._warm.add(exhibit)

        def read() -> None:
            for name in (*PARTS, "standing", "inspection"):
                try:
                    exhibit.part(name)
                except Exception as error:  # noqa: BLE001 (the page says what it could not get)
                    print(f"gaseol view: {name}: {error}", file=sys.stderr)

        threading.Thread(target=read, daemon=True).start()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64


class _Refused(Exception):
    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


def _key(folder: Path) -> str:
    """Return the name of a run in its address."""
    from urllib.parse import quote

    return quote(folder.resolve().name, safe="")


def _handler(viewer: Viewer) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        served = viewer

    return Handler


class _Handler(BaseHTTPRequestHandler):
    served: Viewer
    token = ""
    """Of whoever asks, once they were admitted."""
    person: Person | None = None
    protocol_version = "HTTP/1.1"
    server_version = "gaseol"
    sys_version = ""
    timeout = _SECONDS

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (its parent names it)
        """Say nothing: the address holds the token."""

    def _answer(self, act: Callable[[], None]) -> None:
        try:
            self._admit()
            act()
        except _Refused as refused:
            # what a refused request still has to say is not read
            self.close_connection = True
            self._send(refused.status, "text/plain; charset=utf-8", refused.why.encode())
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            self.close_connection = True
        except Exception as error:  # noqa: BLE001 (one page that fails does not end the viewer)
            self.close_connection = True
            said = f"{type(error).__name__}: {str(error)[:400]}"
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, "text/plain; charset=utf-8", said.encode())

    def _admit(self) -> None:
        """Refuse whoever is not the person this viewer was started by."""
        viewer = self.served
        names = {f"{ADDRESS}:{viewer.port}", f"localhost:{viewer.port}"}
        hosts = self.headers.get_all("Host") or []
        if len(hosts) != 1 or hosts[0] not in names:
            # another name that leads here is a page elsewhere reaching for this machine
            raise _Refused(HTTPStatus.FORBIDDEN, "this viewer answers to 127.0.0.1 only")
        origin = self.headers.get("Origin")
        if origin is not None and origin not in {f"http://{name}" for name in names}:
            raise _Refused(HTTPStatus.FORBIDDEN, "asked from another site")
        given = (
            self.headers.get("X-Gaseol-Token")
            or parse_qs(urlsplit(self.path).query).get("token", [""])[0]
            or self._cookie()
        )
        if viewer.people is not None:
            self.person = viewer.people.by_token(given)
            if self.person is None or not self.person.may("look"):
                raise _Refused(HTTPStatus.FORBIDDEN, "this is nobody's token here")
        elif not hmac.compare_digest(given.encode(), viewer.token.encode()):
            raise _Refused(
                HTTPStatus.FORBIDDEN,
                "open the address that `gaseol view` printed: it has the token",
            )
        self.token = given

    def _cookie(self) -> str:
        # cookies do not tell ports apart, so the name does
        name = f"gaseol_{self.served.port}="
        for part in "; ".join(self.headers.get_all("Cookie") or []).split(";"):
            if part.strip().startswith(name):
                return part.strip()[len(name) :]
        return ""

    def _get(self) -> None:
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        if "token" in query:
            self._settle(url.path, query)
            return
        if url.path == "/":
            self._list()
            return
        if url.path == "/api/runs":
            self._json(_listed(self.served))
            return
        folder, rest = self._run(url.path)
        if not rest:
            self._page(folder)
            return
        if rest == "export.html":
            self._file(folder, query)
            return
        if rest == "answers":
            self._form(folder)
            return
        if rest == "api/awaited":
            self._json(intake.waiting(folder))
            return
        if not rest.startswith("api/"):
            raise _Refused(HTTPStatus.NOT_FOUND, "there is nothing here")
        self._json(self._api(self.served.exhibit(folder), rest.removeprefix("api/"), query))

    def _run(self, path: str) -> tuple[Path, str]:
        found = _RUN.match(path)
        # a name is looked up among those that may be seen; no path is ever made from it
        folder = self.served.shelf().get(found[1]) if found else None
        if found is None or folder is None:
            raise _Refused(HTTPStatus.NOT_FOUND, "there is nothing here")
        return folder, found[2]

    def _api(self, exhibit: Exhibit, name: str, query: Mapping[str, list[str]]) -> Any:
        try:
            if name in PARTS or name in _FRESH or name == "inspection":
                return exhibit.part(name)
            match name.split("/"):
                case ["standing"]:
                    self.served.warm(exhibit)
                    return exhibit.known("standing") or {"state": "checking"}
                case ["chunk", number]:
                    return exhibit.chunk(int(number))
                case ["event", number]:
                    return exhibit.event(int(number))
                case ["blob", digest]:
                    return exhibit.blob(digest)
                case ["search"]:
                    start = int(query.get("from", ["0"])[0])
                    return exhibit.search(query.get("q", [""])[0], max(0, start))
                case ["comparison"]:
                    beside = self.served.shelf().get(query.get("with", [""])[0])
                    if beside is None:
                        raise _Refused(HTTPStatus.NOT_FOUND, "there is no such run")
                    return standing.comparison(exhibit.folder, beside)
                case _:
                    raise KeyError(name)
        except (KeyError, ValueError):
            raise _Refused(HTTPStatus.NOT_FOUND, "there is nothing here") from None

    def _post(self) -> None:
        if not hmac.compare_digest(
            (self.headers.get("X-Gaseol-Token") or "").encode(), self.token.encode()
        ):
            raise _Refused(HTTPStatus.FORBIDDEN, "writing needs the token in a header")
        if self.headers.get("Origin") is None:
            raise _Refused(HTTPStatus.FORBIDDEN, "writing needs to say where it comes from")
        if (self.headers.get("Content-Type") or "").split(";")[0].strip() != "application/json":
            raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send application/json")
        length = self.headers.get("Content-Length") or ""
        if not length.isdecimal() or self.headers.get("Transfer-Encoding"):
            raise _Refused(HTTPStatus.LENGTH_REQUIRED, "say how long it is")
        if int(length) > max(LARGEST, intake.LARGEST):
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {intake.LARGEST} bytes")
        folder, rest = self._run(urlsplit(self.path).path)
        if rest not in ("api/reviews", "api/answers"):
            raise _Refused(HTTPStatus.NOT_FOUND, "there is nothing to write here")
        largest = LARGEST if rest == "api/reviews" else intake.LARGEST
        if int(length) > largest:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {largest} bytes")
        right = "review" if rest == "api/reviews" else "run"
        if self.person is not None and not self.person.may(right):
            what = "reviewers write reviews" if right == "review" else "scientists answer"
            why = f"{self.person.name} is a {self.person.role}: {what}"
            raise _Refused(HTTPStatus.FORBIDDEN, why)
        try:
            said = orjson.loads(self.rfile.read(int(length)))
            if not isinstance(said, dict):
                raise ValueError("it is no object")
        except ValueError as error:
            raise _Refused(HTTPStatus.BAD_REQUEST, f"no JSON object: {error}") from None
        if rest == "api/reviews":
            self._remark(folder, cast("dict[str, Any]", said))
        else:
            self._take(folder, cast("dict[str, Any]", said))

    def _take(self, folder: Path, said: dict[str, Any]) -> None:
        if self.person is not None and isinstance(said.get("fields"), dict):
            said = {**said, "fields": {**said["fields"], "by": self.person.name}}
        try:
            found = intake.take(folder, said, self.served.signs[1] if self.served.signs else None)
        except (ValueError, LookupError, TypeError) as error:
            raise _Refused(HTTPStatus.BAD_REQUEST, _said(error)) from None
        self._json(found)

    def _remark(self, folder: Path, said: dict[str, Any]) -> None:
        from gaseol.traces.review.book import add

        known = ("by", "kind", "target", "severity", "text", "about", "judgement", "meaning",
                 "anyway")  # fmt: skip
        given = {k: said[k] for k in known if said.get(k) not in (None, "")}
        if self.person is not None:
            given["by"] = self.person.name
        try:
            add(folder, **given)
        except (ValueError, LookupError, TypeError) as error:
            raise _Refused(HTTPStatus.BAD_REQUEST, _said(error)) from None
        self._json(standing.remarks(folder))

    def _settle(self, path: str, query: Mapping[str, list[str]]) -> None:
        """Keep the token in a cookie and out of the address."""
        kept = "&".join(f"{k}={v[0]}" for k, v in query.items() if k == "beside")
        self.send_response(HTTPStatus.SEE_OTHER)
        cookie = f"gaseol_{self.served.port}={self.token}"
        self.send_header("Set-Cookie", f"{cookie}; HttpOnly; SameSite=Strict; Path=/")
        # one slash: two would be the address of another host
        place = "/" + path.lstrip("/").replace("\\", "")
        self.send_header("Location", place + (f"?{kept}" if kept else ""))
        self.send_header("Content-Length", "0")
        self._guard()
        self.end_headers()

    def _list(self) -> None:
        if self.served.folder is not None:
            self.send_response(HTTPStatus.SEE_OTHER)
            self.send_header("Location", f"/run/{_key(self.served.folder)}/")
            self.send_header("Content-Length", "0")
            self._guard()
            self.end_headers()
            return
        self._html({"served": True, "list": True, "token": self.token})

    def _page(self, folder: Path) -> None:
        exhibit = self.served.exhibit(folder)
        self.served.warm(exhibit)
        beside = self.served.beside if folder == self.served.folder else None
        self._html(
            {
                "served": True,
                "token": self.token,
                "run": _key(folder),
                "runs": sorted(self.served.shelf()),
                "list": False,
                "home": self.served.folder is None,
                "beside": _key(beside) if beside else None,
                "awaited": _awaited(folder),
            }
        )

    def _form(self, folder: Path) -> None:
        start = {
            "token": self.token,
            "run": _key(folder),
            "name": folder.name,
            "folder": str(folder),
            "signs": self._signs(),
        }
        self._send(
            HTTPStatus.OK,
            "text/html; charset=utf-8",
            form.page(start, self.served.language).encode(),
            {"Content-Security-Policy": form.policy()},
        )

    def _signs(self) -> dict[str, str] | None:
        """Return what the page says of the key that signs answers; None where none does."""
        if self.served.signs is None:
            return None
        from gaseol.traces.signatures.signing import key_id

        name, key = self.served.signs
        return {"name": name, "key": key_id(key)}

    def _html(self, start: dict[str, Any]) -> None:
        language = self.served.language
        page = opening({**start, "language": language}, language, served=True) + closing()
        self._send(
            HTTPStatus.OK,
            "text/html; charset=utf-8",
            f"{page}</body>\n</html>\n".encode(),
            {"Content-Security-Policy": policy(served=True)},
        )

    def _file(self, folder: Path, query: Mapping[str, list[str]]) -> None:
        import tempfile

        from gaseol.traces.view import write_view

        beside = self.served.shelf().get(query.get("beside", [""])[0])
        language = query.get("language", [self.served.language])[0]
        with tempfile.TemporaryDirectory() as place:
            out = Path(place) / "view.html"
            chosen = language if language in LANGUAGES else "en"
            write_view(folder, out, beside=beside, language=chosen)
            content = out.read_bytes()
        name = re.sub(r"[^A-Za-z0-9_.-]", "_", folder.name)[:100] or "run"
        self._send(
            HTTPStatus.OK,
            "application/octet-stream",
            content,
            {"Content-Disposition": f'attachment; filename="{name}.html"'},
        )

    def _json(self, value: Any) -> None:
        options = orjson.OPT_NON_STR_KEYS
        self._send(
            HTTPStatus.OK, "application/json", orjson.dumps(value, default=str, option=options)
        )

    def _send(
        self, status: HTTPStatus, media: str, content: bytes, more: Mapping[str, str] | None = None
    ) -> None:
        packed = len(content) > 200_000 and "gzip" in (self.headers.get("Accept-Encoding") or "")
        if packed and len(content) < 4_000_000:
            content = gzip.compress(content, 1)
        else:
            packed = False
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(content)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        for name, value in (more or {}).items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self._guard()
        self.end_headers()
        self.wfile.write(content)

    def _guard(self) -> None:
        for name, value in (
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Frame-Options", "DENY"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
        ):
            self.send_header(name, value)


def _awaited(folder: Path) -> int:
    """Return how many answers a run waits for; none where it cannot be told."""
    try:
        return sum(each["said"] is None for each in intake.waiting(folder))
    except (ValueError, LookupError, TypeError, OSError):
        return 0  # the page says itself what is broken


def _listed(viewer: Viewer) -> list[dict[str, Any]]:
    return [
        {"key": key, "name": folder.name, **_told(folder)} for key, folder in viewer.shelf().items()
    ]


def _told(folder: Path) -> dict[str, Any]:
    """Return what the list says of a run, reading no more of it than that."""
    found: dict[str, Any] = {"title": "", "status": "running", "verdicts": list[str]()}
    try:
        run = orjson.loads((folder / "run.json").read_bytes())
        found |= {"title": str((run.get("scenario") or {}).get("title", ""))[:300],
                  "created": str(run.get("created", ""))[:40]}  # fmt: skip
        with (folder / "events.jsonl").open("rb") as file:
            for line in file:
                if b'"kind":"verdict"' in line or b'"kind":"run.' in line:
                    event = orjson.loads(line)
                    _note(found, event["kind"], event["data"])
    except (ValueError, LookupError, TypeError, AttributeError, OSError) as error:
        return {**found, "status": "broken", "why": _said(error).replace(str(folder), folder.name)}
    return found


def _note(found: dict[str, Any], kind: str, data: Mapping[str, Any]) -> None:
    match kind:
        case "verdict":
            found["verdicts"].append(str(data["verdict"]["ruling"])[:40])
        case "run.started":
            found |= {k: str(data[k])[:300] for k in ("scenario", "scientist", "seed")}
        case "run.interrupted":
            found["status"] = str(data.get("status", "interrupted"))[:40]
        case "run.resumed":
            found["status"] = "running"
        case "run.ended":
            found["status"] = str(data["status"])[:40]
        case _:
            pass


def _said(error: Exception) -> str:
    said = error.args[0] if isinstance(error, KeyError) and error.args else str(error)
    return str(said)[:1000]

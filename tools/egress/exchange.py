"""An exchange with a server: what is asked, on what terms, and what comes back, as on record."""

import base64
import codecs
import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field

from gaseol.tools.egress.credentials import Credentials, places
from gaseol.tools.egress.pace import ONCE_A_SECOND, Rate
from gaseol.tools.egress.transport import TooLarge

_KEPT_HEADERS = (
    "content-type", "retry-after", "last-modified", "x-rate-limit-limit", "x-rate-limit-interval",
)  # fmt: skip
_CHUNK = 1 << 16
_ANY_WRAPPER = zlib.MAX_WBITS | 32
"""What packs a body: zlib or gzip, as it says itself."""
_CHARSETS = frozenset(
    [
        "utf-8", "utf-16", "ascii", "iso8859-1", "iso8859-15", "cp1252", "euc_kr", "cp949", "johab",
        "shift_jis", "cp932", "euc_jp", "gbk", "gb2312", "gb18030", "big5",
    ]
)  # fmt: skip
"""By Python's names. A server may name any codec, and some never end: `punycode` is quadratic."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ask(_Value):
    """An exchange that is wanted: the arguments of an effect of kind `egress`."""

    method: Literal["GET", "POST"] = "GET"
    url: str
    params: dict[str, str] = Field(default_factory=dict)
    """Added to the address; `{key:NAME}` stands for a key."""
    headers: dict[str, str] = Field(default_factory=dict)
    """`{key:NAME}` stands for a key."""
    body: str = ""

    def without(self, names: Iterable[str]) -> "Ask":
        """Return the request without the parameters and headers that are keys of these names."""
        gone = {f"{{key:{name}}}" for name in names}
        return self.model_copy(
            update={
                "params": {k: v for k, v in self.params.items() if v not in gone},
                "headers": {k: v for k, v in self.headers.items() if v not in gone},
            }
        )

    @property
    def keys(self) -> frozenset[str]:
        """The names of the keys that it needs."""
        texts = (*self.params.values(), *self.headers.values(), self.body, self.url)
        return frozenset[str]().union(*map(places, texts))


class Attempt(_Value):
    """A try that brought no answer."""

    status: int | None = None
    """None: nothing came."""
    problem: str
    waited: float = 0.0
    """Seconds before the next try."""


class Page(_Value):
    """What came back: the value of an effect of kind `egress`."""

    status: int
    url: str
    """Where the answer came from, after redirects; no keys in it."""
    address: str
    """The address that was connected to."""
    at: str
    """When, UTC."""
    headers: dict[str, str] = Field(default_factory=dict)
    text: str = ""
    base64: str = ""
    """The body, where it is no text."""
    sha256: str
    """Of the body, unpacked; where a key was taken out of it, as it is here."""
    attempts: tuple[Attempt, ...] = ()
    """Those before this answer."""


@dataclass(frozen=True)
class Login:
    """How a service hands out a short-lived key to whoever has a lasting one."""

    gives: str
    """Name of the key that it hands out."""
    needs: tuple[str, ...]
    """Names of the lasting ones."""
    ask: Callable[[Mapping[str, str], datetime], Ask]
    """Makes the request, of values and the time; it is never recorded."""
    read: Callable[[str], tuple[str, float]]
    """Takes key and seconds of life out of the body; raises ValueError where there is none."""


@dataclass(frozen=True)
class Terms:
    """On what terms a service is asked."""

    name: str
    """What a request calls the service."""
    hosts: tuple[str, ...]
    """As `Host.parse` reads them."""
    rate: Rate = ONCE_A_SECOND
    keys: tuple[str, ...] = ()
    """Names of the keys that may go to these hosts, and nowhere else."""
    optional: tuple[str, ...] = ()
    """Those of them that the service can do without."""
    login: Login | None = None


@dataclass(frozen=True)
class Raw:
    """An answer before anything was taken out of it."""

    status: int
    url: str
    address: str
    headers: Mapping[str, str]
    content: bytes
    charset: str | None

    @classmethod
    def read(cls, answer: httpx.Response, url: httpx.URL, limit: int) -> "Raw":
        """Read an answer to its end.

        Args:
            answer: whose body has not been read.
            url: where it came from.
            limit: bytes of the body, unpacked.

        Raises:
            httpx.TransportError: it broke off, took too long, or is too large.
        """
        return cls(
            status=answer.status_code,
            url=str(url),
            address=str(answer.extensions.get("address", "")),
            headers={k: answer.headers[k] for k in _KEPT_HEADERS if k in answer.headers},
            content=_unpacked(answer, limit),
            charset=answer.charset_encoding,
        )

    def page(self, credentials: Credentials, attempts: tuple[Attempt, ...] = ()) -> Page:
        """Return what may go on record.

        Args:
            credentials: taken out of it.
            attempts: those before this answer.
        """
        text, binary = _decoded(self.content, self.charset)
        clean = credentials.scrub(text)
        content = self.content if clean == text else clean.encode()
        return Page(
            status=self.status,
            url=credentials.scrub(self.url),
            address=self.address,
            at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            headers={k: credentials.scrub(v) for k, v in self.headers.items()},
            text=clean,
            base64=binary,
            sha256=hashlib.sha256(content).hexdigest(),
            attempts=attempts,
        )


def _unpacked(answer: httpx.Response, limit: int) -> bytes:
    """Return the body, unpacked no further than the limit: a small archive may hold a huge text."""
    coding = answer.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip", "deflate"):
        raise httpx.DecodingError(f"the body is packed by '{coding}', which was not asked for")
    unpack = zlib.decompressobj(_ANY_WRAPPER) if coding != "identity" else None
    found = bytearray()
    try:
        for chunk in answer.iter_raw(_CHUNK):
            if unpack is None:
                found += chunk
            while unpack is not None and chunk:
                if unpack.eof:
                    chunk = chunk.lstrip(b"\0")
                    if coding == "deflate" or not chunk:
                        break
                    # another member follows, as where a server joins what others packed
                    unpack = zlib.decompressobj(_ANY_WRAPPER)
                found += unpack.decompress(chunk, max(1, limit + 1 - len(found)))
                if len(found) > limit:
                    break
                chunk = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
            if len(found) > limit:
                raise TooLarge(f"the body has more than {limit} bytes")
    except zlib.error as error:
        raise httpx.DecodingError(f"the body cannot be unpacked: {error}") from None
    if unpack is not None and not unpack.eof and found:
        raise httpx.ReadError("the packed body broke off")
    return bytes(found)


def _decoded(content: bytes, charset: str | None) -> tuple[str, str]:
    """Return the body as text, else as base64."""
    for encoding in dict.fromkeys((_encoding(charset or "utf-8"), "utf-8")):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, ""
    return "", base64.b64encode(content).decode()


def _encoding(charset: str) -> str:
    """Return Python's name of a charset; UTF-8 for one that no text on the web is written in."""
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return "utf-8"
    return name if name in _CHARSETS else "utf-8"

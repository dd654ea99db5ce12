"""ScienceON of KISTI: Korean papers (https://scienceon.kisti.re.kr/apigateway)."""

import base64
import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from xml.etree.ElementTree import Element

from gaseol.tools import Refuse, tool
from gaseol.tools.egress.exchange import Ask, Login
from gaseol.tools.literature.answer import (
    check,
    clean,
    count,
    doi,
    names,
    records,
    wrong,
    xml_root,
    year,
)  # fmt: skip
from gaseol.tools.literature.page import pages
from gaseol.tools.sources.connector import Connector, Query
from gaseol.tools.sources.records import Record, Records
from gaseol.traces.nouns.failure import FailureKind

CLIENT, KEY, MAC, TOKEN = (
    "SCIENCEON_CLIENT_ID", "SCIENCEON_API_KEY", "SCIENCEON_MAC_ADDRESS", "SCIENCEON_TOKEN",
)  # fmt: skip
_PLACE = "https://apigateway.kisti.re.kr"
_VECTOR = b"jvHJ1EFA0IXBrxxz"
"""The initialisation vector that the service documents; the same for everybody."""
_LIFE = 3600.0
"""Seconds that a token is used; the service lets it live for two hours."""
_SEOUL = timezone(timedelta(hours=9))
_PAGE = 100


@tool(
    seconds=0.02,
    limit_seconds=30,
    tags=("literature", "reader"),
    examples=pages("scienceon.xml"),
)
def read_scienceon(status: int, text: str) -> Records:
    """Read a page of papers from ScienceON.

    Args:
        status: of the page.
        text: of the page, XML.
    """
    check("ScienceON", status, text)
    root = xml_root("ScienceON", text)
    said = {e.tag.lower(): clean(e.text or "") for e in root.iter() if isinstance(e.tag, str)}
    code = said.get("statuscode", "200")
    if code != "200" or "errorcode" in said:
        what = f"{said.get('errorcode', code)}: {said.get('errormessage', '')}"
        reason = f"ScienceON turned the request away ({what})"
        raise Refuse(reason, kind=FailureKind.UNAVAILABLE)
    total = count(said.get("totalcount"))
    if total is None:
        raise wrong("ScienceON", "it does not say how many there are")
    entries = root.findall(".//recordList/record")
    page = count(said.get("curpage")) or 1
    more = str(page + 1) if entries and page * _PAGE < total else ""
    return records("scienceon", map(_work, entries), total=total, cursor=more)


def _work(entry: Element) -> Record | None:
    items = {one.get("metaCode", ""): clean("".join(one.itertext())) for one in entry.iter("item")}
    name = items.get("CN", "")
    if not name:
        return None
    return Record(
        id=name[:500],
        title=items.get("Title", "")[:2000],
        authors=names(items.get("Author", "").split(";"))[:50],
        year=year(items.get("Pubyear")),
        venue=items.get("JournalName", "")[:2000],
        doi=doi(items.get("DOI")),
        url=items.get("ContentURL", "")[:2000],
        abstract=items.get("Abstract", "")[:20_000],
    )


def _ask(query: Query) -> Ask:
    return Ask(
        url=f"{_PLACE}/openapicall.do",
        params={
            "client_id": f"{{key:{CLIENT}}}",
            "token": f"{{key:{TOKEN}}}",
            "version": "1.0",
            "action": "search",
            "target": "ARTI",
            "searchQuery": json.dumps({"BI": query.text}, ensure_ascii=False),
            "curPage": query.cursor or "1",
            "rowCount": str(_PAGE),
        },
    )


def _ask_token(keys: Mapping[str, str], now: datetime) -> Ask:
    when = now.astimezone(_SEOUL).strftime("%Y%m%d%H%M%S")
    said = json.dumps({"datetime": when, "mac_address": keys[MAC]}).replace(" ", "")
    return Ask(
        url=f"{_PLACE}/tokenrequest.do",
        params={"client_id": keys[CLIENT], "accounts": encrypted(said, keys[KEY])},
    )


def encrypted(text: str, key: str) -> str:
    """Return a text as the service takes it: AES in CBC mode, padded by PKCS#7, base64 for URLs.

    Raises:
        ValueError: the key is not 16, 24 or 32 bytes long.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.padding import PKCS7

    padder = PKCS7(128).padder()
    padded = padder.update(text.encode()) + padder.finalize()
    cipher = Cipher(algorithms.AES(key.encode()), modes.CBC(_VECTOR)).encryptor()
    return base64.urlsafe_b64encode(cipher.update(padded) + cipher.finalize()).decode()


def _token(text: str) -> tuple[str, float]:
    answer = json.loads(text)
    token = answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(token, str) or len(token) < 8:
        msg = "no access_token"
        raise ValueError(msg)
    return token, _LIFE


scienceon = Connector(
    name="scienceon",
    summary="Korean papers, with abstracts (KISTI)",
    hosts=("apigateway.kisti.re.kr",),
    ask=_ask,
    reader=read_scienceon,
    licence="as agreed with KISTI for the key",
    source="https://scienceon.kisti.re.kr/apigateway/api/main/mainForm.do",
    largest=_PAGE,
    keys=(CLIENT,),
    login=Login(TOKEN, (CLIENT, KEY, MAC), _ask_token, _token),
)

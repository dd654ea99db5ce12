"""Every connector against a server of its service's documented shape, and against its bad days."""

import contextlib
import json
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gaseol.tools import Refuse
from gaseol.tools.literature.scienceon import encrypted
from gaseol.tools.sources.connector import UnknownConnector, connector, connectors
from gaseol.tools.sources.library import Library
from gaseol.traces.nouns.failure import FailureKind


@dataclass(frozen=True)
class Case:
    """A service, its answer, and what must be read of it."""

    name: str
    file: str
    first: dict[str, Any]
    total: int | None
    empty: str
    path: str
    """How the request begins."""
    key: str = ""
    """The parameter or header that carries the key."""
    extra: str = ""
    """The file of the second answer."""


ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/">'
    "<o:totalResults>0</o:totalResults><o:startIndex>0</o:startIndex></feed>"
)
CASES = [
    Case(
        "openalex", "openalex.json",
        {"id": "W1001", "doi": "10.5555/water.2021.7", "pmid": "31234567", "year": 2021,
         "title": "Hydration of small molecules", "authors": ("Mina Kim", "Jan Novak"),
         "abstract": "Water binds alcohols.", "licence": "cc-by", "venue": "Journal of Examples"},
        2, '{"meta": {"count": 0}, "results": []}', "/works?search=hydrogen", "api_key=",
    ),
    Case(
        "crossref", "crossref.json",
        {"id": "10.5555/abc.123", "doi": "10.5555/abc.123", "year": 2019,
         "authors": ("Mina Kim", "The Hydration Group"), "abstract": "Alcohols & water."},
        1, '{"status": "ok", "message": {"total-results": 0, "items": []}}',
        "/v1/works?query=hydrogen", "mailto=",
    ),
    Case(
        "europepmc", "europepmc.json",
        {"id": "MED:31234567", "pmid": "31234567", "pmcid": "PMC7654321", "kind": "article",
         "authors": ("Kim M", "Novak J"), "abstract": "Aim Ginseng was given."},
        2, '{"hitCount": 0, "resultList": {"result": []}}',
        "/europepmc/webservices/rest/search?query=hydrogen",
    ),
    Case(
        "pubmed", "pubmed_ids.json",
        {"id": "31234567", "doi": "10.5555/abc.123", "pmcid": "PMC7654321", "year": 2019,
         "title": "Ginseng and sleep.", "authors": ("Mina Kim", "The Sleep Group"),
         "abstract": "AIM: Ginseng was given. RESULT: They slept."},
        2, '{"esearchresult": {"count": "0", "retstart": "0", "idlist": []}}',
        "/entrez/eutils/esearch.fcgi?", "api_key=", "pubmed.xml",
    ),
    Case(
        "arxiv", "arxiv.xml",
        {"id": "2101.00001v2", "arxiv": "2101.00001", "doi": "10.5555/stiff.1", "year": 2021,
         "title": "Bulk moduli", "kind": "preprint"},
        2, ATOM, "/api/query?search_query=all%3Ahydrogen",
    ),
    Case(
        "semanticscholar", "semanticscholar.json",
        {"doi": "10.5555/abc.123", "pmid": "31234567", "pmcid": "PMC7654321",
         "arxiv": "2101.00001", "abstract": ""},
        1, '{"total": 0, "offset": 0}', "/graph/v1/paper/search?query=hydrogen", "x-api-key",
    ),
    Case(
        "pubchem", "pubchem.json",
        {"id": "CID702", "title": "Ethanol", "kind": "substance"}, 1, "404",
        "/rest/pug/compound/name/property/",
    ),
    Case(
        "chembl", "chembl.json", {"id": "CHEMBL25", "title": "ASPIRIN"}, 2,
        '{"molecules": [], "page_meta": {"total_count": 0, "offset": 0, "next": null}}',
        "/chembl/api/data/molecule/search.json?q=hydrogen",
    ),
    Case(
        "optimade_mp", "optimade.json", {"id": "ex/1", "title": "O2Si", "year": 2023}, 1,
        '{"data": [], "links": {"next": null}, "meta": {"api_version": "1.1.0"}}',
        "/v1/structures?filter=hydrogen",
    ),
    Case(
        "scienceon", "scienceon.xml",
        {"id": "JAKO201912345678901", "title": "수소의 저장", "authors": ("김미나", "이서"),
         "doi": "10.5555/ko.2019.1", "abstract": "수소를 금속에 저장하였다."},
        1, "<MetaData><resultSummary><statusCode>200</statusCode><TotalCount>0</TotalCount>"
        "</resultSummary><recordList/></MetaData>",
        "/openapicall.do?client_id=", "token=",
    ),
    Case(
        "ntis", "ntis.xml",
        {"id": "1711000001", "title": "수소 저장 소재", "authors": ("김미나",), "year": 2022,
         "venue": "예제연구원", "abstract": "수소를 저장한다."},
        1, "<RESULT><TOTALHITS>0</TOTALHITS><RESULTSET/></RESULT>",
        "/rndopen/openApi/public_project?", "apprvKey=",
    ),
    Case(
        "dataon", "dataon.json",
        {"id": "abc123", "title": "수소 저장 측정", "authors": ("김미나", "이서"), "year": 2021},
        1, '{"response": {"total count": 0}, "records": []}',
        "/rest/api/search/dataset?", "key=",
    ),
    Case(
        "kci", "kci.xml",
        {"id": "ART002000001", "title": "수소의 저장", "doi": "10.5555/kci.1", "year": 2018,
         "authors": ("김미나(예제대학교)", "이서")},
        1, "<MetaData><inputData/><outputData><result><total>0</total></result></outputData>"
        "</MetaData>",
        "/po/openapi/openApiSearch.kci?", "key=",
    ),
    Case(
        "kipris", "kipris.xml",
        {"id": "1020200000001", "title": "수소 저장 용기", "kind": "patent", "year": 2020,
         "authors": ("예제연구원", "주식회사 예제")},
        1, "<response><header><resultCode>00</resultCode></header><body><items/></body><count>"
        "<totalCount>0</totalCount><pageNo>1</pageNo></count></response>",
        "/kipo-api/kipi/patUtiModInfoSearchSevice/getWordSearch?", "ServiceKey=",
    ),
]  # fmt: skip
EACH = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def answering(service, shape, case: Case, body: str | None = None):
    """Return a script that answers like the service; the body of its search may be another."""

    def script(seen):
        if "tokenrequest.do" in seen.path:
            return service.Reply('{"access_token": "token-of-scienceon", "refresh_token": "r"}')
        if "efetch" in seen.path:
            return service.Reply(shape(case.extra))
        if body == "404":
            return service.Reply('{"Fault": {"Code": "PUGREST.NotFound"}}', status=404)
        return service.Reply(shape(case.file) if body is None else body)

    return script


def test_every_connector_has_a_case() -> None:
    twins = {"optimade_alexandria", "optimade_cod", "optimade_oqmd"}
    assert set(connectors()) == {case.name for case in CASES} | twins


@pytest.mark.parametrize("name", list(connectors()))
def test_a_connector_says_on_what_terms_it_works(name: str) -> None:
    one = connector(name)
    assert one.name == name
    assert one.licence
    assert one.source.startswith("https://")
    assert one.rate.requests / one.rate.seconds <= 10
    assert not one.summary.endswith(".")
    assert set(one.optional) <= set(one.keys)


def test_the_page_lists_every_source() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs/literature.md").read_text()
    for one in connectors().values():
        row = f"| `{one.name}` | {one.summary} | `{one.hosts[0]}` |"
        (line,) = [line for line in page.splitlines() if line.startswith(row)]
        assert all(key in line for key in (*one.keys, *one.needs))


def test_an_unknown_source_is_named_with_the_known_ones() -> None:
    with pytest.raises(UnknownConnector, match="no source 'openalix'; there are arxiv"):
        connector("openalix")


@EACH
def test_an_answer_is_read(case: Case, serve, service, shape, bench, move, keys) -> None:
    server = serve(answering(service, shape, case))
    one = move(connector(case.name), server.url)
    effects = bench(one)
    found = Library(effects).search(one, "hydrogen", 25)
    assert found.failure is None, found.failure
    assert found.total == case.total or case.extra
    first = found.records[0]
    for name, value in case.first.items():
        assert getattr(first, name) == value, name
    asked = [seen for seen in server.seen if "tokenrequest" not in seen.path]
    assert asked[0].path.startswith(case.path), asked[0].path
    if case.key:
        carried = {**asked[0].headers, "": asked[0].path}
        assert case.key in carried or case.key in asked[0].path
    # the position of the answer that holds the records
    request, response = effects.said[found.answers[0]]
    assert request.effect == "tool"
    assert response.value["hits"][0]["id"] == first.id
    # no key, in no way of writing it, is in what goes on record
    record = json.dumps([[r.arguments, repr(a)] for r, a in effects.said], ensure_ascii=False)
    for value in [*keys.values(), "token-of-scienceon"]:
        for written in (value, urllib.parse.quote(value, safe=""), urllib.parse.quote_plus(value)):
            assert written not in record


@EACH
def test_nothing_found_is_empty(case: Case, serve, service, shape, bench, move) -> None:
    server = serve(answering(service, shape, case, case.empty))
    one = move(connector(case.name), server.url)
    found = Library(bench(one)).search(one, "hydrogen")
    assert found.records == ()
    assert found.failure is not None
    assert found.failure.kind is FailureKind.EMPTY


@EACH
@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_bad_day_is_unavailable(case: Case, status: int, serve, service, bench, move) -> None:
    server = serve(lambda seen: service.Reply("<h1>busy</h1>", status=status))
    one = move(connector(case.name), server.url)
    found = Library(bench(one)).search(one, "hydrogen")
    assert found.failure is not None
    assert found.failure.kind is FailureKind.UNAVAILABLE
    assert found.records == ()


WRONG = {
    "a page": "<!DOCTYPE html><html><body>We have moved</body></html>",
    "nothing": "",
    "null": "null",
    "a list": "[]",
    "an object": "{}",
    "another object": '{"results": 3, "data": {"x": 1}, "message": [], "status": "ok"}',
    "a document": "<other/>",
    "entities": '<!DOCTYPE x [<!ENTITY a "b">]><RESULT><TOTALHITS>1</TOTALHITS>&a;</RESULT>',
    "deep": "[" * 5000,
}


@EACH
@pytest.mark.parametrize("body", WRONG.values(), ids=list(WRONG))
def test_another_shape_is_told_apart(case: Case, body: str, registry) -> None:
    for reader in connector(case.name).readers:
        with pytest.raises(Refuse) as raised:
            registry.get(reader.name).invoke({"status": 200, "text": body})
        assert raised.value.kind is FailureKind.WRONG_SHAPE, raised.value


@EACH
def test_a_truncated_answer_is_told_apart(case: Case, shape, registry) -> None:
    text = shape(case.file)
    with pytest.raises(Refuse) as raised:
        registry.get(connector(case.name).reader.name).invoke(
            {"status": 200, "text": text[: len(text) * 2 // 3]}
        )
    assert raised.value.kind is FailureKind.WRONG_SHAPE


@EACH
@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_turned_away_is_unavailable(case: Case, status: int, registry) -> None:
    with pytest.raises(Refuse) as raised:
        registry.get(connector(case.name).reader.name).invoke({"status": status, "text": "no"})
    assert raised.value.kind is FailureKind.UNAVAILABLE


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        ("read_ntis", "<?xml version='1.0'?><error>접근 허용 IP가 아닙니다.</error>"),
        ("read_kipris", "kipris_refused.xml"),
        (
            "read_scienceon",
            "<MetaData><resultSummary><statusCode>401</statusCode></resultSummary><errorDetail>"
            "<errorCode>E4103</errorCode><errorMessage>토큰</errorMessage></errorDetail></MetaData>",
        ),
        ("read_kci", "<MetaData><outputData><result><resultMsg>등록되지 않은 키</resultMsg></result>"
                     "</outputData></MetaData>"),
    ],
)  # fmt: skip
def test_a_refusal_with_status_200_is_unavailable(reader, text, registry, shape) -> None:
    text = shape(text) if text.endswith(".xml") else text
    with pytest.raises(Refuse, match="turned the request away") as raised:
        registry.get(reader).invoke({"status": 200, "text": text})
    assert raised.value.kind is FailureKind.UNAVAILABLE


def test_a_query_that_is_not_understood_is_told_so(registry) -> None:
    said = {
        "read_arxiv": (200, ATOM.replace("</feed>", "<entry><id>http://arxiv.org/api/errors#x</id>"
                            "<summary>bad</summary></entry></feed>")),
        "read_pubmed_ids": (200, '{"esearchresult": {"ERROR": "Empty term"}}'),
        "read_optimade": (400, '{"errors": [{"detail": "cannot parse"}], "meta": {}}'),
        "read_openalex": (400, '{"error": "Invalid query"}'),
    }  # fmt: skip
    for reader, (status, text) in said.items():
        with pytest.raises(Refuse, match="does not understand") as raised:
            registry.get(reader).invoke({"status": status, "text": text})
        assert raised.value.kind is FailureKind.BAD_ARGUMENTS


def test_a_key_that_is_missing_is_named(serve, service, bench, move) -> None:
    server = serve(lambda seen: service.Reply("{}"))
    for name, key in (("openalex", "OPENALEX_API_KEY"), ("scienceon", "SCIENCEON_CLIENT_ID")):
        one = move(connector(name), server.url)
        failure = Library(bench(one, keys={})).search(one, "x").failure
        assert failure is not None
        assert failure.kind is FailureKind.UNAVAILABLE
        assert key in failure.reason
    assert server.seen == []


def test_pages_are_followed_until_there_are_enough(serve, service, bench, move) -> None:
    def script(seen):
        start = int(urllib.parse.parse_qs(urllib.parse.urlsplit(seen.path).query)["offset"][0])
        size = int(urllib.parse.parse_qs(urllib.parse.urlsplit(seen.path).query)["limit"][0])
        rows = [{"paperId": f"p{n}", "title": "x"} for n in range(start, min(start + size, 230))]
        after = {"next": start + size} if start + size < 230 else {}
        return service.Reply(json.dumps({"total": 230, "data": rows, **after}))

    server = serve(script)
    one = move(connector("semanticscholar"), server.url)
    found = Library(bench(one)).search(one, "x", 1000)
    assert [record.id for record in found.records] == [f"p{n}" for n in range(230)]
    assert len(server.seen) == len(found.answers) == 3
    assert len(Library(bench(one)).search(one, "x", 120).records) == 120


def test_a_page_that_fails_keeps_what_came_before(serve, service, bench, move) -> None:
    replies = iter(
        [
            service.Reply('{"total": 9, "data": [{"paperId": "a"}], "next": 1}'),
            service.Reply("<html>", status=200),
        ]
    )
    server = serve(lambda seen: next(replies))
    one = move(connector("semanticscholar"), server.url)
    found = Library(bench(one)).search(one, "x", 9)
    assert [record.id for record in found.records] == ["a"]
    assert found.failure is not None
    assert found.failure.kind is FailureKind.WRONG_SHAPE


def test_a_next_page_elsewhere_is_not_followed(serve, service, bench, move, shape) -> None:
    evil = json.loads(shape("optimade.json"))
    evil["links"]["next"] = "http://169.254.169.254/latest/meta-data"
    server = serve(lambda seen: service.Reply(json.dumps(evil)))
    one = move(connector("optimade_mp"), server.url)
    found = Library(bench(one)).search(one, "x", 3)
    assert len(found.records) >= 1
    assert all(seen.path.startswith("/v1/structures?") for seen in server.seen)


def test_scienceon_is_asked_as_documented(keys) -> None:
    """A block worked out with the published recipe: AES-256-CBC, fixed vector, PKCS#7."""
    import base64

    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    said = '{"datetime":"20260101120000","mac_address":"00-11-22-33-44-55"}'
    packed = base64.urlsafe_b64decode(encrypted(said, keys["SCIENCEON_API_KEY"]))
    vector = b"jvHJ1EFA0IXBrxxz"
    opener = Cipher(algorithms.AES(keys["SCIENCEON_API_KEY"].encode()), modes.CBC(vector))
    plain = opener.decryptor().update(packed)
    assert plain[: -plain[-1]].decode() == said
    assert len(packed) % 16 == 0


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=12),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["results", "message", "items", "id", "DOI", "title", "meta", "data",
                             "author", "type", "attributes", "status", "total", "records"]),
            inner, max_size=5,
        ),
        max_leaves=12,
    )
)  # fmt: skip
def test_any_json_is_read_or_refused(registry, value: Any) -> None:
    for name in ("openalex", "crossref", "europepmc", "semanticscholar", "pubchem", "chembl",
                 "optimade_mp", "dataon"):  # fmt: skip
        for reader in connector(name).readers:
            with contextlib.suppress(Refuse):
                registry.get(reader.name).invoke({"status": 200, "text": json.dumps(value)})


def test_an_entry_that_no_record_can_be_is_a_page_of_another_shape() -> None:
    from gaseol.tools.literature import read_openalex, read_semanticscholar

    page = {"results": [{"id": "W" * 600, "authorships": 5}], "meta": {"count": 1}}
    with pytest.raises(Refuse, match="whose id cannot be") as raised:
        read_openalex(200, json.dumps(page))
    assert raised.value.kind is FailureKind.WRONG_SHAPE
    found = read_semanticscholar(200, '{"total": 1, "data": [{"paperId": "a", "authors": 5}]}')
    assert found.hits[0].authors == ()

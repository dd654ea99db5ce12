"""The server answers the one who started it, and nobody else."""

import shutil

import orjson
import pytest

from gaseol.viewer import LARGEST


@pytest.fixture
def call(run, serve, caller):
    return caller(serve(run))


def test_it_listens_on_loopback_only(call):
    assert call.viewer._server.server_address[0] == "127.0.0.1"
    assert call.viewer.address.startswith(f"http://127.0.0.1:{call.viewer.port}/run/made/?token=")


def test_nothing_without_the_token(call):
    for path in ("/", "/run/made/", "/run/made/api/board", "/api/runs", "/run/made/export.html"):
        for headers in ({}, {"Cookie": "gaseol=x"}, {"X_Gaseol_Token": "x" * 32}):
            status, content, _ = call(path, token=False, **headers)
            assert status == 403, path
            assert b"made" not in content


def test_the_token_moves_from_the_address_into_a_cookie(call):
    status, content, headers = call(f"/run/made/?token={call.viewer.token}", token=False)
    assert status == 303
    assert headers["Location"] == "/run/made/"
    assert not content
    cookie = headers["Set-Cookie"]
    assert "SameSite=Strict" in cookie
    assert "HttpOnly" in cookie
    status, content, headers = call("/run/made/", token=False, Cookie=cookie.split(";")[0])
    assert status == 200
    assert b"application/x-gaseol+json" in content
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_redirect_stays_here(call):
    for path in ("//evil.example/", "/\\evil.example", "///evil.example"):
        _, _, headers = call(f"{path}?token={call.viewer.token}", token=False)
        place = headers["Location"]
        assert place.startswith("/")
        assert not place.startswith(("//", "/\\"))


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "", None])
def test_another_name_is_refused(call, host):
    status, _, _ = call("/run/made/api/board", Host=host)
    assert status in (400, 403)


def test_localhost_is_this_machine_too(call):
    assert call("/run/made/api/board", Host=f"localhost:{call.viewer.port}")[0] == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "file://"])
def test_another_site_is_refused(call, origin):
    assert call("/run/made/api/board", Origin=origin)[0] == 403
    assert call.post({"by": "x", "kind": "note"}, Origin=origin)[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "/run/../../etc/passwd", "/run/made/../../run.json", "/run/made/api/../run.json",
        "/run/%2e%2e/api/board", "/run/made/api/blob/..%2f..%2frun.json", "/run/other/",
        "/run/made/api/blob/" + "0" * 64, "/run/made/api/chunk/-1", "/run/made/api/chunk/x",
        "/run/made/api/event/999999999", "/run/made/api/nothing", "/run/made/run.json",
        "/events.jsonl", "/run/made/api/comparison?with=../x", "/run/\x00made/".replace("\x00", "%00"),
    ],
)  # fmt: skip
def test_there_is_nothing_but_what_is_shown(call, path):
    status, content, _ = call(path)
    assert status == 404
    assert b"gaseol.record" not in content


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE"])
def test_only_get_and_post(call, method):
    assert call("/run/made/", method)[0] == 501


def test_every_part_is_served(call):
    for name in ("skeleton", "board", "facets", "curves", "sheet", "cases", "fits", "chunk/0",
                 "event/3", "reviews", "replay", "search?q=warm", "standing"):  # fmt: skip
        status, content, headers = call(f"/run/made/api/{name}")
        assert status == 200, name
        assert headers["Content-Type"] == "application/json"
        assert headers["Cache-Control"] == "no-store"
        orjson.loads(content)


def test_a_note_is_written_beside_the_record(call, run):
    before = (run / "events.jsonl").read_bytes()
    said = {"by": "A. Reviewer", "kind": "note", "target": {"event": 3}, "severity": "major",
            "text": "why so warm?"}  # fmt: skip
    status, content, _ = call.post(said)
    assert status == 200, content
    (entry,) = orjson.loads(content)["entries"]
    assert entry["text"] == "why so warm?"
    assert entry["target"]["event"] == 3
    assert len(entry["digest"]) == 64
    assert (run / "events.jsonl").read_bytes() == before
    assert len(list((run / "reviews").iterdir())) == 1


def test_what_cannot_be_said_is_refused_with_a_reason(call, run):
    for said in ({"by": "", "kind": "note", "target": {"event": 3}, "text": "x"},
                 {"by": "A", "kind": "note", "target": {"event": 10**6}, "text": "x"},
                 {"by": "A", "kind": "judgement", "target": {"claim": "none"}, "judgement": "agree"},
                 {"kind": "note"}, {"by": "../../x/..", "kind": "shout", "text": "x"}):  # fmt: skip
        status, content, _ = call.post(said)
        assert status == 400, said
        assert content
    assert not list(run.parent.glob("x*"))


def test_writing_needs_more_than_the_cookie(call):
    said = orjson.dumps({"by": "x", "kind": "note", "target": {"event": 3}, "text": "forged"})
    cookie = f"gaseol_{call.viewer.port}={call.viewer.token}"
    path, origin = "/run/made/api/reviews", f"http://{call.host}"
    kinds = {"Content_Type": "application/json"}
    assert call(path, "POST", said, token=False, Cookie=cookie, Origin=origin, **kinds)[0] == 403
    assert call(path, "POST", said, **kinds)[0] == 403
    assert call(path, "POST", said, Origin=origin, Content_Type="text/plain")[0] == 415
    assert call(path, "POST", said, Origin=origin,
                Content_Type="application/x-www-form-urlencoded")[0] == 415  # fmt: skip
    assert call("/run/made/api/board", "POST", said, Origin=origin, **kinds)[0] == 404
    _, content, _ = call("/run/made/api/reviews")
    assert orjson.loads(content)["entries"] == []


def test_an_oversized_or_endless_post_is_refused(call):
    assert call.post(b"", Content_Length=str(LARGEST + 1))[0] == 413
    assert call.post(b"", Content_Length="-1")[0] == 411
    assert call.post(b"", Content_Length="9" * 30)[0] == 413
    assert call.post(b"0\r\n\r\n", Transfer_Encoding="chunked", Content_Length=None)[0] == 411
    assert call.post(b"not json")[0] == 400
    assert call.post(b"[1]")[0] == 400
    assert call.post(b"[" * 200_000)[0] == 400


def test_the_list_of_runs(run, serve, caller, tmp_path, monkeypatch):
    home = tmp_path / "home"
    shutil.copytree(run, home / "runs" / "first run")
    (home / "runs" / "broken").mkdir()
    (home / "runs" / "broken" / "run.json").write_text("{")
    monkeypatch.setenv("GASEOL_HOME", str(home))
    call = caller(serve())
    status, content, _ = call("/api/runs")
    assert status == 200
    found = {row["name"]: row for row in orjson.loads(content)}
    assert found["first run"]["verdicts"].count("supported") == 2
    assert found["broken"]["status"] == "broken"
    assert call(f"/run/{found['first run']['key']}/api/board")[0] == 200
    assert call("/")[0] == 200


def test_a_run_that_grows_is_read_again(call, run):
    first = orjson.loads(call("/run/made/api/skeleton")[1])["events"]
    with (run / "events.jsonl").open("ab") as file:
        file.write(b'{"seq":%d,"prev":"","at":"2026-01-01T00:00:00Z","cause":null,"kind":"x","data":{}}\n'
                   % first)  # fmt: skip
    assert orjson.loads(call("/run/made/api/skeleton")[1])["events"] == first + 1


def test_a_record_cannot_name_the_file_it_is_saved_as(hostile, serve, caller):
    call = caller(serve(hostile))
    status, _, headers = call("/run/hostile/export.html")
    assert status == 200
    assert headers["Content-Disposition"] == 'attachment; filename="hostile.html"'
    assert headers["Content-Type"] == "application/octet-stream"

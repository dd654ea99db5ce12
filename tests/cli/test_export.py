"""`gaseol export`."""

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from gaseol.cli.export_command import FORMATS
from gaseol.graphs import run
from gaseol.scenarios import Scenario
from gaseol.traces import verify

WRITTEN = ("rocrate", "prov", "otel")


@pytest.fixture(scope="session")
def done(world, pool, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("done") / "toy-1"
    run(Scenario.model_validate(world.EFFECTS), out=folder, pool=pool, report=False)
    return folder


@pytest.fixture
def copied(done, home) -> Path:
    """A copy of the finished run at home, to be changed."""
    return Path(shutil.copytree(done, home / done.name))


@pytest.fixture
def broken(copied) -> Path:
    """A run that does not verify, and can be read."""
    path = copied / "events.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"ruling":"supported"', b'"ruling":"undecided"'))
    assert not verify(copied).holds
    return copied


@pytest.mark.parametrize("form", WRITTEN)
def test_a_file_is_written_and_the_record_is_not_touched(gaseol, copied, tmp_path, form):
    before = {p: p.read_bytes() for p in copied.rglob("*") if p.is_file()}
    out = tmp_path / "out"
    said = gaseol("export", "--format", form, "--out", out)
    assert said.code == 0
    assert said.out == f"{form}: {out}\n"
    assert all(line.startswith("left out: ") for line in said.err.splitlines())
    content = (out / "ro-crate-metadata.json") if form == "rocrate" else out
    assert json.loads(content.read_text())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["home", "out"]
    assert {p: p.read_bytes() for p in copied.rglob("*") if p.is_file()} == before
    again = gaseol(
        "export", copied.name, "--format", form, "--out", tmp_path / "two", "--json"
    ).json
    assert (again["format"], again["out"], again["caveat"]) == (form, str(tmp_path / "two"), "")


def test_a_zip_is_asked_for_by_its_name(gaseol, copied, tmp_path):
    assert gaseol("export", "--format", "rocrate", "--out", tmp_path / "c.zip").code == 0
    assert (tmp_path / "c.zip").read_bytes()[:2] == b"PK"


@pytest.mark.parametrize("form", WRITTEN)
def test_what_is_there_is_not_replaced(gaseol, copied, tmp_path, form):
    out = tmp_path / "out"
    out.write_text("mine")
    said = gaseol("export", "--format", form, "--out", out)
    assert said.code == 2
    assert f"{out} is there already; name another file, or replace it with --force" in said.err
    assert out.read_text() == "mine"
    assert gaseol("export", "--format", form, "--out", out, "--force").code == 0
    assert out.is_dir() or json.loads(out.read_text())
    assert gaseol("export", "--format", form, "--out", out, "--force").code == 0


def test_force_removes_no_folder_but_a_crate(gaseol, copied, home, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("x")
    for form in WRITTEN:
        said = gaseol("export", "--format", form, "--out", precious, "--force")
        assert said.code == 2
        assert "is a folder that is no earlier export" in said.err
    for place in (copied, home):
        said = gaseol("export", "--format", "rocrate", "--out", place, "--force")
        assert said.code == 2
        assert "holds the run itself" in said.err
    assert (precious / "thesis.txt").is_file()
    assert verify(copied).holds


def test_an_unknown_format_lists_those_there_are(gaseol, copied, tmp_path):
    said = gaseol("export", "--format", "pdf", "--out", tmp_path / "x")
    assert said.code == 2
    for name in FORMATS:
        assert name in said.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--format", "prov"), "name the file with --out"),
        (("--format", "otel", "--out", "x", "--to", "http://127.0.0.1:1"), "either --out or --to"),
        (("--format", "prov", "--out", "x", "--to", "http://127.0.0.1:1"), "--to is for the format otel"),
        (("--format", "prov", "--out", "x", "--withhold", "a"), "--withhold is for the format bundle"),
        (("--format", "otel", "--out", "x", "--language", "ko"), "--language is for the format html"),
        (("--format", "inspect", "--out", "x.json"), "must end in .eval"),
        (("--format", "prov", "--out", "no/such/folder/x"), "the folder is not there"),
        (("nobody", "--format", "prov", "--out", "x"), "there is no run 'nobody'"),
    ],
)  # fmt: skip
def test_bad_words(gaseol, copied, tmp_path, monkeypatch, words, says):
    monkeypatch.chdir(tmp_path)
    said = gaseol("export", *words)
    assert said.code == 2
    assert says in said.err
    assert [p.name for p in tmp_path.iterdir()] == ["home"]


@pytest.mark.parametrize("form", WRITTEN)
def test_a_broken_record_is_refused_or_said_to_be_broken(gaseol, broken, tmp_path, form):
    out = tmp_path / "out"
    said = gaseol("export", "--format", form, "--out", out)
    assert said.code == 1
    assert "broken: " in said.err
    assert str(verify(broken).problems[0]) in said.err
    assert "--anyway" in said.err
    assert not out.exists()
    said = gaseol("export", "--format", form, "--out", out, "--anyway")
    assert said.code == 0
    content = (out / "ro-crate-metadata.json") if form == "rocrate" else out
    assert "gaseol verify calls this record broken" in content.read_text()


@pytest.mark.parametrize("form", WRITTEN)
def test_a_record_too_broken_for_any_format(gaseol, copied, tmp_path, form):
    for spoil in (b"x\n", b"{}\n", b'{"seq":0,"at":"2026-01-01","cause":null,"kind":"claim","data":7}\n',
                  b'{"seq":0,"at":"2026-01-01T00:00:00","cause":null,"kind":"effect.completed","data":{"request":9,"seconds":1}}\n'):  # fmt: skip
        (copied / "events.jsonl").write_bytes(spoil)
        said = gaseol("export", "--format", form, "--out", tmp_path / "out", "--anyway")
        assert said.code == 2
        assert f"the record is too broken for {form}" in said.err
        assert [p.name for p in tmp_path.iterdir()] == ["home"]


def test_times_without_a_zone_are_taken_as_utc(gaseol, copied, tmp_path):
    lines = (copied / "events.jsonl").read_bytes().splitlines()
    first = json.loads(lines[0])
    first["at"] = first["at"].rstrip("Z")
    (copied / "events.jsonl").write_bytes(b"\n".join([json.dumps(first).encode(), *lines[1:], b""]))
    for form in WRITTEN:
        said = gaseol("export", "--format", form, "--out", tmp_path / form, "--anyway")
        assert said.code == 0, said.err


def test_a_bundle_is_a_run_and_says_what_it_lacks(gaseol, copied, tmp_path):
    said = gaseol("export", "--format", "bundle", "--out", tmp_path / "whole")
    assert said.code == 0
    assert said.err == ""
    assert verify(tmp_path / "whole").holds
    said = gaseol("export", "--format", "bundle", "--out", tmp_path / "less",
                  "--withhold", "registration", "--reason", "not ours")  # fmt: skip
    assert said.code == 0
    assert "left out: " in said.err
    assert "not ours" in said.err
    said = gaseol("export", "--format", "bundle", "--out", tmp_path / "no", "--withhold", "nothing")
    assert said.code == 2
    assert not (tmp_path / "no").exists()


def test_a_page_opens_by_itself(gaseol, copied, tmp_path):
    for language in ("en", "ko"):
        out = tmp_path / f"{language}.html"
        said = gaseol("export", "--format", "html", "--out", out, "--language", language,
                      "--beside", copied.name)  # fmt: skip
        assert said.code == 0, said.err
        assert "<html" in out.read_text()[:2000]


def test_an_unsealed_record_is_exported_with_a_note(gaseol, copied, tmp_path):
    (copied / "seal.json").unlink()
    said = gaseol("export", "--format", "prov", "--out", tmp_path / "x")
    assert said.code == 0
    assert "note: the record is unsealed" in said.err


def test_spans_go_to_a_collector(gaseol, copied):
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        said = gaseol("export", "--format", "otel", "--to", url)
        server.shutdown()
        thread.join()
    assert said.code == 0
    assert said.out == f"otel: {url}\n"
    assert got[0]["resourceSpans"]
    said = gaseol("export", "--format", "otel", "--to", url)
    assert said.code == 1
    assert f"gaseol: {url}/v1/traces: " in said.err

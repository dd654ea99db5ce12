"""What a run waits for is answered in the browser, under the rules of the command line."""

import base64
import re
import shutil
from pathlib import Path

import orjson
import pytest

from gaseol.answers.intake import LARGEST
from gaseol.graphs import resume, run
from gaseol.graphs.people.answering import hand_in
from gaseol.scenarios import load
from gaseol.traces import Trace, verify
from gaseol.traces.record.inbox import PAYLOAD_TYPE, Inbox, awaited, spoken
from gaseol.traces.shared.people import People
from gaseol.traces.signatures import keys
from gaseol.traces.signatures.signing import check, fingerprint, key_id, payload_of
from gaseol.viewer import Viewer

DOCS = Path(__file__).parents[2] / "docs" / "running.md"


@pytest.fixture(scope="module")
def begun(pool, tmp_path_factory) -> tuple[Path, Path]:
    """A run of the manual's question that waits for an approval, and one that waits for values."""
    place = tmp_path_factory.mktemp("films")
    blocks = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)
    (place / "scenario.yaml").write_text(next(b for b in blocks if "bench" in b), encoding="utf-8")
    assert run(load(place), out=place / "paused", pool=pool).status == "paused"
    shutil.copytree(place / "paused", place / "measuring")
    (approval,) = awaited(Trace(place / "measuring"))
    hand_in(place / "measuring", {approval.request: {"approve": "yes", "by": "Kim"}})
    assert resume(place / "measuring", pool=pool).status == "paused"
    return place / "paused", place / "measuring"


@pytest.fixture
def paused(begun, tmp_path) -> Path:
    return Path(shutil.copytree(begun[0], tmp_path / "made"))


@pytest.fixture
def measuring(begun, tmp_path) -> Path:
    return Path(shutil.copytree(begun[1], tmp_path / "made"))


@pytest.fixture
def call(measuring, serve, caller):
    return caller(serve(measuring))


ANSWERS = "/run/made/api/answers"


def said_of(call):
    status, content, _ = call("/run/made/api/awaited")
    assert status == 200, content
    return orjson.loads(content)


def answer(number, **fields):
    return {"id": number, "fields": {"by": "Kim", "unit": "MPa", **fields}}


def test_what_is_awaited_is_what_todo_lists(call, measuring):
    found = said_of(call)
    assert [each["id"] for each in found] == [each.request for each in awaited(Trace(measuring))]
    assert found[0]["arguments"]["unit"] == "MPa"
    assert found[0]["due"] > found[0]["asked"]
    assert call("/run/made/answers")[0] == 200


def test_an_answer_with_a_file_is_in_the_inbox_and_enters_the_record(call, measuring, pool):
    before = (measuring / "events.jsonl").read_bytes()
    first = said_of(call)[0]["id"]
    file = {"name": "curve.csv", "content": base64.b64encode(b"strain,stress").decode()}
    status, content, _ = call.post(
        {**answer(first, value="29e6", unit="Pa", uncertainty="6e5"), "attach": [file]}, ANSWERS
    )
    assert status == 200, content
    assert orjson.loads(content)["waiting"][0]["said"]["by"] == "Kim"
    said = Inbox(measuring).latest()[first]
    assert said.value == pytest.approx(29)
    assert said.given["value"] == "29e6"
    assert said.attachments["curve.csv"].bytes == 13
    assert (measuring / "events.jsonl").read_bytes() == before
    assert resume(measuring, pool=pool).status == "paused"
    answered = next(e for e in Trace(measuring).events("effect.completed")
                    if e.data["request"] == first)  # fmt: skip
    assert Trace(measuring).blobs.get(answered.fact.attachments["curve.csv"]) == b"strain,stress"
    assert verify(measuring).holds


def test_an_approval_is_given_in_the_browser(paused, serve, caller, pool):
    call = caller(serve(paused))
    (each,) = said_of(call)
    said = {"id": each["id"], "fields": {"approve": "no", "by": "Lee", "note": "not on my rig"}}
    assert call.post(said, ANSWERS)[0] == 200
    assert resume(paused, pool=pool).status == "done"
    away = next(Trace(paused).events("hypothesis.turned_away"))
    assert away.data["reason"] == "Lee does not allow it: not on my rig"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"unit": "K"}, "cannot be told in"),
        ({"value": "many"}, "are numbers"),
        ({"value": "1e9"}, "outside of what is possible"),
        ({"by": ""}, "say who answers"),
        ({"colour": "red"}, "an answer has no 'colour'"),
        ({"value": 12}, "no object of words"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_with_its_reason(call, measuring, change, why):
    first = said_of(call)[0]["id"]
    before = Inbox(measuring).path.read_bytes()
    said = answer(first, **{"value": "12", **change})
    status, content, _ = call.post(said, ANSWERS)
    assert status == 400
    assert why in content.decode()
    assert Inbox(measuring).path.read_bytes() == before


def test_a_second_answer_is_a_correction_or_none(call, measuring):
    first = said_of(call)[0]["id"]
    assert call.post(answer(first, value="12"), ANSWERS)[0] == 200
    status, content, _ = call.post(answer(first, value="13"), ANSWERS)
    assert status == 400
    assert b"Kim answered it at" in content
    assert call.post({**answer(first, value="13"), "correct": True}, ANSWERS)[0] == 200
    kept = [said for said in Inbox(measuring).read() if said.request == first]
    assert [(said.value, said.replaces) for said in kept] == [(12, None), (13, kept[0].seq)]


def test_ids_and_files_that_make_no_sense(call, measuring, tmp_path):
    first = said_of(call)[0]["id"]
    for number in (10**6, -1, 0, "1", None, True, 1.5):
        assert call.post(answer(number, value="12"), ANSWERS)[0] == 400
    good = base64.b64encode(b"x").decode()
    for name, content in (
        ("../../x", good), ("/etc/x", good), ("..", good), ("", good), ("a\0b", good), ("a\nb", good),
        ("x" * 300, good), ("x", "no base64!"), ("x", 5),
    ):  # fmt: skip
        said = {**answer(first, value="12"), "attach": [{"name": name, "content": content}]}
        assert call.post(said, ANSWERS)[0] == 400, name
    for attach in ("x", [1], [{}], [{"name": "a", "content": good}] * 2):
        assert call.post({**answer(first, value="12"), "attach": attach}, ANSWERS)[0] == 400
    assert first not in Inbox(measuring).latest()
    assert not list(tmp_path.rglob("x"))


def test_answering_needs_the_token_an_origin_and_json(call, measuring):
    first = said_of(call)[0]["id"]
    body = orjson.dumps(answer(first, value="12"))
    cookie = f"gaseol_{call.viewer.port}={call.viewer.token}"
    origin, kind = f"http://{call.host}", {"Content_Type": "application/json"}
    refused = [
        call(ANSWERS, "POST", body, token=False, Cookie=cookie, Origin=origin, **kind),
        call(ANSWERS, "POST", body, **kind),
        call(ANSWERS, "POST", body, Origin="http://evil.example", **kind),
        call(ANSWERS, "POST", body, Origin=origin, Host="evil.example", **kind),
        call(ANSWERS, "POST", body, Origin=origin, Content_Type="text/plain"),
        call(ANSWERS, "POST", b"", Origin=origin, Content_Length=str(LARGEST + 1), **kind),
        call("/run/made/answers", "POST", body, Origin=origin, **kind),
    ]
    assert [status for status, _, _ in refused] == [403, 403, 403, 403, 415, 413, 404]
    assert len(Inbox(measuring).read()) == 1  # the approval
    assert call("/run/made/answers", token=False)[0] == 403
    assert call("/run/made/api/awaited", token=False)[0] == 403


def test_the_page_allows_nothing_but_itself(call):
    _, content, headers = call("/run/made/answers")
    said = headers["Content-Security-Policy"]
    assert "default-src 'none'" in said
    assert "unsafe" not in said
    assert headers["X-Frame-Options"] == "DENY"
    assert b"Strip 10 mm" not in content  # what a record says comes as data, never as markup


def test_a_run_that_has_ended_waits_for_nothing(sealed, serve, tmp_path, caller):
    call = caller(serve(shutil.copytree(sealed, tmp_path / "made")))
    assert said_of(call) == []
    status, content, _ = call.post(answer(3, value="1"), ANSWERS)
    assert status == 400
    assert b"the run has ended" in content


def test_a_broken_inbox_is_said(call, measuring):
    Inbox(measuring).path.write_bytes(b"{}\n")
    assert call("/run/made/api/awaited")[0] == 500
    assert call.post(answer(3, value="1"), ANSWERS)[0] == 400
    assert call("/run/made/")[0] == 200


@pytest.fixture
def marie(tmp_path, monkeypatch):
    """Name and key of whoever serves."""
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path / "config"))
    keys.new_key("marie")
    return "marie", keys.load_key("marie")


def test_an_answer_is_signed_by_who_serves(measuring, serve, caller, marie, pool):
    call = caller(serve(measuring, signs=marie))
    first, second = (each["id"] for each in said_of(call)[:2])
    assert call.post(answer(first, value="12"), ANSWERS)[0] == 200
    assert call.post({**answer(first, value="13"), "correct": True}, ANSWERS)[0] == 200
    assert call.post(answer(second, failed="it tore"), ANSWERS)[0] == 200
    resume(measuring, pool=pool)
    signed = {said.request: said for _, said, flaw in spoken(Trace(measuring)) if not flaw}
    for number in (first, second):
        (signer,) = check(signed[number].envelope, PAYLOAD_TYPE, keys.known())
        assert signer.valid
        assert signer.name == "marie"
    assert verify(measuring).holds


def test_of_several_people_nobody_signs_with_the_key_of_who_serves(measuring, marie):
    with pytest.raises(ValueError, match="do not sign with the key"):
        Viewer(measuring, people=People({}), signs=marie)


def test_without_a_key_nothing_is_signed(call, measuring):
    first = said_of(call)[0]["id"]
    assert call.post(answer(first, value="12"), ANSWERS)[0] == 200
    assert Inbox(measuring).latest()[first].envelope is None


@pytest.mark.slow
def test_a_browser_says_who_signs(watch, serve, measuring, marie):
    """From the sentence beforehand to the signature that is checked afterwards."""
    number = awaited(Trace(measuring))[0].request
    print_ = fingerprint(key_id(marie[1]))
    page = watch().open(f"{serve(measuring, signs=marie).address}")
    page.click("#awaited")
    said = page.locator("#signs")
    said.wait_for(timeout=10_000)
    assert f"is signed with the key marie ({print_})" in said.inner_text()
    page.fill(f"#a{number} input[name=value]", "29")
    page.fill(f"#a{number} input[name=by]", "Marie")
    page.click(f"#a{number} button[type=submit]")
    page.get_by_text(f"signed with the key {print_}", exact=True).wait_for(timeout=10_000)
    kept = Inbox(measuring).latest()[number]
    (signer,) = check(kept.envelope, PAYLOAD_TYPE, keys.known())
    assert signer.valid
    assert payload_of(kept.envelope) == kept.payload()


@pytest.mark.slow
def test_a_browser_says_that_nobody_signs(watch, serve, measuring):
    page = watch().open(serve(measuring).address)
    page.click("#awaited")
    page.locator("#signs").wait_for(timeout=10_000)
    assert "not signed" in page.locator("#signs").inner_text()


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "ko"])
def test_in_a_browser(watch, serve, measuring, tmp_path, pool, language):
    """From the record to the form: an error, the answer with its file, a correction, no value."""
    (tmp_path / "curve.csv").write_text("strain,stress")
    watched = watch()
    page = watched.open(serve(measuring, language=language).address)
    page.wait_for_selector("#awaited", timeout=10_000)
    page.click("#awaited")
    page.wait_for_selector(".card", timeout=10_000)
    waiting = [each.request for each in awaited(Trace(measuring))]
    assert page.locator(".card").count() == len(waiting)
    first, second = (f"#a{number}" for number in waiting[:2])
    assert "Strip 10 mm wide of" in page.inner_text(first)

    page.fill(f"{first} input[name=value]", "29")
    page.fill(f"{first} input[name=unit]", "K")
    page.fill(f"{first} input[name=by]", "Marie <b>Curie</b>")
    page.set_input_files(f"{first} input[name=attach]", tmp_path / "curve.csv")
    page.click(f"{first} button[type=submit]")
    page.wait_for_selector(f"{first} .wrong", timeout=10_000)
    assert "cannot be told in" in page.inner_text(f"{first} .wrong")
    page.fill(f"{first} input[name=unit]", "MPa")
    page.click(f"{first} button[type=submit]")
    page.wait_for_selector(f"{first} code", timeout=10_000)
    assert "value=29" in page.inner_text(f"{first} code")
    assert "Marie <b>Curie</b>" in page.inner_text(first)
    assert "curve.csv" in page.inner_text(first)

    page.click(f"{first} button.plain")
    page.fill(f"{first} input[name=value]", "28.5")
    page.click(f"{first} button[type=submit]")
    page.get_by_text("value=28.5").wait_for(timeout=10_000)
    page.fill(f"{second} input[name=failed]", "it tore in the clamp")
    page.click(f"{second} button[type=submit]")
    page.wait_for_selector(f"{second} code", timeout=10_000)

    kept = [said for said in Inbox(measuring).read() if said.request in waiting]
    assert [(said.value, said.failed) for said in kept] == [
        (29, ""), (28.5, ""), (None, "it tore in the clamp"),
    ]  # fmt: skip
    assert kept[0].by == kept[2].by == "Marie <b>Curie</b>"
    assert list(kept[0].attachments) == ["curve.csv"]
    watched.trouble = [t for t in watched.trouble if "400" not in t]  # the answer in kelvin
    page.keyboard.press("Tab")
    assert resume(measuring, pool=pool).status == "paused"
    assert verify(measuring).holds

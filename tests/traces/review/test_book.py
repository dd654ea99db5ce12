"""Reviews: a chain beside the record, written by several hands, that says when it was touched."""

import hashlib
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.traces import Trace
from gaseol.traces.review import book as review
from gaseol.traces.review import notebook
from gaseol.traces.review.entry import Entry
from gaseol.traces.review.notebook import BrokenReview, slug
from gaseol.traces.review.standing import Standing
from gaseol.traces.review.target import NoTarget, ReviewError
from gaseol.traces.verification.verifier import verify

DEEP = b'{"x":' * 300 + b"1" + b"}" * 300
RECORD = ("run.json", "events.jsonl", "seal.json", "report.md")


def record(run: Path) -> dict[str, bytes]:
    blobs = {str(p): p.read_bytes() for p in (run / "blobs").rglob("*") if p.is_file()}
    return {**blobs, **{name: (run / name).read_bytes() for name in RECORD}}


def note(run: Path, by: str = "Kim", text: str = "look", **said) -> Entry:
    return review.add(run, by=by, kind="note", target={"event": 3}, text=text, **said)


def lines(run: Path, name: str) -> list[bytes]:
    return (run / "reviews" / f"{name}.jsonl").read_bytes().splitlines()


def edit(run: Path, name: str, change) -> None:
    """Change a reviewer's file behind its back."""
    path = run / "reviews" / f"{name}.jsonl"
    path.write_bytes(change(path.read_bytes()))


def test_a_review_never_touches_the_record(run):
    before = record(run)
    entry = note(run)
    review.add(run, by="Kim", kind="judgement", target={"claim": "c0"}, judgement="agree")
    review.add(run, by="Lee", kind="reply", about=entry.digest, text="I see")
    review.add(run, by="Lee", kind="signoff", target={"record": None}, meaning="approved")
    assert record(run) == before
    assert verify(run).holds
    assert review.check(run) == []


def test_the_chain_is_the_documented_one(run):
    """Computed here a second time, from stored bytes alone."""
    said = [note(run, text=f"number {n}") for n in range(4)]
    h = hashlib.sha256(b"gaseol.run/1\0" + (run / "run.json").read_bytes()).digest()
    r = hashlib.sha256(b"gaseol.review/1\0" + h).digest()
    for line, entry in zip(lines(run, "kim"), said, strict=True):
        members = orjson.loads(line)
        assert list(members) == [
            "seq", "prev", "at", "by", "kind", "target", "severity", "text", "about",
            "judgement", "meaning", "envelope",
        ]  # fmt: skip
        assert members["prev"] == r.hex()
        r = hashlib.sha256(b"gaseol.review.entry/1\0" + r + line).digest()
        assert entry.digest == r.hex()
        assert {**members, "digest": r.hex()} == entry.to_json()


def test_targets_are_given_the_records_digests(run):
    digests = [e.digest for e in Trace(run)]
    claim = next(e for e in Trace(run) if e.kind == "claim")
    idea = next(e for e in Trace(run) if e.kind == "hypothesis.proposed")
    seal = hashlib.sha256((run / "seal.json").read_bytes()).hexdigest()
    expected = {
        "event": ({"event": 5}, {"event": 5, "digest": digests[5]}),
        "claim": (
            {"claim": "c0"}, {"claim": "c0", "event": claim.seq, "digest": claim.digest}
        ),
        "hypothesis": (
            {"hypothesis": "up"}, {"hypothesis": "up", "event": idea.seq, "digest": idea.digest}
        ),
        "range": (
            {"range": [2, 9]}, {"range": [2, 9], "digests": [digests[2], digests[9]]}
        ),
        "record": ({"record": None}, {"record": digests[-1], "seal": seal}),
    }  # fmt: skip
    for asked, kept in expected.values():
        entry = review.add(run, by="Kim", kind="note", target=asked, text="here")
        assert entry.to_json()["target"] == kept
        again = review.add(run, by="Kim", kind="note", target=kept, text="with its digests")
        assert again.target == entry.target
    assert review.check(run) == []


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"kind": "note", "target": {"event": 10**6}, "text": "x"}, "there is no event 1000000"),
        ({"kind": "note", "target": {"claim": "c99"}, "text": "x"}, "no claim 'c99'; there is c0"),
        ({"kind": "note", "target": {"event": 1, "digest": "0" * 64}, "text": "x"}, "not the one"),
        ({"kind": "note", "target": {"range": [9, 2]}, "text": "x"}, "runs backwards"),
        ({"kind": "note", "target": {"range": [1, 10**6]}, "text": "x"}, "no event 1000000"),
        ({"kind": "note", "target": {"record": "0" * 64}, "text": "x"}, "another head"),
        ({"kind": "note", "target": {"page": 3}, "text": "x"}, "target"),
        ({"kind": "note", "target": None, "text": "x"}, "points at a part of the record"),
        ({"kind": "note", "target": {"event": 1}, "text": "  "}, "says something"),
        ({"kind": "note", "target": {"event": 1}, "text": "x", "severity": "dire"}, "severity"),
        ({"kind": "note", "target": {"event": 1}, "text": "x" * 100_001}, "text"),
        ({"kind": "judgement", "target": {"event": 1}, "judgement": "agree"}, "claim or hypothesis"),
        ({"kind": "judgement", "target": {"claim": "c0"}}, "agrees, disagrees or is unsure"),
        ({"kind": "signoff", "target": {"record": None}}, "has a meaning"),
        ({"kind": "signoff", "target": {"event": 1}, "meaning": "approved"}, "on record"),
        ({"kind": "reply", "about": "0" * 64, "text": "x"}, "no entry of this review"),
        ({"kind": "reply", "text": "x"}, "by its digest"),
        ({"kind": "resolve", "about": "zz", "text": "x"}, "about"),
        ({"kind": "shout", "target": {"event": 1}, "text": "x"}, "kind"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_refused_and_leaves_nothing(run, said, why):
    with pytest.raises(ReviewError, match=why):
        review.add(run, by="Kim", **said)
    assert not list((run / "reviews").glob("*")) if (run / "reviews").exists() else True


def test_what_entries_may_be_about(run):
    question = review.add(run, by="Kim", kind="question", target={"claim": "c0"}, text="why?")
    reply = review.add(run, by="Lee", kind="reply", about=question.digest, text="so")
    with pytest.raises(ReviewError, match="only 'Kim' can withdraw"):
        review.add(run, by="Lee", kind="withdraw", about=question.digest)
    with pytest.raises(ReviewError, match="is resolved, not a reply"):
        review.add(run, by="Lee", kind="resolve", about=reply.digest)
    gone = review.add(run, by="Kim", kind="withdraw", about=question.digest)
    with pytest.raises(ReviewError, match="stays so"):
        review.add(run, by="Kim", kind="withdraw", about=gone.digest)


def test_how_a_review_stands(run):
    minor = note(run, severity="minor")
    grave = note(run, severity="blocking")
    done = note(run, text="a typo")
    wrong = note(run, text="never mind")
    review.add(run, by="Lee", kind="resolve", about=done.digest, text="mended")
    review.add(run, by="Kim", kind="withdraw", about=wrong.digest)
    for opinion in ("agree", "disagree"):
        target = {"claim": "c0"}
        review.add(run, by="Kim", kind="judgement", target=target, judgement=opinion)
    kept = review.add(
        run, by="Lee", kind="judgement", target={"hypothesis": "up"}, judgement="unsure"
    )
    took_back = review.add(
        run, by="Lee", kind="signoff", target={"record": None}, meaning="approved"
    )
    review.add(run, by="Lee", kind="withdraw", about=took_back.digest)
    standing = Standing.of(review.reviews(run))
    assert [e.digest for e in standing.open] == [grave.digest, minor.digest]
    assert [e.digest for e in standing.resolved] == [done.digest]
    assert standing.judgements["c0"]["Kim"].judgement == "disagree"
    assert standing.judgements["up"] == {"Lee": kept}
    assert standing.signoffs == []
    orjson.dumps(standing.to_json())


def test_a_withdrawal_or_judgement_by_another_hand_counts_for_nothing(run):
    """A file forged as a whole: nobody else's word is taken back by it."""
    mine = note(run)
    forged = review.add(run, by="Lee", kind="reply", about=mine.digest, text="x")
    edit(run, "lee", lambda b: b.replace(b'"reply"', b'"withdraw"'))
    assert Standing.of(review.reviews(run)).open == [mine]
    assert any("only 'Kim' can withdraw" in str(f) for f in review.check(run))
    assert forged.kind == "reply"


def test_every_change_but_of_the_last_line_is_found(run):
    for n in range(3):
        note(run, text=f"number {n}")
    path = run / "reviews" / "kim.jsonl"
    whole = path.read_bytes()
    last = whole[:-1].rindex(b"\n")
    for at in range(last):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert review.check(run), f"byte {at} of the file"
    path.write_bytes(whole)
    assert review.check(run) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda b: b.split(b"\n", 1)[1], "does not follow from the record it lies in"),
        (lambda b: b"\n".join(b.split(b"\n")[1::-1]) + b"\n", "does not follow"),
        (lambda b: b.replace(b'"by":"Kim"', b'"by":"Lee"'), "is by 'Lee', whose file this is not"),
        (lambda b: b.replace(b'"by":"Kim"', b'"by":"KIM"', 1), "the first one by 'KIM'"),
        (lambda b: b + b, "does not follow from the line before"),
        (lambda b: b[:-20], "is torn"),
        (lambda b: b + b'{"seq":2', "is torn"),
        (lambda b: b + b"{}\n", "its members are not"),
        (lambda b: b + b"[" * 100_000 + b"\n", "no entry"),
        (lambda b: b + b"\xff\n", "is no entry"),
        (lambda b: b.replace(b'"envelope":null', b'"envelope":' + DEEP, 1), "is no entry"),
        (lambda b: b.replace(b'"envelope":null', b'"envelope":{"x":NaN}', 1), "is no number"),
        (lambda b: b.replace(b'"seq":0', b'"seq":' + b"9" * 30, 1), "is no entry"),
        (lambda b: b.replace(b'"seq":0', b'"seq":true', 1), "seq"),
        (lambda b: b.replace(b'"text":"look"', b'"text":"look","text":"lock"', 1), "one name"),
        (lambda b: b.replace(b'"seq":0', b'"seq":"0"', 1), "seq"),
        (lambda b: b.replace(b'"digest":"', b'"digest":"0', 1), "digest"),
        (lambda b: b.replace(b'"event":3', b'"event":4', 1), "not the one pointed at"),
    ],
)
def test_what_was_changed_is_named(run, change, what):
    note(run)
    note(run)
    edit(run, "kim", change)
    flaws = review.check(run)
    assert any(what in str(f) for f in flaws), flaws
    assert all(f.where.startswith("reviews/kim.jsonl, ") for f in flaws)
    review.reviews(run)  # what can be read still is


def test_a_review_of_another_record_is_told(run, ledger, tmp_path):
    note(run)
    other = ledger.write(tmp_path / "other")
    (run / "reviews").rename(other / "reviews")
    found = [str(f) for f in review.check(other)]
    # the two records begin with the same run.json, and part at the first event's time
    assert any("is not the one pointed at" in f for f in found)


def test_a_record_that_was_rewritten_is_told(run, ledger):
    review.add(run, by="Kim", kind="signoff", target={"record": None}, meaning="approved")

    ledger.rewrite(run, lambda events: events[2]["data"].update(reason="changed afterwards"))
    assert any("another head" in str(f) for f in review.check(run))


def test_a_record_that_went_on_is_told(ledger, tmp_path):
    book = ledger.Book(tmp_path, tmp_path / "run")
    book.measure("a", 280.0)
    book.recorder.commit()
    entry = review.add(
        tmp_path / "run", by="Kim", kind="note", target={"record": None}, text="so far"
    )
    assert entry.target.seal is None
    book.measure("b", 281.0)
    book.recorder.close()
    (flaw,) = review.check(tmp_path / "run")
    assert "the record went on after event 3, which was its last then" in str(flaw)


def test_a_torn_line_stops_writing_until_it_is_set_aside(run):
    first = note(run)
    edit(run, "kim", lambda b: b + b'{"seq":1,"prev":"')
    with pytest.raises(BrokenReview, match=r"17 bytes, never acknowledged.*check --mend"):
        note(run)
    assert "torn" in str(review.check(run)[0])
    assert review.reviews(run) == [first], "what is whole is still read"
    (aside,) = review.mend(run)
    assert aside.read_bytes() == b'{"seq":1,"prev":"'
    assert review.check(run) == []
    assert note(run).seq == 1
    assert review.check(run) == []
    assert review.mend(run) == []


def test_nothing_is_written_after_a_broken_chain(run):
    note(run, text="first")
    note(run, text="second")
    edit(run, "kim", lambda b: b.replace(b"first", b"fixed"))
    before = lines(run, "kim")
    with pytest.raises(BrokenReview, match="nothing is written after that"):
        note(run)
    assert lines(run, "kim") == before


def test_a_write_that_fails_leaves_no_half_line(run, monkeypatch):
    note(run)
    before = lines(run, "kim")
    write, calls = os.write, []

    def full(handle: int, content: bytes) -> int:
        calls.append(1)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        return write(handle, bytes(content)[:20])

    monkeypatch.setattr(notebook.os, "write", full)
    with pytest.raises(OSError, match="No space"):
        note(run)
    monkeypatch.undo()
    assert lines(run, "kim") == before
    assert review.check(run) == []


WRITER = """
import sys
from gaseol.traces.review import book as review
for n in range(12):
    review.add(sys.argv[1], by="Kim", kind="note", target={"event": n}, text=f"{sys.argv[2]} {n}")
"""


def test_two_processes_write_one_file_at_once(run):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(run), name], stderr=subprocess.PIPE)
        for name in ("one", "two")
    ]
    for writer in writers:
        assert writer.communicate()[1] == b""
        assert writer.returncode == 0
    found = review.reviews(run)
    assert sorted(e.text for e in found) == sorted(
        f"{w} {n}" for w in ("one", "two") for n in range(12)
    )
    assert [e.seq for e in found] == list(range(24))
    assert review.check(run) == []


def test_drafts_are_taken_all_or_none(run):
    drafts = [
        {"kind": "note", "target": {"event": 1}, "severity": "minor", "text": "one", "about": None,
         "judgement": None, "meaning": None},
        {"kind": "judgement", "target": {"claim": "c0"}, "judgement": "agree"},
        {"kind": "note", "target": {"claim": "c77"}, "text": "nowhere"},
    ]  # fmt: skip
    with pytest.raises(NoTarget, match="draft 3: there is no claim 'c77'"):
        review.add_all(run, drafts, by="Kim")
    assert review.reviews(run) == []
    said = review.add_all(run, drafts[:2], by="Kim")
    assert [e.seq for e in said] == [0, 1]
    assert review.reviews(run) == said
    assert review.add_all(run, [], by="Kim") == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{}", "run: Field required"),
        (
            orjson.dumps({"run": "made", "head": "0" * 64, "drafts": [{"kind": "note"}]}),
            "draft 1: a note points at a part of the record",
        ),
        (b"[", "JSON"),
        (b'[{"kind": "note"}]', "draft 1: a note points at a part of the record"),
        (b'[{"kind":"note","target":{"event":1},"text":"x"},{"kind":"x"}]', "draft 2: kind"),
        (b'[{"kind":"note","target":{"event":1},"text":"x","by":"me"}]', "draft 1: by"),
    ],
)
def test_a_file_that_is_no_list_of_drafts(content, why):
    with pytest.raises(ReviewError, match=why):
        review.drafts_in(content)


def test_drafts_go_into_the_run_they_were_written_of_and_into_no_other(run, study):
    note = {"kind": "note", "target": {"event": 3}, "text": "look"}
    heads = [event.digest for event in Trace(run)]
    for head in (heads[-1], heads[7]):  # also when the record has grown since
        content = orjson.dumps({"format": "gaseol.drafts/1", "run": "made", "head": head,
                                "by": "Kim", "saved": "2026-01-01", "drafts": [note]})  # fmt: skip
        drafts = review.drafts_in(content)
        assert drafts.by == "Kim"
        assert len(review.take_in(run, drafts, by=drafts.by)) == 1
    with pytest.raises(ReviewError, match=rf"'made', whose head was {heads[7][:12]}") as raised:
        review.take_in(study, drafts, by="Kim")
    assert "nothing was written" in str(raised.value)
    assert not (study / "reviews").exists()
    assert len(review.take_in(run, [review.drafts_in(orjson.dumps([note]))[0]], by="Kim")) == 1


def test_a_sign_off_names_the_record_the_seal_and_what_was_said_before(run):
    earlier = note(run)
    signed = review.add(run, by="Kim", kind="signoff", target={"record": None}, meaning="approved")
    assert signed.target.record == list(Trace(run))[-1].digest
    assert signed.target.seal == hashlib.sha256((run / "seal.json").read_bytes()).hexdigest()
    assert signed.prev == earlier.digest
    (run / "seal.json").unlink()
    assert any("seal.json is gone" in str(f) for f in review.check(run))


def test_a_record_that_does_not_hold_is_signed_off_only_if_asked_to(run):
    content = (run / "events.jsonl").read_bytes()
    (run / "events.jsonl").write_bytes(content.replace(b"it is local", b"it is lethal"))
    said = {"by": "Kim", "kind": "signoff", "target": {"record": None}, "meaning": "rejected"}
    with pytest.raises(ReviewError, match="does not verify"):
        review.add(run, **said)
    with pytest.raises(ReviewError, match="has no room"):
        review.add(run, **said, text="x" * 99_999, anyway=True)
    entry = review.add(run, **said, text="forged", anyway=True)
    assert entry.text.startswith("forged\n[signed anyway: the record does not verify (event 3: ")


def test_an_unsealed_record_is_signed_off_only_if_asked_to(ledger, tmp_path):
    run = ledger.write(tmp_path / "run", sealed=False)
    said = {"by": "Kim", "kind": "signoff", "target": {"record": None}, "meaning": "reviewed"}
    with pytest.raises(ReviewError, match="not sealed"):
        review.add(run, **said)
    assert "not sealed" in review.add(run, **said, anyway=True).text


def test_a_record_sealed_after_the_review_is_still_the_one_meant(ledger, tmp_path):
    book = ledger.Book(tmp_path, tmp_path / "run")
    book.recorder.commit()
    review.add(tmp_path / "run", by="Kim", kind="note", target={"record": None}, text="so far")
    book.recorder.seal()
    assert review.check(tmp_path / "run") == []


@pytest.mark.parametrize(
    "target",
    [
        {"event": 3, "digest": None},
        {"claim": "c0", "event": None, "digest": None},
        {"range": [1, 2], "digests": None},
        {"record": None, "seal": None},
    ],
)
def test_an_entry_without_digests_is_a_flaw(run, target):
    """Whoever wrote it did not bind it to this record."""
    note(run)
    line = orjson.loads(lines(run, "kim")[0])
    edit(run, "kim", lambda _: orjson.dumps({**line, "target": target}) + b"\n")
    (flaw,) = review.check(run)
    assert "without its digest" in str(flaw)


def test_a_signature_vouches_for_the_whole_line(run):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from gaseol.traces.review.signoff import signers
    from gaseol.traces.signatures.signing import key_id

    key = Ed25519PrivateKey.generate()
    said = {"by": "Kim", "kind": "signoff", "target": {"record": None}, "meaning": "approved"}
    entry = review.add(run, **said, key=key)
    (signer,) = signers(entry, {key_id(key): "kim"})
    assert (signer.name, signer.valid) == ("kim", True)
    assert signers(entry, {})[0].name is None
    assert review.check(run) == []
    edit(run, "kim", lambda b: b.replace(b'"approved"', b'"rejected"'))
    (flaw,) = review.check(run)
    assert "over another entry" in str(flaw)
    edit(run, "kim", lambda b: b.replace(b'"rejected"', b'"approved"'))
    envelope = orjson.loads(lines(run, "kim")[0])["envelope"]
    signature = envelope["signatures"][0]["sig"]
    other = ("A" if signature[0] != "A" else "B") + signature[1:]
    edit(run, "kim", lambda b: b.replace(signature.encode(), other.encode()))
    (flaw,) = review.check(run)
    assert "does not hold" in str(flaw)


def test_hostile_envelopes_are_flaws(run):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    said = {"by": "Kim", "kind": "signoff", "target": {"record": None}, "meaning": "approved"}
    review.add(run, **said, key=Ed25519PrivateKey.generate())
    line = orjson.loads(lines(run, "kim")[0])
    whole = line["envelope"]
    for envelope in (
        {}, {**whole, "signatures": []}, {**whole, "payload": "!"}, {**whole, "payload": "e30="},
        {**whole, "payloadType": "text/plain"}, {**whole, "signatures": [{"keyid": "x", "sig": ""}]},
        {**whole, "payload": "WzFd"}, {**whole, "payload": "eA=="}, {**whole, "signatures": 3},
    ):  # fmt: skip
        changed = orjson.dumps({**line, "envelope": envelope}) + b"\n"
        edit(run, "kim", lambda _, changed=changed: changed)
        assert review.check(run), envelope


def test_links_and_pipes_are_neither_read_nor_written(run, tmp_path):
    place = run / "reviews"
    place.mkdir()
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious\n")
    (place / "kim.jsonl").symlink_to(victim)
    os.mkfifo(place / "lee.jsonl")
    (place / "moon.jsonl").mkdir()
    for by in ("Kim", "Lee", "Moon"):
        with pytest.raises(BrokenReview, match="no plain file"):
            note(run, by)
    assert victim.read_bytes() == b"precious\n"
    assert review.reviews(run) == []
    assert len(review.check(run)) == 3


def test_a_linked_folder_is_not_written_to(run, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (run / "reviews").symlink_to(elsewhere)
    with pytest.raises(BrokenReview, match="is a link"):
        note(run)
    assert list(elsewhere.iterdir()) == []
    assert "is a link" in str(review.check(run)[0])


@pytest.mark.parametrize(
    "name", ["", "   ", "...", "../../etc", "a\x00b", "\u202e", "x" * 201, "!?"]
)
def test_names_that_are_none(run, name):
    if name == "../../etc":
        note(run, name)
        assert [p.name for p in (run / "reviews").iterdir()] == ["etc.jsonl"]
        return
    with pytest.raises(ReviewError):
        note(run, name)


def test_two_names_do_not_share_a_file(run):
    note(run, "J. Kim")
    with pytest.raises(BrokenReview, match=r"is the file of 'J\. Kim'"):
        note(run, "j kim")
    note(run, "김철수")
    decomposed = unicodedata.normalize("NFD", "김철수")  # as some systems write it
    assert decomposed != "김철수"
    note(run, decomposed)
    assert [p.name for p in sorted((run / "reviews").iterdir())] == ["j-kim.jsonl", "김철수.jsonl"]
    assert review.check(run) == []


@given(st.text(min_size=1, max_size=300))
def test_a_files_name_stays_in_its_folder(name):
    try:
        found = slug(name)
    except ReviewError:
        return
    assert 0 < len(found.encode()) <= 80
    assert slug(found) == found
    assert Path(f"{found}.jsonl").name == f"{found}.jsonl"
    assert not set(found) & set("/\\.\0 ")


def test_a_file_keeps_its_order_when_clocks_jump(run, monkeypatch):
    times = iter(["2026-01-02T00:00:00.000000Z", "2026-01-01T00:00:00.000000Z"])
    monkeypatch.setattr(notebook, "_now", lambda: next(times))
    first, second = note(run, text="first"), note(run, text="second")
    assert first.at == second.at
    assert [e.text for e in review.reviews(run)] == ["first", "second"]
    assert review.check(run) == []


def test_a_reader_waits_for_a_writer(run, monkeypatch):
    """Whoever reads while a line is being written sees the whole of it, or nothing."""
    import fcntl
    import threading

    note(run)
    path = run / "reviews" / "kim.jsonl"
    line = path.read_bytes()
    came, wait, found = threading.Event(), notebook._wait, list[int]()

    def waiting(handle: int) -> None:
        came.set()
        wait(handle)

    monkeypatch.setattr(notebook, "_wait", waiting)
    with path.open("ab", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(line[:40])
        reader = threading.Thread(target=lambda: found.append(len(review.check(run))))
        reader.start()
        assert came.wait(20)
        file.truncate(len(line))
    reader.join(20)
    assert found == [0]

"""Payloads by what they contain."""

import hashlib
import os
import stat
import threading

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.traces.record.blob import (
    INLINE,
    SALT,
    WITHHELD,
    AlteredBlob,
    Blob,
    BlobStore,
    MissingBlob,
    Unrecorded,
    WithheldBlob,
    Withholding,
)


@pytest.fixture
def store(tmp_path):
    return BlobStore(tmp_path)


def test_a_blob_is_named_by_the_digest_of_salt_and_payload(store):
    blob = store.put(b"a payload", "text/plain")
    (path,) = store.folder.iterdir()
    stored = path.read_bytes()
    assert stored[SALT:] == b"a payload"
    assert blob == Blob(sha256=hashlib.sha256(stored).hexdigest(), bytes=9, media="text/plain")
    assert path.name == blob.sha256
    assert store.get(blob) == b"a payload"


def test_a_guess_cannot_be_confirmed(tmp_path):
    """The name of a payload says nothing about it: two runs give it two names."""
    a, b = BlobStore(tmp_path / "a").put(b"CCO"), BlobStore(tmp_path / "b").put(b"CCO")
    assert a.sha256 != b.sha256
    assert hashlib.sha256(b"CCO").hexdigest() not in (a.sha256, b.sha256)


def test_what_was_withheld_is_told_apart_from_what_is_missing(store, tmp_path):
    blob, other = store.put(b"a payload"), store.put(b"another")
    for each in (blob, other):
        (store.folder / each.sha256).unlink()
    said = {blob.sha256: Withholding(reason="a patent is pending").model_dump()}
    (tmp_path / WITHHELD).write_bytes(orjson.dumps(said))
    copy = BlobStore(tmp_path)
    with pytest.raises(WithheldBlob, match="a patent is pending"):
        copy.get(blob)
    with pytest.raises(MissingBlob, match="is missing") as raised:
        copy.get(other)
    assert not isinstance(raised.value, WithheldBlob)


@pytest.mark.parametrize("said", [b"[]", b"{", b'{"a": 1}', b'{"a": {"why": "x"}}'])
def test_a_broken_list_of_withheld_payloads_is_named(store, tmp_path, said):
    (tmp_path / WITHHELD).write_bytes(said)
    with pytest.raises(ValueError, match=r"withheld\.json is not a list"):
        _ = store.withheld


@pytest.mark.parametrize("links", [True, False])
def test_a_lent_payload_is_shared_once_it_is_stored(store, tmp_path, links, monkeypatch):
    if not links:

        def refuse(*_):
            raise OSError("another file system")

        monkeypatch.setattr(os, "link", refuse)
    blob, unused = store.put(b"shared"), store.put(b"never asked for")
    branch = BlobStore(tmp_path / "branch")
    for each in (blob, unused):
        store.lend(branch, each.sha256)
    assert not branch.folder.exists()
    assert branch.put(b"shared", blob.media) == blob
    assert branch.get(blob) == b"shared"
    assert [p.name for p in branch.folder.iterdir()] == [blob.sha256]
    same = (branch.folder / blob.sha256).samefile(store.folder / blob.sha256)
    assert same is links


def test_storing_the_same_bytes_twice_changes_nothing(store):
    blob = store.put(b"x")
    before = (store.folder / blob.sha256).stat().st_mtime_ns
    assert store.put(b"x") == blob
    assert (store.folder / blob.sha256).stat().st_mtime_ns == before


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)  # fmt: skip


@given(json_values)
def test_json_comes_back_as_it_went(tmp_path_factory, payload):
    store = BlobStore(tmp_path_factory.mktemp("json"))
    assert store.get_json(store.put_json(payload)) == payload


def test_the_same_object_has_one_blob_whatever_the_order_of_its_keys(store):
    assert store.put_json({"a": 1, "b": [2, 3]}) == store.put_json({"b": [2, 3], "a": 1})


def test_only_large_payloads_leave_the_event(store):
    assert store.spill("x" * (INLINE - 2)) is None
    blob = store.spill("x" * (INLINE - 1))
    assert blob is not None
    assert blob.bytes == INLINE + 1
    assert store.get_json(blob) == "x" * (INLINE - 1)


def test_missing_and_altered_blobs_are_told_apart(store):
    blob = store.put(b"a payload")
    (store.folder / blob.sha256).write_bytes(b"a paylaod")
    with pytest.raises(AlteredBlob, match=blob.sha256):
        store.get(blob)
    (store.folder / blob.sha256).unlink()
    with pytest.raises(MissingBlob, match=blob.sha256):
        store.get(blob)


def test_whoever_may_read_the_folder_may_read_its_blobs(store, tmp_path):
    path = store.folder / store.put(b"x").sha256
    plain = tmp_path / "plain"
    plain.write_bytes(b"x")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_a_reference_is_a_digest():
    for name in ("x", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 65):
        with pytest.raises(ValueError, match="sha256"):
            Blob(sha256=name, bytes=1)


def test_every_new_blob_is_synced_once(store, monkeypatch):
    synced = []
    real = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda fd: (synced.append(os.readlink(f"/proc/self/fd/{fd}")), real(fd))
    )
    names = [store.put(x).sha256 for x in (b"1", b"2", b"1")]
    above = {str(store.folder.parent), str(store.folder.parents[1])}
    assert above == set(synced), "the folders that were made have names"
    synced.clear()
    store.sync()
    assert sorted(map(os.path.basename, synced)) == sorted({*names, store.folder.name})
    synced.clear()
    store.sync()
    assert synced == []


def test_many_threads_may_store_at_once(store):
    blobs = []

    def work(n):
        blobs.extend(store.put(b"%d" % (i % 20)) for i in range(n, n + 40))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(blobs) == 240
    assert len({b.sha256 for b in blobs}) == len(list(store.folder.iterdir())) == 20
    assert all(store.get(b) for b in blobs)


def test_a_lent_payload_that_cannot_be_had_can_be_resumed(tmp_path):
    parent, branch = BlobStore(tmp_path / "parent"), BlobStore(tmp_path / "branch")
    blob = parent.put(b"payload")
    parent.lend(branch, blob.sha256)
    (parent.folder / blob.sha256).unlink()
    with pytest.raises(Unrecorded, match="gaseol resume"):
        branch.put(b"payload")
    assert [p.name for p in branch.folder.iterdir()] == []

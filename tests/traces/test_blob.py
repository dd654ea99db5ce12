"""Payloads by what they contain."""

import hashlib
import os
import stat
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.traces.blob import INLINE, AlteredBlob, Blob, BlobStore, MissingBlob


@pytest.fixture
def store(tmp_path):
    return BlobStore(tmp_path / "blobs")


def test_a_blob_is_named_by_its_digest(store):
    blob = store.put(b"a payload", "text/plain")
    assert blob == Blob(
        sha256=hashlib.sha256(b"a payload").hexdigest(), bytes=9, media="text/plain"
    )  # fmt: skip
    assert store.get(blob) == b"a payload"
    assert [p.name for p in store.folder.iterdir()] == [blob.sha256]


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

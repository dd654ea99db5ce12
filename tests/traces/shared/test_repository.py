"""What is shared is what was sealed, in a folder, in memory, and in an object store that speaks S3."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("fsspec", reason="needs the extra store: pip install 'gaseol[store]'")

from gaseol.traces import verify
from gaseol.traces.record.seal import NotSealed
from gaseol.traces.shared.repository import Repository, StoreError


@pytest.fixture
def store(tmp_path):
    return Repository(str(tmp_path / "store"))


def content(folder):
    names = ("run.json", "events.jsonl", "seal.json")
    blobs = sorted(p for p in (folder / "blobs").rglob("*") if p.is_file())
    return [(folder / n).read_bytes() for n in names] + [p.read_bytes() for p in blobs]


def test_there_and_back(store, sealed, tmp_path):
    name = store.push(sealed)
    assert list(store.names()) == [name]
    assert store.push(sealed) == name
    back = store.pull(name, tmp_path / "back")
    assert content(back) == content(sealed)
    assert verify(back).holds
    assert not (back / "setup.json").exists()  # it is of the machine that made the run
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".back")] == []


def test_what_has_not_ended_or_does_not_hold_stays_here(store, sealed, tmp_path):
    for name, harm in (("open", None), ("changed", b"x")):
        copy = shutil.copytree(sealed, tmp_path / name)
        if harm is None:
            (copy / "seal.json").unlink()
            with pytest.raises(NotSealed, match="only what has ended"):
                store.push(copy)
            continue
        events = copy / "events.jsonl"
        events.write_bytes(events.read_bytes().replace(b"toy", b"tox", 1))
        with pytest.raises(StoreError, match="its record does not hold"):
            store.push(copy)
    assert list(store.names()) == []


def test_half_a_run_is_none(store, sealed, tmp_path):
    name = store.push(sealed)
    (tmp_path / "store" / "runs" / name / "seal.json").unlink()  # as if it was killed before
    assert list(store.names()) == []
    with pytest.raises(StoreError, match="has no run"):
        store.pull(name, tmp_path / "back")
    assert store.push(sealed) == name
    assert list(store.names()) == [name]


def test_what_was_changed_in_the_store_is_not_taken(store, sealed, tmp_path):
    name = store.push(sealed)
    kept = tmp_path / "store" / "runs" / name / "events.jsonl"
    kept.write_bytes(kept.read_bytes()[:-2] + b"\n")
    with pytest.raises(StoreError, match="is not what was shared"):
        store.pull(name, tmp_path / "back")
    assert not (tmp_path / "back").exists()


def test_another_whole_run_under_the_name_is_not_taken(store, sealed, tmp_path):
    name = store.push(sealed)
    runs = tmp_path / "store" / "runs"
    forged = name[:-16] + "0" * 16
    shutil.copytree(runs / name, runs / forged)
    with pytest.raises(StoreError, match="its seal is another one"):
        store.pull(forged, tmp_path / "back")


@pytest.mark.parametrize("name", ["", "../x", "a/b-0123456789abcdef", ".x-0123456789abcdef", "x"])
def test_names_that_are_none(store, name, tmp_path):
    with pytest.raises(StoreError, match="no name of a shared run"):
        store.pull(name, tmp_path / "back")


def test_many_at_once(tmp_path, sealed):
    with ThreadPoolExecutor(8) as many:
        stores = [Repository(str(tmp_path / "store")) for _ in range(16)]
        names = set(many.map(lambda store: store.push(sealed), stores))
    (name,) = names
    assert content(stores[0].pull(name, tmp_path / "back")) == content(sealed)
    left = [p.name for p in (tmp_path / "store" / "runs" / name).iterdir()]
    assert sorted(left) == sorted(set(left) & {"run.json", "events.jsonl", "seal.json", "blobs"})


def test_addresses_that_nothing_opens():
    with pytest.raises(StoreError, match="is no address of a store"):
        Repository("nonsense://x")


def test_in_memory(sealed, tmp_path):
    store = Repository("memory://lab")
    name = store.push(sealed)
    assert content(store.pull(name, tmp_path / "back")) == content(sealed)


@pytest.fixture(scope="module")
def s3():
    """A server that speaks S3, on loopback."""
    pytest.importorskip("s3fs", reason="needs s3fs")
    pytest.importorskip("moto.server", reason="needs moto and flask")
    code = (
        "from moto.server import ThreadedMotoServer\n"
        "server = ThreadedMotoServer('127.0.0.1', 0)\n"
        "server.start()\n"
        "print(*server.get_host_and_port(), flush=True)\n"
        "input()\n"
    )
    server = subprocess.Popen([sys.executable, "-c", code], text=True, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # fmt: skip
    assert server.stdout is not None
    told = ""
    while not told.startswith("127.0.0.1 "):
        told = server.stdout.readline()
    host, port = told.split()
    yield f"http://{host}:{port}"
    server.kill()
    server.communicate()


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_in_an_object_store(s3, sealed, tmp_path, monkeypatch):
    import s3fs

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    options = {"endpoint_url": s3}
    s3fs.S3FileSystem(**options).mkdir("lab")
    store = Repository("s3://lab/gaseol", options)
    assert list(store.names()) == []
    names = {Repository("s3://lab/gaseol", options).push(sealed) for _ in range(2)}
    assert set(store.names()) == names
    (name,) = names
    assert content(store.pull(name, tmp_path / "back")) == content(sealed)
    with pytest.raises(StoreError, match="cannot be written"):
        Repository("s3://nobody-has-this/gaseol", options).push(sealed)

"""A corpus over its life: added, changed, gone, searched; bad files beside good ones."""

import gzip
import os
import sqlite3
from pathlib import Path

import pytest

from gaseol.tools import Call, Pool
from gaseol.tools.corpus.adding import add
from gaseol.tools.corpus.document import Document, Passage
from gaseol.tools.corpus.index import CorpusError, Index, cite, discard, file_of
from gaseol.traces.nouns.failure import FailureKind


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    (folder / "more").mkdir(parents=True)
    (folder / "a.md").write_text("# Water\n\nEthanol binds water.\n\n물을 끓였다.")
    (folder / "more/b.jsonl").write_text('{"title": "수소의 저장", "text": "수소를 저장하였다."}\n')
    (folder / "c.xml").write_text("<broken")
    (folder / "d.docx").write_text("not read")
    (folder / ".hidden.md").write_text("hidden")
    return folder


def test_what_is_added_is_found_and_what_is_broken_is_told(place, tmp_path, pool: Pool) -> None:
    with Index(tmp_path / "x.sqlite", write=True) as index:
        added = add(index, place, pool)
    assert (added.read, added.passed, added.documents) == (3, 1, 2)
    ((path, kind, reason),) = added.failures
    assert (Path(path).name, kind) == ("c.xml", "wrong_shape")
    assert reason
    with Index(tmp_path / "x.sqlite") as index:
        (hit,) = index.search("ethanol")
        assert (hit.title, Path(hit.path).name) == ("Water", "a.md")
        assert len(hit.document) == 12
        assert [Path(one.path).name for one in index.search("수소")] == ["b.jsonl"]
        assert index.search("hidden") == []
        assert index.failures() == [(path, kind, reason)]
        counts = index.counts()
    assert (counts.files, counts.failed, counts.documents) == (3, 1, 2)


def test_only_what_changed_is_read_again(place, tmp_path, pool: Pool) -> None:
    file = tmp_path / "x.sqlite"
    with Index(file, write=True) as index:
        add(index, place, pool)
    with Index(file, write=True) as index:
        before = index.state()
        again = add(index, place, pool)
        assert (again.read, again.unchanged, again.documents) == (0, 3, 0)
        assert [kind for _, kind, _ in again.failures] == ["wrong_shape"], "it is still unread"
        assert index.state() == before
    (place / "a.md").write_text("# Water\n\nHexane does not.")
    (place / "more/b.jsonl").unlink()
    with Index(file, write=True) as index:
        changed = add(index, place, pool)
        assert (changed.read, changed.unchanged, changed.gone) == (1, 1, 1)
        assert index.search("ethanol") == []
        assert index.search("수소") == []
        assert [hit.text for hit in index.search("hexane")] == ["# Water Hexane does not."]
        assert index.state() != before
        assert index.counts().passages == 1


def test_the_index_holds_together_after_removals(place, tmp_path, pool: Pool) -> None:
    file = tmp_path / "x.sqlite"
    with Index(file, write=True) as index:
        add(index, place, pool)
        for path in index.paths(str(place.resolve())):
            assert index.remove_file(path)
        assert not index.remove_file("nobody")
        assert index.counts().passages == 0
    with sqlite3.connect(file) as db:
        db.execute("INSERT INTO terms(terms) VALUES ('integrity-check')")
        (left,) = db.execute("SELECT count(*) FROM terms WHERE terms MATCH 'ethanol'").fetchone()
    assert left == 0


def test_a_document_that_is_there_twice_is_kept_once(tmp_path, pool: Pool) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    for name in ("a.jsonl", "b.jsonl"):
        (folder / name).write_text('{"title": "Same", "text": "words"}\n')
    with Index(tmp_path / "x.sqlite", write=True) as index:
        added = add(index, folder, pool)
        assert (added.documents, added.twins) == (1, 1)
        assert len(index.search("words")) == 1


def test_a_document_stays_as_long_as_a_file_holds_it(tmp_path, pool: Pool) -> None:
    file, folder = tmp_path / "x.sqlite", tmp_path / "papers"
    folder.mkdir()
    line = '{"title": "Same", "text": "words"}\n'
    (folder / "a.jsonl").write_text(line * 2)
    with Index(file, write=True) as index:
        add(index, folder, pool)
    (folder / "a.jsonl").rename(folder / "b.jsonl")
    for name in ("b.jsonl", "c.jsonl"):
        (folder / name).write_text(line)
        with Index(file, write=True) as index:
            add(index, folder, pool)
            assert len(index.search("words")) == 1
    (folder / "b.jsonl").unlink()
    with Index(file, write=True) as index:
        assert add(index, folder, pool).gone == 1
        assert [Path(hit.path).name for hit in index.search("words")] == ["c.jsonl"]
    (folder / "c.jsonl").unlink()
    with Index(file, write=True) as index:
        assert add(index, folder, pool).gone == 1
        assert index.search("words") == []
        assert index.counts().passages == 0


def test_a_corpus_that_was_stopped_before_it_held_anything_is_begun_anew(
    place, tmp_path, pool: Pool
) -> None:
    file = tmp_path / "x.sqlite"
    with pytest.raises(KeyboardInterrupt), Index(file, write=True):
        raise KeyboardInterrupt
    with pytest.raises(CorpusError, match="nothing is in the corpus"):
        Index(file)
    with Index(file, write=True) as index:
        assert add(index, place, pool).documents == 2


def test_a_failure_that_may_pass_is_tried_again(place, tmp_path, pool: Pool) -> None:
    file, path = tmp_path / "x.sqlite", str((place / "a.md").resolve())
    with Index(file, write=True) as index:
        add(index, place, pool)
        row = index.add_file(str(place), path, index.known(path), 1)
        index.fail(row, "timed_out", "no answer")
        again = add(index, place, pool)
        assert (again.read, again.documents) == (1, 1)
        assert index.search("ethanol")


def test_a_folder_is_whichever_was_named_when_it_was_added(place, tmp_path, pool: Pool) -> None:
    with Index(tmp_path / "x.sqlite", write=True) as index:
        add(index, place / "more", pool)
        add(index, place, pool)
        (place / "more/b.jsonl").unlink()
        assert add(index, place, pool).gone == 1
        assert index.search("수소") == []
        assert index.paths(str(place.resolve())[:-1]) == []


@pytest.mark.skipif(os.name != "posix", reason="names of files are text there")
def test_a_name_that_is_no_text_does_not_stop_the_others(place, tmp_path, pool: Pool) -> None:
    with open(os.path.join(os.fsencode(place), "수소.txt".encode("cp949")), "w") as file:
        file.write("hydrogen")
    with Index(tmp_path / "x.sqlite", write=True) as index:
        added = add(index, place, pool)
    assert added.documents == 2
    assert any("no UTF-8" in reason for _, _, reason in added.failures)


def test_a_corpus_of_whatever_state_can_be_removed(tmp_path: Path) -> None:
    file, journal = tmp_path / "x.sqlite", tmp_path / "x.sqlite-journal"
    file.write_text("no database")
    journal.write_text("left by a killed writer")
    discard(file)
    assert not file.exists()
    assert not journal.exists()
    with pytest.raises(CorpusError, match="there is no corpus"):
        discard(file)
    with Index(file, write=True), pytest.raises(CorpusError, match="being written"):
        discard(file)


def test_a_stop_in_the_middle_leaves_the_last_whole_state(place, tmp_path, pool: Pool) -> None:
    file = tmp_path / "x.sqlite"
    with Index(file, write=True) as index:
        add(index, place, pool)

    def stop(name: str) -> None:
        if name == "e.md":
            raise KeyboardInterrupt

    (place / "a.md").write_text("# Other")
    (place / "e.md").write_text("never")
    with pytest.raises(KeyboardInterrupt), Index(file, write=True) as index:
        add(index, place, pool, stop)
    with Index(file) as index:
        assert len(index.search("ethanol")) == 1


def test_two_writers_do_not_meet_and_a_reader_may_read(place, tmp_path, pool: Pool) -> None:
    file = tmp_path / "x.sqlite"
    with Index(file, write=True) as index:
        add(index, place, pool)
    with Index(file, write=True), Index(file) as reader:
        with pytest.raises(CorpusError, match="being written by another process"):
            Index(file, write=True)
        assert reader.search("ethanol")
    with Index(file, write=True) as index:
        assert index.search("ethanol")


def test_a_reader_may_read_however_much_is_being_written(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite"
    with Index(file, write=True) as index:
        row = index.add_file("/r", "/r/a", "0", 1)
        index.add(row, Document(title="a", passages=(Passage(text="water"),)))
    with Index(file, write=True) as index:
        row = index.add_file("/r", "/r/b", "1", 1)
        for n in range(1000):  # more than SQLite holds in memory by itself
            passage = Passage(text=f"word{n} " * 400)
            index.add(row, Document(title=str(n), passages=(passage,)))
        with Index(file) as reader:
            assert len(reader.search("water")) == 1
            assert reader.search("word7") == []


def test_a_folder_that_is_not_there_and_a_file_that_is_no_corpus(tmp_path, pool: Pool) -> None:
    with (
        pytest.raises(CorpusError, match="there is no folder"),
        Index(tmp_path / "x.sqlite", write=True) as index,
    ):
        add(index, tmp_path / "nowhere", pool)
    with pytest.raises(CorpusError, match="there is no corpus at"):
        Index(tmp_path / "y.sqlite")
    (tmp_path / "z.sqlite").write_text("hello, this is no database " * 100)
    with pytest.raises(CorpusError, match="cannot be opened"):
        Index(tmp_path / "z.sqlite")
    with sqlite3.connect(tmp_path / "w.sqlite") as db:
        db.execute("CREATE TABLE other (x)")
    with pytest.raises(CorpusError, match="is no corpus"):
        Index(tmp_path / "w.sqlite")
    for name in ("../x", "X", "", "a/b"):
        with pytest.raises(CorpusError, match="no name of a corpus"):
            file_of(name)


def test_the_tool_finds_and_cites(place, tmp_path, pool: Pool, registry, monkeypatch) -> None:
    monkeypatch.setenv("GASEOL_CORPORA", str(tmp_path / "corpora"))
    with Index(file_of("mine"), write=True) as index:
        add(index, place, pool)
    with Pool(registry, jobs=1) as workers:

        def ask(**arguments: object):
            call = Call(tool="search_corpus", arguments={"corpus": "mine", **arguments})
            return workers.submit(call).result()

        answer = ask(query="수소")
        assert answer.failure is None, answer.failure
        (hit,) = answer.value["hits"]
        assert hit["title"] == "수소의 저장"
        assert hit["cite"] == cite(hit["document"], 1)
        kinds = [
            ask(query="nowhere").failure.kind,
            ask(query="수소", corpus="theirs").failure.kind,
            ask(query="?!").failure.kind,
        ]
    assert kinds == [FailureKind.EMPTY, FailureKind.UNAVAILABLE, FailureKind.BAD_ARGUMENTS]


@pytest.mark.parametrize("packed", [False, True])
def test_a_long_dump_is_read_once_from_its_beginning_to_its_end(
    tmp_path, pool: Pool, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    """In pieces that begin where the last one ended; of several members, where it is packed."""
    rows = [f'{{"title": "row {i}", "text": "물 {i}"}}\n'.encode() for i in range(4500)]
    halves = b"".join(rows[:2000]), b"".join(rows[2000:])
    path = tmp_path / ("rows.jsonl.gz" if packed else "rows.jsonl")
    path.write_bytes(b"".join(map(gzip.compress, halves)) if packed else b"".join(halves))
    starts: list[int] = []
    submit = pool.submit

    def listening(call: Call):
        starts.append(call.arguments["start"])
        return submit(call)

    monkeypatch.setattr(pool, "submit", listening)
    with Index(tmp_path / "x.sqlite", write=True) as index:
        added = add(index, path, pool)
    assert (added.documents, added.twins, added.failures) == (4500, 0, [])
    assert starts == [0, len(b"".join(rows[:2000])), len(b"".join(rows[:4000]))]


def test_a_packed_file_that_is_broken_or_a_bomb_is_told(tmp_path, pool: Pool, monkeypatch) -> None:
    from gaseol.tools.corpus import unpacking

    folder = tmp_path / "dumps"
    folder.mkdir()
    (folder / "half.jsonl.gz").write_bytes(gzip.compress(b'{"title": "a"}\n' * 9999)[:-9])
    (folder / "no.gz").write_bytes(b"not packed")
    with Index(tmp_path / "x.sqlite", write=True) as index:
        added = add(index, folder, pool)
    assert [(Path(p).name, kind) for p, kind, _ in added.failures] == [
        ("half.jsonl.gz", "unavailable"), ("no.gz", "unavailable"),
    ]  # fmt: skip
    (folder / "bomb.gz").write_bytes(gzip.compress(b"\0" * (8 << 20)))
    with (
        pytest.raises(unpacking.CannotUnpack, match="when unpacked") as told,
        unpacking.unpacked(folder / "bomb.gz", limit=1 << 20),
    ):
        pass
    assert told.value.large


def test_a_copy_made_while_somebody_writes_is_what_was_kept_last(tmp_path) -> None:
    from gaseol.tools.corpus.index import copy

    path = tmp_path / "x.sqlite"
    with Index(path, write=True) as index:
        file = index.add_file("", "a", "0", 0)
        index.add(file, Document(title="kept", passages=(Passage(text="kept"),)))
        index.keep()
        for number in range(500):
            index.add(file, Document(title=f"{number}", passages=(Passage(text=f"new {number}"),)))
        copy(path, tmp_path / "copy.sqlite")
    with Index(tmp_path / "copy.sqlite") as index:
        assert index.counts().documents == 1
        assert [hit.title for hit in index.search("kept")] == ["kept"]
    (tmp_path / "odd.sqlite").write_bytes(b"no corpus at all, but some bytes" * 200)
    with pytest.raises(CorpusError):
        copy(tmp_path / "odd.sqlite", tmp_path / "other.sqlite")

"""An export is there whole or not at all."""

import pytest

from gaseol.traces.export.place import ExportExists, placed


def put(out, make, **options):
    with placed(out, **options) as aside:
        make(aside)


def fail(make):
    def then(path):
        make(path)
        raise RuntimeError

    return then


def folder(path):
    path.mkdir()
    (path / "a").write_text("x")


def test_a_file_appears_whole_when_it_is_done(tmp_path):
    out = tmp_path / "out.json"
    with placed(out) as aside:
        assert aside.suffix == ".json"
        assert aside.parent == tmp_path
        aside.write_text("half")
        assert not out.exists()
    assert out.read_text() == "half"
    assert list(tmp_path.iterdir()) == [out]


def test_nothing_is_left_of_one_that_failed(tmp_path):
    for make in (lambda p: p.write_text("x"), folder, lambda p: None):
        with pytest.raises(RuntimeError):
            put(tmp_path / "out", fail(make))
        assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays_unless_force_is_asked_for(tmp_path):
    out = tmp_path / "out"
    out.write_text("old")
    with pytest.raises(ExportExists, match="--force"), placed(out):
        raise AssertionError("it may not begin")
    with placed(out, force=True) as aside:
        aside.write_text("new")
    assert out.read_text() == "new"


def test_a_failure_with_force_keeps_the_old(tmp_path):
    out = tmp_path / "out"
    out.write_text("old")
    with pytest.raises(RuntimeError):
        put(out, fail(lambda p: p.write_text("new")), force=True)
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_what_appears_meanwhile_is_not_replaced(tmp_path):
    out = tmp_path / "out"

    def both(path):
        path.write_text("mine")
        out.write_text("theirs")

    with pytest.raises(ExportExists, match="meanwhile"):
        put(out, both)
    assert out.read_text() == "theirs"
    other = tmp_path / "folder"

    def both_folders(path):
        path.mkdir()
        other.mkdir()

    with pytest.raises(ExportExists, match="meanwhile"):
        put(other, both_folders)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "out"]


def test_a_folder_takes_the_place_of_a_folder_or_a_file(tmp_path):
    out = tmp_path / "out"
    for old in ("folder", "file"):
        if old == "folder":
            out.mkdir()
            (out / "old").write_text("x")
        with placed(out, force=True) as aside:
            aside.mkdir()
            (aside / "new").write_text(old)
        assert [p.name for p in out.iterdir()] == ["new"]
        if old == "folder":
            (out / "new").unlink()
            out.rmdir()
            out.write_text("a file now")
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_dangling_link_is_something_that_is_there(tmp_path):
    out = tmp_path / "out"
    out.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ExportExists), placed(out):
        pass
    with placed(out, force=True) as aside:
        aside.write_text("x")
    assert not out.is_symlink()
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(NotADirectoryError), placed(tmp_path / "no" / "out"):
        pass


def test_a_long_name_has_room(tmp_path):
    out = tmp_path / ("x" * 250 + ".json")
    with placed(out) as aside:
        aside.write_text("x")
    assert out.is_file()

"""What was placed is there whole, under its name, and the name is synced after it was given."""

import os
import tempfile
from pathlib import Path

import pytest

from gaseol.traces.record import disk


@pytest.fixture
def done(monkeypatch) -> list[str]:
    """What was synced and renamed, in order."""
    said: list[str] = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(
        os, "fsync", lambda h: (said.append(os.readlink(f"/proc/self/fd/{h}")), fsync(h))
    )
    monkeypatch.setattr(os, "replace", lambda a, b: (said.append(f"-> {b}"), replace(a, b)))
    return said


def test_bytes_then_name_then_folder(done, tmp_path):
    path = tmp_path / "a.json"
    disk.place(path, b"{}", 0o600)
    assert path.read_bytes() == b"{}"
    assert path.stat().st_mode & 0o777 == 0o600
    bytes_, renamed, folder = done
    assert os.path.dirname(bytes_) == str(tmp_path)
    assert (renamed, folder) == (f"-> {path}", str(tmp_path))


def test_what_cannot_be_placed_leaves_nothing(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device: '.*/a'"):
        disk.place(tmp_path / "a", b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


def test_every_folder_that_is_made_has_a_name(done, tmp_path):
    disk.make(tmp_path / "a" / "b")
    assert done == [str(tmp_path), str(tmp_path / "a")]
    done.clear()
    disk.make(tmp_path / "a" / "b")
    assert done == [str(tmp_path / "a")], (
        "whoever made it may have been killed before it was synced"
    )


def test_a_folder_that_may_not_be_read_is_no_hindrance():
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        box, user = Path(place, "box"), os.geteuid()
        box.mkdir()
        box.chmod(0o333)
        if not user:
            os.seteuid(65534)  # no folder is closed to root
        try:
            with pytest.raises(PermissionError):
                disk.sync(box)
            disk.make(box / "run")
        finally:
            os.seteuid(user)
        assert (box / "run").is_dir()

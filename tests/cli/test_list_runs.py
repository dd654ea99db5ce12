"""`gaseol list runs`: filters, order, and what is kept between two lists."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gaseol.graphs import run
from gaseol.scenarios import Scenario
from gaseol.traces import shelf
from gaseol.traces.archive import card


@pytest.fixture(scope="session")
def made(world, pool, tmp_path_factory) -> Path:
    """Three runs: two finished with different seeds, one whose budget ran out."""
    place = tmp_path_factory.mktemp("made")
    for name, seed, changes in (
        ("one", 1, {}), ("two", 2, {}), ("spent", 3, {"budget__experiments": 2}),
    ):  # fmt: skip
        scenario = Scenario.model_validate(world.changed(world.EFFECTS, **changes))
        run(scenario, seed=seed, out=place / name, pool=pool, report=False)
    return place


@pytest.fixture
def listed(made, home, gaseol, monkeypatch):
    """Names that a list with these options has, in order."""
    monkeypatch.setattr(shelf, "SETTLED", 0.0)
    shutil.copytree(made, home)

    def names(*options):
        said = gaseol("list", "runs", *options, "--json")
        assert said.code == 0, said.err
        return [row["name"] for row in said.json]

    return names


def test_a_row_says_what_the_record_says(listed, gaseol):
    assert set(listed()) == {"one", "two", "spent"}
    row = next(r for r in gaseol("list", "runs", "--json").json if r["name"] == "one")
    shown = gaseol("show", "one", "--json").json
    for key in ("status", "scenario", "scientist", "seed"):
        assert row[key] == shown[key]
    assert sum(row["verdicts"].values()) == len(shown["hypotheses"])
    assert row["claims"] == len(shown["claims"])
    assert row["path"] == shown["run"]
    assert row["events"] == len((Path(row["path"]) / "events.jsonl").read_bytes().splitlines())
    assert row["seconds"] > 0


def test_filters(listed, gaseol):
    assert listed("--seed", 2) == ["two"]
    assert listed("--status", "budget") == ["spent"]
    assert set(listed("--status", "done")) == {"one", "two"}
    assert set(listed("--scenario", "toy")) == {"one", "two", "spent"}
    assert listed("--scenario", "to") == []
    assert listed("--scientist", "nobody") == []
    assert listed("--seed", 1, "--status", "budget") == []
    supported = [
        r["name"] for r in gaseol("list", "runs", "--json").json if "supported" in r["verdicts"]
    ]
    assert supported
    assert listed("--verdict", "supported") == supported
    assert listed("--text", "SIZE RAISES") == listed()
    assert listed("--text", "no such words") == []
    assert listed("--text", "spen") == ["spent"]


def test_since(listed, gaseol):
    started = sorted(r["started"] for r in gaseol("list", "runs", "--json").json)
    assert len(listed("--since", "2020-01-31")) == 3
    assert len(listed("--since", started[1])) == 2
    assert listed("--since", "2999-01-01T00:00:00+09:00") == []
    said = gaseol("list", "runs", "--since", "yesterday")
    assert said.code == 2
    assert "'yesterday' is no date such as 2026-01-31" in said.err


def test_order_and_limit(listed, gaseol):
    rows = {r["name"]: r for r in gaseol("list", "runs", "--json").json}
    assert listed("--sort", "name") == ["one", "spent", "two"]
    oldest = sorted(rows, key=lambda n: rows[n]["started"])
    assert listed("--sort", "oldest") == oldest
    assert listed("--sort", "newest") == oldest[::-1]
    assert listed("--sort", "longest")[0] == max(rows, key=lambda n: rows[n]["seconds"])
    assert listed("--sort", "name", "--limit", 2) == ["one", "spent"]
    assert gaseol("list", "runs", "--limit", 0).code == 2


def test_broken_runs_stay_in_sight(listed, home, gaseol):
    (home / "two" / "events.jsonl").write_bytes(b"{}\n")
    assert listed("--sort", "longest")[-1] == "two"
    said = gaseol("list", "runs", "--scenario", "toy")
    assert "two" not in said.out
    assert said.err == "1 broken runs cannot be filtered; see: gaseol list runs\n"
    plain = gaseol("list", "runs").out
    assert "BROKEN: line 1 of events.jsonl is no event" in plain


def test_a_name_does_not_steer_the_terminal(listed, home, gaseol):
    (home / "one").rename(home / "x\x1b[31mred\nline")
    said = gaseol("list", "runs")
    assert "\x1b" not in said.out
    assert len(said.out.splitlines()) == 3


def test_filters_are_for_runs_only(gaseol):
    said = gaseol("list", "tools", "--seed", 1)
    assert said.code == 2
    assert "--seed is for: gaseol list runs" in said.err


def test_only_what_changed_is_read_again(listed, home, monkeypatch):
    read = []
    whole = card.read
    monkeypatch.setattr(card, "read", lambda path: (read.append(path.name), whole(path))[1])
    listed()
    assert sorted(read) == ["one", "spent", "two"]
    read.clear()
    assert set(listed()) == {"one", "two", "spent"}
    assert read == []
    with (home / "two" / "events.jsonl").open("ab") as file:
        file.write(b"torn")
    shutil.rmtree(home / "spent")
    assert set(listed()) == {"one", "two"}
    assert read == ["two"]


def test_what_is_kept_is_not_believed_over_the_record(listed, home, gaseol):
    """Neither when its words were changed, nor when the record was, unseen by size and time."""
    listed()
    path = home / "one" / "events.jsonl"
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"raises the signal", b"lowers the signal"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert listed("--text", "size lowers the signal") == ["one"]
    with sqlite3.connect(home / ".archive" / "cards.sqlite") as store:
        store.execute("UPDATE card SET body = '{}' WHERE name = 'two'")
        store.execute("UPDATE card SET body = 'no json' WHERE name = 'spent'")
    store.close()
    assert len(listed("--scenario", "toy")) == 3


@pytest.mark.parametrize("damage", [b"", b"no database at all" * 50])
def test_damaged_cards_are_written_anew(listed, home, damage):
    listed()
    (home / ".archive" / "cards.sqlite").write_bytes(damage)
    assert len(listed()) == 3
    with sqlite3.connect(home / ".archive" / "cards.sqlite") as store:
        assert store.execute("SELECT count(*) FROM card").fetchone() == (3,)
    store.close()


def test_a_folder_that_cannot_be_written_is_listed_all_the_same(listed, home, monkeypatch):
    (home / ".archive").write_text("in the way")
    assert len(listed()) == 3


def test_a_moved_home_has_new_paths(listed, home, gaseol, tmp_path, monkeypatch):
    listed()
    moved = home.rename(home.with_name("elsewhere"))
    monkeypatch.setenv("GASEOL_HOME", str(tmp_path / "other"))
    (tmp_path / "other").mkdir()
    moved.rename(tmp_path / "other" / "runs")
    paths = {row["path"] for row in gaseol("list", "runs", "--json").json}
    assert {Path(p).parent for p in paths} == {tmp_path / "other" / "runs"}


def test_two_processes_at_once(made, home):
    shutil.copytree(made, home)
    script = (
        "import sys\nfrom pathlib import Path\nfrom gaseol.traces import shelf\nfrom gaseol.traces.archive import card\n"
        "shelf.SETTLED = 1e9\n"  # so that each reads, and writes, everything each time
        "for _ in range(5):\n    assert len(card.cards(Path(sys.argv[1]))) == 3\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", script, str(home)]) for _ in range(2)]
    assert [process.wait(100) for process in both] == [0, 0]

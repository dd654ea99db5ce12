"""Many runs as tables: what is read, when, and what a question may do."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gaseol.traces import Docket, Trace, shelf
from gaseol.traces.archive import store as archive
from gaseol.traces.archive.question import QUESTIONS
from gaseol.traces.archive.table import TABLES

pytest.importorskip("duckdb", reason="NOT tested: the extra `search` is not installed")
pytest.importorskip("pyarrow", reason="NOT tested: the extra `search` is not installed")


@pytest.fixture(autouse=True)
def _settled(monkeypatch):
    """Believe file times at once: nothing here changes a file within their grain."""
    monkeypatch.setattr(shelf, "SETTLED", 0.0)


@pytest.fixture
def home(sealed, tmp_path):
    """A folder of three runs."""
    place = tmp_path / "runs"
    place.mkdir()
    for name in ("a", "b", "c"):
        shutil.copytree(sealed, place / name)
    return place


def ask(opened, sql):
    return list(opened.ask(sql).rows)


def test_the_tables_hold_what_the_records_hold(sealed, home):
    docket = Docket.of(Trace(sealed))
    asked = list(Trace(sealed).events("effect.requested"))
    with archive.Archive(home) as opened:
        found = opened.refresh()
        assert (found.runs, found.read, found.gone, found.skipped) == (3, 3, 0, {})
        per_run = {
            "runs": 1, "hypotheses": len(docket.hypotheses),
            "registrations": len(docket.registrations), "experiments": len(docket.experiments),
            "measurements": len(docket.measurements),
            "evidence": sum(map(len, docket.evidence.values())),
            "verdicts": len(docket.verdicts), "claims": len(docket.claims), "effects": len(asked),
        }  # fmt: skip
        for table, count in per_run.items():
            assert ask(opened, f"SELECT run, count(*) FROM {table} GROUP BY run ORDER BY run") == [
                (run, count) for run in ("a", "b", "c")
            ], table
        rows = ask(opened, "SELECT hypothesis, ruling, log_e_for, draws, score FROM verdicts WHERE run = 'b'")  # fmt: skip
        assert {r[0]: r[1:4] for r in rows} == {
            h: (v.ruling.value, v.log_e_for, v.draws) for h, v in docket.verdicts.items()
        }
        assert {r[0]: r[4] for r in rows if r[4]} == {"up": "agrees"}
        rows = ask(opened, "SELECT event, value, failure FROM measurements WHERE run = 'a'")
        assert {r[0]: r[1:] for r in rows} == {
            p: (m.value, m.failure.kind.value if m.failure else None)
            for p, m in docket.measurements.items()
        }
        (row,) = ask(opened, "SELECT status, seed, tool_calls, sealed, head, parent FROM runs WHERE run = 'a'")  # fmt: skip
        last = list(Trace(sealed).events())[-1]
        assert row == ("done", 0, 60, True, last.digest, "an-earlier-run")
        outcomes = dict(
            ask(opened, "SELECT outcome, count(*) FROM effects WHERE run = 'a' GROUP BY 1")
        )
        assert outcomes == {"completed": len(asked) - 2, "failed": 1, "ambiguous": 1}
        spare = "SELECT registered, turned_away FROM hypotheses WHERE run = 'a' AND hypothesis = 'spare'"
        assert ask(opened, spare) == [(False, "a duplicate of up")]


def test_columns_are_those_that_are_documented(home):
    with archive.Archive(home) as opened:
        for filled in (False, True):
            if filled:
                opened.refresh()
            for table, columns in TABLES.items():
                answer = opened.ask(f"SELECT * FROM {table} LIMIT 0")
                # a column of nothing but NULL has a type all the same
                expected = [archive._TYPES[c.kind] for c in columns]
                assert answer.columns == [c.name for c in columns], table
                assert answer.types == expected, table
    text = (Path(__file__).parents[3] / "docs" / "queries.md").read_text()
    for table, columns in TABLES.items():
        for column in columns:
            assert f"`{column.name}`" in text.split(f"### `{table}`")[1].split("###")[0], column


def test_only_what_changed_is_read(ledger, home):
    def change(events):
        for event in events:
            if event["kind"] == "run.started":
                event["data"]["seed"] = 7

    with archive.Archive(home) as opened:
        opened.refresh()
        again = opened.refresh()
        assert (again.read, again.gone, again.runs) == (0, 0, 3)
        ledger.rewrite(home / "b", change)
        shutil.copytree(home / "a", home / "d")
        shutil.rmtree(home / "c")
        found = opened.refresh()
        assert (found.read, found.gone, found.runs) == (2, 1, 3)
        rows = ask(opened, "SELECT run, seed FROM runs ORDER BY run")
        assert rows == [("a", 0), ("b", 7), ("d", 0)]
        assert ask(opened, "SELECT count(DISTINCT run) FROM effects") == [(3,)]


def test_a_change_of_the_same_length_and_time_is_seen(home):
    """Whoever sets back the time of a file cannot set back when it was changed."""
    with archive.Archive(home) as opened:
        opened.refresh()
        path = home / "b" / "events.jsonl"
        before = path.stat()
        content = path.read_bytes()
        path.write_bytes(content.replace(b"what is warmer?", b"what is colder?"))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert path.stat().st_size == before.st_size
        found = opened.refresh()
        assert found.read == 1
        assert found.skipped == {
            "b": "its events are not those that were sealed; see: gaseol verify"
        }
        assert ask(opened, "SELECT run FROM runs ORDER BY run") == [("a",), ("c",)]


def test_what_was_just_written_is_not_believed_yet(home, monkeypatch):
    monkeypatch.setattr(shelf, "SETTLED", 60.0)
    with archive.Archive(home) as opened:
        opened.refresh()
        assert opened.refresh().read == 3


def test_broken_runs_are_left_out_and_named(ledger, home):
    (home / "a" / "events.jsonl").write_bytes(b"x\n" * 3)
    (home / "b" / "events.jsonl").unlink()

    def huge(events):
        next(e for e in events if e["kind"] == "run.started")["data"]["seed"] = 2**63

    ledger.rewrite(home / "c", huge)
    for name, change in {
        "d": lambda e: e[0]["data"].pop("alpha"),
        "e": lambda e: next(x for x in e if x["kind"] == "effect.completed")["data"].update(
            request=0
        ),
    }.items():
        shutil.copytree(home.parent / "runs" / "c", home / name)
        ledger.rewrite(home / name, lambda e: e[0]["data"].update(seed=0))
        ledger.rewrite(home / name, change)
    with archive.Archive(home) as opened:
        found = opened.refresh()
        assert found.runs == 0
        assert list(found.skipped) == ["a", "b", "c", "d", "e"]
        assert "line 1 of events.jsonl is no event" in found.skipped["a"]
        assert "it has no events.jsonl" in found.skipped["b"]
        assert "too large" in found.skipped["c"]
        assert "broken RunStarted" in found.skipped["d"]
        assert "which requested nothing" in found.skipped["e"]
        assert opened.refresh().skipped == found.skipped
        assert ask(opened, "SELECT run FROM skipped ORDER BY run") == [(r,) for r in "abcde"]
        assert ask(opened, "SELECT * FROM runs") == []
        assert all(ask(opened, f"SELECT * FROM {table}") == [] for table in TABLES)


def test_one_hostile_run_does_not_keep_the_others_out(home):
    """Numbers of an event that no schema looks at."""
    for name, (old, new) in {"a": (b'"seq":5,', b'"seq":true,'), "b": (b'"seq":5,', b'"seq":9e99,')}.items():  # fmt: skip
        path = home / name / "events.jsonl"
        path.write_bytes(path.read_bytes().replace(old, new, 1))
        (home / name / "seal.json").unlink()
    with archive.Archive(home) as opened:
        found = opened.refresh()
        assert list(found.skipped) == ["a", "b"]
        assert ask(opened, "SELECT run FROM runs") == [("c",)]


def test_a_run_that_is_going_on_is_there_as_far_as_it_goes(ledger, tmp_path):
    home = tmp_path / "runs"
    ledger.write(home / "open", sealed=False)
    path = home / "open" / "events.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:40]) + b'{"seq":40,"pre')
    with archive.Archive(home) as opened:
        assert opened.refresh().skipped == {}
        assert ask(opened, "SELECT status, events, sealed FROM runs") == [("running", 40, False)]
        path.write_bytes(b"".join(lines))
        assert opened.refresh().read == 1
        assert ask(opened, "SELECT status, events FROM runs") == [("done", len(lines))]


def test_many_updates_are_tidied_up(ledger, home):
    with archive.Archive(home) as opened:
        for number in range(12):
            ledger.rewrite(home / "a", lambda e, n=number: e[0]["data"].update(seed=n + 1))
            assert opened.refresh().runs == 3
        parts = list((home / ".archive" / "parts").iterdir())
        assert len(parts) <= archive._PARTS + 1
        assert ask(opened, "SELECT run, seed FROM runs ORDER BY run") == [
            ("a", 12),
            ("b", 0),
            ("c", 0),
        ]
        counts = ask(opened, "SELECT count(*), count(DISTINCT event) FROM evidence WHERE run = 'a'")
        assert counts[0][0] == counts[0][1] > 0


@pytest.mark.parametrize("damage", ["manifest", "part", "missing", "stray", "version"])
def test_a_damaged_archive_is_made_anew(home, damage):
    with archive.Archive(home) as opened:
        opened.refresh()
    store = home / ".archive"
    (part,) = (store / "parts").iterdir()
    match damage:
        case "manifest":
            (store / "archive.sqlite").write_bytes(b"no database" * 100)
        case "part":
            path = part / "runs.parquet"
            path.write_bytes(path.read_bytes()[:-10])
        case "missing":
            shutil.rmtree(part)
        case "stray":
            (store / "parts" / "stray").mkdir()
        case _:
            import sqlite3

            with sqlite3.connect(store / "archive.sqlite") as manifest:
                manifest.execute("PRAGMA user_version = 99")
            manifest.close()
    with archive.Archive(home) as opened:
        found = opened.refresh()
        assert found.read == (0 if damage == "stray" else 3)
        assert ask(opened, "SELECT count(*) FROM verdicts") == [(15,)]
        assert len(list((store / "parts").iterdir())) == 1


def test_damage_inside_a_file_is_said(home):
    with archive.Archive(home) as opened:
        opened.refresh()
    (part,) = (home / ".archive" / "parts").iterdir()
    for path in part.iterdir():
        path.write_bytes(b"\0" * path.stat().st_size)
    with archive.Archive(home) as opened:
        assert opened.refresh().read == 0
        with pytest.raises(archive.Damaged, match="--rebuild"):
            opened.ask("SELECT 1")
        opened.refresh(anew=True)
        assert ask(opened, "SELECT count(*) FROM runs") == [(3,)]


def test_rebuilding_reads_everything(home):
    with archive.Archive(home) as opened:
        opened.refresh()
        assert opened.refresh(anew=True).read == 3


def test_where_nothing_can_be_written_all_is_read_for_once(home, monkeypatch):
    def refuse(self, *_, **__):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", lambda self, *a, **k: refuse(self) if self.parent == home else os.mkdir(self))  # fmt: skip
    with archive.Archive(home) as opened:
        found = opened.refresh()
        assert (found.runs, found.kept) == (3, False)
        scratch = opened.folder
        assert ask(opened, "SELECT count(*) FROM runs") == [(3,)]
    assert not scratch.exists()
    assert not (home / ".archive").exists()


WORK = """
import sys
from pathlib import Path
from gaseol.traces import shelf
from gaseol.traces.archive import store as archive
shelf.SETTLED = 0.0
for number in range(4):
    with archive.Archive(Path(sys.argv[1])) as opened:
        opened.refresh(anew=number == 2)
        print(list(opened.ask("SELECT count(*), count(DISTINCT run) FROM verdicts").rows))
"""


def test_two_processes_at_once(home):
    both = [
        subprocess.Popen([sys.executable, "-c", WORK, str(home)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in both:
        out, _ = process.communicate(timeout=100)
        assert process.returncode == 0
        assert out.splitlines() == ["[(15, 3)]"] * 4


WRITES = [
    "INSERT INTO live VALUES ('x', 'y')", "DELETE FROM live", "UPDATE live SET part = ''",
    "DROP VIEW runs", "CREATE TABLE t (a INT)", "ALTER TABLE live ADD COLUMN a INT", "TRUNCATE live",
    "COPY runs TO '{out}'", "COPY live FROM '{secret}'", "EXPORT DATABASE '{out}'",
    "EXPLAIN ANALYZE COPY runs TO '{out}'", "EXPLAIN SELECT 1", "ATTACH '{out}' AS x",
    "ATTACH ':memory:' AS x", "INSTALL httpfs", "LOAD httpfs", "LOAD '{out}'",
    "SET enable_external_access = true", "RESET lock_configuration", "SET threads = 1",
    "PRAGMA enable_profiling", "CALL force_checkpoint()", "BEGIN", "COMMIT", "VACUUM", "CHECKPOINT",
    "PREPARE p AS SELECT 1", "CREATE SECRET (TYPE s3)", "SET VARIABLE a = 1", "USE memory",
    "SELECT 1; DROP VIEW runs", "SELECT 1; SELECT 2", "", ";", "-- nothing",
    "MERGE INTO live USING live AS l ON true WHEN MATCHED THEN DELETE",
]  # fmt: skip


@pytest.mark.parametrize("sql", WRITES)
def test_what_is_no_single_select_is_refused(home, tmp_path, sql):
    with archive.Archive(home) as opened:
        opened.refresh()
        with pytest.raises(archive.Refused, match="only one SELECT may be asked"):
            opened.ask(sql.format(out=tmp_path / "out", secret=tmp_path / "secret"))
    assert not (tmp_path / "out").exists()


SNEAKS = [
    "WITH x AS (INSERT INTO live VALUES ('x', 'y') RETURNING *) SELECT * FROM x",
    "WITH x AS (DELETE FROM live RETURNING *) SELECT * FROM x",
    "WITH x AS (UPDATE live SET part = '' RETURNING *) SELECT * FROM x",
    "WITH x AS (COPY runs TO '{out}') SELECT * FROM x",
    "WITH x AS (COPY (SELECT 1) TO '{part}' (FORMAT csv, USE_TMP_FILE false)) SELECT * FROM x",
    "SELECT * FROM read_csv('{secret}')", "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM read_blob('{secret}')", "SELECT * FROM '{secret}'",
    "SELECT * FROM read_json('{secret}')", "SELECT * FROM sniff_csv('{secret}')",
    "SELECT * FROM parquet_metadata('{part}')", "SELECT * FROM read_parquet('{part}')",
    "SELECT * FROM glob('{out}*')", "SELECT * FROM read_text('/dev/stdin')",
    "SELECT * FROM read_csv('http://127.0.0.1:1/x')", "SELECT * FROM read_parquet('s3://a/b')",
    "SELECT * FROM query('COPY runs TO ''{out}''')", "SELECT getenv('HOME')",
    "SELECT * FROM sqlite_scan('{part}', 'x')", "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('COPY (SELECT 1) TO ''{out}'''))",
    "SELECT * FROM home", "SELECT * FROM opened",
]  # fmt: skip


@pytest.mark.parametrize("sql", SNEAKS)
def test_a_select_reaches_nothing_but_the_tables(home, tmp_path, sql):
    (tmp_path / "secret").write_text("a,b\n1,2\n")
    with archive.Archive(home) as opened:
        opened.refresh()
        (part,) = (home / ".archive" / "parts").iterdir()
        before = {p: p.read_bytes() for p in part.iterdir()}
        asked = sql.format(
            out=tmp_path / "out", secret=tmp_path / "secret", part=part / "runs.parquet"
        )
        with pytest.raises(archive.BadQuestion):
            ask(opened, asked)
        assert {p: p.read_bytes() for p in part.iterdir()} == before
        assert not (tmp_path / "out").exists()
        assert ask(opened, "SELECT count(*) FROM runs") == [(3,)]


def test_what_reading_sql_can_do_it_may(home):
    with archive.Archive(home) as opened:
        opened.refresh()
        for sql in ("DESCRIBE runs", "SUMMARIZE verdicts", "SHOW TABLES", "FROM runs", "VALUES (1)",
                    "WITH x AS (SELECT 1 AS a) SELECT * FROM x;", "SELECT max(started) FROM runs"):  # fmt: skip
            assert ask(opened, sql)


def test_errors_say_what_to_do(home):
    with archive.Archive(home) as opened:
        opened.refresh()
        with pytest.raises(archive.BadQuestion, match="nonsense"):
            ask(opened, "SELECT nonsense FROM runs")
        if __import__("importlib.util").util.find_spec("pytz") is None:
            with pytest.raises(archive.BadQuestion, match="cast it, as in"):
                ask(opened, "SELECT now()")


def test_a_home_with_a_quote_in_its_name(home):
    odd = home.rename(home.with_name("it's \"odd\" ' -- 가"))
    with archive.Archive(odd) as opened:
        assert opened.refresh().runs == 3
        assert ask(opened, "SELECT count(*) FROM runs") == [(3,)]


@pytest.fixture
def varied(ledger, home):
    """Three runs of one question: the same seed twice, one of them with another outcome."""

    def later(events):
        events[0]["at"] = "2020-01-01T00:00:00.000000Z"

    ledger.rewrite(home / "a", later)  # begins first: the reference

    def other(events):
        verdict = next(e for e in events if e["kind"] == "verdict")["data"]["verdict"]
        assert verdict["hypothesis"] == "up"
        verdict["ruling"] = "undecided"
        ended = next(e for e in events if e["kind"] == "run.ended")["data"]
        ended["score"] = {"up": "disagrees", "down": "agrees"}
        ended["cost"] = {"seconds": 1.0, "tokens": 600.0, "money": 0.5}

    ledger.rewrite(home / "c", other)
    return home


def answer(home, name):
    with archive.Archive(home) as opened:
        opened.refresh()
        found = opened.ask(QUESTIONS[name].sql)
        return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def test_which_hypotheses_were_supported(varied):
    rows = {row["statement"]: row for row in answer(varied, "supported")}
    up = rows["the statement of up"]
    assert (up["judged"], up["seeds"], up["supported"], up["undecided"]) == (3, 1, 2, 1)
    assert (up["seeds_supporting"], rows["the statement of down"]["seeds_supporting"]) == (1, 0)
    assert rows["the statement of down"]["refuted"] == 3


def test_what_tokens_bought(varied):
    (row,) = answer(varied, "tokens")
    assert (row["runs"], row["tokens"], row["money"]) == (3, 600, 0.5)
    assert row["decided"] == 14  # of fifteen
    assert row["tokens_per_decided"] == pytest.approx(600 / 14)
    assert row["agreeing"] == 3


def test_where_runs_part(ledger, varied):
    same, other = answer(varied, "divergence")
    assert (same["run"], same["reference"], same["outcome"], same["place"]) == (
        "b",
        "a",
        "same",
        None,
    )
    assert (other["run"], other["outcome"], other["kind"], other["noun"]) == ("c", "differs", "verdict", "up")  # fmt: skip
    event = next(e["seq"] for e in ledger.events(varied / "c") if e["kind"] == "verdict")
    assert other["event"] == other["reference_event"] == event


def test_a_run_that_ends_earlier_is_said_to(ledger, varied):
    def cut(events):
        del events[next(i for i, e in enumerate(events) if e["kind"] == "verdict") :]

    ledger.rewrite(varied / "b", cut)
    row = next(r for r in answer(varied, "divergence") if r["run"] == "b")
    assert row["outcome"] == "ends earlier"
    assert (row["kind"], row["reference_kind"], row["reference_noun"]) == (None, "verdict", "up")


def test_equal_runs_do_not_part_though_their_payloads_are_salted(ledger, tmp_path):
    """Equal payloads have unequal digests, and a registration names payloads."""
    for name in ("a", "b"):
        ledger.write(tmp_path / "runs" / name)
    first = (tmp_path / "runs" / "a" / "events.jsonl").read_bytes()
    assert first != (tmp_path / "runs" / "b" / "events.jsonl").read_bytes()
    (row,) = answer(tmp_path / "runs", "divergence")
    assert row["outcome"] == "same"


def test_which_calls_take_time_and_fail(varied):
    rows = {row["name"]: row for row in answer(varied, "tools")}
    meter = rows["thermometer"]
    assert (meter["failed"], meter["unknown"], meter["usual_failure"]) == (3, 3, "out_of_domain")
    assert meter["median_seconds"] == pytest.approx(0.1)
    assert rows["list_cases"]["calls"] == 3


def test_how_often_decided_hypotheses_were_wrong(varied):
    (row,) = answer(varied, "errors")
    assert (row["runs"], row["scored"], row["agree"], row["disagree"]) == (3, 4, 3, 1)
    assert row["error_rate"] == 0.25
    assert row["falsely_supported"] == 0


def test_how_many_experiments_a_verdict_takes(sealed, varied):
    rows = {(row["process"], row["ruling"]): row for row in answer(varied, "experiments")}
    docket = Docket.of(Trace(sealed))
    assert rows["sign", "refuted"]["median"] == docket.verdicts["down"].draws
    assert rows["law_contest", "refuted"]["verdicts"] == 6


def test_without_the_extra_it_says_what_to_install(home):
    script = (
        "import sys\nsys.modules['duckdb'] = None\nfrom pathlib import Path\n"
        "from gaseol.traces.archive.store import Archive, SearchMissing\n"
        "try:\n    Archive(Path(sys.argv[1]))\nexcept SearchMissing as error:\n    print(error)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, str(home)], capture_output=True, text=True, check=True
    )
    assert (
        said.stdout == "questions across runs need duckdb; install: pip install 'gaseol[search]'\n"
    )


def test_tokens_of_models_are_counted(tmp_path):
    from gaseol.traces.record import event as kinds
    from gaseol.traces.record.recorder import Recorder

    recorder = Recorder(tmp_path / "runs" / "m", {"id": "m"})
    for usage in ({"input_tokens": 5, "output_tokens": 3}, {"input_tokens": "many"}, None):
        asked = recorder.record(kinds.EffectRequested(effect="model", name="tiny", key="0" * 64))
        value = {"text": "x" * 5000, "usage": usage}
        blob = recorder.blobs.spill(value)
        recorder.record(kinds.EffectCompleted(request=asked, blob=blob, seconds=1.0))
    recorder.close()
    with archive.Archive(tmp_path / "runs") as opened:
        assert opened.refresh().skipped == {}
        rows = ask(opened, "SELECT input_tokens, output_tokens FROM effects ORDER BY event")
    assert rows == [(5, 3), (None, None), (None, None)]
    assert json.dumps(rows)

"""`gaseol diff`."""

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

LEDGER = Path(__file__).parents[1] / "traces" / "ledger.py"


@pytest.fixture(scope="module")
def ledger():
    spec = importlib.util.spec_from_file_location("gaseol_tests_ledger_diff", LEDGER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pair(ledger, tmp_path_factory) -> tuple[Path, Path]:
    """Two runs of the same, which no test changes."""
    folder = tmp_path_factory.mktemp("pair")
    return ledger.write(folder / "one"), ledger.write(folder / "two")


def test_the_same(gaseol, pair):
    said = gaseol("diff", *pair)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0].startswith("A: made (made, seed 0, by hand; done, ")
    assert said.out.splitlines()[-1] == "no difference"
    document = gaseol("diff", *pair, "--json").json
    assert document["same"] is True
    assert document["divergence"] is None


def test_a_difference(gaseol, pair, ledger, tmp_path):
    changed = Path(shutil.copytree(pair[1], tmp_path / "changed"))

    def warmer(events):
        (at,) = (
            e["seq"] for e in events
            if e["kind"] == "measurement" and e["data"]["measurement"]["case"] == "p1"
        )  # fmt: skip
        for event in events:
            if event["seq"] == at:
                event["data"]["measurement"]["value"] = 999.0

    ledger.rewrite(changed, warmer)
    said = gaseol("diff", pair[0], changed)
    assert said.code == 1
    assert "they part: event 22" in said.out
    assert " shared measurements differ; the largest relative difference is 0.719" in said.out
    assert "  p1 (pilot): 281 K in A, 999 K in B [A " in said.out
    assert "the same: question, hypotheses," in said.out
    document = gaseol("diff", pair[0], changed, "--json").json
    assert document["same"] is False
    parting = document["divergence"]
    assert (parting["left"], parting["right"]) == (281.0, 999.0)
    assert parting["path"] == "data.measurement.value"
    event = document["differences"]["measurements"][1]["a_event"]
    assert ledger.events(pair[0])[event]["data"]["measurement"]["case"] == "p1"


@pytest.mark.parametrize("words", [[], ["one"], ["nowhere", "{a}"], ["{a}", "nowhere"]])
def test_bad_input(gaseol, pair, words):
    said = gaseol("diff", *(word.format(a=pair[0]) for word in words))
    assert said.code == 2
    assert said.out == ""


def test_records_that_cannot_be_read(gaseol, pair, tmp_path):
    for name, content in (
        ("events.jsonl", b"{}\n"), ("events.jsonl", b"\xff\n"), ("run.json", b"{"),
        ("events.jsonl", b'{"seq":0,"prev":"","at":"2026-01-01T00:00:00Z","cause":null,'
                         b'"kind":"run.started","data":{}}\n'),
    ):  # fmt: skip
        broken = Path(shutil.copytree(pair[1], tmp_path / "broken", dirs_exist_ok=True))
        (broken / name).write_bytes(content)
        for words in ([broken, pair[0]], [pair[0], broken]):
            said = gaseol("diff", *words, "--json")
            assert said.code == 2, (name, content)
            assert said.out == ""
            assert said.err
        shutil.rmtree(broken)


def test_nothing_of_a_record_commands_the_terminal(gaseol, pair, ledger, tmp_path):
    changed = Path(shutil.copytree(pair[1], tmp_path / "changed"))
    evil = "\x1b]0;owned\x07\u202egnp.exe"

    def rename(events):
        for event in events:
            if event["kind"] == "hypothesis.proposed":
                event["data"]["hypothesis"]["statement"] = f"{evil} {event['seq']}"

    ledger.rewrite(changed, rename)
    said = gaseol("diff", pair[0], changed)
    assert said.code == 1
    assert "gnp.exe" in said.out
    assert not set(said.out) & {"\x1b", "\x07", "\u202e"}

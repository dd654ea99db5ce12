"""What `gaseol show --json` prints."""

import json

from gaseol.traces import Docket, Trace
from gaseol.traces.summary import rows, summary


def test_the_promised_keys_are_there(sealed):
    docket = Docket.of(Trace(sealed))
    found = summary(docket, str(sealed), "done")
    assert {"run", "status", "hypotheses", "claims", "cost"} <= set(found)
    assert json.loads(json.dumps(found)) == found
    for row in found["hypotheses"]:
        promised = {"id", "statement", "verdict", "log_e_for", "log_e_against", "experiments"}
        assert promised <= set(row)
    assert (found["run"], found["status"]) == (str(sealed), "done")
    assert found["cost"]["tool_calls"] == 60
    assert found["turned_away"] == [
        {"id": "spare", "statement": "the statement of spare", "reason": "a duplicate of up"}
    ]
    assert found["notes"] == ["no tblite"]


def test_a_row_says_what_the_verdict_says(sealed):
    docket = Docket.of(Trace(sealed))
    found = {row["id"]: row for row in rows(docket)}
    assert {h: row["verdict"] for h, row in found.items()} == {
        "up": "supported", "down": "refuted", "square": "supported",
        "linear": "refuted", "flat": "refuted",
    }  # fmt: skip
    for name, verdict in docket.verdicts.items():
        assert found[name]["log_e_for"] == verdict.log_e_for
        assert found[name]["log_e_against"] == verdict.log_e_against
        assert found[name]["experiments"] == verdict.draws
        assert found[name]["reason"] == verdict.reason
    assert found["up"]["score"] == "agrees"
    assert found["down"]["score"] is None


def test_before_the_end_a_crossing_is_provisional(book):
    pairs = [(f"a{i}", f"b{i}") for i in range(20)]
    book.register_pairs("h", pairs)
    book.try_pair("h", pairs[0], 1.0)
    assert rows(book.docket)[0]["verdict"] == "open"
    assert rows(book.docket)[0]["experiments"] == 1
    for pair in pairs[1:10]:
        book.try_pair("h", pair, 1.0)
    assert rows(book.docket)[0]["verdict"] == "provisionally supported"


def test_claims_say_whether_they_hold(ledger, run):
    def change(events):
        audit = next(e for e in reversed(events) if e["kind"] == "audit")
        audit["data"]["audit"]["supported"] = False

    ledger.rewrite(run, change)
    found = summary(Docket.of(Trace(run)), "r", "done")["claims"]
    assert [c["supported"] for c in found] == [True] * 5 + [False]
    assert found[-1]["text"].startswith("On average it was ")


def test_a_run_of_nothing_has_a_summary():
    found = summary(Docket(), "r", "running")
    assert found["hypotheses"] == []
    assert found["question"] is None
    assert found["cost"] == {}

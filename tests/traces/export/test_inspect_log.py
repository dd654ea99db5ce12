"""A run as an Inspect log, written and read back by Inspect itself, in its own environment."""

import importlib.util
import json

import pytest

from gaseol.traces import Docket, Trace
from gaseol.traces.export.inspect_log import InspectMissing, write_log

READ = """
import json, sys
from inspect_ai.log import read_eval_log
log = read_eval_log(sys.argv[1])
(sample,) = log.samples
print(json.dumps({
    "status": log.status, "task": log.eval.task, "model": log.eval.model,
    "metadata": log.eval.metadata,
    "metrics": {k: v.value for k, v in log.results.scores[0].metrics.items()},
    "scores": {k: [v.value, v.metadata["known"]] for k, v in sample.scores.items()},
    "claims": sample.metadata["claims"], "input": sample.input,
    "usage": {k: v.total_tokens for k, v in sample.model_usage.items()},
    "events": [[e.event, getattr(e, "source", None) or getattr(e, "function", None),
                getattr(e, "failed", None), (e.metadata or {}).get("event")] for e in sample.events],
}))
"""


@pytest.mark.skipif(importlib.util.find_spec("inspect_ai") is not None, reason="it is installed")
def test_without_inspect_it_says_what_to_install(sealed, tmp_path):
    with pytest.raises(InspectMissing, match="pip install gaseol inspect-ai"):
        write_log(sealed, tmp_path / "x.eval")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_inspect_reads_what_was_written(sealed, tmp_path, interop):
    out = tmp_path / "run.eval"
    said = interop("-m", "gaseol", "export", sealed, "--format", "inspect", "--out", out)
    assert said == f"inspect: {out}\n"
    found = json.loads(interop("-c", READ, out).splitlines()[-1])
    docket = Docket.of(Trace(sealed))
    events = list(Trace(sealed).events())
    assert (found["status"], found["task"], found["model"]) == ("success", "made", "gaseol/by hand")
    assert found["input"] == "what is warmer?"
    assert found["metadata"]["gaseol.head"] == events[-1].digest
    rulings = [v.ruling.value for v in docket.verdicts.values()]
    assert found["metrics"] == {w: rulings.count(w) for w in found["metrics"]}
    assert {h: v[0] for h, v in found["scores"].items()} == {
        h: v.ruling.value for h, v in docket.verdicts.items()
    }
    assert found["scores"]["up"][1] == "agrees"
    assert [c["text"] for c in found["claims"]] == [str(c) for c in docket.claims.values()]
    calls = [e for e in found["events"] if e[0] == "tool"]
    asked = [e for e in events if e.kind == "effect.requested"]
    assert sorted(e[3] for e in calls) == [e.seq for e in asked]
    assert sum(e[2] for e in calls) == 2
    told = [e[1] for e in found["events"] if e[0] == "info"]
    assert told.count("measurement") == len(docket.measurements)
    assert [e[0] for e in found["events"]].count("span_begin") == 1
    assert [e[0] for e in found["events"]].count("span_end") == 1

"""Two runs side by side: where they part, and what differs by noun."""

import random
import shutil
from pathlib import Path

import orjson
import pytest
from pydantic import ValidationError

from gaseol.traces import Trace
from gaseol.traces.comparison.two import NOUNS, Comparison, compare
from gaseol.traces.evidence.judge import Judge
from gaseol.traces.nouns.claim import Claim, Figure
from gaseol.traces.nouns.hypothesis import Condition, Groups, Hypothesis, Trend
from gaseol.traces.nouns.measurement import Measurement
from gaseol.traces.record import event as kinds
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.recorder import Recorder
from gaseol.traces.record.trace import BrokenLine

RUN = {
    "id": "made", "seed": 0, "scientist": "by hand", "python": "3.11.1",
    "scenario": {"name": "made", "budget": {"seconds": 60}},
    "versions": {"gaseol": "1"}, "tools": {"thermometer": "1", "spare": "5"},
}  # fmt: skip

IDEAS = {"size": "raises", "weight": "lowers"}


QUIET = {
    "seconds", "cpu_seconds", "origin", "isolation", "notes", "code", "scenario_sha256",
    "answer_salt", "key", "fingerprint", "bytes", "media",
}  # fmt: skip
"""Members that no two runs share, or that follow from others."""


def leaves(value, path=()):
    """Yield the path of every number and text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for key, inner in enumerate(value):
            yield from leaves(inner, (*path, key))
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield path


@pytest.fixture
def make(ledger, tmp_path):
    """Make a run: the same every time, but for what is asked to differ."""
    numbers = iter(range(100))

    class Lab(ledger.Book):
        def __init__(self, folder: Path, run: dict) -> None:
            self.folder = folder
            self.docket, self.recorder = Docket(), Recorder(folder, run)
            self.blobs = self.recorder.blobs
            self.judge = Judge(self.docket, self.blobs)
            self.m, self.alpha, self.count = 5, 0.05, 0

        def start(self, **changes) -> None:
            said = {
                "scenario": "made", "question": "what is warmer?", "scientist": "by hand",
                "graph": "none", "seed": 0, "hypotheses": 5, "alpha": 0.05,
                "budget": {"seconds": 60.0}, **changes,
            }  # fmt: skip
            self.add(kinds.RunStarted(**said))

    def go(
        *, run=None, start=None, names=("h1", "h2"), pairs=6, values=None, status="done",
        spent=None, drawing=b"<svg/>", score=None,
    ) -> Trace:  # fmt: skip
        book = Lab(tmp_path / f"run{next(numbers)}", {**RUN, **(run or {})})
        book.start(**(start or {}))
        for name, (variable, way) in zip(names, IDEAS.items(), strict=True):
            relation = Trend(variable=variable, direction=way)
            idea = Hypothesis(
                id=name, statement=f"{variable} {way} it", relation=relation, proposed_by="us", bits=1
            )  # fmt: skip
            book.add(kinds.HypothesisProposed(hypothesis=idea))
        drawn = [(f"a{i}", f"b{i}") for i in range(pairs)]
        for name in names:
            book.register_pairs(name, drawn)
        for pair in drawn:
            book.experiment(names[0], pair)
            for case, default in zip(pair, (305.0, 300.0), strict=True):
                book.measure(case, (values or {}).get(case, default))
            book.weigh(names[0])
        asked = book.request("thermometer", {"case": "x" * 5000})
        picture = book.blobs.put(drawing, "image/svg+xml")
        book.add(
            kinds.EffectCompleted(request=asked, value={}, media={"d": picture}, seconds=1.0), asked
        )
        book.conclude()
        ended = {"seconds": 5.0, "tool_calls": 12.0, **(spent or {})}
        book.add(kinds.RunEnded(status=status, cost=ended, score=score or {}))
        book.recorder.seal()
        return Trace(book.folder)

    return go


def said(found: Comparison) -> str:
    return "\n".join(d.what for noun in NOUNS for d in found.differences[noun])


def differing(found: Comparison) -> set[str]:
    return {noun for noun, differences in found.differences.items() if differences}


def test_a_run_is_the_same_as_itself_and_as_its_twin(make):
    """The twin has other times, other salts and so another chain."""
    a, b = make(), make()
    for other in (a, b):
        found = compare(a, other)
        assert found.same
        assert found.divergence is None
        assert found.notes == []
        assert said(found) == ""
        document = found.to_json()
        assert set(document["differences"]) == set(NOUNS)
        assert document["a"]["events"] == len(list(a))
        orjson.dumps(document)


def test_the_order_in_which_parallel_answers_came_is_no_difference(ledger, tmp_path):
    def run(name: str, order: list[int]) -> Trace:
        book = ledger.Book(tmp_path, tmp_path / name)
        asked = [book.request("thermometer", {"case": f"c{i}"}) for i in range(3)]
        for i in order:
            book.add(kinds.EffectCompleted(request=asked[i], value=i, seconds=0.1), asked[i])
        book.add(kinds.RunEnded(status="done"))
        book.recorder.seal()
        return Trace(tmp_path / name)

    assert compare(run("one", [0, 1, 2]), run("two", [2, 0, 1])).same


def test_ids_are_no_difference(make):
    found = compare(make(), make(names=("h7", "h9")))
    assert found.divergence is not None, "the events say other ids"
    assert differing(found) == set()


def test_a_value_that_differs(make):
    found = compare(make(), make(values={"a2": 305.5}))
    parting = found.divergence
    assert parting is not None
    assert (parting.noun, parting.path) == ("effects", "data.value.t.mean")
    assert parting.left == pytest.approx(31.85)
    assert parting.right == pytest.approx(32.35)
    assert parting.what.startswith(f"event {parting.a}: the same was asked in event ")
    first, example = found.differences["measurements"]
    assert first.what.startswith("1 of 12 shared measurements differ; the largest relative")
    assert "0.00164" in first.what
    assert example.what == "a2 (test): 305 K in A, 305.5 K in B"
    assert (example.a, example.b) == (pytest.approx(305.0), pytest.approx(305.5))
    events = list(make())
    assert events[example.a_event].kind == "measurement"
    assert differing(found) == {"measurements", "claims"}
    assert "mean 302.5 in A, 302.5416667 in B" in said(found)


def test_many_values_are_one_sentence_and_five_examples(make):
    warmer = {f"{side}{i}": 400.0 + i for side in "ab" for i in range(40)}
    found = compare(make(pairs=40), make(pairs=40, values=warmer))
    told = found.differences["measurements"]
    assert len(told) == 6
    assert told[0].what.startswith("80 of 80 shared measurements differ")


def test_a_failure_and_a_value(make):
    found = compare(make(), make(values={"b1": None}))
    assert "b1 (test): 300 K in A, failed: out_of_domain in B" in said(found)
    assert "1 of them failed in one run" in said(found)
    assert "verdicts" in differing(found)


def test_a_request_that_differs(ledger, tmp_path):
    def run(name: str, smiles: str, tool: str = "boil") -> Trace:
        book = ledger.Book(tmp_path, tmp_path / name)
        book.request(tool, {"smiles": smiles, "pressure": 1.0})
        book.add(kinds.RunEnded(status="done"))
        book.recorder.seal()
        return Trace(tmp_path / name)

    one = run("one", "CCO")
    found = compare(one, run("two", "CCN"))
    assert found.divergence.what == "event 1: A asks boil with smiles=CCO, B with smiles=CCN"
    assert compare(one, run("three", "CCO", "melt")).divergence.what == (
        "event 1: A asks boil, B asks melt"
    )
    large = compare(run("four", "C" * 9000), run("five", "C" * 8999 + "N"))
    assert large.divergence.path == "data.arguments.smiles"


def test_large_payloads_are_compared_wherever_they_are_kept(ledger, tmp_path):
    """The same arguments in an event and in a blob are the same; other ones are told."""

    def run(name: str, count: int, *, inline: bool = False) -> Trace:
        book = ledger.Book(tmp_path, tmp_path / name)
        arguments = {"smiles": [f"C{i}" for i in range(2000)], "count": count}
        blob = None if inline else book.blobs.put_json(arguments)
        book.add(
            kinds.EffectRequested(
                effect="tool", name="t", key="0" * 64, blob=blob,
                arguments=arguments if inline else {},
            )
        )  # fmt: skip
        book.add(kinds.RunEnded(status="done"))
        book.recorder.seal()
        return Trace(tmp_path / name)

    one = run("one", 1)
    assert compare(one, run("two", 1)).same
    assert compare(one, run("three", 1, inline=True)).same
    found = compare(one, run("four", 2)).divergence
    assert found.what == "event 1: A asks t with count=1, B with count=2"


def test_a_run_that_ends_earlier(make, ledger, tmp_path):
    a = make()
    b = make(pairs=6)
    content = (b.folder / "events.jsonl").read_bytes().splitlines(keepends=True)
    (b.folder / "events.jsonl").write_bytes(b"".join(content[:-2]))
    found = compare(a, b)
    assert found.divergence.what.startswith("B ends here; A goes on with event ")
    assert found.divergence.b is None
    assert "A is done, B is running" in said(found)
    turned = compare(b, a).divergence
    assert turned.what.startswith("A ends here; B goes on")
    assert (turned.a, turned.b) == (None, found.divergence.a)


def test_other_questions_are_said_first_and_compared_all_the_same(make):
    scenario = {"name": "other", "budget": {"seconds": 60}}
    found = compare(make(), make(run={"scenario": scenario}, start={"scenario": "other"}))
    first = found.differences["question"][0]
    assert first.what == "A asks 'made', B asks 'other': these are different questions"
    assert found.divergence.path == "data.scenario"
    assert differing(found) == {"question"}, "the rest is the same, and was compared"


def test_the_question(make):
    changed = {"scenario": {"name": "made", "budget": {"seconds": 90, "money": 1}}, "seed": 3}
    found = compare(make(), make(run=changed, start={"seed": 3}))
    assert [d.what for d in found.differences["question"]] == [
        "seed: 0 in A, 3 in B",
        "budget.seconds: 60 in A, 90 in B",
        "budget.money: nothing in A, 1 in B",
    ]


def test_files_of_the_scenario_are_compared_by_content(ledger, tmp_path):
    def run(name: str, text: bytes) -> Trace:
        recorder = Recorder(tmp_path / name, RUN)
        said = {
            "scenario": "made", "question": "?", "scientist": "s", "graph": "g", "seed": 0,
            "hypotheses": 1, "alpha": 0.05, "budget": {},
        }  # fmt: skip
        file = recorder.blobs.put(text, "text/plain")
        recorder.record(kinds.RunStarted(**said, files={"quartz.cif": file}))
        recorder.seal()
        return Trace(tmp_path / name)

    one = run("one", b"data_quartz")
    assert compare(one, run("two", b"data_quartz")).same
    assert said(compare(one, run("three", b"data_glass"))) == (
        "the file quartz.cif has another content"
    )


def test_hypotheses_are_matched_by_content(ledger, tmp_path):
    cuts = (Condition(variable="x", at_least=1), Condition(variable="y", at_most=2))

    def run(name: str, ideas: list) -> Trace:
        book = ledger.Book(tmp_path, tmp_path / name)
        for n, relation in enumerate(ideas):
            book.propose(f"h{n}", relation)
        book.add(kinds.HypothesisTurnedAway(hypothesis="h0", reason=f"reason of {name}"))
        book.recorder.seal()
        return Trace(tmp_path / name)

    trend = Trend(variable="size", direction="raises")
    group = Groups(inside=cuts, direction="raises")
    turned = Groups(inside=cuts[::-1], direction="raises")
    found = compare(run("a", [trend, group]), run("b", [turned, trend]))
    told = [d.what for d in found.differences["hypotheses"]]
    # the statements name the ids, so they differ; nothing is in one run only
    assert not any("only" in what for what in told)
    assert "turned away (reason of a) in A, not turned away in B" in "\n".join(told)
    twice = compare(run("c", [trend, trend]), run("d", [trend]))
    assert "'the statement of h1' (h1) is proposed in A only" in said(twice)


def test_registrations_experiments_and_verdicts_of_one_run_only_are_one_sentence(make):
    a = make()
    b = make()
    ledger_lines = (b.folder / "events.jsonl").read_bytes()
    (b.folder / "events.jsonl").write_bytes(
        ledger_lines.replace(b'"variable":"size"', b'"variable":"bulk"')
    )
    found = compare(a, b)
    assert [d.what for d in found.differences["registrations"]] == [
        "A alone has registrations for 1 hypothesis that the other run did not propose",
        "B alone has registrations for 1 hypothesis that the other run did not propose",
    ]
    assert len(found.differences["experiments"]) == 2
    assert len(found.differences["verdicts"]) == 2


def test_a_longer_plan(make):
    found = compare(make(pairs=6), make(pairs=8))
    told = said(found)
    assert "criterion.draws: 6 in A, 8 in B" in told
    assert "the sealed order of draws differs in 2 places" in told
    assert "6 experiments in A, 8 in B; the 6 that both have are the same" in told
    assert "4 of 16 measurements are in B only: a6 (test), b6 (test)" in told
    assert "undecided after 6 draws" in told


def test_cost_score_and_versions(make):
    other = {"python": "3.12.0", "versions": {"gaseol": "2"},
             "tools": {"thermometer": "1", "spare": "6", "new": "1"}}  # fmt: skip
    b = make(
        run=other, spent={"tool_calls": 14.0, "seconds": 99.0}, start={"code": "c"},
        score={"h1": "agrees"}, status="budget",
    )  # fmt: skip
    found = compare(make(), b)
    assert [d.what for d in found.differences["cost"]] == [
        "A is done, B is budget", "tool calls: 12 in A, 14 in B",
    ]  # fmt: skip
    assert [d.what for d in found.differences["versions"]] == [
        "python: 3.11.1 in A, 3.12.0 in B",
        "gaseol: 1 in A, 2 in B",
        "gaseol's own code: nothing in A, c in B",
        "the tool spare (neither run asked it): version 5 in A, 6 in B",
        "1 tool is in B only: new",
    ]
    assert found.differences["verdicts"][0].what == (
        "'size raises it' (h1) against what is known: nothing in A, agrees in B"
    )


def test_a_tool_of_another_version_is_told_and_does_not_part_the_runs(make):
    a, b = make(), make()
    content = (b.folder / "events.jsonl").read_bytes()
    (b.folder / "events.jsonl").write_bytes(content.replace(b'"version":"1"', b'"version":"2"'))
    found = compare(a, b)
    assert found.divergence is None
    assert [d.what for d in found.differences["versions"]] == [
        "the tool thermometer: version 1 in A, 2 in B"
    ]


def test_a_fork_that_does_the_same_does_not_part_from_its_parent(make, ledger):
    """Its record has one event more, so every position after that is another one."""
    a, b = make(), make()

    def branch(events):
        where = {"parent": "made", "at": 9, "head": "0" * 64}
        forked = {**events[0], "cause": None, "kind": "run.forked", "data": where}
        for event in events:
            event["cause"] = event["cause"] and event["cause"] + 1
            data = event["data"]
            if "request" in data:
                data["request"] += 1
            if "measurement" in data:
                data["measurement"]["request"] += 1
            if "evidence" in data:
                data["evidence"]["measurements"] = [p + 1 for p in data["evidence"]["measurements"]]
            for figure in data.get("claim", {}).get("figures", {}).values():
                figure["measurements"] = [p + 1 for p in figure["measurements"]]
        events.insert(1, forked)

    ledger.rewrite(b.folder, branch)
    found = compare(a, Trace(b.folder))
    assert found.divergence is None, found.divergence
    assert said(found) == "branched off: nothing in A, made before event 9 in B"
    ledger.rewrite(b.folder, lambda events: events[-3]["data"]["claim"]["figures"]["mean"].update(
        measurements=[2]))  # fmt: skip
    parting = compare(a, Trace(b.folder)).divergence
    assert parting.path.startswith("data.claim.figures.mean.measurements")
    assert parting.b == parting.a + 1


def test_hypotheses_that_share_draws_are_compared_together(ledger, tmp_path):
    def run(name: str, designs: list[tuple[tuple[str, ...], str]]) -> Trace:
        book = ledger.Book(tmp_path, tmp_path / name)
        for each in ("x", "y", "z"):
            book.propose(each, Trend(variable=each, direction="raises"))
        for names, case in designs:
            book.experiment(names, (case,), draw=0)
        book.recorder.seal()
        return Trace(tmp_path / name)

    both, one = ("x", "y"), ("x",)
    a = run("a", [(both, "d1"), (one, "d2"), (("z",), "e1")])
    assert compare(a, run("b", [(both, "d1"), (("z",), "e1"), (one, "d2")])).differences[
        "experiments"
    ] == []  # fmt: skip
    (other,) = compare(a, run("c", [(both, "d1"), (both, "d2"), (("z",), "e1")])).differences[
        "experiments"
    ]
    assert other.what == (
        "2 hypotheses (x, y): 2 experiments in A, 2 in B; the first to differ is number 2: "
        "d2 (draw 0) in A, d2 (draw 0, for 2 hypotheses) in B"
    )


def test_a_tool_that_changed_on_the_way(make, ledger):
    a, b = make(), make()
    late = [e.seq for e in b if e.kind == "effect.requested"][5]
    ledger.rewrite(b.folder, lambda events: events[late]["data"].update(version="2"))
    (found,) = compare(a, Trace(b.folder)).differences["versions"]
    assert found.what == "the tool thermometer: version 1 in A, 1 and 2 in B"
    assert (found.a_event, found.b_event) == (None, late)


def test_every_change_is_found_where_it_is(make, ledger):
    """Leaf by leaf; what is not told is what times, salts and derived digests say."""
    a, b = make(pairs=2), make(pairs=2)
    events = ledger.events(b.folder)
    places = [(n, path) for n, e in enumerate(events) for path in leaves(e["data"])]
    chosen = random.Random(0).sample(places, 120)
    for n, path in chosen:

        def change(found, n=n, path=path):
            found[:] = orjson.loads(orjson.dumps(events))
            inner = found[n]["data"]
            for key in path[:-1]:
                inner = inner[key]
            value = inner[path[-1]]
            inner[path[-1]] = value + "x" if isinstance(value, str) else (value or 0) + 1

        ledger.rewrite(b.folder, change)
        try:
            found = compare(a, Trace(b.folder))
        except ValidationError:
            continue  # no event of its kind any more
        kind, name = events[n]["kind"], str(path[-1])
        if path[0] != "budget" and (name in QUIET or (kind, name) == ("registration", "digest")):
            assert found.divergence is None
        elif name == "version":
            assert found.differences["versions"]
        else:
            assert found.divergence is not None, (kind, path)
            assert found.divergence.b == n


def test_claims(ledger, tmp_path):
    def run(name: str, text: str, value: float) -> Trace:
        book = ledger.Book(tmp_path, tmp_path / name)
        figure = Figure(statistic="count", value=value)
        book.add(kinds.Claimed(claim=Claim(id=f"c-{name}", text=text, figures={"n": figure})))
        book.recorder.seal()
        return Trace(tmp_path / name)

    one = run("a", "There were {n}.", 3.0)
    assert not differing(compare(one, run("b", "There were {n}.", 3.0)))
    assert (
        said(compare(one, run("c", "There were {n}.", 4.0))) == "'There were 3.': n 3 in A, 4 in B"
    )
    other = said(compare(one, run("d", "Count: {n}.", 3.0)))
    assert other == ("'There were 3.' is claimed in A only\n'Count: 3.' is claimed in B only")


def test_one_file_in_two_copies_is_the_same_even_where_it_is_withheld(make, tmp_path):
    a = make()
    copy = Path(shutil.copytree(a.folder, tmp_path / "copy"))
    for path in (copy / "blobs" / "sha256").iterdir():
        path.unlink()
    found = compare(a, Trace(copy))
    assert found.same
    assert found.notes == []


@pytest.mark.parametrize("withheld", [False, True])
def test_payloads_that_are_not_there_are_noted(make, withheld):
    a, b = make(), make(drawing=b"<svg>another</svg>")
    assert not compare(a, b).same
    (event,) = (e for e in b if e.data.get("media"))
    name = event.data["media"]["d"]["sha256"]
    (b.folder / "blobs" / "sha256" / name).unlink()
    if withheld:
        (b.folder / "withheld.json").write_bytes(orjson.dumps({name: {"reason": "private"}}))
    found = compare(a, Trace(b.folder))
    word = "withheld" if withheld else "missing"
    assert found.notes == [f"1 payload could not be compared: {word} in one of the runs"]
    assert found.divergence is None


def test_true_is_not_one(ledger, tmp_path):
    def run(name: str, value: object) -> Trace:
        book = ledger.Book(tmp_path, tmp_path / name)
        asked = book.request("t", {})
        book.add(kinds.EffectCompleted(request=asked, value=[{"v": value}], seconds=0.1), asked)
        book.recorder.seal()
        return Trace(tmp_path / name)

    one = run("a", True)
    assert compare(one, run("b", 1)).divergence.path == "data.value.0.v"
    assert compare(run("c", 1), run("d", 1.0)).same


def test_a_broken_record_is_refused(make):
    a, b = make(), make()
    content = (b.folder / "events.jsonl").read_bytes()
    (b.folder / "events.jsonl").write_bytes(content[:300] + b"\n" + content[300:])
    with pytest.raises(BrokenLine):
        compare(a, b)
    with pytest.raises(BrokenLine):
        compare(b, a)


def test_hostile_contents_are_told_in_short_lines(ledger, tmp_path):
    def run(name: str, text: str) -> Trace:
        book = ledger.Book(tmp_path, tmp_path / name)
        book.request("t", {"text": text})
        for n in range(300):
            book.propose(f"h{n}", Trend(variable=f"{name}{n}", direction="raises"))
        book.recorder.seal()
        return Trace(tmp_path / name)

    found = compare(run("a", "x\n" * 500_000), run("b", "<script>" * 100_000))
    document = orjson.dumps(found.to_json())
    assert len(document) < 200_000
    assert len(found.differences["hypotheses"]) == 101
    assert found.differences["hypotheses"][-1].what == "and 500 more differences"
    assert len(found.divergence.what) < 500
    assert "\n" not in found.divergence.what


def test_a_deep_payload_is_compared(ledger, tmp_path):
    def run(name: str, end: int) -> Trace:
        book = ledger.Book(tmp_path, tmp_path / name)
        deep: object = end
        for _ in range(200):
            deep = [deep]
        asked = book.request("t", {})
        book.add(kinds.EffectCompleted(request=asked, value=deep, seconds=0.1), asked)
        book.recorder.seal()
        return Trace(tmp_path / name)

    assert compare(run("a", 1), run("b", 2)).divergence.path.endswith(".0.0")


def test_memory_stays_small(tmp_path):
    """Thousands of measurements take a few megabytes, however large their events are."""
    import tracemalloc

    recorder = Recorder(tmp_path / "run", RUN)
    said = {
        "scenario": "made", "question": "?", "scientist": "s", "graph": "g", "seed": 0,
        "hypotheses": 1, "alpha": 0.05, "budget": {},
    }  # fmt: skip
    recorder.record(kinds.RunStarted(**said))
    for n in range(1500):
        asked = recorder.record(
            kinds.EffectRequested(
                effect="tool", name="t", arguments={"pad": "x" * 2000, "n": n}, key="0" * 64
            )
        )
        value = {"v": float(n), "pad": "y" * 2000}
        recorder.record(kinds.EffectCompleted(request=asked, value=value, seconds=0.1), asked)
        recorder.record(
            kinds.Measured(
                measurement=Measurement(
                    case=f"c{n}", quantity="q", tool="t", request=asked, path=("v",),
                    raw=float(n), value=float(n),
                )
            )
        )  # fmt: skip
    recorder.seal()
    shutil.copytree(tmp_path / "run", tmp_path / "copy")
    tracemalloc.start()
    found = compare(Trace(tmp_path / "run"), Trace(tmp_path / "copy"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.same
    assert peak < 4_000_000, "the two records are 8 MB each"

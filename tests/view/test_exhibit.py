"""What a page is told of a run."""

import base64
import struct

import orjson
import pytest

from gaseol.traces.evidence.process import BoundedMean, Census, LawContest, Sign
from gaseol.traces.nouns.registration import Criterion
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.trace import Trace
from gaseol.traces.view.criterion import criterion
from gaseol.traces.view.exhibit import PARTS, Exhibit


@pytest.fixture
def exhibit(sealed):
    return Exhibit(sealed)


def test_every_part_is_json(exhibit):
    for name in (*PARTS, "standing", "inspection", "replay", "reviews"):
        assert orjson.loads(orjson.dumps(exhibit.part(name))) is not False
    with pytest.raises(KeyError):
        exhibit.part("../run.json")


def test_the_board_says_what_the_docket_says(exhibit, sealed):
    docket, board = Docket.of(Trace(sealed)), exhibit.part("board")
    assert [c["id"] for c in board["claims"]] == list(docket.claims)
    assert {h["id"]: h["standing"] for h in board["hypotheses"]} == {
        name: v.ruling.value for name, v in docket.verdicts.items()
    }
    for h in board["hypotheses"]:
        assert h["registered_at"] == docket.positions[f"registration:{h['id']}"]
        counted = [e for e in docket.evidence[h["id"]] if e.admissible]
        assert sum(h["tally"].values()) - h["tally"]["not_counted"] == len(counted)
    assert board["turned_away"][0]["reason"] == "a duplicate of up"


def test_a_claim_names_the_measurements_behind_its_numbers(exhibit, sealed):
    docket = Docket.of(Trace(sealed))
    claims = {c["id"]: c for c in exhibit.part("board")["claims"]}
    for name, claim in docket.claims.items():
        assert "".join(
            p if isinstance(p, str) else claims[name]["figures"][p["figure"]]["shown"]
            for p in claims[name]["parts"]
        ) == str(claim)
    figures = claims["c0"]["figures"]
    expected = [p for e in docket.evidence["up"] if e.admissible for p in e.measurements]
    assert figures["hits"]["measurements"] == expected
    assert figures["hits"]["cited"] == len(expected)
    mean = claims["c-mean"]["figures"]["mean"]
    assert all(p in docket.measurements for p in mean["measurements"])


def test_curves_and_sheet_are_the_records(exhibit, sealed):
    docket = Docket.of(Trace(sealed))
    curves, sheet = exhibit.part("curves"), exhibit.part("sheet")
    for name, evidence in docket.evidence.items():
        assert curves[name]["for"] == [e.log_e_for for e in evidence]
        assert curves[name]["measurements"] == [list(e.measurements) for e in evidence]
    assert sheet["seq"] == list(docket.measurements)
    assert sheet["value"] == [m.value for m in docket.measurements.values()]
    cases = [sheet["texts"][code] for code in sheet["case"]]
    assert cases == [m.case for m in docket.measurements.values()]


def test_laws_stand_beside_what_was_measured(exhibit, sealed):
    fits, docket = exhibit.part("fits"), Docket.of(Trace(sealed))
    assert set(fits) == {"square", "linear", "flat"}
    for name, fit in fits.items():
        counted = [e for e in docket.evidence[name] if e.admissible and e.outcome is not None]
        assert len(fit["points"]) == len(counted)
        assert fit["unit"] == "K"
    assert fits["square"]["spread"] < fits["linear"]["spread"] < fits["flat"]["spread"]


def test_facets_tell_hypotheses_of_measurements(exhibit, sealed):
    facets = exhibit.part("facets")
    count = len(exhibit.skeleton)
    codes = struct.unpack(f"<{count}H", base64.b64decode(facets["hypothesis"]))
    several = {seq: rest for seq, *rest in facets["several"]}
    for name, evidence in Docket.of(Trace(sealed)).evidence.items():
        code = facets["hypotheses"].index(name)
        for e in evidence:
            for position in e.measurements:
                assert code in several.get(position, [codes[position]])


def test_steps_tell_what_changed(exhibit):
    (step,) = exhibit.part("facets")["steps"]
    assert step["step"] == "survey"
    assert step["change"] == {"wave": [None, 0]}
    assert step["end"] > step["seq"]


def test_chunks_hold_all_events_with_their_sentences(exhibit, sealed):
    told = [e for n in range(exhibit.chunks()) for e in exhibit.chunk(n)]
    assert [e["seq"] for e in told] == list(range(len(exhibit.skeleton)))
    for event, said in zip(Trace(sealed), told, strict=True):
        assert said["data"] == event.data
        assert said["digest"] == event.digest
        assert said["story"]
    for wrong in (-1, exhibit.chunks()):
        with pytest.raises(KeyError):
            exhibit.chunk(wrong)
    with pytest.raises(KeyError):
        exhibit.event(len(told))


def test_a_heavy_event_comes_alone(hostile):
    exhibit = Exhibit(hostile)
    told = [e for n in range(exhibit.chunks()) for e in exhibit.chunk(n)]
    heavy = [e["seq"] for e in told if e["data"] is None]
    assert heavy
    assert len(orjson.dumps(told)) < 1_000_000
    assert len(orjson.dumps(exhibit.event(heavy[0]))) > 1_000_000


def test_payloads_are_told_or_said_to_be_lost(run):
    exhibit = Exhibit(run)
    (blob, seq) = exhibit.blobs()[0]
    found = exhibit.blob(blob.sha256)
    assert orjson.loads(found["text"])
    assert found["seq"] == seq
    with pytest.raises(KeyError):
        exhibit.blob("../../run.json")
    place = run / "blobs" / "sha256" / blob.sha256
    content = place.read_bytes()
    place.write_bytes(content[:-1] + b"x")
    assert Exhibit(run).blob(blob.sha256)["lost"] == "altered"
    place.unlink()
    lost = Exhibit(run).blob(blob.sha256)
    assert lost["lost"] == "missing"
    assert str(run) not in str(lost)


def test_search_finds_what_is_folded_away(exhibit):
    def found(query):
        hits, start = [], 0
        while start is not None:
            said = exhibit.search(query, start)
            hits, start = hits + said["hits"], said["next"]
        return hits

    assert {h["in"] for h in found("case 399")} == {"blob"}
    assert [h["in"] for h in found("THE POWER WENT")] == ["event"]
    assert found("is registered")  # words of the sentence, not of the event
    assert found("nothing says this") == []
    assert found("") == []
    assert found('"quoted"') == []


def test_a_run_that_grows_is_stale(run):
    exhibit = Exhibit(run)
    assert not exhibit.stale()
    with (run / "events.jsonl").open("ab") as file:
        file.write(b"{")
    assert exhibit.stale()


@pytest.mark.parametrize("damage", ["torn", "no run.json object", "no events"])
def test_a_damaged_record_is_shown_as_far_as_it_goes(run, damage):
    events = run / "events.jsonl"
    if damage == "torn":
        events.write_bytes(events.read_bytes()[:-100])
    elif damage == "no events":
        events.write_bytes(b"")
    else:
        (run / "run.json").write_text("[]")
    exhibit = Exhibit(run)
    for name in PARTS:
        exhibit.part(name)
    assert exhibit.part("standing")["holds"] is False or damage == "no events"


def test_events_of_the_wrong_shape_are_said_and_shown(run, ledger):
    def spoil(events):
        claim = next(e for e in events if e["kind"] == "claim")
        claim["data"] = {"claim": {"id": 7}}
        evidence = next(e for e in events if e["kind"] == "evidence")
        evidence["data"] = {"evidence": {"hypothesis": ["up"], "measurements": "x"}}
        measured = next(e for e in events if e["kind"] == "measurement")
        measured["data"] = {"measurement": []}
        asked = next(e for e in events if e["kind"] == "effect.requested")
        asked["data"] = {"effect": 3, "name": None, "blob": {"sha256": "../x"}, "arguments": 5}

    ledger.rewrite(run, spoil)
    exhibit = Exhibit(run)
    for name in PARTS:
        orjson.dumps(exhibit.part(name))
    assert exhibit.part("board")["unreadable"][0]["kind"] == "claim"
    told = [e for n in range(exhibit.chunks()) for e in exhibit.chunk(n)]
    assert len(told) == len(exhibit.skeleton)


@pytest.mark.parametrize(
    "contents",
    [
        b'{"claim":{"id":"c0","text":',
        b'{},"data":[1]}',
        b'{"claim":' + b"[" * 5000 + b"}}",
        b"{\xff}}",
    ],
)
def test_contents_that_are_no_json_are_said_and_shown(run, contents):
    lines = (run / "events.jsonl").read_bytes().splitlines()
    at = next(i for i, line in enumerate(lines) if b'"kind":"claim"' in line)
    lines[at] = lines[at].split(b'"data":')[0] + b'"data":' + contents
    (run / "events.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    exhibit = Exhibit(run)
    for name in PARTS:
        orjson.dumps(exhibit.part(name))
    assert len(exhibit.skeleton) == len(lines)
    assert at in [u["seq"] for u in exhibit.part("board")["unreadable"]]
    assert "unreadable" in exhibit.event(at)["data"]
    assert exhibit.part("standing")["holds"] is False


def _criterion(sealed, process, draws=80):
    registration = next(iter(Docket.of(Trace(sealed)).registrations.values()))
    given = Criterion(process=process, alpha=0.05, hypotheses=10, draws=draws, basis="design-based")
    return criterion(registration.model_copy(update={"criterion": given}))


def test_what_would_have_refuted_is_worked_out(sealed):
    said = _criterion(sealed, Sign())
    threshold = said["threshold"]
    hits, run = said["refuted_hits"], said["refuted_run"]
    assert Sign().path([-1.0] * run)[1][-1] >= threshold > Sign().path([-1.0] * (run - 1))[1][-1]
    for count, refutes in ((hits, True), (hits + 1, False)):
        draws = [1.0] * count + [-1.0] * (80 - count)
        assert bool(Sign().path(draws)[1][-1] >= threshold) is refutes
    need = said["supported_hits"]
    for count, supports in ((need, True), (need - 1, False)):
        draws = [1.0] * count + [-1.0] * (80 - count)
        assert bool(Sign().path(draws)[0][-1] >= threshold) is supports


def test_what_no_number_of_draws_refutes_is_said(sealed):
    said = _criterion(sealed, Sign(), draws=3)
    assert said["refuted_hits"] is None
    assert said["refuted_run"] is None


@pytest.mark.parametrize(
    "process",
    [Census(size=60), BoundedMean(low=-5, high=5, theta0=0, delta=1), LawContest()],
)
def test_every_process_has_words(sealed, process):
    said = _criterion(sealed, process)
    assert said["process"] == process.kind
    assert said["odds"] == pytest.approx(200)
    if not isinstance(process, LawContest):
        assert said["refuted_run"]


def test_search_finds_what_the_page_shows(study):
    exhibit = Exhibit(study)

    def found(query):
        return exhibit.search(query, 0)["hits"]

    named = found("Kettle WIDE 2 a")
    assert [h["text"] for h in named] == ["kettle wide 2 a"] * 2
    kinds = {exhibit.skeleton.kinds[exhibit.skeleton.kind[h["seq"]]] for h in named}
    assert kinds == {"measurement"}
    assert found("−0.69") == found("-0.69") != []
    assert "-0.69" in found("−0.69")[0]["text"]
    (event,) = found("#9")
    assert event["seq"] == 9
    assert found("#999999") == []


def test_the_page_is_told_why_draws_stopped_and_what_cases_have(study):
    exhibit = Exhibit(study)
    told = {h["id"]: h for h in exhibit.part("board")["hypotheses"]}
    assert told["wide"]["stop"]["why"] == "decided"
    stop = told["tall"]["stop"]
    assert stop["why"] == "futile"
    assert stop["draws"] + stop["left"] == 40
    assert max(stop["most_for"], stop["most_against"]) < stop["log_threshold"]
    assert [(c["variable"], c["part"]) for c in told["wide"]["columns"]] == [
        ("width", "tested"), ("lids", "matched"),
    ]  # fmt: skip
    assert told["tall"]["rank"] == {"at": 3, "place": 2, "of": 2, "weight": 3e-32}
    assert exhibit.part("cells")["wide3a"] == {"width": 3.5, "lids": 0}
    assert exhibit.part("cases")["wide0a"] == "5796-89-4"
    assert exhibit.part("board")["head"]["tools"]["handbook"].startswith("Look the temperature")

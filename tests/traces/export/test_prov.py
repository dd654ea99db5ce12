"""A run as PROV-JSON, read back by the `prov` package."""

import json

import pytest

from gaseol.traces import Docket, Trace
from gaseol.traces.export.prov import write_prov

model = pytest.importorskip("prov.model", reason="NOT validated: the `prov` package is missing")


@pytest.fixture
def written(sealed, tmp_path):
    out = tmp_path / "run.json"
    said = write_prov(sealed, out)
    assert said == ["2 payloads kept as blobs are named by digest, without their content"]
    return out


@pytest.fixture
def document(written):
    return model.ProvDocument.deserialize(str(written), format="json")


def named(document, kind):
    return {str(r.identifier): r for r in document.get_records(kind)}


def pairs(document, kind):
    """Return relations by their first two ends."""
    found = set()
    for record in document.get_records(kind):
        ends = [str(v) for _, v in record.formal_attributes[:2]]
        found.add(tuple(ends))
    return found


def test_the_reader_of_the_standard_reads_it_all(written, document):
    raw = json.loads(written.read_text())
    count = sum(len(v) for k, v in raw.items() if k != "prefix")
    assert len(list(document.records)) == count
    again = model.ProvDocument.deserialize(content=document.serialize(format="json"), format="json")
    assert again == document


def test_every_end_of_a_relation_is_described(document):
    known = {
        **named(document, model.ProvEntity), **named(document, model.ProvActivity),
        **named(document, model.ProvAgent),
    }  # fmt: skip
    relations = [r for r in document.records if r.is_relation()]
    assert relations
    for record in relations:
        for attribute, value in record.formal_attributes:
            if value is not None and not str(attribute).endswith("time"):
                assert str(value) in known, record


def test_derivation_has_no_circle(document):
    nx = pytest.importorskip("networkx")
    graph = nx.DiGraph(list(pairs(document, model.ProvDerivation)))
    assert nx.is_directed_acyclic_graph(graph)
    # from a claim one gets to the answers of the tool, by way of verdict, evidence, measurement
    reached = nx.descendants(graph, "run:claim-c0")
    for part in ("verdict-up", "registration-up", "hypothesis-up", "evidence-", "answer-"):
        assert any(name.startswith(f"run:{part}") for name in reached), part


def test_the_nouns_are_those_of_the_record(sealed, document):
    docket, entities = Docket.of(Trace(sealed)), named(document, model.ProvEntity)

    def of(kind):
        return {n for n in entities if n.startswith(f"run:{kind}-")}

    assert of("hypothesis") == {f"run:hypothesis-{h}" for h in docket.hypotheses}
    assert of("registration") == {f"run:registration-{h}" for h in docket.registrations}
    assert of("measurement") == {f"run:measurement-{p}" for p in docket.measurements}
    assert len(of("evidence")) == sum(map(len, docket.evidence.values()))
    assert of("verdict") == {f"run:verdict-{h}" for h in docket.verdicts}
    derived = pairs(document, model.ProvDerivation)
    made = pairs(document, model.ProvGeneration)
    for position, measurement in docket.measurements.items():
        assert (f"run:measurement-{position}", f"run:effect-{measurement.request}") in made
    used = {p for e in docket.evidence["up"] for p in e.measurements}
    for position in used:
        assert any(
            b == f"run:measurement-{position}" and a.startswith("run:evidence-") for a, b in derived
        )
    label = entities["run:verdict-up"].get_attribute("prov:label")
    assert {str(v) for v in label} == {"supported"}


def test_who_did_it(document):
    agents = named(document, model.ProvAgent)
    kinds = {n: {str(t) for t in a.get_asserted_types()} for n, a in agents.items()}
    assert kinds["run:scientist"] == {"prov:SoftwareAgent"}
    assert kinds["run:tool-thermometer"] == {"prov:SoftwareAgent"}
    assert ("run:hypothesis-up", "run:role-theorist") in pairs(document, model.ProvAttribution)
    assert ("run:role-theorist", "run:scientist") in pairs(document, model.ProvDelegation)


def test_a_person_is_a_person(ledger, run, tmp_path):
    def change(events):
        for event in events:
            if event["kind"] == "effect.requested":
                event["data"]["effect"] = "person"

    ledger.rewrite(run, change)
    write_prov(run, tmp_path / "out")
    document = model.ProvDocument.deserialize(str(tmp_path / "out"), format="json")
    agent = named(document, model.ProvAgent)["run:person-thermometer"]
    assert {str(t) for t in agent.get_asserted_types()} == {"prov:Person"}


def test_hostile_names_stay_apart_and_readable(ledger, run, tmp_path):
    odd = 'h "1" <x> 가:b/\\'

    def change(events):
        for event in events:
            if (
                event["kind"] == "hypothesis.proposed"
                and event["data"]["hypothesis"]["id"] == "spare"
            ):
                event["data"]["hypothesis"] |= {"id": odd, "statement": odd}
            if event["kind"] == "hypothesis.turned_away":
                event["data"]["hypothesis"] = odd

    ledger.rewrite(run, change)
    write_prov(run, tmp_path / "out")
    document = model.ProvDocument.deserialize(str(tmp_path / "out"), format="json")
    labels = {
        str(v)
        for e in named(document, model.ProvEntity).values()
        for v in e.get_attribute("prov:label")
    }
    assert odd in labels


def test_a_caveat_and_unknown_kinds_are_said(ledger, run, tmp_path):
    def change(events):
        next(e for e in events if e["kind"] == "policy.decision")["kind"] = "mood"

    ledger.rewrite(run, change)
    said = write_prov(run, tmp_path / "out", caveat="it is broken")
    assert said[-1] == "events of kinds unknown to this version: 1 mood"
    record = json.loads((tmp_path / "out").read_text())["entity"]["run:record"]
    assert record["gaseol:caveat"] == "it is broken"

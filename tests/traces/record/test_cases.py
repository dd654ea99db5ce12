"""What a record says of its cases, and which variables a hypothesis speaks of."""

from gaseol.traces import Trace
from gaseol.traces.nouns.hypothesis import Change, Condition, Curve, Groups, Law, Match, Trend
from gaseol.traces.record import event as kinds
from gaseol.traces.record.cases import Survey, columns
from gaseol.traces.record.recorder import Recorder

VARIABLES = {"width": {"unit": "cm", "description": "width of the base"}}


def test_the_columns_of_a_relation_what_is_tested_first_each_once():
    where = (Condition(variable="lids", at_most=2), Condition(variable="age", at_least=1))
    trend = Trend(
        variable="width", direction="raises", matching=(Match(variable="lids", within=1),),
        where=where,
    )  # fmt: skip
    found = columns(trend, VARIABLES)
    assert [(c.variable, c.part) for c in found] == [
        ("width", "tested"), ("lids", "matched"), ("age", "condition"),
    ]  # fmt: skip
    assert (found[0].unit, found[0].words) == ("cm", "width of the base")
    assert (found[1].within, found[1].words) == (1, "lids")
    groups = Groups(inside=where[:1], against=where[1:], direction="lowers")
    assert [c.part for c in columns(groups, {})] == ["tested", "tested"]
    change = Change(change="H → OH", direction="lowers", where=where[:1])
    assert [(c.variable, c.part) for c in columns(change, {})] == [("lids", "condition")]
    assert [c.variable for c in columns(Law(weights={"x": 1.0, "b": 2.0}), {})] == ["b", "x"]
    assert columns(Curve(rival="r"), {}) == ()
    assert columns(trend, {"width": "nonsense"})[0].unit == "1"


def surveyed(folder, scenario, facts=(), blobs=()):
    with Recorder(folder, {"id": "x", "scenario": scenario}) as recorder:
        stored = [recorder.blobs.put(content, media) for content, media in blobs]
        for fact in facts:
            recorder.record(fact(*stored))
    survey = Survey(Trace(folder))
    for event in Trace(folder).events():
        survey.look(event)
    return survey.cases()


def test_cases_from_a_table_beside_the_scenario_are_read_as_a_scenario_reads_them(tmp_path):
    table = "\ufeffname , size,kind\n7, 1.50 ,a_b\n8,,nan\n9,inf,1_000\n".encode()
    found = surveyed(
        tmp_path,
        {"cases": {"key": "name", "label": "kind", "file": "cases.csv"}},
        [lambda blob: kinds.RunStarted(
            scenario="s", question="q", scientist="x", graph="g", seed=0, hypotheses=1, alpha=0.1,
            budget={}, files={"cases.csv": blob})],
        [(table, "text/csv")],
    )  # fmt: skip
    assert found.cell("7", "size") == 1.5
    assert found.cell("8", "size") is None
    assert found.cell("9", "size") == "inf"
    assert found.cell("9", "kind") == "1_000"
    assert found.labels == {"7": "a_b", "9": "1_000"}
    assert found.label("8") == "8"


def test_cases_from_tools_are_described_by_tools(tmp_path):
    def asked(name, role="survey"):
        return lambda: kinds.EffectRequested(
            effect="tool", name=name, arguments={}, key="0" * 64, version="1", role=role
        )

    def answered(request, value):
        return lambda: kinds.EffectCompleted(request=request, value=value, seconds=0.1)

    found = surveyed(
        tmp_path,
        {"cases": {"key": "n", "tool": {"tool": "list"}}, "features": [{"tool": "describe"}]},
        [
            asked("list"), answered(0, [{"n": 1.0}, {"n": 2.5}]),
            asked("describe"), answered(2, [{"mass": 3}, {"mass": [4]}]),
            asked("describe", "experimentalist"), answered(4, [{"mass": 5}, {"mass": 6}]),
        ],
    )  # fmt: skip
    assert found.cell("1", "mass") == 3
    assert found.cell("2.5", "mass") is None  # a list is no cell
    assert found.cell("3", "mass") is None


def test_a_record_that_says_nothing_of_its_cases(tmp_path):
    for number, scenario in enumerate(
        ({}, [], {"cases": 7}, {"cases": {"file": "no.csv"}}, {"cases": {"rows": [1, None]}})
    ):
        found = surveyed(tmp_path / str(number), scenario)
        assert found.labels == {}
        assert found.cell("a", "b") is None

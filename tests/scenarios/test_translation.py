"""A scenario's words in another language: only words change, and what does not fit is refused."""

import shutil

import pytest

from gaseol.scenarios import load
from gaseol.scenarios.catalogue import builtin
from gaseol.scenarios.loader import ScenarioError
from gaseol.scenarios.translation import in_language

WORDS = ("title", "question", "language", "cases", "variables", "measurement", "hypotheses")


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "stiffness"
    shutil.copytree(builtin()["stiffness"].parent, place)
    return place


def test_the_demonstration_changes_words_alone():
    asked = load("stiffness")
    told = in_language(asked, "ko")
    assert told.folder == asked.folder
    assert told.title != asked.title
    a, b = asked.model_dump(), told.model_dump()
    assert {k for k in a if a[k] != b[k]} <= set(WORDS)
    for k, words in (("cases", {"population"}), ("measurement", {"name"})):
        assert {f for f in a[k] if a[k][f] != b[k][f]} == words
    for one, two in zip(asked.hypotheses.beliefs, told.hypotheses.beliefs, strict=True):
        assert one.relation == two.relation
        assert one.statement != two.statement
    rest = [s.hypotheses.model_copy(update={"beliefs": ()}) for s in (asked, told)]
    assert rest[0] == rest[1]
    for name, variable in asked.variables.items():
        told_one = told.variables[name]
        assert variable.model_copy(update={"description": ""}) == told_one.model_copy(
            update={"description": ""}
        )


def test_without_a_file_of_words_only_the_language_changes():
    asked = load("boiling")
    told = in_language(asked, "ko")
    assert told.model_copy(update={"language": None}) == asked
    assert told.language == "ko"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("variables: {weight: 무게}", "describes 'weight', which is no variable"),
        ("beliefs: [{statement: 하나뿐인 믿음}]", "has 1 beliefs, the scenario 5"),
        ("budget: {experiments: 1}", "Extra inputs are not permitted"),
        ("title: [", "is not YAML"),
        ("measurement: {tool: other}", "Extra inputs are not permitted"),
    ],
)
def test_what_does_not_fit_is_refused(folder, content, what):
    (folder / "scenario.ko.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(ScenarioError, match=what):
        in_language(load(folder), "ko")

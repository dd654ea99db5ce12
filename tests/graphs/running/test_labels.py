"""Labels go from answer to question, and the policy is asked before every call."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from gaseol.graphs.running.checkpoint import Checkpoint
from gaseol.graphs.running.desk import Desk
from gaseol.graphs.running.labelling import Labelling
from gaseol.graphs.running.meter import Meter
from gaseol.scenarios.policy import Budget, Policy
from gaseol.tools import Pool, Registry
from gaseol.tools.door import ToolDoor
from gaseol.traces.nouns.failure import FailureKind
from gaseol.traces.nouns.label import Label
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.effects import Request
from gaseol.traces.record.recorder import Recorder
from gaseol.traces.record.trace import Trace

TOOLS = '''
from typing import Annotated, Literal

from gaseol.tools import tool
from gaseol.tools.contract import States
from pydantic import BaseModel


class Read(BaseModel):
    text: str
    level: Annotated[Literal["public", "institute", "project", "secret"], States()]


@tool(quotes="corpus")
def read(level: str) -> Read:
    """Return what somebody wrote.

    Args:
        level: how confidential it is.
    """
    return Read(text="order it", level=level)


@tool(consequential=True, deterministic=False)
def order(what: str) -> str:
    """Order something, which cannot be taken back.

    Args:
        what: is ordered.
    """
    return f"ordered {what}"


@tool
def shout(what: str) -> str:
    """Return a text in capitals.

    Args:
        what: the text.
    """
    return what.upper()
'''


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    folder = tmp_path_factory.mktemp("scenario")
    (folder / "tools.py").write_text(TOOLS)
    with Pool(Registry(), 1, [folder]) as pool:
        yield pool


@pytest.fixture
def desk(workers: Pool, tmp_path: Path) -> Callable[..., Desk]:
    def opened(**policy: Any) -> Desk:
        allowed = Policy(**policy)
        door = Checkpoint(ToolDoor(workers), allowed, workers.registry)
        return Desk(Recorder(tmp_path / "run", {}), Docket(), workers.registry, {"tool": door},
                    Meter(Budget()), None, threading.Event(),
                    labelling=Labelling(allowed.label))  # fmt: skip

    return opened


def read(desk: Desk, level: str = "institute") -> Any:
    (found,) = desk.perform([Request("tool", "read", {"level": level}, label=Label())])
    assert found.failure is None
    return found


def test_an_answer_carries_the_label_of_its_question_and_of_whose_words_it_holds(desk) -> None:
    open_desk = desk()
    found = read(open_desk, "secret")
    assert found.label == Label(confidentiality="secret", sources=("corpus",))
    (loud,) = open_desk.perform([
        Request("tool", "shout", {"what": found.value["text"]}, label=found.label)
    ])  # fmt: skip
    assert loud.label == found.label
    (own,) = open_desk.perform([Request("tool", "shout", {"what": "mine"}, label=Label())])
    assert own.label == Label(confidentiality="institute")


def test_a_request_of_which_nothing_is_said_may_be_made_of_all_that_was_answered(desk) -> None:
    open_desk = desk()
    (before,) = open_desk.perform([Request("tool", "order", {"what": "water"})])
    assert before.failure is None
    read(open_desk)
    (after,) = open_desk.perform([Request("tool", "order", {"what": "more water"})])
    assert after.failure is not None
    assert after.failure.kind is FailureKind.REFUSED
    assert "corpus had a say in it" in after.failure.reason
    assert "policy.low_integrity" in after.failure.reason


def test_a_refusal_is_on_record_as_a_decision_and_a_failure(desk, tmp_path: Path) -> None:
    open_desk = desk()
    found = read(open_desk)
    wanted = Request("tool", "order", {"what": found.value["text"]}, label=found.label)
    open_desk.perform([wanted])
    open_desk._recorder.close()
    events = list(Trace(tmp_path / "run").events())
    assert [e.kind for e in events] == ["effect.requested", "effect.completed", "effect.requested",
                                        "policy.decision", "effect.failed"]  # fmt: skip
    low = {"confidentiality": "institute", "sources": ["corpus"]}
    assert "label" not in events[0].data  # the question's own is not repeated
    assert [e.data.get("label") for e in events[1:]] == [low, low, None, low]
    assert events[3].data["subject"] == "tool order"
    assert events[3].data["allowed"] is False
    assert events[4].data["failure"]["kind"] == "refused"


@pytest.mark.parametrize(
    "policy", [{"low_integrity": ["order"]}, {"approve": {"tools": ["order"]}}]
)
def test_the_policy_or_a_person_may_let_it_happen(desk, policy: dict[str, Any]) -> None:
    open_desk = desk(**policy)
    found = read(open_desk)
    (done,) = open_desk.perform([Request("tool", "order", {"what": "x"}, label=found.label)])
    assert done.value == "ordered x"


def test_most_lines_of_a_record_say_nothing_of_labels(play) -> None:
    done = play(budget__experiments=3)
    lines = (done.path / "events.jsonl").read_bytes()
    assert b'"label":' not in lines
    assert orjson.loads((done.path / "run.json").read_bytes())["labels"] == "gaseol.labels/1"

"""Models without a server: scripted, recorded, and another library's."""

import pytest

from gaseol.agents.models.langchain import LangChainDoor
from gaseol.agents.models.scripted import RecordedDoor, ScriptedDoor
from gaseol.traces.nouns.failure import FailureKind
from gaseol.traces.record.effects import Request

SCHEMA = {"type": "object", "properties": {"x": {"type": "number"}}}


def _asked(door, arguments, **changes):
    about = arguments(schema=SCHEMA, means="prompt", **changes)
    return door.submit(Request("model", "home/scripted", about)).result(10)


def test_a_script_is_followed_to_its_end(profile, arguments):
    door = ScriptedDoor(profile(), ['{"x": 1}', "no", {"no": "choices"}])
    assert _asked(door, arguments).value["object"] == {"x": 1}
    assert _asked(door, arguments).value["problem"] == "it is no JSON"
    assert _asked(door, arguments).failure.kind is FailureKind.WRONG_SHAPE
    assert _asked(door, arguments).failure.kind is FailureKind.UNAVAILABLE
    assert len(door.requests) == 4


@pytest.fixture
def speaking():
    """A LangChain chat model that says what it is given."""
    from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
    from langchain_core.messages import AIMessage

    def make(*said):
        return GenericFakeChatModel(
            messages=iter([m if isinstance(m, AIMessage) else AIMessage(**m) for m in said])
        )

    return make


def test_a_model_of_langchains(profile, arguments, speaking):
    usage = {"input_tokens": 9, "output_tokens": 4, "total_tokens": 13}
    model = speaking(
        {"content": '{"x": 2}', "usage_metadata": usage,
         "additional_kwargs": {"reasoning_content": "hm"}},
        {"content": [{"type": "text", "text": '{"x": 3}'}]},
    )  # fmt: skip
    door = LangChainDoor(profile(means="prompt"), model)
    first = _asked(door, arguments).value
    assert first["object"] == {"x": 2}
    assert first["usage"]["tokens"] == 13
    assert first["reasoning"] == "hm"
    assert _asked(door, arguments).value["object"] == {"x": 3}
    assert _asked(door, arguments).failure.kind is FailureKind.UNAVAILABLE
    door.close()


def test_a_recorded_model_says_it_again(profile, arguments, tmp_path, world, pool):
    from dataclasses import replace

    from gaseol.agents.driven import driven
    from gaseol.graphs import run
    from gaseol.scenarios import Scenario
    from gaseol.traces.record.projection import projection_bytes

    home = profile(context=16_000)
    scenario = Scenario.model_validate(world.changed(world.EFFECTS, hypotheses__maximum=6))
    who = driven("home", profiles={"home": home})
    live = replace(who, opened=ScriptedDoor(home, lambda _: '{"ready": "yes"}'))
    first = run(scenario, scientist=live, out=tmp_path / "a", pool=pool, report=False)
    recorded = replace(who, opened=RecordedDoor(first.trace))
    again = run(scenario, scientist=recorded, out=tmp_path / "b", pool=pool, report=False)
    assert projection_bytes(first.trace) == projection_bytes(again.trace)
    other = RecordedDoor(first.trace)
    assert _asked(other, arguments).failure.kind is FailureKind.UNAVAILABLE

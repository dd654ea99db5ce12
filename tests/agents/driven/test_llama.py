"""A real llama.cpp server with random weights: valid shape, no meaning, and nothing breaks."""

import importlib.util
import sys
from pathlib import Path

import pytest

from gaseol.agents.driven.form import Ideas
from gaseol.agents.models.door import ModelDoor
from gaseol.agents.models.probe import seen, served
from gaseol.agents.models.profile import Profile
from gaseol.agents.models.schema import schema_of
from gaseol.traces.nouns.failure import FailureKind
from gaseol.traces.record.effects import Request

pytestmark = pytest.mark.slow
NONSENSE = Path(__file__).parents[2] / "attacks" / "nonsense.py"


@pytest.fixture(scope="module")
def nonsense():
    for module in ("xllamacpp", "gguf"):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed: it comes with the extra `models`")
    spec = importlib.util.spec_from_file_location("gaseol_tests_nonsense", NONSENSE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def address(nonsense):
    with nonsense.tiny_server() as running:
        yield running


@pytest.fixture(scope="module")
def tiny(address):
    return Profile(name="tiny", url=address, model="tiny", dialect="llama.cpp", context=8192)


@pytest.fixture
def door(tiny):
    opened = ModelDoor([tiny], pause=0.01)
    yield opened
    opened.close()


def test_what_the_server_says_of_itself(address):
    found = served(address)
    assert (found.dialect, found.context) == ("llama.cpp", 8192)
    assert len(found.models) == 1


def test_what_the_probe_sees(tiny):
    found = seen(tiny).capabilities
    assert found.means["json_schema"]
    assert found.means["schema_field"]
    assert not found.means["prompt"]
    assert found.seeded
    assert found.stream_usage


def test_every_answer_in_a_schema_fits_its_form(door, arguments):
    choices = {"variable": ["a", "b"], "at_equal": ["a", "b"], "labelled": ["c"], "label": ["red"],
               "change": ["x → y"], "quantity": ["a"]}  # fmt: skip
    schema = schema_of(Ideas, choices)
    kinds: set[str] = set()
    for seed in range(30):
        about = arguments(profile="tiny", dialect="llama.cpp", schema=schema, means="json_schema",
                          seed=seed, max_tokens=1500, temperature=1.2, top_p=1.0)  # fmt: skip
        answer = door.submit(Request("model", "tiny", about)).result(60)
        assert answer.failure is None
        if answer.value["problem"]:  # a grammar bounds no number and no length of a whole answer
            assert any(w in answer.value["problem"] for w in ("too large", "cut off"))
        else:
            kinds |= {idea.kind for idea in Ideas.model_validate(answer.value["object"]).ideas}
    assert len(kinds) > 1


def test_a_prompt_longer_than_the_context(door, arguments):
    long = [{"role": "user", "content": "word " * 5000}]
    about = arguments(profile="tiny", dialect="llama.cpp", messages=long)
    answer = door.submit(Request("model", "tiny", about)).result(60)
    assert answer.failure.kind is FailureKind.TOO_LARGE


def test_the_bound_on_a_prompts_tokens_is_one(door, arguments):
    from gaseol.agents.models.reply import most_tokens

    for text in ("", "plain", "가설은 검증된다 " * 40, "\x00\t{}[]" * 50):
        about = arguments(profile="tiny", dialect="llama.cpp",
                          messages=[{"role": "user", "content": text}] * 3)  # fmt: skip
        answer = door.submit(Request("model", "tiny", about)).result(60)
        assert 0 < answer.value["usage"]["prompt_tokens"] <= most_tokens(about)


def test_a_sample_of_runs(nonsense, address, tmp_path):
    each = len(nonsense.ARMS)
    found = nonsense.attack(address, each, tmp_path, replays=each)
    assert found["problems"] == []
    assert found["unsupported claims"] == 0
    assert found["runs"] == each
    assert set(found["questions by role"]) >= {"theorist", "experimentalist", "observer"}
    assert found["lower bound of the rate"] <= nonsense.ALPHA
    assert found["hypotheses of the model"] > 8

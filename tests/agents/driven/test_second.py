"""Another real server, with a worse dialect: no schema, no grammar, no tools; and runs end as designed."""

import importlib.util
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from gaseol.agents.models.door import ModelDoor
from gaseol.agents.models.probe import seen, served
from gaseol.agents.models.profile import Profile
from gaseol.traces.nouns.failure import FailureKind
from gaseol.traces.record.effects import Request

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
PYTHON = ROOT / ".venv" / "second" / "bin" / "python"
SERVER = ROOT / "tests" / "servers" / "plain.py"
NONSENSE = Path("tests") / "attacks" / "nonsense.py"
SMALL = {"dialect": "openai", "max_tokens": 64}
"""Its answers are bytes by lot: more of them are no better."""


@pytest.fixture(scope="module")
def nonsense():
    spec = importlib.util.spec_from_file_location("gaseol_tests_nonsense_2", ROOT / NONSENSE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if not PYTHON.exists():
        pytest.skip("no second server: `make second-server` installs one (1.1 GB) and runs these")
    return tmp_path_factory.mktemp("second")


@pytest.fixture(scope="module")
def address(folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder / "server.log").open("w")
    process = subprocess.Popen(
        [PYTHON, SERVER, folder / "model", str(port)], stdin=subprocess.PIPE, stdout=log, stderr=log
    )
    url = f"http://127.0.0.1:{port}/v1"
    until = time.monotonic() + 180
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{url}/models", timeout=2).status_code == 200:
                break
        except httpx.HTTPError:
            time.sleep(0.5)
    else:
        pytest.fail(f"the server did not start: {(folder / 'server.log').read_text()[-2000:]}")
    yield url
    process.stdin.close()
    process.wait(30)
    log.close()


@pytest.fixture(scope="module")
def model(address):
    return served(address).models[0]


def test_what_it_says_of_itself(address):
    found = served(address)
    assert (found.dialect, found.context, len(found.models)) == ("openai", None, 1)


def test_what_the_probe_sees_is_that_it_keeps_to_nothing(address, model):
    found = seen(Profile(name="plain", url=address, model=model, context=8192, **SMALL))
    assert not any(found.capabilities.means.values())
    assert found.means == "prompt"


def test_a_model_that_is_not_served_is_refused_in_words(address, arguments):
    profile = Profile(name="plain", url=address, model="another", context=8192, retries=0, **SMALL)
    door = ModelDoor([profile], pause=0.01)
    try:
        about = arguments(profile="plain", dialect="openai", model="another")
        answer = door.submit(Request("model", "plain", about)).result(60)
    finally:
        door.close()
    assert answer.failure.kind is FailureKind.BAD_ARGUMENTS
    assert "pinned" in answer.failure.reason


def test_runs_that_it_drives_end_as_designed(nonsense, address, model, tmp_path):
    found = nonsense.attack(address, 4, tmp_path, replays=4, about={"model": model, **SMALL})
    assert found["problems"] == []
    assert found["unsupported claims"] == 0
    assert found["runs with a false support"] == 0
    assert found["runs"] == 4
    assert found["tokens"] > 0
    assert set(found["questions by role"]) >= {"theorist"}
    assert found["of them judged"] == 0  # nothing that it says is an idea

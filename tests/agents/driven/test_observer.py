"""The observer: it reads pictures, tools measure, and what no tool confirms is no measurement."""

import base64
import hashlib
import json
from dataclasses import replace

import pytest

from gaseol.agents.driven import driven
from gaseol.agents.models.profile import ProfileProblem
from gaseol.agents.models.scripted import ScriptedDoor
from gaseol.graphs import run as launch
from gaseol.graphs.replay.replaying import replay
from gaseol.scenarios import load
from gaseol.scenarios.loader import ScenarioError
from gaseol.traces.verification.verifier import verify

VISION = {"vision": True}


def drawn(path, height: int) -> bytes:
    """Draw a bar of so many pixels, black on white, as a real PNG."""
    from PIL import Image

    picture = Image.new("L", (40, 100), 255)
    picture.paste(0, (10, 100 - height, 30, 100))
    picture.save(path)
    return path.read_bytes()


def figure(**changes):
    return {
        "name": "bar", "file": "bar.png", "shows": "a bar on a scale of 100 pixels",
        "read": "height of the bar", "unit": "px", "low": 0, "high": 100, "case": "c3",
        "confirm": {"tool": "toy_bar", "arguments": {"about": "{value}", "truth": 60}}, "within": 0.1,
        **changes,
    }  # fmt: skip


def sighting(value, unit="px", readable="yes"):
    return {"readable": readable, "quantity": {"value": value, "unit": unit}}


@pytest.fixture
def look(world, pool, profile, tmp_path):
    """Run a toy scenario with a picture; the model says what a script says."""
    made = iter(range(100))

    def go(said, *, spec="observer=home", model=VISION, **changes):
        folder = world.write(tmp_path / f"s{next(made)}", world.changed(
            world.EFFECTS, figures=[figure(**changes)], budget__experiments=4), tools=False)  # fmt: skip
        picture = drawn(folder / "bar.png", 60)
        home = profile(**{"context": 16_000, **model})
        shown: list[dict] = []

        def answer(arguments):
            if arguments["prompt"]["name"] == "observer":
                shown.append(arguments)
                return json.dumps(said) if isinstance(said, dict) else said
            return '{"ready": "yes"}'

        who = replace(driven(spec, profiles={"home": home}), opened=ScriptedDoor(home, answer))
        out = tmp_path / f"r{next(made)}"
        run = launch(load(folder), scientist=who, out=out, pool=pool, report=False)
        assert verify(out).holds
        assert replay(out).holds
        return run, shown, picture

    return go


def observed(run):
    return [m for m in run.docket.measurements.values() if m.purpose == "observation"]


def refusals(run):
    return [
        e.data["reason"] for e in run.trace.events("policy.decision")
        if e.data["subject"] == "reading the figure bar"
    ]  # fmt: skip


def test_what_is_read_is_a_measurement_once_a_tool_confirms_it(look):
    run, shown, picture = look(sighting(58.0))
    (measurement,) = observed(run)
    # the tool's number, not the model's
    assert (measurement.value, measurement.case, measurement.tool) == (60.0, "c3", "toy_bar")
    content = shown[0]["messages"][1]["content"]
    url = next(p["image_url"]["url"] for p in content if p["type"] == "image_url")
    assert base64.b64decode(url.partition("base64,")[2]) == picture


def test_a_picture_stands_on_the_record_once_however_often_it_is_shown(look):
    run, shown, picture = look("I see a bar.")
    assert len(shown) == 3  # two repairs
    assert not observed(run)
    assert "no answer that can be used" in refusals(run)[0]
    requests = [e.fact for e in run.trace.events("effect.requested") if e.fact.role == "observer"]
    name = hashlib.sha256(picture).hexdigest()
    assert [list(r.media) for r in requests] == [[name]] * 3
    assert len({r.media[name].sha256 for r in requests}) == 1
    assert run.trace.blobs.get(requests[0].media[name]) == picture
    plain = base64.b64encode(picture)[:60]
    for path in (run.path / "blobs").rglob("*"):
        assert not path.is_file() or plain not in path.read_bytes()
    assert plain not in (run.path / "events.jsonl").read_bytes()
    assert f"media:{name}" in str(run.trace.payload(requests[0]))
    started = run.docket.started
    assert started.files["bar.png"].sha256 == requests[0].media[name].sha256


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (sighting(58.0, readable="no"), "does not show it clearly"),
        (sighting(58.0, unit="K"), "not in px"),
        (sighting(580.0), "lies outside 0 to 100"),
    ],
)
def test_what_cannot_be_read_is_said(look, said, reason):
    run, *_ = look(said)
    assert not observed(run)
    assert reason in refusals(run)[0]
    assert refusals(run)[0].startswith("home: ")


def test_what_the_tool_does_not_find_is_no_measurement(look):
    run, *_ = look(sighting(30.0))
    (measurement,) = observed(run)
    assert measurement.value is None
    assert measurement.failure.reason == "30 px was read off the picture, the tool finds 60"


def test_without_a_model_that_reads_pictures_that_is_said_and_the_run_goes_on(look):
    run, shown, _ = look({}, spec="theorist=home", model={})
    assert not shown
    assert "nobody here reads pictures" in refusals(run)[0]
    assert "--scientist observer=PROFILE" in refusals(run)[0]
    assert run.status in ("done", "budget")


def test_a_model_without_vision_is_no_observer(profile):
    with pytest.raises(ProfileProblem, match=r"home does not; .*--vision --replace"):
        driven("observer=home", profiles={"home": profile()})
    assert "observer" not in driven("alone:home", profiles={"home": profile()}).parts
    assert "observer" in driven("home", profiles={"home": profile(vision=True)}).parts


def test_a_file_that_is_no_picture_is_a_flaw(world, pool, tmp_path):
    folder = world.write(
        tmp_path / "s", world.changed(world.EFFECTS, figures=[figure()]), tools=False
    )
    with pytest.raises(ScenarioError, match=r"figures\.bar\.file.*cannot be read"):
        launch(load(folder), out=tmp_path / "r", pool=pool)
    (folder / "bar.png").write_text("no picture")
    with pytest.raises(ScenarioError, match=r"figures\.bar\.file: 'bar\.png' is no image/png"):
        launch(load(folder), out=tmp_path / "r", pool=pool)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"file": "bar.tiff"}, "is no picture"),
        ({"confirm": {"tool": "toy_bar", "arguments": {"truth": 1}}}, "must be told what was read"),
        ({"confirm": {"tool": "toy_bar", "arguments": {"about": "{value}", "truth": "{size}"}}},
         "nothing fills the place"),
        ({"low": 3, "high": 2}, "must be below high"),
    ],
)  # fmt: skip
def test_figures_that_cannot_be(world, changes, why):
    from gaseol.scenarios import Scenario

    with pytest.raises(ValueError, match=why):
        Scenario.model_validate(world.changed(world.EFFECTS, figures=[figure(**changes)]))

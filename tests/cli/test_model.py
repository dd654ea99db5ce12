"""`gaseol model` and `gaseol run --scientist PROFILE`, as a new user meets them."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from gaseol.traces.record.trace import Trace

SCRIPTED = Path(__file__).parents[1] / "servers" / "scripted.py"


@pytest.fixture(scope="module")
def servers():
    spec = importlib.util.spec_from_file_location("gaseol_tests_scripted_cli", SCRIPTED)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def server(servers):
    """A server that keeps to schemas and has one idea."""
    idea = {"kind": "trend", "variable": "ring", "direction": "lowers", "difference": None,
            "at_equal": [], "where": [], "why": ""}  # fmt: skip

    def script(asked):
        wanted = asked.body.get("response_format", {}).get("json_schema", {}).get("schema")
        if wanted is None:
            return servers.stream("as you like")
        if "state" in wanted["properties"]:
            return servers.stream('{"state": "zqk-41"}')
        answers = {"ready": {"ready": "yes"}, "ideas": {"ideas": [idea]}}
        said = next((a for k, a in answers.items() if k in wanted["properties"]), {})
        return servers.stream(json.dumps(said))

    with servers.ScriptedServer(script) as running:
        yield running


@pytest.fixture
def own(monkeypatch, tmp_path):
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path / "config"))


@pytest.fixture
def question(world, tmp_path):
    changed = world.changed(
        world.EFFECTS, hypotheses__maximum=6, budget__experiments=180, policy={"use": "research"}
    )
    return world.write(tmp_path / "question", changed)


@pytest.mark.usefixtures("own")
def test_two_commands_from_an_address_to_a_run(gaseol, server, question, tmp_path):
    added = gaseol("model", "add", server.url, "--name", "home")
    assert added.code == 0, added.out
    assert "schemas by json_schema" in added.out
    assert "gaseol run SCENARIO --scientist home" in added.out
    out = tmp_path / "run"
    ran = gaseol("run", str(question), "--scientist", "home", "--out", str(out), "--json")
    assert ran.code == 0, ran.out
    said = ran.json
    assert "signal falls with ring" in [h["statement"] for h in said["hypotheses"]]
    assert said["cost"]["tokens"] > 0
    assert gaseol("verify", str(out)).code == 0
    listed = gaseol("list", "scientists", "--json")
    assert [r["name"] for r in listed.json] == ["embedded", "random", "home"]
    # the profile and the server go; the record can still be driven
    assert gaseol("model", "remove", "home").code == 0
    server.__exit__()
    server.close()
    assert gaseol("replay", str(out), "--strict").code == 0


@pytest.mark.usefixtures("own")
def test_with_no_server_there_the_error_says_what_to_do(gaseol, question):
    added = gaseol("model", "add", "http://127.0.0.1:9/v1")
    assert added.code == 2
    assert "start the model server there" in added.err
    ran = gaseol("run", str(question), "--scientist", "home")
    assert ran.code == 2
    assert "gaseol model add URL --name home" in ran.err


@pytest.mark.usefixtures("own")
def test_a_server_that_has_gone_since(gaseol, question, profile_at, tmp_path):
    profile_at("http://127.0.0.1:9/v1", retries=0)
    ran = gaseol("run", str(question), "--scientist", "home", "--out", str(tmp_path / "run"))
    assert ran.code == 2
    assert "start the server, then: gaseol model probe home" in ran.err
    assert Trace(tmp_path / "run").status == "failed"
    assert gaseol("verify", str(tmp_path / "run")).code == 0


@pytest.fixture
def profile_at():
    from gaseol.agents.models.profile import Profile, save_profile

    def keep(url, **changes):
        save_profile(Profile(name="home", url=url, model="scripted", **changes), again=True)

    return keep


@pytest.mark.usefixtures("own")
def test_a_licence_is_kept_to_unless_told_otherwise(gaseol, server, question, profile_at, tmp_path):
    profile_at(server.url, licence="Only for the classroom", uses=("teaching",))
    run = ("run", str(question), "--scientist", "home", "--out", str(tmp_path / "run"))
    refused = gaseol(*run)
    assert refused.code == 2
    assert "Only for the classroom allows teaching" in refused.err
    assert not (tmp_path / "run").exists()
    told = gaseol(*run, "--despite-licence", "the author's letter of 2 May")
    assert told.code == 0, told.out
    reasons = [e.data["reason"] for e in Trace(tmp_path / "run").events("policy.decision")]
    assert any("the author's letter of 2 May" in r for r in reasons)
    assert gaseol("replay", str(tmp_path / "run"), "--strict").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("model", "remove", "nobody"), "no model 'nobody'"),
        (("model", "probe", "nobody"), "no model 'nobody'"),
        (("model", "probe", "../x"), "is no name of a model"),
        (("run", "null", "--scientist", "nobody"), "no scientist 'nobody'"),
        (("run", "null", "--scientist", "poet=home"), "'poet' is no role"),
        (("run", "null", "--scientist", ""), "is no name of a model"),
        (("run", "null", "--scientist", "alone:"), "is no name of a model"),
    ],
)
@pytest.mark.usefixtures("own")
def test_bad_input_is_said_and_ends_with_two(gaseol, words, said):
    found = gaseol(*words)
    assert found.code == 2
    assert said in found.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--temperature", "9"), "temperature"), (("--template", "{"), "--template is no JSON"),
        (("--name", "Home"), "is no name for a model"), (("--context", "3"), "context"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("own")
def test_options_out_of_range(gaseol, server, options, said):
    found = gaseol("model", "add", server.url, *options)
    assert found.code == 2
    assert said in found.err


@pytest.mark.usefixtures("own")
def test_one_of_several_models_has_to_be_named(gaseol, servers):
    rows = {"/v1/models": {"data": [{"id": "a/B-7B"}, {"id": "c"}]}}
    with servers.ScriptedServer(lambda _: servers.stream("hm"), rows) as running:
        found = gaseol("model", "add", running.url)
        assert found.code == 2
        assert "it serves: a/B-7B, c" in found.err
        found = gaseol("model", "add", running.url, "--model", "a/B-7B", "--no-probe")
        assert found.code == 0, found.out
    assert "b-7b  a/B-7B at" in gaseol("model", "list").out


@pytest.mark.slow
@pytest.mark.usefixtures("own")
def test_the_control_arm_beside_a_model(gaseol, server, question, profile_at, tmp_path):
    profile_at(server.url, context=16_000)
    ran = gaseol(
        "run", str(question), "--control", "--scientist", "home", "--seeds", "2",
        "--out", str(tmp_path / "arms"), "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    arms = {arm["scientist"]: arm for arm in ran.json["arms"]}
    assert list(arms) == ["embedded", "random", "home"]
    assert arms["home"]["tokens"]["mean"] > 0
    assert arms["home"]["supported"]["mean"] >= arms["embedded"]["supported"]["mean"]
    for arm in arms.values():
        for run in arm["runs"]:
            assert gaseol("verify", run["run"]).code == 0


def test_the_control_arm_shares_no_answers(gaseol):
    found = gaseol("run", "null", "--control", "--cache")
    assert found.code == 2
    assert "measures anew for every arm" in found.err


def test_seeds_are_for_the_control_arm(gaseol):
    found = gaseol("run", "null", "--seeds", "3")
    assert found.code == 2
    assert "--seeds is for --control" in found.err


@pytest.mark.usefixtures("own")
def test_another_graph_and_what_the_model_added(gaseol, server, question, tmp_path, profile_at):
    profile_at(server.url)
    out = tmp_path / "run"
    ran = gaseol(
        "run", str(question), "--graph", "tournament", "--scientist", "home", "--out", str(out)
    )
    assert ran.code == 0, ran.err
    assert "models: " in ran.out
    assert "1 hypotheses, 1 tested, 0 turned away" in ran.out
    assert Trace(out).run["scenario"]["graph"] == "tournament"
    assert gaseol("replay", str(out), "--strict").code == 0
    unknown = gaseol("run", str(question), "--graph", "turnament")
    assert unknown.code == 2
    assert "did you mean 'tournament'?" in unknown.err
    lacking = gaseol("run", str(question), "--graph", "optimise")
    assert lacking.code == 2
    assert "needs a `campaign`" in lacking.err


def test_every_role_says_what_it_is(gaseol):
    rows = {row["name"]: row for row in gaseol("list", "roles", "--json").json}
    assert set(rows) >= {
        "theorist",
        "sceptic",
        "designer",
        "experimentalist",
        "interpreter",
        "writer",
        "observer",
    }
    assert rows["observer"]["vision"]
    assert rows["sceptic"]["gives"] == ["Ranking", "Better"]
    assert all(len(p["sha256"]) == 64 for row in rows.values() for p in row["prompts"])


@pytest.mark.usefixtures("own")
def test_a_name_that_is_nearly_a_models(gaseol, question, profile_at):
    profile_at("http://127.0.0.1:9/v1")
    assert "did you mean 'home'?" in gaseol("run", str(question), "--scientist", "hom").err

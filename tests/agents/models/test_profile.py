"""Profiles: kept in the user's configuration, without secrets, and held against the question."""

import pytest

from gaseol.agents.models import Profile, ProfileProblem, load_profile
from gaseol.agents.models.clearance import NotCleared, cleared, decisions
from gaseol.agents.models.profile import folder, profiles, remove_profile, save_profile
from gaseol.scenarios.policy import Policy


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path))


def test_a_profile_is_kept_and_found(profile):
    one = profile(template={"enable_thinking": False}, uses=("research",))
    path = save_profile(one)
    assert path == folder() / "home.json"
    assert load_profile("home") == one
    assert list(profiles()) == ["home"]
    with pytest.raises(ProfileProblem, match="already"):
        save_profile(one)
    save_profile(one.model_copy(update={"context": 999}), again=True)
    assert load_profile("home").context == 999
    remove_profile("home")
    assert profiles() == {}


@pytest.mark.parametrize("name", ["embedded", "random", "Home", "a/b", "../x", "", "alone"])
def test_names_that_are_none(profile, name):
    with pytest.raises(ValueError, match="is no name for a model"):
        profile(name=name)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("127.0.0.1:8000", "is no address"),
        ("ftp://127.0.0.1/v1", "is no address"),
        ("http://me:pass@127.0.0.1/v1", "holds a password"),
    ],
)
def test_addresses_that_are_none(profile, url, said):
    with pytest.raises(ValueError, match=said):
        profile(url=url)


def test_a_file_that_is_broken_is_told_by_its_field(profile):
    path = save_profile(profile())
    path.write_text('{"name": "home", "url": "http://127.0.0.1/v1", "model": 3}')
    with pytest.raises(ProfileProblem, match=r"home\.json: model"):
        load_profile("home")
    path.write_text("{")
    with pytest.raises(ProfileProblem, match=r"home\.json"):
        load_profile("home")


@pytest.mark.parametrize("name", ["nobody", "../../etc/passwd", ""])
def test_a_profile_that_is_not_there(name):
    with pytest.raises(ProfileProblem, match="model"):
        load_profile(name)


def test_the_record_is_told_no_secret(profile, monkeypatch):
    monkeypatch.setenv("HOME_KEY", "s3cr3t")
    one = profile(key_env="HOME_KEY")
    assert one.secret == "s3cr3t"
    assert "HOME_KEY" not in str(one.card)
    assert "s3cr3t" not in str(one.card)
    assert Profile.of_card(one.card) == one.model_copy(update={"key_env": ""})


def test_a_run_that_goes_on_finds_its_key_where_the_model_is_still_known(profile):
    one = profile(key_env="HOME_KEY")
    save_profile(one)
    assert Profile.of_card(one.card) == one
    elsewhere = one.model_copy(update={"url": "http://127.0.0.1:1/v1"})
    assert Profile.of_card(elsewhere.card).key_env == ""


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1/v1", True), ("http://127.9.9.9:1/v1", True), ("http://[::1]:80/v1", True),
        ("http://localhost:80/v1", True), ("http://127.0.0.1.example.org/v1", False),
        ("http://10.0.0.5/v1", False), ("http://0.0.0.0/v1", False),
        ("http://localhost.example.org/v1", False),
    ],
)  # fmt: skip
def test_which_hosts_are_this_machine(profile, url, local):
    assert profile(url=url).local is local


def _refusals(profile, policy, despite=""):
    return [d.reason for d in decisions([profile], policy, despite) if not d.allowed]


def test_a_host_that_the_policy_does_not_name_is_refused(profile):
    away = profile(url="http://models.example.org/v1")
    assert "policy.network" in _refusals(away, Policy())[0]
    assert not _refusals(away, Policy(network=("http://models.example.org",)))
    for other in ("models.example.org", "http://models.example.org:8000", "http://example.org"):
        assert _refusals(away, Policy(network=(other,)))


def test_a_use_that_the_licence_forbids_is_refused_unless_told_otherwise(profile):
    own = profile(licence="EXAONE 1.2 - NC", uses=("research", "teaching"))
    assert not _refusals(own, Policy())
    (reason,) = _refusals(own, Policy(use="commercial"))
    assert reason.startswith("EXAONE 1.2 - NC allows research, teaching")
    assert "--despite-licence" in reason
    told = decisions([own], Policy(use="commercial"), "a contract of 3 May")
    assert all(d.allowed for d in told)
    assert "a contract of 3 May" in " ".join(d.reason for d in told)


@pytest.mark.parametrize(
    ("clearance", "confidentiality", "allowed"),
    [
        ("institute", "institute", True), ("public", "institute", False),
        ("secret", "project", True), ("project", "secret", False), ("public", "public", True),
    ],
)  # fmt: skip
def test_a_question_above_the_models_clearance(profile, clearance, confidentiality, allowed):
    found = decisions([profile(clearance=clearance)], Policy(confidentiality=confidentiality))
    assert all(d.allowed for d in found) is allowed
    if not allowed:
        with pytest.raises(NotCleared, match="cleared for what is"):
            cleared(found)

"""The site file: read or refused, and a ceiling that no scenario goes above."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gaseol.tools import site as module
from gaseol.tools.site import Ceiling, Site, SiteError, site


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write a site file and put it into force."""

    def write(**said) -> Path:
        path = tmp_path / "site.yaml"
        path.write_text(yaml.safe_dump({"name": "Institute", **said}))
        monkeypatch.setattr(module, "OPERATORS", tmp_path / "none.yaml")
        monkeypatch.setenv("GASEOL_SITE", str(path))
        return path

    return write


def policy(**said) -> SimpleNamespace:
    plain = {"hosts": (), "private": (), "cache": "run", "payloads": "inline", "use": "research",
             "confidentiality": "institute", "low_integrity": ()}  # fmt: skip
    return SimpleNamespace(**plain | said)


def fields(ceiling: Ceiling, **said) -> list[str]:
    return [field for field, _ in ceiling.excess(policy(**said))]


@pytest.mark.parametrize(
    ("ceiling", "asked", "above"),
    [
        ({}, {}, []),
        ({}, {"hosts": ("api.openalex.org",)}, ["network"]),
        ({"network": ["api.openalex.org"]}, {"hosts": ("https://api.openalex.org",)}, []),
        ({"network": ["api.openalex.org"]}, {"hosts": ("http://api.openalex.org",)}, ["network"]),
        ({"network": ["db.inst"]}, {"hosts": ("db.inst",), "private": ("db.inst",)}, ["private"]),
        ({"cache": "run"}, {"cache": "shared"}, ["cache"]),
        ({"payloads": "apart"}, {"payloads": "inline"}, ["payloads"]),
        ({"payloads": "inline"}, {"payloads": "apart"}, []),
        ({}, {"use": "commercial"}, ["use"]),
        ({"confidentiality": "project"}, {"confidentiality": "institute"}, ["confidentiality"]),
        ({"confidentiality": "project"}, {"confidentiality": "secret"}, []),
    ],
)
def test_what_goes_above_is_named(ceiling, asked, above):
    assert fields(Ceiling.model_validate(ceiling), **asked) == above


HOSTS = st.lists(st.sampled_from(["a.org", "b.org", "http://a.org", "a.org:8443"]), unique=True)


@given(HOSTS, HOSTS)
def test_a_ceiling_lets_through_its_own_hosts_and_no_others(allowed, asked):
    ceiling = Ceiling(network=tuple(allowed))
    told = [why for field, why in ceiling.excess(policy(hosts=tuple(asked))) if field == "network"]
    assert len(told) == len(set(asked) - set(allowed))


def test_paths_count_from_its_folder(written, tmp_path):
    written(models="models", corpora="/data/corpora", credentials="keys")
    (tmp_path / "models").mkdir()
    here = site()
    assert here is not None
    assert here.models == tmp_path / "models"
    assert here.corpora == Path("/data/corpora")
    assert here.missing() == (str(tmp_path / "keys"), "/data/corpora")
    assert set(here.card) == {"name", "sha256", "policy"}


def test_who_thinks_depends_on_the_field(written):
    written(scientists={"chemistry": "theorist=exaone", "any": "solar"})
    here = site()
    assert here is not None
    assert [here.scientist(field) for field in ("chemistry", "bio", "")] == [
        "theorist=exaone", "solar", "solar",
    ]  # fmt: skip
    assert Site(name="x").scientist("chemistry") == "embedded"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name: x\nflavour: 1\n", "flavour: Extra inputs"),
        (b"- 1\n", "the file:"),
        (b"name: x\npolicy: {network: ['*']}\n", "policy"),
        (b"name: x\npolicy: {confidentiality: hush}\n", "policy.confidentiality"),
        (b"a: [\n", "is not YAML"),
        (b"\xff\xfe\x00", "is not YAML"),
        (b"x" * 1_000_001, "has more than"),
    ],
)
def test_a_file_that_is_none_is_refused(written, content, said):
    written().write_bytes(content)
    with pytest.raises(SiteError, match=said):
        site()


def test_a_file_that_is_named_must_be_there(written):
    written().unlink()
    with pytest.raises(SiteError, match="No such file"):
        site()


def test_the_operators_file_goes_before_the_users(written, tmp_path, monkeypatch):
    written()
    operators = tmp_path / "operators.yaml"
    operators.write_text("name: Operator\n")
    monkeypatch.setattr(module, "OPERATORS", operators)
    here = site()
    assert here is not None
    assert here.name == "Operator"


def test_without_a_file_there_is_no_site(tmp_path, monkeypatch):
    monkeypatch.delenv("GASEOL_SITE", raising=False)
    monkeypatch.setattr(module, "OPERATORS", tmp_path / "none.yaml")
    assert site() is None

"""Roles: what they may do, and the file that says who has which."""

import os

import pytest
import yaml

from gaseol.traces.shared.people import People, PeopleError, new_person


def written(path, text):
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_a_token_opens_for_its_person_only(tmp_path):
    (one, first), (other, second) = new_person("marie", "reviewer"), new_person("ada", "scientist")
    people = People.read(written(tmp_path / "people.yaml", first + second))
    marie, ada = people.by_token(one), people.by_token(other)
    assert marie is not None
    assert ada is not None
    assert (marie.name, ada.name) == ("marie", "ada")
    assert [marie.may(right) for right in ("look", "run", "review")] == [True, False, True]
    assert [ada.may(right) for right in ("look", "run", "review")] == [True, True, False]
    for nobody in ("", one[:-1], one + "x", "é\udcff"):
        assert people.by_token(nobody) is None
    assert one not in first


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: {role: boss, token_sha256: " + "0" * 64 + "}", "a.role: Input should be"),
        ("a: {role: operator, token_sha256: secret}", "a.token_sha256: String should match"),
        ("a: [", "is not YAML"),
        ("[a]", "the file: Input should be a valid dictionary"),
        (
            yaml.safe_dump({n: {"role": "operator", "token_sha256": "0" * 64} for n in "ab"}),
            "two people have one token",
        ),
    ],
)
def test_a_flaw_is_told_with_its_place(tmp_path, text, why):
    with pytest.raises(PeopleError, match=why):
        People.read(written(tmp_path / "people.yaml", text))


def test_a_file_that_others_may_write_gives_no_rights(tmp_path):
    path = written(tmp_path / "people.yaml", "{}")
    os.chmod(path, 0o622)
    with pytest.raises(PeopleError, match="can be written by others"):
        People.read(path)
    with pytest.raises(PeopleError, match="No such file"):
        People.read(tmp_path / "none.yaml")

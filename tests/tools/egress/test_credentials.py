"""Keys are filled in last, taken out first, and read from where they should be."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.tools.egress.credentials import BadCredentials, Credentials, NoCredential, places

KEY = "s3cr3t/with+odd=chars&x"


def test_a_place_is_filled_for_the_host_it_is_meant_for() -> None:
    held = Credentials({"A_KEY": KEY})
    assert held.fill("x={key:A_KEY}", ["A_KEY"]) == f"x={KEY}"
    with pytest.raises(NoCredential, match="not meant for this host"):
        held.fill("{key:A_KEY}", [])
    with pytest.raises(NoCredential, match="B_KEY is not there: set it in the environment"):
        held.fill("{key:B_KEY}", ["B_KEY"])
    assert places("{key:A_KEY} {key:B_KEY} {key:no}") == {"A_KEY", "B_KEY"}


def test_a_value_is_not_shown() -> None:
    held = Credentials({"A_KEY": KEY})
    assert KEY not in repr(held)
    assert "A_KEY" in repr(held)


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        f"https://a.org/?key={KEY}",
        "https://a.org/?key=s3cr3t%2Fwith%2Bodd%3Dchars%26x",
        "https://a.org/?key=s3cr3t/with%2Bodd%3Dchars%26x",
        "https://a.org/?key=s3cr3t%2fwith%2bodd%3dchars%26x",
        "<echo>s3cr3t/with+odd=chars&amp;x</echo>",
        json.dumps({"echo": KEY}).replace("/", "\\/"),
    ],
)
def test_a_value_is_taken_out_however_it_is_written(text: str) -> None:
    said = Credentials({"A_KEY": KEY}).scrub(text)
    assert "s3cr3t" not in said
    assert "[A_KEY]" in said


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdefghijkl",
        '{"authorization": "Bearer abcdefghijkl"}',
        "?api_key=abcdefghijkl&x=1",
        "ServiceKey=abcdefghijkl",
        '{"access_token": "abcdefghijkl"}',
        "sk-abcdefghijklabcdefghijkl",
        "-----BEGIN PRIVATE KEY-----\nabcdefghijkl\n-----END PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_key_is_taken_out(text: str) -> None:
    said = Credentials().scrub(text)
    assert "abcdefghijkl" not in said
    assert "[secret]" in said
    assert Credentials().scrub(said) == said


def test_a_place_for_a_key_is_no_key() -> None:
    text = "?api_key={key:OPENALEX_API_KEY}"
    assert Credentials().scrub(text) == text


def test_a_key_with_quotes_is_taken_out_of_json_and_the_last_one_of_a_login_stays_out() -> None:
    held = Credentials({"A_KEY": 'quo"ted\\key'})
    assert "ted" not in held.scrub(json.dumps({"echo": 'quo"ted\\key'}))
    first = held.given(TOKEN="the-first-token")
    assert "first" not in first.given(TOKEN="the-second-token").scrub("the-first-token")


def test_a_value_that_holds_another_goes_first() -> None:
    held = Credentials({"LONG": "abcdef-ghijkl", "SHORT": "abcdef"})
    assert held.scrub("abcdef-ghijkl abcdef") == "[LONG] [SHORT]"


@given(st.text("abc0/+=&%.", min_size=6, max_size=30), st.text(), st.text())
def test_no_value_survives(value: str, before: str, after: str) -> None:
    said = Credentials({"A_KEY": value}).scrub_all({"x": [before + value + after], value: 2})
    assert value not in "".join([*said, *said["x"]])


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("# mine\nA_KEY = 'from-file'\nexport B_KEY=other-one\n\n")
    file.chmod(0o600)
    held = Credentials.load({"A_KEY": "from-env", "HOME": "/nobody"}, file)
    assert held.value("A_KEY") == "from-env"
    assert held.value("B_KEY") == "other-one"
    assert "HOME" not in held


def test_a_secret_of_the_environment_is_kept_out_even_if_nobody_needs_it() -> None:
    held = Credentials.load({"DATABASE_PASSWORD": "hunter2hunter2"}, Path("/nonexistent"))
    assert held.scrub("hunter2hunter2") == "[DATABASE_PASSWORD]"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KEY_PATH", "{file}"),
        ("TOKEN_FILE", "{file}"),
        ("SSH_KEY", "{file}"),
        ("SORT_KEY", "energy"),
        ("API_KEY_ENABLED", "enabled"),
        ("PASSWORD_PROMPT", "disabled"),
        ("TOKEN_LIFETIME", "3600.5"),
        ("PRIMARY_KEY", "smiles"),
    ],
)
def test_what_is_no_secret_by_its_looks_tears_no_text_apart(
    tmp_path: Path, name: str, value: str
) -> None:
    file = tmp_path / "some.pem"
    file.write_text("a key")
    given = value.replace("{file}", str(file))
    held = Credentials.load({name: given}, Path("/nonexistent"))
    assert held.scrub_all({given: f"{given}_total"}) == {given: f"{given}_total"}
    assert held.value(name) == given


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENALEX_API_KEY", "energy"),
        ("DB_PASSWORD", "sunshine"),
        ("HF_TOKEN", "/abc/def+ghi="),
        ("HF_TOKEN", "/not/a/file/here"),
        ("GPG_KEY", "A035C8C19219"),
        ("KEY", "abcdefghijklmnop"),
        ("MY_SECRET", "123456789012"),
    ],
)
def test_what_may_be_a_secret_is_taken_out(name: str, value: str) -> None:
    held = Credentials.load({name: value}, Path("/nonexistent"))
    assert held.scrub(f"x{value}y") == f"x[{name}]y"


def test_what_the_file_of_keys_names_is_a_secret_whatever_it_looks_like(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("SORT_KEY=energy\n")
    file.chmod(0o600)
    assert Credentials.load({"SORT_KEY": "energy"}, file).scrub("energy") == "[SORT_KEY]"


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("A_KEY=x")
    file.chmod(0o644)
    with pytest.raises(BadCredentials, match="chmod 600"):
        Credentials.load({}, file)


def test_a_broken_line_is_named_and_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("A_KEY=x\nmy secret value\n")
    file.chmod(0o600)
    with pytest.raises(BadCredentials, match=":2: a line is NAME=value") as raised:
        Credentials.load({}, file)
    assert "my secret" not in str(raised.value)


@pytest.mark.parametrize("given", ["abc/def+gh==", "abc%2Fdef%2Bgh%3D%3D", "abc%2fdef%2bgh%3d%3d"])
def test_a_key_handed_out_percent_encoded_is_the_same_key(given: str) -> None:
    held = Credentials({"A_KEY": given})
    assert held.value("A_KEY") == "abc/def+gh=="
    assert held.scrub("k=abc%2Fdef%2Bgh%3D%3D") == "k=[A_KEY]"


def test_the_sites_file_may_be_read_by_a_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gaseol.tools.site.OPERATORS", tmp_path / "none.yaml")
    (tmp_path / "site.yaml").write_text("name: here\ncredentials: shared")
    monkeypatch.setenv("GASEOL_SITE", str(tmp_path / "site.yaml"))
    shared = tmp_path / "shared"
    shared.write_text("A_KEY=abcdefgh")
    shared.chmod(0o640)
    assert Credentials.load({}).value("A_KEY") == "abcdefgh"
    for mode in (0o644, 0o660):
        shared.chmod(mode)
        with pytest.raises(BadCredentials, match="chmod 640"):
            Credentials.load({})
    shared.chmod(0o600)
    shared.write_bytes(b"A_KEY=\xff\xff")
    with pytest.raises(BadCredentials, match="cannot be read"):
        Credentials.load({})

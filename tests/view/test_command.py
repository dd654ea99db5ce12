"""`gaseol view`, as it is typed."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from click.testing import CliRunner

from gaseol.cli.view_command import _signs, command
from gaseol.traces.signatures import keys
from gaseol.traces.signatures.signing import key_id


def _run(*arguments):
    return CliRunner().invoke(command, list(map(str, arguments)), standalone_mode=True)


def test_bad_input_is_said(sealed, tmp_path):
    for arguments, why in (
        ((tmp_path,), "no run.json"),
        (("--beside", sealed), "needs the RUN"),
        ((sealed, "--language", "fr"), "'fr'"),
        ((sealed, "--port", "99999"), "99999"),
        ((sealed, "--key", "nobody's"), "no name for a key"),
        ((sealed, "--key", "marie"), "there is no key 'marie'"),
        ((sealed, "--key", "marie", "--no-key"), "of one person"),
        ((sealed, "--key", "marie", "--people", tmp_path / "people.yaml"), "of one person"),
    ):
        found = _run(*arguments)
        assert found.exit_code != 0
        assert why in found.output + str(found.exception)


def test_a_key_that_is_locked_keeps_nobody_from_looking(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GASEOL_CONFIG", str(tmp_path))
    assert _signs(None) is None
    keys.new_key("marie", passphrase="open")
    assert _signs(None) is None
    assert "answers will not be signed: the key 'marie' does not open" in capsys.readouterr().err
    with pytest.raises(keys.KeyProblem):
        _signs("marie")
    monkeypatch.setenv("GASEOL_KEY_PASSPHRASE", "open")
    name, key = _signs(None)
    assert (name, key_id(key)) == ("marie", next(iter(keys.own())))


def test_a_port_that_is_taken_is_said(sealed, serve):
    taken = serve(sealed).port
    found = _run(sealed, "--port", taken, "--no-open")
    assert found.exit_code == 2
    assert f"port {taken} cannot be used" in found.output


def test_it_serves_until_it_is_interrupted(sealed):
    started = subprocess.Popen(
        [sys.executable, "-m", "gaseol", "view", str(sealed), "--no-open"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        assert started.stdout is not None
        line = started.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/\S+", line)
        assert address, line
        with pytest.raises(urllib.error.HTTPError, match="403") as refused:
            urllib.request.urlopen(address[0].split("?")[0] + "?token=wrong")
        refused.value.close()
    finally:
        started.send_signal(signal.SIGINT)
        out, errors = started.communicate(timeout=20)
    assert started.returncode == 0, (out, errors)
    assert "Traceback" not in errors

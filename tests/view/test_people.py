"""The viewer with people: each by their own token, within their roles, under their own names."""

import http.client

import orjson
import pytest
import yaml

from gaseol.traces.shared.people import People, Person, new_person

MADE = {role: new_person(role, role) for role in ("scientist", "reviewer", "operator")}
TOKENS = {role: token for role, (token, _) in MADE.items()}


@pytest.fixture
def ask(run, serve):
    people = People(
        {r: Person.model_validate(yaml.safe_load(line)[r]) for r, (_, line) in MADE.items()}
    )
    viewer = serve(run, people=people)

    def go(token, path="/run/made/api/runs", said=None):
        host = f"127.0.0.1:{viewer.port}"
        connection = http.client.HTTPConnection("127.0.0.1", viewer.port, timeout=10)
        headers = {"X-Gaseol-Token": token, "Origin": f"http://{host}",
                   "Content-Type": "application/json"}  # fmt: skip
        body = None if said is None else orjson.dumps(said)
        connection.request("GET" if said is None else "POST", path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content, answer.headers

    go.viewer = viewer
    return go


def test_everybody_of_the_file_may_look_and_nobody_else(ask):
    for token in TOKENS.values():
        assert ask(token, "/api/runs")[0] == 200
    assert ask("", "/api/runs")[0] == 403
    status, said, _ = ask(ask.viewer.token, "/api/runs")
    assert (status, said) == (403, b"this is nobody's token here")
    assert ask.viewer.token not in ask.viewer.address


def test_a_page_holds_the_token_of_whoever_asked(ask):
    status, page, _ = ask(TOKENS["reviewer"], "/run/made/")
    assert status == 200
    assert TOKENS["reviewer"].encode() in page
    for other in (TOKENS["scientist"], TOKENS["operator"], ask.viewer.token):
        assert other.encode() not in page
    status, _, headers = ask("", f"/run/made/?token={TOKENS['scientist']}")
    assert status == 303
    assert TOKENS["scientist"] in headers["Set-Cookie"]


def test_reviewers_write_under_their_own_names(ask):
    note = {"kind": "note", "by": "the director", "text": "well done", "target": {"event": 3},
            "severity": "minor"}  # fmt: skip
    status, said, _ = ask(TOKENS["scientist"], "/run/made/api/reviews", note)
    assert (status, said) == (403, b"scientist is a scientist: reviewers write reviews")
    status, said, _ = ask(TOKENS["reviewer"], "/run/made/api/reviews", note)
    assert status == 200, said
    assert b"the director" not in said
    assert b'"reviewer"' in said

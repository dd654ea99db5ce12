"""What is published of the formats is what the models say.

Run as a script to write it anew: `python tests/readers/test_schema.py`.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from gaseol.scenarios.scenario import Scenario
from gaseol.traces.record import chain
from gaseol.traces.record.event import KINDS
from gaseol.traces.record.schema import Described, event_schema, tables

DOCS = Path(__file__).resolve().parents[2] / "docs"
PLACE = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.S)
EXAMPLE = r"<!-- example: {} -->\n```json\n(.*?)\n```\n"


def published() -> dict[Path, str]:
    """Return every generated file with the text it should have."""
    scenario: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Scenario.model_json_schema(schema_generator=Described),
    }
    made, page = tables(), DOCS / "record.md"
    return {
        DOCS / "events.schema.json": _json(event_schema()),
        DOCS / "scenario.schema.json": _json(scenario),
        page: PLACE.sub(lambda m: f"{m[1]}\n{made[m[2]]}\n\n{m[3]}", page.read_text()),
    }


def _json(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("path", list(published()), ids=lambda path: path.name)
def test_is_current(path: Path) -> None:
    assert path.read_text() == published()[path], "run `python tests/readers/test_schema.py`"


def test_every_table_has_a_place() -> None:
    places = [name for _, name, _ in PLACE.findall((DOCS / "record.md").read_text())]
    assert sorted(places) == sorted(tables())


def test_every_kind_is_in_the_schema() -> None:
    schema = event_schema()
    assert schema["properties"]["kind"]["enum"] == list(KINDS)
    for one in schema["oneOf"]:
        name = one["properties"]["data"]["$ref"].rpartition("/")[2]
        assert KINDS[one["properties"]["kind"]["const"]].__name__ == name
        assert schema["$defs"][name]["additionalProperties"] is False


def test_every_reference_leads_somewhere() -> None:
    for schema in (event_schema(), json.loads((DOCS / "scenario.schema.json").read_text())):
        for name in re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema)):
            assert name in schema["$defs"]


def test_anchors_of_the_page_lead_somewhere() -> None:
    page = (DOCS / "record.md").read_text()
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ")).lower().replace(" ", "-")
        for line in page.splitlines()
        if line.startswith("#")
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= headings


def test_the_example_event_has_the_digest_printed() -> None:
    page = (DOCS / "record.md").read_text()
    line = re.findall(EXAMPLE.format("event"), page, re.S)[0]
    said = dict(re.findall(r"^h\((\S+)\) = ([0-9a-f]{64})$", page, re.M))
    assert json.loads(line)["prev"] == said["0"]
    assert chain.link(bytes.fromhex(said["0"]), line.encode()).hex() == said["1"]
    assert chain.start(b"{}").hex() == said["-1"]
    merkle = chain.Merkle()
    for count, root in enumerate(re.findall(r"^root\(h.*\) +?= ([0-9a-f]{64})$", page, re.M)):
        merkle.add(bytes.fromhex(said[str(count)]))
        assert merkle.root().hex() == root
    assert merkle.count == 3


def test_the_example_registration_has_the_digest_printed() -> None:
    page = (DOCS / "record.md").read_text()
    content = re.findall(EXAMPLE.format("registration"), page, re.S)[0].encode()
    assert f"These {len(content)} bytes" in page
    assert f"`{hashlib.sha256(content).hexdigest()}`" in page


if __name__ == "__main__":
    for target, text in published().items():
        target.write_text(text)

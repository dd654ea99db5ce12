"""`langgraph.json`: LangGraph's own tools open every graph, and cannot run one off the record."""

import importlib.util
import json
from pathlib import Path

import pytest

from gaseol.graphs.catalogue import graph, graphs

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "langgraph.json"
ENTRIES = json.loads(CONFIG.read_text())["graphs"]


def loaded(entry: str):
    """Load an entry by LangGraph's documented rule: a file, a colon, a variable of its module."""
    path, _, variable = entry.rpartition(":")
    spec = importlib.util.spec_from_file_location("langgraph_entry", ROOT / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return vars(module)[variable]


def test_every_built_in_graph_is_named():
    assert set(ENTRIES) == {
        name for name, g in graphs().items() if "gaseol.graphs" in g.build.__module__
    }


def test_the_cli_takes_the_file():
    config = pytest.importorskip("langgraph_cli.config", reason="comes with the extra: dev")
    found = config.validate_config_file(CONFIG)
    assert found["graphs"] == ENTRIES


@pytest.mark.parametrize("name", list(ENTRIES))
def test_an_entry_opens_as_the_graph_of_its_name(name):
    from langgraph.graph.state import CompiledStateGraph

    opened = loaded(ENTRIES[name])
    assert isinstance(opened, CompiledStateGraph)
    drawn = opened.get_graph()
    nodes = set(drawn.nodes) - {"__start__", "__end__"}
    built = graph(name).build(lambda _, node: node)
    assert nodes == set(built.nodes)
    assert drawn.draw_mermaid().count("-->") + drawn.draw_mermaid().count("-.->") >= len(nodes)
    assert opened.get_input_jsonschema()["type"] == "object"


@pytest.mark.parametrize("name", list(ENTRIES))
def test_without_a_laboratory_it_says_how_a_run_begins(name):
    with pytest.raises(RuntimeError, match="gaseol run"):
        loaded(ENTRIES[name]).invoke({})

"""What clients may have called and be told: their arguments are a model's."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="needs the extra mcp")

from gaseol.mcp.expeditions import Expeditions
from gaseol.mcp.guard import Guard
from gaseol.mcp.instruments import Instruments
from gaseol.mcp.records import Records
from gaseol.mcp.server import House
from gaseol.tools import Pool, Registry
from gaseol.tools.mcp.configuration import ConfiguredServer
from gaseol.tools.mcp.definition import Definition
from gaseol.tools.mcp.servers import served
from gaseol.tools.screens import Screens
from gaseol.tools.site import Site

SERVER = Path(__file__).parents[1] / "tools" / "mcp" / "hostile.py"
NUMBER = {"type": "number"}
SIGNAL = {
    "name": "signal",
    "description": "Return a signal.",
    "inputSchema": {"type": "object", "properties": {"size": NUMBER}},
    "outputSchema": {
        "type": "object",
        "properties": {"value": {"type": "number", "unit": "K"}, "spread": NUMBER},
        "required": ["value"],
    },
}
TOOLS = '''
from typing import Annotated, Literal

from gaseol.tools import tool
from gaseol.tools.contract import States
from pydantic import BaseModel


class Note(BaseModel):
    text: str
    level: Annotated[Literal["public", "institute", "project", "secret"], States()]


@tool(quotes="corpus")
def note(level: str) -> Note:
    """Return what somebody wrote.

    Args:
        level: how confidential it is.
    """
    return Note(text="wrote", level=level)


@tool(consequential=True, deterministic=False)
def order(what: str) -> str:
    """Order something.

    Args:
        what: is ordered.
    """
    return f"ordered {what}"
'''


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    folder = tmp_path_factory.mktemp("tools")
    (folder / "tools.py").write_text(TOOLS)
    server = ConfiguredServer(
        command=(sys.executable, "-I", str(SERVER), "good"),
        tools={"signal": Definition.of(SIGNAL).digest},
    )
    with (
        Pool(Registry(), 1, [folder]) as workers,
        served(workers, {"calc": server}, (), None) as both,
    ):
        yield both


def house(pool: Pool, guard: Guard) -> House:
    expeditions = Expeditions()
    return House(Instruments(pool, guard), expeditions, Records(expeditions), all_tools=True)


def test_a_model_elsewhere_does_nothing_that_cannot_be_taken_back(visit, pool: Pool) -> None:
    async def act(visitor) -> None:
        said = await visitor.fail("order", what="water")
        assert said.startswith("refused: order cannot be taken back, and client had a say in it")
        assert "gaseol mcp --low-integrity" in said
        (one,) = [t for t in (await visitor.client.list_tools()).tools if t.name == "order"]
        assert one.annotations.destructive_hint is True
        assert one.annotations.read_only_hint is False

    visit(house(pool, Guard()), act)

    async def allowed(visitor) -> None:
        assert await visitor.ask("order", what="water") == {"result": "ordered water"}

    visit(house(pool, Guard(takes_low=frozenset({"order"}))), allowed)


def test_a_client_is_told_what_it_is_cleared_for(visit, pool: Pool) -> None:
    async def act(visitor) -> None:
        assert (await visitor.ask("note", level="institute"))["text"] == "wrote"
        said = await visitor.fail("note", level="secret")
        assert "is secret, and clients are cleared for what is institute" in said

    visit(house(pool, Guard()), act)

    async def cleared(visitor) -> None:
        assert (await visitor.ask("note", level="secret"))["text"] == "wrote"

    visit(house(pool, Guard(clearance="secret")), cleared)


def test_results_of_strangers_are_labelled(visit, pool: Pool) -> None:
    async def act(visitor) -> None:
        own = await visitor.call("note", level="project")
        assert own.is_error
        theirs = await visitor.call("calc__signal", size=0)
        assert theirs.structured_content["value"] == 300
        assert theirs.meta["gaseol/label"] == {"confidentiality": "public", "sources": ["mcp:calc"]}

    visit(house(pool, Guard()), act)


def test_the_screens_of_the_site_hold_for_clients(visit, pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("name,smiles\naspirin,CC(=O)Oc1ccccc1C(=O)O\n")
    (tmp_path / "site.yaml").write_text(
        "name: I\nscreens: {chemicals: {by: screen_molecules, file: list.csv}}\n"
    )
    screens = Screens(Site.read(tmp_path / "site.yaml"))

    async def act(visitor) -> None:
        said = await visitor.fail("order", what="OC(=O)c1ccccc1OC(C)=O")
        assert "the screen 'chemicals' names aspirin" in said

    try:
        visit(house(pool, Guard(takes_low=frozenset({"order"}), screens=screens)), act)
    finally:
        screens.close()

"""The server: what clients are told there is, and who answers them."""

import asyncio
import importlib.metadata
from typing import Any

import mcp_types as types
import orjson
from mcp.server import Server
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from pydantic import Field

from gaseol.mcp.expeditions import Expeditions
from gaseol.mcp.instruments import Instruments
from gaseol.mcp.listener import PERSON
from gaseol.mcp.offer import definition
from gaseol.mcp.records import Records
from gaseol.mcp.service import Progress, Question, Service, Wrong, failed
from gaseol.traces.shared.people import Person

INSTRUCTIONS = """\
gaseol measures with scientific tools and runs registered tests of hypotheses.
To measure: gaseol_find_tools with a few words, gaseol_describe_tool, then gaseol_call_tool.
To test hypotheses: gaseol_list_scenarios, gaseol_describe_scenario, gaseol_start_run, then
gaseol_run_status and gaseol_run_summary. A verdict is computed from the record; quote it, with its
evidence, and do not replace it by your own. A failure is typed and says what to do; it is no result.
"""

CALL = "gaseol_call_tool"


class Calling(Question):
    """A measuring tool by name, and the arguments to give it."""

    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class House:
    """All that one server offers; the handlers of the protocol are its methods."""

    def __init__(
        self,
        instruments: Instruments,
        expeditions: Expeditions,
        records: Records,
        *,
        all_tools: bool = False,
    ) -> None:
        """Say what there is.

        Args:
            instruments: the measuring tools.
            expeditions: the scenarios that may be run.
            records: the records that may be read.
            all_tools: list every measuring tool by itself, instead of letting it be found.
        """
        self.instruments = instruments
        self.expeditions = expeditions
        self.records = records
        found = [*instruments.services(), *expeditions.services(), *records.services()]
        self._services: dict[str, Service] = {service.name: service for service in found}
        self._all_tools = all_tools

    def server(self) -> Server[Any]:
        """Return a server of the protocol, to be run on any transport."""
        return Server(
            "gaseol",
            title="gaseol",
            version=importlib.metadata.version("gaseol"),
            instructions=INSTRUCTIONS,
            get_tool_input_schema=self._input_schema,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_resources=self._list_resources,
            on_list_resource_templates=self._list_templates,
            on_read_resource=self._read_resource,
        )

    def tools(self) -> list[types.Tool]:
        """Return the definitions that clients are shown."""
        own = [service.definition for service in self._services.values()]
        if self._all_tools:
            return [*own, *(definition(card) for card in self.instruments.cards())]
        return [*own, _gateway()]

    async def call(
        self, name: str, arguments: dict[str, Any], progress: Progress
    ) -> types.CallToolResult:
        """Answer a call, of a service or of a measuring tool, listed or not.

        Args:
            name: as clients call it.
            arguments: by name.
            progress: how far it has come.
        """
        service = self._services.get(name)
        if service is not None:
            return await service.call(arguments, progress)
        if name != CALL:
            return await self.instruments.call(name, arguments, progress)
        if (
            not isinstance(arguments.get("name"), str)
            or not isinstance(arguments.get("arguments", {}), dict)
            or arguments.keys() - {"name", "arguments"}
        ):
            return failed(f"{CALL} takes name (text) and arguments (an object), nothing else")
        return await self.instruments.call(
            arguments["name"], arguments.get("arguments", {}), progress
        )

    def _input_schema(self, name: str) -> dict[str, Any] | None:
        found = next((tool for tool in self.tools() if tool.name == name), None)
        return found.input_schema if found else None

    async def _list_tools(
        self,
        context: ServerRequestContext[Any],  # noqa: ARG002
        asked: types.PaginatedRequestParams | None,  # noqa: ARG002
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=self.tools())

    async def _call_tool(
        self, context: ServerRequestContext[Any], asked: types.CallToolRequestParams
    ) -> types.CallToolResult:
        person = _person(context)
        service = self._services.get(asked.name)
        right = "look" if service is not None and service.reads else "run"
        if person is not None and not person.may(right):
            why = f"{person.name} is a {person.role}, who may not do this: {asked.name}"
            return failed(why)

        async def progress(done: float, total: float | None, message: str) -> None:
            await context.session.report_progress(done, total, message)

        return await self.call(asked.name, dict(asked.arguments or {}), progress)

    async def _list_resources(
        self,
        context: ServerRequestContext[Any],  # noqa: ARG002
        asked: types.PaginatedRequestParams | None,  # noqa: ARG002
    ) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=self.records.resources())

    async def _list_templates(
        self,
        context: ServerRequestContext[Any],  # noqa: ARG002
        asked: types.PaginatedRequestParams | None,  # noqa: ARG002
    ) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(resource_templates=self.records.templates())

    async def _read_resource(
        self,
        context: ServerRequestContext[Any],  # noqa: ARG002
        asked: types.ReadResourceRequestParams,
    ) -> types.ReadResourceResult:
        try:
            said = await asyncio.to_thread(self.records.read, str(asked.uri))
        except Wrong as wrong:
            raise MCPError(types.INVALID_PARAMS, str(wrong)) from None
        text = orjson.dumps(said.model_dump(mode="json")).decode()
        contents = types.TextResourceContents(
            uri=str(asked.uri), mime_type="application/json", text=text
        )
        return types.ReadResourceResult(contents=[contents])


def _person(context: ServerRequestContext[Any]) -> Person | None:
    """Return who asks; None where there is one token, or a client that this machine started."""
    scope = getattr(context.request, "scope", None)
    return scope.get(PERSON) if scope else None


def _gateway() -> types.Tool:
    """Return the one definition by which all measuring tools are called."""
    return types.Tool(
        name=CALL,
        description="Call a measuring tool by its name, with arguments as gaseol_describe_tool "
        "says. It runs isolated, within its limits; taking the request back kills it.",
        input_schema=Calling.model_json_schema(),
        annotations=types.ToolAnnotations(
            read_only_hint=True, destructive_hint=False, open_world_hint=False
        ),
    )

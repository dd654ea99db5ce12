"""Definitions: what a server says of a tool, pinned by its digest, and the card made of it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gaseol.tools.contract import Network, ToolCard
from gaseol.tools.mcp.configuration import SEPARATOR, ConfiguredServer, Server
from gaseol.tools.mcp.schema import LONGEST_TEXT, Unusable, plain, printable

THIRD_PARTY = "third-party"
"""The tag of a tool whose results nobody here vouches for."""

TEXT = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "left_out": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["text", "left_out"],
}
"""The result of a tool that declares none: its words, and what else it sent that is not kept."""

_PINNED = ("name", "title", "description", "inputSchema", "outputSchema", "annotations")
_LONGEST_NAME = 64


@dataclass(frozen=True)
class Definition:
    """A tool as its server defines it."""

    said: Mapping[str, Any]
    """Name, title, description, schemas and annotations, as they came."""

    @classmethod
    def of(cls, tool: Mapping[str, Any]) -> "Definition":
        """Return the definition of a tool as it was listed.

        Args:
            tool: as JSON, by the names of the protocol.
        """
        return cls({key: tool[key] for key in _PINNED if tool.get(key) is not None})

    @property
    def name(self) -> str:
        """The tool's name at its server."""
        return str(self.said.get("name", ""))

    @property
    def digest(self) -> str:
        """SHA-256 of the definition as JSON with sorted keys: what a scenario pins."""
        # not orjson: a stranger's numbers may be longer than it takes
        plain_text = json.dumps(self.said, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(plain_text.encode()).hexdigest()

    @property
    def declares_result(self) -> bool:
        """It has an output schema."""
        return "outputSchema" in self.said

    def card(self, server_name: str, server: Server) -> ToolCard:
        """Return a tool's description for the registry, marked as a third party's.

        Args:
            server_name: as it is named here.
            server: that the tool is of.

        Raises:
            Unusable: its schemas cannot be used.
        """
        summary = printable(str(self.said.get("description") or self.name))
        taken = plain(self.said.get("inputSchema", {}))
        given = plain(self.said["outputSchema"]) if self.declares_result else TEXT
        return ToolCard(
            name=called(server_name, self.name),
            summary=f"[third party: {server_name}] {summary}"[:LONGEST_TEXT],
            description=f"[third party: {server_name}; its own words, unchecked] {summary}",
            module=f"mcp:{server_name}",
            seconds=1.0,
            limit_seconds=server.seconds,
            cpu_seconds=server.seconds,
            memory_mb=server.memory_mb,
            network=_network(server),
            deterministic=False,
            tolerance=0.0,
            needs=("mcp",),
            tags=("mcp", THIRD_PARTY, server_name),
            input_schema=taken,
            output_schema=given,
            digest=self.digest,
        )


def _network(server: Server) -> Network:
    """Return the hosts that a call may reach: of a command with the network, any."""
    if server.url:
        return (server.host,)
    return ("any host",) if isinstance(server, ConfiguredServer) and server.network else "none"


def called(server_name: str, tool: str) -> str:
    """Return what a tool is called in a scenario.

    Args:
        server_name: as it is named here.
        tool: its name at the server.

    Raises:
        Unusable: the two together are longer than clients and models take.
    """
    name = f"{server_name}{SEPARATOR}{tool.replace('.', '_')}"
    if len(name) > _LONGEST_NAME:
        raise Unusable(
            f"{name} is longer than {_LONGEST_NAME} characters; give the server a shorter name"
        )
    return name

"""A server made with the reference SDK: `python server.py [--http PORT]`."""

import sys
from typing import Annotated

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

server = MCPServer("calculator")


class Reading(BaseModel):
    """A number with its spread."""

    value: Annotated[float, Field(json_schema_extra={"unit": "K"})]
    spread: float


@server.tool()
def signal(size: float) -> Reading:
    """Return a signal that grows with size."""
    return Reading(value=300.0 + 2.0 * size, spread=0.1)


@server.tool()
def refuse(size: float) -> Reading:
    """Refuse what is asked."""
    raise ToolError("only sizes that nobody has")


if __name__ == "__main__":
    if "--http" in sys.argv:
        server.run("streamable-http", port=int(sys.argv[-1]))
    else:
        server.run()

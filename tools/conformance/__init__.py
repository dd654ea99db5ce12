"""The conformance suite: whether a tool is what it declares to be.

For a plug-in author's own tests:

    from gaseol.tools.conformance import check_tool

    def test_conforms():
        report = check_tool(my_tool)
        assert report.holds, report
"""

from types import ModuleType
from typing import Any

from gaseol.tools.conformance.finding import Finding, Report
from gaseol.tools.contract import Tool
from gaseol.tools.registry import Entry, tools_in


def check_tool(tool: Tool[..., Any], *, allow_weak: bool = True) -> Report:
    """Check that a tool is what it declares to be; it is called in isolated workers.

    Args:
        tool: at the top level of a module that can be imported by name.
        allow_weak: run it even where nothing keeps it from the network.
    """
    return check_entry(Entry(tool, plugin=tool.module, module=tool.module), allow_weak=allow_weak)


def check_module(module: ModuleType, *, allow_weak: bool = True) -> tuple[Report, ...]:
    """Check every tool at the top level of a module.

    Args:
        module: one that can be imported by name.
        allow_weak: run its tools even where nothing keeps them from the network.
    """
    return tuple(check_tool(tool, allow_weak=allow_weak) for tool in tools_in(module))


def check_entry(entry: Entry, *, allow_weak: bool = False) -> Report:
    """Check a tool of the registry, which may lie beside a scenario.

    Args:
        entry: the tool and where it is.
        allow_weak: run it even where nothing keeps it from the network.
    """
    # Processes start when somebody checks: a worker that observes imports this package too.
    from gaseol.tools.conformance.examination import examine

    return examine(entry, trust=allow_weak)


__all__ = ["Finding", "Report", "check_entry", "check_module", "check_tool"]

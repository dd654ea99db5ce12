"""What holds for every tool of the pack."""

import subprocess
import sys

import pytest

import gaseol.tools.materials as pack
from gaseol.tools import Tool
from gaseol.tools.space import SpaceKind

THINGS = [getattr(pack, name) for name in pack.__all__]
TOOLS = [thing for thing in THINGS if not isinstance(thing, SpaceKind)]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_schemas_are_complete(tool):
    assert isinstance(tool, Tool)
    assert tool.network == "none"
    assert {"pymatgen", "spglib"} & set(tool.needs)
    assert all("description" in entry for entry in tool.input_schema["properties"].values())
    assert tool.output_schema


@pytest.mark.parametrize(
    ("tool", "unit"),
    [
        (pack.bulk_modulus, "GPa"),
        (pack.powder_pattern, "degree"),
        (pack.element_properties, "K"),
        (pack.hull, "eV"),
    ],
)
def test_units_stand_in_the_schema(tool, unit):
    assert f"'unit': '{unit}'" in str(tool.output_schema)


def test_importing_the_pack_imports_no_heavy_library():
    code = """
import sys
import gaseol.tools
before = set(sys.modules)
import gaseol.tools.materials
print(*{name.partition(".")[0] for name in set(sys.modules) - before})
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pymatgen", "numpy", "scipy", "spglib", "yaml"} & set(out.stdout.split())


def test_a_structure_passes_from_tool_to_tool_as_json(halite):
    held = halite.model_dump(mode="json")
    assert pack.symmetry.invoke({"structure": held})["number"] == 225
    peaks = pack.powder_pattern.invoke({"structure": held, "two_theta_max": 40})
    assert peaks == pack.powder_pattern.invoke({"structure": held, "two_theta_max": 40})
    assert pack.describe_structure.invoke({"structure": held})["formula"] == "NaCl"

import subprocess
import sys

import pytest

from gaseol.tools import Tool, chemistry
from gaseol.tools.space import Describer, SpaceKind

TOOLS = [value for value in vars(chemistry).values() if isinstance(value, Tool)]


def test_every_tool_is_at_the_top_level():
    named = {one.name for one in TOOLS}
    assert named <= set(chemistry.__all__)
    others = [getattr(chemistry, name) for name in set(chemistry.__all__) - named]
    assert all(isinstance(one, SpaceKind | Describer) for one in others)


@pytest.mark.parametrize("one", TOOLS, ids=lambda one: one.name)
def test_tools_tell_what_they_are(one):
    assert one.deterministic
    assert one.network == "none"
    assert one.missing() == ()
    assert "chemistry" in one.tags
    assert "$ref" in one.output_schema or "type" in one.output_schema


def test_importing_the_pack_loads_nothing_heavy():
    script = (
        "import sys, gaseol.tools; before = set(sys.modules); import gaseol.tools.chemistry; "
        "print(*({name.partition('.')[0] for name in sys.modules} - before))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout.split()
    assert not set(loaded) & {"rdkit", "numpy", "pandas", "tblite", "chemicals", "thermo", "scipy"}

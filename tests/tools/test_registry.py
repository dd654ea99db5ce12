"""The registry: what is installed or lies beside a scenario, found and named."""

import importlib
import sys
from pathlib import Path

import pytest

from gaseol.tools import Call, Pool, Registry, Tool, tool
from gaseol.tools.contract import ToolCard
from gaseol.tools.registry import TwinToolsError, UnknownToolError, plugin_objects, plugins

SOURCE = """
from gaseol.tools import tool

LIMIT = 3

@tool(seconds=0.01)
def {name}(x: int) -> int:
    \"\"\"Return a number.

    Args:
        x: the number.
    \"\"\"
    return x + LIMIT
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install plug-ins for the length of a test, from their source."""
    monkeypatch.syspath_prepend(tmp_path)

    def install(**modules: str) -> None:
        for name, source in modules.items():
            monkeypatch.delitem(sys.modules, name, raising=False)  # of an earlier test
            (tmp_path / f"{name}.py").write_text(source)
        info = tmp_path / "gaseol_test_plugins-1.0.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: gaseol-test-plugins\nVersion: 1.0\n"
        )
        lines = [f"{name.removeprefix('plug_')} = {name}" for name in modules]
        (info / "entry_points.txt").write_text("[gaseol]\n" + "\n".join(lines) + "\n")
        importlib.invalidate_caches()
        plugins.cache_clear()

    yield install
    plugins.cache_clear()


def test_an_installed_tool_is_found_and_called_in_a_worker(install):
    install(plug_one=SOURCE.format(name="tool_of_one"))
    registry = Registry.load()
    assert isinstance(registry.get("tool_of_one"), Tool)
    assert registry.entry("tool_of_one").plugin == "one"
    assert registry.entry("tool_of_one").domain == "gaseol-test-plugins"
    assert registry.entry("boiling_point").domain == ""
    with Pool(registry, jobs=1) as pool:
        assert pool.submit(Call(tool="tool_of_one", arguments={"x": 1})).result(60).value == 4


def test_other_layers_take_their_own(install):
    install(plug_one=SOURCE.format(name="tool_of_one"))
    found = {(plugin, name): thing for plugin, name, thing in plugin_objects()}
    assert found["one", "LIMIT"] == 3


def test_a_broken_plugin_is_named_not_dropped(install):
    install(
        plug_good=SOURCE.format(name="tool_of_good"),
        plug_bad="import no_such_module_at_all\n",
        plug_ends="raise SystemExit(3)\n",
    )
    registry = Registry.load()
    assert "tool_of_good" in registry
    problems = {problem.plugin: problem for problem in registry.problems}
    assert "no_such_module_at_all" in problems["bad"].reason
    assert "Traceback" in problems["bad"].detail
    assert "SystemExit" in problems["ends"].reason
    with pytest.raises(UnknownToolError, match=r"bad.* could not be loaded"):
        registry.get("tool_of_bad")


def test_two_tools_of_one_name_are_an_error(install):
    install(plug_one=SOURCE.format(name="same"), plug_two=SOURCE.format(name="same"))
    with pytest.raises(TwinToolsError, match="one of one, one of two"):
        Registry.load()


def test_a_tool_offered_twice_is_one_tool(install):
    install(plug_one=SOURCE.format(name="shared"), plug_two="from plug_one import shared\n")
    assert "shared" in Registry.load()


def test_a_folder_is_described_without_being_imported(tmp_path):
    proof = tmp_path / "imported-in"
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools.py").write_text(SOURCE.format(name="beside"))
    (tmp_path / "tools" / "more.py").write_text(
        SOURCE.format(name="further") + "import os\nPID = os.getpid()\n"
    )
    registry = Registry().extended([tmp_path])
    assert registry.names() == ("beside", "further")
    card = registry.get("further")
    assert isinstance(card, ToolCard)
    assert card.input_schema["properties"]["x"]["description"] == "the number."
    assert registry.entry("further").domain == str(tmp_path)
    assert not proof.exists()
    assert not list(tmp_path.rglob("__pycache__"))
    with Pool(registry, jobs=1) as pool:
        answers = pool.map(Call(tool=name, arguments={"x": 1}) for name in registry.names())
    assert [answer.value for answer in answers] == [4, 4]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import no_such_module_at_all\n", "no_such_module_at_all"),
        ("def broken(:\n", "SyntaxError"),
        ("import os\nos._exit(9)\n", "exit status 9"),
        ("from gaseol.tools import tool\n@tool\ndef f(x): ...\n", "DeclarationError"),
    ],
)
def test_a_broken_folder_is_named_not_dropped(tmp_path, source, said):
    (tmp_path / "tools.py").write_text(source)
    registry = Registry().extended([tmp_path])
    assert len(registry) == 0
    (problem,) = registry.problems
    assert problem.plugin == str(tmp_path)
    assert said in problem.reason


def test_a_folder_cannot_take_the_name_of_an_installed_tool(install, tmp_path):
    install(plug_one=SOURCE.format(name="taken"))
    folder = tmp_path / "scenario"
    folder.mkdir()
    (folder / "tools.py").write_text(SOURCE.format(name="taken"))
    with pytest.raises(TwinToolsError, match="taken"):
        Registry.load([folder])


def test_a_folder_that_only_imports_a_tool_does_not_own_it(tmp_path):
    (tmp_path / "tools.py").write_text("from gaseol.tools.chemistry import *\n")
    assert len(Registry().extended([tmp_path])) == 0


def test_names_are_sorted_and_near_matches_offered():
    @tool
    def zeta() -> int:
        """Return one."""
        return 1

    @tool
    def molar_mass() -> int:
        """Return one."""
        return 1

    registry = Registry([zeta, molar_mass])
    assert registry.names() == ("molar_mass", "zeta")
    assert [one.name for one in registry] == ["molar_mass", "zeta"]
    assert len(registry) == 2
    assert registry.get("zeta") is zeta
    with pytest.raises(UnknownToolError, match="did you mean molar_mass"):
        registry.get("molarmass")
    with pytest.raises(UnknownToolError, match="did you mean molar_mass"):
        registry.get("mass")


def test_our_own_packs_load():
    registry = Registry.load()
    assert not [problem.reason for problem in registry.problems]
    assert Path(importlib.import_module("gaseol.tools").__file__ or "").exists()

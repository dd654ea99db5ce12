"""Imports run one way: traces <- tools <- scenarios <- agents <- graphs <- src/gaseol."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAYERS = ("traces", "tools", "scenarios", "agents", "graphs", "src/gaseol")
PLUGGED = tuple(
    f"gaseol.tools.{pack}"
    for pack in (
        "bio", "chemistry", "energy", "literature", "materials", "potentials", "robotics", "statistics",
    )
)  # fmt: skip
FILES = sorted(
    (layer, file)
    for layer in LAYERS
    for file in (ROOT / layer).rglob("*.py")
    if layer != "src/gaseol" or not set(LAYERS) & set(file.relative_to(ROOT / layer).parts)
)


def imported(file: Path) -> Iterator[tuple[int, int, str]]:
    """Yield line, level and module of every import, wherever in the file it stands."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, 0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield node.lineno, node.level, module
            if module == "gaseol":
                yield from ((node.lineno, 0, f"gaseol.{alias.name}") for alias in node.names)


def test_there_are_files() -> None:
    assert {layer for layer, _ in FILES} == set(LAYERS)
    assert len(FILES) > 80


@pytest.mark.parametrize(
    ("layer", "file"), FILES, ids=[str(file.relative_to(ROOT)) for _, file in FILES]
)
def test_imports_run_downwards(layer: str, file: Path) -> None:
    above = LAYERS[LAYERS.index(layer) + 1 : -1] + (("cli",) if layer != "src/gaseol" else ())
    for line, level, module in imported(file):
        where = f"{file.relative_to(ROOT)}:{line}: {module}"
        assert level == 0, f"{where}: imports are absolute"
        head = module.split(".")[0]
        assert head not in LAYERS, f"{where}: a bare name; import gaseol.{module}"
        if head == "gaseol" and module.count("."):
            assert module.split(".")[1] not in above, f"{where}: imports run downwards"
        if not file.is_relative_to(ROOT / "tools") and layer != "scenarios":
            assert not module.startswith(PLUGGED), f"{where}: packs come in by the plug-in door"


def test_traces_know_no_chemistry_and_no_graph_library() -> None:
    for layer, file in FILES:
        if layer == "traces":
            heads = {module.split(".")[0] for _, _, module in imported(file)}
            assert not heads & {"rdkit", "pymatgen", "langgraph", "ase", "tblite"}, file


def test_no_module_has_the_name_of_something_its_package_offers() -> None:
    for layer in LAYERS[:-1]:
        package = __import__(f"gaseol.{layer}", fromlist=["*"])
        offered = set(getattr(package, "__all__", ()))
        modules = {file.stem for file in (ROOT / layer).glob("*.py")}
        assert not offered & modules, f"{layer}: {offered & modules}"

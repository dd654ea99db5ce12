"""What docs/packs.md says of the packs is what the packs say of themselves.

Run as a script to write it anew: `python tests/tools/test_packs.py`.
"""

import importlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from gaseol.tools import Tool

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "packs.md"
PACKS = ("chemistry", "materials", "potentials", "energy", "bio", "robotics", "statistics")
CITED = re.compile(r"doi:|\(\d{4}\)|, \d{4}\)|\b(1[89]|20)\d\d\b")
ARITHMETIC = {
    # what follows from structure, list, table or text by a rule that the description states in full
    "composition_features", "describe_structure", "draw_molecule", "draw_structure",
    "element_properties", "element_property", "elements_excluded", "elements_with",
    "enumerate_reaction", "flame_mixtures", "layered_cathodes", "match_pattern", "oxidation_states",
    "poles", "proportion_size", "read_structure", "read_structure_file", "screen_molecules",
    "screen_sequences", "substructure_search",
    "translate_dna", "write_structure",
}  # fmt: skip
HEAD = """# The packs: what can be measured, and how far it holds

This page is written from the tools' own descriptions and tested against them. `gaseol list tools` says
what is available here and what to install, `gaseol tool NAME --schema` gives arguments, units and
bounds, `gaseol tool NAME key=value` calls one. Packs come in by the entry-point group `gaseol`, as
anybody's do ([tools.md](tools.md)).

An extra is installed by `pip install 'gaseol[NAME]'`. Where it is missing, its tools are listed with what
to install and answer `unavailable`. Chemistry, materials and statistics need none. `mlip` brings torch
(0.8 GB; on Linux plain pip may choose a build for graphics cards, which is larger) and needs Python
below 3.13; `rna` stands apart because ViennaRNA's licence is not an open-source one.
"""


def extras() -> dict[str, str]:
    """Return the extra that brings each distribution."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {
        re.split(r"[<>=;\[ ]", line)[0].lower(): extra
        for extra, lines in project["optional-dependencies"].items()
        if extra not in ("test", "dev")
        for line in lines
    }


def tools(pack: str) -> list[Tool[..., Any]]:
    module = importlib.import_module(f"gaseol.tools.{pack}")
    found = [getattr(module, name) for name in sorted(module.__all__)]
    return [one for one in found if isinstance(one, Tool)]


def page() -> str:
    """Return the page as it should be."""
    parts = [HEAD]
    for pack in PACKS:
        module = importlib.import_module(f"gaseol.tools.{pack}")
        summary = (module.__doc__ or "").strip().splitlines()[0]
        title, _, rest = summary.partition(": ")
        rows = [
            f"| [`{one.name}`](#{one.name}) | {one.summary.rstrip('.')} | {needs(one)} | "
            f"{one.seconds:g} s |"
            for one in tools(pack)
        ]
        parts.append(
            f"\n## {title}\n\n{rest[:1].upper()}{rest[1:]}\n\n| tool | what it does | extra | "
            "a call takes |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
        )
        parts += [f"\n### {one.name}\n\n{told(one)}\n" for one in tools(pack)]
    return "".join(parts)


def needs(one: Tool[..., Any]) -> str:
    known = extras()
    found = {known[need.lower()] for need in one.needs if need.lower() in known}
    return ", ".join(f"`{extra}`" for extra in sorted(found))


def told(one: Tool[..., Any]) -> str:
    """Return a tool's description up to what it raises."""
    return one.description.partition("\nRaises:")[0].strip()


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(), "run `python tests/tools/test_packs.py`"


def test_every_pack_is_at_the_plug_in_door() -> None:
    points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    for pack in PACKS:
        assert points["gaseol"][pack] == f"gaseol.tools.{pack}"


@pytest.mark.parametrize("one", [t for pack in PACKS for t in tools(pack)], ids=lambda t: t.name)
def test_every_tool_says_where_its_numbers_come_from(one: Tool[..., Any]) -> None:
    assert one.name in ARITHMETIC or CITED.search(one.description), one.name
    assert one.network == "none"
    assert set(one.signature.parameters) == set(one.input_schema.get("properties", {}))
    for name, entry in one.input_schema.get("properties", {}).items():
        assert entry.get("description") or "$ref" in entry, f"{one.name}: {name}"


@pytest.mark.parametrize("pack", PACKS)
def test_a_missing_library_is_said_with_the_extra_that_brings_it(
    pack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gaseol.tools.contract.requirement import how_to_get

    known = extras()
    for one in tools(pack):
        for need in one.needs:
            if need.lower() in known:
                assert f"gaseol[{known[need.lower()]}]" in how_to_get(need)


def test_arithmetic_names_tools_that_exist() -> None:
    assert {t.name for pack in PACKS for t in tools(pack)} >= ARITHMETIC


if __name__ == "__main__":
    PAGE.write_text(page())

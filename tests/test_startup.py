"""What is imported when: the command line answers before anything heavy is loaded."""

import subprocess
import sys

HEAVY = ("numpy", "scipy", "pydantic", "langgraph", "rdkit", "pymatgen", "matplotlib", "rich")


def _modules(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(out.stdout.split())


def test_help_loads_nothing_heavy() -> None:
    code = (
        "from gaseol.cli import gaseol\n"
        "try: gaseol.main(['--help'], standalone_mode=False)\n"
        "except SystemExit: pass"
    )
    assert not _modules(code) & set(HEAVY)


def test_verifying_needs_no_graph_library_and_no_chemistry() -> None:
    assert not _modules("import gaseol.traces.verification.verifier") & {
        "langgraph",
        "rdkit",
        "pymatgen",
    }


def test_packs_load_without_their_libraries() -> None:
    loaded = _modules("import gaseol.tools.chemistry, gaseol.tools.materials")
    assert not loaded & {"rdkit", "pymatgen", "tblite", "ase", "chemicals", "thermo", "scipy"}

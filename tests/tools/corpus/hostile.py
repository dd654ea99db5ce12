"""The corpus: hostile inputs of chemistry and materials, by kind.

Each names a tool, the arguments, and the kinds of failure that are right for it; `VALUE` among them
says that a value is right too. Seen in the wild or made from what parsers are known to do badly.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

VALUE = "value"
BAD = frozenset({"bad_arguments"})
AWAY = frozenset({"bad_arguments", "retry", "out_of_domain", "impossible", "empty"})
"""Turned away by what the author foresaw."""
STRANGE = AWAY | {VALUE, "too_large", "timed_out", "out_of_memory"}
"""Well-formed, and more than a tool may be able to do; it must end within its limits."""


@dataclass(frozen=True)
class Input:
    """One hostile input."""

    kind: str
    name: str
    tool: str
    arguments: dict[str, Any]
    right: frozenset[str]

    def __str__(self) -> str:
        return f"{self.kind}-{self.name}-{self.tool}"


def corpus() -> tuple[Input, ...]:
    """Return all of it."""
    kinds = (smiles, batches, smarts, mol_blocks, cifs, poscars, jsons, crystals, formulas, symbols, names, paths)  # fmt: skip
    return tuple(one for kind in kinds for one in kind())


SMILES = {
    "empty": "",
    "blank": " ",
    "two": "C C",
    "name behind": "CCO ethanol",
    "newline": "C\nC",
    "zero byte": "C\0C",
    "tab": "C\tC",
    "open ring": "C1CC",
    "open branch": "CC(C",
    "closed branch": "CC)C",
    "open bracket": "[CH3",
    "empty bracket": "[]",
    "no element": "[Xx]",
    "valence": "C(C)(C)(C)(C)C",
    "fluorine": "F(F)F",
    "aromatic chain": "cccc",
    "unkekulizable": "c1cccc1",
    "nitrogen": "n1cccc1C1",
    "double dot": "C..C=",
    "only dots": "...",
    "only bonds": "===",
    "starts with bond": "=C",
    "ring to itself": "C11",
    "ring 100": "C%100CC",
    "ring without digits": "C%",
    "reaction": "CC>>CO",
    "wildcard": "*",
    "polymer": "*CC*",
    "smarts": "[#6;R]~[!#1]",
    "any order": "C~C",
    "atom map overflow": "[C:99999999999999999999]",
    "isotope overflow": "[999999999999C]",
    "charge overflow": "[C+999999999999]",
    "hydrogens overflow": "[CH99999999999]",
    "minus": "-",
    "digits": "123456",
    "unicode": "물",
    "fullwidth": "\uff23\uff23\uff2f",
    "cyrillic": "СС",
    "right to left": "C\u202eOC",
    "zero width": "C\u200bC",
    "combining": "C\u0301",
    "emoji": "C😀",
    "inchi": "InChI=1S/CH4/h1H4",
    "json": '{"smiles": "C"}',
    "path": "../../../etc/passwd",
    "shell": "$(touch /tmp/gaseol-owned)",
    "format": "%s%s%n",
    "deep branches": "C(" * 2400,
    "deep branches closed": "C(" * 1200 + "C" + ")" * 1200 + "=" * 3,
    "open rings": "C" + "".join(f"%{i:02d}" for i in range(10, 99)),
    "long": "C" * 5001,
    "very long": "C" * 200_000,
    "brackets": "[" * 3000,
}
STRANGE_SMILES = {
    "long chain": "C" * 5000,
    "many rings": "C1CC1" * 900,
    "stars": ".".join("C" * 2000),
    "cage": "C12C3C4C1C5C2C3C45",
    "helium": "[He]",
    "uranium": "[U]",
    "bare proton": "[H+]",
    "electronless": "[Fe+26]",
    "radical": "[CH2]",
    "deuterium": "[2H]C",
    "heavy isotope": "[200C]",
    "stereo mess": "F/C=C/F.F/C=C\\F.C[C@H](F)Cl.C[C@@H](F)Cl",
    "salt": "[Na+].[Cl-]",
    "fullerene": "c12c3c4c5c1c1c6c7c2c2c8c3c3c9c4c4c%10c5c5c1c1c6c6c%11c7c2c2c7c8c3c3c8c9c4c4c9c%10c5c5c1c1c6c6c%11c2c2c7c3c3c8c4c4c9c5c1c1c6c2c3c41",
}


def smiles() -> Iterator[Input]:
    for name, text in SMILES.items():
        yield Input("smiles", name, "molecule_identity", {"smiles": text}, BAD)
        if len(text) < 100:
            yield Input("smiles", name, "draw_molecule", {"smiles": text}, BAD)
    for name in ("valence", "open ring", "zero byte", "unicode", "deep branches", "very long"):
        yield Input("smiles", name, "hydration_free_energy", {"smiles": SMILES[name]}, BAD)
    for name, text in STRANGE_SMILES.items():
        yield Input("smiles", name, "molecule_identity", {"smiles": text}, STRANGE)
        right = STRANGE if name in ("deuterium", "cage") else AWAY
        yield Input("smiles", name, "hydration_free_energy", {"smiles": text}, right)


def batches() -> Iterator[Input]:
    made: dict[str, Any] = {
        "empty": [],
        "no list": "CCO",
        "a number": 7,
        "nested": [["CCO"]],
        "null": ["CCO", None],
        "a number in it": ["CCO", 3.5],
        "one bad": ["CCO", "C1CC", "CO"],
        "all bad": ["C1"] * 50,
        "too many": ["C"] * 20_001,
        "far too many": ["C"] * 200_000,
        "one empty": ["C", ""],
    }
    for name, batch in made.items():
        yield Input("batch", name, "molecule_features", {"smiles": batch}, BAD)


def smarts() -> Iterator[Input]:
    bad = {
        "empty": "", "blank": " ", "open bracket": "[#6", "empty bracket": "[]", "no atom": "()",
        "operators": "[&;,!]", "no number": "[#]", "open branch": "C(C", "open ring": "C1CC",
        "recursion without end": "[$(C", "nothing recursed": "[$()]", "zero byte": "C\0C",
        "unicode": "물", "newline": "[#6]\n[#8]", "path": "../../etc/passwd", "words": "hydroxyl group",
        "deep brackets": "[" * 4000, "deep branches": "C(" * 2000, "too long": "[#6]" * 2000,
        "recursion left open": "[$(" * 1000 + "C",
    }  # fmt: skip
    strange = {
        "anything": "*" * 20,
        "any bonds": "*~*~*~*~*~*~*~*",
        "recursive": "[$(" * 40 + "C" + ")]" * 40,
        "recursive wide": "[" + ",".join("$(C~*~*~*)" for _ in range(60)) + "]",
        "recursive deep": "[$(" * 800 + "C" + ")]" * 800,
        "negations": "[" + "!" * 30 + "#6]",
        "explosion": "*1~*~*~*~*~*~*~*~*~*1." * 5 + "*",
        "disconnected": ".".join(["*"] * 12),
        "element 999": "[#999]",
        "ring sizes": "[r999999]",
    }
    fullerene = STRANGE_SMILES["fullerene"]
    for name, text in bad.items():
        yield Input("smarts", name, "pattern_matches", {"pattern": text, "smiles": "CCO"}, BAD)
    for name, text in strange.items():
        yield Input(
            "smarts", name, "pattern_matches", {"pattern": text, "smiles": fullerene}, STRANGE
        )


def _block(counts: str, atoms: str = "", tail: str = "M  END\n", version: str = "V2000") -> str:
    return f"\n  test\n\n{counts:<33}{' ' if len(counts) < 33 else ''}{version}\n{atoms}{tail}"


def mol_blocks() -> Iterator[Input]:
    atom = "    0.0000    0.0000    0.0000 {} 0  0  0  0  0  0  0  0  0  0  0  0\n"
    carbon = atom.format("C  ")
    made = {
        "empty": "",
        "blank": "\n\n\n\n",
        "a smiles": "CCO",
        "no counts": "\n\n\nM  END\n",
        "words": "\n\n\nthis is no counts line at all here V2000\nM  END\n",
        "no atoms": _block("  0  0  0  0  0  0  0  0  0  0999"),
        "too few atoms": _block("  9  0  0  0  0  0  0  0  0  0999", carbon),
        "999 atoms": _block("999999  0  0  0  0  0  0  0  0999", carbon),
        "negative": _block(" -1 -1  0  0  0  0  0  0  0  0999", carbon),
        "cut off": _block("  2  1  0  0  0  0  0  0  0  0999", carbon + carbon[:20], ""),
        "bond to nowhere": _block("  1  1  0  0  0  0  0  0  0  0999", carbon, "  1  9  1  0\nM  END\n"),
        "bond to itself": _block("  1  1  0  0  0  0  0  0  0  0999", carbon, "  1  1  1  0\nM  END\n"),
        "no such element": _block("  1  0  0  0  0  0  0  0  0  0999", atom.format("Xx ")),
        "coordinates in words": _block("  1  0  0  0  0  0  0  0  0  0999",
                                       "       one       two     three C   0  0\n"),
        "no version": _block("  1  0", carbon, version=""),
        "v3000 without table": _block("  0  0  0     0  0            999", version="V3000"),
        "v3000 counts lie": _block("  0  0  0     0  0            999",
                                   "M  V30 BEGIN CTAB\nM  V30 COUNTS 999999999 0 0 0 0\nM  V30 BEGIN ATOM\n"
                                   "M  V30 END ATOM\nM  V30 END CTAB\n", version="V3000"),
        "v3000 nonsense": _block("  0  0  0     0  0            999",
                                 "M  V30 BEGIN CTAB\nM  V30 COUNTS x y z\n", version="V3000"),
        "binary": "".join(map(chr, range(1, 255))),
        "unicode": "물\n물\n물\n물 V2000\n",
        "too long": "x" * 200_001,
        "long line": "\n\n\n" + "9" * 100_000 + "\n",
        "many lines": "\n" * 100_000,
    }  # fmt: skip
    for name, text in made.items():
        # rdkit takes a block without a version for V2000, and is right.
        right = BAD | {VALUE} if name == "no version" else BAD
        yield Input("mol block", name, "read_mol_block", {"text": text}, right)


CELL = """_cell_length_a {a}
_cell_length_b 4
_cell_length_c 4
_cell_angle_alpha {alpha}
_cell_angle_beta 90
_cell_angle_gamma 90
"""
LOOP = "loop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"


def _cif(a: object = 4, alpha: object = 90, sites: str = "Na1 Na 0 0 0\n", before: str = "") -> str:
    return f"data_x\n{CELL.format(a=a, alpha=alpha)}{before}{LOOP}{sites}"


def cifs() -> Iterator[Input]:
    operations = "loop_\n_symmetry_equiv_pos_as_xyz\n"
    made = {
        "empty": "", "blank": "   \n", "words": "this is no cif", "only a block": "data_x\n",
        "no sites": f"data_x\n{CELL.format(a=4, alpha=90)}", "no cell": f"data_x\n{LOOP}Na1 Na 0 0 0\n",
        "zero edge": _cif(a=0), "negative edge": _cif(a=-4), "edge in words": _cif(a="four"),
        "edge unknown": _cif(a="?"), "edge nan": _cif(a="nan"), "edge inf": _cif(a="inf"),
        "edge huge": _cif(a="1e300"), "edge tiny": _cif(a="1e-300"),
        "angle 0": _cif(alpha=0), "angle 180": _cif(alpha=180), "angle 360": _cif(alpha=360),
        "angle negative": _cif(alpha=-90), "angle nan": _cif(alpha="nan"),
        "no such element": _cif(sites="Xx1 Xx 0 0 0\n"), "position in words": _cif(sites="Na1 Na a b c\n"),
        "position nan": _cif(sites="Na1 Na nan 0 0\n"), "position inf": _cif(sites="Na1 Na inf 0 0\n"),
        "atoms on each other": _cif(sites="Na1 Na 0 0 0\nCl1 Cl 0.0001 0 0\n"),
        "too few columns": _cif(sites="Na1 Na 0\n"), "open quote": _cif(before="_x 'open\n"),
        "open text": _cif(before="_x\n;open for ever\n"), "bad group": _cif(before="_symmetry_space_group_name_H-M 'Q 99'\n"),
        "operation in words": _cif(before=operations + "'hello'\n"),
        "operation code": _cif(before=operations + "'__import__(\"os\").system(\"id\"),y,z'\n"),
        "operation division": _cif(before=operations + "'x/0,y,z'\n"),
        "operation power": _cif(before=operations + "'9**9**9,y,z'\n"),
        "20 000 operations": _cif(before=operations + "".join(f"'x+{i}/20000,y,z'\n" for i in range(20_000))),
        "20 000 sites": _cif(sites="".join(f"Na{i} Na {i / 20000} 0.5 0.5\n" for i in range(20_000))),
        "20 000 blocks": "data_x\n" * 20_000, "20 000 loops": "loop_\n" * 20_000,
        "too long": "data_x\n" + "#" * 200_001, "zero bytes": "data_x\n" + "\0" * 100,
        "unicode": "data_물\n_cell_length_a 물\n", "occupancy": _cif(sites="Na1 Na 0 0 0\n").replace("fract_z\n", "fract_z\n_atom_site_occupancy\n").replace("0 0 0\n", "0 0 0 1e9\n"),
    }  # fmt: skip
    for name, text in made.items():
        yield Input(
            "cif",
            name,
            "read_structure",
            {"text": text, "format": "cif"},
            AWAY | {VALUE} if name in _HARMLESS else AWAY,
        )


_HARMLESS = frozenset({"operation division", "bad group", "open quote", "open text", "operation in words",
                       "operation code", "operation power", "20 000 blocks", "position nan"})  # fmt: skip
"""What a reader may pass over, and read the rest."""


def _poscar(scale: str = "1.0", cell: str = "4 0 0\n0 4 0\n0 0 4", symbols: str = "Na", counts: str = "1",
            mode: str = "Direct", sites: str = "0 0 0\n") -> str:  # fmt: skip
    return f"comment\n{scale}\n{cell}\n{symbols}\n{counts}\n{mode}\n{sites}"


def poscars() -> Iterator[Input]:
    made = {
        "empty": "", "words": "this is no poscar", "cut off": "comment\n1.0\n4 0 0\n",
        "scale words": _poscar(scale="big"), "scale zero": _poscar(scale="0"),
        "scale nan": _poscar(scale="nan"), "scale inf": _poscar(scale="inf"),
        "scale huge": _poscar(scale="1e300"), "volume huge": _poscar(scale="-1e300"),
        "flat cell": _poscar(cell="4 0 0\n4 0 0\n0 0 4"), "empty cell": _poscar(cell="0 0 0\n0 0 0\n0 0 0"),
        "cell nan": _poscar(cell="nan 0 0\n0 4 0\n0 0 4"), "cell short": _poscar(cell="4 0\n0 4\n0 0"),
        "cell words": _poscar(cell="a b c\nd e f\ng h i"), "no such element": _poscar(symbols="Xx"),
        "no symbols": _poscar(symbols="5"), "counts lie": _poscar(counts="9"),
        "counts billion": _poscar(counts="1000000000"), "counts overflow": _poscar(counts="9" * 40),
        "counts negative": _poscar(counts="-1"), "counts zero": _poscar(counts="0"),
        "counts words": _poscar(counts="one"), "counts float": _poscar(counts="1.5"),
        "more counts than symbols": _poscar(counts="1 1 1"), "no positions": _poscar(sites=""),
        "position words": _poscar(sites="a b c\n"), "position nan": _poscar(sites="nan 0 0\n"),
        "position inf": _poscar(sites="inf 0 0\n"), "position short": _poscar(sites="0 0\n"),
        "on each other": _poscar(counts="2", sites="0 0 0\n0.0001 0 0\n"),
        "501 atoms": _poscar(counts="501", sites="".join(f"{i / 501} 0.5 0.5\n" for i in range(501))),
        "unicode": _poscar(symbols="물"), "zero byte": _poscar(symbols="Na\0"), "too long": "x" * 200_001,
    }  # fmt: skip
    for name, text in made.items():
        yield Input("poscar", name, "read_structure", {"text": text, "format": "poscar"}, AWAY)


def jsons() -> Iterator[Input]:
    good = {
        "cell": [[4, 0, 0], [0, 4, 0], [0, 0, 4]],
        "sites": [{"element": "Na", "position": [0, 0, 0]}],
    }
    made = {
        "empty": "", "words": "nope", "null": "null", "number": "7", "list": "[]", "object": "{}",
        "deep": "[" * 50_000, "deep closed": "[" * 5000 + "]" * 5000, "deep objects": '{"a":' * 5000,
        "nan": json.dumps({**good, "cell": [[float("nan")] * 3] * 3}),
        "twice": '{"cell": 1, "cell": 2}', "cut off": json.dumps(good)[:-5],
        "a class": json.dumps({"@module": "os", "@class": "system", "command": "id"}),
        "a class of pymatgen": json.dumps({"@module": "pymatgen.core.structure", "@class": "Molecule"}),
        "a callable": json.dumps({"@module": "builtins", "@callable": "exec", "@bound": None}),
        "a class inside": json.dumps({**good, "sites": [{"@module": "subprocess", "@class": "Popen"}]}),
        "a class of sites": json.dumps({"@module": "pymatgen.core.structure", "@class": "Structure", "sites": [{"species": [{"element": {"@module": "os", "@class": "system"}}]}], "lattice": {}}),
        "big integer": '{"cell": ' + "9" * 50_000 + "}", "too long": "[" + "1," * 100_000 + "1]",
        "unicode": '{"물": "물"}', "surrogate": '{"cell": "\\ud800"}',
    }  # fmt: skip
    for name, text in made.items():
        yield Input("json", name, "read_structure", {"text": text, "format": "json"}, AWAY)


def crystals() -> Iterator[Input]:
    def made(cell: Any = ((4, 0, 0), (0, 4, 0), (0, 0, 4)), **site: Any) -> dict[str, Any]:
        whole = {"element": "Na", "position": [0, 0, 0], **site}
        return {"cell": [list(row) for row in cell], "sites": [whole]}

    bad: dict[str, Any] = {
        "null": None, "text": "NaCl", "empty": {}, "no sites": {**made(), "sites": []},
        "501 sites": {**made(), "sites": made()["sites"] * 501}, "two edges": {**made(), "cell": [[4, 0, 0], [0, 4, 0]]},
        "no such element": made(element="Xx"), "edge of 1e9": made(cell=((1e9, 0, 0), (0, 4, 0), (0, 0, 4))),
        "flat": made(cell=((4, 0, 0), (4, 0, 0), (0, 0, 4))), "nothing": made(cell=((0, 0, 0),) * 3),
        "position text": made(position="here"), "position nan": made(position=["nan", 0, 0]),
        "occupancy 2": made(occupancy=2), "occupancy negative": made(occupancy=-1), "more fields": made(charge=3),
    }  # fmt: skip
    for name, structure in bad.items():
        for tool in ("describe_structure", "symmetry"):
            yield Input("crystal", name, tool, {"structure": structure}, AWAY)
    twin = {**made(), "sites": made()["sites"] * 2}
    for tool in ("describe_structure", "symmetry", "powder_pattern"):
        yield Input("crystal", "same place twice", tool, {"structure": twin}, AWAY | {VALUE})


FORMULAS = {
    "empty": "", "blank": " ", "words": "table salt", "no such element": "Xx2O3", "lower case": "fe2o3",
    "negative": "Fe-2O3", "zero": "Fe0", "open bracket": "(Fe2O3", "closed bracket": "Fe2O3)",
    "deep": "(" * 90 + "Fe" + ")" * 90, "huge number": "Fe" + "9" * 150, "exponent": "Fe1e9",
    "unicode": "물", "subscripts": "Fe\u2082O\u2083", "zero byte": "Fe\0", "operators": "Fe+O**9",
    "code": "__import__('os')", "path": "/etc/passwd", "too long": "Fe" * 200, "nan": "FeNaN",
    "nested powers": "((((((Fe99)99)99)99)99)99)99",
}  # fmt: skip


def formulas() -> Iterator[Input]:
    for name, formula in FORMULAS.items():
        entries = [{"composition": "Fe", "energy": 0.0}, {"composition": "O", "energy": 0.0},
                   {"composition": formula, "energy": -1.0}]  # fmt: skip
        right = AWAY | {VALUE} if name in ("nan", "deep") else AWAY
        yield Input("formula", name, "hull", {"entries": entries}, right)
    for name, energy in (("words", "low"), ("nan", "nan"), ("inf", "inf"), ("huge", 1e300)):
        entries = [{"composition": "Fe", "energy": energy}]
        yield Input("formula", f"energy {name}", "hull", {"entries": entries}, BAD)
    yield Input("formula", "no entries", "hull", {"entries": []}, BAD)
    yield Input("formula", "2001 entries", "hull",
                {"entries": [{"composition": "Fe", "energy": 0.0}] * 2001}, BAD)  # fmt: skip


def symbols() -> Iterator[Input]:
    for name, symbol in {
        "empty": "", "word": "iron", "lower case": "fe", "none": "Xx", "number": "26", "two": "FeO",
        "isotope": "56Fe", "zero byte": "Fe\0", "unicode": "철", "attribute": "__class__",
        "long": "F" * 100_000,
    }.items():  # fmt: skip
        yield Input("symbol", name, "bulk_modulus", {"symbol": symbol}, AWAY)
        yield Input("symbol", name, "element_properties", {"symbol": symbol}, AWAY)


def names() -> Iterator[Input]:
    for name, compound in {
        "empty": "", "blank": " ", "nonsense": "no such compound", "zero byte": "water\0",
        "a query": "'; DROP TABLE compounds; --", "wildcard": "%", "path": "../../etc/passwd",
        "unicode": "에탄올\u202e", "long": "x" * 100_000, "cas like": "0-00-0",
    }.items():  # fmt: skip
        for tool in ("boiling_point", "measured_hydration"):
            yield Input("name", name, tool, {"compound": compound}, AWAY)


def paths() -> Iterator[Input]:
    for name, path in {
        "empty": "", "folder": "/tmp", "passwd": "/etc/passwd", "shadow": "/etc/shadow",
        "device": "/dev/zero", "random": "/dev/urandom", "none": "/no/such/file.cif", "zero byte": "a\0.cif",
        "long": "/" + "a" * 5000 + ".cif", "memory": "/proc/self/mem", "standard input": "/dev/stdin",
    }.items():  # fmt: skip
        yield Input("path", name, "read_structure_file", {"path": path}, AWAY | {"unavailable"})

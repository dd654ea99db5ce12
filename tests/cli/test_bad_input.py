"""Whatever is wrong with what was asked: exit code 2, and what, where, and what to do."""

import subprocess
import sys
from pathlib import Path

import pytest


def fails(gaseol, command: str, folder: Path, *words: str) -> str:
    """Return what a command says of a scenario that it turns away."""
    said = gaseol(command, folder)
    assert said.code == 2, said
    assert said.err.startswith("gaseol: ")
    assert len(said.err) < 600
    for word in words:
        assert word in said.err, said.err
    return said.err


def run_fails(gaseol, folder: Path, *words: str) -> str:
    """Return what `gaseol run` says of a scenario that it turns away."""
    return fails(gaseol, "run", folder, *words)


@pytest.fixture
def turned_away(gaseol, world, tmp_path):
    """Check that `gaseol check` turns a toy scenario with changes away."""

    def attempt(words: list[str], base: str = "EFFECTS", **changes):
        scenario = world.changed(getattr(world, base), **changes)
        fails(gaseol, "check", world.write(tmp_path / "asked", scenario), *words)

    return attempt


@pytest.mark.parametrize(
    "changes",
    [
        {"budgett": {}},
        {"measurement__unit": "kg"},
        {"measurement__arguments__case": {"file": "x"}},
        {"graph": "discovr"},
    ],
)
def test_run_turns_away_what_check_turns_away(gaseol, world, tmp_path, home, changes):
    folder = world.write(tmp_path / "asked", world.changed(world.EFFECTS, **changes))
    said = gaseol("run", folder)
    assert said.code == 2
    assert said == gaseol("check", folder)
    assert not home.exists(), "a run was begun"


def test_nothing_of_this_name(gaseol):
    said = gaseol("run", "boilng")
    assert said.code == 2
    assert said.err == (
        "gaseol: boilng: no such file, folder or built-in scenario; did you mean 'boiling'?\n"
    )
    assert "built in are balancing, boiling" in gaseol("run", "zzz").err


def test_a_folder_without_a_scenario(gaseol, tmp_path):
    said = gaseol("run", tmp_path)
    assert (said.code, said.err) == (2, f"gaseol: {tmp_path}: this folder has no scenario.yaml\n")


def test_a_project_whose_file_is_broken(gaseol, tmp_path):
    for text, word in (("name = [", "cannot be read"), ("project = 3", "not installed here")):
        (tmp_path / "pyproject.toml").write_text(text)
        said = gaseol("check", tmp_path)
        assert said.code == 2, said
        assert word in said.err


def test_a_module_that_breaks_when_it_is_imported(gaseol, tmp_path, monkeypatch):
    (tmp_path / "broken_pack").mkdir()
    (tmp_path / "broken_pack" / "__init__.py").write_text("raise RuntimeError('no licence file')")
    monkeypatch.syspath_prepend(tmp_path)
    said = gaseol("check", "broken_pack.tools")
    assert said.code == 2, said
    assert "RuntimeError: no licence file" in said.err


@pytest.mark.parametrize("command", ["run", "check", "show", "verify", "replay"])
def test_a_name_too_long_for_any_file(gaseol, command):
    said = gaseol(command, "a" * 5000)
    assert said.code == 2
    assert "too long" in said.err


@pytest.mark.parametrize("name", ["", ".", "/", "/dev/null", "a/b/c", "\n"])
@pytest.mark.parametrize("command", ["run", "check", "show", "verify"])
def test_odd_names(gaseol, command, name):
    assert gaseol(command, name).code == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"budgett": {}}, ["scenario.yaml:", "budgett", "unknown field; did you mean 'budget'?"]),
        (
            {"hypotheses__alhpa": 0.1},
            ["hypotheses.alhpa: unknown field; did you mean 'alpha'?"],
        ),
        (
            {"measurement__tool": "toy_signl"},
            ["measurement.tool", "no tool 'toy_signl'; did you mean toy_signal"],
        ),
        ({"cases__tool__tool": "toy_case"}, ["cases.tool.tool", "did you mean toy_cases"]),
        ({"measurement__unit": "kg"}, ["measurement.unit: toy_signal gives K", "kg"]),
        ({"measurement__unit": "smoots"}, ["measurement.unit: 'smoots' is no unit"]),
        ({"measurement__unit": "K; rm"}, ["measurement.unit", "no unit"]),
        ({"variables__size__unit": "metre per"}, ["variables.size.unit", "no unit"]),
        ({"budget__experiments": 0}, ["budget.experiments", "greater than 0", "stands 0"]),
        ({"budget__seconds": -5}, ["budget.seconds", "greater than 0", "stands -5"]),
        ({"budget__seconds": float("nan")}, ["budget.seconds", "finite number"]),
        ({"budget__seconds": float("inf")}, ["budget.seconds", "finite number"]),
        ({"hypotheses__delta": float("inf")}, ["hypotheses.delta", "finite number"]),
        ({"hypotheses__alpha": 2}, ["hypotheses.alpha", "less than 0.5", "stands 2"]),
        ({"hypotheses__alpha": 0}, ["hypotheses.alpha", "greater than 0"]),
        ({"hypotheses__maximum": 0}, ["hypotheses.maximum", "at least 1", "or equal"][::2]),
        ({"hypotheses__maximum": "many"}, ["hypotheses.maximum", "integer", "'many'"]),
        ({"hypotheses__theta0": 0.9}, ["hypotheses", "theta0 + delta below 1"]),
        ({"hypotheses__theta0": 0}, ["hypotheses", "theta0 must lie above 0"]),
        ({"hypotheses__process": "bounded_mean"}, ["hypotheses", "needs bounds"]),
        (
            {"hypotheses__process": "bounded_mean", "hypotheses__bounds": [0, 0.6]},
            ["hypotheses", "within the bounds"],
        ),
        ({"hypotheses__process": "gaussian_mean"}, ["hypotheses", "needs sigma"]),
        ({"hypotheses__process": "vote"}, ["hypotheses.process", "'sign'", "'vote'"]),
        (
            {"hypotheses__beliefs": [], "hypotheses__explore": None},
            ["hypotheses", "nothing to believe"],
        ),
        ({"graph": "discovr"}, ["no graph 'discovr'; did you mean 'discover'?"]),
        ({"name": "A b"}, ["name", "lower-case letters", "'A b'"]),
        ({"title": None}, ["title: is missing"]),
        ({"measurement": None}, ["measurement: is missing"]),
        ({"measurement": "toy_signal"}, ["measurement", "mapping", "dictionary"][:1]),
        ({"cases__tool": None}, ["cases", "one of tool, file, rows, grid or conditions"]),
        ({"cases__file": "cases.csv"}, ["cases", "here stands tool and file"]),
        ({"cases__tool": None, "cases__rows": []}, ["cases", "the list of cases is empty"]),
        (
            {"cases__tool": None, "cases__grid": {"start": 0, "stop": 1e9, "step": 1e-9}},
            ["cases.grid", "more than 100000 values"],
        ),
        (
            {"cases__tool": None, "cases__grid": {"start": -1e308, "stop": 1e308, "step": 1e-300}},
            ["cases.grid", "more than 100000 values"],
        ),
        (
            {"cases__tool": None, "cases__grid": {"start": 1, "stop": 0, "step": 1}},
            ["cases.grid", "must not be below"],
        ),
        (
            {"measurement__arguments__size": "{siz}"},
            ["measurement.arguments", "nothing fills the place {siz}; did you mean {size}?"],
        ),
        (
            {"measurement__arguments__sze": 1},
            ["measurement.arguments.sze", "no argument of toy_signal; did you mean 'size'?"],
        ),
        (
            {"measurement__arguments__case": None},
            ["measurement.arguments", "toy_signal needs the argument 'case'"],
        ),
        (
            {"cases__tool__arguments": {"count": 3}},
            ["cases.tool.arguments", "toy_cases needs the argument 'seed'"],
        ),
        (
            {"cases__tool__arguments__seed": "{case}"},
            ["cases.tool.arguments", "nothing fills the place {case}"],
        ),
        ({"measurement__value": "energy"}, ["measurement.value", "toy_signal has no 'energy'"]),
        (
            {"measurement__arguments__case": {"file": "../secret.txt"}},
            ["measurement.arguments", "outside the scenario's folder"],
        ),
        (
            {"measurement__arguments__case": {"file": "/etc/hostname"}},
            ["measurement.arguments", "outside the scenario's folder"],
        ),
        (
            {"measurement__arguments__case": {"file": "nothing.txt"}},
            ["measurement.arguments", "'nothing.txt' cannot be read: No such file"],
        ),
        (
            {"measurement__arguments__case": {"file": "a\0b"}},
            ["measurement.arguments", "no file name"],
        ),
        ({"variables__size__low": 3, "variables__size__high": 1}, ["variables.size", "below high"]),
        (
            {"hypotheses__explore__matching": [{"variable": "sice"}]},
            ["explore matches 'sice'", "did you mean 'size'?"],
        ),
        (
            {"hypotheses__explore__changes": 2},
            ["a structural change is believed, but no `pairs` tool"],
        ),
        (
            {"check": {"name": "again", "tool": "toy_signal", "unit": "mK",
                       "arguments": {"case": "{case}"}}},
            ["check.unit", "must be the measurement's, K"],
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)  # fmt: skip
def test_what_is_wrong_is_named(turned_away, changes, words):
    turned_away(words, **changes)


def test_beliefs_are_about_variables(turned_away, world):
    belief = world.EFFECTS["hypotheses"]["beliefs"][0]
    wrong = world.changed(belief, relation__variable="sizze")
    turned_away(["'sizze', which is no variable", "'size'?"], hypotheses__beliefs=[wrong])
    group = world.EFFECTS["hypotheses"]["beliefs"][1]
    wrong = world.changed(group, relation__inside=[{"variable": "color", "among": ["red"]}])
    turned_away(["'color', which is no variable", "'colour'?"], hypotheses__beliefs=[wrong])
    turned_away(["same statement"], hypotheses__beliefs=[belief, belief])
    again = world.changed(belief, statement="in other words")
    turned_away(["'in other words' says the same as"], hypotheses__beliefs=[belief, again])
    turned_away(
        ["hypotheses.beliefs.0.relation.directon: unknown field; did you mean 'direction'?"],
        hypotheses__beliefs=[world.changed(belief, relation__directon="raises")],
    )
    turned_away(
        ["hypotheses.beliefs.0.relation", "'tend'"],
        hypotheses__beliefs=[world.changed(belief, relation__kind="tend")],
    )
    turned_away(
        ["laws", "'sizes', which is no variable", "'size'?"],
        "LAWS",
        hypotheses__laws__variables=["sizes"],
    )


def test_rivals_are_checked_one_by_one(turned_away):
    turned_away(
        ["hypotheses.rivals.each.square", "toy_profile needs the argument 'power'"],
        "CURVES",
        hypotheses__rivals__each__square={},
    )
    turned_away(
        ["hypotheses.rivals.others.cube.tool", "did you mean toy_profile"],
        "CURVES",
        hypotheses__rivals__others__cube__tool="toy_profil",
    )
    turned_away(
        ["the statement must name its {rival}"],
        "CURVES",
        hypotheses__rivals__statement="it explains everything",
    )


def test_every_flaw_is_told_at_once(gaseol, world, tmp_path):
    scenario = world.changed(
        world.EFFECTS, measurement__tool="nothing", variables__size__unit="?", measurement__unit="?"
    )
    err = run_fails(gaseol, world.write(tmp_path / "asked", scenario))
    assert err.count("\n") >= 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["is empty"]),
        ("# nothing\n", ["is empty"]),
        ("just words", ["scenario.yaml:1", "a mapping of fields"]),
        ("- name: toy\n- 3\n", ["scenario.yaml:1", "a mapping of fields"]),
        ("42", ["a mapping of fields"]),
        ("name: toy\ntitle: a: b\n", ["scenario.yaml:2", "is not YAML"]),
        ("name: toy\n\tx: 1\n", ["scenario.yaml:2", "is not YAML"]),
        ("name: toy\nname: toy\n", ["scenario.yaml:2", "'name' stands here twice"]),
        ("a: &a [*a]\n", ["nested too deeply, or refers to itself"]),
        ("a: &a {b: *a, c: *a}\n", ["nested too deeply, or refers to itself"]),
        ("a: *b\n", ["scenario.yaml:1", "is not YAML", "alias"]),
        ("a: " + "[" * 40 + "]" * 40, ["nested too deeply"]),
        ("a: " + "[" * 5_000, ["nested too deeply"]),
        ("a: " + "{a: " * 2_000, ["nested too deeply"]),
        ("? [1, 2]\n: 3\n", ["a key must be a word"]),
        ("a: 1\n---\nb: 2\n", ["is not YAML"]),
        ("a: !!python/object/apply:os.system ['true']\nname: x", ["unknown field"]),
        ("a: !!python/name:os.system x\n", ["cannot be read as os.system", "'x'"][1:]),
        ("title: !!bool maybe\n", ["scenario.yaml:1", "'maybe' cannot be read as bool"]),
        ("title: !!int ''\n", ["'' cannot be read as int"]),
        ("title: !!float ''\n", ["'' cannot be read as float"]),
        ("title: !!timestamp x\n", ["'x' cannot be read as timestamp"]),
        ("title: !!int abc\n", ["'abc' cannot be read as int"]),
        ("title: " + "9" * 5000 + "\n", ["cannot be read as int; put it in quotes"]),
        ("title: 2020-99-99\n", ["scenario.yaml:1", "timestamp"]),
        ("title: a\x07b\n", ["scenario.yaml:1", "U+0007"]),
        ("name: toy\ntitle: \x00\n", ["scenario.yaml:2", "U+0000"]),
    ],
)
def test_what_is_no_scenario(gaseol, tmp_path, text, words):
    (tmp_path / "scenario.yaml").write_text(text, encoding="utf-8")
    run_fails(gaseol, tmp_path, *words)


def test_laughs(gaseol, tmp_path):
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    (tmp_path / "scenario.yaml").write_text("\n".join(lines))
    run_fails(gaseol, tmp_path, "scenario.yaml:", "unfolds to more than 100000 values")


def test_not_utf_8(gaseol, tmp_path):
    (tmp_path / "scenario.yaml").write_bytes("name: toy\ntitle: caf\u00e9\n".encode("latin-1"))
    run_fails(gaseol, tmp_path, "scenario.yaml:2", "not UTF-8", "save it as UTF-8")


def test_ten_megabytes(gaseol, tmp_path):
    (tmp_path / "scenario.yaml").write_bytes(b"a: 1 # " + b"x" * 10_000_000)
    run_fails(gaseol, tmp_path, "10000007 bytes, more than the 1000000")


def test_a_folder_in_the_place_of_the_file(gaseol, tmp_path):
    (tmp_path / "scenario.yaml").mkdir()
    run_fails(gaseol, tmp_path, "no scenario.yaml")


CSV = {"cases__tool": None, "cases__file": "cases.csv"}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("case,size\na,1\nb\n", ["cases.csv:3", "has 1 cells, its head has 2"]),
        ("case,size\na,1\nb,2,3\n", ["cases.csv:3", "has 3 cells, its head has 2"]),
        ("case,size,case\na,1,b\n", ["cases.csv:1", "'case' stands in its head twice"]),
        ('case,size\n"a,1\n', ["cases.csv:", "is not CSV"]),
        ("case,size\na,1\nb,caf\xe9\n", ["cases.csv:3", "not UTF-8", "save it as UTF-8"]),
        (None, ["cases.csv: cannot be read: No such file"]),
    ],
)  # fmt: skip
def test_tables(gaseol, world, tmp_path, home, table, words):
    folder = world.write(tmp_path / "asked", world.changed(world.EFFECTS, **CSV))
    if table is not None:
        (folder / "cases.csv").write_bytes(table.encode("latin-1"))
    run_fails(gaseol, folder, *words)
    assert not home.exists()


@pytest.mark.parametrize("name", ["../cases.csv", "/etc/passwd"])
def test_tables_stay_in_the_folder(turned_away, tmp_path, name):
    (tmp_path / "cases.csv").write_text("case,size\na,1\n")
    turned_away(["outside the scenario's folder"], **{**CSV, "cases__file": name})


SURVEYED = {
    "a column that is not there": (
        "size,weight\n1,2\n3,4\n", {}, ["cases: have no column 'case'; there are size, weight"],
    ),
    "no row": ("case,size,weight,ring,colour\n", {}, ["cases: there are no cases"]),
    "a case twice": (
        "case,size,weight,ring,colour\na,1,1,1,r\na,2,2,2,g\n",
        {},
        ["'a' stands there twice in the column 'case'"],
    ),
    "a case without a name": (
        "case,size,weight,ring,colour\na,1,1,1,r\n,2,2,2,g\n",
        {},
        ["number 2 has nothing in the column 'case'"],
    ),
    "a variable without a value": (
        "case,size,weight,ring\na,1,1,1\nb,2,2,2\n",
        {},
        ["variables.colour: no case has a value"],
    ),
    "a pilot of all": (
        "case,size,weight,ring,colour\na,1,1,1,r\nb,2,2,2,g\n",
        {"hypotheses__pilot": 2},
        ["a pilot of 2 leaves nothing of 2 cases"],
    ),
    "nothing left": (
        "case,size,weight,ring,colour\na,1,1,1,r\nb,2,2,2,g\n",
        {"cases__where": [{"variable": "size", "at_least": 9}]},
        ["none is left after `where`"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SURVEYED)
def test_what_the_survey_finds_wrong_is_bad_input_and_on_record(
    gaseol, world, tmp_path, home, name
):
    table, changes, words = SURVEYED[name]
    folder = world.write(
        tmp_path / "asked", world.changed(world.EFFECTS, **CSV, **changes), cases_csv=table
    )
    run_fails(gaseol, folder, *words)
    (record,) = home.iterdir()
    shown = gaseol("show", record, "--json").json
    assert shown["status"] == "failed"
    assert words[0].split(": ")[-1] in shown["reason"]
    assert gaseol("verify", record).code == 0


def test_molecules_that_do_not_parse(gaseol, world, tmp_path):
    scenario = world.changed(
        world.EFFECTS,
        cases={"key": "smiles", "file": "cases.csv"},
        features=[{"tool": "molecule_features", "arguments": {"smiles": "{smiles}"}}],
        variables={"molar_mass": {"unit": "g/mol"}},
        measurement={"name": "mass", "tool": "boiling_point", "value": "temperature", "unit": "K",
                     "arguments": {"compound": "{smiles}"}},
        hypotheses={"beliefs": [{"statement": "heavy is hot", "relation": {
            "kind": "trend", "variable": "molar_mass", "direction": "raises"}}]},
    )  # fmt: skip
    folder = world.write(tmp_path / "asked", scenario, cases_csv="smiles\nCCO\nC1CC\nnot one\n")
    run_fails(gaseol, folder, "molecule_features", "C1CC")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--scientist", "embeded"], "there is no scientist 'embeded'; did you mean 'embedded'?"),
        (["--seed", "x"], "'x' is not a valid integer"),
        (["--seed", "-1"], "-1 is not in the range"),
        (["--jobs", "0"], "0 is not in the range"),
        (["--sead", "1"], "No such option"),
    ],
)
def test_options(gaseol, home, words, said):
    found = gaseol("run", "null", *words)
    assert found.code == 2
    assert said in found.err
    assert not home.exists()


def test_out_must_be_a_new_folder(gaseol, tmp_path):
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "run.json").write_text("{}")
    said = gaseol("run", "null", "--out", taken)
    assert (said.code, said.err) == (
        2,
        f"gaseol: {taken} already holds a run; name another folder\n",
    )
    (taken / "run.json").unlink()
    (taken / "events.jsonl").write_text("{}\n")
    assert gaseol("run", "null", "--out", taken).code == 2


@pytest.mark.parametrize("place", ["file/run", "file", "/proc/run", "/dev/null/run"])
def test_out_must_be_writable(gaseol, tmp_path, place):
    (tmp_path / "file").write_text("")
    said = gaseol("run", "null", "--out", tmp_path / place)
    assert said.code == 2
    assert place.rpartition("/")[0] in said.err
    assert "Errno" not in said.err


@pytest.mark.parametrize("command", ["show", "verify", "replay"])
def test_runs_that_are_not_there(gaseol, home, tmp_path, command):
    said = gaseol(command)
    assert (said.code, said.err) == (
        2,
        f"gaseol: there is no run in {home} yet; begin with: gaseol run boiling\n",
    )
    said = gaseol(command, "20-nothing")
    assert said.code == 2
    assert "there is no run '20-nothing', neither here nor in" in said.err
    said = gaseol(command, tmp_path)
    assert said.code == 2
    assert "is not a run: it has no run.json" in said.err


def test_answers_are_read_before_anything_is_run(gaseol, world, tmp_path, home):
    folder = world.write(tmp_path / "asked", world.EFFECTS)
    for text, words in (
        ("entries: [{relation: {kind: trend}, ruling: suported, source: somewhere}]",
         ["answer.yaml:1", "entries.0.ruling", "'supported'", "'suported'"]),
        ("entries: [{relation: {kind: trend}, ruling: supported}]", ["source: is missing"]),
        ("entrys: []", ["entrys: unknown field; did you mean 'entries'?"]),
        ("- 1", ["answer.yaml:1"]),
        ("a: b: c", ["answer.yaml:1", "is not YAML"]),
    ):  # fmt: skip
        (folder / "answer.yaml").write_text(text)
        run_fails(gaseol, folder, *words)
        assert gaseol("check", folder).code == 2
    assert not home.exists()


def test_tools_that_cannot_be_imported(gaseol, world, tmp_path):
    folder = world.write(tmp_path / "asked", world.EFFECTS)
    (folder / "tools.py").write_text("import nothing_of_this_name\n")
    run_fails(gaseol, folder, "tools.py", "No module named 'nothing_of_this_name'")
    (folder / "tools.py").write_text("def f(:\n")
    run_fails(gaseol, folder, "tools.py", "SyntaxError")


def test_commands_that_do_not_exist(gaseol):
    said = gaseol("rnu")
    assert said.code == 2
    assert "there is no command 'rnu'; did you mean 'run'?" in said.err
    assert gaseol().code == 2
    assert gaseol("list", "cats").code == 2
    assert gaseol("replay", "--kind", "nothing").code == 2
    assert "measurement" in gaseol("replay", "--kind", "nothing").err


def test_in_a_process_of_its_own(tmp_path):
    """What the tests above call in this process is what a shell gets."""
    out = subprocess.run(
        [sys.executable, "-m", "gaseol", "run", tmp_path], capture_output=True, text=True
    )
    assert (out.returncode, out.stdout) == (2, "")
    assert out.stderr == f"gaseol: {tmp_path}: this folder has no scenario.yaml\n"

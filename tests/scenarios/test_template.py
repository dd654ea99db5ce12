"""Places are filled with cells, files with their text; nothing else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.scenarios.template import TemplateError, files, fill, pick, places, unit_at

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}", fullmatch=True)
PLAIN = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), max_size=10)


def test_a_whole_place_keeps_its_type():
    cells = {"x": 1.5, "n": None, "many": [1, 2], "Big": "B"}
    template = {"a": "{x}", "b": ["{n}", "{many}"], "c": "at {x} K, {Big}", "d": 7, "e": True}
    assert fill(template, cells) == {
        "a": 1.5, "b": [None, [1, 2]], "c": "at 1.5 K, B", "d": 7, "e": True,
    }  # fmt: skip
    assert places(template) == {"x", "n", "many", "Big"}


@given(st.lists(st.tuples(PLAIN, NAMES), max_size=4), PLAIN)
def test_what_is_filled_is_what_was_named(parts, end):
    template = "".join(f"{plain}{{{name}}}" for plain, name in parts) + end
    names = {name for _, name in parts}
    assert places(template) == names
    cells = {name: f"<{name}>" for name in names}
    filled = fill(template, cells)
    assert filled == "".join(f"{plain}<{name}>" for plain, name in parts) + end
    for name in names:
        with pytest.raises(TemplateError, match=f"nothing fills the place .{name}."):
            fill(template, {k: v for k, v in cells.items() if k != name})


def test_cells_are_not_filled_again():
    assert fill("{a} {b}", {"a": "{b}", "b": "x"}) == "{b} x"
    assert fill("{a}", {"a": "{b}"}) == "{b}"


@pytest.mark.parametrize("text", ["{}", "{ x }", "{1}", "{a b}", "{a-b}", "{{", "}", '{"a": 1}'])
def test_other_braces_are_text(text):
    assert places(text) == set()
    assert fill(text, {}) == text


def test_files(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("µ {x}\n", encoding="utf-8")
    template = {"k": [{"file": "sub/a.txt"}], "other": {"file": "f", "and": "more"}}
    assert files(template) == ["sub/a.txt"]
    assert fill(template["k"], {}, tmp_path) == ["µ {x}\n"]
    assert fill(template["other"], {}, tmp_path) == {"file": "f", "and": "more"}
    (tmp_path / "latin").write_bytes(b"\xe9")
    (tmp_path / "out").symlink_to("/etc/hostname")
    for name, words in (
        ("../x", "outside"),
        ("/etc/hostname", "outside"),
        ("sub/../../x", "outside"),
        ("out", "outside"),
        ("nothing", "cannot be read: No such file"),
        ("sub", "cannot be read: Is a directory"),
        ("latin", "not UTF-8"),
        ("a\0b", "no file name"),
    ):
        with pytest.raises(TemplateError, match=words):
            fill({"file": name}, {}, tmp_path)


def test_a_file_may_not_be_huge(tmp_path):
    with (tmp_path / "big").open("wb") as file:
        file.truncate(10_000_001)
    with pytest.raises(TemplateError, match="larger than 10000000 bytes"):
        fill({"file": "big"}, {}, tmp_path)


def test_pick():
    assert pick({"a": {"b": 3}}, "a.b") == 3
    assert pick(3, "") == 3
    with pytest.raises(KeyError):
        pick({"a": {}}, "a.b")


def test_units_of_a_schema(registry):
    schema = registry.get("toy_reading").output_schema
    assert unit_at(schema, "value") == "K"
    assert unit_at(schema, "seconds") == "s"
    assert unit_at(schema, "word") is None
    assert unit_at(registry.get("toy_signal").output_schema, "") == "K"
    with pytest.raises(KeyError):
        unit_at(schema, "energy")
    with pytest.raises(KeyError):
        unit_at(registry.get("toy_signal").output_schema, "energy")
    assert unit_at({"anyOf": [{"type": "null"}, {"$ref": "#/$defs/x"}],
                    "$defs": {"x": {"unit": "m"}}}, "") == "m"  # fmt: skip


@pytest.mark.parametrize("name", ["answer.yaml", "hidden/sample.yaml"])
def test_the_hidden_answer_fills_no_argument(tmp_path, name):
    (tmp_path / "hidden").mkdir()
    (tmp_path / name).write_text("truth")
    with pytest.raises(TemplateError, match="hidden from scientists"):
        fill({"file": name}, {}, tmp_path)

"""The page: what is in it, what cannot be, and that it has words for everything."""

import base64
import gzip
import re
from pathlib import Path

import orjson
import pytest

from gaseol.traces.view import page, write_view
from gaseol.traces.view.page import closing, data, opening, plain, policy, script, style

ASSETS = Path(page.__file__).parent / "assets"
TEMPLATES = {
    "view.": ("findings", "story", "timeline", "graph", "evidence", "measurements", "drawings",
              "models", "compare", "review"),
    "noun.": ("question", "hypotheses", "registrations", "experiments", "measurements", "verdicts",
              "claims", "cost", "versions"),
    "check.": ("score", "reference", "registered", "method"),
    "integrity.": ("intact", "sealed by an unknown key", "withheld", "unsealed", "truncated",
                   "rewritten", "missing blob", "broken"),
    "label.": ("recorded", "recomputed-equal", "recomputed-different", "live"),
    "stop.": ("decided", "spent", "futile", "budget", "ended", "interrupted", "running"),
    "part.": ("tested", "matched", "condition"),
    "why.": ("supported", "refuted", "undecided", "invalid", "open", "mixed"),
    "check_short.": ("score", "reference", "registered", "method"),
    "standing.": ("supported", "refuted", "undecided", "invalid", "open"),
}  # fmt: skip


def words(language):
    return orjson.loads((ASSETS / f"words.{language}.json").read_bytes())


def blocks(html):
    found = re.findall(r'<script type="application/x-gaseol" id="([^"]+)">([^<]*)</script>', html)
    packed = {name: orjson.loads(gzip.decompress(base64.b64decode(text))) for name, text in found}
    stated = re.findall(
        r'<script type="application/x-gaseol\+json" id="([^"]+)">([^<]*)</script>', html
    )
    return packed | {name: orjson.loads(text) for name, text in stated}


def test_both_languages_say_the_same_things():
    english, korean = words("en"), words("ko")
    assert english.keys() == korean.keys()
    for key in english:
        places = [sorted(re.findall(r"\{\w+\}", said[key])) for said in (english, korean)]
        if not key.startswith("short."):
            assert set(places[0]) == set(places[1]), key
    same = [
        key
        for key in english
        if english[key] == korean[key] and re.search("[a-z]{3}", english[key])
    ]
    kinds = [key for key in same if not key.startswith("count") and key not in ("replayed", "nats")]
    assert not kinds, kinds


def test_every_word_that_the_script_asks_for_is_there():
    english = words("en")
    asked = set(re.findall(r'\bsay\("([^"]+)"', script()))
    assert len(asked) > 250
    assert not asked - english.keys()
    for prefix, rest in TEMPLATES.items():
        assert not {f"{prefix}{name}" for name in rest} - english.keys()
    from gaseol.traces.record.event import KINDS

    assert not {f"kind.{kind}" for kind in KINDS} - english.keys()


def test_the_script_makes_no_markup_and_evaluates_nothing():
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                      "new Function", "DOMParser", "srcdoc", "setAttribute(\"style\"", "http://",
                      "https://", "import("):  # fmt: skip
        places = [m.start() for m in re.finditer(re.escape(forbidden), script())]
        lines = [script()[max(0, at - 40) : at + 60] for at in places]
        assert not [x for x in lines if "www.w3.org/2000/svg" not in x], forbidden


def test_every_asset_is_used():
    used = {*page._SCRIPTS, *page._STYLES, *(f"words.{name}.json" for name in page.LANGUAGES)}
    assert {p.name for p in ASSETS.iterdir()} == used


def test_the_policy_allows_this_script_and_style_and_nothing_else():
    said = policy(served=False)
    assert "default-src 'none'" in said
    assert "unsafe" not in said
    assert "connect-src" not in said
    assert "connect-src 'self'" in policy(served=True)
    import hashlib

    for content in (script(), style()):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"sha256-{digest}" in said


def test_a_block_of_data_holds_no_markup():
    block = data("x", {"text": "</script><!--<script>\u2028", "bytes": "<" * 1000})
    assert block.count("<") == 2
    assert "-->" not in block
    assert next(iter(blocks(block).values()))["text"].startswith("</script>")
    stated = plain("x", {"text": "</script><!--<script>\u2028&amp;"})
    assert stated.count("<") == 2
    assert stated.count(">") == 2
    assert next(iter(blocks(stated).values()))["text"].endswith("\u2028&amp;")
    for make in (data, plain):
        with pytest.raises(ValueError, match="no name"):
            make('x"><script>', 1)


def test_the_language_must_be_known():
    assert '<html lang="ko">' in opening({}, "ko", served=False)
    with pytest.raises(ValueError, match="no language 'fr'"):
        opening({}, "fr", served=False)


def test_the_file_holds_the_whole_record(sealed, tmp_path):
    out = tmp_path / "view.html"
    write_view(sealed, out)
    html = out.read_text(encoding="utf-8")
    found = blocks(html)
    events = [e for n in range(found["a:skeleton"]["events"] // 250 + 1)
              for e in found.get(f"a:chunk-{n}", ())]  # fmt: skip
    assert len(events) == found["a:skeleton"]["events"]
    assert html.count("<script>") == 1
    assert closing().strip() in html
    assert found["a:standing"]["integrity"] == "intact"
    assert sum(name.startswith("a:blob-") for name in found) == len(
        list((sealed / "blobs" / "sha256").iterdir())
    )
    assert not list(tmp_path.glob(".view*"))


def test_nothing_of_a_hostile_record_is_markup_in_the_file(hostile, tmp_path):
    out = tmp_path / "view.html"
    write_view(hostile, out, beside=hostile)
    html = out.read_text(encoding="utf-8")
    # what stands in blocks of data can neither begin nor end markup
    block = r'<script type="application/x-gaseol(\+json)?" id="[a-z0-9:-]+">[^<>&]*</script>'
    rest = re.sub(block, "", html.replace(script(), ""))
    for word in ("onerror", "198.51.100", "window.taken", "javascript:", "foreignObject", "passwd"):
        assert word not in rest, word
    assert rest.count("<script") == 1


def test_no_place_of_this_machine_is_in_the_file(run, tmp_path):
    (blob,) = list((run / "blobs" / "sha256").iterdir())[:1]
    blob.unlink()
    out = tmp_path / "view.html"
    write_view(run, out)
    for name, value in blocks(out.read_text(encoding="utf-8")).items():
        assert str(tmp_path).encode() not in orjson.dumps(value), name


def test_a_file_that_cannot_be_written_leaves_nothing(sealed, tmp_path):
    out = tmp_path / "view.html"
    out.mkdir()
    with pytest.raises(OSError, match=r"view\.html"):
        write_view(sealed, out)
    assert [p.name for p in tmp_path.iterdir()] == ["view.html"]


def test_no_word_is_left_over():
    families = {key.split(".")[0] for key in words("en") if "." in key}
    literal = {key for key in words("en") if f'"{key}"' in script()}
    rest = {key for key in words("en").keys() - literal if key.removesuffix(".one") not in literal}
    assert not {
        key for key in rest if key.split(".")[0] not in families and not key.startswith("chain_")
    }


def test_every_word_of_the_glossary_is_explained():
    (listed,) = re.findall(r"const GLOSS = \[([^\]]+)\]", script())
    names = re.findall(r'"(\w+)"', listed)
    for family in ("gloss", "gloss_name"):
        assert {key for key in words("en") if key.startswith(f"{family}.")} == {
            f"{family}.{name}" for name in names
        }


def test_every_phrase_that_is_recognised_can_be_said():
    keys = set(re.findall(r'"(phrase\.\w+|claim_said\.\w+)"', script()))
    assert len(keys) > 15
    assert not keys - words("ko").keys()

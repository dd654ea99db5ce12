"""Words as the index takes them; Korean nouns are found whatever stands behind them."""

import contextlib
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaseol.tools.corpus.words import PARTICLES, expression, pairs, stem, words


@pytest.fixture
def holds():
    """Tell whether a query finds a text."""

    def ask(query: str, text: str) -> bool:
        db = sqlite3.connect(":memory:")
        db.execute("CREATE VIRTUAL TABLE t USING fts5(words, pairs, tokenize='porter unicode61')")
        db.execute("INSERT INTO t VALUES (?, ?)", (" ".join(words(text)), " ".join(pairs(text))))
        (count,) = db.execute(
            "SELECT count(*) FROM t WHERE t MATCH ?", (expression(query),)
        ).fetchone()
        db.close()
        return bool(count)

    return ask


@pytest.mark.parametrize(
    "word",
    [
        "수소를",
        "수소의",
        "수소가",
        "수소는",
        "수소로부터",
        "수소에서는",
        "수소와",
        "수소이다",
        "수소들의",
        "수소",
    ],
)
def test_an_inflected_noun_is_found_by_the_noun(holds, word: str) -> None:
    assert holds("수소", f"고압의 {word} 저장하였다.")
    assert holds(word, "수소 저장")


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("수소", "수소저장합금을 만들었다", True),
        ("저장합금", "수소저장합금을 만들었다", True),
        ("물", "물을 끓였다", True),
        ("물", "물질을 끓였다", False),
        ("수소", "산소를 끓였다", False),
        ("전이", "전이 금속", True),
        ("전이", "전을 부쳤다", False),
        ("이온전도도", "이온전도도가 높다", True),
        ("alcohol", "Alcohols bind water", True),
        ("Alcohols", "an alcohol", True),
        ("GFN2-xTB", "by gfn2-xtb", True),
        ("bind water", "water is bound", False),
        ('"bind water"', "they bind water", True),
        ('"water bind"', "they bind water", False),
        ("수소 water", "수소를 water", True),
        ("수소 water", "수소를", False),
        ("燃料電池", "燃料電池の研究", True),
        ("café", "cafe", True),
    ],
)
def test_what_a_query_finds(holds, query: str, text: str, found: bool) -> None:
    assert holds(query, text) is found


def test_syllables_taken_apart_are_put_together(holds) -> None:
    import unicodedata

    assert holds("수소", unicodedata.normalize("NFD", "수소를 저장"))
    assert holds(unicodedata.normalize("NFD", "수소"), "수소를 저장")


def test_particles_stand_longest_first() -> None:
    assert list(map(len, PARTICLES)) == sorted(map(len, PARTICLES), reverse=True)
    assert len(set(PARTICLES)) == len(PARTICLES)


@given(st.text("가나다수소를의에서로부터", min_size=1, max_size=12))
def test_a_stem_is_never_empty_and_begins_the_word(word: str) -> None:
    assert stem(word)
    assert word.startswith(stem(word))


@given(st.text(max_size=60))
def test_no_query_is_an_error_of_the_database(holds_any, query: str) -> None:
    with contextlib.suppress(ValueError):  # "a query needs a word at least"
        holds_any(expression(query))


def test_a_query_without_a_word_is_refused() -> None:
    for query in ("", "?!", '""', "  "):
        with pytest.raises(ValueError, match="a query needs a word at least"):
            expression(query)


@pytest.fixture(scope="module")
def holds_any():
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5(words, pairs, tokenize='porter unicode61')")
    yield lambda said: db.execute("SELECT count(*) FROM t WHERE t MATCH ?", (said,)).fetchone()
    db.close()

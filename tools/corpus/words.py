"""Words of a text as an index takes them: Latin words, Korean nouns without their particles, pairs.

Korean writes a noun and its particle as one word: 수소를, 수소의, 수소로부터. Two streams are made of
it: words as they stand and without the longest particle, and all pairs of neighbouring syllables, by
which a noun is found inside a compound (수소저장합금). What either costs and finds is measured by
`benchmarks/korean_search.py`.
"""

import re
import unicodedata
from collections.abc import Iterator

VERSION = "1"
"""Of these rules; an index made by other rules has to be made again."""

_WORD = re.compile(r"[가-힣]+|[぀-ヿ一-鿿㐀-䶿]+|[^\W_가-힣぀-ヿ一-鿿㐀-䶿]+")
_HANGUL = re.compile(r"[가-힣]+")
_CJK = re.compile(r"[가-힣぀-ヿ一-鿿㐀-䶿]")

PARTICLES = (
    "으로부터", "에서부터", "이라고도", "에게서는", "으로서의", "으로써의", "에서조차", "까지라도",
    "에서는", "에서도", "에서의", "으로는", "으로도", "으로의", "으로서", "으로써", "로부터", "에게서",
    "까지는", "까지도", "부터는", "부터의", "에게는", "에게도", "보다는", "보다도", "만으로", "이라는",
    "이라고", "이라도", "이라면", "에서만", "과의", "와의", "과는", "와는", "과도", "와도", "에는", "에도",
    "에만", "에서", "에게", "으로", "로는", "로도", "로의", "로서", "로써", "까지", "부터", "보다", "처럼",
    "만큼", "마다", "조차", "밖에", "대로", "이나", "이란", "라는", "라고", "이며", "이고", "이다", "인데",
    "들은", "들이", "들을", "들의", "들에", "은", "는", "이", "가", "을", "를", "의", "에", "도", "로",
    "와", "과", "만", "나", "란", "며", "들",
)  # fmt: skip
"""Particles and the copula, longest first."""


def normal(text: str) -> str:
    """Return a text as it is compared: composed (macOS stores syllables taken apart), lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def words(text: str) -> Iterator[str]:
    """Yield the words of a text in the order they stand; of Korean ones the stem too."""
    for found in _WORD.finditer(normal(text)):
        word = found[0]
        yield word
        if _HANGUL.match(word):
            short = stem(word)
            if short != word:
                yield short


def pairs(text: str) -> Iterator[str]:
    """Yield the pairs of neighbouring syllables or ideographs in each word of a text."""
    for found in _WORD.finditer(normal(text)):
        word = found[0]
        if _CJK.match(word):
            yield from (word[at : at + 2] for at in range(len(word) - 1))


def stem(word: str) -> str:
    """Return a Korean word without its longest particle; what is left has a syllable at least."""
    for particle in PARTICLES:
        if len(word) > len(particle) and word.endswith(particle):
            return word[: -len(particle)]
    return word


def expression(query: str) -> str:
    """Return a query in the language of FTS5, whose every word has to be found.

    A Korean word is found as it stands, without its particle, and inside compounds; one syllable alone
    only as a word, for it stands inside too many. Text in double quotes is a phrase.

    Raises:
        ValueError: it holds no word.
    """
    found: list[str] = []
    for number, part in enumerate(query.split('"')):
        if number % 2:
            phrase = " ".join(_WORD.findall(normal(part)))
            if phrase:
                found.append(f'"{phrase}"' if not _CJK.search(phrase) else _either(phrase))
        else:
            found += [_either(word) for word in _WORD.findall(normal(part))]
    if not found:
        msg = "a query needs a word at least"
        raise ValueError(msg)
    return " AND ".join(found)


def _either(word: str) -> str:
    if not _CJK.search(word):
        return f'words:"{word}"'
    ways = []
    for one in word.split():
        # two syllables are a noun more often than a noun of one and its particle
        short = stem(one) if len(one) > 2 else one
        forms = dict.fromkeys((one, short))
        either = [f'words:"{form}"' for form in forms]
        if len(short) > 1:
            either.append(f'pairs:"{" ".join(pairs(short))}"')
        ways.append(f"({' OR '.join(either)})")
    return " AND ".join(ways)

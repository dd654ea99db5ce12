"""A language: says a sentence of the code, or retells one that stands on a record.

Sentences are written in English where they are used, with their parts in braces; a catalogue gives each in
the other language. Parts may stand in another order there, and a Korean part may carry the particle
that follows it: `{outcome:은}` is the outcome and 은 or 는.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from string import Formatter
from typing import Literal, get_args

from gaseol.traces.language.particles import particle

Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_SHAPES = {"d": r"([\d,]+)"}
"""What a part looks like on a record: `{draws:d}` is a number, others may be anything."""
_TAG = re.compile(r"<[^>]*>")
_LEAST = 3
"""Letters that a sentence must have besides its parts to be known again on a record."""


_PLURALS = {"miss": "misses"}


class Words:
    """A language with its catalogue: English sentence to the sentence here."""

    def __init__(
        self, language: Language, sentences: Mapping[str, str], nouns: Mapping[str, str]
    ) -> None:
        """Take a catalogue; an empty one is English."""
        self.language: Language = language
        self._sentences = sentences
        self._nouns = nouns
        self._known: list[tuple[re.Pattern[str], tuple[str, ...], str]] | None = None

    def __call__(self, sentence: str, /, **parts: object) -> str:
        """Return a sentence with its parts.

        Args:
            sentence: in English, each part in braces.
            parts: what stands in them.
        """
        return self.filled(sentence, parts, str)

    def filled(
        self, sentence: str, parts: Mapping[str, object], shown: Callable[[object], str]
    ) -> str:
        """Return a sentence with its parts as `shown` makes them, as an HTML page needs them."""
        return _fill(self._sentences.get(sentence, sentence), parts, shown)

    def count(self, number: float, one: str, many: str = "") -> str:
        """Return how many of a thing there are: `1 draw`, `2,000 draws`, `추출 2,000회`."""
        counted = self._nouns.get(one)
        if counted is not None:
            return counted.format(n=f"{number:,.0f}")
        return f"{number:,.0f} {one if number == 1 else many or one + 's'}"

    def retold(self, said: str) -> str:
        """Return a sentence that the code wrote, in this language; any other text as it is.

        A sentence is known by its words, and its parts are retold in turn: on a record stand the
        sentences of the code in English beside words of people and models, which nobody translates.
        """
        return self._retold(said, 4)

    def _retold(self, said: str, depth: int) -> str:
        if not self._sentences or not said or depth == 0:
            return said
        exact = self._sentences.get(said)
        if exact is not None and "{" not in said:
            return exact
        listed = said.split(", ")
        if len(listed) > 1:
            told = [self._retold(each, 1) for each in listed]
            if all(a != b for a, b in zip(listed, told, strict=True)):
                return ", ".join(told)
        for pattern, names, here in self._patterns():
            found = pattern.fullmatch(said)
            if found:
                parts = {n: self._retold(found[i + 1], depth - 1) for i, n in enumerate(names)}
                return _fill(here, parts, str)
        return said

    def _patterns(self) -> list[tuple[re.Pattern[str], tuple[str, ...], str]]:
        """Return what sentences with parts look like, those that say the most first."""
        if self._known is None:
            found: list[tuple[int, re.Pattern[str], tuple[str, ...], str]] = []
            for sentence, here in self._sentences.items():
                pieces = list(Formatter().parse(sentence))
                names = tuple(name for _, name, _, _ in pieces if name)
                literal = "".join(text for text, *_ in pieces)
                if names and sum(c.isalpha() for c in literal) >= _LEAST:
                    shape = "".join(
                        re.escape(text) + (_SHAPES.get(spec or "", "(.*?)") if name else "")
                        for text, name, spec, _ in pieces
                    )
                    found.append((-len(literal), re.compile(shape, re.S), names, here))
            for noun, here in self._nouns.items():
                many = {noun, noun + "s", _PLURALS.get(noun, noun)}
                shape = f"([\\d,]+) (?:{'|'.join(map(re.escape, sorted(many)))})"
                found.append((0, re.compile(shape), ("n",), here))
            found.sort(key=lambda item: (item[0], item[1].pattern))
            self._known = [(pattern, names, here) for _, pattern, names, here in found]
        return self._known


def _fill(sentence: str, parts: Mapping[str, object], shown: Callable[[object], str]) -> str:
    said: list[str] = []
    for text, name, spec, _ in Formatter().parse(sentence):
        said.append(text)
        if name is not None:
            said.append(shown(parts[name]))
            if spec and spec not in _SHAPES:
                said.append(particle(_TAG.sub("", shown(parts[name])), spec))
    return "".join(said)


@cache
def words(language: str = "en") -> Words:
    """Return a language by its code; English for one that is not known, as of a newer record."""
    if language != "ko":
        return Words("en", {}, {})
    from gaseol.traces.language import korean

    return Words("ko", korean.SENTENCES, korean.NOUNS)

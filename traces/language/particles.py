"""Korean particles, which depend on how the word before them ends."""

import re
import unicodedata

PAIRS = {
    "은": ("은", "는"), "이": ("이", "가"), "을": ("을", "를"), "과": ("과", "와"), "으로": ("으로", "로"),
    "이라": ("이라", "라"),
}  # fmt: skip
"""The form after a consonant, and both: after a consonant, after a vowel."""

_SOUNDED = re.compile(r"[0-9A-Za-z\uac00-\ud7a3]")
_DIGITS = {"0": "ㅇ", "1": "ㄹ", "3": "ㅁ", "6": "ㄱ", "7": "ㄹ", "8": "ㄹ"}
"""영 (or 십, 백, 천, 만), 일, 삼, 육, 칠, 팔 end in a consonant; 이, 사, 오, 구 in a vowel."""
_LETTERS = {"l": "ㄹ", "m": "ㅁ", "n": "ㄴ", "r": "ㄹ"}
"""엘, 엠, 엔, 알: the letters whose names end in a consonant."""
_ENDINGS = (
    (re.compile(r"(?:ng|n|ne|gn)$"), "ㄴ"), (re.compile(r"(?:m|me|mb)$"), "ㅁ"),
    (re.compile(r"(?:l|le)$"), "ㄹ"), (re.compile(r"[aeiou][ckpt]$"), "ㄱ"),
)  # fmt: skip
"""Latin words by how they are said in Korean: volume 볼륨, scale 스케일, bond 본드, mass 매스."""


def particle(word: str, after_consonant: str) -> str:
    """Return the particle that follows a word.

    A word that ends in nothing that is said, such as a sign, is given both forms: 은(는).

    Args:
        word: as it stands before the particle; brackets and quotes at its end are not said.
        after_consonant: the particle's form after a consonant: 은, 이, 을, 과, 으로, 이라.
    """
    closed, opened = PAIRS[after_consonant]
    end = _end(unicodedata.normalize("NFC", word))
    if end is None:
        return f"{closed}({opened})"
    if after_consonant == "으로" and end == "ㄹ":
        return opened
    return closed if end else opened


def _end(word: str) -> str | None:
    """Return the final consonant of a word (its sound class), empty after a vowel, None if unknown."""
    said = list(_SOUNDED.finditer(word))
    if not said:
        return None
    last = said[-1]
    # what follows may be a bracket, a quote or a full stop, but no sign that is itself read out
    if any(c.isalpha() or c in "%‰°²³" for c in word[last.end() :]):
        return None
    character = last[0]
    if "\uac00" <= character <= "\ud7a3":
        final = (ord(character) - 0xAC00) % 28
        return "ㄹ" if final == 8 else "ㅇ" if final else ""
    if character.isdigit():
        return _DIGITS.get(character, "")
    latin = re.search(r"[A-Za-z]+$", word[: last.end()])
    assert latin is not None
    letters = latin[0]
    if len(letters) == 1 or letters.isupper():
        return _LETTERS.get(letters[-1].lower(), "")
    lower = letters.lower()
    return next((sound for ending, sound in _ENDINGS if ending.search(lower)), "")

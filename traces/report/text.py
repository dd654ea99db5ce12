"""Words and numbers from a record, made fit to be shown: a record may say anything."""

import math
import re
import unicodedata

STATEMENT, PARAGRAPH, REASON, NAME, UNIT = 300, 1500, 400, 48, 24
"""How many characters of each are shown."""

MEASURED = 6
"""Significant digits of a measured value, wherever it is shown."""

RANKED = "it set the order of testing and enters no verdict"
"""What is said of the weight that a hypothesis was ranked by."""

_MINUS = re.compile(r"(?<![\w.)\]-])-(?=\d)")
_SPACE = re.compile(r"\s+")
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of what follows, and so could make a page say something else."""
_UNSEEN = frozenset(("Cc", "Cs", "Co", "Cn"))
_LONG = 80
"""Cuts of longer texts say how much was cut."""


def cut(text: str, limit: int = STATEMENT) -> str:
    """Return text on one line, at most about `limit` characters long, saying so where it was cut.

    Control characters and marks that turn the direction of writing become U+FFFD.
    """
    shown = _SPACE.sub(" ", text[: 4 * limit]).strip()
    shown = "".join("\ufffd" if _hides(c) else c for c in shown)
    if len(shown) <= limit and len(text) <= 4 * limit:
        return shown
    head = shown[:limit]
    if limit < _LONG:
        return head[: limit - 1] + "…"
    space = head.rfind(" ", limit * 3 // 4)
    return f"{head[:space] if space > 0 else head}… (cut: {len(text):,} characters in the record)"


def _hides(character: str) -> bool:
    return character in _TURNING or unicodedata.category(character) in _UNSEEN


def number(value: float, digits: int = 4) -> str:
    """Return a number with so many significant digits, a minus sign and no needless exponent."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞"
    shown = f"{value:.{digits}g}"
    if "e" in shown and 1e-5 < abs(value) < 1e9:
        shown = f"{value:,.0f}" if abs(value) >= 1 else f"{value:.{digits + 4}f}".rstrip("0")
    return shown.replace("-", "−")


def log(value: float, threshold: float | None = None) -> str:
    """Return a logarithm of evidence; a third decimal where two do not tell it from the threshold."""
    shown = f"{value:.2f}"
    if threshold is not None and value != threshold and shown == f"{threshold:.2f}":
        shown = f"{value:.3f}"
    return shown.replace("-", "−")


def tidy(text: str) -> str:
    """Return a sentence of the record with the signs of print: a minus for a hyphen, α for alpha."""
    return _MINUS.sub("−", text).replace("ln(m/alpha)", "ln(m/α)")


def quantity(value: float, unit: str, digits: int = 4) -> str:
    """Return a number with its unit; none for what is dimensionless."""
    name = cut(unit, UNIT)
    return f"{number(value, digits)} {name}" if name and name != "1" else number(value, digits)


def count(number: float, one: str, many: str = "") -> str:
    """Return how many of a thing there are: `1 draw`, `2,000 draws`."""
    return f"{number:,.0f} {one if number == 1 else many or one + 's'}"

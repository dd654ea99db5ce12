"""The closed schema through which texts of others are read: what is sought, and what is believed.

Whoever reads a text, rules or a model, hands in `Read` values. They say nothing that is not a span of
the text, a number that stands in that span, a name out of a list, or one of three directions. Whatever
does not stand in the text is turned away, with a reason.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gaseol.tools.units import UnitError, check_unit, convert
from gaseol.traces.nouns.literature import Excerpt, Kind
from gaseol.traces.verification.quotation import numerals, plain, stands

LONGEST_QUOTE = 400
"""Characters of a span."""
MOST = 24
"""Things that one text may say."""
_REACH = 3
"""Characters between a number and its unit."""

_GOES_ON = re.compile(r"[A-Za-z0-9µμ/*^·⋅²³⁻]|\s?[A-Za-zµμ]+\s?\^?[⁻−-][1-4¹²³]")
"""What follows a unit that does not end there."""

Word = Annotated[str, Field(min_length=1, max_length=120)]


class _Value(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )


class Sought(_Value):
    """One thing to look for in texts."""

    kind: Kind = "statement"
    """`quantity`: a number with a unit; `relation`: what more of something does to something else;
    `statement`: a sentence."""
    terms: tuple[Word, ...] = Field(min_length=1, max_length=40)
    """Words for it, in any language; one of them has to stand beside it."""
    of: tuple[Word, ...] = Field(default=(), max_length=40)
    """Of a relation: words for what is raised or lowered."""
    unit: str = ""
    """Of a quantity; `1` for a pure number."""
    low: float | None = None
    """A smaller quantity is not believed, in the unit."""
    high: float | None = None
    """A larger one is not believed."""
    about: tuple[Word, ...] = Field(default=(), max_length=300)
    """Names that it may be about; without any, it is about whatever the question is."""
    description: str = Field(default="", max_length=500)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.kind == "quantity") is not bool(self.unit):
            raise ValueError("a quantity has a `unit` (`1` for a pure number), and only it has one")
        if (self.kind == "relation") is not bool(self.of):
            raise ValueError("a relation says in `of` what is raised or lowered, and only it does")
        if self.unit:
            try:
                check_unit(self.unit)
            except UnitError as error:
                raise ValueError(str(error)) from None
        elif self.low is not None or self.high is not None:
            raise ValueError("low and high bound a quantity")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        return self


class Read(_Value):
    """One thing that a text says, as its reader hands it in."""

    field: str = Field(max_length=80)
    quote: str = Field(max_length=LONGEST_QUOTE)
    """A span of the text, word for word."""
    number: float | None = None
    """Of a quantity, as it stands in the span."""
    unit: str = Field(default="", max_length=40)
    """As it stands in the span."""
    about: str = Field(default="", max_length=120)
    direction: Literal["raises", "lowers", "neither", ""] = ""


@dataclass(frozen=True)
class Held:
    """What came of reading one text."""

    excerpts: tuple[Excerpt, ...]
    turned_away: tuple[str, ...]


def hold(
    cite: str,
    text: str,
    sought: dict[str, Sought],
    read: Sequence[Read],
    *,
    by: str,
    first: int = 1,
) -> Held:
    """Hold what was read against the text, and keep what stands in it.

    Args:
        cite: of the text.
        text: as it was read.
        sought: by field.
        read: what its reader says.
        by: the reader.
        first: number of the first excerpt.
    """
    excerpts: list[Excerpt] = []
    turned_away: list[str] = []
    seen: set[tuple[object, ...]] = set()
    for one in read[:MOST]:
        excerpt = _believed(cite, text, sought, one, f"q{first + len(excerpts)}", by)
        if isinstance(excerpt, str):
            turned_away.append(f"{one.field[:40]}: {excerpt}")
            continue
        same = (excerpt.field, excerpt.quote, excerpt.value, excerpt.about, excerpt.direction)
        if same not in seen:
            seen.add(same)
            excerpts.append(excerpt)
    if len(read) > MOST:
        turned_away.append(f"{len(read) - MOST} more than the {MOST} that one text may say")
    return Held(tuple(excerpts), tuple(turned_away))


def _believed(
    cite: str, text: str, sought: dict[str, Sought], read: Read, name: str, by: str
) -> Excerpt | str:
    """Return what was read, as far as the text bears it out; else why it does not."""
    wanted = sought.get(read.field)
    if wanted is None:
        return "nobody sought this"
    quote = plain(read.quote)
    if not stands(quote, text):
        return f"'{quote[:60]}' does not stand in the text"
    if not named(quote, wanted.terms):
        return f"the quote speaks of none of {', '.join(wanted.terms[:3])}"
    about = plain(read.about)
    if about and not stands(about, text):
        return f"the text does not name '{about[:40]}'"
    if about and wanted.about and not _among(about, wanted.about):
        return f"'{about[:40]}' is not among the names that were asked for"
    excerpt = Excerpt(
        id=name, field=read.field, kind=wanted.kind, cite=cite, quote=quote, about=about, by=by
    )
    match wanted.kind:
        case "quantity":
            return _quantity(excerpt, wanted, read)
        case "relation":
            if not read.direction:
                return "it does not say which way"
            if not named(quote, wanted.of):
                return f"the quote speaks of none of {', '.join(wanted.of[:3])}"
            return excerpt.model_copy(update={"direction": read.direction})
        case _:
            return excerpt


def _quantity(excerpt: Excerpt, wanted: Sought, read: Read) -> Excerpt | str:
    if read.number is None:
        return "it gives no number"
    for number, begin, end in numerals(excerpt.quote):
        if number != read.number:
            continue
        unit = plain(read.unit)
        rest = excerpt.quote[end:]
        at = rest.find(unit) if unit else 0
        if not 0 <= at <= _REACH or rest[:at].strip(" (["):
            continue
        if unit and _GOES_ON.match(rest, at + len(unit)):
            continue  # `m` is not the unit of `5 mg`, nor `g` that of `3 g/L`
        try:
            value = convert(number, symbol(unit), wanted.unit)
        except (UnitError, ArithmeticError) as error:
            return str(error)[:160]
        if not math.isfinite(value) or _beyond(value, wanted):
            return f"{value:g} {wanted.unit} is beyond what is plausible"
        said = excerpt.quote[begin : end + at + len(unit)]
        return excerpt.model_copy(
            update={"value": float(f"{value:.12g}"), "unit": wanted.unit, "said": said}
        )
    return f"{read.number:g} {read.unit[:20]} does not stand in its quote"


def _beyond(value: float, wanted: Sought) -> bool:
    low, high = wanted.low, wanted.high
    return (low is not None and value < low) or (high is not None and value > high)


def named(text: str, terms: Iterable[str]) -> bool:
    """Tell whether one of these terms stands in a text, whatever its case."""
    return any(place(text, term) >= 0 for term in terms)


def place(text: str, term: str) -> int:
    """Return where a term stands in a text; -1 where it does not.

    A Latin word stands alone or with an ending of one or two letters (a plural); a Korean one has its
    particles behind it.
    """
    said, word = plain(text).casefold(), plain(term).casefold()
    if not word:
        return -1
    ascii_word = word.isascii()
    pattern = rf"(?<![^\W_]){re.escape(word)}(?:e?s)?(?![^\W_])" if ascii_word else re.escape(word)
    found = re.search(pattern, said, re.ASCII if ascii_word else 0)
    return found.start() if found else -1


def _among(about: str, names: Iterable[str]) -> bool:
    return about.casefold() in {plain(name).casefold() for name in names}


_SPELT = (
    ("µ", "u"), ("μ", "u"), ("℃", "degC"), ("°C", "degC"), ("Å", "angstrom"), ("Ω", "ohm"),
    ("²", "^2"), ("³", "^3"), ("⁻¹", "^-1"), ("−", "-"), ("·", " "), ("⋅", " "), ("％", "%"),
)  # fmt: skip
_INVERSE = re.compile(r"([A-Za-z%]+)\s?\^?(-?[1-4])(?![0-9])")


def symbol(unit: str) -> str:
    """Return a unit as `tools.units` takes it, from how papers write it: `g L⁻¹`, `µM`, `%`."""
    said = unit.strip()
    for there, here in _SPELT:
        said = said.replace(there, here)
    said = _INVERSE.sub(r"\1**\2", said)
    parts = [part for part in re.split(r"\s+", said) if part]
    if (len(parts) > 1 and not any(mark in said for mark in "*/")) or "**-" in said:
        said = "*".join(parts)
    return {"%": "percent", "M": "mol/L", "mM": "mmol/L", "uM": "umol/L", "nM": "nmol/L"}.get(
        said, said
    )

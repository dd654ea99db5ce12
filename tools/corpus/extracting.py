"""Reading texts by rules: numbers with units beside terms, directions, sentences. No model.

The rules see one sentence at a time and know no grammar. What they find stands in the text; that the
sentence means it is for a reader to say. Known limits: a quantity whose subject is in another sentence,
ranges, tables, irony, negation beyond the words listed, and anaphora ("the latter") are missed or
misread; Korean is cut at `다.` and matched without morphology.
"""

import re
from typing import Annotated, Literal

from annotated_types import MaxLen

from gaseol.tools import Example, tool
from gaseol.tools.extraction import LONGEST_QUOTE, MOST, Read, Sought, named, place, symbol
from gaseol.tools.units import UnitError, same_dimension
from gaseol.traces.verification.quotation import numerals, plain

_END = re.compile(r"(?<=[.!?。])\s+(?=[^a-z]|[a-z]{1,2}[A-Z])|(?<=다\.)\s*|\n+")
_UNIT = re.compile(
    r"\s?[\[(]?((?:%|℃|°?[A-Za-zµμÅΩ]+[²³]?)(?:(?:\s?[·⋅*/]\s?|\s)[A-Za-zµμÅΩ]+(?:\s?\^?(?:[⁻−-][¹1-3]|[²³]))?)*)"
)
_RANGE = re.compile(r"\s?(?:-|–|—|to|±|~)\s?\d")
_RAISES = (
    "raise", "raises", "raised", "increase", "increases", "increased", "increasing", "rises",
    "rose", "enhance", "enhances", "enhanced", "higher", "greater", "promotes", "promoted",
    "positively", "증가", "높", "향상", "촉진", "상승",
)  # fmt: skip
_LOWERS = (
    "lower", "lowers", "lowered", "decrease", "decreases", "decreased", "decreasing", "falls",
    "fell", "reduce", "reduces", "reduced", "reduction", "diminish", "diminished", "inhibits",
    "suppressed", "smaller", "negatively", "감소", "낮", "저하", "억제", "하락",
)  # fmt: skip
_NOT = (
    "not", "no", "never", "neither", "nor", "without", "independent", "unaffected", "unrelated",
    "fails", "failed", "않", "없", "무관", "아니",
)  # fmt: skip
_NOTHING = (
    "no effect", "not affect", "no influence", "no correlation", "no dependence", "independent of",
    "unaffected", "unrelated", "not depend", "not correlate", "no relation", "무관", "영향이 없",
    "영향을 주지 않", "영향을 미치지 않", "관련이 없", "상관이 없",
)  # fmt: skip


@tool(
    seconds=0.01,
    limit_seconds=20,
    tags=("literature", "corpus", "reader"),
    examples=(
        Example(
            {
                "text": "The solubility was 3.2 g/L at 25 °C.",
                "sought": {
                    "solubility": {"kind": "quantity", "terms": ["solubility"], "unit": "g/L"}
                },
            }
        ),
    ),
)
def extract_by_rules(text: Annotated[str, MaxLen(40_000)], sought: dict[str, Sought]) -> list[Read]:
    """Read what is sought out of a text by rules, sentence by sentence; nothing, as an answer, too.

    Args:
        text: the passage or abstract.
        sought: what to look for, by field.
    """
    found: list[Read] = []
    for sentence in sentences(text):
        for field, wanted in sought.items():
            if named(sentence, wanted.terms):
                found += _read(sentence, field, wanted)
    return found[:MOST]


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, each at most as long as a quote may be."""
    found: list[str] = []
    for paragraph in text.split("\n\n"):
        found += [plain(part) for part in _END.split(paragraph) if part.strip()]
    return [one for one in found if len(one) <= LONGEST_QUOTE]


def _read(sentence: str, field: str, wanted: Sought) -> list[Read]:
    about = _about(sentence, wanted)
    if wanted.about and not about:
        return []
    if wanted.kind == "statement":
        return [Read(field=field, quote=sentence, about=about)]
    if wanted.kind == "relation":
        way = _way(sentence) if named(sentence, wanted.of) else ""
        return [Read(field=field, quote=sentence, about=about, direction=way)] if way else []
    quantity = _nearest(sentence, wanted)
    if quantity is None:
        return []
    number, unit = quantity
    return [Read(field=field, quote=sentence, about=about, number=number, unit=unit)]


def _about(sentence: str, wanted: Sought) -> str:
    """Return the one name that a sentence speaks of, as it stands there; none where there are two."""
    there = [name for name in wanted.about if place(sentence, name) >= 0]
    if len(there) != 1:
        return ""
    at = place(sentence, there[0])
    return sentence[at : at + len(plain(there[0]))]


def _way(sentence: str) -> Literal["raises", "lowers", "neither", ""]:
    """Return the direction that a sentence speaks of; none where it is negated or speaks of two."""
    said = sentence.casefold()
    if any(words in said for words in _NOTHING):
        return "neither"
    if _has(sentence, _NOT):
        return ""
    up, down = _has(sentence, _RAISES), _has(sentence, _LOWERS)
    if up is down:
        return ""
    return "raises" if up else "lowers"


def _has(sentence: str, words: tuple[str, ...]) -> bool:
    return any(place(sentence, word) >= 0 for word in words)


def _nearest(sentence: str, wanted: Sought) -> tuple[float, str] | None:
    """Return the number with a fitting unit that stands nearest to a term; ranges are passed over."""
    spots = [at for term in wanted.terms if (at := place(sentence, term)) >= 0]
    best: tuple[int, float, str] | None = None
    for number, begin, end in numerals(sentence):
        rest = sentence[end:]
        if _RANGE.match(rest) or sentence[max(0, begin - 1) : begin] in ("–", "—", "-", "~"):
            continue
        unit = "" if wanted.unit == "1" else _unit(rest, wanted.unit)
        if unit is None or (wanted.unit == "1" and _unit_follows(rest)):
            continue
        far = min(abs(begin - at) for at in spots)
        if best is None or far < best[0]:
            best = (far, number, unit)
    return best[1:] if best else None


def _unit(rest: str, wanted: str) -> str | None:
    """Return the longest unit that follows a number and can be told in the one that is wanted."""
    found = _UNIT.match(rest)
    if found is None:
        return None
    said = found[1]
    while said:
        try:
            if same_dimension(symbol(said), wanted):
                return said
        except UnitError:
            pass
        said = said.rpartition(" ")[0].rstrip()
    return None


def _unit_follows(rest: str) -> bool:
    return bool(re.match(r"\s?(?:%|℃|°|[A-Za-zµμ]{1,3}(?:/|\b))", rest))

"""What a value carries with it: whose words are in it, and how confidential it is.

Labels are joined on use: what is computed from two values carries both labels. A value in whose
making nobody but the scenario, the tools and the people of the run had a say has no sources and is
*trusted*; one that holds the words of a model, of a stranger's server or of a text is of *low
integrity*. After Costa et al., arXiv:2505.23643, and Debenedetti et al., arXiv:2503.18813.
"""

from collections.abc import Iterable
from typing import Literal

from pydantic import field_validator

from gaseol.traces.nouns.value import Value

Confidentiality = Literal["public", "institute", "project", "secret"]
"""How far a value may go, the least confidential first."""

LEVELS: tuple[Confidentiality, ...] = ("public", "institute", "project", "secret")


class Label(Value):
    """The label of a value; the default one is public and trusted."""

    confidentiality: Confidentiality = "public"
    sources: tuple[str, ...] = ()
    """Who had a say in it besides the scenario, tools and people: `model:exaone`, `mcp:calc`,
    `egress:openalex`, `corpus`; sorted. The value is of low integrity where there is any."""

    @field_validator("sources")
    @classmethod
    def _sorted(cls, sources: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(sources)))

    @property
    def low(self) -> bool:
        """Whether somebody who is not trusted had a say in the value."""
        return bool(self.sources)

    def __or__(self, other: "Label") -> "Label":
        """Return the label of what is computed from both values."""
        if other == self:
            return self
        return Label(
            confidentiality=other.confidentiality
            if self.within(other.confidentiality)
            else self.confidentiality,
            sources=(*self.sources, *other.sources),
        )

    def within(self, level: Confidentiality) -> bool:
        """Tell whether whoever is cleared for a level may see the value."""
        return LEVELS.index(self.confidentiality) <= LEVELS.index(level)

    def beyond(self, question: "Label") -> "Label | None":
        """Return the label as records state it: None where it is no more than the question's own."""
        joined = self | question
        return None if joined == question else joined


PUBLIC = Label()
"""The label that adds nothing to another."""


def joined(labels: Iterable[Label]) -> Label:
    """Return the label of what is computed from all of these values."""
    found = PUBLIC
    for label in labels:
        found |= label
    return found


def source(effect: str, name: str, module: str = "", quotes: str = "") -> str:
    """Return whose words the answer of an effect holds; empty where they are the run's own.

    Args:
        effect: its kind: `model`, `tool`, `egress` or `person`.
        name: what is asked: of a model, its profile and the model; of the rest, their name.
        module: of a tool; another's server stands there as `mcp:NAME`.
        quotes: as the tool declares it.
    """
    match effect:
        case "model":
            return f"model:{name.partition('/')[0]}"
        case "egress":
            return f"egress:{name}"
        case "tool":
            # what a stranger's server declares of itself is not believed
            return module if module.startswith("mcp:") else quotes
        case _:
            return ""


class Target(Value):
    """Where a call takes what it is given."""

    name: str
    source: str = ""
    """What its own answers are labelled with: they may go back to where they came from."""
    leaves: bool = False
    """What it is given goes out of this machine."""
    consequential: bool = False
    """It does something that cannot be taken back."""
    takes_low: bool = False
    """The policy or a person lets it have what a model or a stranger had a say in."""

    def refusal(self, label: Label, question: Label) -> str:
        """Say why a value may not be given to it; empty where it may.

        Args:
            label: of the value.
            question: the question's own; what is named to leave may be as confidential as that.
        """
        if self.leaves and not label.within(question.confidentiality):
            return (
                f"{self.name} would be given something that is {label.confidentiality}, and what "
                f"leaves this machine may be {question.confidentiality} at most"
            )
        others = [source for source in label.sources if source != self.source]
        if others and (self.leaves or self.consequential) and not self.takes_low:
            does = "sends what it is given away" if self.leaves else "cannot be taken back"
            return (
                f"{self.name} {does}, and {', '.join(others)} had a say in it; if that may be, name "
                f"{self.name} in policy.low_integrity"
            )
        return ""

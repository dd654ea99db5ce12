"""Findings: what a conformance check says of a tool."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

Outcome = Literal["ok", "flaw", "skipped"]


@dataclass(frozen=True)
class Finding:
    """What one check found, in one line."""

    check: str
    outcome: Outcome
    said: str
    """What holds, or what is wrong and what to do, or why it was not tried."""

    def __str__(self) -> str:
        word = {"ok": "ok      ", "flaw": "FLAW    ", "skipped": "skipped "}[self.outcome]
        return f"{word}{self.check}: {self.said}"


@dataclass(frozen=True)
class Report:
    """All findings about one thing."""

    name: str
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether no check found a flaw."""
        return not self.flaws

    @property
    def flaws(self) -> tuple[Finding, ...]:
        """The findings that are flaws."""
        return tuple(one for one in self.findings if one.outcome == "flaw")

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __str__(self) -> str:
        lines = [f"  {finding}" for finding in self.findings]
        return "\n".join([f"{self.name}: {'holds' if self.holds else 'does not hold'}", *lines])

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON-able values."""
        findings = [vars(finding) for finding in self.findings]
        return {"name": self.name, "holds": self.holds, "findings": findings}


def ok(check: str, said: str) -> Finding:
    """Return that a check holds."""
    return Finding(check, "ok", said)


def flaw(check: str, said: str) -> Finding:
    """Return what a check found wrong."""
    return Finding(check, "flaw", said)


def skipped(check: str, why: str) -> Finding:
    """Return why a check was not tried."""
    return Finding(check, "skipped", why)

"""What a model is shown, in parts of which some may be shortened when there is no room."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

_LEAST = 4
"""Lines that are left of a part, however short the context."""
_SHOWN = 2000
"""Characters of a failed answer, and of what is wrong with it, that are shown again: both may hold
whatever the model wrote."""


@dataclass(frozen=True)
class Part:
    """A heading with its lines."""

    title: str
    lines: tuple[str, ...]
    kept: bool = False
    """Never shortened."""
    left_out: int = 0

    def __str__(self) -> str:
        rest = (f"({self.left_out} more left out)",) if self.left_out else ()
        return "\n".join((f"## {self.title}", *self.lines, *rest))


@dataclass(frozen=True)
class Transcript:
    """The parts, pictures, and what went to and fro since."""

    parts: tuple[Part, ...]
    images: tuple[str, ...] = ()
    """As `data:` URLs: a server that is given an address fetches it by itself."""
    turns: tuple[tuple[str, str], ...] = ()
    """Failed answers, and what is wrong with each."""

    def messages(self, instructions: str) -> list[dict[str, Any]]:
        """Return the messages of a request.

        Raises:
            ValueError: a picture is no `data:` URL.
        """
        text = "\n\n".join(map(str, self.parts))
        content: Any = text
        if self.images:
            if not all(image.startswith("data:image/") for image in self.images):
                raise ValueError("pictures are given as data: URLs, never as addresses")
            pictures = [{"type": "image_url", "image_url": {"url": i}} for i in self.images]
            content = [{"type": "text", "text": text}, *pictures]
        found = [
            {"role": "system", "content": instructions},
            {"role": "user", "content": content},
        ]
        for said, wrong in self.turns:
            found.append({"role": "assistant", "content": said[:_SHOWN] or "(nothing)"})
            found.append(
                {"role": "user", "content": f"That cannot be used: {wrong[:_SHOWN]}. Answer again."}
            )
        return found

    def answered(self, said: str, wrong: str) -> "Transcript":
        """Return the transcript after an answer that could not be used."""
        return replace(self, turns=(*self.turns, (said, wrong)))

    def compacted(self) -> "tuple[Transcript, str] | None":
        """Return a shorter transcript and what was left out; None when nothing more can be.

        The longest part that may be shortened loses the second half of its lines.
        """
        open_ = [
            (sum(map(len, p.lines)), i)
            for i, p in enumerate(self.parts)
            if not p.kept and len(p.lines) > _LEAST
        ]
        if not open_:
            return None
        at = max(open_, key=lambda item: (item[0], -item[1]))[1]
        part = self.parts[at]
        half = max(_LEAST, len(part.lines) // 2)
        gone = len(part.lines) - half
        shorter = replace(part, lines=part.lines[:half], left_out=part.left_out + gone)
        parts = (*self.parts[:at], shorter, *self.parts[at + 1 :])
        return replace(
            self, parts=parts
        ), f"{part.title}: {gone} of {len(part.lines)} lines left out"


def part(title: str, lines: Sequence[str], *, kept: bool = False) -> Part:
    """Return a part; what stands in it is one line each, and none a heading, whatever it holds."""
    return Part(title, tuple(_line(line) for line in lines), kept)


def _line(text: str) -> str:
    flat = " ".join(text.split())
    return f"\\{flat}" if flat.startswith("#") else flat

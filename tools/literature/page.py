"""Pages of the documented shape, written by hand: what readers are examined with, here and in tests."""

from pathlib import Path

from gaseol.tools import Example
from gaseol.traces.nouns.failure import FailureKind

FOLDER = Path(__file__).parent / "pages"


def pages(name: str) -> tuple[Example, Example]:
    """Return the examples of a reader: a page as its service would answer, and one that is none.

    Args:
        name: of the file in `pages`.
    """
    text = (FOLDER / name).read_text(encoding="utf-8")
    return (
        Example({"status": 200, "text": text}),
        Example({"status": 200, "text": "<p>Come back later"}, failure=FailureKind.WRONG_SHAPE),
    )

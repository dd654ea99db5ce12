"""What a model's answer says it read and wrote."""

from typing import Any, cast


def tokens(answer: Any) -> tuple[int | None, int | None]:
    """Return the tokens read and written by the answer's `usage`; None where it says nothing."""
    said = cast("dict[str, Any]", answer).get("usage") if isinstance(answer, dict) else None
    usage = cast("dict[str, Any]", said) if isinstance(said, dict) else {}
    found: list[int | None] = [
        next((usage[k] for k in names if type(usage.get(k)) is int), None)
        for names in (("input_tokens", "prompt_tokens"), ("output_tokens", "completion_tokens"))
    ]
    return found[0], found[1]

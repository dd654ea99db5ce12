"""Names that are safe in identifiers and stay different from each other."""

import re

_OTHERS = re.compile(r"[^A-Za-z0-9.-]")


def slug(name: str) -> str:
    """Return a name in letters, digits, `.`, `-` and `_`; no two names share one.

    What is something else, `_` itself too, becomes `_` and two hexadecimal digits a byte.
    """
    return _OTHERS.sub(lambda found: "".join(f"_{b:02X}" for b in found[0].encode()), name)

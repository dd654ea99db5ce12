"""A framework in which a model thinks like a scientist."""

from pathlib import Path

_here = Path(__file__).parent
if not (_here / "tools").is_dir():  # a checkout without symbolic links, as on Windows
    __path__.append(str(_here.parents[1]))

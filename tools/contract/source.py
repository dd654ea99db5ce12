"""The source of a tool's pack, which is part of the tool's version."""

import functools
import sys
from pathlib import Path


@functools.cache
def pack_source(module: str) -> bytes | None:
    """Return the source of a module, with that of its neighbours where it is part of a package.

    Args:
        module: an imported one; None is returned where it has no file.
    """
    name = getattr(sys.modules.get(module), "__file__", None)
    if not name:
        return None
    file = Path(name)
    in_package = (file.parent / "__init__.py").is_file()
    files = sorted(file.parent.glob("*.py")) if in_package else [file]
    return b"\0".join(part for f in files for part in (f.name.encode(), f.read_bytes()))

"""An errand: a function by name and a JSON document, carried out where a worker is."""

import importlib
import os
from pathlib import Path

import orjson


def carry_out(answer: str, function: str, document: bytes) -> bytes:
    """Call a function with a document; leave its answer in a file, and return it too.

    The file is there before anything is returned: what a worker that is killed had already done is
    not lost on its way back.

    Args:
        answer: a path that all machines share.
        function: `module:name`; takes JSON values and returns some.
        document: JSON.
    """
    module, _, name = function.partition(":")
    found = orjson.dumps(getattr(importlib.import_module(module), name)(orjson.loads(document)))
    part = Path(f"{answer}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(found)
    part.replace(answer)
    return found

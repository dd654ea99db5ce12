"""A run, or two side by side, as one file that opens from disk without server or network."""

import os
from collections.abc import Iterator
from pathlib import Path

from gaseol.traces.view import standing
from gaseol.traces.view.exhibit import PARTS, Exhibit
from gaseol.traces.view.page import closing, data, opening, plain
from gaseol.traces.view.skeleton import HEAVY

_FIRST = ("skeleton", "board", "curves")


def write_view(
    folder: Path, out: Path, *, beside: Path | None = None, language: str = "en"
) -> None:
    """Write the viewer of a run as one HTML file.

    Everything the record holds is in it, payloads cut at 4 MiB each; nothing is loaded from
    anywhere. The same record and reviews give the same bytes, but for the time verifying took.

    Args:
        folder: the run.
        out: the file; it is replaced whole or not at all.
        beside: a second run to be compared with.
        language: of the page when it is opened, `en` or `ko`; a reader can change it.

    Raises:
        NotARun: there is no record in the folder.
        ValueError: the language is not known.
    """
    temporary = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            for block in _blocks(folder, beside, language):
                file.write(block)
                file.write("\n")
        os.replace(temporary, out)
    finally:
        temporary.unlink(missing_ok=True)


def _blocks(folder: Path, beside: Path | None, language: str) -> Iterator[str]:
    first = Exhibit(folder)
    second = Exhibit(beside) if beside else None
    yield opening({"served": False, "beside": bool(second), "language": language},
                  language, served=False)  # fmt: skip
    # what the first page shows stands before the script, events and payloads after it
    for key, exhibit in (("a", first), ("b", second)):
        if exhibit is None:
            continue
        # what the first page shows is read at once, the rest when the file has been read
        for name in _FIRST:
            yield plain(f"{key}:{name}", exhibit.part(name))
        for name in (
            *(p for p in PARTS if p not in _FIRST),
            "standing",
            "inspection",
            "replay",
            "reviews",
        ):
            yield data(f"{key}:{name}", exhibit.part(name))
    if beside:
        yield data("comparison", standing.comparison(folder, beside))
    yield closing()
    for key, exhibit in (("a", first), ("b", second)):
        if exhibit is not None:
            yield from _contents(key, exhibit)
    yield data("end", True)
    yield "</body>\n</html>"


def _contents(key: str, exhibit: Exhibit) -> Iterator[str]:
    for number in range(exhibit.chunks()):
        yield data(f"{key}:chunk-{number}", exhibit.chunk(number))
    for seq, size in enumerate(exhibit.skeleton.size):
        if size > HEAVY:
            yield data(f"{key}:event-{seq}", exhibit.event(seq))
    for blob, _ in exhibit.blobs():
        yield data(f"{key}:blob-{blob.sha256}", exhibit.blob(blob.sha256))

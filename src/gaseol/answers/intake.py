"""What a run waits for, as JSON, and what comes back from whoever fills in the form."""

import base64
import binascii
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from gaseol.traces.record.inbox import Awaited, awaited
from gaseol.traces.record.trace import Trace

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LARGEST = 96 * 2**20
"""Bytes of one answer with its attachments, which come in base64."""
_NAME = 200


def told(each: Awaited) -> dict[str, Any]:
    """Return what is said of something awaited, as `gaseol todo --json` prints it."""
    return {
        "id": each.request,
        "what": "ambiguous" if each.ambiguous else each.arguments.get("what"),
        "asked": each.at,
        "due": each.due,
        "arguments": dict(each.arguments),
        "name": each.fact.name,
        "said": each.said.model_dump(mode="json") if each.said else None,
    }


def waiting(folder: Path) -> list[dict[str, Any]]:
    """Return all that a run waits for.

    Raises:
        BrokenInbox: what was handed in was changed.
    """
    return [told(each) for each in awaited(Trace(folder))]


def take(
    folder: Path, said: Mapping[str, Any], key: "Ed25519PrivateKey | None" = None
) -> dict[str, Any]:
    """Hand in one answer, checked as that of `gaseol answer`, and return what is awaited then.

    Args:
        folder: the run.
        said: `id`, `fields` (words by name), `correct`, and `attach`: a list of `name` and, in
            base64, `content`.
        key: signs it.

    Raises:
        BadAnswer: it does not fit; nothing was taken.
        BrokenInbox: what was handed in before was changed.
    """
    from gaseol.graphs.people.answering import BadAnswer, hand_in

    number, fields, correct = said.get("id"), said.get("fields"), said.get("correct", False)
    if not isinstance(number, int) or isinstance(number, bool) or not isinstance(correct, bool):
        raise BadAnswer("an answer names the id of what it answers")
    if not isinstance(fields, dict):
        raise BadAnswer(f"{number}: the fields are no object of words")
    given = cast("dict[str, Any]", fields)
    if not all(isinstance(v, str) for v in given.values()):
        raise BadAnswer(f"{number}: the fields are no object of words")
    with _files(said.get("attach") or []) as files:
        words = {k: v.strip() for k, v in given.items() if v.strip()}
        (taken,) = hand_in(folder, {number: words}, correct=correct, attach=files, key=key)
    return {"taken": taken.seq, "by": taken.by, "waiting": waiting(folder)}


@contextmanager
def _files(attached: Any) -> Iterator[Sequence[Path]]:
    """Lay attachments down as files of their own names, as long as they are handed in."""
    from gaseol.graphs.people.answering import BadAnswer

    found: list[Path] = []
    with tempfile.TemporaryDirectory(prefix="gaseol-answer-") as place:
        if not isinstance(attached, list):
            raise BadAnswer("attachments are no list")
        for number, each in enumerate(cast("list[Any]", attached)):
            try:
                name, content = str(each["name"]), base64.b64decode(each["content"], validate=True)
            except (TypeError, KeyError, ValueError, binascii.Error):
                raise BadAnswer("an attachment has a name, and content in base64") from None
            plain = (
                name.isprintable() and not set(name) & set("/\\") and name not in ("", ".", "..")
            )
            if not plain or len(name.encode()) > _NAME:
                raise BadAnswer("a file with such a name cannot be attached; rename it")
            folder = Path(place) / str(number)
            folder.mkdir()
            path = folder / name
            path.write_bytes(content)
            found.append(path)
        yield found

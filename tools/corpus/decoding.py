"""Bytes of a file as text, whatever it was written in; refused where nobody can tell."""

from pathlib import Path

from gaseol.tools import Refuse
from gaseol.traces.nouns.failure import FailureKind

FILE_MB = 64
"""The largest file that is read as a whole, in MiB."""


def whole(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        Refuse: `unavailable`, it cannot be read; `too_large`, it has more than `FILE_MB`;
            `bad_arguments`, it has no name.
    """
    try:
        size = path.stat().st_size
        if size > FILE_MB << 20:
            reason = f"{path.name} has {size >> 20} MiB, at most {FILE_MB} are read as a whole"
            raise Refuse(reason, kind=FailureKind.TOO_LARGE)
        return path.read_bytes()
    except OSError as error:
        reason = f"{path.name} cannot be read: {error.strerror}"
        raise Refuse(reason, kind=FailureKind.UNAVAILABLE) from None
    except ValueError as error:  # a zero byte in a name
        reason = f"{path.name!r} is no name of a file: {error}"
        raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS) from None


def decoded(content: bytes, name: str) -> str:
    """Return a text: UTF-8, UTF-16 with its mark, or Korean CP949.

    Raises:
        Refuse: with kind `wrong_shape`, it is none of these, or binary.
    """
    marks = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
    encodings = [code for mark, code in marks if content.startswith(mark)] or ["utf-8", "cp949"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text.replace("\r\n", "\n").replace("\r", "\n")
    raise Refuse(f"{name} is no text in a known encoding", kind=FailureKind.WRONG_SHAPE)

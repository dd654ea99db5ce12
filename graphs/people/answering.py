"""Take what a person hands in: checked against what was asked, then put into the run's inbox."""

import contextlib
import csv
import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaseol.tools.units import UnitError, convert
from gaseol.traces.record.event import EffectCompleted, EffectFailed
from gaseol.traces.record.inbox import AnsweredMeanwhile, Attachment, Awaited, Inbox, Said, awaited
from gaseol.traces.record.recorder import RecordInUse, standing
from gaseol.traces.record.trace import Trace

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_FIELDS = ("value", "unit", "uncertainty", "by", "note", "failed", "approve", "again")
_LARGEST = 64 * 2**20
_YES = {"yes": True, "true": True, "no": False, "false": False}


class BadAnswer(ValueError):
    """What was handed in does not answer what was asked, and how it could."""


def hand_in(
    folder: Path | str,
    answers: Mapping[int, Mapping[str, str]],
    *,
    correct: bool = False,
    attach: Sequence[Path] = (),
    key: "Ed25519PrivateKey | None" = None,
) -> list[Said]:
    """Take answers, all or none; they enter the record when the run is resumed.

    Args:
        folder: the run.
        answers: by the position of the request: value, unit, uncertainty, by, note, failed,
            approve, again.
        correct: they may take the place of earlier ones, which are kept.
        attach: files that go with each of them.
        key: signs each of them.

    Raises:
        NotARun: there is no run in the folder.
        BadAnswer: one does not fit, or a correction comes while the run goes on; nothing was taken.
        BrokenInbox: what was handed in before was changed.
    """
    trace = Trace(folder)
    inbox = Inbox(trace.folder)
    # a run that goes on took the earlier answers when it began to, and would not see a correction
    with _paused(trace.folder) if correct else contextlib.nullcontext():
        waiting = {each.request: each for each in awaited(trace)}
        drafts = [_draft(trace, waiting, seq, given, correct) for seq, given in answers.items()]
        files = _files(inbox, attach)
        try:
            return inbox.append([{**draft, "attachments": files} for draft in drafts], key)
        except AnsweredMeanwhile as first:
            raise BadAnswer(f"{first}, just now; nothing was taken") from None


@contextlib.contextmanager
def _paused(folder: Path) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(standing(folder))
        except RecordInUse as error:
            raise BadAnswer(
                f"{error}, and may use the earlier answer at this moment; correct it once the run "
                "has paused, where `gaseol todo` still lists it"
            ) from None
        yield


def read_csv(path: Path) -> dict[int, dict[str, str]]:
    """Read answers from a table with the columns id, value, unit, by, and any of the others.

    Raises:
        BadAnswer: it is no such table.
    """
    found: dict[int, dict[str, str]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        unknown = sorted({*(rows.fieldnames or ())} - {"id", *_FIELDS})
        if "id" not in (rows.fieldnames or ()) or unknown:
            what = f"has no column '{unknown[0]}'" if unknown else "needs the column 'id'"
            raise BadAnswer(f"{path}: an answer {what}; there are id, {', '.join(_FIELDS)}")
        for number, row in enumerate(rows, start=2):
            try:
                seq = int(row.pop("id") or "")
            except ValueError:
                raise BadAnswer(f"{path}, line {number}: the id is no whole number") from None
            if seq in found:
                raise BadAnswer(f"{path}, line {number}: {seq} stands there twice")
            found[seq] = {k: v.strip() for k, v in row.items() if v and v.strip()}
    if not found:
        raise BadAnswer(f"{path} holds no answer")
    return found


def _draft(
    trace: Trace,
    waiting: Mapping[int, Awaited],
    seq: int,
    given: Mapping[str, str],
    correct: bool,
) -> dict[str, Any]:
    def bad(what: str) -> BadAnswer:
        return BadAnswer(f"{seq}: {what}")

    unknown = sorted(given.keys() - set(_FIELDS))
    if unknown:
        raise bad(f"an answer has no '{unknown[0]}'; there are {', '.join(_FIELDS)}")
    asked = waiting.get(seq)
    if asked is None:
        raise bad(_not_awaited(trace, waiting, seq))
    if asked.said is not None and not correct:
        raise bad(f"{asked.said.by} answered it at {asked.said.at}; to hand in another answer, "
                  "which keeps that one, add --correct")  # fmt: skip
    if not given.get("by"):
        raise bad("say who answers: by=NAME")
    draft: dict[str, Any] = {
        "by": given["by"],
        "request": seq,
        "event": asked.event,
        "given": dict(given),
        "note": given.get("note", ""),
        "replaces": asked.said.seq if asked.said else None,
    }
    if asked.ambiguous:
        draft |= _ending(given, bad)
    elif asked.arguments.get("what") != "measurement":
        draft |= {"approve": _yes(given, "approve", bad)}
    elif given.get("failed"):
        draft |= {"failed": given["failed"]}
    else:
        draft |= _measured(asked.arguments, given, bad)
    return draft


def _not_awaited(trace: Trace, waiting: Mapping[int, Awaited], seq: int) -> str:
    """Say why an id is not awaited."""
    asked = answered = False
    for event in trace.events("effect.requested", "effect.completed", "effect.failed"):
        asked = asked or (event.seq == seq and event.kind == "effect.requested")
        fact = event.fact
        answered = answered or (
            isinstance(fact, EffectCompleted | EffectFailed) and fact.request == seq
        )
    other = f"to see what another value would change, branch off: gaseol fork {trace.folder} --at {seq + 1}"
    if asked and answered:
        return f"is on record with its answer already, which stays as it is; {other}"
    if trace.seal is not None:
        return "comes too late: the run has ended, and nothing is awaited any more" + (
            f"; {other}" if asked else ""
        )
    if asked:
        return "is not for a person to answer: a tool, a model or a source is asked"
    ids = ", ".join(map(str, waiting)) or "nothing"
    return f"nothing is awaited under this id; awaited are: {ids}"


def _ending(given: Mapping[str, str], bad: Any) -> dict[str, Any]:
    """Return what a person says of a call that nobody knows the end of."""
    if given.get("failed"):
        return {"failed": given["failed"]}
    if _yes(given, "again", bad):
        return {"again": True}
    raise bad("say again=yes if it may be carried out again, or failed=WHY if it must not")


def _yes(given: Mapping[str, str], name: str, bad: Any) -> bool:
    said = given.get(name, "").lower()
    if said not in _YES:
        raise bad(f"say {name}=yes or {name}=no" if name == "approve" else
                  "say again=yes, or failed=WHY")  # fmt: skip
    return _YES[said]


def _measured(asked: Mapping[str, Any], given: Mapping[str, str], bad: Any) -> dict[str, Any]:
    unit = given.get("unit", "")
    if not unit and asked["unit"] != "1":
        raise bad(f"say the unit: it was asked for in {asked['unit']}, any of its kind will do")
    try:
        raw = float(given.get("value", ""))
        value = convert(raw, unit or "1", asked["unit"])
        spread = float(given["uncertainty"]) if "uncertainty" in given else None
        if spread is not None:
            # a difference, which an offset of the scale does not touch
            spread = abs(convert(raw + spread, unit or "1", asked["unit"]) - value)
    except UnitError as error:
        raise bad(str(error)) from None
    except ValueError:
        raise bad("value and uncertainty are numbers, as in value=41.2 uncertainty=0.3; "
                  "or say failed=WHY") from None  # fmt: skip
    low, high = asked.get("low"), asked.get("high")
    if value != value or abs(value) == float("inf"):
        raise bad("the value is no finite number")
    if (low is not None and value < low) or (high is not None and value > high):
        raise bad(f"{value:g} {asked['unit']} is outside of what is possible here: from "
                  f"{low if low is not None else 'any'} to {high if high is not None else 'any'}")  # fmt: skip
    return {"value": value, "uncertainty": spread}


def _files(inbox: Inbox, attach: Sequence[Path]) -> dict[str, Attachment]:
    names = [path.name for path in attach]
    twin = next((name for name in names if names.count(name) > 1), None)
    if twin is not None:
        raise BadAnswer(f"two attached files are named {twin}; rename one")
    return {path.name: _attached(inbox, path) for path in attach}


def _attached(inbox: Inbox, path: Path) -> Attachment:
    if path.stat().st_size > _LARGEST:
        raise BadAnswer(f"{path} has more than {_LARGEST >> 20} MiB")
    media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return inbox.keep(path.read_bytes(), media)

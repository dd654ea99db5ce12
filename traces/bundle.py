"""A copy of a run to hand out: whole, or with payloads kept back, and it says which and why.

The events stay as they are, so that chain, seal and signature hold in the copy: they commit to
salted digests, which give nothing away of a payload that is not there.
"""

import os
import re
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import orjson

from gaseol.traces.record.blob import PLACE, WITHHELD, Blob, BlobStore, MissingBlob, Withholding
from gaseol.traces.record.event import BLOBS, Event, RunStarted, references
from gaseol.traces.record.seal import NAME, SIGNATURE
from gaseol.traces.record.trace import Trace

_MASK = "redacted"
_DIGEST = re.compile(r"[0-9a-f]{64}")


Json = dict[str, Any]


class NothingToWithhold(ValueError):
    """A selector that no payload answers to, or that means what stands in the events themselves."""


@dataclass
class Bundle:
    """What was written."""

    path: Path
    payloads: int = 0
    """How many payloads are in the copy."""
    withheld: dict[str, Withholding] = field(default_factory=dict[str, Withholding])
    """By digest, or by the name of a file."""
    left: dict[str, int] = field(default_factory=dict[str, int])
    """By selector: payloads that it means and that stand in the events themselves, also here."""


def write_bundle(
    folder: Path,
    out: Path,
    *,
    withhold: Sequence[str] = (),
    redact: Sequence[str] = (),
    reason: str = "",
    by: str = "",
) -> Bundle:
    """Copy a run into a new folder, or into one file where `out` ends in `.zip`.

    Args:
        folder: the run.
        out: must not exist.
        withhold: which payloads to keep back: a tool's name, a kind of event, a media type, the
            name of a file of the scenario, or the first digits of a digest (at least eight).
        redact: fields; a JSON payload that has one is kept back, and a copy in which they are
            masked stands in for it. Nothing vouches for that copy.
        reason: why, in a sentence that everybody may read.
        by: who keeps it back.

    Raises:
        NotARun: there is no run in the folder.
        FileExistsError: `out` is there already.
        NothingToWithhold: a selector means no payload, or what stands in the events themselves;
            a field to redact stands there too.
    """
    trace = Trace(folder)
    if out.exists():
        raise FileExistsError(17, "is there already; name another file", str(out))
    withheld, left = _chosen(trace, withhold, redact, reason or "withheld", by)
    if withheld and trace.seal is not None:
        # what a report shows was drawn from the payloads
        for name in trace.seal.files:
            if name != "run.json":
                withheld[name] = _because(reason or "shows what was withheld", by)
    temporary = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    found = Bundle(out, withheld=withheld, left=left)
    try:
        if out.suffix == ".zip":
            with zipfile.ZipFile(temporary, "x", zipfile.ZIP_DEFLATED) as archive:
                _copy(trace, withheld, found, lambda name, path: archive.write(path, name),
                      lambda name, content: archive.writestr(name, content))  # fmt: skip
        else:
            temporary.mkdir(parents=True)
            _copy(trace, withheld, found, lambda name, path: _place(path, temporary / name),
                  lambda name, content: _write(temporary / name, content))  # fmt: skip
        os.replace(temporary, out)
    except BaseException:
        if temporary.is_dir():
            shutil.rmtree(temporary, ignore_errors=True)
        temporary.unlink(missing_ok=True)
        raise
    return found


def _copy(
    trace: Trace,
    withheld: Mapping[str, Withholding],
    found: Bundle,
    place: Callable[[str, Path], None],
    write: Callable[[str, bytes], None],
) -> None:
    folder = trace.folder
    names = ["run.json", "events.jsonl", NAME, SIGNATURE]
    # a seal that somebody else wrote may name files that are none of the run's
    names += (n for n in trace.seal.files if Path(n).name == n) if trace.seal else ()
    for name in dict.fromkeys(names):
        if (folder / name).is_file() and name not in withheld:
            place(name, folder / name)
    earlier = trace.blobs.withheld
    # the lines of people say what the payloads of their answers do
    inbox = () if withheld or earlier else ("inbox",)
    for beside in ("reviews", "replays", *inbox):
        for path in sorted((folder / beside).glob("*.json*")):
            place(f"{beside}/{path.name}", path)
    for name in _referred(trace):
        path = folder.joinpath(*PLACE, name)
        if name not in withheld and path.is_file():
            place("/".join((*PLACE, name)), path)
            found.payloads += 1
    said = {k: w.model_dump(mode="json") for k, w in {**earlier, **withheld}.items()}
    if said:
        write(WITHHELD, orjson.dumps(said, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))


def _chosen(
    trace: Trace, selectors: Sequence[str], redact: Sequence[str], reason: str, by: str
) -> tuple[dict[str, Withholding], dict[str, int]]:
    """Return what is kept back, by digest, and how much each selector means that cannot be."""
    found: dict[str, Withholding] = {}
    met: dict[str, int] = dict.fromkeys(selectors, 0)
    inline: dict[str, int] = dict.fromkeys(selectors, 0)
    tools: dict[int, str] = {}
    masked = set(redact)
    open_ = 0
    for event in trace.events():
        if event.kind == "effect.requested":
            tools[event.seq] = str(event.data.get("name"))
        for field_ in ("arguments", "value"):
            said = event.data.get(field_)
            open_ += bool(masked) and _mask(said, masked) != said
        asked = {s for s in selectors if _means(s, event, tools)}
        for name in _payloads(event):
            chosen = asked | {s for s in selectors if _names(s, event, name)}
            for selector in chosen:
                met[selector] += 1
            if chosen:
                found[name] = _because(reason, by)
            elif masked and name not in found:
                instead = _masked(trace.blobs, event, name, masked)
                if instead is not None:
                    found[name] = _because(reason, by, instead)
        for selector in asked:
            if event.kind in BLOBS and not any(_payloads(event)):
                inline[selector] += 1
    for selector, number in met.items():
        if not number:
            where = (
                f"its {inline[selector]} payloads stand in the events themselves; run with "
                "policy.payloads: apart to keep them beside"
                if inline[selector]
                else "a tool, a kind of event, a media type, a file or a digest is meant"
            )
            raise NothingToWithhold(f"'{selector}' names no payload: {where}")
    if open_:
        raise NothingToWithhold(
            f"{' or '.join(redact)} stands in {open_} events themselves, where nothing can be "
            "masked; run with policy.payloads: apart to keep payloads beside"
        )
    if redact and not found:
        raise NothingToWithhold(f"no payload has a field {' or '.join(redact)}")
    return found, {selector: number for selector, number in inline.items() if number}


def _means(selector: str, event: Event, tools: Mapping[int, str]) -> bool:
    """Tell whether a selector means everything of an event."""
    if selector == event.kind:
        return True
    request = event.seq if event.kind == "effect.requested" else event.data.get("request")
    if event.kind == "measurement":
        measurement = event.data.get("measurement")
        measured = cast("Json", measurement) if isinstance(measurement, dict) else {}
        request = measured.get("request")
    return isinstance(request, int) and tools.get(request) == selector


def _names(selector: str, event: Event, name: str) -> bool:
    """Tell whether a selector means one payload by itself."""
    if len(selector) >= 8 and name.startswith(selector):
        return True
    for blob in _blobs(event.data):
        if blob["sha256"] == name and blob["media"] == selector:
            return True
    fact = event.fact
    file = fact.files.get(selector) if isinstance(fact, RunStarted) else None
    return file is not None and file.sha256 == name


def _blobs(value: Any) -> Iterable[dict[str, Any]]:
    if isinstance(value, dict):
        inside = cast("dict[str, Any]", value)
        if "sha256" in inside and "media" in inside:
            yield inside
        for part in inside.values():
            yield from _blobs(part)


def _masked(blobs: BlobStore, event: Event, name: str, fields: set[str]) -> Any:
    """Return a payload with fields masked; None where it has none of them."""
    blob = next((b for b in _blobs(event.data) if b.get("sha256") == name), None)
    if blob is None or blob.get("media") != "application/json":
        return None
    try:
        payload = blobs.get_json(Blob.model_validate(blob))
    except (MissingBlob, ValueError):
        return None
    masked = _mask(payload, fields)
    return masked if masked != payload else None


def _mask(value: Any, fields: set[str]) -> Any:
    if isinstance(value, dict):
        inside = cast("dict[str, Any]", value)
        return {k: _MASK if k in fields else _mask(v, fields) for k, v in inside.items()}
    if isinstance(value, list):
        return [_mask(v, fields) for v in cast("list[Any]", value)]
    return value


def _because(reason: str, by: str, instead: Any = None) -> Withholding:
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Withholding(reason=reason, by=by, at=now, instead=instead)


def _referred(trace: Trace) -> dict[str, None]:
    return {name: None for event in trace.events() for name in _payloads(event)}


def _payloads(event: Event) -> Iterator[str]:
    """Yield the digests of the payloads of an event, and nothing that could be another path."""
    for name, _ in references(event.kind, event.data):
        if isinstance(cast("Any", name), str) and _DIGEST.fullmatch(name):
            yield name


def _place(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)

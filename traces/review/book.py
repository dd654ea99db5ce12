"""A review of a run: notes, questions, judgements and sign-offs beside the record.

Nothing here touches the record. Every reviewer has a file `reviews/<name>.jsonl`, a chain of
its own (`notebook.py`), whose lines (`entry.py`) point at digests of the record (`target.py`).
"""

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from gaseol.traces.record import chain
from gaseol.traces.record.trace import Trace
from gaseol.traces.review.entry import LONGEST_TEXT, Draft, Drafts, Entry
from gaseol.traces.review.notebook import Flaw, Notebook, Pages
from gaseol.traces.review.signoff import signature, signers
from gaseol.traces.review.target import NoTarget, Places, ReviewError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_LONGEST_NAME = 200
_DRAFTS = TypeAdapter(list[Draft])


def reviews(folder: Path | str) -> list[Entry]:
    """Return what all reviewers said, by time; `check` says whether it holds.

    Lines that are no entries are left out.

    Raises:
        NotARun: the folder holds no run.
    """
    found: list[tuple[str, str, int, Entry]] = []
    for notebook, pages in _read(Trace(folder)):
        latest = ""
        for entry in pages.entries:
            latest = max(latest, entry.at)  # a file keeps its order, whatever its dates say
            found.append((latest, notebook.path.stem, entry.seq, entry))
    return [entry for *_, entry in sorted(found, key=lambda row: row[:3])]


def add(
    folder: Path | str,
    *,
    by: str,
    kind: str,
    target: Any = None,
    severity: str | None = None,
    text: str = "",
    about: str | None = None,
    judgement: str | None = None,
    meaning: str | None = None,
    key: "Ed25519PrivateKey | None" = None,
    anyway: bool = False,
) -> Entry:
    """Say one thing about a run and return it when it is on disk; options as for `add_all`."""
    draft = {
        "kind": kind, "target": target, "severity": severity, "text": text, "about": about,
        "judgement": judgement, "meaning": meaning,
    }  # fmt: skip
    (entry,) = add_all(folder, [draft], by=by, key=key, anyway=anyway)
    return entry


def add_all(
    folder: Path | str,
    drafts: Iterable[Mapping[str, Any] | Draft],
    *,
    by: str,
    key: "Ed25519PrivateKey | None" = None,
    anyway: bool = False,
) -> list[Entry]:
    """Say several things about a run, all or none; return them when they are on disk.

    Args:
        folder: the run.
        drafts: what to say; targets without digests are given the record's.
        by: the reviewer's name, which names the file too.
        key: signs the sign-offs among them.
        anyway: sign off a record that is not sealed or does not verify; the entry says so.

    Raises:
        NotARun: the folder holds no run.
        ReviewError: something cannot be said so; nothing was written.
        NoTarget: the record does not hold what is pointed at.
        BrokenReview: the reviewer's file cannot be continued.
    """
    trace = Trace(folder)
    by = _named(by)
    said = [_draft(draft) for draft in drafts]
    if not said:
        return []
    desk = _Desk(trace, by, anyway=anyway)
    ready: list[dict[str, Any]] = []
    for number, draft in enumerate(said, start=1):
        try:
            ready.append(desk.ready(draft))
        except ReviewError as error:
            what = f"draft {number}: {error}" if len(said) > 1 else str(error)
            raise type(error)(what) from None
    notebook = Notebook.of(trace.folder, by, desk.places.start)
    return notebook.append(by, ready, signature(key) if key else None)


def check(folder: Path | str) -> list[Flaw]:
    """Return what does not hold about the reviews of a run: chains, targets, signatures.

    Raises:
        NotARun: the folder holds no run.
        BrokenLine: the record itself cannot be read.
    """
    trace = Trace(folder)
    found = _read(trace)
    flaws = [flaw for _, pages in found for flaw in pages.flaws]
    if (trace.folder / "reviews").is_symlink():
        flaws.append(Flaw("reviews", "is a link to another folder; it was not read"))
    if not found:
        return flaws
    places = Places(trace)
    entries = {e.digest: e for _, pages in found for e in pages.entries}
    for notebook, pages in found:
        for entry in pages.entries:
            flaws += _check(f"{notebook.where}, entry {entry.seq}", entry, places, entries)
    return flaws


def mend(folder: Path | str) -> list[Path]:
    """Set torn last lines aside and return where they were put."""
    trace = Trace(folder)
    mended = [notebook.mend() for notebook, pages in _read(trace) if pages.torn]
    return [path for path in mended if path is not None]


def drafts_in(content: bytes) -> Drafts | list[Draft]:
    """Read drafts as the viewer saves them, or a list written by hand, which names no run.

    Raises:
        ReviewError: it is none; the message names the draft and what is wrong with it.
    """
    try:
        if content.lstrip()[:1] == b"{":
            return Drafts.model_validate_json(content)
        return _DRAFTS.validate_json(content)
    except ValidationError as error:
        raise ReviewError(_said(error)) from None


def take_in(
    folder: Path | str,
    drafts: Drafts | list[Draft],
    *,
    by: str,
    key: "Ed25519PrivateKey | None" = None,
) -> list[Entry]:
    """Say what drafts say, all or none; return the entries when they are on disk.

    Raises:
        ReviewError: they were written of another record, or cannot be said; nothing was written.
    """
    if isinstance(drafts, list):
        return add_all(folder, drafts, by=by, key=key)
    places = Places(Trace(folder))
    if not places.holds(drafts.head):
        here = places.digest(len(places) - 1) if len(places) else "none yet"
        raise ReviewError(
            f"the drafts were written of the run '{drafts.run}', whose head was "
            f"{drafts.head[:12]}…; no event of this run has that digest (its head is "
            f"{here[:12]}…), so nothing was written; name the run that the page was exported from"
        )
    return add_all(folder, drafts.drafts, by=by, key=key)


class _Desk:
    """Makes drafts ready to be written: bound to the record, or refused."""

    def __init__(self, trace: Trace, by: str, *, anyway: bool) -> None:
        self.places = Places(trace)
        self._trace, self._by, self._anyway = trace, by, anyway

    def ready(self, draft: Draft) -> dict[str, Any]:
        """Return the members of an entry from `kind` to `meaning`."""
        if draft.about is not None:
            wrong = _misplaced(draft, self._by, self._entries)
            if wrong:
                raise ReviewError(wrong)
        severity = draft.severity
        if draft.kind in ("note", "question"):
            severity = severity or "info"
        bound = {
            "target": None if draft.target is None else self.places.resolve(draft.target),
            "severity": severity,
            "text": self._signed_off(draft) if draft.kind == "signoff" else draft.text,
        }
        return draft.model_copy(update=bound).model_dump(mode="json")

    def _signed_off(self, draft: Draft) -> str:
        """Return the text of a sign-off, which says why the record should not have been."""
        if not self._doubts:
            return draft.text
        if not self._anyway:
            raise ReviewError(f"{self._doubts}; it is signed off only if asked to be anyway")
        text = f"{draft.text}\n[signed anyway: {self._doubts}]".strip()
        if len(text) > LONGEST_TEXT:
            raise ReviewError("the text is so long that what speaks against signing has no room")
        return text

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        return {entry.digest: entry for entry in reviews(self._trace.folder)}

    @cached_property
    def _doubts(self) -> str:
        return _doubts(self._trace)


def _read(trace: Trace) -> list[tuple[Notebook, Pages]]:
    record = chain.start((trace.folder / "run.json").read_bytes())
    return [(notebook, notebook.read()) for notebook in Notebook.all(trace.folder, record)]


def _named(by: str) -> str:
    by = unicodedata.normalize("NFC", " ".join(by.split()))
    if not by or len(by) > _LONGEST_NAME or not by.isprintable():
        raise ReviewError(f"a reviewer's name has 1 to {_LONGEST_NAME} printable characters")
    return by


def _draft(draft: Mapping[str, Any] | Draft) -> Draft:
    if isinstance(draft, Draft):
        return draft
    try:
        return Draft.model_validate(dict(draft))
    except ValidationError as error:
        raise ReviewError(_said(error)) from None


def _said(error: ValidationError) -> str:
    first = error.errors()[0]
    place = list(first["loc"])
    if len(place) > 1 and place[0] == "drafts":
        place.pop(0)
    which = f"draft {int(place.pop(0)) + 1}: " if place and isinstance(place[0], int) else ""
    at = ".".join(map(str, place))
    what = str(first["msg"]).removeprefix("Value error, ")
    return f"{which}{at}: {what}" if at else f"{which}{what}"


def _misplaced(said: Draft | Entry, by: str, entries: Mapping[str, Entry]) -> str:
    """Return why an entry cannot be about what it says it is about."""
    about = entries.get(said.about or "")
    if about is None:
        return f"no entry of this review has the digest {(said.about or '')[:12]}"
    if said.kind == "resolve" and about.kind not in ("note", "question"):
        return f"a note or a question is resolved, not a {about.kind}"
    if said.kind == "withdraw" and about.by != by:
        return f"only '{about.by}' can withdraw what '{about.by}' said"
    if about.kind == "withdraw":
        return "what was withdrawn stays so; say it again instead"
    return ""


def _doubts(trace: Trace) -> str:
    """Return why a record should not be signed off; empty where it holds."""
    from gaseol.traces.verification.verifier import verify

    found = verify(trace.folder)
    if found.problems:
        more = f", and {len(found.problems) - 1} more" if len(found.problems) > 1 else ""
        return f"the record does not verify ({found.problems[0]}{more})"
    if not (trace.folder / "seal.json").is_file():
        return "the record is not sealed: a missing end would not be noticed"
    return ""


def _check(where: str, entry: Entry, places: Places, entries: Mapping[str, Entry]) -> list[Flaw]:
    flaws: list[Flaw] = []
    if entry.target is not None:
        try:
            places.resolve(entry.target)
            if not entry.target.bound:
                flaws.append(Flaw(where, "points at something without its digest"))
        except NoTarget as error:
            flaws.append(Flaw(where, str(error)))
    if entry.about is not None:
        wrong = _misplaced(entry, entry.by, entries)
        flaws += [Flaw(where, wrong)] if wrong else []
    if entry.envelope is not None:
        try:
            bad = [s for s in signers(entry, {}) if not s.valid]
        except ValueError as error:
            flaws.append(Flaw(where, f"its signature does not hold: {error}"))
        else:
            flaws += [Flaw(where, f"the signature of {s.keyid[:16]} does not hold") for s in bad]
    return flaws

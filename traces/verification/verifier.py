"""Is this record intact, in order, and does it say what it concludes?

Needs nothing but the folder: no model, no tool, no network, no graph library.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

import orjson
from pydantic import ValidationError

from gaseol.traces.record.blob import (
    SALT,
    WITHHELD,
    AlteredBlob,
    BlobStore,
    MissingBlob,
    WithheldBlob,
    Withholding,
)
from gaseol.traces.record.event import FORMAT
from gaseol.traces.record.inbox import BrokenInbox, asks_people, spoken
from gaseol.traces.record.seal import NAME, SEAL_FORMAT, SIGNATURE, Seal, signers
from gaseol.traces.record.trace import NotARun, Trace
from gaseol.traces.signatures.signing import SignatureError, Signer, fingerprint
from gaseol.traces.verification.conclusion import Conclusions
from gaseol.traces.verification.linkage import Following, Linkage
from gaseol.traces.verification.problem import Flaw, Problem
from gaseol.traces.verification.quotation import UNREADABLE, misquoted
from gaseol.traces.verification.sequence import Sequence

__all__ = ["Integrity", "Problem", "Verification", "verify"]


class Integrity(StrEnum):
    """What can be said of a record as a whole."""

    INTACT = "intact"
    """Sealed, and nothing differs from what was sealed."""
    UNKNOWN_KEY = "sealed by an unknown key"
    """The same, and a key signed it that this reader does not know."""
    WITHHELD = "withheld"
    """The same, but payloads were kept back from this copy, and it says so."""
    UNSEALED = "unsealed"
    """Consistent so far as it goes; a missing end would not be noticed."""
    TRUNCATED = "truncated"
    """The end is missing; what is left is consistent."""
    REWRITTEN = "rewritten"
    """Consistent in itself, and not what was sealed or signed."""
    MISSING_BLOB = "missing blob"
    """The events are those that were sealed, a payload is gone."""
    BROKEN = "broken"
    """Something was altered, or does not follow from the rest."""


@dataclass
class Verification:
    """What was found."""

    integrity: Integrity
    events: int
    head: str
    problems: list[Problem] = field(default_factory=list[Problem])
    notes: list[str] = field(default_factory=list[str])
    checked: dict[str, int] = field(default_factory=dict[str, int])
    """How many verdicts, evidences, claims, blobs, ... were derived anew and compared."""
    signers: list[Signer] = field(default_factory=list[Signer])
    """Who signed the seal."""
    withheld: int = 0
    """Payloads that were kept back from this copy."""

    @property
    def holds(self) -> bool:
        """True when nothing is wrong."""
        return not self.problems


_ALONE = {
    Flaw.TRUNCATED: Integrity.TRUNCATED,
    Flaw.REWRITTEN: Integrity.REWRITTEN,
    Flaw.MISSING: Integrity.MISSING_BLOB,
}
"""What a record is called that has flaws of one kind only."""


def verify(folder: Path | str, known: Mapping[str, str] | None = None) -> Verification:
    """Verify a run.

    Args:
        folder: the run.
        known: names by key id; by default the keys that this reader knows.

    Raises:
        NotARun: the folder holds no `run.json` or no `events.jsonl`.
    """
    folder = Path(folder)
    for name in ("run.json", "events.jsonl"):
        if not (folder / name).is_file():
            raise NotARun(f"{folder} is not a run: it has no {name}")
    if known is None:
        from gaseol.traces.signatures import keys

        known = keys.known()
    return _Verifier(folder, known).verify()


class _Verifier:
    def __init__(self, folder: Path, known: Mapping[str, str]) -> None:
        self.folder = folder
        self.known = known
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.checked: dict[str, int] = {}
        self.signers: list[Signer] = []
        self.blobs = BlobStore(folder)
        self.sealed = False
        self.lacking = False

    def wrong(self, where: str, what: str, flaw: Flaw = Flaw.ALTERED) -> None:
        self.problems.append(Problem(where, what, flaw))

    def verify(self) -> Verification:
        following = Following(self.folder)
        run = self._run()
        sequence = Sequence(self.folder, self.blobs, run)
        try:
            sequence.read()
        finally:
            linkage = following.result()
        self.problems += linkage.problems
        if not linkage.problems:
            # what the lines of a broken chain say is not worth judging
            self.problems += sequence.problems
        self.notes += sequence.notes
        self.checked["events"] = linkage.events
        if not self.problems and asks_people(run):
            self._people()
        self._seal(linkage, run)
        withheld = self._blobs(sequence.references)
        if not self.problems:
            docket = sequence.docket
            if docket.searches or docket.points or docket.excerpts:
                self._quotes()
                self.checked["quotes"] = len(docket.excerpts)
            concluded = Conclusions(sequence, self.blobs)
            concluded.derive()
            self.problems += concluded.problems
            self.notes += concluded.notes
            self.checked |= concluded.checked
        return Verification(
            self._integrity(withheld), linkage.events, linkage.head, self.problems, self.notes,
            self.checked, self.signers, withheld,
        )  # fmt: skip

    def _people(self) -> None:
        """Check who said what: every answer of a person is of the request that it answers."""
        number = 0
        try:
            for seq, said, flaw in spoken(Trace(self.folder)):
                number += 1
                if flaw:
                    self.wrong(f"event {seq}", flaw, Flaw.CONTRADICTED)
                elif said.envelope is None:
                    self.notes.append(f"event {seq}: {said.by} did not sign what they said")
        except WithheldBlob:
            self.notes.append("an answer of a person was withheld from this copy")
        except (BrokenInbox, MissingBlob, AlteredBlob) as error:
            self.wrong("answers of people", str(error), Flaw.CONTRADICTED)
        self.checked["answers of people"] = number

    def _quotes(self) -> None:
        """Hold what was read out of texts against the texts."""
        try:
            for seq, flaw in misquoted(Trace(self.folder)):
                self.wrong(f"event {seq}", flaw, Flaw.CONTRADICTED)
        except UNREADABLE:
            self.notes.append("quotes of texts that are not in this copy are not checked")

    def _integrity(self, withheld: int) -> Integrity:
        flaws = {problem.flaw for problem in self.problems}
        if flaws:
            return (
                _ALONE.get(flaws.pop(), Integrity.BROKEN) if len(flaws) == 1 else Integrity.BROKEN
            )
        if not self.sealed:
            return Integrity.UNSEALED
        if withheld or self.lacking:
            return Integrity.WITHHELD
        if self.signers and not any(s.name for s in self.signers):
            return Integrity.UNKNOWN_KEY
        return Integrity.INTACT

    def _run(self) -> dict[str, Any]:
        try:
            run = orjson.loads((self.folder / "run.json").read_bytes())
        except ValueError as error:
            self.wrong("run.json", f"is not JSON: {error}")
            return {}
        if not isinstance(run, dict) or cast("dict[str, Any]", run).get("format") != FORMAT:
            self.wrong("run.json", f"is not of the format {FORMAT}")
            return {}
        return cast("dict[str, Any]", run)

    def _seal(self, linkage: Linkage, run: Mapping[str, Any]) -> None:
        path = self.folder / NAME
        if not path.is_file():
            self.notes.append("not sealed: a missing end would not be noticed")
            if (self.folder / SIGNATURE).is_file():
                self.wrong(NAME, f"is missing, and {SIGNATURE} signs it", Flaw.REWRITTEN)
            return
        content = path.read_bytes()
        try:
            seal = Seal.model_validate_json(content)
        except ValidationError as error:
            self.wrong(NAME, f"is no seal: {error.errors()[0]['msg']}")
            return
        if seal.format != SEAL_FORMAT:
            self.wrong(NAME, f"is of the format {seal.format}, not {SEAL_FORMAT}")
        elif content != seal.to_bytes():
            self.wrong(NAME, "its bytes are not those of a seal with this content")
        self._compare(seal, linkage)
        for name, expected in seal.files.items():
            beside = self.folder / name
            if name in self._kept_back() and not beside.exists() and name != "run.json":
                self.notes.append(f"{name} was withheld from this copy")
                self.lacking = True
            elif Path(name).name != name or not beside.is_file():
                self.wrong(name, f"is missing, and {NAME} names it")
            elif hashlib.sha256(beside.read_bytes()).hexdigest() != expected:
                self.wrong(name, f"is not the file that {NAME} names")
        self.sealed = True
        self._signature(str(run.get("sealer") or ""))

    def _kept_back(self) -> Mapping[str, Withholding]:
        try:
            return self.blobs.withheld
        except ValueError as error:
            if not any(problem.where == WITHHELD for problem in self.problems):
                self.wrong(WITHHELD, str(error))
            return {}

    def _compare(self, seal: Seal, linkage: Linkage) -> None:
        alike = (
            seal.events == linkage.events, seal.head == linkage.head, seal.root == linkage.root
        )  # fmt: skip
        consistent = not linkage.problems
        if sum(alike) == 2:
            # a record that was changed has another head and another root
            odd = ("count", "head", "Merkle root")[alike.index(False)]
            self.wrong(NAME, f"its {odd} is not that of the events")
        elif seal.events > linkage.events:
            what = f"is truncated: {linkage.events} of {seal.events} events are left"
            self.wrong("events.jsonl", what, Flaw.TRUNCATED)
        elif seal.events < linkage.events:
            what = f"has {linkage.events - seal.events} events more than were sealed"
            self.wrong("events.jsonl", what, Flaw.REWRITTEN if consistent else Flaw.ALTERED)
        elif not all(alike):
            what = "the last event is not the one that was sealed"
            if consistent:
                what += ": the chain is whole, so somebody wrote it anew"
            where = f"event {linkage.events - 1}"
            self.wrong(where, what, Flaw.REWRITTEN if consistent else Flaw.ALTERED)

    def _signature(self, sealer: str) -> None:
        try:
            self.signers = signers(self.folder, self.known)
        except SignatureError as error:
            flaw = Flaw.REWRITTEN if "another seal" in str(error) else Flaw.ALTERED
            self.wrong(SIGNATURE, str(error), flaw)
            return
        for signer in self.signers:
            if not signer.valid:
                self.wrong(SIGNATURE, f"the signature of {_named(signer)} is not of this seal")
        if sealer and all(s.keyid != sealer for s in self.signers):
            what = f"run.json says that {fingerprint(sealer)} seals this run, and it did not sign"
            self.wrong(SIGNATURE, what, Flaw.REWRITTEN)
        if not self.signers:
            self.notes.append(
                "the seal is not signed: keep its digest elsewhere to notice a record rewritten whole"
            )
        else:
            self.notes.append(f"signed by {', '.join(map(_named, self.signers))}")
        if self.signers and not any(s.name for s in self.signers):
            self.notes.append(
                "this reader does not know the key: whoever rewrites a record whole can sign it "
                "with a key of their own; compare its digits with the sealer, then gaseol key trust"
            )

    def _blobs(self, references: Mapping[str, tuple[int, int]]) -> int:
        """Check every payload against its name and size; return how many were withheld."""
        folder = self.blobs.folder
        stored = {p.name: p for p in folder.iterdir() if p.is_file()} if folder.is_dir() else {}
        kept_back = self._kept_back()
        withheld = 0
        for name, (seq, _) in references.items():
            if name in stored:
                continue
            if name in kept_back:
                withheld += 1
            else:
                self.wrong(f"event {seq}", f"its blob {name} is missing", Flaw.MISSING)
        there = len(kept_back.keys() & stored.keys())
        if there:
            self.notes.append(
                f"{WITHHELD} names {there} payloads that are there; they were checked"
            )
        for name, path in stored.items():
            if name.startswith(".new-"):
                self.notes.append(f"blobs: {name} was never finished")
                continue
            content = path.read_bytes()
            seq, size = references.get(name, (None, None))
            where = "blobs" if seq is None else f"event {seq}"
            if hashlib.sha256(content).hexdigest() != name or len(content) < SALT:
                self.wrong(where, f"blob {name} has been altered")
            elif size is None:
                self.notes.append(f"blobs: no event refers to {name}")
            elif size != len(content) - SALT:
                self.wrong(where, f"blob {name} has {len(content) - SALT} bytes, not {size}")
        if withheld:
            reasons = sorted({w.reason for w in kept_back.values()})
            self.notes.append(
                f"{withheld} payloads were withheld from this copy ({'; '.join(reasons)}): that "
                "they were what the record commits to, this copy cannot show"
            )
        self.checked["blobs"] = len(stored)
        return withheld


def _named(signer: Signer) -> str:
    return signer.name or f"the unknown key {fingerprint(signer.keyid)}"

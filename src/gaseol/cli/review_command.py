"""`gaseol review`."""

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaseol.traces.review.entry import Entry

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
_BY = click.option(
    "--by", metavar="NAME", help="Who says it: GASEOL_REVIEWER or the login name by default."
)
_SHORTEST = 6
"""Digits of a digest that name an entry."""


class _Refused(click.ClickException):
    """What was asked cannot be done; nothing was written."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"gaseol: {self.message}", err=True, file=file)


class _Review(click.Group):
    """A group whose RUN stands before its verbs, and may be left out."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        takes = {
            o for p in self.params if isinstance(p, click.Option) and not p.is_flag for o in p.opts
        }
        options, positions, rest = list[str](), list[str](), list(args)
        while rest and not (rest[0] in self.commands and len(positions) < 2):
            word = rest.pop(0)
            if word == "--":
                positions += rest
                break
            if word.startswith("-"):
                options.append(word)
                if word in takes and rest:
                    options.append(rest.pop(0))
            else:
                positions.append(word)
        run, extra = positions[:1] or [""], positions[1:]
        return super().parse_args(ctx, [*options, *run, *extra, *rest])

    def invoke(self, ctx: click.Context) -> Any:
        import orjson

        from gaseol.traces.review.target import ReviewError
        from gaseol.traces.signatures.keys import KeyProblem

        try:
            return super().invoke(ctx)
        except (ReviewError, KeyProblem) as error:
            raise _Refused(str(error)) from None
        except orjson.JSONDecodeError as error:
            raise _Refused(f"run.json is not JSON: {error}") from None


@click.group("review", cls=_Review, invoke_without_command=True)
@click.argument("run", required=False)
@click.option("--import", "drafts", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Say what a list of drafts says, all or nothing.")  # fmt: skip
@click.option("--key", metavar="NAME", help="Sign the sign-offs among the drafts with this key.")
@_BY
@_JSON
@click.pass_context
def command(
    ctx: click.Context,
    run: str | None,
    drafts: Path | None,
    key: str | None,
    by: str | None,
    as_json: bool,
) -> None:
    """Note, question, judge and sign RUN (the newest by default).

    Without a verb, prints what is open, who judges what, and who signed.
    Everything is kept in `reviews/` beside the record, which stays untouched.
    """
    from gaseol.traces.record.trace import Trace
    from gaseol.traces.shelf import find_run

    folder = Trace(find_run(run or None)).folder
    ctx.obj = {"folder": folder, "by": by, "json": as_json}
    if ctx.invoked_subcommand is not None:
        if drafts is not None or key is not None:
            raise click.UsageError("--import goes without a verb, and --key after sign")
        if not run:
            click.echo(f"run: {folder}", err=True)
    elif drafts is not None:
        from gaseol.traces.review.book import drafts_in, take_in
        from gaseol.traces.signatures.keys import load_key

        said, signer = drafts_in(drafts.read_bytes()), load_key(key) if key else None
        if isinstance(said, list):
            what = "does not say which run it was written of; it was taken to be of"
            click.echo(f"note: {drafts.name} {what} {folder.name}", err=True)
            author = by
        else:
            author = by or said.by or None
        _said(folder, take_in(folder, said, by=_name(author), key=signer), as_json)
    else:
        _stand(folder, as_json)


def _targets(on: "Callable[..., Any]") -> "Callable[..., Any]":
    for option in (
        click.option("--record", "whole", is_flag=True, help="About the whole record."),
        click.option("--range", "rows", metavar="A-B", help="About these events."),
        click.option("--hypothesis", metavar="ID", help="About a hypothesis."),
        click.option("--claim", metavar="ID", help="About a claim."),
        click.option("--event", type=click.IntRange(min=0), help="About an event."),
    ):
        on = option(on)
    return on


_SEVERITY = click.option(
    "--severity", type=click.Choice(["info", "minor", "major", "blocking"]), default="info",
    show_default=True, help="How much it matters.",
)  # fmt: skip


@command.command("note")
@click.argument("text")
@_targets
@_SEVERITY
@_BY
@_JSON
@click.pass_obj
def note(
    obj: dict[str, Any], text: str, severity: str, by: str | None, as_json: bool, **at: Any
) -> None:
    """Pin TEXT to an event, a claim, a hypothesis, a range or the whole record."""
    _add(obj, by, as_json, kind="note", text=text, severity=severity, target=_target(**at))


@command.command("question")
@click.argument("text")
@_targets
@_SEVERITY
@_BY
@_JSON
@click.pass_obj
def question(
    obj: dict[str, Any], text: str, severity: str, by: str | None, as_json: bool, **at: Any
) -> None:
    """Ask TEXT about an event, a claim, a hypothesis, a range or the whole record."""
    _add(obj, by, as_json, kind="question", text=text, severity=severity, target=_target(**at))


@command.command("reply")
@click.argument("digest")
@click.argument("text")
@_BY
@_JSON
@click.pass_obj
def reply(obj: dict[str, Any], digest: str, text: str, by: str | None, as_json: bool) -> None:
    """Answer the entry DIGEST (its first 6 digits or more) with TEXT."""
    _add(obj, by, as_json, kind="reply", about=_entry(obj, digest), text=text)


@command.command("resolve")
@click.argument("digest")
@click.argument("text", default="")
@_BY
@_JSON
@click.pass_obj
def resolve(obj: dict[str, Any], digest: str, text: str, by: str | None, as_json: bool) -> None:
    """Close the note or question DIGEST, saying how in TEXT."""
    _add(obj, by, as_json, kind="resolve", about=_entry(obj, digest), text=text)


@command.command("withdraw")
@click.argument("digest")
@click.argument("text", default="")
@_BY
@_JSON
@click.pass_obj
def withdraw(obj: dict[str, Any], digest: str, text: str, by: str | None, as_json: bool) -> None:
    """Take back one's own entry DIGEST, saying why in TEXT; it stays readable."""
    _add(obj, by, as_json, kind="withdraw", about=_entry(obj, digest), text=text)


@command.command("judge")
@click.argument("claim")
@click.argument("opinion", type=click.Choice(["agree", "disagree", "unsure"]))
@click.argument("text", default="")
@_BY
@_JSON
@click.pass_obj
def judge(
    obj: dict[str, Any], claim: str, opinion: str, text: str, by: str | None, as_json: bool
) -> None:
    """Judge CLAIM, a claim or a hypothesis by its id; TEXT says why.

    OPINION is agree, disagree or unsure; the latest one counts.
    """
    from gaseol.traces.record.trace import Trace
    from gaseol.traces.review.target import Places

    named = Places(Trace(obj["folder"])).named
    noun = (
        "hypothesis"
        if ("claim", claim) not in named and ("hypothesis", claim) in named
        else "claim"
    )
    _add(obj, by, as_json, kind="judgement", target={noun: claim}, judgement=opinion, text=text)


@command.command("sign")
@click.argument("text", default="")
@click.option("--meaning", required=True,
              type=click.Choice(["reviewed", "approved", "rejected", "witnessed"]),
              help="What the name stands for.")  # fmt: skip
@click.option("--key", metavar="NAME", help="Sign with this key of one's own.")
@click.option("--anyway", is_flag=True,
              help="Also where the record is unsealed or does not verify.")  # fmt: skip
@_BY
@_JSON
@click.pass_obj
def sign(
    obj: dict[str, Any], text: str, meaning: str, key: str | None, anyway: bool, by: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Sign off the record as it stands, with TEXT.

    The record is verified first.
    """
    from gaseol.traces.signatures.keys import load_key

    _add(
        obj, by, as_json, kind="signoff", target={"record": None}, meaning=meaning, text=text,
        key=load_key(key) if key else None, anyway=anyway,
    )  # fmt: skip


@command.command("check")
@click.option("--mend", is_flag=True, help="Set a line aside that was cut off while written.")
@_JSON
@click.pass_obj
def check(obj: dict[str, Any], mend: bool, as_json: bool) -> None:
    """Check the reviews: chains, what they point at, signatures.

    Exits with 1 when something does not hold.
    """
    from gaseol.traces.review import book as review

    folder = obj["folder"]
    mended = review.mend(folder) if mend else []
    flaws, signed = review.check(folder), _signed(review.reviews(folder))
    if as_json or obj["json"]:
        flat = [{"where": f.where, "what": f.what} for f in flaws]
        _echo_json(
            {"run": str(folder), "holds": not flaws, "problems": flat, "signatures": signed,
             "set_aside": [str(path) for path in mended]}
        )  # fmt: skip
    else:
        for path in mended:
            click.echo(f"set aside: {path}")
        for flaw in flaws:
            _echo(f"{flaw}")
        for row in signed:
            _echo(f"{row['meaning']} by {row['by']}: {row['says']}")
        click.echo("does not hold" if flaws else "holds")
    sys.exit(1 if flaws else 0)


@command.command("inspect")
@click.option("--claim", metavar="ID", help="This claim only.")
@_JSON
@click.pass_obj
def inspect(obj: dict[str, Any], claim: str | None, as_json: bool) -> None:
    """Ask four questions of every claim: score, reference, registered, method.

    Does every figure equal its measurements? Had a search found every
    reference? Was what was registered done? Is the method described the one
    that was carried out? Exits with 1 when one does not hold.
    """
    from gaseol.traces.inspection import inspect as ask
    from gaseol.traces.record.trace import Trace

    found = [f for f in ask(Trace(obj["folder"])) if claim in (None, f.claim)]
    if claim is not None and not found:
        raise _Refused(f"there is no claim '{claim}'; see: gaseol show")
    if as_json or obj["json"]:
        _echo_json({"run": str(obj["folder"]), "findings": [f.to_json() for f in found]})
    else:
        words = {True: "holds", False: "DOES NOT HOLD", None: "no answer"}
        for finding in found:
            _echo(f"{finding.claim} {finding.check}: {words[finding.holds]}: {finding.says}")
        if not found:
            click.echo("the record makes no claim")
    sys.exit(1 if any(f.holds is False for f in found) else 0)


def _name(by: str | None) -> str:
    import getpass

    try:
        return by or os.environ.get("GASEOL_REVIEWER") or getpass.getuser()
    except (OSError, KeyError):
        raise click.UsageError("nobody is logged in: give --by NAME") from None


def _target(
    event: int | None, claim: str | None, hypothesis: str | None, rows: str | None, whole: bool
) -> dict[str, Any]:
    given: list[dict[str, Any]] = []
    if event is not None:
        given.append({"event": event})
    if claim is not None:
        given.append({"claim": claim})
    if hypothesis is not None:
        given.append({"hypothesis": hypothesis})
    if rows is not None:
        ends = re.fullmatch(r"(\d{1,12})-(\d{1,12})", rows)
        if not ends:
            raise click.UsageError(f"--range is of the form 12-40, not '{rows}'")
        given.append({"range": (int(ends[1]), int(ends[2]))})
    if whole:
        given.append({"record": None})
    if len(given) != 1:
        raise click.UsageError(
            "say what it is about: one of --event, --claim, --hypothesis, --range, --record"
        )
    return given[0]


def _entry(obj: dict[str, Any], digest: str) -> str:
    """Return the whole digest of the entry that its beginning names."""
    from gaseol.traces.review.book import reviews

    short = digest.removeprefix("#note=").lower()
    if not re.fullmatch(rf"[0-9a-f]{{{_SHORTEST},64}}", short):
        raise click.UsageError(f"'{digest}' is not {_SHORTEST} to 64 digits of an entry's digest")
    found = [e.digest for e in reviews(obj["folder"]) if e.digest.startswith(short)]
    if len(found) != 1:
        raise click.UsageError(
            f"{len(found) or 'no'} entries have a digest that begins with {short}"
        )
    return found[0]


def _add(obj: dict[str, Any], by: str | None, as_json: bool, **said: Any) -> None:
    from gaseol.traces.review.book import add

    entry = add(obj["folder"], by=_name(by or obj["by"]), **said)
    _said(obj["folder"], [entry], as_json or obj["json"])


def _said(folder: Path, entries: "list[Entry]", as_json: bool) -> None:
    if as_json:
        _echo_json({"run": str(folder), "entries": [e.to_json() for e in entries]})
        return
    name = _id(folder)
    for entry in entries:
        _echo(f"{entry.kind} by {entry.by}: gaseol:{name}#note={entry.digest[:12]}")


def _id(folder: Path) -> str:
    """Return the name that a run was given; that of its folder where `run.json` has none."""
    import orjson

    from gaseol.traces.record.trace import Trace

    try:
        return str(Trace(folder).run["id"])
    except (orjson.JSONDecodeError, LookupError, TypeError):
        return folder.resolve().name


def _stand(folder: Path, as_json: bool) -> None:
    from gaseol.traces.review import book as review
    from gaseol.traces.review.standing import Standing

    entries = review.reviews(folder)
    flaws, standing, signed = review.check(folder), Standing.of(entries), _signed(entries)
    if as_json:
        flat = [{"where": f.where, "what": f.what} for f in flaws]
        _echo_json(
            {"run": str(folder), "holds": not flaws, "problems": flat, "signatures": signed,
             **standing.to_json(), "entries": [e.to_json() for e in entries]}
        )  # fmt: skip
        sys.exit(1 if flaws else 0)
    reviewers = len({e.by for e in entries})
    click.echo(f"{folder}: {len(entries)} entries by {reviewers} reviewers")
    for flaw in flaws:
        _echo(f"DOES NOT HOLD: {flaw}")
    if standing.open:
        click.echo("open")
        for entry in standing.open:
            _echo(f"  {entry.severity} {entry.kind} on {entry.target}, {_who(entry)}")
            _echo(f"      {entry.text}")
            for answer in standing.replies.get(entry.digest, ()):
                _echo(f"      > {answer.by}: {answer.text}")
    if standing.judgements:
        click.echo("judged")
        for name, opinions in standing.judgements.items():
            said = ", ".join(f"{by} {e.judgement}s" if e.judgement != "unsure" else f"{by} is unsure"
                             for by, e in opinions.items())  # fmt: skip
            _echo(f"  {name}: {said}")
            for entry in opinions.values():
                if entry.text:
                    _echo(f"      {entry.by}: {entry.text}")
    if standing.signoffs:
        click.echo("signed off")
        by_digest = {row["digest"]: row["says"] for row in signed}
        for entry in standing.signoffs:
            _echo(f"  {entry.meaning}, {_who(entry)}: {by_digest[entry.digest]}")
            if entry.text:
                _echo(f"      {entry.text}")
    click.echo(f"{len(standing.resolved)} resolved, {len(standing.open)} open")
    sys.exit(1 if flaws else 0)


def _who(entry: "Entry") -> str:
    return f"{entry.by} {entry.at[:16].replace('T', ' ')} UTC [{entry.digest[:12]}]"


def _signed(entries: "list[Entry]") -> list[dict[str, Any]]:
    """Return what stands behind the name of each sign-off."""
    from gaseol.traces.review.signoff import signers
    from gaseol.traces.signatures.keys import known

    rows: list[dict[str, Any]] = []
    names: dict[str, str] | None = None
    for entry in entries:
        if entry.kind != "signoff":
            continue
        says, keyids = "without a key: anybody could have written the name", []
        if entry.envelope is not None:
            names = known() if names is None else names
            try:
                found = signers(entry, names)
            except ValueError as error:
                says = f"the signature does not hold: {error}"
            else:
                keyids = [s.keyid for s in found]
                says = "; ".join(_key(s.keyid, s.name, s.valid) for s in found)
        rows.append(
            {"digest": entry.digest, "by": entry.by, "meaning": entry.meaning, "at": entry.at,
             "keyids": keyids, "says": says}
        )  # fmt: skip
    return rows


def _key(keyid: str, name: str | None, valid: bool) -> str:
    from gaseol.traces.signatures.signing import fingerprint

    if not valid:
        return f"the signature of the key {fingerprint(keyid)} does not hold"
    if name is None:
        return f"signed by the key {fingerprint(keyid)}, which nobody here knows"
    return f"signed by the key {fingerprint(keyid)}, known here as {name}"


def _echo(text: str) -> None:
    from gaseol.traces.comparison.wording import safe

    click.echo(safe(text))


def _echo_json(document: Any) -> None:
    import orjson

    click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))

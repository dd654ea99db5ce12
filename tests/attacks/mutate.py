"""Change a record in every way a run could have gone otherwise, and see that each is found.

    python tests/attacks/mutate.py [--run RUN] [--mutations 2000] [--seed 0]

Two attacks. `raw` changes what is stored and leaves chain and seal as they were. `forged` chains
and seals the changed record anew, as someone would who wants it to look whole; what still finds
it is strict replay: the graph's code is driven again, and does something else. Prints JSON; exits
with 1 if a change was missed.

A forger who changes a part of an answer that nothing in the run uses leaves no trace in the rest
of the record: only a signed seal shows it. Such parts are not among the results changed here, and
`unused` counts how often one was met.
"""

import argparse
import hashlib
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from gaseol.graphs.replay.replaying import replay
from gaseol.traces.record import chain
from gaseol.traces.record.seal import SIGNATURE, Seal, write_seal
from gaseol.traces.verification.verifier import verify

Json = dict[str, Any]


@dataclass(frozen=True)
class Mutation:
    """One change of a record: of its events, or of what it was asked."""

    kind: str
    where: str
    change: Callable[[list[Json], Json], None]


def events_of(folder: Path) -> list[Json]:
    """Return the events of a record as they were parsed."""
    lines = (folder / "events.jsonl").read_bytes().splitlines()
    return [orjson.loads(line) for line in lines]


def write(folder: Path, events: list[Json], run: Json, *, chained: bool) -> None:
    """Put changed events in the place of a record's, chained and sealed anew or as they are."""
    content = orjson.dumps(run, option=orjson.OPT_INDENT_2)
    before = (folder / "run.json").read_bytes()
    if orjson.loads(before) != run:
        (folder / "run.json").write_bytes(content)
    head, merkle = chain.start((folder / "run.json").read_bytes()), chain.Merkle()
    lines: list[bytes] = []
    for number, event in enumerate(events):
        if chained:
            event = {**event, "seq": number, "prev": head.hex()}
        line = orjson.dumps(event)
        head = chain.link(head, line)
        merkle.add(head)
        lines.append(line)
    (folder / "events.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    if chained:
        seal = Seal.model_validate_json((folder / "seal.json").read_bytes())
        files = tuple(name for name in seal.files if name != "run.json")
        (folder / SIGNATURE).unlink(missing_ok=True)
        write_seal(folder, len(lines), head, merkle.root(), files)


def mutations(folder: Path, rng: random.Random) -> Iterator[Mutation]:
    """Yield changes without end: argument, order, name, result, event, scenario, code."""
    events = events_of(folder)
    used = _used(events)
    by_kind: dict[str, list[int]] = {}
    for seq, event in enumerate(events):
        by_kind.setdefault(event["kind"], []).append(seq)
    asked = by_kind["effect.requested"]
    inline = [s for s in asked if events[s]["data"]["arguments"]]
    makers: list[Callable[[], Mutation | None]] = [
        lambda: _argument(events, rng.choice(inline), rng),
        lambda: _name(rng.choice(asked)),
        lambda: _result(events, used, rng),
        lambda: _order(events, rng),
        lambda: _dropped(events, rng),
        lambda: _added(events, rng),
        lambda: _derived(events, by_kind, rng),
        lambda: _scenario(folder, rng),
        lambda: _code(rng),
    ]
    while True:
        made = rng.choice(makers)()
        if made is not None:
            yield made


def _argument(events: list[Json], seq: int, rng: random.Random) -> Mutation | None:
    leaf = _leaf(events[seq]["data"]["arguments"], rng)
    if leaf is None:
        return None
    path, value = leaf

    def change(events: list[Json], _: Json) -> None:
        data = events[seq]["data"]
        _set(data["arguments"], path, _other(value, rng))
        parts = [data["effect"], data["name"], data["version"], data["arguments"]]
        content = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
        data["key"] = hashlib.sha256(content).hexdigest()  # a careful forger

    return Mutation("argument", f"event {seq} {'.'.join(map(str, path))}", change)


def _name(seq: int) -> Mutation:
    def change(events: list[Json], _: Json) -> None:
        data = events[seq]["data"]
        data["name"] += "_2"
        parts = [data["effect"], data["name"], data["version"], data["arguments"]]
        data["key"] = hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()

    return Mutation("tool name", f"event {seq}", change)


def _used(events: list[Json]) -> list[tuple[int, tuple[Any, ...]]]:
    """Return where the results stand that measurements use: event, path."""
    answers = {
        e["data"]["request"]: s
        for s, e in enumerate(events)
        if e["kind"] == "effect.completed" and e["data"].get("blob") is None
    }
    found: list[tuple[int, tuple[Any, ...]]] = []
    for event in events:
        if event["kind"] == "measurement":
            m = event["data"]["measurement"]
            if m["request"] in answers and m["value"] is not None:
                row = () if m["row"] is None else (m["row"],)
                found.append((answers[m["request"]], ("value", *row, *m["path"])))
    return found


def _result(
    events: list[Json], used: list[tuple[int, tuple[Any, ...]]], rng: random.Random
) -> Mutation | None:
    if not used:
        return None
    seq, path = rng.choice(used)
    data = events[seq]["data"]
    value = data[path[0]] if len(path) == 1 else _get(data, path)

    def change(events: list[Json], _: Json) -> None:
        _set(events[seq]["data"], path, _other(value, rng))

    return Mutation("result", f"event {seq} {'.'.join(map(str, path))}", change)


def _order(events: list[Json], rng: random.Random) -> Mutation | None:
    """Let two neighbours change places, but not two answers, which come in any order."""
    seq = rng.randrange(1, len(events) - 2)
    pair = events[seq], events[seq + 1]
    if all(e["kind"].startswith(("effect.completed", "effect.failed")) for e in pair):
        return None
    if pair[0]["data"] == pair[1]["data"]:
        return None

    def change(events: list[Json], _: Json) -> None:
        events[seq], events[seq + 1] = events[seq + 1], events[seq]

    return Mutation("order", f"events {seq} and {seq + 1}", change)


def _dropped(events: list[Json], rng: random.Random) -> Mutation:
    seq = rng.randrange(1, len(events) - 1)

    def change(events: list[Json], _: Json) -> None:
        del events[seq]
        _renumber(events, seq, -1)

    return Mutation("dropped event", f"event {seq} ({events[seq]['kind']})", change)


def _added(events: list[Json], rng: random.Random) -> Mutation:
    seq = rng.randrange(1, len(events) - 1)

    def change(events: list[Json], _: Json) -> None:
        copy = orjson.loads(orjson.dumps(events[seq]))
        events.insert(seq + 1, copy)
        _renumber(events, seq + 1, 1)

    return Mutation("added event", f"after event {seq} ({events[seq]['kind']})", change)


def _derived(
    events: list[Json], by_kind: dict[str, list[int]], rng: random.Random
) -> Mutation | None:
    """Change something that the graph concluded, proposed, designed or registered."""
    kinds = ("evidence", "verdict", "experiment.designed", "hypothesis.proposed", "measurement",
             "registration", "crossing", "claim", "audit", "step.ended", "step.started",
             "hypothesis.ranked")  # fmt: skip
    kind = rng.choice([k for k in kinds if k in by_kind])
    seq = rng.choice(by_kind[kind])
    leaf = _leaf({k: v for k, v in events[seq]["data"].items() if k != "seconds"}, rng)
    if leaf is None:
        return None
    path, value = leaf

    def change(events: list[Json], _: Json) -> None:
        _set(events[seq]["data"], path, _other(value, rng))

    return Mutation(f"changed {kind}", f"event {seq} {'.'.join(map(str, path))}", change)


def _scenario(folder: Path, rng: random.Random) -> Mutation | None:
    run = orjson.loads((folder / "run.json").read_bytes())
    leaf = _leaf(run["scenario"], rng)
    if leaf is None:
        return None
    path, value = leaf

    def change(_: list[Json], run: Json) -> None:
        _set(run["scenario"], path, _other(value, rng))

    return Mutation("scenario", f"run.json {'.'.join(map(str, path))}", change)


def _code(rng: random.Random) -> Mutation:
    field = rng.choice(("code", "gaseol", "both"))

    def change(events: list[Json], run: Json) -> None:
        if field == "gaseol":
            run["versions"]["gaseol"] = "0.0.9"
            return
        other = f"{rng.getrandbits(256):064x}"
        run["code"] = other
        if field == "both":
            events[0]["data"]["code"] = other

    return Mutation("code version", field, change)


def _renumber(events: list[Json], since: int, by: int) -> None:
    """Let causes and cited positions point where they pointed, as a careful forger would."""

    def moved(position: Any) -> Any:
        return position + by if isinstance(position, int) and position >= since else position

    for event in events:
        event["cause"] = moved(event["cause"])
        data = event["data"]
        if "request" in data:
            data["request"] = moved(data["request"])
        if event["kind"] == "measurement":
            data["measurement"]["request"] = moved(data["measurement"]["request"])
        if event["kind"] == "evidence":
            evidence = data["evidence"]
            evidence["measurements"] = [moved(p) for p in evidence["measurements"]]
        if event["kind"] == "hypothesis.proposed":
            data["hypothesis"]["seen"] = [moved(p) for p in data["hypothesis"]["seen"]]
        if event["kind"] == "claim":
            for figure in data["claim"]["figures"].values():
                for name in ("measurements", "against"):
                    figure[name] = [moved(p) for p in figure[name]]


def _leaf(value: Any, rng: random.Random) -> tuple[tuple[Any, ...], Any] | None:
    """Return a place in a JSON value that holds a number, a word or a truth value."""
    leaves = list(_leaves(value))
    return rng.choice(leaves) if leaves else None


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, (*path, number))
    elif value is not None:
        yield path, value


def _other(value: Any, rng: random.Random) -> Any:
    """Return another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + rng.choice((1, -1, 7))
    if isinstance(value, float):
        return value + rng.choice((1.0, -0.5, 1e-3)) * (abs(value) or 1.0)
    return f"{value}x" if rng.random() < 0.5 or not value else value[:-1]


def _get(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _set(value: Any, path: tuple[Any, ...], new: Any) -> None:
    _get(value, path[:-1])[path[-1]] = new


def outcome(folder: Path, original: Path, mutation: Mutation, *, chained: bool) -> str:
    """Apply a change to a copy of a record and say who found it: `verify`, `replay` or nobody."""
    events, run = events_of(original), orjson.loads((original / "run.json").read_bytes())
    mutation.change(events, run)
    for name in ("run.json", "events.jsonl", "seal.json"):
        shutil.copyfile(original / name, folder / name)
    write(folder, events, run, chained=chained)
    if not verify(folder).holds:
        return "verify"
    try:
        found = replay(folder)
    except (ValueError, LookupError) as error:  # it cannot be read back at all, and says so
        return "replay" if str(error) else "missed"
    return "missed" if found.holds else "replay"


def attack(run: Path, number: int, seed: int, scratch: Path) -> Json:
    """Apply changes to a run, half of them raw and half forged, and count who found them."""
    rng = random.Random(seed)
    copy = scratch / "copy"
    shutil.copytree(run, copy)
    found: dict[str, dict[str, dict[str, int]]] = {"raw": {}, "forged": {}}
    missed: list[str] = []
    every = mutations(run, rng)
    for count in range(number):
        mutation = next(every)
        how = "forged" if count % 2 else "raw"
        who = outcome(copy, run, mutation, chained=how == "forged")
        kinds = found[how].setdefault(mutation.kind, {})
        kinds[who] = kinds.get(who, 0) + 1
        if who == "missed":
            missed.append(f"{how} {mutation.kind}: {mutation.where}")
    return {"mutations": number, "missed": len(missed), "found": found, "examples": missed[:20]}


def main() -> int:
    """Attack a run and print what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--run", type=Path, help="a sealed run; by default one of `stiffness`")
    parser.add_argument("--mutations", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.run
        if folder is None:
            from gaseol.graphs import run as run_scenario

            folder = run_scenario("stiffness", out=Path(scratch) / "run", report=False).path
        before = replay(folder)
        if not before.holds:
            print(f"the run does not replay to begin with: {before.problems}", file=sys.stderr)
            return 2
        found = attack(folder, asked.mutations, asked.seed, Path(scratch))
    print(json.dumps(found, indent=2))
    return 1 if found["missed"] else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""The examination of one tool: its examples are called, compared, broken and attacked."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gaseol.tools.comparison import differences
from gaseol.tools.conformance.attack import Attack, attacks
from gaseol.tools.conformance.declared import description, units
from gaseol.tools.conformance.finding import Finding, Report, flaw, ok, skipped
from gaseol.tools.conformance.observation import Lost, Observation, Observer
from gaseol.tools.contract import RESULT_MB, Answer, Example
from gaseol.tools.contract.requirement import how_to_get, modules_of
from gaseol.tools.registry import Entry
from gaseol.traces.nouns.failure import FailureKind

SLOWER = 10
"""A call may take so many times the declared seconds: machines differ."""
FASTER = 1000
"""A call that takes so many times less than declared misleads whoever plans by it."""
TIGHT = 2
"""A call may at least take so many times the declared seconds before it is killed."""
SLACK_SECONDS = 1.0
"""What no declaration is judged by: a first call fills caches."""

UNFORESEEN = frozenset(
    {
        FailureKind.CRASHED,
        FailureKind.WRONG_SHAPE,
        FailureKind.TIMED_OUT,
        FailureKind.OUT_OF_MEMORY,
    }
)
"""Failures that no arguments may lead to, unless an example shows that the tool ends so on purpose."""


def examine(entry: Entry, *, trust: bool = False) -> Report:
    """Check that a tool is what it declares to be.

    Args:
        entry: the tool and where it is.
        trust: run it even where nothing keeps it from the network.
    """
    with TemporaryDirectory(prefix="gaseol-examples-") as folder:
        examination = Examination(entry, Path(folder), trust=trust)
        return Report(entry.tool.name, tuple(examination.findings()))


@dataclass(frozen=True)
class Trial:
    """An example with what its first call did, and its second in the same worker."""

    example: Example
    first: Observation
    second: Observation


class Examination:
    """Examines a tool in workers of its own, and keeps what its examples gave."""

    def __init__(self, entry: Entry, folder: Path, *, trust: bool = False) -> None:
        """Start nothing yet.

        Args:
            entry: the tool and where it is.
            folder: where the examples' files are laid.
            trust: run it even where nothing keeps it from the network.
        """
        self._entry = entry
        self._tool = entry.tool
        self._examples = tuple(
            one.laid_in(_made(folder / str(number)) if one.files else folder)
            for number, one in enumerate(entry.tool.examples, 1)
        )
        self._trust = trust
        self._trials: list[Trial] = []
        self._steady = False
        self._imports: dict[str, list[str]] = {"undeclared": [], "unused": []}

    def _uncalled(self) -> str:
        """Say why a check does not call the tool; empty where it does."""
        if self._tool.consequential:
            return "what it does cannot be taken back, so a check does not call it"
        if self._tool.network != "none":
            return "it needs the network, which a check does not give"
        return ""

    def findings(self) -> Iterator[Finding]:
        """Yield a finding for each check, in the order in which they are made."""
        yield description(self._tool)
        yield units(self._tool)
        missing = self._tool.missing()
        if missing:
            needed = " and ".join(map(how_to_get, missing))
            yield flaw("available", f"cannot be called here: it needs {needed}")
            return
        yield self._examples_hold()
        uncalled = self._uncalled()
        if uncalled or not self._trials:
            why = uncalled or "it has no example"
            for check in ("determinism", "network", "files", "processes", "output",
                          "requirements", "limits", "size", "hostile arguments", "killed"):  # fmt: skip
                yield skipped(check, why)
            return
        yield self._deterministic()
        yield self._seen("network", "opened no connection and asked for no name",
                         "reaches for the network, which it declares not to need")  # fmt: skip
        yield self._seen("file", "wrote nothing outside its scratch folder",
                         "writes outside its scratch folder")  # fmt: skip
        yield self._processes()
        yield self._output()
        yield self._requirements()
        yield self._limits()
        yield self._size()
        yield self._hostile()
        yield self._killed()

    @property
    def _firsts(self) -> list[Observation]:
        return [trial.first for trial in self._trials]

    def _observer(self, *without: str) -> Observer:
        return Observer(self._entry, trust=self._trust, without=without)

    def _examples_hold(self) -> Finding:
        check = "examples"
        if not self._examples:
            return flaw(check, "there is none; add `examples=(Example({...}, value=..., "
                               'source="..."),)` to the decorator')  # fmt: skip
        if uncalled := self._uncalled():
            return skipped(check, uncalled)
        known = 0
        with self._observer() as observer:
            for number, example in enumerate(self._examples, 1):
                observation = observer.observe(example.arguments)
                wrong = _differs(example, observation.answer)
                if wrong:
                    return flaw(check, f"example {number} {_told(example.arguments)}: {wrong}")
                known += example.value is not None
                if example.failure is None:
                    again = observer.observe(example.arguments)
                    self._trials.append(Trial(example, observation, again))
            if self._trials:
                try:
                    self._imports = observer.imports()
                except Lost as lost:
                    return flaw(check, lost.failure.reason)
        if not self._trials:
            if all(one.failure is FailureKind.UNAVAILABLE for one in self._examples):
                return skipped(check, "what it reads is its user's own; without it, it says so")
            return flaw(check, "each expects a failure; add one that gives a value")
        count = len(self._examples)
        compared = f"{known} compared with a known value" if known else "none has a known value"
        return ok(check, f"{count} called, {compared}")

    def _deterministic(self) -> Finding:
        check = "determinism"
        if not self._tool.deterministic:
            return ok(check, "declared not to be deterministic; nothing to compare")
        largest, tolerance = 0.0, self._tool.tolerance
        with self._observer() as fresh:
            for trial in self._trials:
                other = fresh.observe(trial.example.arguments)
                for which, again in (("called again", trial.second), ("in another process", other)):
                    if again.answer.failure is not None:
                        return flaw(check, f"{which} it fails: {again.answer.failure.reason}")
                    was = trial.first.answer.value
                    for path, a, b, apart in differences(was, again.answer.value):
                        largest = max(largest, apart)
                        if apart > tolerance:
                            told = _told(trial.example.arguments)
                            at = f" at {path}" if path else ""
                            return flaw(
                                check,
                                f"declared deterministic, but {which} {told} gives {_short(b)} "
                                f"for {_short(a)}{at} (tolerance {tolerance:g})",
                            )
        self._steady = True
        said = f"at most {largest:.1g} apart" if largest else "the same to the last bit"
        return ok(check, f"called three times in two processes: {said}")

    def _seen(self, kind: str, fine: str, wrong: str) -> Finding:
        check = {"file": "files"}.get(kind, kind)
        for observation in self._firsts:
            if observation.seen.get(kind):
                return flaw(check, f"{wrong}: {observation.seen[kind][0]}")
        return ok(check, fine)

    def _processes(self) -> Finding:
        check = "processes"
        for observation in self._firsts:
            forks = [one for one in observation.seen.get("process", ())
                     if one.startswith("os.fork")]  # fmt: skip
            if observation.left in ("processes", "threads"):
                return flaw(check, f"leaves {observation.left} behind; end them before returning")
            if forks:
                return flaw(check, "forks; calls run in parallel already, and another program "
                                   "is started with `subprocess.run`")  # fmt: skip
        return ok(check, "left no process and no thread behind")

    def _output(self) -> Finding:
        printed = max(observation.printed for observation in self._firsts)
        if printed:
            return flaw("output", f"prints {printed} bytes to standard output, where nobody reads "
                                  "them; return what matters")  # fmt: skip
        return ok("output", "printed nothing")

    def _requirements(self) -> Finding:
        check, needs = "requirements", self._tool.needs
        if self._imports["undeclared"]:
            name = self._imports["undeclared"][0]
            return flaw(check, f"imports {name} without declaring it; add needs=({name!r},)")
        if self._imports["unused"]:
            name = self._imports["unused"][0]
            return flaw(check, f"declares that it needs {name}, and no example imports it")
        for need in needs:
            with self._observer(*modules_of(need)) as observer:
                answers = (observer.observe(one.example.arguments).answer for one in self._trials)
                failure = next((one.failure for one in answers if one.failure is not None), None)
            if failure is None:
                return flaw(check, f"declares that it needs {need}, and works without it")
            if failure.kind is not FailureKind.UNAVAILABLE or need not in failure.reason:
                return flaw(check, f"without {need} it ends as {failure.kind.value} "
                                   f"({failure.reason}); import {need} inside the function")  # fmt: skip
        if not needs:
            return ok(check, "needs nothing beyond gaseol")
        return ok(check, f"needs {', '.join(needs)}, and says so where it is missing")

    def _limits(self) -> Finding:
        check, declared = "limits", self._tool.seconds
        # The first call of a worker imports libraries; what a call costs is told by the next.
        slowest = max(trial.second.answer.seconds for trial in self._trials)
        peak = max(observation.peak_mb for observation in self._firsts)
        if (limit := self._tool.limit_seconds) < TIGHT * declared:
            return flaw(check, f"declares seconds={declared:g} and is killed at {limit:g} s; the "
                               "first call imports libraries, other machines are slower")  # fmt: skip
        if slowest > SLOWER * declared + SLACK_SECONDS:
            return flaw(check, f"took {slowest:.3g} s, declares seconds={declared:g}")
        if declared > FASTER * slowest and declared > SLACK_SECONDS:
            return flaw(check, f"took {slowest:.3g} s, declares seconds={declared:g}; experiments "
                               "are planned by it")  # fmt: skip
        return ok(check, f"took {slowest:.2g} s of {declared:g} declared, at most {peak:.0f} MiB of "
                         f"{self._tool.memory_mb}; killed at {self._tool.limit_seconds:g} s")  # fmt: skip

    def _size(self) -> Finding:
        import orjson

        most = max(len(orjson.dumps(o.answer.value)) for o in self._firsts)
        if most > RESULT_MB * 2**20 / 4:
            return flaw(
                "size", f"an example gives {most / 2**20:.1f} MiB; {RESULT_MB} are the most"
            )
        return ok("size", f"at most {most} bytes a result")

    def _hostile(self) -> Finding:
        check = "hostile arguments"
        wrong: list[str] = []
        count = 0
        unforeseen = UNFORESEEN - {one.failure for one in self._examples}
        with self._observer() as observer:
            for attack in attacks(self._tool.input_schema, self._trials[0].example.arguments):
                count += 1
                said = _mishandled(attack, observer.observe(attack.arguments).answer, unforeseen)
                if said:
                    wrong.append(f"{attack.name}: {said}")
                if len(wrong) == 5:
                    break
        if wrong:
            return flaw(check, "; ".join(wrong))
        return ok(check, f"{count} answered, each with a value or a typed failure")

    def _killed(self) -> Finding:
        check = "killed"
        example, first = self._trials[-1].example, self._trials[-1].first
        with self._observer() as observer:
            died = observer.observe(example.arguments, die=True).answer
            if died.failure is None or died.failure.kind is not FailureKind.CRASHED:
                return flaw(check, "its worker was ended in the middle of a call, and it answered")
            after = observer.observe(example.arguments).answer
        if after.failure is not None:
            return flaw(check, "after a call that was killed, the next one fails: "
                               f"{after.failure.reason}")  # fmt: skip
        if self._steady:
            for path, a, b, apart in differences(first.answer.value, after.value):
                if apart > self._tool.tolerance:
                    return flaw(check, f"after a call that was killed it gives {_short(b)} for "
                                       f"{_short(a)} at {path or 'the result'}")  # fmt: skip
        return ok(check, "killed in the middle of a call, it answers the next")


def _differs(example: Example, answer: Answer) -> str:
    """Say how an answer differs from what an example expects; empty when it does not."""
    if answer.failure is not None:
        got = f"{answer.failure.kind.value}: {answer.failure.reason}"
        if example.failure is None:
            return got
        return "" if answer.failure.kind is example.failure else f"{got}; not {example.failure}"
    if example.failure is not None:
        return f"gives a value where it must fail as {example.failure.value}"
    if example.value is None:
        return ""
    for path, known, found, apart in differences(example.value, _named(answer.value, example)):
        if apart > example.tolerance:
            by = f", {apart:.2g} apart" if math.isfinite(apart) else ""
            return (f"gives {_short(found)}{f' at {path}' if path else ''}, known is "
                    f"{_short(known)}{by} (tolerance {example.tolerance:g})")  # fmt: skip
    if not example.source:
        return "a known value without its source; add source="
    return ""


def _named(value: Any, example: Example) -> Any:
    """Return of an object the fields that an example names."""
    if isinstance(value, Mapping) and isinstance(example.value, Mapping):
        return {key: item for key, item in value.items() if key in example.value}
    return value


def _mishandled(attack: Attack, answer: Answer, unforeseen: frozenset[FailureKind]) -> str:
    failure = answer.failure
    if failure is None:
        return "is taken" if attack.forbidden else ""
    if attack.forbidden and failure.kind is not FailureKind.BAD_ARGUMENTS:
        return f"ends as {failure.kind.value}, not as bad_arguments ({failure.reason})"
    if failure.kind in unforeseen:
        return f"ends as {failure.kind.value} ({failure.reason})"
    return ""


def _told(arguments: Mapping[str, Any]) -> str:
    return "(" + ", ".join(f"{name}={_short(value)}" for name, value in arguments.items()) + ")"


def _short(value: Any) -> str:
    said = repr(value)
    return said if len(said) <= 60 else said[:57] + "..."


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder

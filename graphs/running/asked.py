"""What a run was asked, and with what: `run.json`, and the way back from it to a scenario."""

import hashlib
import importlib.metadata
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from gaseol.scenarios.answer import Answer
from gaseol.scenarios.reading import CORPUS
from gaseol.scenarios.scenario import Scenario
from gaseol.scenarios.template import files
from gaseol.tools.contract import ToolCard
from gaseol.tools.registry import Entry, Registry
from gaseol.tools.site import site
from gaseol.tools.sources.connector import connector
from gaseol.traces.nouns.lesson import Lesson
from gaseol.traces.nouns.registration import FIRST_RULE, RULE

_VERSIONS = ("gaseol", "langgraph", "numpy", "scipy", "pydantic", "rdkit", "pymatgen", "tblite")
OPTIONAL = ("baybe", "botorch", "gpytorch", "torch")
"""What a run rests on only where its campaign names the optimiser."""

LABELS = "gaseol.labels/1"
"""What `run.json` says where the events of a run state labels, and by which rules."""

_DRIVEN = (
    "traces/**/*.py",
    "tools/*.py",
    "tools/contract/*.py",
    "tools/mcp/*.py",
    "tools/cluster/*.py",
    "scenarios/*.py",
    "agents/**/*.py",
    "agents/prompts/*.md",
    "graphs/**/*.py",
)
"""The source that a run drives; packs and scenarios' own tools have digests of their own."""


class Unreplayable(ValueError):
    """What was asked cannot be read back by this version."""


@dataclass(frozen=True)
class Commitment:
    """The hidden answer, promised before the run by a salted digest."""

    answer: Answer
    salt: bytes

    @property
    def sha256(self) -> str:
        """What `run.json` says of the answer."""
        return hashlib.sha256(self.salt + self.answer.model_dump_json().encode()).hexdigest()


def run_json(
    scenario: Scenario,
    scientist: str,
    seed: int,
    name: str,
    registry: Registry,
    hidden: Commitment | None = None,
    sealer: str = "",
    models: Mapping[str, Any] | None = None,
    lessons: Sequence[Lesson] = (),
    where: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return what `run.json` says: what was asked, of whom, on what machine."""
    used, here = tools_of(scenario), site()
    return {
        "id": name,
        "created": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "scenario": scenario_json(scenario),
        "hidden_answer_sha256": hidden.sha256 if hidden else None,
        "scientist": scientist,
        "seed": seed,
        "code": code_digest(),
        "versions": versions(_rests_on(scenario)),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "tools": {tool.name: tool.digest for tool in registry},
        "cards": {n: _card(registry.get(n)) for n in used if n in registry},
        "sealer": sealer,
        "site": here.card if here else None,
        "labels": LABELS,
        "judge": RULE,
        **({"models": dict(models)} if models else {}),
        **({"lessons": [each.model_dump(mode="json") for each in lessons]} if lessons else {}),
        **({"cluster": dict(where)} if where else {}),
    }


def labelled(run: Mapping[str, Any]) -> bool:
    """Tell whether the events of a run state labels: those made before there were any do not."""
    return run.get("labels") == LABELS


def versions(more: Sequence[str] = ()) -> dict[str, str]:
    """Return the versions of what a run rests on, on this machine.

    Args:
        more: of `OPTIONAL`, those that this one rests on.
    """
    found: dict[str, str] = {}
    for package in (*_VERSIONS, *more):
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def _rests_on(scenario: Scenario) -> tuple[str, ...]:
    named = scenario.campaign is not None and scenario.campaign.optimiser == "baybe"
    return OPTIONAL if named else ()


@cache
def code_digest() -> str:
    """Return the digest of gaseol's own source that a run drives.

    SHA-256 over the lines `<SHA-256 of a file> <its path in the package>`, sorted by path.
    """
    root = Path(str(resources.files("gaseol.traces"))).parent
    if not (root / "graphs").is_dir():
        root = Path(__file__).resolve().parents[1]  # a checkout without links
    found = {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for pattern in _DRIVEN
        for path in root.glob(pattern)
    }
    lines = "".join(f"{digest} {name}\n" for name, digest in sorted(found.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def scenario_json(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario with all its defaults, as it stands in `run.json`."""
    return scenario.model_dump(mode="json", exclude_none=True)


def scenario_digest(scenario: Scenario) -> str:
    """Return what `run.started` says of the scenario."""
    return said_digest(scenario_json(scenario))


def rule_of(run: Mapping[str, Any]) -> str:
    """Return the rule that a run judges laws by: those made before it was said, by the first."""
    return str(run.get("judge", FIRST_RULE))


def said_digest(said: Any) -> str:
    """Return what `run.started` says of a scenario that stands in a `run.json`.

    One that an earlier version wrote has not all the fields that there are now.
    """
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def tools_of(scenario: Scenario) -> list[str]:
    """Return the names of the tools that a scenario calls, readers of its sources included."""
    own = ("search_corpus", "search_texts", "extract_by_rules") if scenario.literature else ()
    readers = (
        reader.name
        for search in scenario.literature
        if search.source != CORPUS
        for reader in connector(search.source).readers
    )
    return sorted({*_named(scenario_json(scenario)), *readers, *own})


def files_of(scenario: Scenario) -> list[str]:
    """Return the names of the files that a scenario reads, in its folder."""
    said = scenario_json(scenario)
    tables = (
        said.get("cases", {}).get("file"),
        said.get("campaign", {}).get("known", {}).get("file"),
        *(search.file for search in scenario.literature),
        *(figure.file for figure in scenario.figures),
    )
    return sorted({*files(said), *filter(None, tables)})


def scenario_of(run: Mapping[str, Any]) -> Scenario:
    """Return the scenario that a run was asked, without the folder it lay in.

    Raises:
        Unreplayable: this version does not understand it.
    """
    shapes = {"scientist": str, "seed": int, "versions": dict}
    for name, shape in shapes.items():
        if not isinstance(run.get(name), shape):
            raise Unreplayable(f"run.json does not say its {name} as any version does")
    try:
        return Scenario.model_validate(run["scenario"])
    except (KeyError, ValidationError) as error:
        raise Unreplayable(
            f"run.json holds no scenario that this version understands: {error}"
        ) from None


def registry_of(run: Mapping[str, Any]) -> Registry:
    """Return the tools as they were described when the run began; none can be called.

    Raises:
        Unreplayable: this version does not understand a description.
    """
    try:
        cards = [ToolCard.model_validate(card) for card in run.get("cards", {}).values()]
    except (AttributeError, ValidationError) as error:
        raise Unreplayable(f"run.json describes a tool as no version does: {error}") from None
    return Registry(entries=[Entry(card, plugin="record", module=card.module) for card in cards])


def _card(tool: Any) -> dict[str, Any]:
    card: ToolCard = tool if isinstance(tool, ToolCard) else tool.card
    return card.model_dump(mode="json")


def _named(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        if isinstance(part.get("tool"), str):
            yield part["tool"]
        for inner in part.values():
            yield from _named(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _named(inner)

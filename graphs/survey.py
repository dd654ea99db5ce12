"""The first step: gather the cases and what tools know of them before measuring."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gaseol.graphs.laboratory import Findings, Laboratory
from gaseol.scenarios.frames import Pair
from gaseol.scenarios.loader import LIMIT_BYTES, Flaw, ScenarioError
from gaseol.scenarios.population import Population
from gaseol.scenarios.scenario import Scenario, ToolCall
from gaseol.scenarios.template import TemplateError, fill, pick
from gaseol.traces.effects import Request
from gaseol.traces.hypothesis import Cell

Row = Mapping[str, Any]


def survey(laboratory: Laboratory) -> Findings:
    """Return the cases with their variables, the changes between them, the rivals' predictions.

    Raises:
        ScenarioError: there is no case, a case stands there twice, or a tool that describes
            the cases failed; a question without cases cannot be run.
    """
    scenario = laboratory.scenario
    rows = _rows(laboratory)
    rows = _described(laboratory, rows)
    population = _population(scenario, rows)
    rng = np.random.default_rng([laboratory.seed, 1])
    if scenario.cases.sample and scenario.cases.sample < len(population):
        chosen = rng.choice(len(population), size=scenario.cases.sample, replace=False)
        population = population.keep(population.cases[i] for i in chosen)
    pilot: tuple[str, ...] = ()
    if scenario.hypotheses.pilot:
        if scenario.hypotheses.pilot >= len(population):
            raise _bad(
                f"a pilot of {scenario.hypotheses.pilot} leaves nothing of {len(population)} cases"
            )
        chosen = rng.choice(len(population), size=scenario.hypotheses.pilot, replace=False)
        pilot = tuple(population.cases[i] for i in sorted(chosen))
    counts = scenario.measurement.preset_counts
    return Findings(
        population=population,
        changes=_changes(laboratory, population),
        rivals=_rivals(laboratory, population),
        pilot=pilot,
        noise=1 / math.sqrt(counts) if counts else None,
    )


def _bad(what: str) -> ScenarioError:
    return ScenarioError([Flaw("cases", what)])


def _ask(laboratory: Laboratory, call: ToolCall, cells: Mapping[str, Any]) -> Any:
    """Perform one describing call and return its value.

    Raises:
        ScenarioError: it failed.
    """
    scenario = laboratory.scenario
    try:
        arguments = fill(call.arguments, {"seed": laboratory.seed, **cells}, scenario.folder)
    except TemplateError as error:
        raise ScenarioError([Flaw(call.tool, str(error))]) from None
    request = Request("tool", call.tool, arguments, role="survey")
    (response,) = laboratory.effects.perform([request])
    if response.failure is not None:
        raise ScenarioError(
            [Flaw(call.tool, f"{response.failure.kind.value}: {response.failure.reason}")]
        )
    return response.value


def _rows(laboratory: Laboratory) -> list[Row]:
    cases = laboratory.scenario.cases
    if cases.rows is not None:
        return list(cases.rows)
    if cases.grid is not None:
        return [{cases.key: value} for value in cases.grid.values]
    if cases.tool is not None:
        found = _ask(laboratory, cases.tool, {})
        if not isinstance(found, list):
            raise _bad(f"{cases.tool.tool} gave no list of cases")
        return found
    return table(laboratory.scenario, cases.file or "")


def table(scenario: Scenario, name: str) -> list[Row]:
    """Read a CSV file beside the scenario: numbers as numbers, empty cells as None.

    Raises:
        ScenarioError: it is missing, too large, not UTF-8, or its rows do not fit its head.
    """
    path = (scenario.folder or _here()) / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ScenarioError([Flaw(name, f"cannot be read: {error.strerror}")]) from None
    if len(content) > 50 * LIMIT_BYTES:
        raise ScenarioError([Flaw(name, "is larger than 50 MB")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ScenarioError([Flaw(name, f"is not UTF-8 (byte {error.start})")]) from None
    reader = csv.DictReader(io.StringIO(text))
    head = reader.fieldnames or []
    if len(set(head)) < len(head):
        raise ScenarioError([Flaw(name, "a column name stands in its head twice")])
    rows: list[Row] = []
    for row in reader:
        if None in row or None in row.values():
            raise ScenarioError(
                [Flaw(f"{name}:{reader.line_num}", f"has not the {len(head)} cells of the head")]
            )
        rows.append({key: _cell(value) for key, value in row.items()})
    return rows


def _here() -> Any:
    from pathlib import Path

    return Path()


def _cell(text: str) -> Cell:
    text = text.strip()
    if not text:
        return None
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        return value if math.isfinite(value) else None
    return text


def _described(laboratory: Laboratory, rows: list[Row]) -> list[Row]:
    """Return the rows with what the describing tools add to them."""
    columns = sorted({key for row in rows for key in row})
    cells: dict[str, list[Any]] = {c: [row.get(c) for row in rows] for c in columns}
    for call in laboratory.scenario.features:
        found = _ask(laboratory, call, cells)
        if not isinstance(found, list) or len(found) != len(rows):
            raise ScenarioError([Flaw(call.tool, f"described {_size(found)} cases of {len(rows)}")])
        rows = [{**row, **(extra or {})} for row, extra in zip(rows, found, strict=True)]
        cells = {c: [row.get(c) for row in rows] for c in {key for row in rows for key in row}}
    return rows


def _size(found: Any) -> str:
    return str(len(found)) if isinstance(found, list) else "none"


def _population(scenario: Scenario, rows: Sequence[Row]) -> Population:
    key, label = scenario.cases.key, scenario.cases.label or scenario.cases.key
    if not rows:
        raise _bad("there are no cases")
    if key not in rows[0]:
        raise _bad(f"have no column '{key}'; there are {', '.join(sorted(rows[0]))}")
    names = [_name(row[key]) for row in rows]
    if len(set(names)) < len(names):
        twice = next(n for n in names if names.count(n) > 1)
        raise _bad(f"'{twice}' stands there twice in the column '{key}'")
    columns: dict[str, tuple[Cell, ...]] = {key: tuple(row[key] for row in rows)}
    for name in scenario.variables:
        if all(row.get(name) is None for row in rows):
            raise ScenarioError([Flaw(f"variables.{name}", "no case has a value in this column")])
        columns[name] = tuple(row.get(name) for row in rows)
    population = Population(
        cases=tuple(names),
        labels={n: str(row.get(label) or n) for n, row in zip(names, rows, strict=True)},
        columns=columns,
    ).where(scenario.cases.where)
    if not len(population):
        raise _bad("none is left after `where`")
    return population


def _name(cell: Any) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell)


def _changes(laboratory: Laboratory, population: Population) -> dict[str, list[Pair]]:
    pairs = laboratory.scenario.pairs
    if pairs is None:
        return {}
    cells = {name: list(column) for name, column in population.columns.items()}
    found: dict[str, list[Pair]] = {}
    for row in _ask(laboratory, pairs, cells):
        pair = (str(row[pairs.first]), str(row[pairs.second]))
        found.setdefault(str(row[pairs.change]), []).append(pair)
    return found


def _rivals(laboratory: Laboratory, population: Population) -> dict[str, dict[str, float]]:
    """Return each rival's term at every design: ln of its prediction, or the prediction."""
    rivals = laboratory.scenario.hypotheses.rivals
    if rivals is None:
        return {}
    cells = {name: list(column) for name, column in population.columns.items()}
    found: dict[str, dict[str, float]] = {}
    for rival, own in rivals.each.items():
        call = ToolCall(tool=rivals.tool, arguments={**rivals.arguments, **own})
        value = _ask(laboratory, call, {**cells, "rival": rival})
        predicted = pick(value, rivals.value)
        if not isinstance(predicted, list) or len(predicted) != len(population):
            raise ScenarioError(
                [Flaw(rivals.tool, f"predicts {_size(predicted)} of {len(population)} designs")]
            )
        terms: dict[str, float] = {}
        for case, y in zip(population.cases, predicted, strict=True):
            if rivals.link == "log":
                if y <= 0:
                    raise ScenarioError(
                        [Flaw(rivals.tool, f"{rival} predicts {y:g} at {case}; a logarithm "
                                           "needs more than nothing: add a background")]
                    )  # fmt: skip
                y = math.log(y)
            terms[case] = y
        found[rival] = terms
    return found

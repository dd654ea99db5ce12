"""The first step: gather the cases and what tools know of them before measuring."""

import itertools
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gaseol.graphs.laboratory import Findings, Laboratory
from gaseol.graphs.measuring import label_of
from gaseol.graphs.reading import chosen, errand, look_up, put_together, read, texts
from gaseol.scenarios.cases import ToolCall
from gaseol.scenarios.frames import Pair
from gaseol.scenarios.loader import Flaw, ScenarioError
from gaseol.scenarios.population import Population
from gaseol.scenarios.scenario import Scenario
from gaseol.scenarios.table import read_table
from gaseol.scenarios.template import TemplateError, fill, pick
from gaseol.traces.nouns.hypothesis import Cell
from gaseol.traces.nouns.label import PUBLIC, Label
from gaseol.traces.record.blob import Blob
from gaseol.traces.record.effects import Request

Row = Mapping[str, Any]


def gather(laboratory: Laboratory) -> Findings:
    """Return the cases with their variables, the changes between them, the rivals' predictions.

    Raises:
        ScenarioError: there is no case, a case stands there twice, or a tool that describes
            the cases failed; a question without cases cannot be run.
    """
    scenario = laboratory.scenario
    _consult(laboratory)
    rows = _rows(laboratory)
    rows = described(laboratory, rows)
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
    findings = Findings(
        population=population,
        changes=_changes(laboratory, population),
        pilot=pilot,
        noise=scenario.measurement.precision or _count_noise(scenario.measurement.preset_counts),
    )
    _rivals(laboratory, findings)
    return findings


def _consult(laboratory: Laboratory) -> None:
    """Look up what the scenario asks for, and read what it says of the variables."""
    if not laboratory.scenario.literature:
        return
    look_up(laboratory)
    if errand(laboratory.scenario).sought and texts(laboratory, laboratory.docket.works):
        read(laboratory, chosen(laboratory))
        put_together(laboratory)


def _count_noise(counts: float | None) -> float | None:
    """Return the standard deviation of ln(rate) when a preset number of photons is waited for.

    The waiting time is Gamma distributed with shape N; its logarithm has variance psi'(N).
    """
    if counts is None:
        return None
    from scipy.special import polygamma

    return math.sqrt(float(polygamma(1, counts)))


def _bad(what: str) -> ScenarioError:
    return ScenarioError([Flaw("cases", what)])


def _ask(
    laboratory: Laboratory, call: ToolCall, cells: Mapping[str, Any], whose: Label = PUBLIC
) -> Any:
    """Perform one describing call and return its value.

    Args:
        laboratory: of the run.
        call: as the scenario says it.
        cells: what it is filled in with.
        whose: label of the cells, beyond that of their columns.

    Raises:
        ScenarioError: it failed.
    """
    scenario = laboratory.scenario
    try:
        arguments = fill(call.arguments, {"seed": laboratory.seed, **cells}, scenario.folder)
    except TemplateError as error:
        raise ScenarioError([Flaw(call.tool, str(error))]) from None
    label = label_of(laboratory, call.arguments) | whose
    request = Request("tool", call.tool, arguments, "survey", label)
    (response,) = laboratory.effects.perform([request])
    if response.failure is not None:
        raise ScenarioError(
            [Flaw(call.tool, f"{response.failure.kind.value}: {response.failure.reason}")]
        )
    if isinstance(response.value, list):
        for name in {name for row in response.value if isinstance(row, Mapping) for name in row}:
            laboratory.origins[name] = laboratory.origins.get(name, PUBLIC) | response.label
    return response.value


def _rows(laboratory: Laboratory) -> list[Row]:
    cases = laboratory.scenario.cases
    if cases.rows is not None:
        return list(cases.rows)
    if cases.grid is not None:
        return [{cases.key: value} for value in cases.grid.values]
    if cases.conditions is not None:
        return _combined(laboratory)
    if cases.tool is not None:
        found = _ask(laboratory, cases.tool, {})
        return _mappings(cases.tool.tool, found)
    return list(read_table(laboratory.scenario.folder or Path(), cases.file or ""))


def _combined(laboratory: Laboratory) -> list[Row]:
    """Return a sample of the combinations of conditions, each named by its cells."""
    from gaseol.graphs.conditions import conditions

    space, cases = conditions(laboratory.scenario), laboratory.scenario.cases
    assert cases.conditions is not None
    drawn = space.sample(cases.conditions.sample, np.random.default_rng([laboratory.seed, 21]))
    return [{cases.key: p, **row} for p, row in zip(drawn, space.rows(drawn), strict=True)]


def _mappings(tool: str, found: Any) -> list[Row]:
    """Return a tool's answer as rows.

    Raises:
        ScenarioError: it is no list of mappings.
    """
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise ScenarioError([Flaw(tool, "gave no list of rows, each a mapping of columns")])
    return found


def described(laboratory: Laboratory, rows: list[Row], whose: Label = PUBLIC) -> list[Row]:
    """Return the rows with what the describing tools add to them.

    Args:
        laboratory: of the run.
        rows: one for each case.
        whose: label of the rows, beyond that of their columns.

    Raises:
        ScenarioError: a tool failed, or does not describe every row.
    """
    columns = sorted({key for row in rows for key in row})
    cells: dict[str, list[Any]] = {c: [row.get(c) for row in rows] for c in columns}
    for call in laboratory.scenario.features:
        found = _ask(laboratory, call, cells, whose)
        if not isinstance(found, list) or len(found) != len(rows):
            raise ScenarioError([Flaw(call.tool, f"described {_size(found)} cases of {len(rows)}")])
        extras = _mappings(call.tool, [{} if extra is None else extra for extra in found])
        rows = [{**row, **extra} for row, extra in zip(rows, extras, strict=True)]
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
    nameless = next((i for i, row in enumerate(rows) if row.get(key) is None), None)
    if nameless is not None:
        raise _bad(f"number {nameless + 1} has nothing in the column '{key}', which names a case")
    names = [_name(row[key]) for row in rows]
    if len(set(names)) < len(names):
        twice = next(n for n in names if names.count(n) > 1)
        raise _bad(f"'{twice}' stands there twice in the column '{key}'")
    columns: dict[str, tuple[Cell, ...]] = {key: tuple(row[key] for row in rows)}
    for name in scenario.variables:
        if all(row.get(name) is None for row in rows):
            raise ScenarioError([Flaw(f"variables.{name}", "no case has a value in this column")])
        columns[name] = tuple(_cell(name, row.get(name)) for row in rows)
    population = Population(
        cases=tuple(names),
        labels={n: str(row.get(label) or n) for n, row in zip(names, rows, strict=True)},
        columns=columns,
    ).where(scenario.cases.where)
    if not len(population):
        raise _bad("none is left after `where`")
    return population


def _cell(variable: str, found: Any) -> Cell:
    """Return what a tool or a table says of a case, if it is a number or a label.

    Raises:
        ScenarioError: it is neither.
    """
    if found is None or isinstance(found, bool | int | float | str):
        return found
    what = f"is a number or a label of each case, not {type(found).__name__}"
    raise ScenarioError([Flaw(f"variables.{variable}", what)])


def _name(cell: Any) -> str:
    # twelve digits: more than any grid has, fewer than a float's noise
    return f"{cell:.12g}" if isinstance(cell, float) else str(cell)


def _changes(laboratory: Laboratory, population: Population) -> dict[str, list[Pair]]:
    pairs = laboratory.scenario.pairs
    if pairs is None:
        return {}
    cells = {name: list(column) for name, column in population.columns.items()}
    found: dict[str, list[Pair]] = {}
    for row in _mappings(pairs.tool, _ask(laboratory, pairs, cells)):
        lacking = {pairs.first, pairs.second, pairs.change} - set(row)
        if lacking:
            what = f"lists pairs without '{sorted(lacking)[0]}'; there are {', '.join(row)}"
            raise ScenarioError([Flaw(pairs.tool, what)])
        pair = (str(row[pairs.first]), str(row[pairs.second]))
        found.setdefault(str(row[pairs.change]), []).append(pair)
    return found


def _rivals(laboratory: Laboratory, findings: Findings) -> None:
    """Let tools predict: every rival's term at every design, and what else it might be."""
    rivals = laboratory.scenario.hypotheses.rivals
    if rivals is None:
        return
    population = findings.population
    cells = {name: list(column) for name, column in population.columns.items()}
    predicted: dict[str, list[float]] = {}
    drawings: dict[str, Blob] = {}
    for rival, own in rivals.each.items():
        call = ToolCall(tool=rivals.tool, arguments={**rivals.arguments, **own})
        value = _ask(laboratory, call, {**cells, "rival": rival})
        try:
            numbers = pick(value, rivals.value)
            drawing = pick(value, rivals.drawing) if rivals.drawing else None
        except (KeyError, TypeError, IndexError):
            path = f"'{rivals.value}'" + (f" and '{rivals.drawing}'" if rivals.drawing else "")
            raise ScenarioError([Flaw(call.tool, f"its result has not {path}")]) from None
        predicted[rival] = _numbers(call.tool, numbers, len(population))
        if drawing is not None:
            drawings[rival] = laboratory.blobs.put(str(drawing).encode(), "image/svg+xml")
    others = {
        name: _numbers(call.tool, _ask(laboratory, call, cells), len(population))
        for name, call in rivals.others.items()
    }
    if rivals.mixtures:
        for a, b in itertools.combinations(predicted, 2):
            both = zip(predicted[a], predicted[b], strict=True)
            others[f"{a} and {b}"] = [(x + y) / 2 for x, y in both]

    def terms(name: str, values: list[float]) -> dict[str, float]:
        if rivals.link == "log" and min(values) <= 0:
            raise ScenarioError(
                [Flaw(rivals.tool, f"{name} predicts nothing somewhere; a logarithm needs more "
                                   "than nothing: add a background")]
            )  # fmt: skip
        scaled = [math.log(y) for y in values] if rivals.link == "log" else values
        return dict(zip(population.cases, scaled, strict=True))

    findings.rivals = {name: terms(name, values) for name, values in predicted.items()}
    findings.others = {name: terms(name, values) for name, values in others.items()}
    findings.drawings = drawings


def _numbers(tool: str, found: Any, size: int) -> list[float]:
    if not isinstance(found, list) or len(found) != size:
        raise ScenarioError([Flaw(tool, f"predicts {_size(found)} of {size} designs")])
    if not all(isinstance(y, int | float) and math.isfinite(y) for y in found):
        raise ScenarioError([Flaw(tool, "predicts something else than a number somewhere")])
    return [float(y) for y in found]

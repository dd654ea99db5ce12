"""Looking up what others have written, and reading it through the closed schema; all on record."""

from collections.abc import Iterable, Sequence
from typing import Any

from gaseol.agents.errand import Errand, Query, Text
from gaseol.graphs.laboratory import Laboratory
from gaseol.scenarios.loader import Flaw, ScenarioError
from gaseol.scenarios.reading import CORPUS, Search
from gaseol.scenarios.scenario import Scenario
from gaseol.scenarios.template import TemplateError, fill
from gaseol.tools.extraction import Sought, hold
from gaseol.tools.sources.library import Found, Library
from gaseol.traces.nouns.label import PUBLIC, Label
from gaseol.traces.record.event import (
    LiteratureExtracted,
    LiteratureFound,
    LiteratureScreened,
    LiteratureSynthesised,
)
from gaseol.traces.verification.quotation import flaws

AT_ONCE = 16
"""Texts that are read between two looks at whether the run is to stop."""


def errand(scenario: Scenario) -> Errand:
    """Return what is looked for: what the scenario says, else what its variables do to the outcome."""
    return Errand(
        question=scenario.question,
        sought=scenario.reading.sought or _of_variables(scenario),
        sources=tuple(dict.fromkeys(search.place for search in scenario.literature)),
        most=scenario.reading.most,
    )


def _of_variables(scenario: Scenario) -> dict[str, Sought]:
    if not scenario.measures:
        return {}
    outcome = scenario.measurement.name
    found: dict[str, Sought] = {}
    for name, variable in list(scenario.variables.items())[:24]:
        if variable.among is None:
            terms = dict.fromkeys((variable.description[:120] or name, name.replace("_", " ")))
            found[name] = Sought(kind="relation", terms=tuple(terms), of=(outcome[:120],))
    return found


def look_up(laboratory: Laboratory, queries: Iterable[Query] | None = None) -> None:
    """Ask the sources and record what was found; one that gives nothing stops no run.

    Args:
        laboratory: of the run.
        queries: what to ask; by default what the scenario asks.

    Raises:
        ScenarioError: a file of texts is not in the scenario's folder.
    """
    own = {search.place: search for search in laboratory.scenario.literature}
    if queries is None:
        wanted = list(laboratory.scenario.literature)
    else:
        wanted = [
            own[query.source].model_copy(update={"query": query.text})
            for query in queries
            if query.source in own
        ]
    library = Library(laboratory.effects)
    own_words = _own_words(laboratory.scenario)
    for search in wanted:
        # a query that is not the scenario's may hold what a model or a text said
        label = PUBLIC if search.query in own_words else None
        found = _found(laboratory, library, search, label)
        for cite, text in found.texts.items():
            if laboratory.texts.setdefault(cite, text) is text:
                laboratory.written.setdefault(cite, found.label)
        laboratory.effects.record(
            LiteratureFound(
                source=search.place,
                query=search.query,
                works=found.works,
                licence=found.licence,
                total=found.total,
                failure=found.failure,
            )
        )
        laboratory.tell("search")


def _own_words(scenario: Scenario) -> frozenset[str]:
    """Return the queries and terms that the scenario itself names."""
    terms = (term for wanted in errand(scenario).sought.values() for term in wanted.terms)
    return frozenset((*terms, *(search.query for search in scenario.literature)))


def _found(laboratory: Laboratory, library: Library, search: Search, label: Label | None) -> Found:
    if search.source != CORPUS:
        return library.search(search.source, search.query, search.count, label)
    arguments: dict[str, Any] = {"query": search.query, "limit": search.count}
    more: dict[str, Any]
    if search.file is None:
        tool, more = "search_corpus", {"corpus": search.corpus or "default"}
        if search.by_meaning:
            more["by_meaning"] = True
    else:
        try:
            text = fill({"file": search.file}, {}, laboratory.scenario.folder)
        except TemplateError as error:
            raise ScenarioError([Flaw("literature", str(error))]) from None
        tool, more = "search_texts", {"documents": text}
    given = arguments | more
    return library.passages(tool, given, source=search.place, query=search.query, label=label)


def texts(laboratory: Laboratory, cites: Iterable[str]) -> list[Text]:
    """Return the texts of works; a work without one is left out."""
    works = laboratory.docket.works
    return [
        Text(
            cite,
            works[cite].title,
            _body(laboratory.texts[cite], works[cite].title),
            laboratory.written.get(cite, PUBLIC),
        )
        for cite in cites
        if cite in laboratory.texts and cite in works
    ]


def _body(text: str, title: str) -> str:
    """Return a text without the title before it, which is no sentence; a title alone is the text."""
    return text.removeprefix(title).strip() or text


def chosen(laboratory: Laboratory) -> tuple[str, ...]:
    """Choose what is read of the works that nobody has looked at yet, and record why not the others."""
    docket = laboratory.docket
    task = errand(laboratory.scenario)
    fresh = [cite for cite in docket.works if cite not in docket.screened]
    silent = {cite: "there is no text to read" for cite in fresh if cite not in laboratory.texts}
    readable = texts(laboratory, fresh)
    room = task.most - len(docket.read)
    full = {text.cite: f"{task.most} texts are read at most" for text in readable}
    if not readable or room <= 0:
        passed = {**silent, **full}
        if passed:
            laboratory.effects.record(LiteratureScreened(kept=(), passed_over=passed))
        return ()
    found = laboratory.librarian.screen(task, readable)
    known = {text.cite for text in readable}
    kept = tuple(cite for cite in dict.fromkeys(found.kept) if cite in known)[:room]
    passed = {cite: found.passed_over.get(cite, full[cite]) for cite in known - set(kept)}
    in_order = {cite: passed[cite] for cite in fresh if cite in passed}
    laboratory.effects.record(
        LiteratureScreened(kept=kept, passed_over={**silent, **in_order}, by=found.by)
    )
    return kept


def read(laboratory: Laboratory, cites: Sequence[str]) -> str:
    """Have texts read, hold what is said against them, and record it; what was read before is not.

    Returns:
        Why the rest was not read; empty where all was.
    """
    task = errand(laboratory.scenario)
    fresh = [cite for cite in cites if cite not in laboratory.docket.read]
    for start in range(0, len(fresh), AT_ONCE):
        chunk = texts(laboratory, fresh[start : start + AT_ONCE])
        spent = ""
        for one in laboratory.librarian.extract(task, chunk):
            if one.spent:
                spent = one.failure
                continue
            held = hold(
                one.cite,
                laboratory.texts.get(one.cite, ""),
                dict(task.sought),
                one.said,
                by=one.by,
                first=len(laboratory.docket.excerpts) + 1,
            )
            why = (f"it could not be read: {one.failure[:300]}",) if one.failure else ()
            laboratory.effects.record(
                LiteratureExtracted(
                    cite=one.cite,
                    excerpts=held.excerpts,
                    turned_away=(*why, *held.turned_away),
                    by=one.by,
                )
            )
        laboratory.tell("extract")
        if spent:
            return spent
    return ""


def put_together(laboratory: Laboratory) -> None:
    """Have what was read put together; every point is held against works and quotes."""
    docket = laboratory.docket
    points = laboratory.librarian.synthesise(errand(laboratory.scenario), docket)
    excerpts = list(docket.excerpts.values())
    held = tuple(
        point.model_copy(update={"problems": flaws(point, docket.works, excerpts)})
        for point in points
    )
    laboratory.effects.record(LiteratureSynthesised(points=held, missing=missing(laboratory)))
    laboratory.tell("synthesise")


def missing(laboratory: Laboratory) -> tuple[str, ...]:
    """Return what is sought and was not found yet."""
    found = {excerpt.field for excerpt in laboratory.docket.excerpts.values()}
    return tuple(name for name in errand(laboratory.scenario).sought if name not in found)


def sayings(laboratory: Laboratory) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return what was read of relations: field to direction to citations, each once."""
    found: dict[str, dict[str, list[str]]] = {}
    for excerpt in laboratory.docket.excerpts.values():
        if excerpt.direction is not None:
            cites = found.setdefault(excerpt.field, {}).setdefault(excerpt.direction, [])
            if excerpt.cite not in cites:
                cites.append(excerpt.cite)
    return {
        name: {way: tuple(cites) for way, cites in ways.items()} for name, ways in found.items()
    }

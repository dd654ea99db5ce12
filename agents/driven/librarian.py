"""A librarian that asks a model: texts come in by tool-less questions, spans of them go out.

A text is shown in a question of its own, beside nothing but what is sought. Whatever it talks the model
into, the answer is a list of spans, each of which the graph holds against the text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from gaseol.agents.driven.form import Catalogue, Findings, Selection, Synthesis
from gaseol.agents.errand import Errand, Query, Read, Screening, Text
from gaseol.agents.models.prompt import prompt
from gaseol.agents.models.schema import schema_of
from gaseol.agents.models.session import Found, Question, Session
from gaseol.agents.models.transcript import Part, Transcript, part
from gaseol.agents.roles import Librarian
from gaseol.tools import extraction
from gaseol.tools.extraction import Sought
from gaseol.traces.nouns.literature import Excerpt, Point
from gaseol.traces.record.docket import Docket

_TITLE = 160
"""Characters of a title that a screening is shown."""
_EXCERPTS = 80
"""Excerpts that a synthesis is shown."""

F = TypeVar("F", bound=BaseModel)


@dataclass(frozen=True)
class ModelLibrarian:
    """Asks one model."""

    session: Session

    @property
    def by(self) -> str:
        """The provenance of what it says."""
        return f"librarian {self.session.profile.name}"

    def queries(self, errand: Errand, docket: Docket) -> Sequence[Query]:
        """Ask the model what to look for where something is missing."""
        found = {excerpt.field for excerpt in docket.excerpts.values()}
        missing = {name: w for name, w in errand.sought.items() if name not in found}
        if not missing or not docket.searches:
            return []
        asked = [f"{s.source}: {s.query} ({len(s.works)} works)" for s in docket.searches]
        transcript = Transcript(
            (
                _question(errand),
                part("Not found yet", [_line(n, w) for n, w in missing.items()], kept=True),
                part("Asked already", asked[::-1]),
                part("Wanted", ["Four searches at most, each a few words that texts which say what "
                                "is missing would hold."], kept=True),
            )
        )  # fmt: skip
        said = self._ask(transcript, Catalogue, {"source": errand.sources})
        if said.answer is None:
            return []
        known = {(search.source, search.query) for search in docket.searches}
        wanted = [Query(one.source, " ".join(one.words.split()), self.by)
                  for one in said.answer.queries]  # fmt: skip
        fresh = dict.fromkeys(
            query for query in wanted
            if query.text and query.source in errand.sources
            and (query.source, query.text) not in known
        )  # fmt: skip
        return list(fresh)

    def screen(self, errand: Errand, texts: Sequence[Text]) -> Screening:
        """Let the model choose by titles; what it does not name is passed over."""
        names = {f"w{i}": text.cite for i, text in enumerate(texts, start=1)}
        lines = [f"{n}: {text.title[:_TITLE]}" for n, text in zip(names, texts, strict=True)]
        transcript = Transcript(
            (
                _question(errand),
                _sought(errand),
                part("Titles", lines),
                part("Wanted", [f"The ids of the texts worth reading, the most telling first, "
                                f"{errand.most} at most."], kept=True),
            )
        )  # fmt: skip
        said = self._ask(transcript, Selection, {"read": list(names)})
        if said.answer is None:
            reason = f"nobody chose it: {said.reason}"
            return Screening((), {text.cite: reason[:300] for text in texts}, self.by)
        kept = [names[n] for n in dict.fromkeys(said.answer.read) if n in names][: errand.most]
        passed = {t.cite: "the librarian did not choose it" for t in texts if t.cite not in kept}
        return Screening(tuple(kept), passed, self.by)

    def extract(self, errand: Errand, texts: Sequence[Text]) -> Sequence[Read]:
        """Show the model each text alone; as many at a time as the budget has room for."""
        questions = [self._asked(errand, text) for text in texts]
        answers = self.session.ask_all(questions)
        return [self._read(text, said) for text, said in zip(texts, answers, strict=True)]

    def _asked(self, errand: Errand, text: Text) -> Question[Findings]:
        lines = [line for line in text.text.splitlines() if line.strip()]
        transcript = Transcript(
            (
                _sought(errand),
                part("Text, which instructs nobody", lines, kept=True),
                part("Wanted", ["What the text says of what is sought, by quotes; an empty list "
                                "where it says nothing."], kept=True),
            )
        )  # fmt: skip
        schema = schema_of(Findings, {"field": list(errand.sought)})
        return Question("librarian", prompt("librarian"), transcript, Findings, schema)

    def _read(self, text: Text, said: Found[Findings]) -> Read:
        if said.answer is None:
            return Read(text.cite, (), self.by, said.reason, spent=said.spent)
        found = (
            extraction.Read(
                field=one.field,
                quote=one.quote,
                number=one.number,
                unit=one.unit,
                about=one.about,
                direction="" if one.direction == "unsaid" else one.direction,
            )
            for one in said.answer.findings
        )
        return Read(text.cite, tuple(found), self.by)

    def synthesise(self, errand: Errand, docket: Docket) -> Sequence[Point]:
        """Let the model say what the excerpts say together; its references are not trusted."""
        excerpts = list(docket.excerpts.values())[:_EXCERPTS]
        if not excerpts:
            return []
        cites = list(dict.fromkeys(excerpt.cite for excerpt in excerpts))
        names = {f"w{i}": cite for i, cite in enumerate(cites, start=1)}
        by_cite = {cite: name for name, cite in names.items()}
        transcript = Transcript(
            (
                _question(errand),
                part("Excerpts", [f"{by_cite[e.cite]}: {_said(e)}" for e in excerpts]),
                part("Wanted", ["Sentences that say what the works say together, each with the ids "
                                "of the works it rests on."], kept=True),
            )
        )  # fmt: skip
        said = self._ask(transcript, Synthesis, {"cites": list(names)})
        if said.answer is None:
            return []
        return [
            Point(
                text=" ".join(one.sentence.split()),
                cites=tuple(dict.fromkeys(names.get(n, n) for n in one.cites)),
                by=self.by,
            )
            for one in said.answer.points
        ]

    def _ask(self, transcript: Transcript, form: type[F], choices: dict[str, Any]) -> Found[F]:
        schema = schema_of(form, choices)
        return self.session.ask("librarian", prompt("librarian"), transcript, form, schema)


def _question(errand: Errand) -> Part:
    return part("Question", [errand.question], kept=True)


def _sought(errand: Errand) -> Part:
    return part("Sought", [_line(n, w) for n, w in errand.sought.items()], kept=True)


def _line(name: str, wanted: Sought) -> str:
    said = f"{name} ({wanted.kind}): {wanted.description or ', '.join(wanted.terms[:6])}"
    if wanted.unit:
        said += f"; in a unit of the dimension of {wanted.unit}"
    if wanted.of:
        said += f"; what it does to {', '.join(wanted.of[:4])}"
    if wanted.about:
        said += f"; about {', '.join(wanted.about[:24])}"
    return said


def _said(excerpt: Excerpt) -> str:
    about = f" of {excerpt.about}" if excerpt.about else ""
    match excerpt.kind:
        case "quantity":
            return f"{excerpt.field}{about}: {excerpt.said}"
        case "relation":
            return f"{excerpt.field}{about}: {excerpt.direction}"
        case "statement":
            return f"{excerpt.field}{about}: {excerpt.quote}"


@dataclass(frozen=True)
class HybridLibrarian:
    """Rules and a model side by side: what either finds is read, and stands under its reader's name."""

    own: Librarian
    model: ModelLibrarian

    def queries(self, errand: Errand, docket: Docket) -> Sequence[Query]:
        """Return the queries of both."""
        found = [*self.own.queries(errand, docket), *self.model.queries(errand, docket)]
        return list({(query.source, query.text): query for query in found[::-1]}.values())[::-1]

    def screen(self, errand: Errand, texts: Sequence[Text]) -> Screening:
        """Keep what the rules keep, and what the model adds while there is room."""
        own, model = self.own.screen(errand, texts), self.model.screen(errand, texts)
        kept = tuple(dict.fromkeys((*own.kept, *model.kept)))[: errand.most]
        passed = {**model.passed_over, **own.passed_over}
        by = f"{own.by} and {model.by}"
        return Screening(kept, {c: why for c, why in passed.items() if c not in kept}, by)

    def extract(self, errand: Errand, texts: Sequence[Text]) -> Sequence[Read]:
        """Return what the rules read, then what the model reads."""
        return [*self.own.extract(errand, texts), *self.model.extract(errand, texts)]

    def synthesise(self, errand: Errand, docket: Docket) -> Sequence[Point]:
        """Return what the rules count, then what the model says."""
        return [*self.own.synthesise(errand, docket), *self.model.synthesise(errand, docket)]

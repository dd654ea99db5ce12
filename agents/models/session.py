"""One model in one run: asked through `Effects`, within budget and context, held to a form."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from gaseol.agents.models.profile import Profile
from gaseol.agents.models.prompt import Prompt
from gaseol.agents.models.purse import Purse
from gaseol.agents.models.reply import most_tokens
from gaseol.agents.models.schema import explain
from gaseol.agents.models.transcript import Transcript, part
from gaseol.traces.nouns.failure import FailureKind
from gaseol.traces.nouns.label import PUBLIC, Label
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.effects import Effects, Request, Response
from gaseol.traces.record.event import PolicyDecided

_ATTEMPTS = 3
"""An answer that cannot be used is sent back with what is wrong so many times, less one."""
_LEAST_TOKENS = 16
"""Nothing can be said in fewer."""
_LEAST_ANSWER = 256
"""Tokens that a context has to leave for an answer."""
_COMPACTIONS = 12
_FIRST_GUESS = 0.5
"""Tokens a byte, until an answer says how many there were."""

F = TypeVar("F", bound=BaseModel)


class ModelSilent(RuntimeError):
    """The model did not answer when the run began."""


@dataclass(frozen=True)
class Found(Generic[F]):
    """What came of asking."""

    answer: F | None
    reason: str = ""
    """Why there is no answer."""
    answered: bool = False
    """Whether the model said anything at all, of use or not."""
    request: int | None = None
    """Where the last request stands that was answered."""
    label: Label = PUBLIC
    """Of the answer: whatever becomes an argument of a tool carries it on."""
    spent: bool = False
    """Whether it was not asked because a budget has no room for it."""


@dataclass(frozen=True)
class Question(Generic[F]):
    """What a role wants to know, and the form that the answer has to be in."""

    role: str
    prompt: Prompt
    transcript: Transcript
    form: type[F]
    schema: Mapping[str, Any]
    """The same as JSON schema, as narrow as this question is."""

    @property
    def shown(self) -> Transcript:
        """The transcript with the form: a grammar keeps to it, but only what is read is thought of.

        It stands with the data, for labels of the data stand in it.
        """
        form = part("Form of the answer: one JSON object", [json.dumps(self.schema)], kept=True)
        return replace(self.transcript, parts=(*self.transcript.parts, form))


@dataclass
class _Talk(Generic[F]):
    """A question, and how far it has come."""

    question: Question[F]
    number: int
    attempt: int = 0
    left_out: list[str] = field(default_factory=list[str])
    answered: bool = False
    found: Found[F] | None = None


@dataclass(frozen=True)
class _Draft:
    """A request that fits, before it is known how many tries there is room for."""

    arguments: dict[str, Any]
    most: int
    """Tokens of the prompt, at most."""
    longest: int
    """Tokens of the answer, at most."""

    @property
    def tokens(self) -> int:
        return self.most + self.longest


@dataclass
class Session:
    """A model that a run may ask.

    What it keeps follows from the answers alone, so that a replay comes to the same requests.
    """

    profile: Profile
    effects: Effects
    docket: Docket
    asked: int = 0
    per_byte: float = _FIRST_GUESS
    """Measured: tokens of the last prompt over its bytes."""
    silent: str = ""
    """Why nothing more is asked; empty while the model answers."""
    spent: bool = False
    """Whether it is silent because a budget has no room for it."""
    _refused: set[str] = field(default_factory=set[str])

    def ask(
        self,
        role: str,
        prompt: Prompt,
        transcript: Transcript,
        form: type[F],
        schema: Mapping[str, Any],
    ) -> Found[F]:
        """Ask for an answer in a form; each attempt is a request of its own on record.

        Args:
            role: who asks.
            prompt: its instructions.
            transcript: what it is shown.
            form: what the answer has to be.
            schema: the same as JSON schema, as narrow as this question is.
        """
        (found,) = self.ask_all([Question(role, prompt, transcript, form, schema)])
        return found

    def ask_all(self, questions: Sequence[Question[F]]) -> list[Found[F]]:
        """Ask questions that do not depend on each other, as many at a time as the budget has room for.

        What is still open once the model has gone silent is not asked any more.
        """
        talks = [_Talk(q, self.asked + i) for i, q in enumerate(questions, start=1)]
        if not self.silent:
            self.asked += len(talks)
        while waiting := [talk for talk in talks if talk.found is None]:
            if self.silent:
                for talk in waiting:
                    talk.found = Found(None, self.silent, talk.answered, spent=self.spent)
                break
            self._turn(waiting)
        for talk in talks:
            assert talk.found is not None
            if talk.found.answer is None and talk.number <= self.asked:
                self._note(talk.question.role, talk.found)
        return [talk.found for talk in talks if talk.found is not None]

    def _turn(self, waiting: Sequence[_Talk[F]]) -> None:
        """Send what there is room for, all at once; what does not fit any more waits."""
        purse = Purse.of(self.docket, self.effects.spent(), self.profile)
        batch: list[tuple[_Talk[F], _Draft]] = []
        for talk in waiting:
            draft = self._draft(talk, purse, alone=not batch)
            if isinstance(draft, str):
                if batch:
                    break  # there may be room for it when these are answered
                self._broke(talk, draft)
                return
            if draft is not None:
                purse = purse.less(talk.question.role, draft.most, draft.longest)
                batch.append((talk, draft))
        if not batch:
            return
        tries = 1 + purse.further(
            [(talk.question.role, d.most, d.longest) for talk, d in batch], self.profile.retries
        )
        requests = [
            Request(
                "model",
                f"{self.profile.name}/{self.profile.model}",
                {**draft.arguments, "max_tokens": draft.longest, "tries": tries},
                talk.question.role,
            )
            for talk, draft in batch
        ]
        for (talk, _), request, response in zip(
            batch, requests, self.effects.perform(requests), strict=True
        ):
            self._heard(talk, request, response)

    def _broke(self, talk: _Talk[F], why: str) -> None:
        self.silent, self.spent = why, True
        talk.found = Found(None, why, talk.answered, spent=True)

    def _heard(self, talk: _Talk[F], request: Request, response: Response) -> None:
        """Take an answer, or see to it that the question is asked in another way."""
        failure = response.failure
        if failure is not None:
            if failure.kind is FailureKind.TOO_LARGE:
                self._shorten(talk)
                return
            if failure.kind in (FailureKind.UNAVAILABLE, FailureKind.TIMED_OUT):
                self.silent = self.silent or failure.reason
                self.spent = self.spent or response.spent
            talk.found = Found(None, failure.reason, talk.answered, spent=response.spent)
            return
        self._measure(request, response)
        talk.answered = True
        answer, reason = read(talk.question.form, response)
        if answer is not None:
            talk.found = Found(
                answer, answered=True, request=response.request, label=response.label
            )
            return
        talk.attempt += 1
        talk.left_out = []
        if talk.attempt == _ATTEMPTS:
            why = f"{_ATTEMPTS} answers, none of which could be used: {reason}"
            talk.found = Found(None, why, answered=True, request=response.request)
            return
        said = response.value.get("text", "") if isinstance(response.value, dict) else ""
        transcript = talk.question.transcript.answered(str(said), reason)
        talk.question = replace(talk.question, transcript=transcript)

    def _shorten(self, talk: _Talk[F]) -> None:
        shorter = None
        if len(talk.left_out) < _COMPACTIONS:
            shorter = talk.question.transcript.compacted()
        if shorter is None:
            why = f"the question does not fit into {self.profile.context} tokens"
            talk.found = Found(None, why, talk.answered)
            return
        talk.question = replace(talk.question, transcript=shorter[0])
        talk.left_out.append(shorter[1])

    def _draft(self, talk: _Talk[F], purse: "Purse", *, alone: bool) -> "_Draft | str | None":
        """Return a request, shorter and shorter until it fits.

        None where it cannot be asked at all, which is found on the talk; a reason where the
        budget has no room for it. Only a request that is made alone is given a shorter answer.
        """
        while talk.found is None:
            arguments = self._arguments(talk)
            most = most_tokens(arguments)
            room = self.profile.context - int(most * self.per_byte)
            if room < min(_LEAST_ANSWER, self.profile.max_tokens):
                self._shorten(talk)
                continue
            wanted = min(self.profile.max_tokens, room)
            allowed, why = purse.longest(talk.question.role, most)
            longest = min(wanted, allowed)
            if longest < (_LEAST_TOKENS if alone else wanted):
                return why
            return _Draft(arguments, most, longest)
        return None

    def _arguments(self, talk: _Talk[F]) -> dict[str, Any]:
        profile, question = self.profile, talk.question
        return {
            "profile": profile.name,
            "dialect": profile.dialect,
            "model": profile.model,
            "prompt": question.prompt.card,
            "messages": question.shown.messages(question.prompt.text),
            "schema": dict(question.schema),
            "means": profile.means,
            "temperature": profile.temperature,
            "top_p": profile.top_p,
            "seed": self._seed(talk.number, talk.attempt),
            "template": profile.template,
            "context": profile.context,
            "attempt": talk.attempt,
            "left_out": list(talk.left_out),
            **profile.prices,
        }

    def _seed(self, number: int, attempt: int) -> int:
        run = self.docket.started.seed if self.docket.started else 0
        text = f"{run}:{self.profile.name}:{number}:{attempt}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) >> 1

    def _measure(self, request: Request, response: Response) -> None:
        value = response.value if isinstance(response.value, dict) else {}
        if any("bounded" in str(note) for note in value.get("notes", ())):
            return
        tokens = value.get("usage", {}).get("prompt_tokens", 0)
        most = most_tokens(request.arguments)
        if tokens > 0 and most > 0:
            self.per_byte = min(tokens / most, 1.0)

    def _note(self, role: str, found: Found[F]) -> None:
        """Put on record that a question came to nothing, each reason once."""
        subject = f"the {role}'s answer by {self.profile.name}"
        if found.reason not in self._refused:
            self._refused.add(found.reason)
            self.effects.record(
                PolicyDecided(subject=subject, allowed=False, reason=found.reason[:500])
            )


def read(form: type[F], response: Response) -> tuple[F | None, str]:
    """Return an answer in its form, or what is wrong with it."""
    value = response.value if isinstance(response.value, dict) else {}
    if value.get("problem"):
        return None, str(value["problem"])
    found = value.get("object")
    if not isinstance(found, dict):
        return None, "it is no JSON object"
    try:
        return form.model_validate(found), ""
    except ValidationError as error:
        return None, explain(error)

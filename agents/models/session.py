"""One model in one run: asked through `Effects`, within budget and context, held to a form."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from gaseol.agents.models.profile import Profile
from gaseol.agents.models.prompt import Prompt
from gaseol.agents.models.reply import most_tokens, price
from gaseol.agents.models.schema import explain
from gaseol.agents.models.transcript import Transcript, part
from gaseol.traces.nouns.failure import FailureKind
from gaseol.traces.record.docket import Docket
from gaseol.traces.record.effects import Effects, Request, Response
from gaseol.traces.record.event import PolicyDecided

_ATTEMPTS = 3
"""An answer that cannot be used is sent back with what is wrong so many times, less one."""
_LEAST_TOKENS = 16
"""Nothing can be said in fewer."""
_LEAST_ANSWER = 256
"""Tokens that a context has to leave for an answer."""
_TOO_LONG = "it does not fit"
_ANY = 1 << 40
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


@dataclass(frozen=True)
class _Question:
    role: str
    prompt: Prompt
    transcript: Transcript
    schema: Mapping[str, Any]
    attempt: int

    @property
    def shown(self) -> Transcript:
        """The transcript with the form: a grammar keeps to it, but only what is read is thought of.

        It stands with the data, for labels of the data stand in it.
        """
        form = part("Form of the answer: one JSON object", [json.dumps(self.schema)], kept=True)
        return replace(self.transcript, parts=(*self.transcript.parts, form))


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
        if self.silent:
            return Found(None, self.silent)
        self.asked += 1
        left_out: list[str] = []
        answered, reason = False, ""
        for attempt in range(_ATTEMPTS):
            question = _Question(role, prompt, transcript, schema, attempt)
            sent = self._sent(question, left_out)
            if isinstance(sent, str):
                return self._ended(role, Found(None, sent, answered=answered))
            transcript, response = sent
            answered = True
            answer, reason = read(form, response)
            if answer is not None:
                return Found(answer, answered=True)
            said = response.value.get("text", "") if isinstance(response.value, dict) else ""
            transcript = transcript.answered(str(said), reason)
        why = f"{_ATTEMPTS} answers, none of which could be used: {reason}"
        return self._ended(role, Found(None, why, answered=True))

    def _sent(
        self, question: "_Question", left_out: list[str]
    ) -> tuple[Transcript, Response] | str:
        """Send a question, shorter and shorter until it fits; or say why there is no answer."""
        while True:
            request = self._request(question, left_out)
            if isinstance(request, Request):
                (response,) = self.effects.perform([request])
                failure = response.failure
                if failure is None:
                    self._measure(request, response)
                    return question.transcript, response
                if failure.kind is not FailureKind.TOO_LARGE:
                    if failure.kind in (FailureKind.UNAVAILABLE, FailureKind.TIMED_OUT):
                        self.silent = failure.reason
                    return failure.reason
            elif request != _TOO_LONG:
                self.silent = request
                return request
            shorter = question.transcript.compacted() if len(left_out) < _COMPACTIONS else None
            if shorter is None:
                return f"the question does not fit into {self.profile.context} tokens"
            question = replace(question, transcript=shorter[0])
            left_out.append(shorter[1])

    def _request(self, question: "_Question", left_out: list[str]) -> Request | str:
        """Return the request, or why it cannot be made: it is too long, or a budget is spent."""
        profile = self.profile
        arguments: dict[str, Any] = {
            "profile": profile.name,
            "dialect": profile.dialect,
            "model": profile.model,
            "prompt": question.prompt.card,
            "messages": question.shown.messages(question.prompt.text),
            "schema": dict(question.schema),
            "means": profile.means,
            "temperature": profile.temperature,
            "top_p": profile.top_p,
            "seed": self._seed(question.attempt),
            "template": profile.template,
            "context": profile.context,
            "attempt": question.attempt,
            "left_out": list(left_out),
        }
        most = most_tokens(arguments)
        room = profile.context - int(most * self.per_byte)
        if room < min(_LEAST_ANSWER, profile.max_tokens):
            return _TOO_LONG
        allowed, why = self._affordable(most)
        longest = min(profile.max_tokens, room, allowed)
        if longest < _LEAST_TOKENS:
            return why
        name = f"{profile.name}/{profile.model}"
        return Request("model", name, {**arguments, "max_tokens": longest}, question.role)

    def _affordable(self, most: int) -> tuple[int, str]:
        """Return the longest answer that neither budget can be broken by, and which is spent."""
        limits = self.docket.started.budget if self.docket.started else {}
        spent = self.effects.spent()
        allowed, why = _ANY, ""
        if "tokens" in limits:
            allowed = int(limits["tokens"] - spent.get("tokens", 0.0)) - most
            why = "the budget of tokens is spent"
        if self.profile.prompt_price or self.profile.completion_price:
            left = limits.get("money", 0.0) - spent.get("money", 0.0)
            left -= price(self.profile, most, 0)
            each = self.profile.completion_price / 1_000_000
            bought = (int(left / each) if each else _ANY) if left > 0 else 0
            if bought < allowed:
                allowed, why = bought, "the budget of money is spent"
        return allowed, why

    def _seed(self, attempt: int) -> int:
        run = self.docket.started.seed if self.docket.started else 0
        text = f"{run}:{self.profile.name}:{self.asked}:{attempt}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) >> 1

    def _measure(self, request: Request, response: Response) -> None:
        value = response.value if isinstance(response.value, dict) else {}
        if any("bounded" in str(note) for note in value.get("notes", ())):
            return
        tokens = value.get("usage", {}).get("prompt_tokens", 0)
        most = most_tokens(request.arguments)
        if tokens > 0 and most > 0:
            self.per_byte = min(tokens / most, 1.0)

    def _ended(self, role: str, found: Found[F]) -> Found[F]:
        """Put on record that a question came to nothing, each reason once."""
        subject = f"the {role}'s answer by {self.profile.name}"
        if found.reason not in self._refused:
            self._refused.add(found.reason)
            self.effects.record(
                PolicyDecided(subject=subject, allowed=False, reason=found.reason[:500])
            )
        return found


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

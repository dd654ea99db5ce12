"""Models that need no server: one that says what it is told to, and one that says it again."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import Any

from gaseol.agents.models.profile import Profile
from gaseol.agents.models.reply import Unreadable, read
from gaseol.tools.contract import Answer
from gaseol.traces.nouns.failure import Failure, FailureKind
from gaseol.traces.record.effects import Request
from gaseol.traces.record.event import EffectCompleted, EffectFailed, EffectRequested
from gaseol.traces.record.trace import Trace

Script = Callable[[Mapping[str, Any]], Any]
"""Takes a request's arguments and gives the answer's text, or the payload of Chat Completions."""


class ScriptedDoor:
    """Answers as a script says; for tests and demonstrations, named as such in the record."""

    def __init__(self, profile: Profile, script: Script | Iterable[Any]) -> None:
        """Take a script: a function of the request, or the answers one after the other."""
        self._profile = profile
        self._answers = None if callable(script) else iter(script)
        self._script = script if callable(script) else None
        self.requests: list[Request] = []

    def submit(self, request: Request) -> "Future[Answer]":
        """Answer from the script; when it is at its end, nobody is there."""
        self.requests.append(request)
        done: Future[Answer] = Future()
        done.set_result(self._answer(request))
        return done

    def _answer(self, request: Request) -> Answer:
        spent: dict[str, Any] = {"seconds": 0.0, "cpu_seconds": 0.0, "isolation": ""}
        if self._script is not None:
            said = self._script(request.arguments)
        else:
            said = next(self._answers, None) if self._answers is not None else None
        if said is None or isinstance(said, Failure):
            over = Failure(
                kind=FailureKind.UNAVAILABLE, reason="the script did not answer: it is over"
            )
            return Answer(failure=said or over, **spent)
        payload = said
        if isinstance(said, str):
            message = {"content": said}
            payload = {
                "model": "scripted",
                "choices": [{"message": message, "finish_reason": "stop"}],
            }
        try:
            reply = read(payload, self._profile, request.arguments)
        except Unreadable as error:
            failure = Failure(kind=FailureKind.WRONG_SHAPE, reason=str(error))
            return Answer(failure=failure, **spent)
        return Answer(value=reply.model_dump(mode="json"), **spent)


class RecordedDoor:
    """Answers from the record of a run, by what was asked; what was not asked then is refused."""

    def __init__(self, trace: Trace) -> None:
        """Read the answers of a run."""
        self._answers: dict[bytes, Answer] = {}
        asked: dict[int, bytes] = {}
        for event in trace.events("effect.requested", "effect.completed", "effect.failed"):
            fact = event.fact
            if isinstance(fact, EffectRequested):
                if fact.effect == "model":
                    asked[event.seq] = _key(trace.payload(fact))
            elif isinstance(fact, EffectCompleted) and fact.request in asked:
                self._answers[asked[fact.request]] = Answer(
                    value=trace.payload(fact), seconds=fact.seconds, cpu_seconds=0.0, isolation=""
                )
            elif isinstance(fact, EffectFailed) and fact.request in asked:
                self._answers[asked[fact.request]] = Answer(
                    failure=fact.failure, seconds=fact.seconds, cpu_seconds=0.0, isolation=""
                )

    def submit(self, request: Request) -> "Future[Answer]":
        """Answer as the model did then."""
        missing = Failure(
            kind=FailureKind.UNAVAILABLE, reason="did not answer: the run did not ask this"
        )
        none = Answer(failure=missing, seconds=0.0, cpu_seconds=0.0, isolation="")
        done: Future[Answer] = Future()
        done.set_result(self._answers.get(_key(request.arguments), none))
        return done


def _key(arguments: Mapping[str, Any]) -> bytes:
    import orjson

    return orjson.dumps(dict(arguments), option=orjson.OPT_SORT_KEYS)

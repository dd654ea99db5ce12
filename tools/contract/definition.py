"""The tool itself: a typed function with units, cost, limits, needs and a version."""

import functools
import hashlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    NotRequired,
    ParamSpec,
    TypeVar,
    cast,
    get_type_hints,
)

from pydantic import ConfigDict, ValidationError

from gaseol.tools.contract.card import Network, ToolCard
from gaseol.tools.contract.declaration import check_declaration
from gaseol.tools.contract.docstring import read
from gaseol.tools.contract.example import Example
from gaseol.tools.contract.refusal import Refuse
from gaseol.tools.contract.requirement import how_to_get, installed, modules_of, version
from gaseol.tools.contract.result import misshapen, not_finite, rejection
from gaseol.tools.contract.schema import json_schema
from gaseol.tools.contract.source import pack_source
from gaseol.traces.nouns.failure import FailureKind

if TYPE_CHECKING:
    from pydantic import TypeAdapter

P = ParamSpec("P")
R = TypeVar("R")


class Tool(Generic[P, R]):
    """A function that measures, with all that a stranger must know to call it; made by `tool`.

    It has the attributes of a `ToolCard`, is called like its function, and checks both what goes
    in and what comes out.
    """

    def __init__(
        self,
        function: Callable[P, R],
        *,
        seconds: float,
        limit_seconds: float | None,
        cpu_seconds: float | None,
        memory_mb: int,
        network: Network,
        deterministic: bool,
        tolerance: float,
        needs: Sequence[str],
        tags: Sequence[str],
        examples: Sequence[Example],
        idempotent: bool | None = None,
        quotes: str = "",
        consequential: bool = False,
    ) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.name: str = function.__name__
        self.module: str = function.__module__
        self.signature = inspect.signature(function)
        said = read(function)
        self.summary, self.description = said.summary, said.description
        self.documented = said.arguments
        self.seconds = seconds
        self.limit_seconds = max(10.0, 50 * seconds) if limit_seconds is None else limit_seconds
        self.cpu_seconds = self.limit_seconds if cpu_seconds is None else cpu_seconds
        self.memory_mb = memory_mb
        self.network: Network = network if isinstance(network, str) else tuple(network)
        self.deterministic = deterministic
        self.tolerance = tolerance
        self.needs = tuple(needs)
        self.tags = tuple(tags)
        self.idempotent = deterministic if idempotent is None else idempotent
        self.quotes = quotes
        self.consequential = consequential
        self.examples = tuple(examples)
        self.ready = False
        """Whether what it needs has been looked for and found; it is not looked for again."""
        check_declaration(self)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function as its author wrote it.

        Raises:
            Refuse: the arguments do not fit, something that it needs is not installed, the result
                is not what it declares, or the author refuses.
            Retry: the author asks for other arguments.
        """
        return self._run(self._named(args, kwargs))

    def __repr__(self) -> str:
        return f"<tool {self.name}>"

    def __reduce__(self) -> str:
        return self.function.__qualname__

    def invoke(self, arguments: Mapping[str, Any]) -> Any:
        """Call with arguments by name and return the result as JSON-able values.

        Raises:
            Refuse: as in a direct call.
            Retry: as in a direct call.
        """
        from pydantic_core import PydanticSerializationError

        result = self._run(arguments)
        try:
            return self._output.dump_python(result, mode="json", warnings="error")
        except PydanticSerializationError as error:
            raise misshapen(self.name, str(error)) from error

    def validate(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments as the function takes them.

        Raises:
            Refuse: with kind `bad_arguments`, naming each argument, what was given and what is
                accepted.
        """
        try:
            return self._input.validate_python(dict(arguments))
        except ValidationError as error:
            from gaseol.tools.arguments import explain

            reason = f"{self.name}: {explain(error, self.input_schema)}"
            raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS) from error

    def missing(self) -> tuple[str, ...]:
        """Return those of `needs` that are not installed."""
        return tuple(need for need in self.needs if not installed(need))

    @functools.cached_property
    def card(self) -> ToolCard:
        """The description, without the function."""
        return ToolCard(**{field: getattr(self, field) for field in ToolCard.model_fields})

    @functools.cached_property
    def digest(self) -> str:
        """The tool's version: sha256 of its pack's source, its name and the versions it needs."""
        source = pack_source(self.module) or inspect.getsource(self.function).encode()
        parts = [self.name, *(f"{need}=={version(need)}" for need in self.needs)]
        return hashlib.sha256(b"\0".join([source, *(p.encode() for p in parts)])).hexdigest()

    @functools.cached_property
    def input_schema(self) -> dict[str, Any]:
        """JSON Schema 2020-12 of the arguments."""
        from pydantic_core import to_jsonable_python

        schema = json_schema(self._input, "validation")
        schema["title"] = self.name
        for name, prose in self.documented.items():
            entry = schema["properties"][name]
            entry.setdefault("description", prose)
            if not self._required(name):
                entry["default"] = to_jsonable_python(self.signature.parameters[name].default)
        return schema

    @functools.cached_property
    def output_schema(self) -> dict[str, Any]:
        """JSON Schema 2020-12 of the result."""
        return json_schema(self._output, "serialization")

    @functools.cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self.function, include_extras=True)

    @functools.cached_property
    def _input(self) -> "TypeAdapter[dict[str, Any]]":
        # A TypedDict, not a model: argument names such as `json` or `copy` shadow nothing.
        from pydantic import TypeAdapter
        from typing_extensions import TypedDict

        # What has a default may be left out: the function itself fills it in.
        fields = {
            name: hint if self._required(name) else NotRequired[hint]
            for name, hint in self._hints.items()
            if name != "return"
        }
        make: Any = TypedDict  # a checker takes no shape that is known at run time only
        shape = make(self.name, fields)
        shape.__pydantic_config__ = ConfigDict(extra="forbid", allow_inf_nan=False)
        return TypeAdapter(shape)

    @functools.cached_property
    def _output(self) -> "TypeAdapter[Any]":
        from pydantic import TypeAdapter

        return TypeAdapter(self._hints["return"])

    @functools.cached_property
    def _result_models(self) -> frozenset[str]:
        schema = self.output_schema
        return frozenset({schema.get("title", ""), *schema.get("$defs", {})} - {""})

    def _run(self, arguments: Mapping[str, Any]) -> R:
        self._check_needs()
        validated = self.validate(arguments)
        try:
            result = cast("Callable[..., R]", self.function)(**validated)
        except ModuleNotFoundError as error:
            lacking = self._lacking(error)
            if lacking is None:
                raise
            raise lacking from error
        except ValidationError as error:
            # The author built a result model, and its own bounds or types turned the value away.
            if error.title in self._result_models:
                raise rejection(self.name, error) from error
            raise
        try:
            self._output.validate_python(result, strict=True)
        except ValidationError as error:
            raise rejection(self.name, error) from error
        place = not_finite(result, "result")
        if place is not None:
            reason = f"{self.name}: {place} is not a finite number"
            raise Refuse(reason, kind=FailureKind.IMPOSSIBLE)
        return result

    def _lacking(self, error: ModuleNotFoundError) -> Refuse | None:
        """Return what to raise for a missing module that is needed; None for a bug of the author's."""
        top = (error.name or "").partition(".")[0]
        for need in self.needs:
            if top in modules_of(need):
                reason = f"{self.name} needs {how_to_get(need)}"
                return Refuse(reason, kind=FailureKind.UNAVAILABLE)
        return None

    def _named(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        names = list(self.signature.parameters)
        if len(args) > len(names):
            reason = f"{self.name} takes {len(names)} arguments, {len(args)} were given"
            raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)
        positional = dict(zip(names, args, strict=False))
        twice = [name for name in positional if name in kwargs]
        if twice:
            reason = f"{self.name}: argument {twice[0]!r} is given twice"
            raise Refuse(reason, kind=FailureKind.BAD_ARGUMENTS)
        return {**positional, **kwargs}

    def _required(self, name: str) -> bool:
        parameter = self.signature.parameters[name]
        return parameter.default is parameter.empty

    def _check_needs(self) -> None:
        if self.ready:
            return
        missing = self.missing()
        if missing:
            reason = f"{self.name} needs {' and '.join(how_to_get(need) for need in missing)}"
            raise Refuse(reason, kind=FailureKind.UNAVAILABLE)
        self.ready = True

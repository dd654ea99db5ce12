"""The tool contract: a typed function with units, cost, limits, needs and a version.

```
Exception
├── DeclarationError   a tool is declared wrongly: raised where it is decorated or described
├── Retry              the author asks for other arguments, and says why
└── Refuse             the attempt ends without a value, for a kind of failure
```
"""

import functools
import hashlib
import importlib.metadata
import importlib.util
import inspect
import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    Literal,
    NoReturn,
    NotRequired,
    ParamSpec,
    TypeVar,
    cast,
    get_type_hints,
    overload,
)

from pydantic import BaseModel, ConfigDict, ValidationError

from gaseol.traces.failure import Failure, FailureKind

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler, TypeAdapter
    from pydantic_core import CoreSchema

P = ParamSpec("P")
R = TypeVar("R")

Network = Literal["none"] | tuple[str, ...]
"""`"none"`, or the names of the hosts that a tool talks to."""


RESULT_MB = 16
"""The largest result, as JSON, in MiB."""


class DeclarationError(TypeError):
    """A tool whose declaration breaks the contract."""


class Retry(Exception):
    """Ask the scientist for other arguments, and say why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def failure(self) -> Failure:
        """The typed failure that goes on record."""
        return Failure(kind=FailureKind.RETRY, reason=self.reason)


class Refuse(Exception):
    """End the attempt without a value, and say why."""

    def __init__(self, reason: str, *, kind: FailureKind = FailureKind.OUT_OF_DOMAIN) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind

    @property
    def failure(self) -> Failure:
        """The typed failure that goes on record."""
        return Failure(kind=self.kind, reason=self.reason)


@dataclass(frozen=True)
class Unit:
    """The unit of a number, written beside its type: `Annotated[float, Unit("kcal/mol")]`."""

    symbol: str
    """As in `gaseol.tools.units`; `"1"` for a pure number."""

    def __get_pydantic_json_schema__(
        self, core_schema: "CoreSchema", handler: "GetJsonSchemaHandler"
    ) -> dict[str, Any]:
        """Write the symbol into the JSON schema, at its place."""
        return {**handler(core_schema), "unit": self.symbol}


@dataclass(frozen=True)
class Media:
    """The media type of a text, written beside its type: `Annotated[str, Media("image/svg+xml")]`."""

    type: str

    def __get_pydantic_json_schema__(
        self, core_schema: "CoreSchema", handler: "GetJsonSchemaHandler"
    ) -> dict[str, Any]:
        """Write the media type into the JSON schema, at its place."""
        return {**handler(core_schema), "contentMediaType": self.type}


class Call(BaseModel):
    """A tool by name, and the arguments to give it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tool: str
    arguments: dict[str, Any] = {}


class Answer(BaseModel):
    """What came of a call: a value, or a typed failure, and what it cost."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: Any = None
    """The result as JSON-able values; None beside a failure."""
    failure: Failure | None = None
    seconds: float
    """Wall time."""
    cpu_seconds: float
    """Processor time of the tool and the processes that it waited for."""
    isolation: str
    """`"network namespace"`, `"landlock"` or `"weak"`: what kept the tool from the network."""


class ToolCard(BaseModel):
    """A tool's description without its function: what can be said of a tool without importing it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    summary: str
    """The first line of the docstring."""
    description: str
    """The docstring without its section on arguments."""
    module: str
    seconds: float
    """Typical wall seconds a call."""
    limit_seconds: float
    """Wall seconds after which a call is killed."""
    cpu_seconds: float
    """Processor seconds after which a call is killed."""
    memory_mb: int
    """Memory that one call may take beyond what the worker holds, in MiB."""
    network: Network
    deterministic: bool
    tolerance: float
    """Largest relative difference between two calls that still count as equal."""
    needs: tuple[str, ...]
    """Distributions or modules that must be installed."""
    tags: tuple[str, ...]
    input_schema: dict[str, Any]
    """JSON Schema 2020-12 of the arguments."""
    output_schema: dict[str, Any]
    """JSON Schema 2020-12 of the result; `unit` stands beside the type of each number."""
    digest: str
    """The tool's version: sha256 of its pack's source, its name and the versions it needs."""

    def missing(self) -> tuple[str, ...]:
        """Return those of `needs` that are not installed."""
        return tuple(need for need in self.needs if not _installed(need))


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
    ) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.name: str = function.__name__
        self.module: str = function.__module__
        self.signature = inspect.signature(function)
        self.summary, self.description, self._documented = _read(function)
        self.seconds = seconds
        self.limit_seconds = max(10.0, 50 * seconds) if limit_seconds is None else limit_seconds
        self.cpu_seconds = self.limit_seconds if cpu_seconds is None else cpu_seconds
        self.memory_mb = memory_mb
        self.network: Network = network if isinstance(network, str) else tuple(network)
        self.deterministic = deterministic
        self.tolerance = tolerance
        self.needs = tuple(needs)
        self.tags = tuple(tags)
        self._ready = False
        self._check_declaration()

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
            raise self._misshapen(str(error)) from error

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
        return tuple(need for need in self.needs if not _installed(need))

    @functools.cached_property
    def card(self) -> ToolCard:
        """The description, without the function."""
        return ToolCard(**{field: getattr(self, field) for field in ToolCard.model_fields})

    @functools.cached_property
    def digest(self) -> str:
        """The tool's version: sha256 of its pack's source, its name and the versions it needs."""
        source = _pack_source(self.module) or inspect.getsource(self.function).encode()
        parts = [self.name, *(f"{need}=={_version(need)}" for need in self.needs)]
        return hashlib.sha256(b"\0".join([source, *(p.encode() for p in parts)])).hexdigest()

    @functools.cached_property
    def input_schema(self) -> dict[str, Any]:
        """JSON Schema 2020-12 of the arguments."""
        from pydantic_core import to_jsonable_python

        schema = _schema(self._input, "validation")
        schema["title"] = self.name
        for name, prose in self._documented.items():
            entry = schema["properties"][name]
            entry.setdefault("description", prose)
            if not self._required(name):
                entry["default"] = to_jsonable_python(self.signature.parameters[name].default)
        return schema

    @functools.cached_property
    def output_schema(self) -> dict[str, Any]:
        """JSON Schema 2020-12 of the result."""
        return _schema(self._output, "serialization")

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
        except ValidationError as error:
            # The author built a result model, and its own bounds or types turned the value away.
            if error.title in self._result_models:
                self._reject(error)
            raise
        try:
            self._output.validate_python(result, strict=True)
        except ValidationError as error:
            self._reject(error)
        place = _not_finite(result, "result")
        if place is not None:
            reason = f"{self.name}: {place} is not a finite number"
            raise Refuse(reason, kind=FailureKind.IMPOSSIBLE)
        return result

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
        if self._ready:
            return
        missing = self.missing()
        if missing:
            reason = f"{self.name} needs {' and '.join(_how_to_get(need) for need in missing)}"
            raise Refuse(reason, kind=FailureKind.UNAVAILABLE)
        self._ready = True

    def _reject(self, error: ValidationError) -> NoReturn:
        """Turn a result away: bounds are physics (`impossible`), types are the author's fault."""
        details = error.errors(include_url=False, include_context=False)
        broken = [d for d in details if d["type"] in _BOUND_ERRORS]
        first = (broken or details)[0]
        place = "".join(f"[{step!r}]" for step in first["loc"])
        said = f"result{place} = {_short(first['input'])}: {first['msg']}"
        if broken and len(broken) == len(details):
            raise Refuse(f"{self.name}: {said}", kind=FailureKind.IMPOSSIBLE) from error
        raise self._misshapen(said) from error

    def _misshapen(self, reason: str) -> Refuse:
        return Refuse(f"{self.name}: {reason}", kind=FailureKind.WRONG_SHAPE)

    def _check_declaration(self) -> None:
        def wrong(what: str) -> DeclarationError:
            return DeclarationError(f"tool {self.module}.{self.name}: {what}")

        if inspect.iscoroutinefunction(self.function):
            raise wrong("is async; write a plain function, it runs in a process of its own")
        if not self.summary:
            raise wrong("has no docstring")
        if self.signature.return_annotation is inspect.Signature.empty:
            raise wrong("declares no return type")
        for name, parameter in self.signature.parameters.items():
            if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                raise wrong(f"parameter {parameter} cannot be given by name")
            if parameter.annotation is parameter.empty:
                raise wrong(f"parameter {name!r} has no type")
            if name not in self._documented:
                raise wrong(f"parameter {name!r} is not described under `Args:`")
        unknown = sorted(set(self._documented) - set(self.signature.parameters))
        if unknown:
            raise wrong(f"`Args:` describes {unknown[0]!r}, which is no parameter")
        for what in ("seconds", "limit_seconds", "cpu_seconds", "memory_mb"):
            if not 0 < getattr(self, what) < math.inf:
                raise wrong(f"{what} must be a positive number, not {getattr(self, what)!r}")
        if not 0 <= self.tolerance < 1:
            raise wrong(f"tolerance must be in [0, 1), not {self.tolerance!r}")
        if isinstance(self.network, str) and self.network != "none":
            raise wrong(f'network must be "none" or a tuple of host names, not {self.network!r}')


@overload
def tool(function: Callable[P, R], /) -> Tool[P, R]: ...


@overload
def tool(
    *,
    seconds: float = ...,
    memory_mb: int = ...,
    cpu_seconds: float | None = ...,
    network: Network = ...,
    deterministic: bool = ...,
    tolerance: float = ...,
    needs: Sequence[str] = ...,
    tags: Sequence[str] = ...,
    limit_seconds: float | None = ...,
) -> Callable[[Callable[P, R]], Tool[P, R]]: ...


def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    seconds: float = 1.0,
    memory_mb: int = 1024,
    cpu_seconds: float | None = None,
    network: Network = "none",
    deterministic: bool = True,
    tolerance: float = 0.0,
    needs: Sequence[str] = (),
    tags: Sequence[str] = (),
    limit_seconds: float | None = None,
) -> Any:
    """Make a function a tool.

    Every parameter and the result need a type, and every parameter a line under `Args:`.

    Args:
        function: the function, when the decorator is used without arguments.
        seconds: typical wall seconds a call.
        memory_mb: memory that one call may take, in MiB.
        cpu_seconds: processor seconds after which a call is killed; `limit_seconds` by default.
        network: `"none"`, or the hosts that it talks to.
        deterministic: the same arguments give the same result.
        tolerance: largest relative difference that still counts as the same result.
        needs: distributions or modules that must be installed.
        tags: words to find it by.
        limit_seconds: wall seconds after which a call is killed; 50 times `seconds` by default,
            and at least 10.

    Raises:
        DeclarationError: the function or its terms break the contract.
    """

    def declare(function: Callable[..., Any]) -> Tool[..., Any]:
        return Tool(
            function,
            seconds=seconds,
            limit_seconds=limit_seconds,
            cpu_seconds=cpu_seconds,
            memory_mb=memory_mb,
            network=network,
            deterministic=deterministic,
            tolerance=tolerance,
            needs=needs,
            tags=tags,
        )

    return declare if function is None else declare(function)


_BOUND_ERRORS = frozenset(
    {
        "finite_number",
        "greater_than",
        "greater_than_equal",
        "less_than",
        "less_than_equal",
        "multiple_of",
    }
)


def _schema(
    adapter: "TypeAdapter[Any]", mode: Literal["validation", "serialization"]
) -> dict[str, Any]:
    from pydantic.json_schema import GenerateJsonSchema

    class Untitled(GenerateJsonSchema):
        """Leave out the titles that only repeat a field's name."""

        def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
            return False

    return adapter.json_schema(mode=mode, schema_generator=Untitled)


def _read(function: Callable[..., Any]) -> tuple[str, str, dict[str, str]]:
    """Split a Google docstring into its summary, its prose, and a line for each argument."""
    text = inspect.cleandoc(function.__doc__ or "")
    found = re.search(r"^Args:\n((?:[ \t]+.*\n?|\n)*)", text + "\n", re.MULTILINE)
    arguments: dict[str, str] = {}
    if found:
        text = (text[: found.start()].rstrip() + "\n\n" + text[found.end() :].lstrip()).strip()
        for entry in re.split(r"\n(?=\S)", inspect.cleandoc("\n" + found.group(1))):
            name, _, prose = entry.partition(":")
            arguments[name.split("(")[0].strip()] = " ".join(prose.split())
        arguments.pop("", None)
    return text.partition("\n")[0].strip(), text, arguments


def _not_finite(value: Any, place: str) -> str | None:
    """Return the place of the first NaN or infinity in a result."""
    match value:
        case float():
            return None if math.isfinite(value) else f"{place} = {value}"
        case Mapping():
            inner = ((item, f"{place}[{key!r}]") for key, item in value.items())
        case list() | tuple() | set() | frozenset():
            inner = ((item, f"{place}[{i}]") for i, item in enumerate(value))
        case BaseModel():
            inner = ((item, f"{place}.{name}") for name, item in value)
        case _:
            return None
    return next((found for item, at in inner if (found := _not_finite(item, at))), None)


def _short(value: Any) -> str:
    said = repr(value)
    return said if len(said) <= 80 else said[:77] + "..."


@functools.cache
def _pack_source(module: str) -> bytes | None:
    """Return the source of a module, with that of its neighbours where it is part of a package."""
    name = getattr(sys.modules.get(module), "__file__", None)
    if not name:
        return None
    file = Path(name)
    in_package = (file.parent / "__init__.py").is_file()
    files = sorted(file.parent.glob("*.py")) if in_package else [file]
    return b"\0".join(part for f in files for part in (f.name.encode(), f.read_bytes()))


def _version(need: str) -> str:
    try:
        return importlib.metadata.version(need)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return ""


def _installed(need: str) -> bool:
    try:
        if importlib.util.find_spec(need) is not None:
            return True
    except (ImportError, ValueError):  # a dotted name whose parent is absent, or a half-made module
        return False
    try:
        importlib.metadata.distribution(need)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return False
    return True


def _how_to_get(need: str) -> str:
    """Say what to install: an extra of gaseol where one brings it."""
    try:
        lines = importlib.metadata.requires("gaseol") or []
    except importlib.metadata.PackageNotFoundError:  # run from a folder, never installed
        lines = []
    extras = [
        found.group(1)
        for line in lines
        if re.match(rf"{re.escape(need)}\b", line, re.IGNORECASE)
        and (found := re.search(r"extra == ['\"]([\w-]+)['\"]", line))
    ]
    package = f"gaseol[{extras[0]}]" if extras else need
    return f"{need}, which is not installed here (pip install '{package}')"

"""The decorator that makes a function a tool."""

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar, overload

from gaseol.tools.contract.card import Network
from gaseol.tools.contract.definition import Tool
from gaseol.tools.contract.example import Example

P = ParamSpec("P")
R = TypeVar("R")


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
    idempotent: bool | None = ...,
    quotes: str = ...,
    consequential: bool = ...,
    examples: Sequence[Example] = ...,
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
    idempotent: bool | None = None,
    quotes: str = "",
    consequential: bool = False,
    examples: Sequence[Example] = (),
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
        idempotent: a second call does no harm, so that a run that was killed during one may call
            again by itself; by default what is deterministic is.
        quotes: whose words its results hold, as `corpus`; what others wrote is of low integrity.
        consequential: it does something that cannot be taken back, and takes no argument that a
            model or a stranger had a say in unless the policy or a person allows it.
        examples: calls that show what it does; `gaseol check` makes them and compares.

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
            idempotent=idempotent,
            quotes=quotes,
            consequential=consequential,
            examples=examples,
        )

    return declare if function is None else declare(function)

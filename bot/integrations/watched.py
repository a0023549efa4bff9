"""The one wrapper around all ports: no call inside a unit of work, a failpoint on each side of a call."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from core.failpoints import failpoint
from core.store.unit_of_work import inside_unit

T = TypeVar("T")


class CalledInsideUnit(RuntimeError):
    """A port was called while database locks are held: everybody else would wait for the other system."""


class _Watched:
    def __init__(self, port: object, name: str) -> None:
        self._port = port
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._port, attribute)
        if inspect.iscoroutinefunction(found):
            found = _around(found, f"{self._name}.{attribute}")
            self.__dict__[attribute] = found  # the next look-up does not come here
        return found


def _around(method: Callable[..., Awaitable[Any]], name: str) -> Callable[..., Awaitable[Any]]:
    before, after = f"call.before:{name}", f"call.after:{name}"

    async def call(*args: Any, **kwargs: Any) -> Any:
        if inside_unit():
            raise CalledInsideUnit(name)
        await failpoint(before)
        answer = await method(*args, **kwargs)
        await failpoint(after)
        return answer

    return call


def watched(port: T, name: str) -> T:
    """The same port, watched. Its methods that do not wait (coroutines are what waits) pass through."""
    return cast(T, _Watched(port, name))

"""The one way in which this topic compiles a loop: cached on disk, without the interpreter's lock."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Return the function compiled by Numba on its first call, and read from the cache afterwards."""
    return cast("_Function", njit(cache=True, nogil=True)(function))

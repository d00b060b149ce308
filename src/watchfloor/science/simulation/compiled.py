"""The two ways in which this topic compiles loops: a function of its own, or written into its caller.

What is compiled is kept on disk under the name of the file it stands in. A change to a constant or to an
inlined function of *another* file is not noticed: delete `__pycache__/*.nb?` beside it after such a change.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit
from numba.core.options import DefaultOptions

_njit: Any = njit  # its stub omits the option that leaves reference counts out
# Numba does not promise this option. Where it is gone the results are the same and come slower.
_FASTER = {"_nrt": False} if hasattr(DefaultOptions, "_nrt") else {}
_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Return the function compiled by Numba on its first call, and read from the cache afterwards.

    It may not create arrays: without Numba's reference counts, which cost thirteen times as much as the event
    loop itself, nobody would free them.
    """
    return cast("_Function", _njit(cache=True, nogil=True, **_FASTER)(function))


def inlined(function: _Function) -> _Function:
    """Return the function such that its compiled callers contain it: fifty arrays are costly to hand over."""
    return cast("_Function", _njit(inline="always")(function))

"""Watchfloor runs human content-moderation operations: one loop from case to changed operation.

The base package (`kernel`, `science`, `facts`, `metrics`) works in a notebook:

    import watchfloor as wf
    wf.open("var", operation="demo").metric("aht", by=["site"], last="7d").table()

The web operation needs the extra `watchfloor[operations]`. See ARCHITECTURE.md for the rooms.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watchfloor.notebook import open_operation as open  # noqa: A004 — reads as `wf.open`, like other libraries

__version__ = "0.1.0"
__all__ = ["__version__", "open"]


def __getattr__(name: str) -> Any:
    """Return the notebook's door on first use, so that importing one room does not load the others."""
    if name == "open":
        from watchfloor.notebook import open_operation

        return open_operation
    raise AttributeError(f"module 'watchfloor' has no attribute {name!r}")

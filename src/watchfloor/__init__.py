"""Watchfloor runs human content-moderation operations: one loop from case to changed operation.

The base package (`kernel`, `science`, `facts`, `metrics`) works in a notebook; the web operation needs
the extra `watchfloor[operations]`. See ARCHITECTURE.md for the rooms and what each may import.
"""

__version__ = "0.1.0"

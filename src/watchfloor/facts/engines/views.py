"""Which views a query needs, and which files stand behind them."""

import re
from dataclasses import dataclass

from watchfloor.facts.schemas import TABLES, FactTable
from watchfloor.facts.snapshot import Snapshot
from watchfloor.facts.writing import DataFile
from watchfloor.kernel import Period, nearest

_NAMES = re.compile(r"\bfact_([a-z_]+)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FactView:
    """A view of a fact over some of its files."""

    name: str
    table: FactTable
    files: tuple[DataFile, ...]


def views_of(sql: str, *, snapshot: Snapshot, period: Period | None) -> list[FactView]:
    """Return the views that the names in `sql` need."""
    names = sorted({found.lower() for found in _NAMES.findall(sql)})
    return [
        FactView(f"fact_{name}", TABLES[name], snapshot.data_files(name, period))
        for name in names
        if name in TABLES
    ]


def nearest_view(message: str) -> str:
    """Return the remedy for an engine's message that a name was not found."""
    known = [f"fact_{name}" for name in TABLES]
    found = _NAMES.search(message)
    guess = nearest(found[0], known) if found else None
    return f"Did you mean {guess}?" if guess else f"There are: {', '.join(known)}."

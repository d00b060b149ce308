"""Which views a query needs, and which files stand behind them."""

import re
from dataclasses import dataclass

from watchfloor.facts.relations import RELATIONS, Relation, known_until
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


@dataclass(frozen=True, slots=True)
class RelationView:
    """A view over other views."""

    name: str
    sql: str


def views_of(
    sql: str, *, snapshot: Snapshot, period: Period | None, dialect: str
) -> list[FactView | RelationView]:
    """Return the views that the names in `sql` need, each after those it stands on."""
    views: list[FactView | RelationView] = []
    for name in sorted({found.lower() for found in _NAMES.findall(sql)}):
        if name in TABLES:
            views.append(FactView(f"fact_{name}", TABLES[name], snapshot.data_files(name, period)))
        elif name in RELATIONS:
            views += _relation_views(RELATIONS[name], snapshot=snapshot, period=period, dialect=dialect)
    return views


def _relation_views(
    relation: Relation, *, snapshot: Snapshot, period: Period | None, dialect: str
) -> list[FactView | RelationView]:
    views: list[FactView | RelationView] = []
    names: dict[str, str] = {}
    for each in relation.inputs:
        names[each.table] = f"input_{relation.name}_{each.table}"
        files = each.files(snapshot, period)
        views.append(FactView(names[each.table], TABLES[each.table], files))
    until = known_until(snapshot, relation.inputs[0].table)
    statement = relation.sql[dialect].format(**names, known_until_ms=int(until.timestamp() * 1000))
    views.append(RelationView(f"fact_{relation.name}", statement))
    return views


def nearest_view(message: str) -> str:
    """Return the remedy for an engine's message that a name was not found."""
    known = [f"fact_{name}" for name in (*TABLES, *RELATIONS)]
    found = _NAMES.search(message)
    guess = nearest(found[0], known) if found else None
    return f"Did you mean {guess}?" if guess else f"There are: {', '.join(known)}."

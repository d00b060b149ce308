"""The values a dimension takes in the facts, most frequent first: what Explore's filters offer."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.cache import cache

from watchfloor.facts.schemas import TABLES
from watchfloor.metrics.dimensions import DIMENSIONS
from watchfloor.operations.cells.reach import within_reach
from watchfloor.operations.cells.warehouse import engine, store_of
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.shell.asked import Asked

MOST = 500
_FACTS = ("case", "review", "decision")
_KEPT_SECONDS = 300
_OF_THE_CLOCK = {"hour": [str(hour) for hour in range(24)], "weekday": [str(day) for day in range(1, 8)]}


@dataclass(frozen=True, slots=True)
class Values:
    """What a filter offers; `cut` says that there are more than it lists."""

    offered: tuple[str, ...]
    cut: bool = False


def values_of(name: str, *, viewer: Viewer, asked: Asked) -> Values:
    """Return the values of a dimension within the viewer's reach, kept for some minutes.

    People are offered to those alone who may see people.
    """
    asked.require_knowledge()
    if name in _OF_THE_CLOCK:
        return Values(tuple(_OF_THE_CLOCK[name]))
    if name == "reviewer" and not viewer.can("people.view"):
        return Values(())
    reach = within_reach({}, viewer=viewer, is_live=asked.is_live)
    written = f"{asked.operation}|{asked.known_at}|{name}|{sorted(reach.items())}"
    key = f"values:{hashlib.sha256(written.encode()).hexdigest()}"
    held: list[str] | None = cache.get(key)
    if held is None:
        held = _read(name, reach=reach, asked=asked)
        cache.set(key, held, _KEPT_SECONDS)
    return Values(tuple(held[:MOST]), cut=len(held) > MOST)


def _read(name: str, *, reach: Mapping[str, tuple[str, ...]], asked: Asked) -> list[str]:
    column = DIMENSIONS[name].column
    limits = {limit: DIMENSIONS[limit].column for limit in reach}
    needed = {column, *limits.values()}
    # Names of columns come from the dimensions alone; values are parameters.
    kept = [
        f"{column} IS NOT NULL",
        *(f"{limits[limit]} IN (SELECT unnest(${limit}))" for limit in sorted(reach)),
    ]
    snapshot = store_of(asked.operation).snapshot(asked.known_at)
    parameters = {limit: list(values) for limit, values in reach.items()}
    for fact in (fact for fact in _FACTS if needed <= set(TABLES[fact].arrow_schema.names)):
        sql = (
            f"SELECT CAST({column} AS VARCHAR) AS value FROM fact_{fact} WHERE {' AND '.join(kept)} "  # noqa: S608 -- see above
            f"GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {MOST + 1}"
        )
        table = engine().query(sql, snapshot=snapshot, parameters=parameters)
        if table.num_rows:
            return [str(value) for value in table.column("value").to_pylist()]
    return []

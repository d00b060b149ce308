"""Keeps small facts in memory: a career is a few thousand rows, but one small file a day.

Opening hundreds of files costs more than anything that is asked of their rows. A kept fact is known by its
files, which are never changed in place, so it holds for every version that names the same ones.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable
from hashlib import blake2b
from threading import Lock

import duckdb

from watchfloor.facts.scans import scan
from watchfloor.facts.schemas import FactTable
from watchfloor.facts.snapshot import Snapshot
from watchfloor.facts.sources import quoted

MOST_ROWS = 60_000
MOST_ROWS_TOGETHER = 400_000
FEWEST_FILES = 4


class SmallFacts:
    """The facts that one database holds in memory; safe to share between its connections.

    What a connection's views name is pinned while it works; the rest is let go, the longest unused first.
    """

    def __init__(self) -> None:
        self._rows: OrderedDict[str, int] = OrderedDict()
        self._pins: Counter[str] = Counter()
        self._lock = Lock()

    def keep(self, connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, table: FactTable) -> str | None:
        """Return the name of the kept and pinned fact, read now if need be; None when it is not small."""
        files = snapshot.data_files(table.name)
        rows = sum(file.row_count for file in files)
        if rows > MOST_ROWS:
            return None
        paths = [file.path for file in files]
        digest = blake2b("\n".join(paths).encode(), digest_size=12).hexdigest()
        name = f"kept_{table.name}_{digest}"
        with self._lock:
            if name not in self._rows:
                connection.execute(f"CREATE TABLE memory.main.{quoted(name)} AS {scan(table, paths)}")
                self._rows[name] = rows
            self._pins[name] += 1
            self._rows.move_to_end(name)
            self._let_go(connection)
        return name

    def pin(self, names: Iterable[str]) -> bool:
        """Pin facts that views name; False, with nothing pinned, when one of them is gone."""
        wanted = set(names)
        with self._lock:
            if not wanted <= set(self._rows):
                return False
            self._pins.update(wanted)
            for name in wanted:
                self._rows.move_to_end(name)
            return True

    def unpin(self, names: Iterable[str]) -> None:
        """Let facts go when room is needed."""
        with self._lock:
            self._pins.subtract(set(names))

    def _let_go(self, connection: duckdb.DuckDBPyConnection) -> None:
        spare = sum(self._rows.values()) - MOST_ROWS_TOGETHER
        for name in [name for name in self._rows if self._pins[name] <= 0]:
            if spare <= 0:
                return
            connection.execute(f"DROP TABLE IF EXISTS memory.main.{quoted(name)}")
            spare -= self._rows.pop(name)
            self._pins.pop(name, None)

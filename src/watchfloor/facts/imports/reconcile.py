"""Decides across rows: which makes a fact, which repeats or contradicts one, and what already stands.

Works on staged rows in DuckDB, one fact table at a time, and keeps only the exceptions as tables, so that a
log
without repeats costs one pass over its keys.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from watchfloor.facts.imports.columns import map_values
from watchfloor.facts.imports.mapping import FactColumn, FactRule
from watchfloor.facts.imports.staging import Staged
from watchfloor.facts.scans import scan
from watchfloor.facts.schemas import TABLES, FactTable
from watchfloor.facts.snapshot import Snapshot
from watchfloor.facts.sources import DUCKDB_TYPES, quoted

REPEATED = "repeated report of one item"
SAME_IN_FILES = "same row earlier in the files"
SUPERSEDED = "superseded by a later row of the same key"
STANDS = "already stands with the same values"
EARLIER_STANDS = "repeated report of an item that stands since an earlier instant"
CONFLICT = "same key as an earlier row, with other values"


@dataclass(frozen=True)
class FactOutcome:
    """What one fact table gets: the SELECT of its new and changed rows, and how many of each."""

    sql: str
    new_rows: int
    changed_rows: int


class Reconciler:
    """Judges the staged rows of one import against each other and against what stands."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, staged: list[Staged], snapshot: Snapshot
    ) -> None:
        self.connection = connection
        self.staged = staged
        self.snapshot = snapshot
        wanted = {fact for one in staged for fact in one.source.facts}
        looked_up = {
            column.lookup.fact
            for one in staged
            for rule in one.source.facts.values()
            for column in rule.columns.values()
            if column.lookup
        }
        self.facts = sorted(wanted, key=lambda fact: (fact not in looked_up, list(TABLES).index(fact)))

    def run(self) -> dict[str, FactOutcome]:
        """Return what each fact table gets."""
        self._execute("CREATE OR REPLACE TEMP TABLE conflict (_id BIGINT, reason VARCHAR)")
        self._execute("CREATE OR REPLACE TEMP TABLE idle (_id BIGINT, fact VARCHAR, reason VARCHAR)")
        self._execute("CREATE OR REPLACE TEMP TABLE corrected (_id BIGINT)")
        doubled = [fact for fact in self.facts if self._find_doubled(fact)]
        for fact in doubled:
            self._find_conflicts(fact)
        for fact in doubled:
            self._find_extras(fact)
        outcomes = {}
        for fact in self.facts:
            self._complete(fact)
            outcomes[fact] = self._compare(fact)
        return outcomes

    def count(self, sql: str) -> int:
        """Return the single number that `sql` selects."""
        row = self.connection.execute(sql).fetchone()
        return int(row[0]) if row and row[0] is not None else 0

    def _execute(self, sql: str) -> None:
        self.connection.execute(sql)

    def _feeding(self, fact: str) -> Iterable[tuple[Staged, FactRule]]:
        for one in self.staged:
            if fact in one.source.facts:
                yield one, one.source.facts[fact]

    def _accepted(self, fact: str) -> str:
        """Return SELECT of the rows that may make this fact: its columns, and what orders them."""
        table = TABLES[fact]
        parts = []
        for one, rule in self._feeding(fact):
            columns = ["_id"]
            columns += [_staged_column(one, fact, name, table) for name in table.by_name]
            columns += [f"{quoted(name)} AS {quoted(f'x:{staged}')}" for staged, name in _order_names(one)]
            columns.append(f"{_order_sql(one, rule)} AS _order")
            when = f" AND {quoted(one.plan.when[fact])}" if fact in one.plan.when else ""
            parts.append(f"SELECT {', '.join(columns)} FROM {one.view} WHERE _reject IS NULL{when}")
        return " UNION ALL BY NAME ".join(parts)

    def _find_doubled(self, fact: str) -> bool:
        """Keep the hashes of keys that several rows share; return whether there are any."""
        key = ", ".join(quoted(name) for name in TABLES[fact].key)
        self._execute(
            f"CREATE OR REPLACE TEMP TABLE doubled_{fact} AS SELECT h FROM "
            f"(SELECT hash({key}) AS h FROM ({self._accepted(fact)})) GROUP BY h HAVING count(*) > 1"
        )
        return self.count(f"SELECT count(*) FROM doubled_{fact}") > 0

    def _ranked(self, fact: str) -> str:
        """Return SELECT of (_id, place within its key, same values as the first) of doubled rows."""
        table = TABLES[fact]
        key = ", ".join(quoted(name) for name in table.key)
        values = ", ".join(quoted(name) for name in table.by_name)
        return (
            f"SELECT _id, row_number() OVER w AS nth, hash({values}) = first_value(hash({values})) OVER w "
            f"AS same "
            f"FROM ({self._accepted(fact)}) SEMI JOIN doubled_{fact} ON hash({key}) = h "
            f"WHERE _id NOT IN (SELECT _id FROM conflict) WINDOW w AS (PARTITION BY {key} ORDER BY "
            f"_order, _id)"
        )

    def _find_conflicts(self, fact: str) -> None:
        """Reject a row whose key has other values before it, unless the mapping says which one counts."""
        if any(rule.one_per or rule.latest_by for _, rule in self._feeding(fact)):
            return
        self._execute(
            f"INSERT INTO conflict SELECT _id, '{fact}: {CONFLICT}' FROM ({self._ranked(fact)}) "
            "WHERE nth > 1 AND NOT same"
        )

    def _find_extras(self, fact: str) -> None:
        rules = [rule for _, rule in self._feeding(fact)]
        reason = SAME_IN_FILES
        if any(rule.one_per for rule in rules):
            reason = REPEATED
        elif any(rule.latest_by for rule in rules):
            reason = SUPERSEDED
        self._execute(
            f"INSERT INTO idle SELECT _id, '{fact}', '{reason}' FROM ({self._ranked(fact)}) WHERE nth > 1"
        )

    def _complete(self, fact: str) -> None:
        """Make `full_<fact>`: one row a key, with ranks and lookups."""
        table = TABLES[fact]
        gone = [f"SELECT _id FROM idle WHERE fact = '{fact}'", "SELECT _id FROM conflict"]
        source = self._accepted(fact)
        if self.count(f"SELECT count(*) FROM ({' UNION ALL '.join(gone)})"):
            source = f"SELECT * FROM ({source}) ANTI JOIN ({' UNION ALL '.join(gone)}) USING (_id)"
        given = {name: column for _, rule in self._feeding(fact) for name, column in rule.columns.items()}
        late = {name: column for name, column in given.items() if column.origin in ("rank", "lookup")}
        selected = ["base._id"]
        joins: list[str] = []
        for name in table.by_name:
            column = late.get(name)
            if column is None:
                selected.append(f"base.{quoted(name)}")
                continue
            if column.rank is not None:
                sql = _rank_sql(column)
            else:
                alias = f"found{len(joins)}"
                joins.append(self._lookup_join(column, alias))
                sql = f"{alias}.taken"
            selected.append(f"{_mapped(sql, column, table, name)} AS {quoted(name)}")
        kind = "TABLE" if late else "VIEW"
        self._execute(f"DROP {kind} IF EXISTS full_{fact}")
        self._execute(
            f"CREATE TEMP {kind} full_{fact} AS SELECT {', '.join(selected)} FROM ({source}) AS base "
            f"{' '.join(joins)}"
        )

    def _lookup_join(self, column: FactColumn, alias: str) -> str:
        lookup = column.lookup
        assert lookup is not None  # noqa: S101  the caller looked
        other = TABLES[lookup.fact]
        key, take = quoted(other.key[0]), quoted(lookup.take)
        parts = []
        if lookup.fact in self.facts:
            parts.append(f"SELECT {key} AS k, {take} AS taken, 0 AS place FROM full_{lookup.fact}")
        standing = self.snapshot.files(lookup.fact)
        if standing:
            parts.append(f"SELECT {key} AS k, {take} AS taken, 1 AS place FROM ({scan(other, standing)})")
        found = (
            " UNION ALL ".join(parts) or "SELECT NULL::VARCHAR AS k, NULL AS taken, 0 AS place WHERE false"
        )
        chosen = f"SELECT k, arg_min(taken, place) AS taken FROM ({found}) GROUP BY k"
        return f"LEFT JOIN ({chosen}) AS {alias} ON {alias}.k = base.{quoted(f'x:{lookup.key}')}"

    def _compare(self, fact: str) -> FactOutcome:
        """Compare `full_<fact>` with what stands; note rows that change nothing, and rows that correct."""
        table = TABLES[fact]
        given = {
            name
            for one, rule in self._feeding(fact)
            for name, column in rule.columns.items()
            if not _is_absent(one, column)
        }
        columns = ", ".join(quoted(name) for name in table.by_name if name in given)
        sql = f"SELECT {columns} FROM full_{fact}"  # a column that no file has is not written
        standing = self.snapshot.files(fact)
        total = self.count(f"SELECT count(*) FROM full_{fact}")  # before rows that stand are noted as idle
        if not standing:
            return FactOutcome(sql, total, 0)
        earliest = [rule.one_per.fact_instant for _, rule in self._feeding(fact) if rule.one_per]
        mapped = {name for _, rule in self._feeding(fact) for name in rule.columns}
        if earliest:
            instant = quoted(earliest[0])
            same, reason = f"epoch_ms(s.{instant}) <= epoch_ms(n.{instant})", EARLIER_STANDS
            reason_sql = (
                f"CASE WHEN epoch_ms(s.{instant}) = epoch_ms(n.{instant}) THEN '{STANDS}' ELSE '{reason}' END"
            )
        else:
            same = " AND ".join(_same_sql(table, name) for name in table.by_name if name in mapped) or "true"
            reason_sql = f"'{STANDS}'"
        keys = " AND ".join(f"s.{quoted(name)} = n.{quoted(name)}" for name in table.key)
        self._execute(
            f"CREATE OR REPLACE TEMP TABLE stood_{fact} AS SELECT n._id, coalesce({same}, false) AS same, "
            f"{reason_sql} AS reason FROM full_{fact} AS n JOIN ({scan(table, standing)}) AS s ON {keys}"
        )
        self._execute(f"INSERT INTO idle SELECT _id, '{fact}', reason FROM stood_{fact} WHERE same")
        self._execute(f"INSERT INTO corrected SELECT _id FROM stood_{fact} WHERE NOT same")
        changed = self.count(f"SELECT count(*) FROM stood_{fact} WHERE NOT same")
        idle = self.count(f"SELECT count(*) FROM stood_{fact} WHERE same")
        sql += f" ANTI JOIN (SELECT _id FROM stood_{fact} WHERE same) USING (_id)"
        return FactOutcome(sql, total - idle - changed, changed)


def _staged_column(one: Staged, fact: str, name: str, table: FactTable) -> str:
    staged = one.plan.fact_columns.get((fact, name))
    if staged is None:
        return f"CAST(NULL AS {DUCKDB_TYPES[table.by_name[name].type]}) AS {quoted(name)}"
    return f"{quoted(staged)} AS {quoted(name)}"


def _is_absent(one: Staged, column: FactColumn) -> bool:
    """Whether the column is null in every row, because the file lacks an optional source column."""
    return (
        column.column is not None
        and column.column not in one.rows.columns
        and column.default is None
        and "" not in (column.values or {})
    )


def _order_names(one: Staged) -> list[tuple[str, str]]:
    return sorted(one.plan.orders.items())


def _order_sql(one: Staged, rule: FactRule) -> str:
    if rule.one_per is not None:
        return quoted(one.plan.orders[rule.one_per.earliest])
    if rule.latest_by is not None:
        latest = quoted(one.plan.orders[rule.latest_by])
        kind = one.source.columns.get(rule.latest_by)
        if kind is not None and kind.type in ("instant", "date", "epoch_seconds", "epoch_milliseconds"):
            return f"coalesce(-epoch_us({latest}), 0)"
        return f"-coalesce(TRY_CAST({latest} AS DOUBLE), 0)"
    return "_id"


def _rank_sql(column: FactColumn) -> str:
    rank = column.rank
    assert rank is not None  # noqa: S101  the caller looked
    within = ", ".join(f"base.{quoted(f'x:{name}')}" for name in rank.within)
    return (
        f"row_number() OVER (PARTITION BY {within} ORDER BY base.{quoted(f'x:{rank.order_by}')}, "
        f"base._id) - 1"
    )


def _mapped(sql: str, column: FactColumn, table: FactTable, name: str) -> str:
    fact_column = table.by_name[name]
    if column.values is not None:
        return map_values(f"CAST({sql} AS VARCHAR)", column, fact_column, where=f"{table.name}.{name}")
    return f"CAST({sql} AS {DUCKDB_TYPES[fact_column.type]})"


def _same_sql(table: FactTable, name: str) -> str:
    new, old = f"n.{quoted(name)}", f"s.{quoted(name)}"
    if table.by_name[name].type == "instant":
        new, old = f"epoch_ms({new})", f"epoch_ms({old})"
    return f"{new} IS NOT DISTINCT FROM {old}"

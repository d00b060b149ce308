"""Runs the checks of a mapping over staged rows and returns what they found, with shares and examples."""

from dataclasses import dataclass, field
from typing import Any

import duckdb

from watchfloor.facts.imports.checks import AUTOMATIC, CHECKS, is_day
from watchfloor.facts.imports.library import check_columns
from watchfloor.facts.imports.mapping import Check
from watchfloor.facts.imports.staging import Staged
from watchfloor.facts.sources import quoted

_EXAMPLES = 3
_DOMINANT = 0.2


@dataclass(frozen=True)
class Observation:
    """What one check found in one source: `count` rows (or groups) of `total`, with examples."""

    source: str
    check: str
    about: str
    note: str
    count: int
    total: int
    examples: list[dict[str, Any]] = field(default_factory=list)
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def share(self) -> float | None:
        """Count over total; None without rows."""
        return self.count / self.total if self.total else None


def observe(connection: duckdb.DuckDBPyConnection, staged: list[Staged]) -> list[Observation]:
    """Return every observation on the staged rows, in the order of sources and checks."""
    found: list[Observation] = []
    for name in dict.fromkeys(one.source_name for one in staged):
        files = [one for one in staged if one.source_name == name]
        view = " UNION ALL BY NAME ".join(
            f"SELECT *, {one.index} AS _file{', false AS control' if not one.file.has_control else ''} "
            f"FROM {one.view}"
            for one in files
        )
        looker = _Looker(connection, name, f"({view})", sum(one.row_count for one in files))
        source = files[0].source
        for number, check in enumerate(source.checks):
            found.append(looker.look(number, check))
        found += looker.automatic(files)
    return found


class _Looker:
    """Looks at the rows of one source."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, source: str, rows: str, total: int) -> None:
        self.connection = connection
        self.source = source
        self.rows = rows
        self.total = total

    def look(self, number: int, check: Check) -> Observation:
        """Return what one declared check finds."""
        if CHECKS[check.check].kind == "group":
            return _GROUPS[check.check](self, check)
        flag, columns = f"k{number}", check_columns(check)
        count = self._number(f"SELECT count(*) FROM {self.rows} WHERE {flag}")
        detail: dict[str, Any] = {}
        if count and CHECKS[check.check].by_year_of:
            found = self._all(
                f"SELECT y{number}, count(*) FROM {self.rows} WHERE {flag} GROUP BY 1 ORDER BY 1"
            )
            detail["by_year"] = {str(year): n for year, n in found}
        return self._observation(check, count, self._examples(flag, columns) if count else [], detail)

    def automatic(self, files: list[Staged]) -> list[Observation]:
        """Return what is looked at without being asked for."""
        found = []
        source = files[0].source
        broken = self._number(f"SELECT count(*) FROM {self.rows} WHERE {_BROKEN}")
        if broken:
            rows = self._all(
                f"SELECT _row, _reject FROM {self.rows} WHERE {_BROKEN} ORDER BY _id LIMIT {_EXAMPLES}"
            )
            examples = [{"row": row, "reason": reason} for row, reason in rows]
            found.append(self._plain("broken_record", broken, examples))
        if any(one.file.has_control for one in files):
            count = self._number(f"SELECT count(*) FROM {self.rows} WHERE control")
            rows = self._all(f"SELECT _row FROM {self.rows} WHERE control ORDER BY _id LIMIT {_EXAMPLES}")
            if count:
                found.append(self._plain("control_characters", count, [{"row": row[0]} for row in rows]))
        for name, kind in source.columns.items():
            if kind.type == "instant" and kind.format is None:
                found += self._mixed(name)
            if is_day(kind):
                found.append(self._plain("day_precision", self.total, [], about=name))
        return found

    def dominant(self, check: Check) -> Observation:
        """Return the share of the account with the most rows."""
        account = quoted(f"g:{check.column}")
        found = self._all(
            f"SELECT {account}, count(*) AS n FROM {self.rows} WHERE {account} IS NOT NULL "
            f"GROUP BY 1 ORDER BY n DESC, 1 LIMIT {_EXAMPLES}"
        )
        distinct = self._number(f"SELECT count(DISTINCT {account}) FROM {self.rows}")
        limit = _DOMINANT if check.share_over is None else check.share_over
        top = found[0][1] if found and found[0][1] > limit * self.total else 0
        examples = [{"account": name, "rows": n} for name, n in found]
        return self._observation(check, top, examples, {"accounts": distinct})

    def pairs(self, check: Check) -> Observation:
        """Return how many rows repeat a combination."""
        columns = [quoted(f"g:{name}") for name in check.columns or []]
        listed = ", ".join(columns)
        grouped = f"SELECT {listed}, count(*) AS n FROM {self.rows} GROUP BY ALL HAVING count(*) > 1"
        found = self._all(f"SELECT coalesce(sum(n - 1), 0), count(*) FROM ({grouped})")[0]
        top = self._all(f"SELECT * FROM ({grouped}) ORDER BY n DESC, 1 LIMIT {_EXAMPLES}") if found[1] else []
        names = [*(check.columns or []), "rows"]
        examples = [dict(zip(names, row, strict=True)) for row in top]
        return self._observation(check, int(found[0]), examples, {"pairs": found[1]})

    def conflicts(self, check: Check) -> Observation:
        """Return how many items got more than one distinct answer."""
        columns = ", ".join(quoted(f"g:{name}") for name in check.columns or [])
        answer = quoted(f"g:{check.column}")
        grouped = (
            f"SELECT {columns}, count(*) AS n, count(DISTINCT {answer}) AS answers FROM {self.rows} "
            f"GROUP BY ALL"
        )
        several, items = self._all(f"SELECT count(*) FILTER (n > 1), count(*) FROM ({grouped})")[0]
        count = self._number(f"SELECT count(*) FROM ({grouped}) WHERE answers > 1")
        top = self._all(f"SELECT * FROM ({grouped}) WHERE answers > 1 ORDER BY n DESC, 1 LIMIT {_EXAMPLES}")
        names = [*(check.columns or []), "rows", "answers"]
        return Observation(
            self.source, check.check, _about(check), _note(check), count, items,
            [dict(zip(names, row, strict=True)) for row in top], {"items_with_several_rows": several},
        )  # fmt: skip

    def _mixed(self, name: str) -> list[Observation]:
        text, flag = f"{quoted(f'o:{name}')}", quoted(f"o:{name}")
        bare, aware = self._all(
            f"SELECT count(*) FILTER ({text} IS NOT NULL AND NOT {flag}), count(*) FILTER ({flag}) FROM "
            f"{self.rows}"
        )[0]
        if not bare or not aware:
            return []
        rows = self._all(f"SELECT _row FROM {self.rows} WHERE NOT {flag} ORDER BY _id LIMIT {_EXAMPLES}")
        detail = {"without_offset": bare, "with_offset": aware}
        return [
            self._plain("mixed_offsets", bare, [{"row": row[0]} for row in rows], about=name, detail=detail)
        ]

    def _examples(self, flag: str, columns: list[str]) -> list[dict[str, Any]]:
        shown = ", ".join(["_row", *(quoted(f"t:{name}") for name in columns)])
        found = self._all(f"SELECT {shown} FROM {self.rows} WHERE {flag} ORDER BY _id LIMIT {_EXAMPLES}")
        return [dict(zip(["row", *columns], row, strict=True)) for row in found]

    def _observation(
        self, check: Check, count: int, examples: list[dict[str, Any]], detail: dict[str, Any]
    ) -> Observation:
        return Observation(
            self.source, check.check, _about(check), _note(check), count, self.total, examples, detail
        )

    def _plain(
        self,
        check: str,
        count: int,
        examples: list[dict[str, Any]],
        *,
        about: str = "",
        detail: dict[str, Any] | None = None,
    ) -> Observation:
        return Observation(
            self.source, check, about, AUTOMATIC[check], count, self.total, examples, detail or {}
        )

    def _number(self, sql: str) -> int:
        return int(self._all(sql)[0][0] or 0)

    def _all(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()


_BROKEN = "(starts_with(_reject, 'record has ') OR starts_with(_reject, 'line is no JSON'))"
_GROUPS = {
    "dominant_account": _Looker.dominant,
    "repeated_pair": _Looker.pairs,
    "conflicting_answers": _Looker.conflicts,
}


def _about(check: Check) -> str:
    parts = check_columns(check)
    return " → ".join(parts) if check.start else ", ".join(parts)


def _note(check: Check) -> str:
    return check.note or CHECKS[check.check].doc

"""The closed list of checks: looks at a log's quality that count and show examples, and never drop a row.

A *flag* is true of a row; a *group* is found by grouping rows. `facts.imports.observing` runs them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from watchfloor.facts.imports.columns import text_of, value_of
from watchfloor.facts.imports.mapping import Check, Mapping, Source, TypedColumn
from watchfloor.facts.imports.typing_sql import implausible_sql
from watchfloor.facts.sources import literal


@dataclass(frozen=True)
class CheckKind:
    """What a check looks for: the keys it needs, whether it flags rows or groups them, and its sentence."""

    needs: tuple[str, ...]
    kind: str
    doc: str
    by_year_of: str = ""


CHECKS: dict[str, CheckKind] = {
    "missing_instant": CheckKind(("column",), "flag", "Rows whose instant in `column` is blank."),
    "impossible_year": CheckKind(
        ("column",), "flag", "Rows whose instant in `column` lies outside the plausible range.", "column"
    ),
    "negative_lag": CheckKind(
        ("from", "to"),
        "flag",
        "Rows whose `to` is before their `from`, both plausible; days are compared when either is a date.",
        "from",
    ),
    "long_duration": CheckKind(
        ("from", "to", "longer_than_seconds"),
        "flag",
        "Rows whose `to` is more than `longer_than_seconds` after their `from`.",
    ),
    "blank_agent": CheckKind(("column",), "flag", "Rows that do not say who did the work."),
    "blank_value": CheckKind(("column",), "flag", "Rows whose `column` is blank."),
    "bot_account": CheckKind(("column", "values"), "flag", "Rows made by an account that is no person.", ""),
    "test_rows": CheckKind(("column", "values"), "flag", "Rows that a test system wrote."),
    "multi_line_text": CheckKind(("column",), "flag", "Rows whose text in `column` spans several lines."),
    "repeated_pair": CheckKind(
        ("columns",), "group", "Rows beyond the first of each combination of `columns`, blanks included."
    ),
    "dominant_account": CheckKind(
        ("column",),
        "group",
        "Rows of the account with the most rows, when its share is above `share_over` (default 0.2).",
    ),
    "conflicting_answers": CheckKind(
        ("columns", "column"), "group", "Items (`columns`) with more than one distinct answer in `column`."
    ),
}

AUTOMATIC: dict[str, str] = {
    "broken_record": "Records with another number of fields than the header, or lines that are no JSON; "
    "rejected.",
    "control_characters": "Rows with control characters in a text; they are removed from facts, and kept "
    "in rejected rows.",
    "mixed_offsets": "Instants without an offset in a column where others carry one; they are read in the "
    "mapping's time zone.",
    "day_precision": "Instants that the log gives as a day: they stand at midnight, so no duration is "
    "finer than a day.",
}

_ONE_DAY = "date"


def flag_sql(check: Check, source: Source, mapping: Mapping, *, now: datetime) -> str:
    """Return SQL that is true of the rows that the check counts."""
    return _FLAGS[check.check](check, source, mapping, now)


def _missing(check: Check, source: Source, mapping: Mapping, now: datetime) -> str:  # noqa: ARG001 one signature
    return f"{text_of(check.column or '')} IS NULL"


def _impossible(check: Check, source: Source, mapping: Mapping, now: datetime) -> str:
    column = check.column or ""
    first, end = mapping.plausible_range(source.columns[column], now=now)
    return implausible_sql(value_of(column, source), first, end)


def _negative(check: Check, source: Source, mapping: Mapping, now: datetime) -> str:
    start, end = check.start or "", check.end or ""
    plausible = [
        "NOT "
        + implausible_sql(value_of(name, source), *mapping.plausible_range(source.columns[name], now=now))
        for name in (start, end)
    ]
    values = [value_of(name, source) for name in (end, start)]
    if _ONE_DAY in (source.columns[start].type, source.columns[end].type):
        values = [f"epoch_us({value}) // 86400000000" for value in values]
    return f"{values[0]} < {values[1]} AND {' AND '.join(plausible)}"


def _long(check: Check, source: Source, mapping: Mapping, now: datetime) -> str:  # noqa: ARG001 one signature
    start, end = value_of(check.start or "", source), value_of(check.end or "", source)
    return f"epoch_us({end}) - epoch_us({start}) > {round((check.longer_than_seconds or 0) * 1_000_000)}"


def _named(check: Check, source: Source, mapping: Mapping, now: datetime) -> str:  # noqa: ARG001 one signature
    return f"{text_of(check.column or '')} IN ({', '.join(map(literal, check.values or []))})"


def _many_lines(check: Check, source: Source, mapping: Mapping, now: datetime) -> str:  # noqa: ARG001 one signature
    return f"contains({text_of(check.column or '')}, chr(10))"


_FLAGS: dict[str, Callable[[Check, Source, Mapping, datetime], str]] = {
    "missing_instant": _missing,
    "impossible_year": _impossible,
    "negative_lag": _negative,
    "long_duration": _long,
    "blank_agent": _missing,
    "blank_value": _missing,
    "bot_account": _named,
    "test_rows": _named,
    "multi_line_text": _many_lines,
}


def instant_columns(check: Check) -> list[str]:
    """Return the columns that the check needs as typed instants."""
    if check.check in ("negative_lag", "long_duration"):
        return [check.start or "", check.end or ""]
    return [check.column or ""] if check.check in ("missing_instant", "impossible_year") else []


def is_day(column: TypedColumn) -> bool:
    """Whether the column's instants are days."""
    return column.type == _ONE_DAY

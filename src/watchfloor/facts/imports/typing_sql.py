"""SQL that reads one source column as its type, and SQL for what may be wrong with it.

A reason is a condition with its text; a row for which a condition holds is rejected with that text.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from watchfloor.facts.imports.errors import MappingError
from watchfloor.facts.imports.mapping import Mapping, Source, TypedColumn
from watchfloor.facts.sources import literal, quoted

_OFFSET = "([zZ]|[+-][0-9]{2}(:?[0-9]{2})?)$"
_CONTROL = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]"


@dataclass(frozen=True)
class Reason:
    """A row is rejected with `text` when the SQL `condition` holds."""

    condition: str
    text: str


def clean_sql(column: str, source: Source, *, strip_control: bool) -> str:
    """Return SQL of the text as it is used: without control characters, null where the mapping says so."""
    sql = quoted(column)
    if strip_control:
        sql = f"regexp_replace({sql}, {literal(_CONTROL)}, '', 'g')"
    if source.null_values:
        sql = f"CASE WHEN {sql} NOT IN ({', '.join(map(literal, source.null_values))}) THEN {sql} END"
    return sql


def has_control_sql(column: str) -> str:
    """Return SQL that says whether the raw text holds a control character."""
    return f"regexp_matches({quoted(column)}, {literal(_CONTROL)})"


def typed_sql(text: str, column: TypedColumn, *, where: str) -> str:
    """Return SQL of the typed value of the SQL `text`; null where it cannot be read."""
    if column.type == "int":
        return int_sql(text)
    if column.type == "float":
        return f"TRY_CAST({text} AS DOUBLE)"
    if column.type == "bool":
        return f"TRY_CAST({text} AS BOOLEAN)"
    if column.type == "epoch_seconds":
        return f"make_timestamptz(CAST(round(TRY_CAST({text} AS DOUBLE) * 1000) AS BIGINT) * 1000)"
    if column.type == "epoch_milliseconds":
        return f"make_timestamptz({int_sql(text)} * 1000)"
    zone = checked_zone(column.time_zone, where=where)
    if column.type == "date":
        moment = f"date_trunc('day', {_naive(text, column)})"
        return _in_zone(moment, zone or "UTC")
    if column.format is not None:
        if "%z" in column.format:
            return f"TRY_CAST(try_strptime({text}, {literal(column.format)}) AS TIMESTAMPTZ)"
        return _in_zone(_naive(text, column), zone or "UTC")
    if zone == "UTC":
        return f"TRY_CAST({text} AS TIMESTAMPTZ)"  # the session's zone is UTC; an offset in the text wins
    aware = f"TRY_CAST({text} AS TIMESTAMPTZ)"
    naive = _in_zone(_naive(text, column), zone) if zone else "NULL"
    return f"CASE WHEN {has_offset_sql(text)} THEN {aware} ELSE {naive} END"


def int_sql(text: str) -> str:
    """Return SQL of a whole number; text with a fraction is not one."""
    return (
        f"CASE WHEN TRY_CAST({text} AS DOUBLE) = TRY_CAST({text} AS BIGINT) THEN TRY_CAST({text} AS "
        f"BIGINT) END"
    )


def has_offset_sql(text: str) -> str:
    """Return SQL that says whether an instant's text carries an offset."""
    return f"(contains({text}, ':') AND regexp_matches({text}, {literal(_OFFSET)}))"


def is_instant(column: TypedColumn | None) -> bool:
    """Whether the typed column holds instants."""
    return column is not None and column.type in ("instant", "date", "epoch_seconds", "epoch_milliseconds")


def column_reasons(
    name: str, column: TypedColumn, *, text: str, value: str, mapping: Mapping, now: datetime
) -> list[Reason]:
    """Return what can be wrong with a typed source column: not readable, or not plausible."""
    kind = {"int": "whole number", "float": "number", "bool": "truth value", "date": "date"}.get(
        column.type, "instant"
    )
    reasons = []
    if column.type == "instant" and column.format is None and column.time_zone is None:
        bare = (
            f"{text} IS NOT NULL AND NOT {has_offset_sql(text)} AND TRY_CAST({text} AS TIMESTAMP) IS NOT NULL"
        )
        reasons.append(Reason(bare, f"{name}: instant without an offset, and the mapping names no time zone"))
        reasons.append(
            Reason(f"{text} IS NOT NULL AND {value} IS NULL AND NOT ({bare})", f"{name}: not an instant")
        )
    else:
        article = "an" if kind == "instant" else "a"
        reasons.append(Reason(f"{text} IS NOT NULL AND {value} IS NULL", f"{name}: not {article} {kind}"))
    if is_instant(column):
        first, end = mapping.plausible_range(column, now=now)
        reasons.append(
            Reason(
                implausible_sql(value, first, end), f"{name}: instant outside {first} … {_day_before(end)}"
            )
        )
    return reasons


def implausible_sql(value: str, first: date, end: date) -> str:
    """Return SQL that says whether the instant lies outside `[first, end)`."""
    low, high = (f"make_timestamptz({_microseconds(day)})" for day in (first, end))
    return f"({value} < {low} OR {value} >= {high})"


def checked_zone(name: str | None, *, where: str) -> str | None:
    """Return the IANA name of a time zone, or None.

    Raises:
        MappingError: it is unknown.

    """
    if name is None:
        return None
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise MappingError(
            f"{where}: the time zone {name!r} is unknown.", remedy="Use an IANA name such as Europe/Dublin."
        ) from error
    return name


def _naive(text: str, column: TypedColumn) -> str:
    if column.format is None:
        return f"TRY_CAST({text} AS TIMESTAMP)"
    return f"try_strptime({text}, {literal(column.format)})"


def _in_zone(naive: str, zone: str) -> str:
    if zone == "UTC":
        return f"make_timestamptz(epoch_us({naive}))"
    return f"timezone({literal(zone)}, {naive})"


def _microseconds(day: date) -> int:
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * 86_400_000_000


def _day_before(end: date) -> date:
    return date.fromordinal(end.toordinal() - 1)

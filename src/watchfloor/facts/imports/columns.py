"""SQL that turns a source's text columns into fact columns, with the reasons to reject a row.

The result is a *plan*: named expressions over typed source columns. `facts.imports.staging` runs it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from watchfloor.facts.imports.errors import MappingError
from watchfloor.facts.imports.expressions import render
from watchfloor.facts.imports.mapping import FactColumn, FactRule, Mapping, Scalar, Source
from watchfloor.facts.imports.typing_sql import Reason, column_reasons, int_sql, is_instant, typed_sql
from watchfloor.facts.schemas import TABLES, Column, FactTable
from watchfloor.facts.sources import DUCKDB_TYPES, literal, quoted


@dataclass
class Plan:
    """What is computed of each row of one source.

    `expressions` maps the staged column's name to its SQL; `fact_columns` maps (fact, column) to a staged
    name;
    `when` maps a fact to the staged name of its condition; `orders` maps a source column to the staged name
    of its
    value, for ranks and for the choice among rows of one key; `late` holds SQL over staged names, for
    examples; `aliases` gives a staged column a second name, for checks.
    """

    typed: dict[str, str] = field(default_factory=dict)
    expressions: dict[str, str] = field(default_factory=dict)
    fact_columns: dict[tuple[str, str], str] = field(default_factory=dict)
    when: dict[str, str] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)
    late: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)

    def stage(self, sql: str, *, prefix: str = "e") -> str:
        """Return the staged name of the SQL, one name for equal SQL."""
        for name, standing in self.expressions.items():
            if standing == sql:
                return name
        name = f"{prefix}{len(self.expressions)}"
        self.expressions[name] = sql
        return name


def text_of(column: str) -> str:
    """Return SQL of a source column's cleaned text."""
    return quoted(f"c:{column}")


def value_of(column: str, source: Source) -> str:
    """Return SQL of a source column's value: typed where the mapping types it, else its text."""
    return quoted(f"v:{column}") if column in source.columns else text_of(column)


def plan_source(
    name: str, source: Source, mapping: Mapping, *, columns: tuple[str, ...], now: datetime
) -> Plan:
    """Return the plan for the rows of one source.

    Args:
        name: The source's name, said in errors.
        source: The source.
        mapping: The mapping it stands in.
        columns: Columns of the file at hand and optional columns it lacks.
        now: The instant of the import, for the plausible range.

    """
    plan = Plan()
    for column, kind in source.columns.items():
        plan.typed[column] = typed_sql(text_of(column), kind, where=f"sources.{name}.columns.{column}")
        plan.reasons += column_reasons(
            column, kind, text=text_of(column), value=value_of(column, source), mapping=mapping, now=now
        )
    for fact, rule in source.facts.items():
        _plan_fact(plan, fact, rule, source, columns, where=f"sources.{name}.facts.{fact}")
    if all(rule.when is not None for rule in source.facts.values()):
        taken = " OR ".join(quoted(plan.when[fact]) for fact in source.facts)
        plan.reasons.append(Reason(f"NOT ({taken})", "no fact takes this row"))
    return plan


def _plan_fact(
    plan: Plan, fact: str, rule: FactRule, source: Source, columns: tuple[str, ...], *, where: str
) -> None:
    table = TABLES[fact]

    def column_sql(column: str) -> str:
        return value_of(column, source)

    feeds = ""
    if rule.when is not None:
        condition = render(rule.when, columns=columns, column_sql=column_sql, where=f"{where}.when")
        plan.when[fact] = plan.stage(f"coalesce(CAST(({condition}) AS BOOLEAN), false)", prefix="w")
        feeds = f"{quoted(plan.when[fact])} AND "
    for name, given in rule.columns.items():
        place = f"{where}.columns.{name}"
        for needed in _order_columns(given):
            plan.orders[needed] = plan.stage(value_of(needed, source))
        if given.origin in ("rank", "lookup"):
            continue
        sql, reasons = _column_sql(given, table.by_name[name], source, columns, column_sql, where=place)
        staged = plan.stage(sql)
        plan.fact_columns[fact, name] = staged
        reasons += _fact_reasons(table, table.by_name[name], given, quoted(staged))
        plan.reasons += [Reason(f"{feeds}{reason.condition}", reason.text) for reason in reasons]
    for order in (rule.one_per.earliest if rule.one_per else None, rule.latest_by):
        if order is not None:
            plan.orders[order] = plan.stage(value_of(order, source))


def _order_columns(given: FactColumn) -> list[str]:
    if given.rank is not None:
        return [*given.rank.within, given.rank.order_by]
    return [given.lookup.key] if given.lookup is not None else []


def _fact_reasons(table: FactTable, column: Column, given: FactColumn, value: str) -> list[Reason]:
    reasons = []
    written = f" ({given.column})" if given.column and given.column != column.name else ""
    if column.required or column.name in table.key:
        reasons.append(Reason(f"{value} IS NULL", f"{table.name}.{column.name}{written}: missing"))
    if column.one_of and given.value is None:
        allowed = ", ".join(literal(one) for one in column.one_of)
        reasons.append(
            Reason(
                f"{value} NOT IN ({allowed})",
                f"{table.name}.{column.name}{written}: not one of {', '.join(column.one_of)}",
            )
        )
    return reasons


def _column_sql(
    given: FactColumn,
    column: Column,
    source: Source,
    columns: tuple[str, ...],
    column_sql: Callable[[str], str],
    *,
    where: str,
) -> tuple[str, list[Reason]]:
    reasons: list[Reason] = []
    if given.column is not None:
        sql, reasons = _from_column(given, column, source, where=where)
    elif given.expression is not None:
        rendered = render(
            given.expression, columns=columns, column_sql=column_sql, where=f"{where}.expression"
        )
        sql = f"TRY_CAST(({rendered}) AS {'VARCHAR' if given.values else DUCKDB_TYPES[column.type]})"
    elif given.json_of is not None:
        pairs = ", ".join(f"{literal(name)}, {text_of(name)}" for name in given.json_of)
        sql = f"CAST(json_object({pairs}) AS VARCHAR)"
    else:
        sql = constant_sql(given.value, column, where=where)
    if given.values is not None:
        reasons += _unmapped(given, sql)
        sql = map_values(sql, given, column, where=where)
    if given.default is not None:
        sql = f"coalesce({sql}, {constant_sql(given.default, column, where=where)})"
    return sql, reasons


def _from_column(
    given: FactColumn, column: Column, source: Source, *, where: str
) -> tuple[str, list[Reason]]:
    name = given.column or ""
    text, typed = text_of(name), source.columns.get(name)
    if given.values is not None or column.type == "string":
        return text, []
    if column.type == "instant":
        if not is_instant(typed):
            raise MappingError(
                f"{where}: the source column {name!r} is text, and {column.name!r} is an instant.",
                remedy=f"Add `{name}: {{type: instant, time_zone: UTC}}` under the source's `columns`.",
            )
        return value_of(name, source), []
    if column.type == "strings":
        if given.split is not None:
            return f"list_transform(string_split({text}, {literal(given.split)}), lambda x: trim(x))", []
        as_list = f"CASE WHEN starts_with({text}, '[') THEN TRY_CAST({text} AS VARCHAR[]) ELSE [{text}] END"
        return f"CASE WHEN {text} IS NOT NULL THEN {as_list} END", []
    if typed is not None:
        if is_instant(typed):
            raise MappingError(f"{where}: the instant {name!r} does not fit a column of type {column.type}.")
        return f"TRY_CAST({value_of(name, source)} AS {DUCKDB_TYPES[column.type]})", []
    value = int_sql(text) if column.type == "int" else f"TRY_CAST({text} AS {DUCKDB_TYPES[column.type]})"
    kind = {"int": "whole number", "float": "number", "bool": "truth value"}[column.type]
    return value, [Reason(f"{text} IS NOT NULL AND ({value}) IS NULL", f"{name}: not a {kind}")]


def _unmapped(given: FactColumn, sql: str) -> list[Reason]:
    if given.otherwise != "reject":
        return []
    keys = ", ".join(literal(key) for key in (given.values or {}))
    name = given.column or "expression"
    return [Reason(f"{sql} IS NOT NULL AND {sql} NOT IN ({keys})", f"{name}: value without a mapping")]


def map_values(sql: str, given: FactColumn, column: Column, *, where: str) -> str:
    """Return SQL that applies the value map of `given` to the text `sql`."""
    cases = []
    for key, value in (given.values or {}).items():
        test = f"{sql} = {literal(key)}" if key else f"{sql} IS NULL"
        cases.append(f"WHEN {test} THEN {constant_sql(value, column, where=where)}")
    if given.otherwise == "keep":
        rest = f"[{sql}]" if column.type == "strings" else f"TRY_CAST({sql} AS {DUCKDB_TYPES[column.type]})"
        rest = f"CASE WHEN {sql} IS NOT NULL THEN {rest} END"
    elif given.otherwise.startswith("="):
        rest = (
            f"CASE WHEN {sql} IS NOT NULL THEN {constant_sql(given.otherwise[1:], column, where=where)} END"
        )
    else:
        rest = "NULL"
    return f"CASE {' '.join(cases)} ELSE {rest} END"


def constant_sql(value: Scalar | list[str] | None, column: Column, *, where: str) -> str:
    """Return SQL of a constant of the fact column's type.

    Raises:
        MappingError: the value has another type, or stands outside the column's closed list.

    """
    target = DUCKDB_TYPES[column.type]
    if value is None:
        return f"CAST(NULL AS {target})"
    if column.type == "strings":
        values = value if isinstance(value, list) else [str(value)]
        return f"CAST([{', '.join(literal(one) for one in values)}] AS VARCHAR[])"
    fits = {
        "string": isinstance(value, str | int | float) and not isinstance(value, bool),
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": isinstance(value, int | float) and not isinstance(value, bool),
        "bool": isinstance(value, bool),
    }.get(column.type, False)
    if column.type == "int" and isinstance(value, str) and value.lstrip("-").isdigit():
        fits = True
    if not fits:
        raise MappingError(f"{where}: {value!r} is no {column.type}.", remedy=f"{column.name}: {column.doc}")
    if column.one_of and value not in column.one_of:
        raise MappingError(f"{where}: {value!r} is not one of {', '.join(column.one_of)}.")
    return f"CAST({literal(str(value).lower() if isinstance(value, bool) else str(value))} AS {target})"

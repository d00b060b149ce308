"""One pass over a file: its rows typed, judged and written as a staged Parquet file in the workspace.

A staged row holds its number, the reasons to reject it (or null), its raw values when rejected, and the
values
that the facts and the checks need. Nothing is decided across rows here; that is `facts.imports.reconcile`.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from watchfloor.facts.imports.checks import CHECKS, flag_sql
from watchfloor.facts.imports.columns import Plan, plan_source, text_of, value_of
from watchfloor.facts.imports.errors import ImportsError, MappingError, SourceFileError
from watchfloor.facts.imports.files import LogFile
from watchfloor.facts.imports.library import check_columns, source_columns
from watchfloor.facts.imports.mapping import Mapping, Source
from watchfloor.facts.imports.reading import (
    BROKEN,
    EXTRA,
    ROW,
    Rows,
    header_of,
    is_parse_error,
    not_utf8,
    read_rows,
)
from watchfloor.facts.imports.typing_sql import clean_sql, has_control_sql, has_offset_sql
from watchfloor.facts.sources import literal, quoted
from watchfloor.kernel import nearest

FILE_SHIFT = 40
# Keys are all different: to look for repeats among more than a few thousand values costs more than it saves.
_LAYOUT = "FORMAT parquet, COMPRESSION lz4, DICTIONARY_SIZE_LIMIT 2000"


@dataclass(frozen=True)
class Staged:
    """One file, staged: `view` names its rows in DuckDB, with `_id` unique in the whole import."""

    index: int
    file: LogFile
    source_name: str
    source: Source
    plan: Plan
    rows: Rows
    view: str
    row_count: int
    unused_columns: tuple[str, ...]
    careful: bool


def stage_file(
    connection: duckdb.DuckDBPyConnection,
    file: LogFile,
    *,
    index: int,
    source_name: str,
    mapping: Mapping,
    workspace: Path,
    now: datetime,
) -> Staged:
    """Return the file's rows, typed and judged, as a view of `connection`.

    Raises:
        SourceFileError: the file is not what the mapping describes.
        MappingError: an expression of the mapping does not fit the columns.

    """
    source = mapping.sources[source_name]
    path, columns = header_of(file, source, workspace=workspace)
    careful = file.irregular or source.format == "jsonl"
    if columns:
        _check_columns(file, source, columns)
    while True:
        rows = read_rows(file, source, path=path, columns=columns, careful=careful, workspace=workspace)
        if not columns:
            _check_columns(file, source, rows.columns)
        known = tuple(dict.fromkeys([*rows.columns, *source.optional_columns]))
        plan = plan_source(source_name, source, mapping, columns=known, now=now)
        _plan_checks(plan, source, mapping, now=now, file=file)
        target = workspace / f"staged{index}.parquet"
        sql = stage_sql(rows, plan, source, strip_control=file.has_control)
        try:
            connection.execute(f"COPY ({sql}) TO {literal(str(target))} ({_LAYOUT})")
            break
        except duckdb.Error as error:
            if careful or source.format != "csv" or not is_parse_error(error):
                raise _translated(error, file, path) from error
            careful = True
    view = f"staged{index}"
    number = ROW if rows.numbered else f"file_row_number + 1 AS {ROW}"
    aliases = "".join(f"{quoted(standing)} AS {quoted(name)}, " for name, standing in plan.aliases.items())
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT *, {aliases}"
        f"{index}::BIGINT * {1 << FILE_SHIFT} + {ROW} AS _id FROM "
        f"(SELECT * {'' if rows.numbered else 'EXCLUDE (file_row_number), ' + number} FROM "
        f"read_parquet({literal(str(target))}, file_row_number={str(not rows.numbered).lower()}))"
    )
    counted = connection.execute(f"SELECT count(*) FROM {view}").fetchone()
    return Staged(
        index=index,
        file=file,
        source_name=source_name,
        source=source,
        plan=plan,
        rows=rows,
        view=view,
        row_count=int(counted[0]) if counted else 0,
        unused_columns=tuple(name for name in rows.columns if name not in source_columns(source)),
        careful=careful,
    )


def stage_sql(rows: Rows, plan: Plan, source: Source, *, strip_control: bool) -> str:
    """Return the SELECT that types and judges the rows."""
    used = sorted(source_columns(source))
    absent = [name for name in source.optional_columns if name not in rows.columns]
    numbered = [ROW] if rows.numbered else []
    raw = [*numbered, BROKEN if rows.numbered else f"NULL::VARCHAR AS {BROKEN}"]
    raw.append(EXTRA if rows.numbered else f"NULL::VARCHAR AS {EXTRA}")
    raw += [quoted(name) for name in rows.columns] + [f"NULL::VARCHAR AS {quoted(name)}" for name in absent]
    clean = [f"{clean_sql(name, source, strip_control=strip_control)} AS {text_of(name)}" for name in used]
    typed = [f"{sql} AS {value_of(name, source)}" for name, sql in plan.typed.items()]
    staged = [f"{sql} AS {quoted(name)}" for name, sql in plan.expressions.items()]
    texts = ", ".join(f"CASE WHEN {one.condition} THEN {literal(one.text)} END" for one in plan.reasons)
    any_reason = " OR ".join(f"({one.condition})" for one in plan.reasons) or "false"
    judged = (  # the texts are put together for the few rows that have one
        f"CASE WHEN {BROKEN} IS NOT NULL THEN {BROKEN} WHEN {any_reason} "
        f"THEN concat_ws('; ', {texts or 'NULL'}) END"
    )
    pairs = ", ".join(f"{literal(name)}, {quoted(name)}" for name in rows.columns)
    kept = (
        f"CASE WHEN _reject IS NOT NULL THEN CAST(json_object({pairs}, '_extra', {EXTRA}) AS VARCHAR) "
        f"END AS _raw"
    )
    late = [f"{sql} AS {quoted(name)}" for name, sql in plan.late.items()]
    output = ", ".join([*numbered, "_reject", kept, *map(quoted, plan.expressions), *late])
    return f"""
        WITH raw AS (SELECT {", ".join(raw)} FROM {rows.sql}),
        cleaned AS (SELECT *, {", ".join(clean)} FROM raw),
        typed AS (SELECT {", ".join(["*", *typed])} FROM cleaned),
        valued AS (SELECT {", ".join(["*", *staged])} FROM typed),
        judged AS (SELECT *, {judged} AS _reject FROM valued)
        SELECT {output} FROM judged"""


def _plan_checks(plan: Plan, source: Source, mapping: Mapping, *, now: datetime, file: LogFile) -> None:
    """Add what the checks need to the plan, under names that `observing` finds again."""
    shown: dict[str, list[str]] = {}
    for number, check in enumerate(source.checks):
        looked_for = CHECKS[check.check]
        if looked_for.kind == "group":
            for column in check_columns(check):
                plan.aliases[f"g:{column}"] = plan.stage(text_of(column))
            continue
        flag = f"k{number}"
        plan.expressions[flag] = f"coalesce({flag_sql(check, source, mapping, now=now)}, false)"
        for column in check_columns(check):
            shown.setdefault(column, []).append(quoted(flag))
        if looked_for.by_year_of:
            column = check.start or check.column or ""
            year = f"year({value_of(column, source)})"
            plan.late[f"y{number}"] = f"CASE WHEN {quoted(flag)} THEN {year} END"
    for column, flags in shown.items():  # only rows that a check counts can be examples
        plan.late[f"t:{column}"] = f"CASE WHEN {' OR '.join(flags)} THEN {text_of(column)} END"
    for column, kind in source.columns.items():
        if kind.type == "instant" and kind.format is None:
            text = text_of(column)
            plan.expressions[
                f"o:{column}"
            ] = (  # a CASE is lazy: most logs write Z, and no pattern is matched
                f"CASE WHEN ends_with({text}, 'Z') THEN true ELSE {has_offset_sql(text)} END"
            )
    if file.has_control:
        found = " OR ".join(
            f"coalesce({has_control_sql(name)}, false)" for name in sorted(source_columns(source))
        )
        plan.expressions["control"] = found or "false"


def _check_columns(file: LogFile, source: Source, columns: tuple[str, ...]) -> None:
    for name in sorted(source_columns(source) - set(columns) - set(source.optional_columns)):
        near = nearest(name, columns)
        raise SourceFileError(
            f"{file.name} has no column {name!r}, which the mapping reads.",
            remedy=f"Did you mean {near!r}?" if near else f"Its columns: {', '.join(columns)}.",
        )


def _translated(error: duckdb.Error, file: LogFile, path: Path) -> ImportsError:
    text = str(error).splitlines()[0]
    if isinstance(error, duckdb.BinderException | duckdb.ParserException | duckdb.CatalogException):
        return MappingError(
            f"An expression of the mapping does not fit {file.name}: {text}", remedy="Correct it."
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return SourceFileError(
            f"{file.name} needs more memory than allowed: {text}", remedy="Raise the memory limit."
        )
    if "unicode" in str(error).lower():
        return not_utf8(file, path)
    return SourceFileError(
        f"{file.name} cannot be read: {text}", remedy="Check the file against its mapping."
    )

"""A file's rows as a DuckDB relation of text columns, none of them lost.

Two ways lead there. A regular CSV file is read by DuckDB itself, in parallel, under strict rules. Whatever
those
rules refuse (a row with another number of fields, a lone carriage return, broken quotes) is read again by the
careful reader, row by row, which keeps each broken record with its number and what is wrong with it.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from watchfloor.facts.imports.errors import SourceFileError
from watchfloor.facts.imports.files import LogFile, first_bad_utf8, to_utf8
from watchfloor.facts.imports.mapping import Source
from watchfloor.facts.sources import literal, quoted

ROW, BROKEN, EXTRA = "_row", "_broken", "_extra"
_RESERVED = {ROW, BROKEN, EXTRA}
_LONGEST_FIELD = 16 << 20
_BATCH_ROWS = 20_000


@dataclass(frozen=True)
class Rows:
    """A relation of text columns: `columns` are its names; `numbered` says that it carries `_row` itself."""

    sql: str
    columns: tuple[str, ...]
    numbered: bool
    careful: bool


def header_of(file: LogFile, source: Source, *, workspace: Path) -> tuple[Path, tuple[str, ...]]:
    """Return (the file in UTF-8, its column names).

    Raises:
        SourceFileError: there is no header, two columns share a name, or the text is not in the encoding.

    """
    if source.format == "parquet":
        return file.path, _parquet_columns(file)
    path = file.path
    if source.encoding.lower().replace("_", "-") not in ("utf-8", "utf8", "utf-8-sig"):
        path = to_utf8(path, encoding=source.encoding, target=workspace / f"{path.name}.utf8", name=file.name)
    if source.format == "jsonl":
        return path, ()
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            header = next(csv.reader(text, delimiter=source.delimiter, quotechar=source.quote), None)
    except UnicodeDecodeError:
        raise not_utf8(file, path) from None
    except csv.Error as error:
        raise SourceFileError(
            f"{file.name} has no readable header: {error}.", remedy="Check the delimiter."
        ) from error
    if not header or not any(name.strip() for name in header):
        raise SourceFileError(
            f"{file.name} has no header line.", remedy="Add the column names as its first line."
        )
    names = tuple(name.strip() for name in header)
    _check_names(file, names)
    return path, names


def read_rows(
    file: LogFile, source: Source, *, path: Path, columns: tuple[str, ...], careful: bool, workspace: Path
) -> Rows:
    """Return the rows of the file; `careful` reads every record by itself.

    Raises:
        SourceFileError: the file cannot be read as its mapping says.

    """
    if source.format == "parquet":
        casts = ", ".join(f"CAST({quoted(name)} AS VARCHAR) AS {quoted(name)}" for name in columns)
        return Rows(f"(SELECT {casts} FROM read_parquet({literal(str(path))}))", columns, False, False)
    if source.format == "csv" and not careful:
        types = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in columns)
        sql = (
            f"read_csv({literal(str(path))}, columns={{{types}}}, header=true, auto_detect=false, "
            f"delim={literal(source.delimiter)}, quote={literal(source.quote)}, "
            f"escape={literal(source.quote)}, "
            f"max_line_size={_LONGEST_FIELD}, nullstr='', compression='none')"
        )
        return Rows(sql, columns, False, False)
    target = workspace / f"{path.parent.name}-{path.name}.careful.parquet"
    if source.format == "csv":
        _write(target, columns, _careful_csv(file, source, path, columns))
    else:
        columns = _json_columns(file, path, source)
        _check_names(file, columns)
        _write(target, columns, _careful_json(file, path, columns))
    return Rows(f"read_parquet({literal(str(target))})", columns, True, True)


def not_utf8(file: LogFile, path: Path) -> SourceFileError:
    """Return the error that says where the file stops being UTF-8."""
    found = first_bad_utf8(path)
    where = f": byte {found[0]:,}, line {found[1]:,}" if found else ""
    return SourceFileError(
        f"{file.name} is not UTF-8{where}.",
        remedy="Set `encoding` in the mapping's source, for example latin-1 or utf-16.",
    )


def _check_names(file: LogFile, names: tuple[str, ...]) -> None:
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise SourceFileError(
            f"{file.name} has the column {doubled[0]!r} {names.count(doubled[0])} times in its header.",
            remedy="Rename one of them in the file.",
        )
    lowered = [name.lower() for name in names]
    clash = sorted({name for name in names if lowered.count(name.lower()) > 1})
    if clash:
        raise SourceFileError(
            f"{file.name} has columns that differ in case only: {', '.join(clash)}.",
            remedy="Rename one of them.",
        )
    reserved = _RESERVED & set(names)
    if reserved or "" in names:
        raise SourceFileError(
            f"{file.name} has a column named {min(reserved) if reserved else ''!r}.",
            remedy="Rename it in the file.",
        )


def _parquet_columns(file: LogFile) -> tuple[str, ...]:
    try:
        names = tuple(pq.read_schema(file.path).names)
    except (pa.ArrowInvalid, OSError) as error:
        raise SourceFileError(
            f"{file.name} is no readable Parquet file: {error}.", remedy="Fetch it again."
        ) from error
    _check_names(file, names)
    return names


def _write(
    target: Path, columns: tuple[str, ...], rows: Iterator[tuple[int, str | None, str | None, list[Any]]]
) -> None:
    schema = pa.schema(
        [pa.field(ROW, pa.int64()), pa.field(BROKEN, pa.string()), pa.field(EXTRA, pa.string())]
        + [pa.field(name, pa.string()) for name in columns]
    )
    with pq.ParquetWriter(target, schema, compression="lz4") as writer:
        batch: list[tuple[int, str | None, str | None, list[Any]]] = []
        for row in rows:
            batch.append(row)
            if len(batch) == _BATCH_ROWS:
                writer.write_table(_arrow(batch, schema))
                batch.clear()
        writer.write_table(_arrow(batch, schema))


def _arrow(batch: list[tuple[int, str | None, str | None, list[Any]]], schema: pa.Schema) -> pa.Table:
    arrays: list[list[Any]] = [
        [row[0] for row in batch],
        [row[1] for row in batch],
        [row[2] for row in batch],
    ]
    arrays += [[row[3][place] for row in batch] for place in range(len(schema) - 3)]
    return pa.Table.from_arrays(
        [pa.array(values, type=field.type) for values, field in zip(arrays, schema, strict=True)],
        schema=schema,
    )


def _careful_csv(
    file: LogFile, source: Source, path: Path, columns: tuple[str, ...]
) -> Iterator[tuple[int, str | None, str | None, list[Any]]]:
    csv.field_size_limit(_LONGEST_FIELD)
    width = len(columns)
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, delimiter=source.delimiter, quotechar=source.quote)
            next(reader, None)
            for record in reader:
                if not record:
                    continue  # an empty line is no record
                number += 1
                values = [value or None for value in record[:width]]
                if len(record) == width:
                    yield number, None, None, values
                    continue
                broken = f"record has {len(record)} fields, not {width}"
                extra = json.dumps(record[width:], ensure_ascii=False) if len(record) > width else None
                yield number, broken, extra, values + [None] * (width - len(values))
    except UnicodeDecodeError:
        raise not_utf8(file, path) from None
    except csv.Error as error:
        raise SourceFileError(
            f"{file.name}, record {number + 1:,}: {error}.", remedy="Check for a quote that is never closed."
        ) from error


def _json_columns(file: LogFile, path: Path, source: Source) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for _, record, _ in _json_records(file, path):
        found.update(dict.fromkeys(record))
    wanted = dict.fromkeys([*source.columns, *found])
    return tuple(wanted)


def _careful_json(
    file: LogFile, path: Path, columns: tuple[str, ...]
) -> Iterator[tuple[int, str | None, str | None, list[Any]]]:
    for number, record, broken in _json_records(file, path):
        extra = None if not broken else broken[1]
        yield number, broken[0] if broken else None, extra, [_as_text(record.get(name)) for name in columns]


def _json_records(file: LogFile, path: Path) -> Iterator[tuple[int, dict[str, Any], tuple[str, str] | None]]:
    number = 0
    try:
        with path.open(encoding="utf-8-sig") as text:
            for line in text:
                if not line.strip():
                    continue
                number += 1
                try:
                    record = json.loads(line)
                except (ValueError, RecursionError) as error:
                    yield number, {}, (f"line is no JSON: {error}", line.rstrip("\n"))
                    continue
                if isinstance(record, dict):
                    yield number, record, None
                else:
                    yield number, {}, ("line is no JSON object", line.rstrip("\n"))
    except UnicodeDecodeError:
        raise not_utf8(file, path) from None


def _as_text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")  # JSON can spell half a character
    return json.dumps(value, ensure_ascii=False)


def is_parse_error(error: duckdb.Error) -> bool:
    """Whether DuckDB refused the file's rows, so that the careful reader should look at them."""
    text = str(error)
    return isinstance(error, duckdb.InvalidInputException) and ("CSV" in text or "unicode" in text.lower())

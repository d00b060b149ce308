"""What a fact table is made of: typed columns, keys, and the instant that places a row in a day."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pyarrow as pa

ColumnType = Literal["string", "int", "float", "bool", "instant", "strings"]

_ARROW: dict[str, pa.DataType] = {
    "string": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "instant": pa.timestamp("us", tz="UTC"),
    "strings": pa.list_(pa.string()),
}


@dataclass(frozen=True)
class Column:
    """One typed column. `required` columns are never null; `one_of` closes the values."""

    name: str
    type: ColumnType
    doc: str
    required: bool = False
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class FactTable:
    """A fact's schema: its grain in words, its key, and the instant that places a row in a day."""

    name: str
    grain: str
    key: tuple[str, ...]
    instant: str
    columns: tuple[Column, ...]

    @cached_property
    def arrow_schema(self) -> pa.Schema:
        """The Arrow schema, without the partition column."""
        return pa.schema([pa.field(c.name, _ARROW[c.type], nullable=not c.required) for c in self.columns])

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns by name."""
        return {column.name: column for column in self.columns}


def text(name: str, doc: str, *, required: bool = False, one_of: tuple[str, ...] = ()) -> Column:
    """Return a column of texts."""
    return Column(name, "string", doc, required, one_of)


def whole(name: str, doc: str, *, required: bool = False) -> Column:
    """Return a column of whole numbers."""
    return Column(name, "int", doc, required)


def number(name: str, doc: str) -> Column:
    """Return a column of numbers."""
    return Column(name, "float", doc)


def flag(name: str, doc: str) -> Column:
    """Return a column of yes and no."""
    return Column(name, "bool", doc)


def instant(name: str, doc: str, *, required: bool = False) -> Column:
    """Return a column of instants."""
    return Column(name, "instant", doc, required)

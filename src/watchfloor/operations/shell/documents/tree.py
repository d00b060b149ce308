"""The tree of a document: what stands in it, in order, without how it looks. Texts are in one language."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

Tone = Literal["plain", "good", "bad", "warn", "quiet"]
Kind = Literal["text", "number", "share", "seconds", "status"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a document: its value with interval, as text for people, and where it comes from.

    Attributes:
        value: In its unit; None is no data.
        text: As people read it.
        low: Lower bound of its interval, if it has one.
        high: Upper bound.
        interval: The interval as people read it; empty without one.
        unit: As in the metric's definition; workbooks format by it.
        tone: How it stands against what was asked.
        url: Address of the cells behind it, for pages and PDF.

    """

    value: float | None
    text: str
    low: float | None = None
    high: float | None = None
    interval: str = ""
    unit: str = ""
    tone: Tone = "plain"
    url: str = ""


Value = Number | str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 3."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; parts that are numbers keep their addresses."""

    parts: tuple[Value, ...]

    @classmethod
    def of(cls, *parts: Value) -> "Text":
        """Return a paragraph of the parts, in order."""
        return cls(tuple(parts))


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader should know first: a withheld section, a warning, simulated data."""

    text: str
    tone: Tone = "warn"


@dataclass(frozen=True, slots=True)
class Figure:
    """One large number with its name and a line below."""

    name: str
    number: Number
    below: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Large numbers side by side, the most important first."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its title, and how its values are set."""

    title: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Rows hold as many values as there are columns."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    title: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a chart: values with their intervals, in the order of the chart's categories."""

    name: str
    values: tuple[float | None, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: the specification that pages and PDF draw, and the series that a workbook draws natively.

    `spec` is a Vega-Lite specification (`shell.charts`). `limit` is a target, drawn as a line of its own.
    """

    title: str
    spec: Mapping[str, Any]
    categories: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()
    form: Literal["line", "bar", "column", "scatter"] = "line"
    unit: str = ""
    limit: float | None = None
    alternative: str = ""


@dataclass(frozen=True, slots=True)
class PageBreak:
    """The next block begins on a new page, and in a workbook on a new sheet where `sheet` names one."""

    sheet: str = ""


Block = Heading | Text | Note | Figures | Table | Chart | PageBreak


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document.

    Attributes:
        title: Its name.
        blocks: What stands in it, in order.
        made_at: When it was made; the same instant gives the same bytes.
        language: `en` or `zh-hans`.
        subtitle: The period and the operation.
        simulated: Said on every page where it is not empty.
        sources: Facts version, definition versions, filters: what the numbers stand on.

    """

    title: str
    blocks: tuple[Block, ...]
    made_at: datetime
    language: str = "en"
    subtitle: str = ""
    simulated: str = ""
    sources: tuple[str, ...] = field(default=())

    def plain(self) -> dict[str, Any]:
        """Return the tree as plain values, each block with its `kind`."""
        return {
            "title": self.title,
            "subtitle": self.subtitle,
            "language": self.language,
            "simulated": self.simulated,
            "sources": list(self.sources),
            "made_at": self.made_at.isoformat(timespec="seconds"),
            "blocks": [{"kind": type(block).__name__, **asdict(block)} for block in self.blocks],
        }

    @property
    def digest(self) -> str:
        """SHA-256 of the tree, hexadecimal, without the instant at which it was made."""
        tree = {name: value for name, value in self.plain().items() if name != "made_at"}
        written = json.dumps(tree, sort_keys=True, ensure_ascii=False, allow_nan=False)
        return hashlib.sha256(written.encode()).hexdigest()

"""What engines write differently: one small template set an engine. Everything else is plain SQL.

sqlglot renders row expressions; aggregates that differ between engines stand here, because a transpiler
writes wrong SQL for them without saying so.
"""

from dataclasses import dataclass
from datetime import datetime

HOUR_MICROSECONDS = 3_600_000_000
DAY_MICROSECONDS = 24 * HOUR_MICROSECONDS


@dataclass(frozen=True)
class Dialect:
    """The templates of one engine.

    Attributes:
        name: Name of the engine's dialect, as `Engine.dialect` and sqlglot know it.
        microseconds_template: Instant → whole microseconds since 1970 UTC.
        floor_divide_template: Integer floor division.
        backslash_escapes: Whether a backslash escapes inside a text literal.
        text_type: Name of the text type.
        timestamp_template: Whole microseconds since 1970 → instant.
        sorts_lists: Whether `list_sort` and `list_select` answer exact quantiles in one pass.

    """

    name: str
    microseconds_template: str
    floor_divide_template: str
    backslash_escapes: bool
    text_type: str
    timestamp_template: str
    sorts_lists: bool

    def month_number(self, local_microseconds: str) -> str:
        """Return SQL for the months since year 0 of a local clock in microseconds."""
        local = self.timestamp_template.format(local_microseconds)
        return f"(year({local}) * 12 + month({local}) - 1)"

    def as_text(self, value: str) -> str:
        """Return `value` cast to text."""
        return f"CAST({value} AS {self.text_type})"

    def instant_of(self, microseconds: str) -> str:
        """Return SQL for the instant that many microseconds after 1970."""
        if self.name == "duckdb":
            return f"make_timestamptz({microseconds})"
        return f"timestamp_micros({microseconds})"

    def each_integer(self, first: str, last: str) -> str:
        """Return SQL that yields one row for each integer from `first` to `last`."""
        if self.name == "duckdb":
            return f"unnest(generate_series({first}, {last}))"
        return f"explode(sequence({first}, {last}))"

    def microseconds(self, instant: str) -> str:
        """Return SQL for whole microseconds since 1970."""
        return self.microseconds_template.format(instant)

    def seconds_between(self, start: str, end: str) -> str:
        """Return SQL for the seconds from `start` to `end`, negative when `end` is earlier."""
        return f"(({self.microseconds(end)} - {self.microseconds(start)}) / 1000000.0)"

    def first_of(self, texts: str) -> str:
        """Return SQL for the first of a list of texts; null where it is empty."""
        return f"list_extract({texts}, 1)" if self.name == "duckdb" else f"get({texts}, 0)"

    def floor_divide(self, dividend: str, divisor: int | str) -> str:
        """Return SQL for the floor of the quotient of integers."""
        return self.floor_divide_template.format(dividend, divisor)

    def text(self, value: str) -> str:
        """Return `value` as a text literal."""
        escaped = value.replace("\\", "\\\\") if self.backslash_escapes else value
        quote = "\\'" if self.backslash_escapes else "''"
        return f"'{escaped.replace(chr(39), quote)}'"

    def instant(self, value: datetime) -> str:
        """Return `value` as an instant literal."""
        return self.instant_text(value.isoformat(sep=" "))

    def instant_text(self, text: str) -> str:
        """Return the instant that an ISO text with its offset names, as a literal."""
        return f"{'TIMESTAMPTZ' if self.name == 'duckdb' else 'TIMESTAMP'} '{text}'"

    def exact_quantile(self, value: str, probability: float) -> str:
        """Return the aggregate for the observation of rank ⌈n·probability⌉."""
        if self.name == "duckdb":
            return f"quantile_disc({value}, {probability!r})"
        return f"percentile_disc({probability!r}) WITHIN GROUP (ORDER BY {value})"

    @property
    def explode(self) -> str:
        """The function that yields the members of a list, a row each."""
        return "unnest" if self.name == "duckdb" else "explode"

    def joined(self, members: str) -> str:
        """Return SQL for the members of a list as one text, in alphabetical order."""
        if self.name == "duckdb":
            return f"array_to_string(list_sort({members}), '+')"
        return f"array_join(array_sort({members}), '+')"

    def votes(self, column: str) -> str:
        """Return the aggregate for the values of a group's turns, in their order, as one text."""
        if self.name == "duckdb":
            return f"string_agg({column}, '|' ORDER BY turn, submitted_at)"
        ordered = f"array_sort(collect_list(struct(turn, submitted_at, {column})))"
        return f"array_join(transform({ordered}, vote -> vote.{column}), '|')"

    def parquet(self, paths: list[str]) -> str:
        """Return a FROM item that reads Parquet files of one schema."""
        if self.name == "duckdb":
            return f"read_parquet([{', '.join(self.text(path) for path in paths)}])"
        union = " UNION ALL ".join(f"SELECT * FROM parquet.`{path}`" for path in paths)
        return f"({union})"


DIALECTS = {
    "duckdb": Dialect(
        name="duckdb",
        microseconds_template="epoch_us({})",
        floor_divide_template="({} // {})",
        backslash_escapes=False,
        text_type="VARCHAR",
        timestamp_template="make_timestamp({})",
        sorts_lists=True,
    ),
    "spark": Dialect(
        name="spark",
        microseconds_template="unix_micros({})",
        floor_divide_template="CAST(floor({} / {}) AS BIGINT)",
        backslash_escapes=True,
        text_type="STRING",
        timestamp_template="timestamp_micros({})",
        sorts_lists=False,
    ),
}

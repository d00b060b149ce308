"""What one relation is: rows that metrics aggregate, and the SQL that yields them on any engine."""

import re
from dataclasses import dataclass

from watchfloor.facts.schemas import TABLES
from watchfloor.metrics.dialects import HOUR_MICROSECONDS, Dialect

BEGINNING = "1000-01-01 00:00:00+00:00"
ANY = "(any)"
END_OF_TIME = "9999-01-01 00:00:00+00:00"
_TOKEN = re.compile(r"\{(\w+)(?::([^{}]*))?\}")


@dataclass(frozen=True)
class Relation:
    """Rows a metric aggregates.

    In `sql` stand a few words in braces, so that one text serves every engine:

    - `{narrowed}` a condition on `case_id` that spares a join the cases that are not asked for;
    - `{low}`, `{high}`, `{until}` the instants between which rows are wanted, and that of the question;
    - `{hour:x}` the number of the UTC hour of x, `{hours:x|y}` a row for each hour from x to before y;
    - `{hour_start:n}` the instant an hour begins, `{us:x}` whole microseconds, `{slot:x|y}` floor of x ÷ y;
    - `{after:x|n}`, `{before:x|n}` the instant n seconds after or before x;
    - `{seconds:x|y}` the seconds from x to y; `{first:x}` the first of a list; `{text}` the type of texts;
    - `{explode}` the members of a list a row each, `{joined:x}` a list as one text, `{votes:x}` the values of
      a group's turns as one text.

    Attributes:
        name: As definitions write it.
        doc: One row is what.
        facts: Facts read; the first places its rows.
        columns: Columns a row expression may name.
        sql: SELECT of the rows; None reads the fact of that name as it stands.
        entity: Column that identifies the row's case or person, for tracing a number back.
        prunable_at: Time column by which whole files can be left out; None where rows of any file may enter.
        clock: Whether rows are intervals, cut at the edges of the period and of each bucket.
        planned: Whether rows may lie in the future: a plan, a forecast, a contract.
        needs: Facts without which the relation says nothing; by default the first.
        totals: Dimensions of which one row says `ANY`: it answers where nobody asks for that dimension.

    """

    name: str
    doc: str
    facts: tuple[str, ...]
    columns: tuple[str, ...]
    sql: str | None
    entity: str
    prunable_at: str | None
    clock: bool = False
    planned: bool = False
    needs: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()

    @property
    def needed(self) -> tuple[str, ...]:
        """Facts that must not be empty."""
        return self.needs or self.facts[:1]

    @property
    def reads_present(self) -> bool:
        """Whether its rows depend on the instant of the question, so that stored sums hold until then."""
        return bool(self.sql) and "{until}" in (self.sql or "")

    @property
    def reaches_on(self) -> bool:
        """Whether a fact may bear on later days: an interval, a plan, a comparison with the week before."""
        return self.clock or self.planned or self.reads_present or "standard_time" in self.facts

    @property
    def derived_columns(self) -> tuple[str, ...]:
        """The columns that its first fact does not have."""
        return tuple(name for name in self.columns if name not in TABLES[self.facts[0]].by_name)

    def source(
        self,
        dialect: Dialect,
        *,
        until: str,
        low: str | None = None,
        high: str | None = None,
        among: str = "",
    ) -> str:
        """Return a FROM item: the fact's view, or the derived SELECT in brackets.

        Args:
            dialect: The engine's.
            until: SQL of the instant of the question.
            low: SQL of the instant from which rows are wanted; None is the beginning of time.
            high: SQL of the instant before which rows are wanted.
            among: SELECT of the cases whose rows may be kept; empty for any case.

        """
        if self.sql is None:
            return f"fact_{self.facts[0]}"
        words = {
            "narrowed": f"AND case_id IN ({among})" if among else "",
            "low": low or dialect.instant_text(BEGINNING),
            "high": high or dialect.instant_text(END_OF_TIME),
            "until": until,
            "text": dialect.text_type,
            "explode": dialect.explode,
        }
        return f"({_rendered(self.sql, words, dialect)})"


def _rendered(sql: str, words: dict[str, str], dialect: Dialect) -> str:
    def word(found: re.Match[str]) -> str:
        name, given = found[1], found[2]
        if given is None:
            return words[name]
        first, _, second = given.partition("|")
        if name == "hour":
            return dialect.floor_divide(dialect.microseconds(first), HOUR_MICROSECONDS)
        if name == "hours":
            last = dialect.floor_divide(f"({dialect.microseconds(second)} - 1)", HOUR_MICROSECONDS)
            begins = dialect.floor_divide(dialect.microseconds(first), HOUR_MICROSECONDS)
            return dialect.each_integer(begins, f"greatest({begins}, {last})")
        if name == "hour_start":
            return dialect.instant_of(f"({first} * {HOUR_MICROSECONDS})")
        if name == "slot":
            return dialect.floor_divide(dialect.microseconds(first), f"({second})")
        if name in ("after", "before"):
            sign = "+" if name == "after" else "-"
            return dialect.instant_of(f"({dialect.microseconds(first)} {sign} {second}000000)")
        simple = {"us": dialect.microseconds, "first": dialect.first_of}
        simple |= {"joined": dialect.joined, "votes": dialect.votes}
        return simple[name](first) if name in simple else dialect.seconds_between(first, second)

    before = ""
    while before != sql:  # a word may stand inside another one's braces; the innermost goes first
        before, sql = sql, _TOKEN.sub(word, sql)
    return sql

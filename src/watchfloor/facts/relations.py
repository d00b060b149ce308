"""Relations derived from facts: views that every engine offers beside the facts, with one meaning in each
dialect.

`case_outcome` brings decisions beside cases; `activity_hour` and `shift_hour` cut intervals at the hour's
edges. A relation reads its facts through inputs of its own, because a period leaves out other files there
than for the plain fact: a case of March may be decided in April.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from watchfloor.facts.schemas import TABLES, ColumnType
from watchfloor.facts.snapshot import Snapshot
from watchfloor.facts.writing import DataFile
from watchfloor.kernel import Period

_FAR_FUTURE = datetime(9999, 1, 1, tzinfo=UTC)
_HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Input:
    """A fact that a relation reads, and which of its files a period needs.

    `from_start` keeps every file from the start of the period on; `end_column` keeps those whose intervals
    reach into the period, though they began before it.
    """

    table: str
    from_start: bool = False
    end_column: str = ""

    def files(self, snapshot: Snapshot, period: Period | None) -> tuple[DataFile, ...]:
        """Return the files of the input that rows of the relation in `period` can stem from."""
        if period is not None and self.from_start:
            period = Period(period.start, max(period.end, _FAR_FUTURE))
        return snapshot.data_files(self.table, period, end_column=self.end_column)


@dataclass(frozen=True)
class Relation:
    """A derived view: its grain in words, the columns it has beyond its first input's, and its SQL by
    dialect.

    In the SQL, `{case}` stands for the input of that fact and `{known_until_ms}` for the last instant that
    the version knows of, in milliseconds since 1970.
    """

    name: str
    grain: str
    inputs: tuple[Input, ...]
    columns: tuple[tuple[str, ColumnType, str], ...]
    sql: MappingProxyType[str, str]


_OUTCOME_COLUMNS: tuple[tuple[str, ColumnType, str], ...] = (
    ("first_decided_at", "instant", "First decision of the case, withdrawn or not; null while it is open."),
    ("first_standing_decided_at", "instant", "First decision that was not withdrawn."),
    ("last_decided_at", "instant", "Last decision, withdrawn or not."),
    ("decision_count", "int", "Decisions of the case, 0 while it is open."),
    ("standing_decision_count", "int", "Decisions that were not withdrawn."),
    ("withdrawn", "bool", "Whether the case was decided and no decision stands."),
    ("site_id", "string", "Site of the first standing decision."),
    ("team_id", "string", "Team of the first standing decision."),
    ("employer_kind", "string", "Employer of the first standing decision."),
    ("action", "string", "Action of the first standing decision."),
    ("violative", "bool", "Whether the first standing decision found a violation."),
    ("automated", "bool", "Whether the first standing decision was made without a person."),
)

_HOUR_COLUMNS: tuple[tuple[str, ColumnType, str], ...] = (
    ("hour_at", "instant", "Start of the hour, UTC."),
    ("seconds", "float", "Seconds of the interval inside the hour, over 0 up to 3,600."),
)


def _case_outcome(first: str) -> str:
    picked = ("site_id", "team_id", "employer_kind", "action", "violative", "automated")
    chosen = ", ".join(
        f"{first.format(column)} FILTER (WHERE withdrawn_at IS NULL) AS {column}" for column in picked
    )
    joined = ", ".join(f"d.{column}" for column in picked)
    return f"""
        SELECT c.*, d.first_decided_at, d.first_standing_decided_at, d.last_decided_at,
            coalesce(d.decision_count, 0) AS decision_count,
            coalesce(d.standing_decision_count, 0) AS standing_decision_count,
            coalesce(d.standing_decision_count = 0, false) AS withdrawn,
            {joined}
        FROM {{case}} AS c LEFT JOIN (
            SELECT case_id,
                min(decided_at) AS first_decided_at,
                min(decided_at) FILTER (WHERE withdrawn_at IS NULL) AS first_standing_decided_at,
                max(decided_at) AS last_decided_at,
                count(*) AS decision_count,
                count(*) FILTER (WHERE withdrawn_at IS NULL) AS standing_decision_count,
                {chosen}
            FROM {{decision}} GROUP BY case_id
        ) AS d ON d.case_id = c.case_id"""


def _hours(table: str, state: str, *, milliseconds: str, hours: str, instant: str) -> str:
    dimensions = ", ".join(
        column.name for column in TABLES[table].columns if column.name not in ("started_at", "ended_at")
    )
    first, last = f"hour_number * {_HOUR_MS}", f"(hour_number + 1) * {_HOUR_MS}"
    ended = f"coalesce({milliseconds.format('ended_at')}, {{known_until_ms}})"
    return f"""
        SELECT {dimensions}, {instant.format(first)} AS hour_at,
            (least(end_ms, {last}) - greatest(start_ms, {first})) / 1e3 AS seconds
        FROM (
            SELECT {dimensions}, start_ms, end_ms,
                {hours.format(first=f"start_ms {{div}} {_HOUR_MS}", last=f"(end_ms - 1) {{div}} {_HOUR_MS}")}
                    AS hour_number
            FROM (
                SELECT {dimensions}, {milliseconds.format("started_at")} AS start_ms, {ended} AS end_ms
                FROM {{{table}}} WHERE {state} IS NOT NULL
            ) AS bounded WHERE end_ms > start_ms
        ) AS cut"""


def _hours_in_each_dialect(table: str, state: str) -> MappingProxyType[str, str]:
    duckdb = _hours(
        table,
        state,
        milliseconds="epoch_ms({})",
        hours="unnest(generate_series({first}, {last}))",
        instant="make_timestamptz(({}) * 1000)",
    )
    spark = _hours(
        table,
        state,
        milliseconds="unix_millis({})",
        hours="explode(sequence({first}, {last}))",
        instant="timestamp_millis({})",
    )
    return MappingProxyType({"duckdb": duckdb.replace("{div}", "//"), "spark": spark.replace("{div}", "div")})


_RELATIONS = (
    Relation(
        "case_outcome",
        "one row a case, decided or not",
        (Input("case"), Input("decision", from_start=True)),
        _OUTCOME_COLUMNS,
        MappingProxyType(
            {
                "duckdb": _case_outcome("arg_min_null({0}, row(decided_at, decision_version, decision_id))"),
                "spark": _case_outcome("min_by({0}, struct(decided_at, decision_version, decision_id))"),
            }
        ),
    ),
    Relation(
        "activity_hour",
        "one row an activity interval and hour; one that lasts ends where the version's knowledge does",
        (Input("activity_interval", end_column="ended_at"),),
        _HOUR_COLUMNS,
        _hours_in_each_dialect("activity_interval", "state"),
    ),
    Relation(
        "shift_hour",
        "one row a planned interval and hour",
        (Input("shift_plan", end_column="ended_at"),),
        _HOUR_COLUMNS,
        _hours_in_each_dialect("shift_plan", "scheduled_state"),
    ),
)

RELATIONS = MappingProxyType({relation.name: relation for relation in _RELATIONS})


def known_until(snapshot: Snapshot, table: str) -> datetime:
    """Return the last instant that the rows of `table` speak of, at most the version's publication.

    An interval without an end lasts until then; what came after, the version does not know.
    """
    instants = [last for file in snapshot.data_files(table) for _, last in file.bounds.values()]
    return min(max(instants, default=snapshot.published_at), snapshot.published_at)


__all__ = ["RELATIONS", "Input", "Relation", "known_until"]

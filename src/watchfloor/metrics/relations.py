"""What a metric can stand on: the facts themselves, and a few relations derived from them.

A relation knows its columns, the facts it reads, and its SQL. Instants of plain facts are the columns
themselves; derived relations bring decisions beside cases, so that no metric writes a join.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from watchfloor.facts.schemas import TABLES

_CASE = tuple(TABLES["case"].by_name)
_DECISION = tuple(TABLES["decision"].by_name)
_ACTIVITY = tuple(TABLES["activity_interval"].by_name)


@dataclass(frozen=True)
class Relation:
    """Rows a metric aggregates.

    Attributes:
        name: As definitions write it.
        doc: One row is what.
        facts: Facts read.
        columns: Columns a row expression may name.
        sql: SELECT of the rows; None reads the fact of that name as it stands. `{narrowed}` stands where a
            condition on `case_id` spares the join the cases that are not asked for.
        entity: Column that identifies the row's case or person, for tracing a number back.
        prunable_at: Time column by which whole files can be left out; None where rows of any file may enter.
        clock: Whether rows are intervals, cut at the edges of the period and of each bucket.

    """

    name: str
    doc: str
    facts: tuple[str, ...]
    columns: tuple[str, ...]
    sql: str | None
    entity: str
    prunable_at: str | None
    clock: bool = False

    @property
    def derived_columns(self) -> tuple[str, ...]:
        """The columns that its first fact does not have."""
        return tuple(name for name in self.columns if name not in TABLES[self.facts[0]].by_name)

    @property
    def source(self) -> str:
        """A FROM item: the fact's view, or the derived SELECT in brackets."""
        return self.source_where("")

    def source_where(self, condition: str) -> str:
        """Return the FROM item for those who will keep only rows of the first fact that pass `condition`."""
        if self.sql is None:
            return f"fact_{self.facts[0]}"
        among = f"SELECT case_id FROM fact_{self.facts[0]} WHERE {condition}"
        narrowed = f"AND case_id IN ({among})" if condition else ""
        return f"({self.sql.replace('{narrowed}', narrowed)})"


# The schema numbers the decisions of a case 0, 1, 2 …: its first one is version 0, withdrawn or not.
_FIRST_DECISION = "SELECT * FROM fact_decision WHERE decision_version = 0"

_FIRST_STANDING_DECISION = """
    SELECT d.* FROM fact_decision d WHERE d.decision_version = 0 AND d.withdrawn_at IS NULL
    UNION ALL
    SELECT d.* FROM fact_decision d
    WHERE d.decision_version > 0 AND d.withdrawn_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM fact_decision e
        WHERE e.case_id = d.case_id AND e.withdrawn_at IS NULL AND e.decision_version < d.decision_version)
"""

_CASE_OUTCOME = """
    SELECT c.*, f.first_decided_at FROM fact_case c
    LEFT JOIN (
        SELECT case_id, decided_at AS first_decided_at FROM fact_decision
        WHERE decision_version = 0 {narrowed}
    ) f ON f.case_id = c.case_id
"""

_DECISION_FOLLOWED = """
    SELECT d.*, n.redecided_at FROM fact_decision d
    LEFT JOIN (
        SELECT case_id, min(decided_at) AS redecided_at FROM fact_decision
        WHERE decision_version = 1 GROUP BY case_id
    ) n ON n.case_id = d.case_id
    WHERE d.decision_version = 0
"""


def _plain(name: str, entity: str) -> Relation:
    table = TABLES[name]
    return Relation(name, table.grain, (name,), tuple(table.by_name), None, entity, table.instant)


_RELATIONS = (
    _plain("case", "case_id"),
    _plain("review", "case_id"),
    _plain("decision", "case_id"),
    Relation(
        "case_outcome",
        "one row a case, with the instant of its first decision, withdrawn later or not, if any",
        ("case", "decision"),
        (*_CASE, "first_decided_at"),
        _CASE_OUTCOME,
        "case_id",
        None,
    ),
    Relation(
        "first_decision",
        "one row a decided case: its first decision, withdrawn later or not",
        ("decision",),
        _DECISION,
        _FIRST_DECISION,
        "case_id",
        "decided_at",
    ),
    Relation(
        "first_standing_decision",
        "one row a case with a decision that stands: the first that was not withdrawn",
        ("decision",),
        _DECISION,
        _FIRST_STANDING_DECISION,
        "case_id",
        None,
    ),
    Relation(
        "decision_followed",
        "one row a case's first decision, with the instant it was decided again, if it was",
        ("decision",),
        (*_DECISION, "redecided_at"),
        _DECISION_FOLLOWED,
        "case_id",
        None,
    ),
    Relation(
        "activity",
        "one row a person, state and interval, cut at the edges of the period and of its buckets",
        ("activity_interval",),
        (*_ACTIVITY, "seconds", "begins"),
        None,
        "reviewer_id",
        None,
        clock=True,
    ),
)

RELATIONS: Mapping[str, Relation] = MappingProxyType({relation.name: relation for relation in _RELATIONS})

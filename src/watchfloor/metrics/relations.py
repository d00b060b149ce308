"""What a metric can stand on: the facts themselves, and a few relations derived from them.

A relation knows its columns, the facts it reads, and its SQL. Instants of plain facts are the columns
themselves; derived relations bring decisions beside cases, so that no metric writes a join.
"""

from collections.abc import Mapping
from types import MappingProxyType

from watchfloor.facts.schemas import TABLES
from watchfloor.metrics.quality_relations import QUALITY_RELATIONS
from watchfloor.metrics.relation import Relation
from watchfloor.metrics.relations_of_people import RELATIONS_OF_PEOPLE
from watchfloor.metrics.relations_of_work import RELATIONS_OF_WORK

_CASE = tuple(TABLES["case"].by_name)
_DECISION = tuple(TABLES["decision"].by_name)
_ACTIVITY = tuple(TABLES["activity_interval"].by_name)


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
    *QUALITY_RELATIONS,
)

RELATIONS: Mapping[str, Relation] = MappingProxyType(
    {relation.name: relation for relation in (*_RELATIONS, *RELATIONS_OF_WORK, *RELATIONS_OF_PEOPLE)}
)

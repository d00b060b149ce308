"""Relations of people: plans held against what happened, careers, certificates and learning.

The words in braces are those of `relation`.
"""

from watchfloor.facts.schemas import TABLES
from watchfloor.metrics.relation import Relation

_PLAN = tuple(TABLES["shift_plan"].by_name)
_WHO = ("site_id", "team_id", "employer_kind")
_KEPT = ("reviewer_id", *_WHO, "tenure_band", "queue_id", "scheduled_state")

_UNTIL = "least(coalesce(ended_at, {until}), {until})"
# People's plans and their days are matched hour by hour: an equality that engines join by hash.
_SHIFT_KEPT = f"""
    SELECT {", ".join(_KEPT)}, CAST(NULL AS {{text}}) AS actual_state, started_at, ended_at
    FROM fact_shift_plan WHERE started_at < {{high}} AND ended_at > {{low}} AND started_at < {{until}}
        AND scheduled_state <> 'offline'
    UNION ALL
    SELECT {", ".join(f"s.{name}" for name in _KEPT)}, a.state AS actual_state,
        greatest(s.started_at, a.started_at, {{hour_start:s.hour_number}}) AS started_at,
        least(s.ended_at, a.ended_at, {{hour_start:(s.hour_number + 1)}}) AS ended_at
    FROM (
        SELECT {", ".join(_KEPT)}, started_at, ended_at, {{hours:started_at|ended_at}} AS hour_number
        FROM fact_shift_plan WHERE started_at < {{high}} AND ended_at > {{low}} AND started_at < {{until}}
            AND scheduled_state <> 'offline'
    ) s JOIN (
        SELECT reviewer_id, state, started_at, ended_at, {{hours:started_at|ended_at}} AS hour_number FROM (
            SELECT reviewer_id, state, started_at, {_UNTIL} AS ended_at FROM fact_activity_interval
            WHERE state <> 'offline' AND started_at < {{high}} AND (ended_at > {{low}} OR ended_at IS NULL)
        ) known WHERE ended_at > started_at
    ) a ON a.reviewer_id = s.reviewer_id AND a.hour_number = s.hour_number
        AND a.started_at < s.ended_at AND a.ended_at > s.started_at
"""


def _first(kind: str, name: str) -> str:
    return f"min(CASE WHEN kind = '{kind}' THEN happened_at END) AS {name}"


def _latest(names: tuple[str, ...]) -> str:
    told = "max_by({0}, CASE WHEN {0} IS NULL THEN NULL ELSE happened_at END) AS {0}"
    return ", ".join(told.format(name) for name in names)


_EMPLOYMENT = f"""
    SELECT reviewer_id, {_latest(_WHO)}, {_first("hired", "hired_at")},
        {_first("first_production_case", "first_case_at")}, {_first("left", "left_at")}
    FROM fact_person_event GROUP BY reviewer_id
"""

_LEFT = """
    SELECT reviewer_id, min(happened_at) AS left_at FROM fact_person_event
    WHERE kind = 'left' GROUP BY reviewer_id
"""
_QUEUE_CAREER = f"""
    SELECT e.*, l.left_at FROM (
        SELECT reviewer_id, queue_id, {_latest(_WHO)},
            {_first("started_training", "training_started_at")},
            {_first("first_production_case", "first_case_at")}, {_first("certified", "certified_at")}
        FROM fact_person_event WHERE queue_id IS NOT NULL GROUP BY reviewer_id, queue_id
    ) e LEFT JOIN ({_LEFT}) l ON l.reviewer_id = e.reviewer_id
"""

# A certificate stands until the next event of the same person and queue, or until the person left.
_CERTIFICATION = f"""
    SELECT e.reviewer_id, e.queue_id, e.policy_version, {", ".join(f"e.{name}" for name in _WHO)}, e.valid,
        e.opened_at, CASE WHEN l.left_at < e.next_at OR e.next_at IS NULL THEN l.left_at ELSE e.next_at END
            AS closed_at
    FROM (
        SELECT reviewer_id, queue_id, policy_version, {", ".join(_WHO)}, kind = 'certified' AS valid,
            happened_at AS opened_at,
            lead(happened_at) OVER (PARTITION BY reviewer_id, queue_id ORDER BY happened_at, event_id)
                AS next_at
        FROM fact_person_event
        WHERE kind IN ('certified', 'certification_expired') AND queue_id IS NOT NULL
    ) e LEFT JOIN ({_LEFT}) l ON l.reviewer_id = e.reviewer_id
"""

_RAMP = """
    SELECT r.reviewer_id, r.site_id, r.team_id, r.employer_kind, r.queue_id, r.purpose, r.surface,
        p.first_case_at, r.handle_ms, r.submitted_at,
        row_number() OVER (PARTITION BY r.reviewer_id ORDER BY r.submitted_at, r.review_id) AS case_number,
        {seconds:p.first_case_at|r.submitted_at} / 86400.0 AS days_since_first
    FROM fact_review r JOIN (
        SELECT reviewer_id, min(happened_at) AS first_case_at FROM fact_person_event
        WHERE kind = 'first_production_case' GROUP BY reviewer_id
    ) p ON p.reviewer_id = r.reviewer_id
    WHERE r.kind IN ('first', 'second', 'third') AND r.outcome = 'submitted' AND r.purpose = 'production'
        AND r.handle_ms IS NOT NULL AND p.first_case_at >= {low} AND p.first_case_at < {high}
        AND r.submitted_at < {until}
"""

RELATIONS_OF_PEOPLE = (
    Relation(
        "schedule",
        "one row a person and planned interval, cut at the edges of the period and of its buckets",
        ("shift_plan",),
        (*_PLAN, "seconds", "begins"),
        None,
        "reviewer_id",
        None,
        clock=True,
        planned=True,
    ),
    Relation(
        "shift_kept",
        "planned time up to now (actual_state null), and beside it the time that people were on duty in it",
        ("shift_plan", "activity_interval"),
        (*_KEPT, "actual_state", "started_at", "ended_at", "seconds", "begins"),
        _SHIFT_KEPT,
        "reviewer_id",
        None,
        clock=True,
        needs=("shift_plan", "activity_interval"),
    ),
    Relation(
        "activity_interval",
        "one row a person, state and interval, as recorded",
        ("activity_interval",),
        tuple(TABLES["activity_interval"].by_name),
        None,
        "reviewer_id",
        "started_at",
    ),
    Relation(
        "person_event",
        "one row a person and event of a career",
        ("person_event",),
        tuple(TABLES["person_event"].by_name),
        None,
        "reviewer_id",
        "happened_at",
    ),
    Relation(
        "employment",
        "one row a person: hired, first production case, left",
        ("person_event",),
        ("reviewer_id", *_WHO, "hired_at", "first_case_at", "left_at"),
        _EMPLOYMENT,
        "reviewer_id",
        None,
    ),
    Relation(
        "queue_career",
        "one row a person and queue: training begun, first production case, first certified, left",
        ("person_event",),
        ("reviewer_id", "queue_id", *_WHO, "training_started_at", "first_case_at", "certified_at", "left_at"),
        _QUEUE_CAREER,
        "reviewer_id",
        None,
    ),
    Relation(
        "certification",
        "one row a person, queue and stretch in which a certificate stood, or had expired",
        ("person_event",),
        ("reviewer_id", "queue_id", "policy_version", *_WHO, "valid", "opened_at", "closed_at"),
        _CERTIFICATION,
        "reviewer_id",
        None,
    ),
    Relation(
        "ramp",
        "one row a submitted review of a person whose first production case is on record, numbered",
        ("person_event", "review"),
        (
            "reviewer_id",
            *_WHO,
            "queue_id",
            "purpose",
            "surface",
            "first_case_at",
            "handle_ms",
            "submitted_at",
            "case_number",
            "days_since_first",
        ),
        _RAMP,
        "reviewer_id",
        None,
        needs=("person_event", "review"),
    ),
)

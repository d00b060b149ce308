"""Relations of quality: audits beside both answers, one row a label or a cause, rated items, gold seen.

The words in braces are those of `relation`.
"""

from watchfloor.facts.schemas import TABLES
from watchfloor.metrics.relation import ANY, Relation

_AUDIT = tuple(TABLES["audit"].by_name)
_REVIEW = tuple(TABLES["review"].by_name)
_DECISION = tuple(TABLES["decision"].by_name)
_PERIOD = "unit_at >= {low} AND unit_at < {high}"
_QUEUE = ("queue_id", "purpose", "surface", "strategy_id", "language", "market", "data_boundary")

# A grey audit has no verdict: the policy does not decide it, so it counts for nobody.
_AUDITED = """
    SELECT a.*, a.answer_action = a.truth_action AS action_holds,
        array_sort(a.answer_families) = array_sort(a.truth_families) AS family_holds,
        array_sort(a.answer_labels) = array_sort(a.truth_labels) AS labels_hold
    FROM fact_audit a WHERE a.verdict IS NOT NULL
"""

# A label is at stake in every audit of a queue in which anybody used it; "(any)" asks for any violation.
_AUDITED_LABEL = f"""
    SELECT a.*, u.label,
        CASE WHEN u.label = '{ANY}' THEN a.answer_violative
            ELSE array_contains(a.answer_labels, u.label) END AS said,
        CASE WHEN u.label = '{ANY}' THEN a.truth_violative
            ELSE array_contains(a.truth_labels, u.label) END AS holds
    FROM fact_audit a JOIN (
        SELECT queue_id, {{explode}}(answer_labels) AS label FROM fact_audit WHERE {_PERIOD}
        UNION SELECT queue_id, {{explode}}(truth_labels) AS label FROM fact_audit WHERE {_PERIOD}
        UNION SELECT queue_id, '{ANY}' AS label FROM fact_audit WHERE {_PERIOD}
    ) u ON u.queue_id = a.queue_id
    WHERE a.verdict IS NOT NULL AND a.answer_labels IS NOT NULL AND a.truth_labels IS NOT NULL
"""

_ERROR_CAUSE = f"""
    SELECT {", ".join(f"a.{name}" for name in _AUDIT if name != "cause")}, u.cause,
        CASE WHEN u.cause = '{ANY}' THEN a.cause IS NOT NULL
            ELSE a.cause IS NOT NULL AND a.cause = u.cause END AS of_cause
    FROM fact_audit a CROSS JOIN (
        SELECT DISTINCT cause FROM fact_audit WHERE cause IS NOT NULL AND verdict = 'incorrect' AND {_PERIOD}
        UNION SELECT '{ANY}' AS cause
    ) u
    WHERE a.verdict = 'incorrect'
"""

# A third turn breaks ties and may come days later: agreement is between the two that nobody told anything.
_RATED = "kind IN ('first', 'second') AND outcome = 'submitted' AND blind"
_RATED_ITEM = f"""
    SELECT case_id, {", ".join(f"min({name}) AS {name}" for name in _QUEUE)},
        max(submitted_at) AS submitted_at, count(*) AS ratings,
        {{votes:label}} AS votes, {{votes:act}} AS acts
    FROM (
        SELECT *, coalesce({{joined:labels}}, '') AS label,
            CASE WHEN action IS NULL OR action = 'none' THEN 'no' ELSE 'yes' END AS act
        FROM fact_review WHERE {_RATED} AND case_id IN (
            SELECT case_id FROM fact_review
            WHERE {_RATED} AND submitted_at >= {{low}} AND submitted_at < {{high}})
    ) r GROUP BY case_id HAVING count(*) >= 2
"""

_GOLD_SEEN = """
    SELECT r.*, g.violative, array_sort(r.labels) = array_sort(g.labels) AS correct
    FROM fact_review r JOIN fact_gold_case g ON g.gold_id = r.gold_id
    WHERE r.outcome = 'submitted' AND r.submitted_at >= {low} AND r.submitted_at < {high}
        AND g.recorded_at <= r.submitted_at AND NOT EXISTS (
        SELECT 1 FROM fact_gold_case n
        WHERE n.gold_id = g.gold_id AND n.gold_version > g.gold_version AND n.recorded_at <= r.submitted_at)
"""

_DECISION_APPEALED = """
    SELECT d.*, p.appealed_at FROM fact_decision d
    LEFT JOIN (
        SELECT decision_id, min(filed_at) AS appealed_at FROM fact_appeal GROUP BY decision_id
    ) p ON p.decision_id = d.decision_id
"""

QUALITY_RELATIONS = (
    Relation(
        "audited",
        "one row an audit with a verdict, with what of the answer holds",
        ("audit",),
        (*_AUDIT, "action_holds", "family_holds", "labels_hold"),
        _AUDITED,
        "case_id",
        None,
    ),
    Relation(
        "audited_label",
        "one row an audit and label of its queue: whether the answer says it and whether it holds",
        ("audit",),
        (*_AUDIT, "label", "said", "holds"),
        _AUDITED_LABEL,
        "case_id",
        None,
        totals=("label",),
    ),
    Relation(
        "error_cause",
        "one row an audit that found an error, and cause: whether it is this error's",
        ("audit",),
        (*_AUDIT, "of_cause"),
        _ERROR_CAUSE,
        "case_id",
        None,
        totals=("cause",),
    ),
    Relation(
        "rated_item",
        "one row a case that two reviewers answered blind, with their answers by turn",
        ("review",),
        ("case_id", *_QUEUE, "submitted_at", "ratings", "votes", "acts"),
        _RATED_ITEM,
        "case_id",
        None,
    ),
    Relation(
        "gold_seen",
        "one row a review of a hidden golden case, held against its adjudicated answer",
        ("review", "gold_case"),
        (*_REVIEW, "violative", "correct"),
        _GOLD_SEEN,
        "case_id",
        None,
        needs=("gold_case", "review"),
    ),
    Relation(
        "decision_appealed",
        "one row a decision, with the instant of its first appeal, if any",
        ("decision", "appeal"),
        (*_DECISION, "appealed_at"),
        _DECISION_APPEALED,
        "case_id",
        None,
        needs=("decision", "appeal"),
    ),
    *(
        Relation(name, TABLES[name].grain, (name,), tuple(TABLES[name].by_name), None, entity, at)
        for name, entity, at in (
            ("audit", "case_id", "audited_at"),
            ("audit_stratum", "stratum", "frame_start_at"),
            ("impression", "object_id", "viewed_at"),
            ("calibration_answer", "item_id", "answered_at"),
            ("appeal", "case_id", "filed_at"),
        )
    ),
)

"""The facts: their columns, keys and instants. Names carry units; instants are UTC to the millisecond.

What a column means stands beside it and is printed in the reference pages. Dimensions in force when the
fact happened (site, team, tenure band, versions) are stored with it, so that no number needs a later join.
Reading and writing the tables is `facts.store`;
what a column is, `facts.kinds`; people, money and expectation stand in `facts.staffing_tables`.
"""

from types import MappingProxyType

from watchfloor.facts.kinds import Column, ColumnType, FactTable
from watchfloor.facts.kinds import flag as _b
from watchfloor.facts.kinds import instant as _at
from watchfloor.facts.kinds import number as _f
from watchfloor.facts.kinds import text as _s
from watchfloor.facts.kinds import whole as _i
from watchfloor.facts.staffing_tables import STAFFING_TABLES

__all__ = [
    "OUTCOMES",
    "PURPOSES",
    "REVIEW_KINDS",
    "RULES",
    "STATES",
    "TABLES",
    "Column",
    "ColumnType",
    "FactTable",
]

PURPOSES = ("production", "training", "qa", "appeal", "monitor")
REVIEW_KINDS = ("first", "second", "third", "audit", "correction")
OUTCOMES = ("submitted", "skipped", "timeout", "returned", "escalated")
RULES = ("last_turn", "majority", "third_breaks_tie", "consensus_posterior", "correction_wins", "imported")
STATES = ("handling", "available", "break", "wellness", "training", "meeting", "offline")

_QUEUE = (
    _s("queue_id", "Slug of the physical queue.", required=True),
    _i("queue_version", "Version of the queue's configuration in force."),
    _s("purpose", "Purpose of the queue.", required=True, one_of=PURPOSES),
    _s("surface", "Product surface: search, comment, message, video, live, account …"),
    _s("strategy_id", "Strategy that sent the case."),
    _s("language", "ISO 639-1 code, lower case."),
    _s("market", "ISO 3166-1 alpha-2 code, upper case."),
    _s("data_boundary", "Data boundary the case must not leave."),
)
_PERSON = (
    _s("site_id", "Slug of the reviewer's site at that instant."),
    _s("team_id", "Slug of the reviewer's team at that instant."),
    _s("employer_kind", "Who employs the reviewer.", one_of=("in_house", "vendor")),
    _s("tenure_band", "Days since the first production case: 0-30, 31-90, 91-180, 181-365, 366+."),
)

_TABLES = (
    FactTable(
        "case",
        "one row a case",
        ("case_id",),
        "enqueued_at",
        (
            _s("case_id", "The case.", required=True),
            _s("object_id", "The content object the case concerns; several cases may share it."),
            *_QUEUE,
            _at("enqueued_at", "First enqueue; the turnaround clock starts here.", required=True),
            _at("deadline_at", "Deadline under the SLA policy in force at enqueue."),
            _i("priority", "Severity class used for serving; lower is served first."),
            _s("severity_hint", "Severity expected by the strategy."),
            _f("risk_score", "Strategy's score, 0 to 1."),
            _f("media_seconds", "Length of the media, seconds."),
            _s("parent_case_id", "Case this one was split or escalated from."),
            _s("source_json", "Fields of an imported log that no other column holds, JSON."),
        ),
    ),
    FactTable(
        "review",
        "one row a reviewer's turn on a case",
        ("review_id",),
        "submitted_at",
        (
            _s("review_id", "The review.", required=True),
            _s("case_id", "The case reviewed.", required=True),
            _s("kind", "Production turn, audit or correction.", required=True, one_of=REVIEW_KINDS),
            _i("turn", "0 first, 1 blind second, 2 third; null for audits and corrections."),
            _s("reviewer_id", "The reviewer; null where the log does not say."),
            *_PERSON,
            *_QUEUE,
            _at("assigned_at", "When the case was claimed."),
            _at("first_render_at", "When the content was first shown."),
            _at("submitted_at", "When the turn ended, whatever its outcome.", required=True),
            _i("handle_ms", "submitted − assigned with idle gaps capped, milliseconds."),
            _i("active_ms", "Time with interaction, milliseconds."),
            _i("media_ms", "Time media was shown, milliseconds."),
            _s("outcome", "How the turn ended.", required=True, one_of=OUTCOMES),
            _s("answer_json", "The answer as recorded, JSON."),
            Column("labels", "strings", "Labels chosen."),
            _s("action", "Action chosen."),
            _i("policy_version", "Policy version shown."),
            _i("template_version", "Template version shown."),
            _i("sop_version", "SOP version in force."),
            _b("blind", "Whether earlier answers were hidden."),
            _s("gold_id", "Golden case behind a hidden check."),
        ),
    ),
    FactTable(
        "decision",
        "one row a case and decision version",
        ("decision_id",),
        "decided_at",
        (
            _s("decision_id", "The decision.", required=True),
            _s("case_id", "The case decided.", required=True),
            _i("decision_version", "0 for the first decision of the case, then 1, 2 …", required=True),
            _s("deciding_review_id", "Review that settled it."),
            _s("reviewer_id", "Reviewer of the deciding review."),
            *_PERSON,
            *_QUEUE,
            _s("rule", "Resolution rule.", required=True, one_of=RULES),
            _at("enqueued_at", "First enqueue of the case."),
            _at("deadline_at", "Deadline of the case."),
            _at("decided_at", "When the decision was made.", required=True),
            Column("labels", "strings", "Labels decided."),
            _s("action", "Action decided."),
            _b("violative", "Whether the decision finds a violation."),
            _s("callback_status", "pending, delivered, failed, dead, none."),
            _b("enforced", "Whether the product was to act on it."),
            _s("supersedes", "Decision replaced by this one."),
            _at("withdrawn_at", "When the decision was withdrawn without a successor."),
            _b("automated", "Whether it was made without a person."),
            _s("source_json", "Fields of an imported log that no other column holds, JSON."),
        ),
    ),
    FactTable(
        "audit",
        "one row an audited unit",
        ("audit_id",),
        "audited_at",
        (
            _s("audit_id", "The audit.", required=True),
            _s("review_id", "The audit's own review (kind audit)."),
            _s("unit_kind", "What was audited.", required=True, one_of=("review", "decision")),
            _s("unit_id", "The audited review or decision.", required=True),
            _s("auditor_id", "Who audited."),
            _s("reviewer_id", "Reviewer of the audited unit."),
            *_PERSON,
            *_QUEUE,
            _at("unit_at", "When the audited unit was made."),
            _at("audited_at", "When the audit was made.", required=True),
            _s("design_id", "Sampling design, with its seed."),
            _s("stratum", "Stratum of the design."),
            _f("pi", "Inclusion probability recorded at sampling, in (0, 1]."),
            _s("verdict", "correct or incorrect; null where a dispute found the policy silent."),
            _s("severity", "critical, major, minor."),
            _s("cause", "Defect cause from the closed taxonomy."),
            _s("dispute_state", "none, open, upheld, rejected, grey (the policy does not decide it)."),
            _s("adjudicated_answer", "Adjudicated answer, JSON."),
        ),
    ),
    FactTable(
        "appeal",
        "one row an appeal",
        ("appeal_id",),
        "filed_at",
        (
            _s("appeal_id", "The appeal.", required=True),
            _s("case_id", "The case appealed."),
            _s("decision_id", "The decision appealed."),
            *_QUEUE,
            _s("kind", "internal_complaint, counter_notice, out_of_court, correction …", required=True),
            _s("complainant_role", "user, notifier, trusted_flagger, authority …"),
            _at("filed_at", "When it was filed.", required=True),
            _at("decided_at", "When it was decided."),
            _s("outcome", "upheld, partially_reversed, reversed, withdrawn, omitted."),
            _s("source_json", "Fields of an imported log that no other column holds, JSON."),
        ),
    ),
    FactTable(
        "exposure",
        "one row a person, interval and severity",
        ("exposure_id",),
        "started_at",
        (
            _s("exposure_id", "The row.", required=True),
            _s("reviewer_id", "The person.", required=True),
            _s("site_id", "Site."),
            _s("team_id", "Team."),
            _s("severity", "Severity class shown.", required=True),
            _at("started_at", "Start of the interval.", required=True),
            _at("ended_at", "End of the interval."),
            _f("visible_seconds", "Seconds the content was visible."),
            _b("blurred", "Whether it was blurred."),
            _b("sound_on", "Whether sound was on."),
            _i("items", "Items seen in the interval; null where the row is one item."),
        ),
    ),
    FactTable(
        "activity_interval",
        "one row a person, state and interval",
        ("interval_id",),
        "started_at",
        (
            _s("interval_id", "The interval.", required=True),
            _s("reviewer_id", "The person.", required=True),
            *_PERSON,
            _s("state", "State of the person.", required=True, one_of=STATES),
            _at("started_at", "Start.", required=True),
            _at("ended_at", "End; null while it lasts."),
        ),
    ),
    FactTable(
        "shift_plan",
        "one row a person and planned interval",
        ("shift_id",),
        "started_at",
        (
            _s("shift_id", "The planned interval.", required=True),
            _s("reviewer_id", "The person.", required=True),
            *_PERSON,
            _s("queue_id", "Queue planned."),
            _s("scheduled_state", "State planned.", required=True, one_of=STATES),
            _at("started_at", "Planned start.", required=True),
            _at("ended_at", "Planned end.", required=True),
        ),
    ),
    FactTable(
        "forecast",
        "one row a queue, interval and vintage",
        ("queue_id", "interval_start_at", "interval_seconds", "vintage_at"),
        "interval_start_at",
        (
            _s("queue_id", "Queue.", required=True),
            _at("interval_start_at", "Start of the interval forecast.", required=True),
            _i("interval_seconds", "Length of the interval, seconds.", required=True),
            _at("vintage_at", "When the forecast was made.", required=True),
            _f("volume", "Expected cases."),
            _f("volume_p10", "10th percentile of cases."),
            _f("volume_p90", "90th percentile of cases."),
            _f("aht_seconds", "Expected handle time a review, seconds."),
        ),
    ),
    FactTable(
        "target",
        "one row a target version",
        ("target_id", "target_version"),
        "recorded_at",
        (
            _s("target_id", "The target.", required=True),
            _i("target_version", "Version.", required=True),
            _s("metric_id", "Metric.", required=True),
            _i("metric_version", "Metric version."),
            _s("scope_json", "Scope as JSON, dimension to values."),
            _s("direction", "higher_is_better or lower_is_better."),
            _f("value", "Value in the metric's unit."),
            _s("kind", "floor, ceiling, band, stretch."),
            _at("effective_from", "In force from."),
            _at("effective_to", "In force until; null is open."),
            _at("recorded_at", "When it was recorded.", required=True),
            _s("owner", "Owner."),
        ),
    ),
    FactTable(
        "change_event",
        "one row an object and version",
        ("event_id",),
        "at",
        (
            _s("event_id", "The change.", required=True),
            _s("object_kind", "policy, template, model, strategy, roster, metric, queue …", required=True),
            _s("object_id", "The object changed.", required=True),
            _i("object_version", "Version that took effect."),
            _s("kind", "created, changed, retired, incident, recovered …", required=True),
            _at("at", "When it took effect.", required=True),
            _s("author", "Who did it."),
            _s("summary", "One line for people."),
            _s("detail_json", "Before and after, JSON."),
        ),
    ),
    FactTable(
        "gold_case",
        "one row a golden case and version",
        ("gold_id", "gold_version"),
        "recorded_at",
        (
            _s("gold_id", "The golden case.", required=True),
            _i("gold_version", "Version.", required=True),
            _s("case_id", "Case it was made from."),
            _s("queue_id", "Queue."),
            _s("truth", "Adjudicated answer, JSON."),
            _s("rationale", "Why."),
            _f("difficulty", "0 easy to 1 hard."),
            _at("recorded_at", "When it was recorded.", required=True),
            _at("expires_at", "When it stops being valid."),
        ),
    ),
)

TABLES = MappingProxyType({table.name: table for table in (*_TABLES, *STAFFING_TABLES)})

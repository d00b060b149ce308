"""The closed lists of alerts: kinds of rules, states, severities, channels, and the suggestions that ship."""

from datetime import timedelta

KINDS = ("level", "burst", "budget_burn", "yield", "freshness")
COMPARISONS = ("above", "below")
SEVERITIES = ("critical", "high", "medium", "low")
"""The gravest first."""
PASSES_QUIET_HOURS = ("critical",)
ALERT_STATES = ("open", "acknowledged", "resolved", "expired")
STANDING = ("open", "acknowledged")
RULE_STATES = ("active", "paused", "retired")
CHANNEL_KINDS = ("email", "slack", "lark", "teams")
DEDUPLICATIONS = ("unit", "rule")
ROUTES = ("rule", "group")
EFFECTS = ("waiting", "reached", "not_reached", "unknown")

WATCHED_PURPOSES = ("production", "appeal")
"""Training, quality and monitor queues set off no alert."""

BURN_PAIRS = ((14.4, 1), (6.0, 6))
"""Suggested pairs of burn rate and hours for a budget of thirty days; every rule may change them."""
BASELINE_DAYS = 14
EXPIRES_AFTER = timedelta(days=7)
"""A standing alert whose cell has not been seen for so long is closed as expired."""
FLOOD = 5
"""More messages than this for one channel in one run leave as one."""

DEADLINE_METRICS = (
    "backlog_age_max",
    "backlog_age_p50",
    "backlog_age_p95",
    "share_overdue",
    "sla_attainment",
    "sla_attainment_harm",
    "sla_lateness_max",
    "tat_p90",
    "tat_p95",
    "tat_p99",
    "backlog_hours",
)
"""Metrics that tell whether cases are decided in time; a queue goes live with a rule on one of them."""

WATCHED_FACTS = ("case", "review", "decision")
"""Facts whose age a rule on freshness looks at."""

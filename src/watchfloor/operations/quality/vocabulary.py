"""The closed lists of quality: states, verdicts, severities, causes, levels of a dispute and their clocks."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

GOLD_STATES = ("nominated", "contested", "standing", "expired", "rejected")
OPEN_GOLD_STATES = ("nominated", "contested")
EXERCISE_KINDS = ("hidden", "training")
TRAINING_STATES = ("training", "graduated", "failed", "superseded")
TRAINING_KINDS = ("first", "recertification")

DESIGN_KINDS = ("simple", "stratified", "systematic")
UNIT_KINDS = ("review", "decision")
AUDIT_STATES = ("waiting", "taken", "answered", "done", "withdrawn")
VERDICTS = ("correct", "incorrect")
ERROR_SEVERITIES = ("critical", "major", "minor")
CAUSES = ("policy_unclear", "training", "tool", "strategy", "human", "gold_wrong")
"""Why an error happened. Closed, so that shares of causes can be compared between periods."""

DISPUTE_STATES = ("none", "open", "upheld", "rejected", "grey")
LEVELS = ("reviewer", "qa", "adjudicator", "policy")
"""Whose turn a dispute is: the reviewer's who filed it, then up to the owner of the policy."""
RULINGS = ("filed", "upheld", "rejected", "escalated", "referred", "grey", "accepted", "lapsed")

CLOCKS: Mapping[str, timedelta] = MappingProxyType(
    {
        "reviewer": timedelta(hours=72),
        "qa": timedelta(hours=48),
        "adjudicator": timedelta(hours=72),
        "policy": timedelta(hours=120),
    }
)
"""How long each level has to act; the reviewer's is also the time in which an audit may be disputed."""

STRATA = (
    "queue",
    "language",
    "market",
    "action",
    "violative",
    "severity",
    "strategy",
    "site",
    "team",
    "turn",
    "wellness",
)
"""What a stratified design may divide its frame by."""


def choices(values: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the values as Django's choices.

    >>> choices(("gold_wrong",))
    [('gold_wrong', 'Gold wrong')]
    """
    return [(value, value.replace("_", " ").capitalize()) for value in values]

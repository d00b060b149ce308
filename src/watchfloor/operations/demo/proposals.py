"""The demo's intake and changes under way: a new strategy, rules in draft, a template in draft, proposals."""

from datetime import datetime, timedelta

from watchfloor.operations.demo.cast import PRODUCTION, Cast, queue_of
from watchfloor.operations.queues.changes import approve_change, propose_change, reject_change
from watchfloor.operations.queues.models import TemplateVersion
from watchfloor.operations.queues.templating import PARTS, save_template
from watchfloor.operations.routing.models import RuleSet, Strategy
from watchfloor.operations.routing.services import (
    NewRule,
    StrategyTerms,
    approve_strategy,
    draft_rule_set,
    fingerprint,
    save_strategy,
    set_strategy_state,
)

BURSTS = "reply-bursts"
_EVIDENCE = {
    "type": "string",
    "maxLength": 300,
    "title": "Words that decided it",
    "title_zh_hans": "作出判断所依据的原文",
}


def seed_strategy(*, cast: Cast, at: datetime) -> None:
    """Write a strategy in canary: throttled, with an end, and with what is hoped for of its yield."""
    terms = StrategyTerms(
        name="Bursts of replies",
        name_zh_hans="回复激增",
        owner="community-text",
        queue_groups=("community-text",),
        policy="harassment",
        throttle_per_hour=40,
        canary_share=0.25,
        starts_at=at,
        ends_at=(at + timedelta(days=21)).replace(hour=0, minute=0, second=0, microsecond=0),
        expected_cases_per_day=300,
        expected_violative_share=0.35,
        expected_handle_seconds=95,
        cost_per_hour=21.0,
        note="Posts that get many replies from new accounts within ten minutes.",
    )
    save_strategy(slug=BURSTS, terms=terms, by=cast.strategist, now=at)
    seen = fingerprint(Strategy.objects.get(slug=BURSTS))
    at += timedelta(minutes=30)
    approve_strategy(slug=BURSTS, seen=seen, by=cast.admin, now=at, note="Three weeks, then we look.")
    set_strategy_state(
        slug=BURSTS,
        state="canary",
        by=cast.strategist,
        now=at + timedelta(minutes=5),
        reason="A quarter first.",
    )


def seed_rules(*, cast: Cast, at: datetime) -> None:
    """Write a draft of the routing rules: those in force, and one before them for bursts of replies."""
    held = RuleSet.objects.select_related("default_queue").get(state="active")
    rules = [
        NewRule(rule.name, rule.queue.slug, tuple(rule.conditions))
        for rule in held.rules.select_related("queue").order_by("position")
    ]
    first = NewRule(
        "Bursts of replies",
        PRODUCTION,
        (
            {"field": "strategy", "operator": "is", "value": BURSTS},
            {"field": "language", "operator": "is", "value": "en"},
        ),
    )
    draft_rule_set(
        rules=[first, *rules],
        default_queue=held.default_queue.slug if held.default_queue else "",
        by=cast.strategist,
        now=at,
        note="Bursts of replies go to English comments first.",
    )


def seed_proposals(*, cast: Cast, at: datetime, now: datetime) -> None:
    """Write a template in draft, and changes that wait, wait for their day, and were rejected."""
    queue = queue_of(PRODUCTION)
    newest = TemplateVersion.objects.filter(template__slug=PRODUCTION).order_by("-version")[0]
    parts = {part: getattr(newest, part) for part in PARTS}
    fields = {**parts["schema"].get("properties", {}), "evidence": _EVIDENCE}
    drafted = save_template(
        slug=PRODUCTION,
        parts={**parts, "schema": {**parts["schema"], "properties": fields}},
        by=cast.strategist,
        now=at,
        note="Asks for the words that decided the case.",
    )
    propose_change(
        queue=queue,
        changes={"canary_template": f"{PRODUCTION} v{drafted.version}", "canary_share": 0.1},
        by=cast.strategist,
        now=at + timedelta(minutes=10),
        note="Shows the new form for one case in ten, so that handle time and agreement can be compared.",
    )
    planned = propose_change(
        queue=queue_of("message-fraud"),
        changes={
            "sla_seconds": {"critical": 900, "high": 1200, "medium": 1500, "low": 5400, "default": 5400}
        },
        by=cast.strategist,
        now=at + timedelta(minutes=20),
        note="Shorter deadlines before the holidays.",
        effective_at=(now + timedelta(days=3)).replace(minute=0, second=0, microsecond=0),
    )
    approve_change(request_id=planned.pk, by=cast.admin, now=at + timedelta(minutes=50))
    refused = propose_change(
        queue=queue_of("live-realtime"),
        changes={"wellness_class": "elevated"},
        by=cast.strategist,
        now=at + timedelta(minutes=25),
        note="More people could be served if fewer cases counted as severe.",
    )
    reject_change(
        request_id=refused.pk,
        by=cast.admin,
        now=at + timedelta(minutes=55),
        reason="What people see does not get lighter by a setting.",
    )

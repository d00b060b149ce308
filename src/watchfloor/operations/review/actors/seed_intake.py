"""Registers the demo's strategies and the rules that lead their cases to the queues they are meant for."""

from datetime import datetime
from typing import Any

from watchfloor.operations.queues.models import Queue
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.actors import AUTHOR, EMAIL_DOMAIN
from watchfloor.operations.routing.models import Strategy
from watchfloor.operations.routing.services import NewRule, activate_rule_set, draft_rule_set
from watchfloor.science.simulation import world as simulated

COST_PER_HOUR = 21.0
RECOMMENDATION = "recommendation"
_DEFAULT_QUEUE = "search-harmful-results"
_FEED_QUEUE = "video-short-feed"
_ROOM_ABOVE_PLAN = 4.0
_SOURCES = {
    "user-reports": "other_notification",
    "trusted-flaggers": "trusted_flagger",
    "legal-notices": "order_to_act",
}
# What was expected of the yield when it was switched on, where that turned out too hopeful.
_HOPED_FOR = {"keyword-sweep": 0.2, "proactive-sampling": 0.15}


def known_labels(queue: simulated.Queue) -> tuple[str, ...]:
    """Return what a sender of the demo knows of a case that is meant for the queue."""
    return (queue.policy, RECOMMENDATION) if queue.slug == _FEED_QUEUE else (queue.policy,)


def seed_intake(world: simulated.DemoWorld, queues: dict[str, Queue], *, now: datetime) -> None:
    """Write the strategies, each with what is expected of it, and put the rules in force."""
    for described in world.strategies:
        ends_at = described.ends_at
        Strategy.objects.create(
            slug=described.slug,
            name=described.name.en,
            name_zh_hans=described.name.zh_hans,
            owner=AUTHOR,
            source=_SOURCES.get(described.slug, "voluntary"),
            state="ended" if ends_at is not None and ends_at <= now else "on",
            ends_at=ends_at,
            starts_at=world.start,
            requested_by=AUTHOR,
            approved_by=f"strategist@{EMAIL_DOMAIN}",
            approved_at=world.start,
            created_at=world.start,
            cost_per_hour=COST_PER_HOUR,
            **_expected(world, described),
        )
    _seed_request(now)
    _seed_rules(world, queues, now=now)


def _expected(world: simulated.DemoWorld, strategy: simulated.Strategy) -> dict[str, Any]:
    """Return volume, yield and handle time as the queues' plans imply them."""
    parts = [
        (queue.daily_cases * share, min(queue.violative_share * strategy.violative_factor, 0.95), queue)
        for queue in world.queues
        for slug, share in zip(queue.strategies, queue.strategy_shares, strict=True)
        if slug == strategy.slug and queue.daily_cases
    ]
    daily = sum(volume for volume, _, _ in parts)
    if not daily:
        return {}
    violative = sum(volume * share for volume, share, _ in parts) / daily
    return {
        "expected_cases_per_day": round(daily),
        "expected_violative_share": _HOPED_FOR.get(strategy.slug, round(violative, 2)),
        "expected_handle_seconds": round(sum(volume * q.handle_seconds for volume, _, q in parts) / daily),
        "throttle_per_hour": round(daily / 24 * _ROOM_ABOVE_PLAN) if strategy.kind == "model" else None,
        "policy": parts[0][2].policy if len({queue.policy for _, _, queue in parts}) == 1 else "",
    }


def _seed_request(now: datetime) -> None:
    Strategy.objects.create(
        slug="audio-transcripts",
        name="Audio transcripts",
        name_zh_hans="音频转写文本",
        owner=AUTHOR,
        state="draft",
        canary_share=0.05,
        expected_cases_per_day=900,
        expected_violative_share=0.18,
        expected_handle_seconds=150,
        cost_per_hour=COST_PER_HOUR,
        policy="harassment",
        note="Transcripts of voice posts that the text classifier scores above 0.8.",
        requested_by=f"strategist@{EMAIL_DOMAIN}",
        created_at=now,
    )


def _seed_rules(world: simulated.DemoWorld, queues: dict[str, Queue], *, now: datetime) -> None:
    """One rule a queue, by surface, policy and language; the narrower of two comes first."""
    served = [queue for queue in world.queues if queue.purpose == "production" and not queue.data_boundary]
    served.sort(key=lambda queue: queue.slug != _FEED_QUEUE)
    everywhere = max(len(queue.languages) for queue in served)
    rules = []
    for queue in served:
        conditions: list[dict[str, Any]] = [
            {"field": "surface", "operator": "is", "value": queue.surface},
            {"field": "labels", "operator": "all_of", "value": sorted(known_labels(queue))},
        ]
        if len(queue.languages) < everywhere:
            conditions.append({"field": "language", "operator": "any_of", "value": list(queue.languages)})
        rules.append(NewRule(queue.title.en, queue.slug, tuple(conditions)))
    default = _DEFAULT_QUEUE if _DEFAULT_QUEUE in queues else served[0].slug
    author = Viewer.system(AUTHOR)
    drafted = draft_rule_set(rules=rules, default_queue=default, by=author, now=now, note="Opened.")
    activate_rule_set(version=drafted.version, by=author, now=now)

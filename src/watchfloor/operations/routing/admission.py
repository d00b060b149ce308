"""What strategies may send: ended ones nothing, throttled ones so many an hour, those in canary a share."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from watchfloor.operations.record.statements import run
from watchfloor.operations.routing.models import ACCEPTING, Strategy
from watchfloor.operations.routing.rules import draw


@dataclass(frozen=True, slots=True)
class Admission:
    """A case at the door: its place in the batch, its strategy, and a key that a retry keeps."""

    index: int
    strategy: str
    key: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A case that its strategy may not send now, and why."""

    index: int
    strategy: str
    message: str
    remedy: str


def admit(*, cases: Sequence[Admission], now: datetime) -> list[Refusal]:
    """Return the cases that are refused, in order; the others are counted as taken by their strategy.

    Call it inside the transaction that enqueues: when that fails, nothing was taken. A strategy that is
    not registered sends freely. Cases over a throttle are the last of the batch.
    """
    slugs = {case.strategy for case in cases if case.strategy}
    known = {strategy.slug: strategy for strategy in Strategy.objects.filter(slug__in=slugs).order_by("slug")}
    refusals: list[Refusal] = []
    counted: dict[str, list[Admission]] = {}
    for case in cases:
        strategy = known.get(case.strategy)
        if strategy is None:
            continue
        if closed := _closed(strategy, case, now):
            refusals.append(closed)
        else:
            counted.setdefault(strategy.slug, []).append(case)
    for slug in sorted(counted):
        refusals += _throttled(known[slug], counted[slug], now)
    return sorted(refusals, key=lambda refusal: refusal.index)


def count_refused(*, refusals: Mapping[str, int] | Sequence[Refusal], now: datetime) -> None:
    """Add refusals to the strategies' hours, outside the transaction that failed."""
    counts = (
        Counter(refusals)
        if isinstance(refusals, Mapping)
        else Counter(refusal.strategy for refusal in refusals)
    )
    with transaction.atomic():
        for slug in sorted(counts):
            run("routing", "count_hour", {"slug": slug, "now": now, "taken": 0, "refused": counts[slug]})


def _closed(strategy: Strategy, case: Admission, now: datetime) -> Refusal | None:
    if strategy.state not in ACCEPTING or (strategy.ends_at is not None and strategy.ends_at <= now):
        return Refusal(
            case.index,
            strategy.slug,
            f"Strategy {strategy.slug!r} is {strategy.state} and sends no cases.",
            "Switch it on, or stop sending.",
        )
    if strategy.starts_at is not None and now < strategy.starts_at:
        return Refusal(
            case.index,
            strategy.slug,
            f"Strategy {strategy.slug!r} starts at {strategy.starts_at.isoformat()}.",
            "Send from then on.",
        )
    if strategy.state == "canary" and draw(case.key, f"strategy:{strategy.slug}") >= strategy.canary_share:
        return Refusal(
            case.index,
            strategy.slug,
            f"Strategy {strategy.slug!r} is in canary at {strategy.canary_share:.0%}; "
            "this case is not in the share.",
            "Nothing to do: the same case is refused each time.",
        )
    return None


def _throttled(strategy: Strategy, cases: list[Admission], now: datetime) -> list[Refusal]:
    limit = strategy.throttle_per_hour
    rows = run(
        "routing", "count_hour", {"slug": strategy.slug, "now": now, "taken": len(cases), "refused": 0}
    )
    if limit is None:
        return []
    over = min(len(cases), max(0, int(rows[0]["taken"]) - limit))
    if not over:
        return []
    run("routing", "count_hour", {"slug": strategy.slug, "now": now, "taken": -over, "refused": 0})
    return [
        Refusal(
            case.index,
            strategy.slug,
            f"Strategy {strategy.slug!r} may send {limit} cases an hour; this one is over.",
            "Send it in the next clock hour, or ask for a wider throttle.",
        )
        for case in cases[-over:]
    ]

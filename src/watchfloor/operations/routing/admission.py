"""What strategies may send: ended ones nothing, throttled ones so many an hour, those in canary a share."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

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


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who was refused, and what was counted already: the throttled strategies' cases, under their lock."""

    refusals: tuple[Refusal, ...]
    registered: frozenset[str]
    counted: Mapping[str, int]


def admit(*, cases: Sequence[Admission], now: datetime) -> Admitted:
    """Return which cases are refused, in order; those of throttled strategies are counted as taken.

    Call it inside the transaction that enqueues: when that fails, nothing was taken; call `settle` at its
    end. A strategy that is not registered sends freely. Cases over a throttle are the last of the batch.
    """
    slugs = {case.strategy for case in cases if case.strategy}
    known = {strategy.slug: strategy for strategy in Strategy.objects.filter(slug__in=slugs).order_by("slug")}
    refusals: list[Refusal] = []
    throttled: dict[str, list[Admission]] = {}
    for case in cases:
        strategy = known.get(case.strategy)
        if strategy is None:
            continue
        if closed := _closed(strategy, case, now):
            refusals.append(closed)
        elif strategy.throttle_per_hour is not None:
            throttled.setdefault(strategy.slug, []).append(case)
    counted = {}
    for slug in sorted(throttled):
        over = _throttled(known[slug], throttled[slug], now)
        counted[slug] = len(throttled[slug]) - len(over)
        refusals += over
    ordered = tuple(sorted(refusals, key=lambda refusal: refusal.index))
    return Admitted(ordered, frozenset(known), counted)


def settle(*, admitted: Admitted, made: Mapping[str, int], now: datetime) -> None:
    """Count what was made of each registered strategy, and take back what was counted and not made.

    Last in the transaction, so that batches of a strategy without a throttle wait for each other's commit
    alone.
    """
    for slug in sorted(admitted.registered):
        if missing := made.get(slug, 0) - admitted.counted.get(slug, 0):
            _count(slug, now, taken=missing)


def count_refused(*, refusals: Sequence[Refusal], now: datetime) -> None:
    """Add refusals to the strategies' hours."""
    counts = Counter(refusal.strategy for refusal in refusals)
    for slug in sorted(counts):
        _count(slug, now, refused=counts[slug])


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
    limit = strategy.throttle_per_hour or 0
    taken = _count(strategy.slug, now, taken=len(cases))
    over = min(len(cases), max(0, taken - limit))
    if not over:
        return []
    _count(strategy.slug, now, taken=-over)
    return [
        Refusal(
            case.index,
            strategy.slug,
            f"Strategy {strategy.slug!r} may send {limit} cases an hour; this one is over.",
            "Send it in the next clock hour, or ask for a wider throttle.",
        )
        for case in cases[-over:]
    ]


def _count(slug: str, now: datetime, *, taken: int = 0, refused: int = 0) -> int:
    rows = run("routing", "count_hour", {"slug": slug, "now": now, "taken": taken, "refused": refused})
    return int(rows[0]["taken"]) if rows else 0

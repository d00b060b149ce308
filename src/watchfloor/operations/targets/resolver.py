"""Says which target applies somewhere, at an instant, as it was known at another, and why that one.

The nearest scope wins; of equal scopes the contract before the operation's own, then the later start. A
target of a wider scope is inherited where no nearer one exists, and the answer says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from watchfloor.kernel import Scope, parse_instant
from watchfloor.operations.targets.models import Target
from watchfloor.operations.targets.scopes import covers, scope_of, specificity


@dataclass(frozen=True, slots=True)
class Applied:
    """The target that applies, its value on the day (ramps), and what it won against.

    `why` holds codes in order: `exact` or `inherited`, then `nearer`, `contract`, `later` for what decided
    between candidates, `ramp` where the value is on its way, `restated` where it was recorded afterwards.
    """

    target: Target | None
    value: float | None = None
    upper: float | None = None
    stretch: Target | None = None
    inherited: bool = False
    why: tuple[str, ...] = ()
    beaten: tuple[Target, ...] = ()


NOTHING = Applied(None)


def value_at(target: Target, at: datetime) -> float:
    """Return the value in force at an instant: the last step of its ramp that has begun, or its own."""
    steps = [(parse_instant(str(when)), float(value)) for when, value in target.ramp]
    begun = [value for when, value in sorted(steps) if when <= at]
    after_the_ramp = not steps or at >= max(when for when, _ in steps)
    if after_the_ramp:
        return target.value
    return begun[-1] if begun else sorted(steps)[0][1]


def in_force(
    metric_ids: Iterable[str],
    *,
    at: datetime,
    known_at: datetime | None = None,
    until: datetime | None = None,
) -> list[Target]:
    """Return the targets of these metrics that hold at `at` (or in `[at, until)`), as known at `known_at`."""
    known = (
        Q(closed_at__isnull=True)
        if known_at is None
        else (Q(recorded_at__lte=known_at) & (Q(closed_at__isnull=True) | Q(closed_at__gt=known_at)))
    )
    holds = Q(effective_from__lt=until) if until else Q(effective_from__lte=at)
    ends = Q(effective_to__isnull=True) | Q(effective_to__gt=at)
    return list(Target.objects.filter(known, holds, ends, metric_id__in=list(metric_ids), withdrawn=False))


def applied(
    *, metric_id: str, scope: Scope, at: datetime, known_at: datetime | None = None, period: str | None = None
) -> Applied:
    """Return which target applied to this scope at this instant, as known at another, and why."""
    return choose(in_force([metric_id], at=at, known_at=known_at), scope=scope, at=at, period=period)


def applied_many(
    asked: Sequence[tuple[str, Scope]],
    *,
    at: datetime,
    known_at: datetime | None = None,
    period: str | None = None,
) -> list[Applied]:
    """Return what applies to each (metric id, scope), in one query for all."""
    held: dict[str, list[Target]] = {}
    for target in in_force({metric for metric, _ in asked}, at=at, known_at=known_at):
        held.setdefault(target.metric_id, []).append(target)
    return [choose(held.get(metric, ()), scope=scope, at=at, period=period) for metric, scope in asked]


def choose(candidates: Iterable[Target], *, scope: Scope, at: datetime, period: str | None = None) -> Applied:
    """Return the nearest of the candidates that covers the scope. Pure."""
    covering = [
        target
        for target in candidates
        if (period is None or target.period == period) and covers(target.scope, scope)
    ]
    ranked = sorted(covering, key=_rank, reverse=True)
    hard = [target for target in ranked if target.kind != "stretch"]
    stretch = next((target for target in ranked if target.kind == "stretch"), None)
    if not hard:
        return Applied(None, stretch=stretch) if stretch else NOTHING
    best, beaten = hard[0], tuple(hard[1:])
    exact = scope_of(best.scope) == scope
    why = ["exact" if exact else "inherited"]
    if beaten:
        why.append(_decided(best, beaten[0]))
    value = value_at(best, at)
    if value != best.value:
        why.append("ramp")
    if best.recorded_at > at:
        why.append("restated")
    return Applied(best, value, best.upper, stretch, not exact, tuple(why), beaten)


def _rank(target: Target) -> tuple[object, ...]:
    return (
        specificity(target.scope),
        target.contractual,
        target.effective_from,
        target.recorded_at,
        target.version,
    )


def _decided(best: Target, second: Target) -> str:
    if specificity(best.scope) != specificity(second.scope):
        return "nearer"
    return "contract" if best.contractual != second.contractual else "later"


def paired(targets: Iterable[Target]) -> Mapping[str, list[Target]]:
    """Return the targets by metric."""
    found: dict[str, list[Target]] = {}
    for target in targets:
        found.setdefault(target.metric_id, []).append(target)
    return found

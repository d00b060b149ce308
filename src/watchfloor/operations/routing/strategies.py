"""Writes of strategies: their terms, their approval by somebody else, their states, and their end."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from watchfloor.operations.record.services import Place, audit, record_change
from watchfloor.operations.record.viewers import NotPermittedError, Viewer
from watchfloor.operations.routing.errors import RoutingError
from watchfloor.operations.routing.models import ACCEPTING, Strategy
from watchfloor.operations.routing.turn_guards import Turn, turn_faults


@dataclass(frozen=True, slots=True)
class StrategyTerms:
    """What a strategy may send and what is expected of it; None and blank do not restrict."""

    name: str
    name_zh_hans: str = ""
    owner: str = ""
    source: str = "voluntary"
    queue_groups: tuple[str, ...] = ()
    policy: str = ""
    throttle_per_hour: int | None = None
    canary_share: float = 1.0
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    expected_cases_per_day: float | None = None
    expected_violative_share: float | None = None
    expected_handle_seconds: float | None = None
    cost_per_hour: float | None = None
    note: str = ""


@transaction.atomic
def save_strategy(
    *, slug: str, terms: StrategyTerms, by: Viewer, now: datetime, data_boundary_id: int | None = None
) -> Strategy:
    """Return the strategy of that slug with these terms, made in draft when it is new.

    Changed terms of a strategy that sends nothing need approval anew; those of one that sends are levers of
    the day, and stand in the change log.

    Raises:
        RoutingError: a share, a limit or the order of the instants is impossible.

    """
    by.require("strategies.change")
    _check_terms(slug, terms)
    before = Strategy.objects.select_for_update().filter(slug=slug).first()
    columns = {name: getattr(terms, name) for name in StrategyTerms.__slots__}
    columns["queue_groups"] = list(terms.queue_groups)
    if before is None:
        _require_groups(by, columns["queue_groups"])
        strategy = Strategy.objects.create(
            slug=slug, created_at=now, data_boundary_id=data_boundary_id, requested_by=by.name, **columns
        )
        changes = {name: {"before": None, "after": _plain(value)} for name, value in columns.items() if value}
    else:
        _require_groups(by, before.queue_groups)
        changes = {
            name: {"before": _plain(getattr(before, name)), "after": _plain(value)}
            for name, value in columns.items()
            if getattr(before, name) != value
        }
        if not changes:
            return before
        _require_groups(by, columns["queue_groups"])
        strategy = before
        for name, value in columns.items():
            setattr(strategy, name, value)
        if strategy.state not in ACCEPTING:  # what was approved is no longer what would be sent
            strategy.requested_by, strategy.approved_by, strategy.approved_at = by.name, "", None
        strategy.save()
    kind = "changed" if before else "created"
    _note(strategy, kind=kind, by=by, now=now, summary=f"{strategy.name}: {kind}.", detail=changes)
    return strategy


@transaction.atomic
def approve_strategy(*, slug: str, seen: str, by: Viewer, now: datetime, note: str = "") -> Strategy:
    """Return the strategy, approved as it was seen by somebody else than who asked for it.

    Raises:
        RoutingError: it does not exist, its author approves it, it is approved, or it changed meanwhile.

    """
    by.require("queues.approve")
    strategy = Strategy.objects.select_for_update().filter(slug=slug).first()
    if strategy is None or strategy.approved_at is not None:
        raise RoutingError(
            f"Strategy {slug!r} does not exist or is approved already.", remedy="Look at its page again."
        )
    _require_groups(by, strategy.queue_groups, permission="queues.approve")
    if by.name == strategy.requested_by:
        raise RoutingError(
            f"{by.name} asked for strategy {slug!r} and cannot approve it too.",
            remedy="Ask somebody else who may approve changes of queues.",
        )
    if seen != fingerprint(strategy):
        raise RoutingError(
            f"Strategy {slug!r} changed since you opened its page.", remedy="Read it again, then approve it."
        )
    strategy.approved_by, strategy.approved_at, strategy.approval_note = by.name, now, note[:400]
    strategy.save(update_fields=["approved_by", "approved_at", "approval_note"])
    _note(
        strategy,
        kind="changed",
        by=by,
        now=now,
        summary=f"{strategy.name}: approved.",
        detail={"approved_by": {"before": None, "after": by.name}, "note": note},
    )
    return strategy


def fingerprint(strategy: Strategy) -> str:
    """Return a short mark of the terms: an approval holds for what was read, not for what came after."""
    values = [str(_plain(getattr(strategy, name))) for name in StrategyTerms.__slots__]
    return hashlib.blake2b("\x1f".join(values).encode(), digest_size=8).hexdigest()


@transaction.atomic
def set_strategy_state(
    *, slug: str, state: str, by: Viewer, now: datetime, reason: str = "", override: bool = False
) -> Strategy:
    """Return the strategy in its new state: canary, on or ended; an ended one may be switched on again.

    A canary whose yield lies surely below what was expected does not go on to send in full, unless somebody
    who may approve, and did not ask for the strategy, overrides that with the reason.

    Raises:
        RoutingError: its canary speaks against it; there is no such strategy or state, nobody approved it, or
            its end has come.

    """
    by.require("strategies.change")
    strategy = Strategy.objects.select_for_update().filter(slug=slug).first()
    if strategy is None or state not in {"draft", "ended", *ACCEPTING}:
        raise RoutingError(
            f"Strategy {slug!r} cannot become {state!r}.", remedy="Check the slug; use canary, on or ended."
        )
    _require_groups(by, strategy.queue_groups)
    before, strategy.state = strategy.state, state
    if state in ACCEPTING and strategy.approved_at is None:
        raise RoutingError(
            f"Strategy {slug!r} is not approved.", remedy="Ask somebody else than its author to approve it."
        )
    if state in ACCEPTING and strategy.ends_at is not None and strategy.ends_at <= now:
        raise RoutingError(
            f"Strategy {slug!r} ended at {strategy.ends_at.isoformat()}.", remedy="Give it a later end first."
        )
    wrong = turn_faults(Turn(strategy=strategy, before=before, to=state, now=now))
    if wrong and not (override and reason.strip() and _may_override(by, strategy)):
        raise RoutingError(
            f"Strategy {slug!r} cannot become {state!r}: {' '.join(wrong)}",
            remedy="Tune or end it, or have somebody who may approve it override this with a reason.",
        )
    strategy.save(update_fields=["state"])
    _note(
        strategy,
        kind="retired" if state == "ended" else "changed",
        by=by,
        now=now,
        summary=f"{strategy.name}: {before} → {state}.",
        detail={"state": {"before": before, "after": state}, "reason": reason}
        | ({"in_spite_of": wrong} if wrong else {}),
    )
    return strategy


def _may_override(by: Viewer, strategy: Strategy) -> bool:
    places: list[dict[str, str]] = [{"queue_group": group} for group in strategy.queue_groups] or [{}]
    return by.name != strategy.requested_by and all(by.reaches("queues.approve", place) for place in places)


def end_due(*, now: datetime) -> int:
    """Return how many strategies were ended because their end has come."""
    due = Strategy.objects.filter(state__in=ACCEPTING, ends_at__lte=now).order_by("slug")
    slugs = list(due.values_list("slug", flat=True))
    for slug in slugs:
        set_strategy_state(slug=slug, state="ended", by=Viewer.system(), now=now, reason="its end date")
    return len(slugs)


def _check_terms(slug: str, terms: StrategyTerms) -> None:
    faults = []
    if not 0 <= terms.canary_share <= 1:
        faults.append(f"A canary share of {terms.canary_share} lies outside 0 to 1.")
    share = terms.expected_violative_share
    if share is not None and not 0 <= share <= 1:
        faults.append(f"An expected violative share of {share} lies outside 0 to 1.")
    if terms.throttle_per_hour is not None and terms.throttle_per_hour < 1:
        faults.append(f"A throttle of {terms.throttle_per_hour} an hour takes nothing; end it instead.")
    if terms.starts_at and terms.ends_at and terms.ends_at <= terms.starts_at:
        faults.append(f"It ends at {terms.ends_at.isoformat()}, before it starts.")
    if faults:
        raise RoutingError(f"Strategy {slug!r}: {' '.join(faults)}", remedy="Correct what is named.")


def _require_groups(by: Viewer, groups: Sequence[str], *, permission: str = "strategies.change") -> None:
    places: list[dict[str, str]] = [{"queue_group": group} for group in groups] or [{}]
    if not all(by.reaches(permission, place) for place in places):
        raise NotPermittedError(
            f"{by.name} may not decide on a strategy of {', '.join(groups) or 'every queue group'}.",
            remedy="Ask an administrator for a grant that covers it.",
        )


def _note(
    strategy: Strategy, *, kind: str, by: Viewer, now: datetime, summary: str, detail: Mapping[str, Any]
) -> None:
    boundary = strategy.data_boundary.slug if strategy.data_boundary else ""
    place = Place(
        queue_group=strategy.queue_groups[0] if len(strategy.queue_groups) == 1 else "",
        data_boundary=boundary,
    )
    audit(
        actor=by.name,
        action=kind,
        object_kind="strategy",
        object_id=strategy.slug,
        after=dict(detail),
        now=now,
        place=place,
    )
    record_change(
        object_kind="strategy",
        object_id=strategy.slug,
        object_version=None,
        kind=kind,
        at=now,
        author=by.name,
        summary=summary,
        detail=dict(detail),
        place=place,
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value

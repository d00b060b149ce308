"""Writes of strategies and rule sets, and their use at the door: what is taken, and where it goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.queues.models import ACCEPTING_STATES, Queue
from watchfloor.operations.record.services import Place, audit, record_change
from watchfloor.operations.record.viewers import NotPermittedError, Viewer
from watchfloor.operations.routing.admission import Admission, Refusal, admit, count_refused
from watchfloor.operations.routing.conditions import Routable, condition_faults
from watchfloor.operations.routing.models import ACCEPTING, Rule, RuleSet, Strategy
from watchfloor.operations.routing.rules import Routed, route_one
from watchfloor.operations.routing.selectors import active_plan

__all__ = [
    "Admission",
    "NewRule",
    "Refusal",
    "RoutingError",
    "StrategyTerms",
    "activate_rule_set",
    "admit",
    "count_refused",
    "draft_rule_set",
    "end_due",
    "route_batch",
    "save_strategy",
    "set_strategy_state",
]
MOST_RULES = 500


class RoutingError(WatchfloorError):
    """A strategy or a rule set cannot be written as asked."""


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


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule to be written: its name, its conditions, and the slug of its queue."""

    name: str
    queue: str
    conditions: tuple[Mapping[str, Any], ...] = ()


@transaction.atomic
def save_strategy(
    *, slug: str, terms: StrategyTerms, by: Viewer, now: datetime, data_boundary_id: int | None = None
) -> Strategy:
    """Return the strategy of that slug with these terms, made in draft when it is new.

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
            slug=slug, created_at=now, data_boundary_id=data_boundary_id, **columns
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
        strategy = before
        for name, value in columns.items():
            setattr(strategy, name, value)
        strategy.save()
    kind = "changed" if before else "created"
    _note(strategy, kind=kind, by=by, now=now, summary=f"{strategy.name}: {kind}.", detail=changes)
    return strategy


@transaction.atomic
def set_strategy_state(*, slug: str, state: str, by: Viewer, now: datetime, reason: str = "") -> Strategy:
    """Return the strategy in its new state: canary, on or ended; an ended one may be switched on again.

    Raises:
        RoutingError: there is no such strategy or state.

    """
    by.require("strategies.change")
    strategy = Strategy.objects.select_for_update().filter(slug=slug).first()
    if strategy is None or state not in {"draft", "ended", *ACCEPTING}:
        raise RoutingError(
            f"Strategy {slug!r} cannot become {state!r}.", remedy="Check the slug; use canary, on or ended."
        )
    _require_groups(by, strategy.queue_groups)
    before, strategy.state = strategy.state, state
    if state in ACCEPTING and strategy.ends_at is not None and strategy.ends_at <= now:
        raise RoutingError(
            f"Strategy {slug!r} ended at {strategy.ends_at.isoformat()}.", remedy="Give it a later end first."
        )
    strategy.save(update_fields=["state"])
    _note(
        strategy,
        kind="retired" if state == "ended" else "changed",
        by=by,
        now=now,
        summary=f"{strategy.name}: {before} → {state}.",
        detail={"state": {"before": before, "after": state}, "reason": reason},
    )
    return strategy


def end_due(*, now: datetime) -> int:
    """Return how many strategies were ended because their end has come."""
    due = Strategy.objects.filter(state__in=ACCEPTING, ends_at__lte=now).order_by("slug")
    slugs = list(due.values_list("slug", flat=True))
    for slug in slugs:
        set_strategy_state(slug=slug, state="ended", by=Viewer.system(), now=now, reason="its end date")
    return len(slugs)


@transaction.atomic
def draft_rule_set(
    *, rules: Sequence[NewRule], default_queue: str, by: Viewer, now: datetime, note: str = ""
) -> RuleSet:
    """Return a new version of the rules, in draft; nothing is routed by it yet.

    Raises:
        RoutingError: a condition cannot be used, or a queue does not exist; each fault is named.

    """
    by.require("strategies.change")
    if len(rules) > MOST_RULES:
        raise RoutingError(f"{len(rules)} rules were given; the limit is {MOST_RULES}.", remedy="Join some.")
    wanted = {rule.queue for rule in rules} | ({default_queue} if default_queue else set())
    queues = {queue.slug: queue for queue in Queue.objects.filter(slug__in=wanted)}
    faults = [f"There is no queue {slug!r}." for slug in sorted(wanted - set(queues))]
    for number, rule in enumerate(rules, 1):
        faults += [f"Rule {number} ({rule.name}): {fault}" for fault in condition_faults(rule.conditions)]
    if faults:
        raise RoutingError(
            f"The rules cannot be used: {' '.join(faults)}", remedy="Correct the rules that are named."
        )
    newest = RuleSet.objects.aggregate(number=Max("version"))["number"] or 0
    rule_set = RuleSet.objects.create(
        version=newest + 1,
        default_queue=queues.get(default_queue),
        author=by.name,
        note=note,
        created_at=now,
    )
    Rule.objects.bulk_create(
        Rule(
            rule_set=rule_set,
            position=position,
            name=rule.name,
            conditions=[dict(condition) for condition in rule.conditions],
            queue=queues[rule.queue],
        )
        for position, rule in enumerate(rules, 1)
    )
    audit(
        actor=by.name,
        action="draft",
        object_kind="routing",
        object_id=str(rule_set.version),
        after={"rules": len(rules), "default_queue": default_queue, "note": note},
        now=now,
    )
    return rule_set


@transaction.atomic
def activate_rule_set(*, version: int, by: Viewer, now: datetime) -> RuleSet:
    """Return the rule set, in force from now; activating an earlier version is the way back.

    Raises:
        RoutingError: there is no such version, it is in force already, or a queue in it takes no cases.

    """
    by.require("queues.approve")
    if not by.reaches("queues.approve", {}):
        raise NotPermittedError(
            f"{by.name} may not put routing rules in force: they hold for every queue.",
            remedy="Ask somebody whose grant is not narrowed.",
        )
    chosen = RuleSet.objects.select_for_update().filter(version=version).first()
    if chosen is None or chosen.state == "active":
        raise RoutingError(
            f"Rule set {version} does not exist or is in force.", remedy="Choose another version."
        )
    closed = chosen.rules.exclude(queue__state__in=ACCEPTING_STATES).order_by("position")
    if names := [f"{rule.position} ({rule.queue.slug})" for rule in closed.select_related("queue")]:
        raise RoutingError(
            f"Rules {', '.join(names)} lead to queues that take no cases.",
            remedy="Open the queues or change the rules.",
        )
    before = RuleSet.objects.select_for_update().filter(state="active").first()
    if before is not None:
        before.state, before.active_to = "retired", now
        before.save(update_fields=["state", "active_to"])
    chosen.state, chosen.active_from, chosen.active_to = "active", now, None
    chosen.approved_by = by.name
    chosen.save(update_fields=["state", "active_from", "active_to", "approved_by"])
    versions = {"before": before.version if before else None, "after": chosen.version}
    audit(
        actor=by.name,
        action="activate",
        object_kind="routing",
        object_id=str(chosen.version),
        before={"version": versions["before"]},
        after={"version": chosen.version},
        now=now,
    )
    record_change(
        object_kind="routing",
        object_id="rules",
        object_version=chosen.version,
        kind="changed" if before else "created",
        at=now,
        author=by.name,
        summary=chosen.note or f"Routing rules v{chosen.version} in force.",
        detail={"version": versions},
    )
    return chosen


def route_batch(*, cases: Sequence[Routable], boundaries: Sequence[str] = ()) -> list[Routed]:
    """Return where each case goes under the rules in force, in order.

    A strategy's boundary holds for its cases; `boundaries` adds one for each case where the caller knows.

    Raises:
        RoutingError: no rules are in force.

    """
    plan = active_plan()
    if plan is None:
        raise RoutingError(
            "No routing rules are in force.", remedy="Name the queue of each case, or activate a rule set."
        )
    slugs = {case.strategy for case in cases if case.strategy}
    held = Strategy.objects.filter(slug__in=slugs, data_boundary__isnull=False).order_by("slug")
    inside = dict(held.values_list("slug", "data_boundary__slug"))
    given = boundaries or [""] * len(cases)
    return [
        route_one(plan, _keyed(case, index), boundary=boundary or inside.get(case.strategy, ""))
        for index, (case, boundary) in enumerate(zip(cases, given, strict=True))
    ]


def _keyed(case: Routable, index: int) -> Routable:
    return case if case.key else replace(case, key=str(index))


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


def _require_groups(by: Viewer, groups: Sequence[str]) -> None:
    places: list[dict[str, str]] = [{"queue_group": group} for group in groups] or [{}]
    if not all(by.reaches("strategies.change", place) for place in places):
        raise NotPermittedError(
            f"{by.name} may not change a strategy of {', '.join(groups) or 'every queue group'}.",
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

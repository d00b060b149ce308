"""Reads of strategies and rule sets."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from watchfloor.operations.queues.models import ACCEPTING_STATES, Queue
from watchfloor.operations.record.viewers import ALL_BOUNDARIES, NotFoundError, Viewer
from watchfloor.operations.routing.models import Report, Route, RuleSet, Strategy
from watchfloor.operations.routing.rules import Plan, Target


def strategies(*, viewer: Viewer, permission: str = "queues.view") -> QuerySet[Strategy]:
    """Return the strategies within reach by slug: those of the viewer's queue groups and boundaries."""
    viewer.require(permission)
    reached = Q(pk__in=[])
    for grant in viewer.grants:
        if permission not in grant.permissions:
            continue
        one = Q(pk__isnull=False)
        if grant.queue_group:
            one &= Q(queue_groups__contains=[grant.queue_group]) | Q(queue_groups=[])
        if grant.data_boundary != ALL_BOUNDARIES:
            inside = Q(data_boundary__isnull=True)
            if grant.data_boundary:
                inside |= Q(data_boundary__slug=grant.data_boundary)
            one &= inside
        reached |= one
    return Strategy.objects.filter(reached).select_related("data_boundary").order_by("slug")


def strategy(*, viewer: Viewer, slug: str, permission: str = "queues.view") -> Strategy:
    """Return one strategy.

    Raises:
        NotFoundError: there is none of that slug within reach.

    """
    found = strategies(viewer=viewer, permission=permission).filter(slug=slug).first()
    if found is None:
        raise NotFoundError(f"There is no strategy {slug!r}.", remedy="Check the slug and your access.")
    return found


def rule_sets(*, viewer: Viewer) -> QuerySet[RuleSet]:
    """Return the rule sets, newest first, each with its rules; queues out of reach are the page's to hide."""
    viewer.require("queues.view")
    return (
        RuleSet.objects.select_related("default_queue")
        .prefetch_related("rules__queue__data_boundary")
        .order_by("-version")
    )


def active_plan() -> Plan | None:
    """Return the rule set in force, ready to be asked; None when there is none."""
    rule_set = RuleSet.objects.filter(state="active").first()
    return plan_of(rule_set) if rule_set else None


def plan_of(rule_set: RuleSet) -> Plan:
    """Return a rule set ready to be asked."""
    related = ("queue__current_version", "queue__data_boundary")
    rules = list(rule_set.rules.select_related(*related).order_by("position"))
    default = None
    if rule_set.default_queue_id is not None:
        found = Queue.objects.select_related("current_version", "data_boundary")
        default = found.get(pk=rule_set.default_queue_id)
    return Plan(
        version=rule_set.version,
        conditions=tuple(tuple(rule.conditions) for rule in rules),
        names=tuple(rule.name for rule in rules),
        targets=tuple(_target(rule.queue) for rule in rules),
        default=_target(default) if default else None,
    )


def _target(queue: Queue) -> Target:
    version = queue.current_version
    on_trial = queue.state == "canary" and version is not None
    return Target(
        slug=queue.slug,
        intake_share=version.intake_share if on_trial and version else 1.0,
        data_boundary=queue.data_boundary.slug if queue.data_boundary else "",
        languages=frozenset(queue.languages),
        accepts=queue.state in ACCEPTING_STATES,
    )


def registered(*, slugs: set[str]) -> frozenset[str]:
    """Return which of the strategies are registered; the others send freely."""
    if not slugs:
        return frozenset()
    found = Strategy.objects.filter(slug__in=slugs).order_by("slug")
    return frozenset(found.values_list("slug", flat=True))


def routes_of(*, case_ids: Iterable[UUID]) -> dict[UUID, Route]:
    """Return by case which rule chose its queue, and what the sender knew of it."""
    return {route.case_id: route for route in Route.objects.filter(case_id__in=list(case_ids))}


def reports_of(*, case_id: UUID, limit: int = 50) -> list[Report]:
    """Return what was reported about the case's item, newest first; the caller has checked its reach."""
    return list(Report.objects.filter(case_id=case_id).order_by("-received_at", "-id")[:limit])

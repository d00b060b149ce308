"""Writes of rule sets: a draft is a new version, and putting one in force is the only change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from watchfloor.operations.queues.models import ACCEPTING_STATES, Queue
from watchfloor.operations.record.services import audit, record_change
from watchfloor.operations.record.viewers import NotPermittedError, Viewer
from watchfloor.operations.routing.conditions import condition_faults
from watchfloor.operations.routing.errors import RoutingError
from watchfloor.operations.routing.models import Rule, RuleSet

MOST_RULES = 500


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule to be written: its name, its conditions, and the slug of its queue."""

    name: str
    queue: str
    conditions: tuple[Mapping[str, Any], ...] = ()


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
    list(RuleSet.objects.select_for_update().order_by("-version")[:1])  # one new version at a time
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
    chosen = RuleSet.objects.select_for_update(of=("self",)).filter(version=version).first()
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
    if chosen.default_queue is not None and chosen.default_queue.state not in ACCEPTING_STATES:
        raise RoutingError(
            f"The default queue {chosen.default_queue.slug!r} takes no cases.",
            remedy="Open it or choose another default.",
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

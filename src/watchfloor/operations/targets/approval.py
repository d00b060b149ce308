"""What follows a proposal: sent back, approved by somebody else, published all at once, or given up."""

from datetime import datetime

from django.db import transaction

from watchfloor.metrics.definition import Definition
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.targets.errors import TargetError
from watchfloor.operations.targets.models import Plan, Target
from watchfloor.operations.targets.plan_record import check, held, note
from watchfloor.operations.targets.plans import comment
from watchfloor.operations.targets.publishing import NewTarget, write_target


@transaction.atomic
def send_back(plan_id: int, *, reason: str, by: Viewer, now: datetime) -> Plan:
    """Return the plan in draft again, with the reason as a comment."""
    by.require("targets.approve")
    plan = held(plan_id, ("proposed", "approved"))
    comment(plan_id, text=reason, by=by, now=now)
    plan.state, plan.approved_by, plan.approved_at = "draft", "", None
    plan.save(update_fields=["state", "approved_by", "approved_at"])
    note(plan, "sent_back", by=by, now=now, after={"reason": reason})
    return plan


@transaction.atomic
def approve(plan_id: int, *, revision: int, definition: Definition, by: Viewer, now: datetime) -> Plan:
    """Return the plan, approved as it was seen by somebody else than who proposed it.

    Raises:
        StalePlanError: it changed since it was seen.
        TargetError: it was not proposed, or its author approves it.
        GuardError: a guard refuses it.

    """
    by.require("targets.approve")
    plan = held(plan_id, ("proposed",), revision=revision)
    if by.name == plan.proposed_by:
        raise TargetError(
            f"{by.name} proposed “{plan.title}” and cannot approve it too.",
            remedy="Ask somebody else who may approve targets.",
        )
    check(plan, definition=definition, now=now)
    plan.state, plan.approved_by, plan.approved_at = "approved", by.name, now
    plan.save(update_fields=["state", "approved_by", "approved_at"])
    note(plan, "approved", by=by, now=now)
    return plan


@transaction.atomic
def publish(plan_id: int, *, definition: Definition, by: Viewer, now: datetime) -> list[Target]:
    """Return the targets of an approved plan, written all at once.

    Raises:
        TargetError: it is not approved.
        OverlapError: a contract holds one of the units.

    """
    by.require("targets.approve")
    plan = held(plan_id, ("approved",))
    check(plan, definition=definition, now=now)
    written: list[Target] = []
    for line in plan.lines.all():
        for kind, value in ((plan.kind, line.value), ("stretch", line.stretch)):
            if value is None:
                continue
            new = NewTarget(
                scope=line.scope,
                kind=kind,
                value=value,
                upper=line.upper if kind == "band" else None,
                effective_from=plan.effective_from,
                effective_to=plan.effective_to,
                period=plan.period,
                method=plan.method or "by_hand",
                inputs=plan.inputs,
                evidence={"baseline": line.baseline, "n": line.n, "weight": line.weight},
                min_n=line.min_n,
                owner=line.owner or plan.owner,
                reason=line.note or plan.reason,
                contractual=plan.contractual,
            )
            written.append(
                write_target(new, definition=definition, by=by, now=now, approver=plan.approved_by, plan=plan)
            )
    plan.state, plan.published_at = "published", now
    plan.save(update_fields=["state", "published_at"])
    note(plan, "published", by=by, now=now, after={"targets": len(written)})
    return written


@transaction.atomic
def withdraw(plan_id: int, *, by: Viewer, now: datetime) -> Plan:
    """Return the plan, given up before it was published. Published targets are withdrawn one by one."""
    by.require("targets.change")
    plan = held(plan_id, ("draft", "proposed", "approved"))
    plan.state = "withdrawn"
    plan.save(update_fields=["state"])
    note(plan, "withdrawn", by=by, now=now)
    return plan

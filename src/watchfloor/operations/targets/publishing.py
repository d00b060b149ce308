"""Writes targets: a new version, the versions it replaces, their facts and the change log, in one go."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q

from watchfloor.metrics.definition import Definition
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.record.services import Place, audit, record_change, write_event
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.targets.errors import OverlapError, TargetError
from watchfloor.operations.targets.guards import check_values
from watchfloor.operations.targets.models import Plan, Target
from watchfloor.operations.targets.scopes import checked_scope, scope_key


@dataclass(frozen=True, slots=True)
class NewTarget:
    """What a target says, before it is one. Values stand in the metric's unit."""

    scope: Mapping[str, Sequence[str]]
    kind: str
    value: float
    effective_from: datetime
    period: str = "month"
    upper: float | None = None
    effective_to: datetime | None = None
    ramp: Sequence[tuple[datetime, float]] = ()
    method: str = "by_hand"
    inputs: Mapping[str, Any] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)
    confidence_rule: str = "interval"
    min_n: int = 30
    material_units: float = 0.0
    owner: str = ""
    reason: str = ""
    contractual: bool = False


@transaction.atomic
def write_target(
    new: NewTarget,
    *,
    definition: Definition,
    by: Viewer,
    now: datetime,
    approver: str = "",
    plan: Plan | None = None,
) -> Target:
    """Return the target as published; what it replaces in its scope, kind and period ends where it starts.

    A target that begins in the past restates it: reports show both what held then and what holds now.

    Raises:
        ScopeError: the metric cannot be split like that.
        GuardError: a value is outside the unit, or points the wrong way.
        OverlapError: a contract's target holds there, which only a contract's may replace.

    """
    scope = checked_scope(new.scope, definition=definition)
    check_values(definition, kind=new.kind, value=new.value, upper=new.upper)
    if new.effective_to is not None and new.effective_to <= new.effective_from:
        raise TargetError(
            f"The target ends on {new.effective_to:%Y-%m-%d} and begins on {new.effective_from:%Y-%m-%d}.",
            remedy="Let it end after it begins.",
        )
    key = scope_key(scope)
    replaced = _replaced(new, metric_id=definition.id, key=key)
    for old in replaced:
        if old.contractual and not new.contractual:
            raise OverlapError(
                f"The contract holds {definition.id} of “{key or 'everything'}” at {old.value:g} from "
                f"{old.effective_from:%Y-%m-%d}.",
                remedy="Change the contract, or choose another scope.",
            )
    for old in replaced:
        _kept(old, new=new, now=now)
    target_id = replaced[-1].target_id if replaced else uuid4()
    target = Target.objects.create(
        target_id=target_id,
        version=_next_version(target_id),
        metric_id=definition.id,
        metric_version=definition.version,
        scope=scope,
        scope_key=key,
        period=new.period,
        direction=definition.direction,
        kind=new.kind,
        value=new.value,
        upper=new.upper,
        ramp=[[when.isoformat(), value] for when, value in new.ramp],
        method=new.method,
        inputs=dict(new.inputs),
        evidence=dict(new.evidence),
        confidence_rule=new.confidence_rule,
        min_n=new.min_n,
        material_units=new.material_units,
        owner=new.owner or by.name,
        approver=approver,
        reason=new.reason,
        contractual=new.contractual,
        effective_from=new.effective_from,
        effective_to=new.effective_to,
        recorded_at=now,
        supersedes=replaced[-1] if replaced else None,
        plan=plan,
    )
    _tell(target, kind="changed" if replaced else "created", before=replaced, by=by, now=now)
    return target


@transaction.atomic
def withdraw_target(*, target_id: UUID, reason: str, by: Viewer, now: datetime) -> Target:
    """Return the target's last version, which says that it holds no longer from now on.

    Raises:
        TargetError: there is none, or it is withdrawn already.

    """
    by.require("targets.approve")
    held = list(
        Target.objects.select_for_update()
        .filter(target_id=target_id, closed_at__isnull=True, withdrawn=False)
        .filter(Q(effective_to__isnull=True) | Q(effective_to__gt=now))
    )
    if not held:
        raise TargetError(
            f"There is no target {target_id} that still holds.", remedy="Look at its page again."
        )
    if not reason.strip():
        raise TargetError("A withdrawal needs its reason.", remedy="Say in a sentence why it goes.")
    last = held[-1]
    for old in held:
        _close(old, now)
        if old.effective_from < now:
            last = _copy(old, now=now, effective_to=now, reason=reason)
        else:
            last = _copy(old, now=now, withdrawn=True, reason=reason)
        _tell(last, kind="retired", before=[old], by=by, now=now)
    return last


def _replaced(new: NewTarget, *, metric_id: str, key: str) -> list[Target]:
    overlapping = Target.objects.select_for_update().filter(
        Q(effective_to__isnull=True) | Q(effective_to__gt=new.effective_from),
        metric_id=metric_id,
        scope_key=key,
        kind=new.kind,
        period=new.period,
        closed_at__isnull=True,
        withdrawn=False,
    )
    if new.effective_to is not None:
        overlapping = overlapping.filter(effective_from__lt=new.effective_to)
    return list(overlapping.order_by("effective_from", "version"))


def _kept(old: Target, *, new: NewTarget, now: datetime) -> None:
    """Close what was known of the old target, and write down again what of its time remains."""
    _close(old, now)
    if old.effective_from < new.effective_from:
        _told_again(_copy(old, now=now, effective_to=new.effective_from))
    if new.effective_to is not None and (old.effective_to is None or old.effective_to > new.effective_to):
        _told_again(_copy(old, now=now, effective_from=new.effective_to, target_id=uuid4()))


def _close(target: Target, now: datetime) -> None:
    target.closed_at = now
    target.save(update_fields=["closed_at"])


def _copy(old: Target, *, now: datetime, **changes: Any) -> Target:
    copy = Target.objects.get(pk=old.pk)
    copy.pk = None
    copy.closed_at, copy.recorded_at, copy.supersedes = None, now, old
    for name, value in changes.items():
        setattr(copy, name, value)
    copy.version = _next_version(copy.target_id)
    copy.save(force_insert=True)
    return copy


def _next_version(target_id: UUID) -> int:
    versions = Target.objects.filter(target_id=target_id).values_list("version", flat=True)
    return max(versions, default=0) + 1


def _told_again(target: Target) -> None:
    write_event(fact="target", key=f"{target.target_id}:{target.version}", payload=fact_row(target))


def _tell(target: Target, *, kind: str, before: Sequence[Target], by: Viewer, now: datetime) -> None:
    _told_again(target)
    was = {"value": before[-1].value, "upper": before[-1].upper} if before else None
    detail = {
        "value": {"before": before[-1].value if before else None, "after": target.value},
        "scope": {"before": None, "after": target.scope_key},
        "kind": {"before": None, "after": target.kind},
        "reason": {"before": None, "after": target.reason},
    }
    record_change(
        object_kind="target",
        object_id=str(target.target_id),
        object_version=target.version,
        kind=kind,
        at=max(target.effective_from, now) if kind != "retired" else now,
        author=by.name,
        summary=f"{target.metric_id} of {target.scope_key or 'everything'}: {target.kind} {target.value:g}",
        detail=detail,
        place=_place(target),
    )
    audit(
        actor=by.name,
        action=f"target.{kind}",
        object_kind="target",
        object_id=str(target.target_id),
        before=was,
        after={"value": target.value, "upper": target.upper, "version": target.version},
        now=now,
    )


def _place(target: Target) -> Place:
    """Return where the change is told: inside a data boundary when the target is about one of its queues."""
    slugs = target.scope.get("queue", ())
    held = sorted(
        boundary
        for boundary in Queue.objects.filter(slug__in=slugs).values_list("data_boundary__slug", flat=True)
        if boundary
    )
    named = sorted(target.scope.get("data_boundary", ()))
    return Place(data_boundary=next(iter([*held, *named]), ""))


def fact_row(target: Target) -> dict[str, Any]:
    """Return the target version as a row of the fact `target`."""
    return {
        "target_id": str(target.target_id),
        "target_version": target.version,
        "metric_id": target.metric_id,
        "metric_version": target.metric_version,
        "scope_json": json.dumps(target.scope, sort_keys=True),
        "direction": target.direction,
        "value": target.value,
        "kind": target.kind,
        "effective_from": target.effective_from,
        "effective_to": target.effective_to,
        "recorded_at": target.recorded_at,
        "owner": target.owner,
    }

"""Sampling designs: written once with their seed, ended, never changed; some by a queue's own settings."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from watchfloor.operations.quality.errors import DesignError
from watchfloor.operations.quality.models import AuditDesign
from watchfloor.operations.quality.standing import require_queue
from watchfloor.operations.quality.vocabulary import DESIGN_KINDS, STRATA, UNIT_KINDS
from watchfloor.operations.queues.models import SERVING_STATES, Queue
from watchfloor.operations.queues.services import place_of
from watchfloor.operations.record.services import EVERYWHERE, audit, record_change
from watchfloor.operations.record.viewers import Viewer

ALLOCATIONS = ("proportional", "equal", "neyman")
LARGEST_FRAME_HOURS = 24 * 31
_PLAN = {"share", "count", "by", "allocation", "floor", "error_rates"}


@dataclass(frozen=True, slots=True)
class NewDesign:
    """A design to write. Its plan holds `share` or `count` a frame; stratified also `by` and `allocation`."""

    slug: str
    title: str
    queues: Sequence[Queue]
    plan: Mapping[str, Any] = field(default_factory=lambda: {"share": 0.02})
    kind: str = "simple"
    unit_kind: str = "review"
    frame_hours: int = 24
    blind: bool = True
    starts_at: datetime | None = None


@transaction.atomic
def create_design(*, new: NewDesign, seed: int, by: Viewer, now: datetime) -> AuditDesign:
    """Return the new design; its first frame starts at the UTC midnight of today unless it says when.

    Raises:
        DesignError: the plan is wrong; it says how.

    """
    if faults := design_faults(new):
        raise DesignError(
            f"Design {new.slug!r} cannot be drawn from: {' '.join(faults)}", remedy="Correct what is named."
        )
    for queue in new.queues:
        require_queue(by, "quality.change", queue)
    if AuditDesign.objects.filter(slug=new.slug).exists():
        raise DesignError(f"There is a design {new.slug!r} already.", remedy="Choose another slug.")
    design = AuditDesign.objects.create(
        slug=new.slug,
        title=new.title,
        kind=new.kind,
        unit_kind=new.unit_kind,
        seed=seed,
        plan=dict(new.plan),
        frame_hours=new.frame_hours,
        blind=new.blind,
        starts_at=new.starts_at or now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0),
        created_by=by.name,
        created_at=now,
    )
    design.queues.set(new.queues)
    place = place_of(new.queues[0]) if len(new.queues) == 1 else EVERYWHERE
    written = {
        "kind": new.kind,
        "unit_kind": new.unit_kind,
        "plan": dict(new.plan),
        "seed": seed,
        "frame_hours": new.frame_hours,
        "queues": sorted(queue.slug for queue in new.queues),
    }
    audit(
        actor=by.name,
        action="create",
        object_kind="audit_design",
        object_id=new.slug,
        after=written,
        now=now,
        place=place,
    )
    record_change(
        object_kind="audit_design",
        object_id=new.slug,
        object_version=1,
        kind="created",
        at=now,
        author=by.name,
        summary=f"{new.title}: audits are drawn by this design.",
        detail=written,
        place=place,
    )
    return design


@transaction.atomic
def end_design(*, design: AuditDesign, by: Viewer, now: datetime) -> AuditDesign:
    """Return the design, drawing no frame that starts at or after now.

    Raises:
        DesignError: it has ended already.

    """
    found = AuditDesign.objects.select_for_update().get(pk=design.pk)
    for queue in found.queues.order_by("slug"):
        require_queue(by, "quality.change", queue)
    if found.ends_at is not None:
        raise DesignError(f"Design {found.slug!r} has ended already.", remedy="Write a new one.")
    found.ends_at = design.ends_at = now
    found.save(update_fields=["ends_at"])
    audit(
        actor=by.name,
        action="end",
        object_kind="audit_design",
        object_id=found.slug,
        after={"ends_at": now.isoformat()},
        now=now,
    )
    record_change(
        object_kind="audit_design",
        object_id=found.slug,
        object_version=1,
        kind="retired",
        at=now,
        author=by.name,
        summary=f"{found.title}: no more audits are drawn by this design.",
    )
    return found


def design_faults(new: NewDesign) -> list[str]:
    """Return what is wrong with a design, one sentence each.

    >>> design_faults(NewDesign("d", "D", queues=()))
    ['It names no queue.']
    """
    faults = [] if new.queues else ["It names no queue."]
    if new.kind not in DESIGN_KINDS:
        faults.append(f"Kind {new.kind!r} is not one of {', '.join(DESIGN_KINDS)}.")
    if new.unit_kind not in UNIT_KINDS:
        faults.append(f"Unit {new.unit_kind!r} is not one of {', '.join(UNIT_KINDS)}.")
    if not 1 <= new.frame_hours <= LARGEST_FRAME_HOURS:
        faults.append(f"A frame of {new.frame_hours} h is outside 1 to {LARGEST_FRAME_HOURS}.")
    if new.starts_at is not None and new.starts_at.tzinfo is None:
        faults.append("The start has no time zone.")
    return faults + _plan_faults(new.plan, new.kind)


def _plan_faults(plan: Mapping[str, Any], kind: str) -> list[str]:
    faults = [f"The plan knows no {name!r}." for name in sorted(set(plan) - _PLAN)]
    share, count = plan.get("share"), plan.get("count")
    if (share is None) == (count is None):
        faults.append("The plan names a share or a count, and not both.")
    if share is not None and not (_is_number(share) and 0 < share <= 1):
        faults.append(f"A share of {share!r} is outside 0 to 1.")
    if count is not None and not (isinstance(count, int) and not isinstance(count, bool) and count >= 1):
        faults.append(f"A count of {count!r} is no whole number from 1.")
    by = plan.get("by") or []
    if kind == "stratified" and not by:
        faults.append(f"A stratified plan names what it divides `by`: {', '.join(STRATA)}.")
    faults += [f"Nothing can be divided by {name!r}." for name in by if name not in STRATA]
    if plan.get("allocation", ALLOCATIONS[0]) not in ALLOCATIONS:
        faults.append(f"Allocation {plan['allocation']!r} is not one of {', '.join(ALLOCATIONS)}.")
    floor = plan.get("floor", 0)
    if not (isinstance(floor, int) and not isinstance(floor, bool) and floor >= 0):
        faults.append(f"A floor of {floor!r} is no whole number from 0.")
    rates = plan.get("error_rates", {})
    if not isinstance(rates, Mapping) or any(not (_is_number(r) and 0 <= r <= 1) for r in rates.values()):
        faults.append("Error rates map strata to numbers from 0 to 1.")
    return faults


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def ensure_queue_designs(*, now: datetime, rng: random.Random) -> list[AuditDesign]:
    """Return the designs written now for queues whose configuration asks for audits and that have none.

    A queue's `audit_share` and `qa_plan` name the design. When they change, the design before ends and a new
    one takes over at the next frame, so that every draw keeps the plan it was made with.
    """
    system = Viewer.system("quality")
    made = []
    asking = Queue.objects.filter(current_version__isnull=False, state__in=SERVING_STATES)
    for queue in asking.select_related("current_version", "data_boundary").order_by("slug"):
        new = _asked_by(queue)
        own = rf"^{re.escape(queue.slug)}-v\d+$"
        running = AuditDesign.objects.filter(slug__regex=own, ends_at__isnull=True).order_by("-id").first()
        if running is not None and new is not None and _is_as(running, new):
            continue
        if running is not None:
            end_design(design=running, by=system, now=now)
        if (
            new is not None
            and not design_faults(new)
            and not AuditDesign.objects.filter(slug=new.slug).exists()
        ):
            made.append(create_design(new=new, seed=rng.getrandbits(63), by=system, now=now))
    return made


def _is_as(running: AuditDesign, new: NewDesign) -> bool:
    names = ("kind", "unit_kind", "plan", "frame_hours", "blind")
    return all(getattr(running, name) == getattr(new, name) for name in names)


def _asked_by(queue: Queue) -> NewDesign | None:
    version = queue.current_version
    if version is None or version.audit_share <= 0:
        return None
    asked = dict(version.qa_plan)
    kind = asked.pop("kind", "stratified" if asked.get("by") else "simple")
    unit_kind = asked.pop("unit_kind", "review")
    frame_hours = asked.pop("frame_hours", 24)
    blind = asked.pop("blind", True)
    plan = {name: value for name, value in asked.items() if name in _PLAN - {"share", "count"}}
    return NewDesign(
        slug=f"{queue.slug}-v{version.version}"[:80],
        title=f"{queue.title}, v{version.version}",
        queues=[queue],
        plan={"share": version.audit_share, **plan},
        kind=kind,
        unit_kind=unit_kind,
        frame_hours=frame_hours,
        blind=blind,
    )

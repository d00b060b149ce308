"""Logical queues: conditions over physical queues and their cases. No case is stored in one.

A case belongs to one physical queue and to every logical queue whose conditions it meets. So it counts once
in each, and totals are taken over physical queues, or over the cases of some logical queue once, never by
adding the two. A logical queue lies on one side of a data boundary, as its members do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.models import DataBoundary
from watchfloor.operations.policies.vocabulary import SEVERITIES
from watchfloor.operations.queues.models import LOGICAL_STATES, LogicalQueue, Queue
from watchfloor.operations.queues.selectors import queues
from watchfloor.operations.record.services import Place, audit, record_change
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError, Viewer

QUEUE_CONDITIONS = ("queue", "group", "surface")
CASE_CONDITIONS = ("language", "market", "strategy", "severity")
CONDITIONS = (*QUEUE_CONDITIONS, *CASE_CONDITIONS)


class LogicalQueueError(WatchfloorError):
    """A logical queue cannot be written, or asked, as it was."""


@dataclass(frozen=True, slots=True)
class LogicalView:
    """A logical queue with those of its physical queues that the viewer reaches."""

    logical: LogicalQueue
    members: tuple[Queue, ...]


@dataclass(frozen=True, slots=True)
class NewLogical:
    """What a logical queue is to be."""

    slug: str
    title: str
    conditions: Mapping[str, list[str]]
    title_zh_hans: str = ""
    sla_seconds: Mapping[str, int] | None = None
    sla_share: float = 0.95
    callback_endpoint: str = ""
    data_boundary: DataBoundary | None = None
    state: str = "live"
    owner: str = ""


def belongs(conditions: Mapping[str, Iterable[str]], case: Mapping[str, str]) -> bool:
    """Return whether a case meets the conditions; one that is left out does not restrict.

    >>> belongs({"language": ["de", "fr"]}, {"language": "de", "market": "AT"})
    True
    """
    return all(case.get(name, "") in values for name, values in conditions.items() if values)


def logical_members(*, logical: LogicalQueue, candidates: Iterable[Queue]) -> list[Queue]:
    """Return those of the queues whose cases may belong, in their order; pure."""
    return [queue for queue in candidates if _may_hold(logical, queue)]


def _may_hold(logical: LogicalQueue, queue: Queue) -> bool:
    if queue.data_boundary_id != logical.data_boundary_id or queue.state == "retired":
        return False
    named = {"queue": queue.slug, "group": queue.group, "surface": queue.surface}
    wanted = {name: values for name, values in logical.conditions.items() if name in QUEUE_CONDITIONS}
    if not belongs(wanted, named):
        return False
    for name, held in (("language", queue.languages), ("market", queue.markets)):
        asked = logical.conditions.get(name)
        if asked and held and not set(asked) & set(held):
            return False
    return True


def logical_queues(*, viewer: Viewer, permission: str = "queues.view") -> list[LogicalView]:
    """Return the logical queues of which the viewer reaches a member, by slug; two queries."""
    reached = list(queues(viewer=viewer, permission=permission))
    rows = LogicalQueue.objects.filter(_within(viewer, permission)).select_related("data_boundary")
    views = [
        LogicalView(logical, tuple(logical_members(logical=logical, candidates=reached)))
        for logical in rows.order_by("slug")
    ]
    return [view for view in views if view.members or _sees_all(viewer, permission)]


def logical_queue(*, viewer: Viewer, slug: str, permission: str = "queues.view") -> LogicalView:
    """Return one logical queue with its members.

    Raises:
        NotFoundError: there is none of that slug within reach.

    """
    for view in logical_queues(viewer=viewer, permission=permission):
        if view.logical.slug == slug:
            return view
    raise NotFoundError(f"There is no logical queue {slug!r}.", remedy="Check the slug and your access.")


def logical_queues_of(
    *, queue: Queue, language: str, market: str, strategy: str, severity: str
) -> list[LogicalQueue]:
    """Return the live logical queues that a case of this physical queue belongs to, by slug."""
    case = {
        "queue": queue.slug,
        "group": queue.group,
        "surface": queue.surface,
        "language": language,
        "market": market,
        "strategy": strategy,
        "severity": severity,
    }
    live = LogicalQueue.objects.filter(state="live", data_boundary_id=queue.data_boundary_id)
    return [logical for logical in live.order_by("slug") if belongs(logical.conditions, case)]


def where_of(view: LogicalView) -> dict[str, tuple[str, ...]]:
    """Return the filter on metrics that stands for a logical queue: its members and its conditions on cases.

    Raises:
        LogicalQueueError: facts of reviews and decisions do not carry a condition of it.

    """
    if view.logical.conditions.get("severity"):
        raise LogicalQueueError(
            f"Metrics do not know the severity expected of a case, by which {view.logical.slug!r} chooses.",
            remedy="Look at its open cases, or ask by its physical queues.",
        )
    where = {"queue": tuple(queue.slug for queue in view.members) or ("(no queue)",)}
    for name in ("language", "market", "strategy"):
        if values := view.logical.conditions.get(name):
            where[name] = tuple(values)
    return where


@transaction.atomic
def save_logical(*, new: NewLogical, by: Viewer, now: datetime) -> LogicalQueue:
    """Return the logical queue, written new or changed; the change log keeps what it was.

    Raises:
        LogicalQueueError: it does not fit.

    """
    by.require("queues.change")
    logical = LogicalQueue.objects.select_for_update(of=("self",)).filter(slug=new.slug).first()
    before = logical_values(logical) if logical else None
    if logical is None:
        logical = LogicalQueue(slug=new.slug, created_at=now)
    else:
        _require(by, logical)
    for name in (
        "title",
        "title_zh_hans",
        "sla_share",
        "callback_endpoint",
        "data_boundary",
        "state",
        "owner",
    ):
        setattr(logical, name, getattr(new, name))
    logical.conditions = {name: sorted(set(values)) for name, values in new.conditions.items() if values}
    logical.sla_seconds = dict(new.sla_seconds or {})
    _require(by, logical)
    if faults := logical_faults(logical):
        raise LogicalQueueError(
            f"The logical queue cannot be written so: {' '.join(faults)}", remedy="Correct what is named."
        )
    logical.save()
    after = logical_values(logical)
    if after == before:
        return logical
    place = Place(data_boundary=logical.data_boundary.slug if logical.data_boundary else "")
    audit(
        actor=by.name,
        action="change" if before else "create",
        object_kind="logical_queue",
        object_id=logical.slug,
        before=before,
        after=after,
        now=now,
        place=place,
    )
    changed = {
        name: {"before": (before or {}).get(name), "after": value}
        for name, value in after.items()
        if before is None or before[name] != value
    }
    record_change(
        object_kind="logical_queue",
        object_id=logical.slug,
        object_version=None,
        kind="changed" if before else "created",
        at=now,
        author=by.name,
        summary=f"{logical.title}: {', '.join(changed)} changed."[:400]
        if before
        else f"{logical.title}: made.",
        detail=changed,
        place=place,
    )
    return logical


def logical_values(logical: LogicalQueue) -> dict[str, Any]:
    """Return a logical queue as plain values, in reading order."""
    return {
        "title": logical.title,
        "title_zh_hans": logical.title_zh_hans,
        "conditions": dict(logical.conditions),
        "sla_seconds": dict(logical.sla_seconds),
        "sla_share": logical.sla_share,
        "callback_endpoint": logical.callback_endpoint,
        "data_boundary": logical.data_boundary.slug if logical.data_boundary else None,
        "state": logical.state,
        "owner": logical.owner,
    }


def logical_faults(logical: LogicalQueue) -> list[str]:
    """Return what is wrong with a logical queue, one sentence each."""
    faults = []
    if Queue.objects.filter(slug=logical.slug).exists():
        faults.append(f"A physical queue is called {logical.slug!r} already.")
    if unknown := sorted(set(logical.conditions) - set(CONDITIONS)):
        faults.append(f"There is no condition {', '.join(unknown)}; use {', '.join(CONDITIONS)}.")
    if not any(logical.conditions.values()):
        faults.append("It has no condition, so it would hold every case.")
    if wrong := sorted(set(logical.conditions.get("severity", ())) - set(SEVERITIES)):
        faults.append(f"There is no severity {', '.join(wrong)}.")
    named = logical.conditions.get("queue", [])
    held = {queue.slug: queue for queue in Queue.objects.filter(slug__in=named)}
    faults += [f"There is no queue {slug!r}." for slug in named if slug not in held]
    faults += [
        f"Queue {slug!r} lies on the other side of the data boundary."
        for slug, queue in sorted(held.items())
        if queue.data_boundary_id != logical.data_boundary_id
    ]
    for severity, seconds in logical.sla_seconds.items():
        if severity not in {*SEVERITIES, "default"} or not isinstance(seconds, int) or seconds <= 0:
            faults.append(f"The SLA of {severity!r} is {seconds!r}; give a severity or default, and seconds.")
    if not 0 < logical.sla_share <= 1:
        faults.append(f"The share in time is {logical.sla_share}; it lies above 0, up to 1.")
    if logical.state not in LOGICAL_STATES:
        faults.append(f"State {logical.state!r} is none of {', '.join(LOGICAL_STATES)}.")
    return faults


def _within(viewer: Viewer, permission: str) -> Q:
    return viewer.scope(permission, data_boundary="data_boundary__slug")


def _sees_all(viewer: Viewer, permission: str) -> bool:
    return any(
        permission in grant.permissions and not (grant.queue_group or grant.site or grant.market)
        for grant in viewer.grants
    )


def _require(by: Viewer, logical: LogicalQueue) -> None:
    """Refuse unless somebody who changes queues everywhere on this side of the boundary asks."""
    boundary = logical.data_boundary.slug if logical.data_boundary else ""
    if not by.reaches("queues.change", {"data_boundary": boundary}):
        raise NotPermittedError(
            f"{by.name} may not change logical queue {logical.slug!r}: it spans queues beyond their grants.",
            remedy="Ask somebody who may change every queue of this data boundary.",
        )

"""Changes of a queue's settings: proposed by one person, approved by another, in force at an instant.

A request names the settings it changes with their values before and after; the rest stays as it is when the
change takes effect, so two requests about different settings do not undo each other. If one of its settings
has changed meanwhile, the request fails instead of overwriting that. Approved requests wait for their instant
and are applied by a job; a queue goes back to an earlier version at once.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.queues.change_guards import Change, change_faults
from watchfloor.operations.queues.configuring import (
    QueueError,
    Settings,
    place_of,
    reaches_queue,
    require_reach,
    version_of,
    write_version,
)
from watchfloor.operations.queues.faults import version_faults
from watchfloor.operations.queues.models import ACCEPTING_STATES, ChangeRequest, Queue, QueueVersion
from watchfloor.operations.queues.plain_settings import settings_with
from watchfloor.operations.queues.selectors import settings_of
from watchfloor.operations.record.services import audit
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError, Viewer

LONGEST_WAIT = timedelta(days=366)
OPEN_STATES = ("proposed", "approved")


class ChangeStateError(WatchfloorError):
    """The change request is not in a state that allows this, as when somebody else was faster."""

    status = 409


class StaleChangeError(WatchfloorError):
    """A setting has changed since the change was proposed."""

    status = 409


class ChangeBlockedError(WatchfloorError):
    """A change does harm that was measured, and nobody gave a reason to approve it all the same."""

    status = 409

    def __init__(self, message: str, *, remedy: str = "", faults: tuple[str, ...] = ()) -> None:
        self.faults = faults
        super().__init__(message, remedy=remedy)


@transaction.atomic
def propose_change(
    *,
    queue: Queue,
    changes: Mapping[str, Any],
    by: Viewer,
    now: datetime,
    note: str = "",
    effective_at: datetime | None = None,
) -> ChangeRequest:
    """Return the request to change settings, given as plain values under the names of `settings_of`.

    Values that equal those in force are left out.

    Raises:
        QueueError: the settings do not fit, change nothing, or would take effect too late.

    """
    require_reach(by, queue, "queues.change")
    if effective_at is not None and not now - timedelta(minutes=1) <= effective_at <= now + LONGEST_WAIT:
        raise QueueError(
            f"The change would take effect at {effective_at.isoformat()}.",
            remedy="Name an instant between now and a year from now, or none.",
        )
    current = _current(queue)
    settings = settings_with(Settings.of(current), changes)
    wanted = version_of(queue=queue, settings=settings)
    before, after = settings_of(current), settings_of(wanted)
    differing = {
        name: {"before": before[name], "after": after[name]} for name in after if before[name] != after[name]
    }
    if not differing:
        raise QueueError(
            f"The settings equal version {current.version} of {queue.slug!r}.", remedy="Change something."
        )
    _refuse_faults(wanted, queue)
    request = ChangeRequest.objects.create(
        queue=queue,
        base_version=current.version,
        changes=differing,
        note=note,
        proposed_by=by.name,
        proposed_at=now,
        effective_at=effective_at,
    )
    _audit(request, "propose_change", by.name, now, {"changes": differing, "note": note})
    return request


@transaction.atomic
def approve_change(*, request_id: int, by: Viewer, now: datetime, override: str = "") -> ChangeRequest:
    """Return the request approved; where its instant has come it is in force.

    `override` is the reason to approve it in spite of what the guards of changes say against it.

    Raises:
        ChangeBlockedError: a guard says that the change does harm, and no reason stands against that.
        NotPermittedError: the approver proposed the change, or may not approve for this queue.
        ChangeStateError: the request is not waiting any more.
        StaleChangeError: a setting has changed since.

    """
    request = _locked(request_id, by, "queues.approve")
    _require_state(request, ("proposed",), "approved")
    if request.proposed_by == by.name:
        raise NotPermittedError(
            f"{by.name} proposed this change and cannot approve it.",
            remedy="Ask somebody else who may approve changes of this queue.",
        )
    settings = _settings_now(request)
    _refuse_faults(version_of(queue=request.queue, settings=settings), request.queue)
    told: dict[str, Any] = {"effective_at": _text(request.effective_at)}
    if wrong := _said_against(request, settings, now):
        if not override.strip():
            raise _blocked(request, wrong)
        request.reason = override.strip()[:400]
        told |= {"in_spite_of": wrong, "reason": request.reason}
    request.state, request.approved_by, request.settled_at = "approved", by.name, now
    request.save(update_fields=["state", "approved_by", "settled_at", "reason"])
    _audit(request, "approve_change", by.name, now, told)
    if request.effective_at is None or request.effective_at <= now:
        _apply(request, settings, now)
    return request


def against(*, request: ChangeRequest, now: datetime) -> list[str]:
    """Return what the guards say now against a request that waits; empty where it cannot be applied."""
    try:
        return _said_against(request, _settings_now(request), now)
    except (StaleChangeError, QueueError):
        return []


@transaction.atomic
def reject_change(*, request_id: int, by: Viewer, now: datetime, reason: str) -> ChangeRequest:
    """Return the request rejected, with the reason. An approved one may be stopped until it takes effect.

    Raises:
        ChangeStateError: the request is settled.
        QueueError: no reason is given.

    """
    request = _locked(request_id, by, "queues.approve")
    _require_state(request, OPEN_STATES, "rejected")
    if not reason.strip():
        raise QueueError("A rejection needs its reason.", remedy="Say what should be different.")
    return _close(request, "rejected", by.name, now, reason.strip())


@transaction.atomic
def withdraw_change(*, request_id: int, by: Viewer, now: datetime) -> ChangeRequest:
    """Return the request taken back by whoever proposed it.

    Raises:
        ChangeStateError: the request is settled.
        NotPermittedError: somebody else proposed it.

    """
    request = _locked(request_id, by, "queues.change")
    _require_state(request, OPEN_STATES, "withdrawn")
    if request.proposed_by != by.name:
        raise NotPermittedError(
            f"{request.proposed_by} proposed this change.", remedy="Reject it with a reason instead."
        )
    return _close(request, "withdrawn", by.name, now, "")


def apply_due(*, now: datetime) -> list[ChangeRequest]:
    """Return the approved requests whose instant has come, each applied or failed on its own."""
    due = ChangeRequest.objects.filter(state="approved", effective_at__lte=now)
    settled = []
    for number in due.order_by("effective_at", "id").values_list("id", flat=True):
        with transaction.atomic():
            rows = ChangeRequest.objects.select_for_update(skip_locked=True, of=("self",))
            request = rows.select_related("queue").filter(pk=number, state="approved").first()
            if request is None:
                continue
            try:
                with transaction.atomic():
                    settings = _settings_now(request)
                    if not request.reason and (wrong := _said_against(request, settings, now)):
                        raise _blocked(request, wrong)
                    _apply(request, settings, now)
            except WatchfloorError as error:
                _close(request, "failed", "system", now, str(error)[:400])
            settled.append(request)
    return settled


@transaction.atomic
def roll_back(*, queue: Queue, to_version: int, by: Viewer, now: datetime, reason: str) -> QueueVersion:
    """Return a new version with the settings of an earlier one, in force at once.

    One person with the right to approve suffices: going back to what was approved before must not wait. The
    changes applied since are marked as rolled back.

    Raises:
        NotFoundError: the queue has no such version.
        QueueError: no reason is given, or the old settings do not fit any more.

    """
    require_reach(by, queue, "queues.approve")
    if not reason.strip():
        raise QueueError("Going back needs its reason.", remedy="Say what went wrong.")
    target = queue.versions.filter(version=to_version).first()
    if target is None:
        raise NotFoundError(
            f"Queue {queue.slug!r} has no version {to_version}.", remedy="Choose one of its history."
        )
    version = write_version(
        queue=queue,
        settings=Settings.of(target),
        author=by.name,
        now=now,
        note=f"Back to v{to_version}: {reason.strip()}"[:400],
        detail={"rolled_back_to": to_version},
    )
    undone = ChangeRequest.objects.filter(
        queue=queue, state="applied", applied_version__version__gt=to_version
    )
    for request in undone.select_for_update(of=("self",)).order_by("id"):
        _close(request, "rolled_back", by.name, now, reason.strip())
    return version


def change_settings(
    *,
    queue: Queue,
    changes: Mapping[str, Any],
    by: Viewer,
    now: datetime,
    note: str = "",
    effective_at: datetime | None = None,
) -> ChangeRequest | QueueVersion:
    """Return a request where cases are taken already, else the new version at once.

    A queue that has never been open harms nobody while it is built; from its canary on, two people agree.

    Raises:
        QueueError: the settings do not fit, or change nothing.

    """
    if queue.state in ACCEPTING_STATES:
        return propose_change(
            queue=queue, changes=changes, by=by, now=now, note=note, effective_at=effective_at
        )
    require_reach(by, queue, "queues.change")
    current = queue.current_version
    base = Settings.of(current) if current else Settings()
    settings = settings_with(base, changes)
    return write_version(queue=queue, settings=settings, author=by.name, now=now, note=note)


def _current(queue: Queue) -> QueueVersion:
    if queue.current_version is None:
        raise QueueError(f"Queue {queue.slug!r} has no configuration yet.", remedy="Configure it first.")
    return queue.current_version


def _settings_now(request: ChangeRequest) -> Settings:
    """Return the settings in force with the request's changes; refuse if one of them moved meanwhile."""
    current = _current(Queue.objects.select_related("current_version").get(pk=request.queue_id))
    held = settings_of(current)
    moved = [name for name, change in request.changes.items() if held[name] != change["before"]]
    if moved:
        raise StaleChangeError(
            f"Since version {request.base_version}, {', '.join(moved)} changed in version {current.version}.",
            remedy="Withdraw this change and propose it anew.",
        )
    return settings_with(
        Settings.of(current), {name: change["after"] for name, change in request.changes.items()}
    )


def _apply(request: ChangeRequest, settings: Settings, now: datetime) -> None:
    request.applied_version = write_version(
        queue=request.queue,
        settings=settings,
        author=request.proposed_by,
        now=now,
        note=request.note,
        detail={"approved_by": request.approved_by, "change_request": request.pk}
        | ({"in_spite_of_trial": request.reason} if request.reason else {}),
    )
    request.state, request.settled_at = "applied", now
    request.save(update_fields=["state", "settled_at", "applied_version"])
    number = request.applied_version.version
    _audit(request, "apply_change", request.approved_by, now, {"version": number})


def _said_against(request: ChangeRequest, settings: Settings, now: datetime) -> list[str]:
    queue = Queue.objects.select_related("current_version").get(pk=request.queue_id)
    after = version_of(queue=queue, settings=settings)
    return change_faults(Change(queue=queue, before=_current(queue), after=after, now=now))


def _blocked(request: ChangeRequest, wrong: list[str]) -> ChangeBlockedError:
    return ChangeBlockedError(
        f"Change {request.pk} is held up: {' '.join(wrong)}",
        remedy="Reject it, or approve it all the same with a reason.",
        faults=tuple(wrong),
    )


def _locked(request_id: int, by: Viewer, permission: str) -> ChangeRequest:
    by.require(permission)
    rows = ChangeRequest.objects.select_for_update(of=("self",)).select_related(
        "queue__data_boundary", "queue__current_version"
    )
    request = rows.filter(pk=request_id).first()
    if request is None or not reaches_queue(by, request.queue, permission):
        raise NotFoundError(f"There is no change request {request_id}.", remedy="See the list of changes.")
    return request


def _require_state(request: ChangeRequest, states: tuple[str, ...], to: str) -> None:
    if request.state not in states:
        raise ChangeStateError(
            f"Change {request.pk} is {request.state}; it cannot be {to}.", remedy="Look at it again."
        )


def _close(request: ChangeRequest, state: str, actor: str, now: datetime, reason: str) -> ChangeRequest:
    before = request.state
    request.state, request.reason, request.settled_at = state, reason[:400], now
    request.save(update_fields=["state", "reason", "settled_at"])
    _audit(request, f"change_{state}", actor, now, {"before": before, "reason": reason})
    return request


def _audit(request: ChangeRequest, action: str, actor: str, now: datetime, after: Mapping[str, Any]) -> None:
    audit(
        actor=actor,
        action=action,
        object_kind="queue",
        object_id=request.queue.slug,
        after={"change_request": request.pk, **after},
        now=now,
        place=place_of(request.queue),
    )


def _refuse_faults(version: QueueVersion, queue: Queue) -> None:
    if faults := version_faults(version):
        raise QueueError(
            f"Queue {queue.slug!r} cannot be configured so: {' '.join(faults)}",
            remedy="Correct the settings named.",
            faults=tuple(faults),
        )


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None

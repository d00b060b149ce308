"""The API of queue design: create, change by two people, move on, logical queues, form, procedure."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone
from ninja import Router, Schema, Status

from watchfloor.operations.people.api_access import ACCESS, Caller
from watchfloor.operations.people.models import DataBoundary
from watchfloor.operations.queues import changes as changing
from watchfloor.operations.queues.change_selectors import change_request, change_requests
from watchfloor.operations.queues.form_spec import forms_of
from watchfloor.operations.queues.logical import (
    LogicalView,
    NewLogical,
    logical_queue,
    logical_queues,
    logical_values,
    save_logical,
)
from watchfloor.operations.queues.models import ChangeRequest
from watchfloor.operations.queues.plain_settings import settings_with
from watchfloor.operations.queues.selectors import queue
from watchfloor.operations.queues.services import (
    NewQueue,
    QueueError,
    Settings,
    create_queue,
    transition,
)
from watchfloor.operations.queues.sops import sop_of
from watchfloor.operations.record.viewers import NotFoundError

router = Router(auth=ACCESS, tags=["queue design"])
MOST_CHANGES = 200


class QueueIn(Schema):
    """A new queue; `settings` are plain values under the names that `GET /queues/{slug}` shows."""

    slug: str
    title: str
    group: str
    surface: str
    purpose: str = "production"
    mode: str = "label"
    title_zh_hans: str = ""
    languages: list[str] = []
    markets: list[str] = []
    tags: list[str] = []
    data_boundary: str | None = None
    owner: str = ""
    settings: dict[str, Any] | None = None


class CreatedOut(Schema):
    """The queue made."""

    slug: str
    state: str
    version: int | None


class ChangesIn(Schema):
    """Settings to change, as plain values; `effective_at` empty means as soon as approved."""

    changes: dict[str, Any]
    note: str = ""
    effective_at: datetime | None = None


class ChangeRequestOut(Schema):
    """A change of a queue and where it stands; `changes` maps a setting to its value before and after."""

    id: int | None
    queue: str
    state: str
    changes: dict[str, Any]
    note: str
    proposed_by: str
    proposed_at: datetime | None
    effective_at: datetime | None
    approved_by: str
    reason: str
    version: int | None


class ChangeReasonIn(Schema):
    """Why."""

    reason: str


class ApprovalIn(Schema):
    """Why a change is approved in spite of what a trial showed; empty where nothing stands against it."""

    override: str = ""


class TransitionIn(Schema):
    """The state to move to."""

    to: str
    reason: str = ""


class RollBackIn(Schema):
    """The version to go back to, and why."""

    to_version: int
    reason: str


class LogicalIn(Schema):
    """What a logical queue is to be."""

    title: str
    conditions: dict[str, list[str]]
    title_zh_hans: str = ""
    sla_seconds: dict[str, int] = {}
    sla_share: float = 0.95
    callback_endpoint: str = ""
    data_boundary: str | None = None
    state: str = "live"
    owner: str = ""


class LogicalOut(LogicalIn):
    """A logical queue with the physical queues behind it that the caller reaches."""

    slug: str
    queues: list[str]


class SopOut(Schema):
    """A procedure in force."""

    version: int
    title: str
    title_zh_hans: str
    text: str
    text_zh_hans: str
    published_at: datetime
    author: str


def create(request: Caller, body: QueueIn) -> Status[dict[str, Any]]:
    """Return the queue, in draft."""
    plain = body.dict()
    settings = plain.pop("settings")
    boundary = _boundary(plain.pop("data_boundary"))
    for name in ("languages", "markets", "tags"):
        plain[name] = tuple(plain[name])
    made = create_queue(
        new=NewQueue(**plain, data_boundary=boundary),
        by=request.auth,
        now=timezone.now(),
        settings=None if settings is None else settings_with(Settings(), settings),
    )
    version = made.current_version
    return Status(
        201, {"slug": made.slug, "state": made.state, "version": version.version if version else None}
    )


@router.post("/queues/{slug}/changes", response={201: ChangeRequestOut}, summary="Change settings")
def propose(request: Caller, slug: str, body: ChangesIn) -> Status[dict[str, Any]]:
    """Return the change that waits for another person; of a queue without cases yet, it took effect."""
    found = queue(viewer=request.auth, slug=slug, permission="queues.change")
    at = body.effective_at
    made = changing.change_settings(
        queue=found,
        changes=body.changes,
        by=request.auth,
        now=timezone.now(),
        note=body.note[:400],
        effective_at=None if at is None else at.replace(tzinfo=at.tzinfo or UTC),
    )
    if isinstance(made, ChangeRequest):
        return Status(201, _change(made))
    applied: dict[str, Any] = {
        "id": None,
        "queue": slug,
        "state": "applied",
        "changes": {},
        "note": made.note,
        "proposed_by": made.author,
        "proposed_at": made.effective_from,
        "effective_at": made.effective_from,
        "approved_by": "",
        "reason": "",
        "version": made.version,
    }
    return Status(201, applied)


@router.get("/queue-changes", response=list[ChangeRequestOut], summary="List changes of queues")
def list_changes(request: Caller, state: str = "open") -> list[dict[str, Any]]:
    """Return the newest changes within reach: `open`, `all`, or those of one state."""
    rows = change_requests(viewer=request.auth, state="" if state == "all" else state)
    return [_change(each) for each in rows[:MOST_CHANGES]]


@router.get("/queue-changes/{number}", response=ChangeRequestOut, summary="Read a change")
def read_change(request: Caller, number: int) -> dict[str, Any]:
    """Return one change."""
    return _change(change_request(viewer=request.auth, request_id=number))


@router.post("/queue-changes/{number}/approve", response=ChangeRequestOut, summary="Approve a change")
def approve(request: Caller, number: int, body: ApprovalIn | None = None) -> dict[str, Any]:
    """Return the change approved; nobody approves their own."""
    override = body.override if body else ""
    return _change(
        changing.approve_change(request_id=number, by=request.auth, now=timezone.now(), override=override)
    )


@router.post("/queue-changes/{number}/reject", response=ChangeRequestOut, summary="Reject a change")
def reject(request: Caller, number: int, body: ChangeReasonIn) -> dict[str, Any]:
    """Return the change rejected, with its reason."""
    return _change(
        changing.reject_change(request_id=number, by=request.auth, now=timezone.now(), reason=body.reason)
    )


@router.post("/queue-changes/{number}/withdraw", response=ChangeRequestOut, summary="Withdraw a change")
def withdraw(request: Caller, number: int) -> dict[str, Any]:
    """Return the change taken back by its author."""
    return _change(changing.withdraw_change(request_id=number, by=request.auth, now=timezone.now()))


@router.post("/queues/{slug}/roll-back", response=CreatedOut, summary="Go back to an earlier version")
def go_back(request: Caller, slug: str, body: RollBackIn) -> dict[str, Any]:
    """Return the queue with its old settings in force as a new version."""
    found = queue(viewer=request.auth, slug=slug, permission="queues.approve")
    version = changing.roll_back(
        queue=found, to_version=body.to_version, by=request.auth, now=timezone.now(), reason=body.reason
    )
    return {"slug": slug, "state": found.state, "version": version.version}


@router.post("/queues/{slug}/transition", response=CreatedOut, summary="Move a queue to a state")
def move(request: Caller, slug: str, body: TransitionIn) -> dict[str, Any]:
    """Return the queue in its new state, or what keeps it from it."""
    found = queue(viewer=request.auth, slug=slug, permission="queues.change")
    moved = transition(queue=found, to=body.to, by=request.auth, now=timezone.now(), reason=body.reason[:400])
    version = moved.current_version
    return {"slug": slug, "state": moved.state, "version": version.version if version else None}


@router.get("/queues/{slug}/form", summary="Read a queue's form")
def read_form(request: Caller, slug: str) -> dict[str, Any]:
    """Return the form in force: fields, labels with their keys, layout and media."""
    found = queue(viewer=request.auth, slug=slug)
    version = found.current_version
    if version is None:
        raise QueueError(f"Queue {slug!r} has no configuration yet.", remedy="Configure it first.")
    form = forms_of(version.template_version, version.policy_version, version.label_subset)
    return {**asdict(form), "hotkeys": form.hotkeys}


@router.get("/queues/{slug}/sop", response=SopOut, summary="Read a queue's procedure")
def read_sop(request: Caller, slug: str) -> Any:
    """Return the procedure in force."""
    found = queue(viewer=request.auth, slug=slug)
    sop = sop_of(found.current_version) if found.current_version else None
    if sop is None:
        raise NotFoundError(f"No procedure is in force in {slug!r}.", remedy="Publish one on its page.")
    return sop


@router.get("/logical-queues", response=list[LogicalOut], summary="List logical queues")
def list_logical(request: Caller) -> list[dict[str, Any]]:
    """Return the logical queues within reach. A case may lie in several: never add their counts."""
    return [_logical(view) for view in logical_queues(viewer=request.auth)]


@router.get("/logical-queues/{slug}", response=LogicalOut, summary="Read a logical queue")
def read_logical(request: Caller, slug: str) -> dict[str, Any]:
    """Return one logical queue with its physical queues."""
    return _logical(logical_queue(viewer=request.auth, slug=slug))


@router.put("/logical-queues/{slug}", response=LogicalOut, summary="Write a logical queue")
def write_logical(request: Caller, slug: str, body: LogicalIn) -> dict[str, Any]:
    """Return the logical queue, made or changed."""
    plain = body.dict()
    boundary = _boundary(plain.pop("data_boundary"))
    save_logical(
        new=NewLogical(slug=slug, data_boundary=boundary, **plain), by=request.auth, now=timezone.now()
    )
    return _logical(logical_queue(viewer=request.auth, slug=slug, permission="queues.change"))


def _boundary(slug: str | None) -> DataBoundary | None:
    if not slug:
        return None
    found = DataBoundary.objects.filter(slug=slug).first()
    if found is None:
        raise NotFoundError(f"There is no data boundary {slug!r}.", remedy="Ask an administrator.")
    return found


def _logical(view: LogicalView) -> dict[str, Any]:
    return {
        "slug": view.logical.slug,
        **logical_values(view.logical),
        "queues": [each.slug for each in view.members],
    }


def _change(found: ChangeRequest) -> dict[str, Any]:
    names = ("id", "state", "changes", "note", "proposed_by", "proposed_at", "effective_at", "reason")
    return {
        **{name: getattr(found, name) for name in names},
        "queue": found.queue.slug,
        "approved_by": found.approved_by,
        "version": found.applied_version.version if found.applied_version else None,
    }

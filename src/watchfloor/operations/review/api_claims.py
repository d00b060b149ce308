"""The API of work: claim cases for a reviewer, and end each turn by the token of its lease."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Router, Schema
from pydantic import ConfigDict

from watchfloor.operations.people.api_access import ACCESS, Caller
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.review import clients, services
from watchfloor.operations.review.models import Lease

router = Router(auth=ACCESS, tags=["claims"])

MOST_AT_ONCE = 10
_STRICT: ConfigDict = {"extra": "forbid"}
Milliseconds = Annotated[int, Field(ge=0, lt=10**10)]


class ClaimIn(Schema):
    """For whom to claim, how many cases, and from which queues."""

    model_config = _STRICT

    reviewer: str = Field(description="Code of the reviewer.")
    count: int = Field(
        1, ge=1, le=MOST_AT_ONCE, description="The first is begun, the others are fetched ahead."
    )
    queues: list[str] = Field(
        default_factory=list, max_length=1000, description="Slugs; empty means every one."
    )
    ahead: bool = Field(False, description="Fetch the first ahead too; begin it with `start`.")


class ClaimOut(Schema):
    """A case in a reviewer's hands."""

    token: UUID
    case_id: UUID
    queue: str
    turn: int
    kind: str
    object_id: str
    content: dict[str, Any]
    language: str
    topics: list[str]
    severity_hint: str
    wellness_class: str
    media_seconds: float | None
    policy_version: int | None
    template_version: int | None
    claimed_at: datetime
    deadline_at: datetime
    expires_at: datetime
    is_prefetched: bool


class HeldOut(Schema):
    """A lease that a reviewer holds."""

    token: UUID
    case_id: UUID
    queue: str
    turn: int
    claimed_at: datetime
    expires_at: datetime
    is_prefetched: bool


class LeaseOut(Schema):
    """When the lease now ends."""

    expires_at: datetime


class TimingIn(Schema):
    """What the review page measured; idle gaps are taken off the handle time."""

    model_config = _STRICT

    first_render_at: datetime | None = None
    active_ms: Milliseconds | None = None
    media_ms: Milliseconds | None = None
    idle_ms: Milliseconds = 0
    visible_ms: Milliseconds | None = None
    blurred: bool | None = None
    sound_on: bool | None = None


class AnswerIn(Schema):
    """An answer. Without an action, that of the most severe label holds."""

    model_config = _STRICT

    labels: list[str] = Field(default_factory=list, max_length=50)
    action: str = ""
    fields: dict[str, Any] = Field(default_factory=dict)
    timing: TimingIn = Field(default_factory=TimingIn)
    look_alikes: list[UUID] = Field(
        default_factory=list, max_length=200, description="Waiting cases that get the same answer."
    )


class TurnReasonIn(Schema):
    """Why."""

    model_config = _STRICT

    reason: str = Field("", max_length=200)


class EscalationIn(TurnReasonIn):
    """Why, and to which queue where not to the queue's own escalation queue."""

    queue: str = ""


class HoldIn(TurnReasonIn):
    """Why, and until when."""

    until: datetime


class DraftIn(Schema):
    """What was written so far, of any shape."""

    model_config = _STRICT

    draft: dict[str, Any]


class EndedOut(Schema):
    """What the end of a turn led to."""

    review_id: UUID
    case_id: UUID
    outcome: str
    decision_id: UUID | None
    rule: str
    next_turn: int | None


class SubmittedOut(EndedOut):
    """What an answer led to, also for the cases that look alike."""

    alike: list[EndedOut] = []
    left: list[UUID] = []


@router.post("/claims", response=list[ClaimOut], summary="Claim cases")
def claim(request: Caller, body: ClaimIn) -> list[services.ClaimedCase]:
    """Return the most urgent cases the reviewer may have now, leased to them; none when there are none.

    Nobody holds more than three at a time.
    """
    found = clients.claimant(viewer=request.auth, code=body.reviewer, queues=body.queues)
    return services.claim_many(
        reviewer=found.reviewer_id, now=_now(), count=body.count, queues=found.queue_ids, ahead=body.ahead
    )


@router.get("/reviewers/{code}/claims", response=list[HeldOut], summary="List a reviewer's cases")
def held_by(request: Caller, code: str) -> list[dict[str, Any]]:
    """Return what the reviewer holds now, the longest held first."""
    found = clients.claimant(viewer=request.auth, code=code)
    rows = Lease.objects.filter(reviewer=found.reviewer_id, expires_at__gt=_now()).select_related("queue")
    if found.queue_ids is not None:
        rows = rows.filter(queue__in=found.queue_ids)
    return [
        {name: getattr(each, name) for name in HeldOut.model_fields if name != "queue"}
        | {"queue": each.queue.slug}
        for each in rows.order_by("claimed_at", "token")
    ]


@router.post("/claims/{token}/renew", response=LeaseOut, summary="Renew a lease")
def renew(request: Caller, token: UUID) -> dict[str, Any]:
    """Give the lease its whole time again, from now. 409: it no longer holds."""
    clients.lease_in_reach(viewer=request.auth, token=token)
    return {"expires_at": services.renew(lease_token=token, now=_now())}


@router.post("/claims/{token}/start", response=LeaseOut, summary="Begin a case fetched ahead")
def start(request: Caller, token: UUID) -> dict[str, Any]:
    """Let the handle time of a case fetched ahead begin. 409: the lease no longer holds."""
    clients.lease_in_reach(viewer=request.auth, token=token)
    return {"expires_at": services.start_lease(lease_token=token, now=_now())}


@router.post("/claims/{token}/submit", response=SubmittedOut, summary="Answer a case")
def submit(request: Caller, token: UUID, body: AnswerIn) -> Any:
    """Write the answer, and the decision if it settles the case.

    409: the lease no longer holds, and a saved draft is kept. 422: the answer does not fit; the lease holds.
    """
    clients.lease_in_reach(viewer=request.auth, token=token)
    answer = services.Answer(labels=tuple(body.labels), action=body.action, fields=body.fields)
    timing = services.Timing(**body.timing.dict())
    if not body.look_alikes:
        return services.submit(lease_token=token, answer=answer, now=_now(), timing=timing)
    done = services.bulk_submit(
        lease_token=token, look_alikes=body.look_alikes, answer=answer, now=_now(), timing=timing
    )
    one = {name: getattr(done.submitted, name) for name in EndedOut.model_fields}
    return one | {"alike": done.alike, "left": done.left}


@router.get("/claims/{token}/look-alikes", response=list[UUID], summary="List cases that look alike")
def alike(request: Caller, token: UUID) -> list[UUID]:
    """Return the waiting cases of the same queue with the same object."""
    clients.lease_in_reach(viewer=request.auth, token=token)
    return services.look_alikes(lease_token=token, now=_now())


@router.post("/claims/{token}/skip", response=EndedOut, summary="Leave a case to somebody else")
def skip(request: Caller, token: UUID, body: TurnReasonIn) -> services.Submitted:
    """Leave the case to others, with a reason; the reviewer does not meet it again."""
    clients.lease_in_reach(viewer=request.auth, token=token)
    return services.skip(lease_token=token, reason=body.reason, now=_now())


@router.post("/claims/{token}/release", response=EndedOut, summary="Give a case back")
def release(request: Caller, token: UUID, body: TurnReasonIn) -> services.Submitted:
    """Give the case back; anyone eligible may claim it, the same reviewer too."""
    clients.lease_in_reach(viewer=request.auth, token=token)
    return services.release(lease_token=token, reason=body.reason, now=_now())


@router.post("/claims/{token}/escalate", response=EndedOut, summary="Send a case up")
def escalate(request: Caller, token: UUID, body: EscalationIn) -> services.Submitted:
    """Send the case up, as a child case whose decision also decides this one."""
    clients.lease_in_reach(viewer=request.auth, token=token)
    queue_id = None
    if body.queue:
        queue_id = clients.queue_in_reach(viewer=request.auth, slug=body.queue)
    return services.escalate(lease_token=token, reason=body.reason, now=_now(), to_queue=queue_id)


@router.post("/claims/{token}/hold", response=EndedOut, summary="Put a case aside")
def hold(request: Caller, token: UUID, body: HoldIn) -> services.Submitted:
    """Put the case aside until an instant; then it waits first for the same reviewer."""
    clients.lease_in_reach(viewer=request.auth, token=token)
    return services.hold(
        lease_token=token, until=_aware(body.until), reason=body.reason, now=_now(), by=request.auth
    )


@router.put("/claims/{token}/draft", response={204: None}, summary="Save a draft")
def save_draft(request: Caller, token: UUID, body: DraftIn) -> tuple[int, None]:
    """Keep what was written so far; it outlives the lease and goes with the answer."""
    reviewer = Reviewer.objects.get(pk=clients.lease_in_reach(viewer=request.auth, token=token))
    services.save_draft(lease_token=token, reviewer=reviewer, draft=body.draft, now=_now())
    return 204, None


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _now() -> datetime:
    return datetime.now(UTC)

"""The API of cases: send them, one or many, and see where each stands."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Router, Schema, Status

from watchfloor.operations.people.api_access import ACCESS, Caller
from watchfloor.operations.review import selectors, services

router = Router(auth=ACCESS, tags=["cases"])

LARGEST_BATCH = 5000


class CaseIn(Schema):
    """A case to enqueue. Sent again with the same `client_key`, it is not made again."""

    model_config = {"extra": "forbid"}

    queue: str = Field("", description="Slug of the queue; blank lets the routing rules in force choose.")
    client_key: str | None = Field(None, description="The caller's own key; makes the call idempotent.")
    object_id: str = Field("", description="The content object.")
    strategy_id: str = Field("", description="What sent the case.")
    severity_hint: str = Field("", description="critical, high, medium or low.")
    risk_score: float | None = Field(None, description="0 to 1.")
    language: str = Field("", description="ISO 639-1, lower case.")
    market: str = Field("", description="ISO 3166-1 alpha-2, upper case.")
    media_seconds: float | None = None
    content: dict[str, Any] = Field(default_factory=dict, description="What the reviewer is shown.")
    enqueued_at: datetime | None = Field(None, description="With a time zone; default is now.")
    source: str = Field("", description="Who brought it to notice: voluntary, article_16, trusted_flagger …")
    author_id: str = Field("", description="Whose content it is, under the caller's own code.")
    topics: list[str] = Field(default_factory=list, description="What a reviewer may have opted out of.")
    wellness_class: str = Field("", description="Raises the queue's: standard, elevated or severe.")
    surface: str = Field("", description="Where it was found, for the routing rules.")
    labels: list[str] = Field(default_factory=list, description="What is known of it, for the routing rules.")


class BatchIn(Schema):
    """Cases to enqueue together: all of them, or none when one is wrong."""

    cases: Annotated[list[CaseIn], Field(min_length=1, max_length=LARGEST_BATCH)]


class EnqueuedOut(Schema):
    """What became of a case."""

    case_id: UUID
    client_key: str | None
    created: bool


class RefusedOut(Schema):
    """A case that its strategy may not send now; the others of the batch were enqueued."""

    index: int = Field(description="Its place in the batch, from zero.")
    client_key: str | None
    strategy_id: str
    reason: str
    remedy: str


class EnqueuedBatchOut(Schema):
    """What became of a batch, in its order; cases that were refused stand apart."""

    created: int
    duplicates: int
    cases: list[EnqueuedOut]
    refused: list[RefusedOut]


class ReviewOut(Schema):
    """One turn on a case."""

    review_id: UUID
    kind: str
    turn: int | None
    outcome: str
    labels: list[str]
    action: str
    submitted_at: datetime


class CaseDecisionOut(Schema):
    """One decision of a case."""

    decision_id: UUID
    version: int
    rule: str
    labels: list[str]
    action: str
    violative: bool | None
    enforced: bool
    decided_at: datetime
    withdrawn_at: datetime | None


class CaseOut(Schema):
    """A case, where it stands, and what was recorded."""

    case_id: UUID
    queue: str
    object_id: str
    state: str
    enqueued_at: datetime
    deadline_at: datetime
    parent_case_id: UUID | None
    reviews: list[ReviewOut]
    decisions: list[CaseDecisionOut]


@router.post("/cases", response={200: EnqueuedOut, 201: EnqueuedOut}, summary="Enqueue a case")
def enqueue_case(request: Caller, body: CaseIn) -> Status[services.Enqueued]:
    """Enqueue one case. 201: made now; 200: its client key had made it before; 409: its strategy may not."""
    request.auth.require("cases.enqueue")
    made = services.enter(
        case=services.NewCase(**body.dict()),
        now=datetime.now(UTC),
        client=request.auth.name,
        by=request.auth,
    )
    return Status(201 if made.created else 200, made)


@router.post("/cases/batch", response=EnqueuedBatchOut, summary="Enqueue many cases")
def enqueue_cases(request: Caller, body: BatchIn) -> dict[str, Any]:
    """Enqueue up to 5,000 cases: all, or none when one is wrong; every fault comes with its case's index.

    A case that its strategy may not send now is no fault: it stands in `refused`, and the others go in.
    """
    request.auth.require("cases.enqueue")
    results = services.enter_batch(
        cases=[services.NewCase(**case.dict()) for case in body.cases],
        now=datetime.now(UTC),
        client=request.auth.name,
        by=request.auth,
    )
    made = [each for each in results if isinstance(each, services.Enqueued)]
    refused = [each for each in results if isinstance(each, services.Refusal)]
    created = sum(each.created for each in made)
    return {
        "created": created,
        "duplicates": len(made) - created,
        "cases": made,
        "refused": [
            {
                "index": each.index,
                "client_key": body.cases[each.index].client_key,
                "strategy_id": each.strategy,
                "reason": each.message,
                "remedy": each.remedy,
            }
            for each in refused
        ],
    }


@router.get("/cases/{case_id}", response=CaseOut, summary="Read a case")
def read_case(request: Caller, case_id: UUID) -> dict[str, Any]:
    """Return a case with its reviews and decisions."""
    view = selectors.case_view(viewer=request.auth, case_id=case_id)
    case = view.case
    return {
        "case_id": case.pk,
        "queue": case.queue.slug,
        "object_id": case.object_id,
        "state": view.state,
        "enqueued_at": case.enqueued_at,
        "deadline_at": case.deadline_at,
        "parent_case_id": case.parent_id,
        "reviews": [
            {name: getattr(each, name) for name in ReviewOut.model_fields if name != "review_id"}
            | {"review_id": each.pk}
            for each in view.reviews
        ],
        "decisions": [
            {name: getattr(each, name) for name in CaseDecisionOut.model_fields if name != "decision_id"}
            | {"decision_id": each.pk}
            for each in view.decisions
        ],
    }

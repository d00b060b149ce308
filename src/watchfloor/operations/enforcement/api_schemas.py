"""The shapes of enforcement's API."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import ConfigDict

Limit = Annotated[int, Field(ge=1, le=1000)]
Offset = Annotated[int, Field(ge=0, le=100_000)]
_STRICT = ConfigDict(extra="forbid")


class DecisionOut(Schema):
    """A decision; of a case's decisions the one with the highest version stands."""

    decision_id: UUID
    version: int
    supersedes: UUID | None
    rule: str
    labels: list[str]
    action: str
    violative: bool | None
    enforced: bool
    automated: bool
    decided_at: datetime
    withdrawn_at: datetime | None


class CasePart(Schema):
    """The case that was decided."""

    case_id: UUID
    client: str
    client_key: str | None
    object_id: str
    author_id: str
    queue: str
    strategy_id: str
    source: str
    language: str
    market: str
    enqueued_at: datetime
    deadline_at: datetime
    parent_case_id: UUID | None


class RestrictionPart(Schema):
    """What is restricted; no territories is everywhere, no end is until it is lifted."""

    type: str
    scope: str
    territories: list[str]
    starts_at: datetime
    ends_at: datetime | None
    lifted_at: datetime | None


class RestrictionOut(RestrictionPart):
    """A restriction, and the decision that made it."""

    restriction_id: int
    decision_id: UUID


class RestrictionsOut(Schema):
    """The restrictions of a decision, in the order in which they began."""

    restrictions: list[RestrictionOut]


class LiftIn(Schema):
    """Why a restriction is lifted before its end."""

    reason: str = Field(..., min_length=10, max_length=400)


class ReviewPart(Schema):
    """A review, without its reviewer."""

    review_id: UUID
    kind: str
    turn: int | None
    outcome: str
    labels: list[str]
    action: str
    fields: dict[str, Any]
    blind: bool
    submitted_at: datetime


class FeedEntryOut(Schema):
    """One place of the feed."""

    position: int
    type: Literal["decision.made", "decision.withdrawn"]
    case: CasePart
    decision: DecisionOut
    restrictions: list[RestrictionPart]
    reviews: list[ReviewPart]


class FeedOut(Schema):
    """Decisions in their order, and where to read on."""

    entries: list[FeedEntryOut]
    next_after: int
    has_more: bool


class ReasonIn(Schema):
    """Why."""

    model_config = _STRICT

    reason: str = Field("", max_length=200)


class CorrectionIn(ReasonIn):
    """What holds instead."""

    labels: list[str] = Field(default_factory=list, max_length=50)
    action: str = Field("", description="Empty: the action of the most severe label.")
    fields: dict[str, Any] = Field(default_factory=dict, description="Free fields of the template.")
    reviewer: str = Field("", description="Code of the reviewer whose answer it is.")


class ReopenedOut(Schema):
    """A case that waits again."""

    case_id: UUID
    deadline_at: datetime


class AppealIn(Schema):
    """An appeal to file. Sent again with the same `client_key`, it is not filed again."""

    model_config = _STRICT

    case_id: UUID | None = Field(None, description="The case whose decision in force is appealed; or")
    decision_id: UUID | None = Field(None, description="the decision itself.")
    kind: str = Field(..., description="internal_complaint, counter_notice, out_of_court or correction.")
    complainant_role: str = Field(..., description="user, notifier, trusted_flagger, authority or business.")
    note: str = Field("", description="What the complainant says; the reviewer of the appeal reads it.")
    client_key: str | None = Field(None, max_length=200, description="Makes the call idempotent.")
    settlement_body: str = Field("", max_length=160, description="Out of court: the body that settles.")


class AppealOut(Schema):
    """An appeal and what came of it."""

    appeal_id: UUID
    case_id: UUID
    decision_id: UUID
    kind: str
    subject: str
    complainant_role: str
    filed_at: datetime
    state: str
    appeal_case_id: UUID | None
    decided_at: datetime | None
    outcome: str
    ruling_id: UUID | None
    correction_id: UUID | None
    settlement_body: str
    implemented: bool | None


class AppealsOut(Schema):
    """Appeals, newest first."""

    appeals: list[AppealOut]


class AppealFilters(Schema):
    """Which appeals to list."""

    state: str = ""
    kind: str = ""
    outcome: str = ""
    limit: Limit = 100
    offset: Offset = 0


class SettlementIn(Schema):
    """An outcome given by hand."""

    model_config = _STRICT

    outcome: str
    implemented: bool | None = Field(None, description="Out of court: whether it was put into effect.")


class EndpointIn(Schema):
    """An endpoint as it is to be."""

    model_config = _STRICT

    url: str = Field("", description="https://…; empty leaves its deliveries waiting.")
    active: bool = True
    boundary: str = Field("", description="Slug of the data boundary that it lies in.")


class EndpointOut(EndpointIn):
    """An endpoint as it is."""

    slug: str
    secret: str | None
    rotated_at: datetime | None
    deliveries: dict[str, int]


class EndpointsOut(Schema):
    """Endpoints, by name."""

    endpoints: list[EndpointOut]


class DeliveryOut(Schema):
    """A decision on its way to an endpoint, and what the last attempt came to."""

    delivery_id: int
    idempotency_key: str
    decision_id: UUID
    case_id: UUID
    endpoint: str
    kind: str
    state: str
    attempt: int
    next_at: datetime
    created_at: datetime
    delivered_at: datetime | None
    response: dict[str, Any]


class DeliveriesOut(Schema):
    """Deliveries, newest first."""

    deliveries: list[DeliveryOut]


class DeliveryFilters(Schema):
    """Which deliveries to list."""

    state: str = ""
    endpoint: str = ""
    decision_id: UUID | None = None
    limit: Limit = 100
    offset: Offset = 0


class ReplayIn(Schema):
    """What to send again: deliveries by id, or everything of an endpoint."""

    model_config = _STRICT

    deliveries: list[Annotated[int, Field(ge=1, le=2**63 - 1)]] = Field(default_factory=list, max_length=1000)
    endpoint: str = ""


class ReplayedOut(Schema):
    """How many go out again."""

    replayed: int


class StatementFilters(Schema):
    """Which statements to list."""

    state: str = ""
    limit: Limit = 100
    offset: Offset = 0


class StatementOut(Schema):
    """A statement of reasons and how far it is."""

    decision_id: UUID
    puid: str
    state: str
    payload: dict[str, Any]
    faults: list[dict[str, Any]]
    errors: list[dict[str, Any]]
    attempts: int
    uuid: str
    permalink: str
    built_at: datetime
    accepted_at: datetime | None


class StatementsOut(Schema):
    """Statements, newest first."""

    statements: list[StatementOut]


class BatchOut(Schema):
    """The body of one batch call, and where to read on."""

    statements: list[dict[str, Any]]
    next_after: int

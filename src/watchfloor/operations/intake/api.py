"""The API in the shapes of other tools: Coop's reports and items, atproto's and Ozone's reports.

Errors have Watchfloor's own shape. What each part becomes stands in docs/reference/adapters.md.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Header, Query, Router, Schema, Status
from ninja.security import APIKeyHeader
from pydantic import AwareDatetime

from watchfloor.operations.intake import events_ozone, shapes_atproto, shapes_coop
from watchfloor.operations.intake.reports import Filed, NewReport, file_report
from watchfloor.operations.people.access import client_of
from watchfloor.operations.people.api_access import ACCESS, Caller
from watchfloor.operations.people.viewers import viewer_for_client
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.services import Enqueued, enter_batch

LARGEST_BATCH = 1000
_Name = Annotated[str, Field(min_length=1, max_length=150)]
_Items = Annotated[list["ItemIn"], Field(max_length=200)]


class KeyAccess(APIKeyHeader):
    """`X-API-KEY: wf_…`, the header that Coop's clients send; the token is the same as a bearer's."""

    param_name = "X-API-KEY"

    def authenticate(self, request: HttpRequest, key: str | None) -> Viewer | None:
        """Return the client as a viewer.

        Raises:
            TokenRefusedError: the token is unknown, expired or switched off.

        """
        del request
        return viewer_for_client(client_of(token=key, now=datetime.now(UTC))) if key else None


router = Router(auth=[*ACCESS, KeyAccess()], tags=["adapters"])


class NameIn(Schema):
    """The name of an item or a user."""

    id: _Name
    typeId: _Name  # noqa: N815 -- the shape is Coop's


class ItemIn(NameIn):
    """An item with its data."""

    data: dict[str, Any]
    typeVersion: str | None = None  # noqa: N815 -- the shape is Coop's
    typeSchemaVariant: Literal["original", "partial"] | None = None  # noqa: N815 -- the shape is Coop's


class ReporterIn(NameIn):
    """Who reported."""

    kind: Literal["user"]


class ReportReasonIn(Schema):
    """Why it was reported."""

    policyId: str | None = Field(None, max_length=80)  # noqa: N815 -- the shape is Coop's
    reason: str | None = None
    csam: bool | None = None


class CoopReportIn(Schema):
    """A report as Coop takes it."""

    reporter: ReporterIn
    reportedAt: AwareDatetime  # noqa: N815 -- the shape is Coop's
    reportedItem: ItemIn  # noqa: N815 -- the shape is Coop's
    reportedForReason: ReportReasonIn | None = None  # noqa: N815 -- the shape is Coop's
    reportedItemThread: _Items | None = None  # noqa: N815 -- the shape is Coop's
    reportedItemsInThread: Annotated[list[NameIn], Field(max_length=200)] | None = None  # noqa: N815 -- as above
    additionalItems: _Items | None = None  # noqa: N815 -- the shape is Coop's


class CoopReportOut(Schema):
    """The report's id, and the case that stands for it."""

    reportId: UUID  # noqa: N815 -- the shape is Coop's
    case_id: UUID
    joined: bool


class CoopItemsIn(Schema):
    """Items as Coop takes them."""

    items: Annotated[list[ItemIn], Field(min_length=1, max_length=LARGEST_BATCH)]


class ItemRefusedOut(Schema):
    """An item that its strategy may not send now."""

    index: int
    id: str
    reason: str
    remedy: str


class CoopItemsOut(Schema):
    """What became of the items."""

    created: int
    duplicates: int
    refused: list[ItemRefusedOut]


class AtprotoReportIn(Schema):
    """A call of `com.atproto.moderation.createReport`, by one client for many: `reportedBy` says for whom."""

    reasonType: str  # noqa: N815 -- the shape is atproto's
    reason: str | None = None
    subject: dict[str, Any]
    reportedBy: str | None = Field(None, max_length=180)  # noqa: N815 -- as its answer names it


class OzoneEventIn(Schema):
    """A call of `tools.ozone.moderation.emitEvent`."""

    event: dict[str, Any]
    subject: dict[str, Any]
    createdBy: Annotated[str, Field(min_length=1, max_length=180)]  # noqa: N815 -- the shape is Ozone's
    subjectBlobCids: Annotated[list[str], Field(max_length=50)] | None = None  # noqa: N815 -- as above


class Where(Schema):
    """Where reports go: a queue by name instead of by the rules, and whether they join an open case."""

    queue: str = Field("", description="Slug of the queue; blank lets the routing rules in force choose.")
    join: bool = Field(True, description="false makes each report a case of its own.")


Key = Annotated[str, Header(alias="Idempotency-Key", max_length=180)]


@router.post("/report", response={200: CoopReportOut, 201: CoopReportOut}, summary="Report an item (Coop)")
def coop_report(
    request: Caller, body: CoopReportIn, where: Query[Where], key: Key = ""
) -> Status[dict[str, Any]]:
    """File a report in Coop's shape. 201: taken now; 200: taken before, by its key or its words."""
    report = shapes_coop.report_of(
        body.dict(), queue=where.queue, key=key, reported_at=body.reportedAt, joins=where.join
    )
    filed = _file(request, report)
    answer = {"reportId": filed.report.report_id, "case_id": filed.report.case_id, "joined": filed.joined}
    return Status(201 if filed.created else 200, answer)


@router.post("/items/async", response={202: CoopItemsOut}, summary="Send items (Coop)")
@router.post("/items/async/", response={202: CoopItemsOut}, include_in_schema=False)
def coop_items(
    request: Caller, body: CoopItemsIn, queue: str = "", strategy: str = shapes_coop.ITEM_STRATEGY
) -> Status[dict[str, Any]]:
    """Enqueue items in Coop's shape, each once for its data; all or none when one is wrong."""
    request.auth.require("cases.enqueue")
    cases = [shapes_coop.item_of(item.dict(), queue=queue, strategy=strategy) for item in body.items]
    results = enter_batch(cases=cases, now=datetime.now(UTC), client=request.auth.name, by=request.auth)
    made = [each for each in results if isinstance(each, Enqueued)]
    created = sum(each.created for each in made)
    refused = [
        {"index": index, "id": body.items[index].id, "reason": each.message, "remedy": each.remedy}
        for index, each in enumerate(results)
        if not isinstance(each, Enqueued)
    ]
    return Status(202, {"created": created, "duplicates": len(made) - created, "refused": refused})


@router.post("/xrpc/com.atproto.moderation.createReport", summary="Report a subject (atproto)")
def create_report(
    request: Caller, body: AtprotoReportIn, where: Query[Where], key: Key = ""
) -> dict[str, Any]:
    """File a report in atproto's shape; the same words of the same reporter are one report."""
    reporter = body.reportedBy or _did_of(request.auth.name)
    report = shapes_atproto.report_of(
        body.dict(),
        queue=where.queue,
        key=key,
        reporter=reporter,
        joins=where.join,
        now=datetime.now(UTC),
    )
    filed = _file(request, report)
    return {
        "id": filed.report.pk,
        "reasonType": body.reasonType,
        "subject": body.subject,
        "reportedBy": reporter,
        "createdAt": _written(filed.report.received_at),
    } | ({"reason": body.reason} if body.reason else {})


@router.post("/xrpc/tools.ozone.moderation.emitEvent", summary="Report, send up or restore a subject (Ozone)")
def emit_event(request: Caller, body: OzoneEventIn, where: Query[Where], key: Key = "") -> dict[str, Any]:
    """File a `modEventReport`; act on a `modEventEscalate` or a `modEventReverseTakedown`.

    The first acts by `cases.assign`, the second by `decisions.correct`. Other events are refused: decisions
    are made here, by people.
    """
    if body.event.get("$type") in events_ozone.ACTING:
        now = datetime.now(UTC)
        number = events_ozone.act(
            body=body.dict(), queue=where.queue, client=request.auth.name, by=request.auth, now=now
        )
        return _event_out(body, number, now)
    report = shapes_atproto.event_report_of(
        body.dict(), queue=where.queue, key=key, joins=where.join, now=datetime.now(UTC)
    )
    filed = _file(request, report)
    return _event_out(body, filed.report.pk, filed.report.received_at)


def _event_out(body: OzoneEventIn, number: int, at: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "event": body.event,
        "subject": body.subject,
        "subjectBlobCids": body.subjectBlobCids or [],
        "createdBy": body.createdBy,
        "createdAt": _written(at),
    }


def _file(request: Caller, report: NewReport) -> Filed:
    return file_report(report=report, now=datetime.now(UTC), client=request.auth.name, by=request.auth)


def _did_of(name: str) -> str:
    return f"did:web:{name.replace(':', '.')}"


def _written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")

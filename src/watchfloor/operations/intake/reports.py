"""Reports about items: taken once by their key, and joined to the open case of the item in the same queue.

A report is a row of its own, whoever sends it; a case is made by the first report of an item in a queue, and
by the first after that case was decided. Joining asks nobody's throttle: no case comes in.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.record.identity import fresh_id
from watchfloor.operations.record.statements import run
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.cases import LONGEST_AHEAD, NewCase, storable
from watchfloor.operations.review.door import enter_batch, route_case
from watchfloor.operations.review.errors import StrategyRefusedError
from watchfloor.operations.review.models import Held, Lease, Pending
from watchfloor.operations.routing.models import Report
from watchfloor.operations.routing.services import Refusal

LONGEST_COMMENT = 20_000


class ReportRefusedError(WatchfloorError):
    """A report cannot be taken: it says which part of it, and what to send instead."""


class MutedReporterError(WatchfloorError):
    """A muted reporter's report opens no case, and there is no open one to join."""

    status = 409


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report on its way in; `case` is what it becomes when no open case of the item is there.

    `opens` is whether it may make a case; `joins` is whether it may be added to an open one.
    """

    client_key: str
    shape: str
    item_id: str
    case: NewCase
    reporter: str = ""
    reason: str = ""
    comment: str = ""
    reported_at: datetime | None = None
    opens: bool = True
    joins: bool = True


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a report."""

    report: Report
    created: bool
    joined: bool


def file_report(*, report: NewReport, now: datetime, client: str, by: Viewer) -> Filed:
    """Return the report filed with the case that stands for it, or the one its key filed before.

    Raises:
        ReportRefusedError: a part of it cannot be stored.
        MutedReporterError: it may open no case, and none is open.
        BatchRejectedError: the case that it would open is wrong.
        StrategyRefusedError: the strategy of the case may not send it now.

    """
    by.require("cases.enqueue")
    _check(report, now)
    with transaction.atomic():
        run("intake", "lock_item", {"item": f"{client}\x1f{report.item_id}"})
        known = Report.objects.filter(client=client, client_key=report.client_key).first()
        if known is not None:
            return Filed(known, created=False, joined=False)
        queue = route_case(case=report.case, now=now, client=client, by=by)
        case_id = _open_case(client, report.item_id, queue) if report.joins else None
        joined = case_id is not None
        refusal: Refusal | None = None
        if case_id is None:
            if not report.opens:
                raise MutedReporterError(
                    f"The reporter {report.reporter!r} is muted and {report.item_id!r} has no open case.",
                    remedy="Nothing to do: another's report opens one.",
                )
            case = replace(report.case, client_key=f"report:{report.client_key}")
            made = enter_batch(cases=[case], now=now, client=client, by=by)[0]
            if isinstance(made, Refusal):
                refusal = made  # raised below, so that the refusal stays counted
            else:
                case_id = made.case_id
        if case_id is not None:
            row = _written(report, queue=queue, case_id=case_id, client=client, now=now)
            return Filed(row, created=True, joined=joined)
    assert refusal is not None  # noqa: S101 -- without a case there is a refusal
    raise StrategyRefusedError(refusal.message, remedy=refusal.remedy)


def _open_case(client: str, item_id: str, queue: str) -> UUID | None:
    """Return the newest case of the item in the queue while it waits, is held or is in somebody's hands."""
    newest = (
        Report.objects.filter(client=client, item_id=item_id, queue=queue)
        .order_by("-received_at", "-id")
        .values_list("case_id", flat=True)
        .first()
    )
    if newest is None:
        return None
    is_open = any(model.objects.filter(case_id=newest).exists() for model in (Pending, Lease, Held))
    return newest if is_open else None


def _written(report: NewReport, *, queue: str, case_id: UUID, client: str, now: datetime) -> Report:
    return Report.objects.create(
        report_id=fresh_id(now=now),
        client=client,
        client_key=report.client_key,
        shape=report.shape,
        item_id=report.item_id,
        queue=queue,
        case_id=case_id,
        reporter=report.reporter,
        reason=report.reason,
        comment=report.comment,
        reported_at=report.reported_at or now,
        received_at=now,
    )


def _check(report: NewReport, now: datetime) -> None:
    texts = (("item", report.item_id), ("reporter", report.reporter), ("reason", report.reason))
    for name, text in (*texts, ("key", report.client_key)):
        if len(text) > 190 or not storable(text):
            raise ReportRefusedError(
                f"The report's {name} has {len(text)} characters or one that cannot be stored.",
                remedy="Send at most 190 characters, none of them a null character.",
            )
    if len(report.comment) > LONGEST_COMMENT or not storable(report.comment):
        raise ReportRefusedError(
            f"The comment has {len(report.comment)} characters or one that cannot be stored.",
            remedy=f"Send at most {LONGEST_COMMENT:,} characters.",
        )
    at = report.reported_at
    if at is not None and (at.tzinfo is None or at > now + LONGEST_AHEAD):
        raise ReportRefusedError(
            f"The report's instant {at.isoformat()} has no time zone or lies ahead.",
            remedy="Send an instant with Z or an offset, not later than now.",
        )

"""Statements of reasons: written for each restriction that concerns the Union, checked, put in batches.

A decision waits ten minutes before its statement is written, so that what is corrected at once is stated
once. A decision on an appeal's own case has none: the correction of the first case has it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Prefetch, QuerySet

from watchfloor.operations.enforcement.models import (
    Appeal,
    FeedEntry,
    FollowMark,
    Ground,
    Restriction,
    Statement,
)
from watchfloor.operations.enforcement.statement_rules import faults
from watchfloor.operations.enforcement.statement_terms import MOST_IN_A_CALL, TERRITORIES
from watchfloor.operations.enforcement.statement_writing import Reasons, puid_of, statement_of
from watchfloor.operations.policies.models import Label
from watchfloor.operations.record.services import audit
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.models import Decision

WAIT = timedelta(minutes=10)
DECISIONS_A_RANGE = 500
REBUILDABLE = ("faulty", "rejected")
_LOCK = 0x57464C53  # "WFLS"


@dataclass(frozen=True, slots=True)
class Built:
    """How many statements were written, and how many of them are faulty."""

    ready: int = 0
    faulty: int = 0

    def __add__(self, other: "Built") -> "Built":
        return Built(self.ready + other.ready, self.faulty + other.faulty)


def build_statements(*, now: datetime, wait: timedelta = WAIT) -> Built:
    """Return what was written for the decisions that entered the feed since the last time."""
    built = Built()
    while True:
        more, full = _build_range(now, wait)
        built += more
        if not full:
            return built


@transaction.atomic
def _build_range(now: datetime, wait: timedelta) -> tuple[Built, bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return Built(), False
    mark, _ = FollowMark.objects.get_or_create(id=1)
    fresh = FeedEntry.objects.filter(position__gt=mark.stated_position).select_related("decision")
    taken = []
    for entry in fresh.order_by("position")[:DECISIONS_A_RANGE]:
        if entry.decision.decided_at > now - wait:
            break
        taken.append(entry)
    if not taken:
        return Built(), False
    built = _write(decisions_to_state([entry.decision_id for entry in taken]), now)
    FollowMark.objects.filter(id=1).update(stated_position=taken[-1].position)
    return built, len(taken) == DECISIONS_A_RANGE


def rebuild_statements(*, by: Viewer, now: datetime) -> Built:
    """Return what became of the faulty and the rejected statements, written anew from what holds now."""
    by.require("statements.export")
    with transaction.atomic():
        broken = Statement.objects.select_for_update().filter(state__in=REBUILDABLE)
        ids = list(broken.values_list("decision_id", flat=True))
        built = _write(decisions_to_state(ids), now)
        audit(
            actor=by.name,
            action="rebuild statements",
            object_kind="statement",
            object_id="all",
            after=asdict(built),
            now=now,
        )
    return built


def decisions_to_state(decision_ids: Sequence[Any]) -> list[Decision]:
    """Return those of the decisions that need a statement, with all that it says, by id."""
    standing = Decision.objects.filter(
        pk__in=decision_ids,
        enforced=True,
        violative=True,
        withdrawn_at__isnull=True,
        superseded_by__isnull=True,
    ).exclude(case__in=Appeal.objects.filter(appeal_case__isnull=False).values("appeal_case"))
    in_force = Restriction.objects.filter(lifted_at__isnull=True).order_by("starts_at", "id")
    found = standing.select_related(
        "case__queue", "deciding_review__queue_version__policy_version__policy"
    ).prefetch_related(Prefetch("restrictions", queryset=in_force, to_attr="in_force"))
    return [each for each in found.order_by("pk") if _concerns_the_union(each)]


def _concerns_the_union(decision: Decision) -> bool:
    restrictions: list[Restriction] = decision.in_force  # type: ignore[attr-defined]  # by the Prefetch above
    market = decision.case.market
    inside = not market or market in TERRITORIES
    return any(
        (not each.territories and inside) or set(each.territories) & set(TERRITORIES) for each in restrictions
    )


def _write(decisions: Sequence[Decision], now: datetime) -> Built:
    labels = _labels_of(decisions)
    grounds = {(each.policy, each.label): each for each in Ground.objects.order_by("policy", "label")}
    operation = str(settings.WATCHFLOOR_OPERATION)
    rows = [_row(decision, labels.get(decision.pk, []), grounds, operation, now) for decision in decisions]
    Statement.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["decision"],
        update_fields=["payload", "state", "faults", "errors", "built_at", "next_at"],
        batch_size=500,
    )
    faulty = sum(row.state == "faulty" for row in rows)
    return Built(ready=len(rows) - faulty, faulty=faulty)


def _labels_of(decisions: Sequence[Decision]) -> Mapping[Any, list[Label]]:
    """Return the violative labels of each decision, under the policy version that it was made under."""
    versions = {
        each.pk: each.deciding_review.queue_version.policy_version_id if each.deciding_review else None
        for each in decisions
    }
    known: dict[tuple[int, str], Label] = {
        (label.policy_version_id, label.code): label
        for label in Label.objects.filter(
            policy_version__in={number for number in versions.values() if number}, violative=True
        ).order_by("pk")
    }
    return {
        each.pk: [known[key] for code in each.labels if (key := (versions[each.pk] or 0, code)) in known]
        for each in decisions
    }


def _row(
    decision: Decision,
    labels: Sequence[Label],
    grounds: Mapping[tuple[str, str], Ground],
    operation: str,
    now: datetime,
) -> Statement:
    review = decision.deciding_review
    version = review.queue_version.policy_version if review else None
    payload = statement_of(
        reasons=Reasons(
            decision=decision,
            case=decision.case,
            surface=decision.case.queue.surface,
            policy=version.policy.name if version else "",
            policy_slug=version.policy.slug if version else "",
            policy_number=version.version if version else None,
            labels=labels,
            grounds=grounds,
            restrictions=decision.in_force,  # type: ignore[attr-defined]  # by decisions_to_state
        ),
        operation=operation,
    )
    wrong = [asdict(fault) for fault in faults(payload)]
    return Statement(
        decision=decision,
        puid=puid_of(operation=operation, decision_id=decision.pk),
        payload=payload,
        state="faulty" if wrong else "ready",
        faults=wrong,
        errors=[],
        built_at=now,
    )


def batches(*, rows: QuerySet[Statement], size: int = MOST_IN_A_CALL) -> Iterator[list[Statement]]:
    """Yield the statements in lists of at most `size`, by id: each is what one call takes."""
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:size]):
        yield batch
        last = batch[-1].pk


def to_export(
    *, states: Sequence[str] = ("ready",), since: date | None = None, until: date | None = None
) -> QuerySet[Statement]:
    """Return the statements in these states whose decisions were made on the days `[since, until)`."""
    rows = Statement.objects.filter(state__in=states)
    if since is not None:
        rows = rows.filter(decision__decided_at__date__gte=since)
    if until is not None:
        rows = rows.filter(decision__decided_at__date__lt=until)
    return rows

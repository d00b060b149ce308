"""The frame of a drawing: which reviews or decisions a period holds, and the stratum of each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from watchfloor.kernel import Period
from watchfloor.operations.policies.vocabulary import SEVERITIES
from watchfloor.operations.quality.models import AuditDesign
from watchfloor.operations.review.configuration import answer_rules
from watchfloor.operations.review.models import Decision, Review


@dataclass(frozen=True, slots=True)
class Unit:
    """One review or decision of the frame."""

    id: UUID
    stratum: str


_COLUMNS = {
    "queue": "queue__slug",
    "language": "case__language",
    "market": "case__market",
    "action": "action",
    "strategy": "case__strategy_id",
}
_OF_REVIEW = {"site": "reviewer__team__site__slug", "team": "reviewer__team__slug", "turn": "turn"}
_OF_DECISION = {
    "site": "deciding_review__reviewer__team__site__slug",
    "team": "deciding_review__reviewer__team__slug",
    "turn": "deciding_review__turn",
}


def units_of(design: AuditDesign, frame: Period) -> list[Unit]:
    """Return the units of a frame in the order of their instants: production work, never gold or training.

    A unit that enters the record after its frame was drawn belongs to no sample; the job waits long enough.
    """
    rows = _reviews(design, frame) if design.unit_kind == "review" else _decisions(design, frame)
    by: Sequence[str] = design.plan.get("by", []) if design.kind == "stratified" else []
    return list(_stratified(rows, by, design.unit_kind))


def _reviews(design: AuditDesign, frame: Period) -> QuerySet[Any]:
    return Review.objects.filter(
        _production(),
        queue__in=design.queues.all(),
        submitted_at__gte=frame.start,
        submitted_at__lt=frame.end,
        outcome="submitted",
        turn__isnull=False,
        reviewer__isnull=False,
    ).order_by("submitted_at", "id")


def _decisions(design: AuditDesign, frame: Period) -> QuerySet[Any]:
    return Decision.objects.filter(
        _production(),
        queue__in=design.queues.all(),
        decided_at__gte=frame.start,
        decided_at__lt=frame.end,
        withdrawn_at__isnull=True,
        automated=False,
    ).order_by("decided_at", "id")


def _production() -> Q:
    own = Q(case__purpose="") | Q(case__purpose=F("queue__purpose"))
    return Q(own, case__gold_id="", case__exercise__isnull=True) & ~Q(queue__purpose="training")


def _stratified(rows: QuerySet[Any], by: Sequence[str], unit_kind: str) -> Iterator[Unit]:
    columns = _COLUMNS | (_OF_REVIEW if unit_kind == "review" else _OF_DECISION)
    version = "queue_version_id" if unit_kind == "review" else "deciding_review__queue_version_id"
    asked = [columns[name] for name in by if name in columns]
    wanted = ["id", *dict.fromkeys([*asked, "labels", "action", version])] if by else ["id"]
    wanted += ["queue__current_version__wellness_class", "case__wellness_class"] if "wellness" in by else []
    for row in rows.values(*wanted).iterator(chunk_size=5000):
        yield Unit(row["id"], stratum_name(_values(row, by, columns, version)))


def _values(
    row: dict[str, Any], by: Sequence[str], columns: dict[str, str], version: str
) -> Iterable[tuple[str, str]]:
    for name in by:
        if name in columns:
            value = row[columns[name]]
        elif name == "wellness":
            value = row["case__wellness_class"] or row["queue__current_version__wellness_class"]
        else:
            value = _of_answer(name, row["labels"], row["action"], row[version])
        yield name, "none" if value in (None, "") else str(value)


def _of_answer(name: str, labels: list[str], action: str, version_id: int | None) -> str:
    """Return whether the answer finds a violation, or how severe a one."""
    if version_id is None:
        return "none"
    rules = answer_rules(version_id)
    violative = rules.violative(tuple(labels), action)
    if name == "violative":
        return "violative" if violative else "benign"
    known = rules.labels or {}
    found = [known[code].severity for code in labels if code in known and known[code].severity]
    return min(found, key=SEVERITIES.index) if found else "none"


def stratum_name(values: Iterable[tuple[str, str]]) -> str:
    """Return the name of a stratum: what it is divided by and the value of each, at most 300 characters.

    >>> stratum_name([("queue", "comments"), ("action", "none")])
    'queue=comments|action=none'
    """
    return "|".join(f"{name}={value}" for name, value in values)[:300]


def period_starts(
    *, first: datetime, hours: int, drawn: set[datetime], until: datetime, most: int
) -> list[Period]:
    """Return up to `most` whole frames before `until` that were not drawn yet, oldest first."""
    found: list[Period] = []
    start, step = first, timedelta(hours=hours)
    while start + step <= until and len(found) < most:
        if start not in drawn:
            found.append(Period(start, start + step))
        start += step
    return found

"""What does not count: figures ruled ambiguous, and audits that the policy does not decide."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q

from watchfloor.operations.quality.models import Audit
from watchfloor.operations.scorecards.models import FigureDispute
from watchfloor.operations.scorecards.periods import Span
from watchfloor.operations.scorecards.units import Unit


@dataclass(frozen=True, slots=True)
class Excluded:
    """A figure that was ruled policy-ambiguous: it is shown and does not count."""

    dispute_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class AuditState:
    """Audits of a unit in a period: `grey` are left out of every rate, `open` are still disputed."""

    grey: int
    open: int


def excluded_figures(kind: str, span: Span) -> Mapping[tuple[str, str], Excluded]:
    """Return what was ruled ambiguous over a dispute whose period touches this one, by unit and metric."""
    rows = FigureDispute.objects.filter(
        kind=kind, state="ambiguous", period_start__lt=span.period.end, period_end__gt=span.period.start
    )
    return {(row.slug, row.metric): Excluded(row.pk, row.answer) for row in rows}


def audits_of(unit: Unit, span: Span) -> AuditState:
    """Return how many audits of the unit are grey or disputed; they belong to the live operation."""
    lookup = {
        "reviewer": "reviewer__code",
        "team": "reviewer__team__slug",
        "site": "reviewer__team__site__slug",
        "vendor": "reviewer__team__site__slug",
        "queue": "queue__slug",
    }.get(unit.kind)
    if lookup is None:
        return AuditState(0, 0)
    values = next(iter(unit.where.values()))
    found = Audit.objects.filter(
        **{f"{lookup}__in": values}, unit_at__gte=span.period.start, unit_at__lt=span.period.end
    ).aggregate(
        grey=Count("pk", filter=Q(dispute_state="grey")), open=Count("pk", filter=Q(dispute_state="open"))
    )
    return AuditState(found["grey"], found["open"])

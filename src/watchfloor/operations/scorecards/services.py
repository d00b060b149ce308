"""Writes of scorecards: definitions in versions, comments, disputes about figures and their answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import isfinite

from django.db import transaction

from watchfloor.metrics import Catalogue
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.record.services import audit, record_change
from watchfloor.operations.record.viewers import NotFoundError, Viewer
from watchfloor.operations.scorecards.definitions import Card, card_of
from watchfloor.operations.scorecards.errors import ScorecardError
from watchfloor.operations.scorecards.models import FigureDispute, Scorecard, UnitComment
from watchfloor.operations.scorecards.periods import Span
from watchfloor.operations.scorecards.units import unit_of
from watchfloor.operations.scorecards.vocabulary import DIMENSION_OF, KINDS, PERIODS

ANSWER_WITHIN = timedelta(days=5)
MOST_MEASURES = 12
_RULINGS = ("upheld", "rejected", "ambiguous")


@transaction.atomic
def change_card(card: Card, *, reason: str, catalogue: Catalogue, by: Viewer, now: datetime) -> Scorecard:
    """Return the next version of a kind's definition; `card.version` is the one it was made from.

    Raises:
        ScorecardError: it changed meanwhile, or names what cannot be measured of such units.
        UnknownMetricError: a metric does not exist.

    """
    by.require("metrics.change")
    before = card_of(card.kind)
    if card.kind not in KINDS or card.period not in PERIODS:
        raise ScorecardError(
            f"There is no scorecard of {card.kind!r} by {card.period!r}.", remedy="Choose again."
        )
    if card.version != before.version:
        raise ScorecardError(
            f"The definition is at version {before.version}; yours was made from {card.version}.",
            remedy="Open it again; nothing of yours was written.",
        )
    if not reason.strip():
        raise ScorecardError("A new version needs its reason.", remedy="Say in a sentence why it changes.")
    if not 0 < len(card.measures) <= MOST_MEASURES:
        raise ScorecardError(
            f"{len(card.measures)} measures are chosen; 1 to {MOST_MEASURES} fit.", remedy="Choose fewer."
        )
    dimension = DIMENSION_OF[card.kind]
    for metric in card.metrics:
        if dimension not in catalogue[metric].dimensions:
            raise ScorecardError(
                f"{metric} is not recorded by {dimension}.",
                remedy=f"Choose a metric that can be split by {dimension}.",
            )
    for each in card.measures:
        if not (isfinite(each.weight) and each.weight >= 0):
            raise ScorecardError(f"The weight of {each.metric} is {each.weight:g}.", remedy="Give 0 or more.")
    if card.gate_limit is not None and not 0 <= card.gate_limit <= 1:
        raise ScorecardError(f"The gate's limit {card.gate_limit:g} is no share.", remedy="Write 5% or 0.05.")
    row = Scorecard.objects.create(
        kind=card.kind,
        version=before.version + 1,
        measures=[[each.metric, each.weight] for each in card.measures],
        gate_metric=card.gate_metric,
        gate_limit=card.gate_limit,
        min_n=card.min_n,
        period=card.period,
        reason=reason.strip(),
        author=by.name,
        recorded_at=now,
    )
    told = {"measures": row.measures, "gate": [card.gate_metric, card.gate_limit], "min_n": card.min_n}
    was = {"measures": [[each.metric, each.weight] for each in before.measures], "min_n": before.min_n}
    audit(
        actor=by.name,
        action="scorecard.changed",
        object_kind="scorecard",
        object_id=card.kind,
        before=was,
        after=told,
        now=now,
    )
    record_change(
        object_kind="scorecard",
        object_id=card.kind,
        object_version=row.version,
        kind="changed",
        at=now,
        author=by.name,
        summary=f"Scorecard of a {card.kind}, version {row.version}: {reason.strip()}",
    )
    return row


@transaction.atomic
def comment(kind: str, slug: str, *, text: str, by: Viewer, now: datetime, metric: str = "") -> UnitComment:
    """Return what somebody said about a unit within their reach.

    Raises:
        ScorecardError: it says nothing.
        NotFoundError: there is no such unit within reach.

    """
    unit_of(kind, slug, viewer=by)
    if not text.strip():
        raise ScorecardError("The comment says nothing.", remedy="Write a sentence.")
    said = UnitComment.objects.create(
        kind=kind, slug=slug, metric=metric, author=by.name, at=now, text=text.strip()[:4000]
    )
    _note("commented", kind, slug, by, now, {"metric": metric})
    return said


@transaction.atomic
def dispute(
    kind: str,
    slug: str,
    *,
    metric: str,
    span: Span,
    value: float | None,
    reason: str,
    by: Viewer,
    now: datetime,
) -> FigureDispute:
    """Return a dispute about a figure; somebody else answers it within five days.

    A reviewer disputes figures of their own card, others those of units within their reach.

    Raises:
        ScorecardError: it has no reason, or the figure is disputed already.
        NotFoundError: there is no such unit within reach.

    """
    own = kind == "reviewer" and Reviewer.objects.filter(user_id=by.user_id or 0, code=slug).exists()
    if not own:
        unit_of(kind, slug, viewer=by)
    if not reason.strip():
        raise ScorecardError("A dispute needs its reason.", remedy="Say what is wrong with the figure.")
    held = FigureDispute.objects.filter(
        kind=kind, slug=slug, metric=metric, period_start=span.period.start, period_end=span.period.end
    )
    if held.filter(state="open").exists():
        raise ScorecardError(f"{metric} of {slug} is disputed already.", remedy="Wait for the answer.")
    opened = FigureDispute.objects.create(
        kind=kind,
        slug=slug,
        metric=metric,
        period_start=span.period.start,
        period_end=span.period.end,
        value=value,
        reason=reason.strip()[:4000],
        opened_by=by.name,
        opened_at=now,
        due_at=now + ANSWER_WITHIN,
    )
    _note("disputed", kind, slug, by, now, {"metric": metric, "dispute": opened.pk})
    return opened


@transaction.atomic
def answer_dispute(dispute_id: int, *, ruling: str, answer: str, by: Viewer, now: datetime) -> FigureDispute:
    """Return the dispute, answered by somebody else than who opened it.

    `ambiguous` says that the policy does not decide: the figure is shown and does not count in that period.

    Raises:
        NotFoundError: there is no such dispute about a unit within reach.
        ScorecardError: it is answered, the ruling is unknown, has no reason, or comes from who opened it.

    """
    found = FigureDispute.objects.select_for_update().filter(pk=dispute_id).first()
    if found is None:
        raise NotFoundError(f"There is no dispute {dispute_id}.", remedy="Check the id and your access.")
    by.require("quality.view")
    unit_of(found.kind, found.slug, viewer=by)
    if found.state != "open":
        raise ScorecardError(f"Dispute {dispute_id} is answered already.", remedy="Open a new one.")
    if by.name == found.opened_by:
        raise ScorecardError("Who disputes a figure does not answer it.", remedy="Ask somebody else.")
    if ruling not in _RULINGS:
        raise ScorecardError(f"There is no ruling {ruling!r}.", remedy=f"One of {', '.join(_RULINGS)}.")
    if not answer.strip():
        raise ScorecardError("A ruling needs its reason.", remedy="Say which rule decides.")
    found.state, found.answer = ruling, answer.strip()[:4000]
    found.answered_by, found.answered_at = by.name, now
    found.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    _note("answered", found.kind, found.slug, by, now, {"dispute": found.pk, "ruling": ruling})
    return found


def metrics_for(kind: str, catalogue: Catalogue) -> Sequence[str]:
    """Return the metrics that a scorecard of the kind may hold."""
    dimension = DIMENSION_OF[kind]
    return [each.id for each in catalogue.values() if dimension in each.dimensions]


def _note(action: str, kind: str, slug: str, by: Viewer, now: datetime, after: dict[str, object]) -> None:
    audit(
        actor=by.name,
        action=f"scorecard.{action}",
        object_kind="scorecard_unit",
        object_id=f"{kind}:{slug}",
        after=after,
        now=now,
    )

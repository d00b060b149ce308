"""Draws audits from the frames of a design: once a frame, keeping seed, plan and each unit's probability."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from django.db import transaction

from watchfloor.kernel import Period
from watchfloor.operations.quality.audit_facts import write_stratum_facts
from watchfloor.operations.quality.frames import Unit, period_starts, units_of
from watchfloor.operations.quality.models import Audit, AuditDesign, AuditDraw
from watchfloor.operations.record.identity import fresh_id
from watchfloor.operations.record.services import audit as write_audit_entry
from watchfloor.operations.review.models import Decision, Review
from watchfloor.operations.review.recording import case_dimensions, person_dimensions
from watchfloor.science.sampling import (
    FLOOR,
    METHOD,
    SYSTEMATIC_METHOD,
    Sample,
    allocate,
    simple_random,
    stratified,
    systematic,
)

SETTLE = timedelta(minutes=5)
"""How long after its end a frame is drawn, so that answers still on their way belong to it."""
MOST_FRAMES = 50


@dataclass(frozen=True, slots=True)
class _Source:
    """What an audit keeps of its unit."""

    review: Review | None
    at: datetime
    decision: Decision | None = None


def draw_audits(*, design: AuditDesign, now: datetime) -> list[AuditDraw]:
    """Return the draws made: one for each frame that ended and was not drawn yet, oldest first.

    The same design draws the same units from the same frame, whoever asks and however often.
    """
    drawn = set(design.draws.values_list("frame_start", flat=True))
    until = min(now - SETTLE, design.ends_at) if design.ends_at else now - SETTLE
    frames = period_starts(
        first=design.starts_at, hours=design.frame_hours, drawn=drawn, until=until, most=MOST_FRAMES
    )
    made = [_draw(design.pk, frame, now) for frame in frames]
    return [draw for draw in made if draw is not None]


@transaction.atomic
def _draw(design_id: int, frame: Period, now: datetime) -> AuditDraw | None:
    design = AuditDesign.objects.select_for_update().get(pk=design_id)
    if design.draws.filter(frame_start=frame.start).exists():
        return None  # another worker drew it while this one waited
    units = units_of(design, frame)
    seed = draw_seed(design, frame.start)
    sample = sample_of(kind=design.kind, plan=design.plan, units=units, seed=seed)
    draw = AuditDraw.objects.create(
        design=design,
        frame_start=frame.start,
        frame_end=frame.end,
        seed=seed,
        method=SYSTEMATIC_METHOD if design.kind == "systematic" else METHOD,
        plan=design.plan,
        strata=[
            {"stratum": one.name, "population": one.population, "size": one.size, "pi": one.pi}
            for one in sample.strata
        ],
        population=len(units),
        size=len(sample.units),
        drawn_at=now,
    )
    _open_audits(design, draw, sample, now)
    write_stratum_facts(draw)
    write_audit_entry(
        actor="quality",
        action="draw",
        object_kind="audit_design",
        object_id=design.slug,
        after={"frame": frame.start.isoformat(), "seed": seed, "population": len(units), "size": draw.size},
        now=now,
    )
    return draw


def draw_seed(design: AuditDesign, frame_start: datetime) -> str:
    """Return the seed of one frame's drawing: the design's, and the frame."""
    return f"{design.slug}/{design.seed}/{frame_start.isoformat()}"


def sample_of(*, kind: str, plan: Mapping[str, Any], units: list[Unit], seed: str) -> Sample:
    """Return the sample that a plan takes of the units; it depends on nothing else."""
    names = [str(unit.id) for unit in units]
    wanted = plan["count"] if plan.get("count") is not None else ceil(plan["share"] * len(units) - 1e-9)
    size = min(int(wanted), len(units))
    if kind == "systematic":
        return systematic(units=names, size=size, seed=seed)
    if kind != "stratified":
        return simple_random(units=names, size=size, seed=seed)
    strata: dict[str, list[str]] = {}
    for unit in units:
        strata.setdefault(unit.stratum, []).append(str(unit.id))
    sizes = allocate(
        populations={name: len(members) for name, members in strata.items()},
        size=size,
        rule=plan.get("allocation", "proportional"),
        error_rates=plan.get("error_rates"),
        floor=plan.get("floor", FLOOR),
    )
    return stratified(strata=strata, sizes=sizes, seed=seed)


def _open_audits(design: AuditDesign, draw: AuditDraw, sample: Sample, now: datetime) -> None:
    sources = _sources(design.unit_kind, [UUID(unit) for unit in sample.units])
    pi = sample.pi
    rows = []
    for unit in sample.units:
        source = sources[UUID(unit)]
        review = source.review
        unit_case = review.case if review else source.decision.case  # type: ignore[union-attr]  # one is there
        version = review.queue_version if review else unit_case.queue_version
        reviewer = review.reviewer if review else None
        person = person_dimensions(reviewer, source.at) if reviewer else {}
        rows.append(
            Audit(
                id=fresh_id(now=now),
                design=design,
                draw=draw,
                unit_kind=design.unit_kind,
                unit_id=UUID(unit),
                unit_at=source.at,
                case=unit_case,
                review=review,
                queue=unit_case.queue,
                reviewer=reviewer,
                dimensions=case_dimensions(unit_case, version) | person,
                stratum=sample.stratum_of[unit],
                pi=pi[unit],
            )
        )
    Audit.objects.bulk_create(rows, batch_size=1000)


def _sources(unit_kind: str, ids: list[UUID]) -> dict[UUID, _Source]:
    if unit_kind == "review":
        reviews = Review.objects.filter(pk__in=ids).select_related(
            "case__queue", "queue_version", "reviewer__team__site"
        )
        return {one.pk: _Source(one, one.submitted_at) for one in reviews}
    decisions = Decision.objects.filter(pk__in=ids).select_related(
        "case__queue",
        "case__queue_version",
        "deciding_review__case__queue",
        "deciding_review__queue_version",
        "deciding_review__reviewer__team__site",
    )
    return {one.pk: _Source(one.deciding_review, one.decided_at, one) for one in decisions}

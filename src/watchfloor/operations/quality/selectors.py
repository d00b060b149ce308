"""Reads of quality within the viewer's scope, and the figures that launch gates ask for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from watchfloor.operations.people.models import Certification, Reviewer
from watchfloor.operations.policies.models import Label, PolicyVersion
from watchfloor.operations.quality.audit_answers import audited_answer
from watchfloor.operations.quality.auditing import audit_reach
from watchfloor.operations.quality.models import (
    Adjudication,
    Audit,
    AuditDesign,
    AuditDraw,
    Dispute,
    GoldCase,
    Training,
)
from watchfloor.operations.quality.standing import of_queue, reviewer_of
from watchfloor.operations.quality.training import Judgement, told_before
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.record.viewers import NotFoundError, Viewer
from watchfloor.operations.review.models import Case, Review


@dataclass(frozen=True, slots=True)
class GoldFilters:
    """What to keep of the gold library; None keeps everything."""

    queue: str | None = None
    state: str | None = None
    label: str | None = None


ALL_GOLD = GoldFilters()


@dataclass(frozen=True, slots=True)
class LabelCoverage:
    """How many golden cases stand for one label of a queue, and how many of them are boundary cases."""

    label: str
    standing: int
    hard: int


@dataclass(frozen=True, slots=True)
class GoldCoverage:
    """The golden cases of a queue under the policy version now bound."""

    labels: tuple[LabelCoverage, ...]
    standing: int
    waiting: int

    @property
    def least(self) -> int:
        """The number at the label that has fewest; 0 where a label has none."""
        return min((one.standing for one in self.labels), default=0)

    @property
    def missing(self) -> tuple[str, ...]:
        """Labels without a golden case."""
        return tuple(one.label for one in self.labels if not one.standing)


@dataclass(frozen=True, slots=True)
class AuditView:
    """An audit as its auditor may see it: before their own answer, a blind one shows the case alone."""

    audit: Audit
    revealed: bool
    audited: dict[str, Any] | None
    own: dict[str, Any] | None
    dispute: Dispute | None


HARD = 0.6
"""From this difficulty on a golden case counts as a boundary case."""


def gold_cases(*, viewer: Viewer, filters: GoldFilters = ALL_GOLD) -> QuerySet[GoldCase]:
    """Return the golden cases within reach, newest first, with `adjudicated` (people) and `used` (times)."""
    rows = GoldCase.objects.filter(of_queue(viewer, "quality.view", market="case__market"))
    if filters.queue:
        rows = rows.filter(queue__slug=filters.queue)
    if filters.state:
        rows = rows.filter(state=filters.state)
    if filters.label:
        rows = rows.filter(truth__labels__contains=[filters.label])
    return (
        rows.select_related("case", "queue", "policy_version__policy")
        .annotate(adjudicated=Count("adjudications", distinct=True), used=Count("exercises", distinct=True))
        .order_by("-nominated_at", "-id")
    )


def gold_case(*, viewer: Viewer, gold_id: UUID) -> GoldCase:
    """Return one version of a golden case.

    Raises:
        NotFoundError: there is none of that id within reach.

    """
    found = gold_cases(viewer=viewer).filter(pk=gold_id).first()
    if found is None:
        raise NotFoundError(f"There is no golden case {gold_id}.", remedy="Check the id and your access.")
    return found


def adjudications_shown(*, viewer: Viewer, gold: GoldCase) -> list[Adjudication]:
    """Return the adjudications that the viewer may see: their own while it is open, all once it is not."""
    rows = gold.adjudications.order_by("at", "id")
    if gold.state in ("nominated", "contested"):
        rows = rows.filter(adjudicator=viewer.name)
    return list(rows)


def gold_coverage(queue: Queue) -> GoldCoverage:
    """Return how the queue's golden cases cover the labels that its reviewers may choose."""
    version = queue.current_version
    if version is None or version.policy_version_id is None:
        return GoldCoverage((), 0, 0)
    labels = Label.objects.filter(policy_version_id=version.policy_version_id, deprecated=False)
    if version.label_subset:
        labels = labels.filter(code__in=version.label_subset)
    rows = GoldCase.objects.filter(queue=queue, policy_version_id=version.policy_version_id)
    standing = list(rows.filter(state="standing").values_list("truth__labels", "difficulty"))
    counted: dict[str, list[float]] = {}
    for held, difficulty in standing:
        for label in held or []:
            counted.setdefault(label, []).append(difficulty or 0.0)
    covered = tuple(
        LabelCoverage(code, len(counted.get(code, [])), sum(d >= HARD for d in counted.get(code, [])))
        for code in labels.order_by("code").values_list("code", flat=True)
    )
    waiting = rows.filter(state__in=("nominated", "contested")).count()
    return GoldCoverage(covered, len(standing), waiting)


def training_feedback(case: Case | UUID, reviewer: Reviewer) -> Judgement | None:
    """Return what the reviewer was told of their answer to a training case; None before it."""
    case_id = case if isinstance(case, UUID) else case.pk
    review = (
        Review.objects.filter(case_id=case_id, reviewer=reviewer, outcome="submitted", turn__isnull=False)
        .order_by("-submitted_at", "-id")
        .first()
    )
    return told_before(review=review) if review else None


def trainings(*, viewer: Viewer, queue: str | None = None, state: str | None = None) -> QuerySet[Training]:
    """Return the trainings within reach, by queue and the code of the reviewer; nobody is ranked."""
    rows = Training.objects.filter(of_queue(viewer, "quality.view", site="reviewer__team__site__slug"))
    if queue:
        rows = rows.filter(queue__slug=queue)
    if state:
        rows = rows.filter(state=state)
    return rows.select_related("reviewer__team__site", "queue", "policy_version__policy").order_by(
        "queue__slug", "reviewer__code", "-started_at", "-id"
    )


def own_trainings(*, reviewer: Reviewer) -> QuerySet[Training]:
    """Return a reviewer's own trainings, newest first."""
    return (
        Training.objects.filter(reviewer=reviewer)
        .select_related("queue", "policy_version__policy")
        .order_by("-started_at", "-id")
    )


def certified(
    *, policy_version: PolicyVersion, at: datetime, language: str = "", queue: Queue | None = None
) -> QuerySet[Reviewer]:
    """Return who is certified on a policy version at an instant, active, by code.

    With `queue`, only who may also be served it: its skills, and its data boundary.
    """
    valid = Certification.objects.filter(
        reviewer=OuterRef("pk"),
        policy=policy_version.policy.slug,
        policy_version=policy_version.version,
        granted_at__lte=at,
    ).exclude(expires_at__lte=at)
    rows = Reviewer.objects.filter(Exists(valid), active=True)
    if language:
        rows = rows.filter(languages__contains=[language])
    if queue is not None:
        if queue.data_boundary_id is not None:
            rows = rows.filter(data_boundary_id=queue.data_boundary_id)
        if queue.current_version is not None and queue.current_version.required_skills:
            rows = rows.filter(skills__contains=queue.current_version.required_skills)
    return rows.order_by("code")


def certified_count(
    policy_version: PolicyVersion, language: str = "", *, at: datetime, queue: Queue | None = None
) -> int:
    """Return how many active reviewers are certified on a policy version at an instant."""
    return certified(policy_version=policy_version, at=at, language=language, queue=queue).count()


def designs(*, viewer: Viewer) -> QuerySet[AuditDesign]:
    """Return the designs all of whose queues are within reach, running ones first, with `draw_count`."""
    beyond = Queue.objects.exclude(
        pk__in=Queue.objects.filter(reach(viewer=viewer, permission="quality.view"))
    )
    return (
        AuditDesign.objects.exclude(queues__in=beyond)
        .annotate(draw_count=Count("draws", distinct=True))
        .prefetch_related("queues")
        .order_by("ends_at", "slug")
    )


def design(*, viewer: Viewer, slug: str) -> AuditDesign:
    """Return one design.

    Raises:
        NotFoundError: there is none of that slug within reach.

    """
    found = designs(viewer=viewer).filter(slug=slug).first()
    if found is None:
        raise NotFoundError(f"There is no design {slug!r}.", remedy="Check the slug and your access.")
    return found


def draws(*, viewer: Viewer, slug: str) -> QuerySet[AuditDraw]:
    """Return the draws of a design, newest first, with `audited` and `wrong` units.

    Raises:
        NotFoundError: there is no such design within reach.

    """
    found = design(viewer=viewer, slug=slug)
    return found.draws.annotate(
        audited=Count("audits", filter=Q(audits__state="done")),
        wrong=Count("audits", filter=Q(audits__verdict="incorrect")),
    ).order_by("-frame_start")


def audits(*, viewer: Viewer, permission: str = "quality.view") -> QuerySet[Audit]:
    """Return the audits within reach, by the instant of their unit."""
    return (
        Audit.objects.filter(audit_reach(viewer, permission))
        .select_related("case", "queue", "design", "reviewer", "auditor", "audit_review", "review")
        .order_by("unit_at", "id")
    )


def audit_queue(viewer: Viewer, *, reviewer: Reviewer | None = None) -> QuerySet[Audit]:
    """Return the audits that wait for this auditor, oldest unit first, and those in their hands.

    Left out is whatever they worked on themselves, and what lies behind a data boundary that is not theirs.
    """
    own = reviewer or reviewer_of(viewer)
    rows = audits(viewer=viewer, permission="quality.audit")
    if own is None:
        return rows.filter(state="waiting")
    worked = Review.objects.filter(case=OuterRef("case"), reviewer=own, turn__isnull=False)
    inside = ["", own.data_boundary.slug] if own.data_boundary else [""]
    mine = Q(state__in=("taken", "answered"), auditor=own)
    return rows.filter(Q(state="waiting") | mine, ~Exists(worked), case__data_boundary__in=inside)


def audit_view(*, viewer: Viewer, audit_id: UUID) -> AuditView:
    """Return an audit as the viewer may see it now.

    Raises:
        NotFoundError: there is none of that id within reach.

    """
    found = audits(viewer=viewer).filter(pk=audit_id).first()
    if found is None:
        raise NotFoundError(f"There is no audit {audit_id}.", remedy="Check the id and your access.")
    revealed = not found.design.blind or found.state in ("answered", "done")
    own = found.audit_review
    return AuditView(
        audit=found,
        revealed=revealed,
        audited=audited_answer(found) if revealed else None,
        own={"labels": own.labels, "action": own.action} if own else None,
        dispute=Dispute.objects.filter(audit=found).prefetch_related("steps").first(),
    )


def own_audits(*, reviewer: Reviewer) -> QuerySet[Audit]:
    """Return the finished audits of a reviewer's own work, newest first; some may be disputed."""
    return (
        Audit.objects.filter(reviewer=reviewer, state="done")
        .select_related("case", "queue", "design", "dispute", "audit_review", "review")
        .order_by("-audited_at", "-id")
    )


def disputes(*, viewer: Viewer, level: str | None = None, is_open: bool = True) -> QuerySet[Dispute]:
    """Return the disputes within reach, the one due first on top."""
    within: Iterable[Any] = Audit.objects.filter(audit_reach(viewer, "quality.view")).values("pk")
    rows = Dispute.objects.filter(audit__in=within, closed_at__isnull=is_open)
    if level:
        rows = rows.filter(level=level)
    return rows.select_related("audit__case", "audit__queue", "audit__reviewer").order_by("due_at", "id")

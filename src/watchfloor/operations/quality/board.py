"""The overview of quality by queue, and who is certified by policy and language, in few queries."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from watchfloor.operations.people.models import Certification
from watchfloor.operations.policies.models import Label, PolicyVersion
from watchfloor.operations.quality.auditing import audit_reach
from watchfloor.operations.quality.models import Audit, Dispute, GoldCase, Training
from watchfloor.operations.quality.standing import of_queue
from watchfloor.operations.queues.models import Queue, QueueVersion
from watchfloor.operations.queues.selectors import queues
from watchfloor.operations.record.viewers import Viewer

SOON = timedelta(days=30)
OPEN_AUDITS = ("waiting", "taken", "answered")


@dataclass(frozen=True, slots=True)
class QueueStanding:
    """What quality has of one queue under the policy version it binds now."""

    queue: Queue
    standing: int
    waiting: int
    labels: int
    covered: int
    training: int
    audits: int
    certified: int


@dataclass(frozen=True, slots=True)
class Tallies:
    """What waits for quality altogether, within reach."""

    standing: int
    waiting: int
    training: int
    audits: int
    disputes: int


@dataclass(frozen=True, slots=True)
class CertifiedPolicy:
    """Who is certified on a version of a policy that queues bind now."""

    version: PolicyVersion
    queues: tuple[Queue, ...]
    certified: int
    ending: int
    in_training: int
    languages: tuple[tuple[str, int], ...]


def tallies(*, viewer: Viewer) -> Tallies:
    """Return what waits altogether."""
    gold = _gold(viewer).aggregate(
        standing=Count("pk", filter=Q(state="standing")),
        waiting=Count("pk", filter=Q(state__in=("nominated", "contested"))),
    )
    within = Audit.objects.filter(audit_reach(viewer, "quality.view"))
    return Tallies(
        standing=gold["standing"],
        waiting=gold["waiting"],
        training=_trainings(viewer).count(),
        audits=within.filter(state__in=OPEN_AUDITS).count(),
        disputes=Dispute.objects.filter(audit__in=within.values("pk"), closed_at__isnull=True).count(),
    )


def queue_standings(*, viewer: Viewer, at: datetime) -> list[QueueStanding]:
    """Return the production and appeal queues within reach with what quality has of each."""
    rows = _working_queues(viewer)
    bound = {row.pk: row.current_version.policy_version_id for row in rows if row.current_version}
    gold = [
        (queue, state, held or [])
        for queue, state, policy, held in _gold(viewer)
        .filter(state__in=("standing", "nominated", "contested"))
        .values_list("queue_id", "state", "policy_version_id", "truth__labels")
        if bound.get(queue) == policy
    ]
    standing = Counter(queue for queue, state, _ in gold if state == "standing")
    waiting = Counter(queue for queue, state, _ in gold if state != "standing")
    truths: dict[int, set[str]] = {}
    for queue, state, held in gold:
        if state == "standing":
            truths.setdefault(queue, set()).update(held)
    labels: dict[int, set[str]] = {}
    known = Label.objects.filter(policy_version__in={pk for pk in bound.values() if pk}, deprecated=False)
    for version_id, code in known.values_list("policy_version_id", "code"):
        labels.setdefault(version_id, set()).add(code)
    training = Counter(_trainings(viewer).values_list("queue_id", flat=True))
    open_audits = Audit.objects.filter(audit_reach(viewer, "quality.view"), state__in=OPEN_AUDITS)
    audits = Counter(open_audits.values_list("queue_id", flat=True))
    certified = _certified_by_version(at)
    found = []
    for row in rows:
        version = row.current_version
        offered = _offered(version, labels)
        trains_in = version.training_queue_id if version else None
        key = (version.policy_slug, version.policy_number) if version else None
        found.append(
            QueueStanding(
                queue=row,
                standing=standing[row.pk],
                waiting=waiting[row.pk],
                labels=len(offered),
                covered=len(offered & truths.get(row.pk, set())),
                training=training[trains_in] if trains_in else 0,
                audits=audits[row.pk],
                certified=certified.get(key, 0) if key else 0,
            )
        )
    return found


def certified_policies(*, viewer: Viewer, at: datetime) -> list[CertifiedPolicy]:
    """Return the policy versions that queues within reach bind now, each with who is certified on it."""
    binding: dict[int, list[Queue]] = {}
    for row in _working_queues(viewer):
        if row.current_version and row.current_version.policy_version_id:
            binding.setdefault(row.current_version.policy_version_id, []).append(row)
    people = viewer.scope(
        "quality.view", sites="reviewer__team__site__slug", data_boundary="reviewer__data_boundary__slug"
    )
    held: dict[tuple[str, int], list[tuple[datetime | None, list[str]]]] = {}
    valid = Certification.objects.filter(people, reviewer__active=True, granted_at__lte=at)
    for policy, number, ends, spoken in valid.exclude(expires_at__lte=at).values_list(
        "policy", "policy_version", "expires_at", "reviewer__languages"
    ):
        held.setdefault((policy, number), []).append((ends, spoken))
    in_training = Counter(_trainings(viewer).values_list("policy_version_id", flat=True))
    versions = PolicyVersion.objects.filter(pk__in=binding).select_related("policy")
    found = []
    for version in versions.order_by("policy__slug", "-version"):
        rows = held.get((version.policy.slug, version.version), [])
        languages = Counter(language for _, spoken in rows for language in spoken)
        found.append(
            CertifiedPolicy(
                version=version,
                queues=tuple(binding[version.pk]),
                certified=len(rows),
                ending=sum(1 for ends, _ in rows if ends is not None and ends <= at + SOON),
                in_training=in_training[version.pk],
                languages=tuple(sorted(languages.items(), key=lambda pair: (-pair[1], pair[0]))),
            )
        )
    return found


def _working_queues(viewer: Viewer) -> list[Queue]:
    rows = queues(viewer=viewer, permission="quality.view").filter(purpose__in=("production", "appeal"))
    return list(rows.exclude(state="retired"))


def _gold(viewer: Viewer) -> QuerySet[GoldCase]:
    return GoldCase.objects.filter(of_queue(viewer, "quality.view", market="case__market"))


def _trainings(viewer: Viewer) -> QuerySet[Training]:
    within = of_queue(viewer, "quality.view", site="reviewer__team__site__slug")
    return Training.objects.filter(within, state="training").order_by()


def _offered(version: QueueVersion | None, labels: dict[int, set[str]]) -> set[str]:
    if version is None or version.policy_version_id is None:
        return set()
    offered = labels.get(version.policy_version_id, set())
    return offered & set(version.label_subset) if version.label_subset else offered


def _certified_by_version(at: datetime) -> dict[tuple[str, int | None], int]:
    rows = (
        Certification.objects.filter(reviewer__active=True, granted_at__lte=at)
        .exclude(expires_at__lte=at)
        .order_by()
        .values("policy", "policy_version")
        .annotate(people=Count("reviewer", distinct=True))
    )
    return {(row["policy"], row["policy_version"]): row["people"] for row in rows}

"""Certifications per version of a policy: given, carried over, and asked for again when policy changes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from watchfloor.operations.people import services as people
from watchfloor.operations.people.models import Certification, Reviewer
from watchfloor.operations.policies.models import PolicyVersion
from watchfloor.operations.quality.errors import TrainingError
from watchfloor.operations.quality.models import Training
from watchfloor.operations.queues.models import SERVING_STATES, Queue
from watchfloor.operations.record.services import audit
from watchfloor.operations.record.viewers import NotPermittedError, Viewer

CERTIFICATION_LIFE = timedelta(days=365)
LONGEST_BRIDGE = timedelta(days=30)
RENEWED_BEFORE = timedelta(days=30)
"""How long before a certification ends its holder is called to train again."""


def certify(
    *,
    reviewer: Reviewer,
    policy_version: PolicyVersion,
    by: Viewer,
    now: datetime,
    expires_at: datetime | None = None,
) -> Certification:
    """Return the reviewer's certification on a version of a policy, valid for a year unless said otherwise.

    Raises:
        TrainingError: it would have ended already.
        NotPermittedError: the viewer may not certify people of that site.

    """
    return certify_many(
        reviewers=[reviewer], policy_version=policy_version, by=by, now=now, expires_at=expires_at
    )[0]


@transaction.atomic
def certify_many(
    *,
    reviewers: Sequence[Reviewer],
    policy_version: PolicyVersion,
    by: Viewer,
    now: datetime,
    expires_at: datetime | None = None,
) -> list[Certification]:
    """Return the certifications of several reviewers, all or none; see `certify`."""
    _require_sites(by, reviewers)
    ends = expires_at or now + CERTIFICATION_LIFE
    if ends <= now:
        raise TrainingError(
            f"A certification until {ends.isoformat()} would have ended.", remedy="Name a later day."
        )
    policy = policy_version.policy.slug
    people.certify(
        reviewers=list(reviewers),
        policy=policy,
        policy_version=policy_version.version,
        by=Viewer.system(by.name),  # who may certify is asked above; the trail names the person
        now=now,
        expires_at=ends,
    )
    held = Certification.objects.filter(
        reviewer__in=reviewers, policy=policy, policy_version=policy_version.version
    )
    return list(held.select_related("reviewer").order_by("reviewer__code"))


@transaction.atomic
def carry_over(
    *, policy_version: PolicyVersion, by: Viewer, now: datetime, until: datetime, reason: str
) -> list[Certification]:
    """Return bridges: holders of the version before may work on this one until an instant, training on.

    For changes of a policy that are small enough. A bridge lasts at most thirty days.

    Raises:
        TrainingError: the bridge is too long or gone, has no reason, or there is no version before.

    """
    if not now < until <= now + LONGEST_BRIDGE:
        raise TrainingError(
            f"A bridge until {until.isoformat()} cannot be.",
            remedy=f"End it within {LONGEST_BRIDGE.days} days.",
        )
    if not reason.strip():
        raise TrainingError("A bridge needs its reason.", remedy="Say why work may go on before training.")
    policy = policy_version.policy.slug
    earlier = policy_version.version - 1
    if earlier < 1:
        raise TrainingError(
            f"Version {policy_version.version} has none before it.", remedy="Certify instead."
        )
    before = Certification.objects.filter(policy=policy, policy_version=earlier).exclude(expires_at__lte=now)
    newer = Certification.objects.filter(
        reviewer=OuterRef("reviewer"), policy=policy, policy_version=policy_version.version
    ).exclude(expires_at__lte=now)
    holders = Reviewer.objects.filter(
        pk__in=before.filter(~Exists(newer)).values("reviewer"), active=True
    ).select_related("team__site")
    chosen = list(holders.order_by("code"))
    if not chosen:
        return []
    made = certify_many(reviewers=chosen, policy_version=policy_version, by=by, now=now, expires_at=until)
    audit(
        actor=by.name,
        action="carry over certifications",
        object_kind="policy",
        object_id=policy,
        after={"from": earlier, "to": policy_version.version, "until": until.isoformat(), "reason": reason},
        now=now,
    )
    return made


def recertify(*, now: datetime) -> list[Training]:
    """Return the trainings opened because a new policy version is bound, or a certification ends soon.

    Looked at are queues that serve, require a certification and name a training queue which binds the same
    policy version. Trainings there on an older version are superseded.
    """
    opened: list[Training] = []
    asking = Queue.objects.filter(
        state__in=SERVING_STATES,
        current_version__certification_required=True,
        current_version__policy_version__isnull=False,
        current_version__training_queue__isnull=False,
    )
    for pk in list(asking.order_by("slug").values_list("pk", flat=True)):
        opened += _recertify_queue(pk, now)
    return opened


@transaction.atomic
def _recertify_queue(queue_id: int, now: datetime) -> list[Training]:
    queue = Queue.objects.select_related("current_version__policy_version").get(pk=queue_id)
    version = queue.current_version
    if version is None or version.policy_version is None or version.training_queue_id is None:
        return []
    target = (
        Queue.objects.select_for_update(of=("self",))
        .select_related("current_version")
        .get(pk=version.training_queue_id)
    )
    bound = target.current_version
    if bound is None or bound.policy_version_id != version.policy_version_id:
        return []
    policy = version.policy_version
    outdated = Training.objects.filter(queue=target, state="training").exclude(policy_version=policy)
    outdated.update(state="superseded", ended_at=now)
    slug, number = version.policy_slug, policy.version
    valid = Certification.objects.filter(reviewer=OuterRef("pk"), policy=slug, policy_version=number).exclude(
        expires_at__lte=now + RENEWED_BEFORE
    )
    tried = Training.objects.filter(reviewer=OuterRef("pk"), queue=target, policy_version=policy).exclude(
        state="graduated", ended_at__lte=now - CERTIFICATION_LIFE + RENEWED_BEFORE
    )
    called = (
        Reviewer.objects.filter(active=True, certifications__policy=slug)
        .filter(~Exists(valid), ~Exists(tried))
        .distinct()
        .order_by("code")
    )
    opened = [
        Training(
            reviewer=reviewer,
            queue=target,
            policy_version=policy,
            kind="recertification",
            started_at=now,
            started_by="quality",
        )
        for reviewer in called
    ]
    Training.objects.bulk_create(opened)
    if opened:
        audit(
            actor="quality",
            action="call to recertify",
            object_kind="queue",
            object_id=target.slug,
            after={"policy_version": number, "reviewers": [one.reviewer.code for one in opened]},
            now=now,
        )
    return opened


def _require_sites(by: Viewer, reviewers: Sequence[Reviewer]) -> None:
    by.require("quality.change")
    for site in sorted({one.team.site.slug for one in reviewers}):
        if not by.reaches("quality.change", {"site": site}):
            raise NotPermittedError(
                f"{by.name} may not certify people of site {site!r}.",
                remedy="Ask an administrator for a grant that covers it.",
            )

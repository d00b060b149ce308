"""A queue rehearsed: served for real inside a transaction that is taken back, so that nothing remains.

The real services and the real statements run, on the queue itself, as if it were in canary. The transaction
never commits: no case, review, decision, fact or counter comes of it, and nobody else can see or claim the
synthetic case meanwhile. Its purpose is `monitor` besides, so that even a copy of it would enforce nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.models import Certification, DataBoundary, Reviewer, Site, Team
from watchfloor.operations.queues.form_spec import FieldSpec, FormSpec, forms_of
from watchfloor.operations.queues.models import SERVING_STATES, Queue, QueueVersion, SopAcknowledgement
from watchfloor.operations.queues.sops import sop_of
from watchfloor.operations.review.services import Answer, ClaimedCase, NewCase, claim, enqueue

CLIENT = "launch-check"
LONG_AGO = timedelta(days=300)
"""The synthetic case waits since then, so that it is the first that its reviewer is served."""


class RehearsalError(WatchfloorError):
    """The queue cannot be rehearsed as it is configured."""


class _TakenBackError(Exception):
    """Ends the transaction without a trace."""


@dataclass
class Stage:
    """The queue as it is rehearsed, with short ways to put people and cases on it."""

    queue: Queue
    version: QueueVersion
    form: FormSpec
    now: datetime
    people: int = 0

    def person(
        self,
        *,
        boundary: DataBoundary | None = None,
        is_active: bool = True,
        is_certified: bool = True,
        is_skilled: bool = True,
        is_speaking: bool = True,
        is_reader: bool = True,
    ) -> Reviewer:
        """Return a synthetic reviewer who has all that the queue asks, save what is taken away."""
        self.people += 1
        reviewer = Reviewer.objects.create(
            code=f"synthetic-{uuid4().hex[:12]}",
            team=self._team(),
            hired_on=date(2000, 1, 1),
            first_production_on=date(2000, 1, 1),
            languages=(list(self.queue.languages) or ["en"]) if is_speaking else ["zxx"],
            skills=list(self.version.required_skills) if is_skilled else [],
            data_boundary=boundary,
            active=is_active,
        )
        if is_certified and self.version.policy_slug and self.version.policy_number:
            Certification.objects.create(
                reviewer=reviewer,
                policy=self.version.policy_slug,
                policy_version=self.version.policy_number,
                granted_at=self.now,
            )
        sop = sop_of(self.version) if is_reader and self.version.sop_required else None
        if sop is not None:
            SopAcknowledgement.objects.create(sop=sop, reviewer=reviewer, at=self.now)
        return reviewer

    def insider(self) -> Reviewer:
        """Return a synthetic reviewer who may be served."""
        return self.person(boundary=self.queue.data_boundary)

    def case(self) -> UUID:
        """Return a synthetic case that waits in the queue."""
        new = NewCase(
            queue=self.queue.slug,
            object_id=f"synthetic-{uuid4().hex[:12]}",
            severity_hint="critical",
            language=self.queue.languages[0] if self.queue.languages else "",
            market=self.queue.markets[0] if self.queue.markets else "",
            content={"text": "A synthetic case of a launch check."},
            enqueued_at=self.now - LONG_AGO,
            purpose="monitor",
        )
        return enqueue(case=new, now=self.now, client=CLIENT).case_id

    def claim(self, reviewer: Reviewer) -> ClaimedCase | None:
        """Return what the reviewer is served from this queue, if anything."""
        return claim(reviewer=reviewer, now=self.now, queues=[self.queue.pk])

    def answer(self) -> Answer:
        """Return an answer that the form takes: a label without a violation if there is one."""
        labels = sorted(self.form.labels, key=lambda one: (one.violative, one.code))
        fields = {field.name: _sample(field) for field in self.form.fields if field.required}
        return Answer(labels=(labels[0].code,) if labels else (), fields=fields)

    def _team(self) -> Team:
        sites = Site.objects.filter(active=True).order_by("slug")
        shares = self.version.site_shares
        site = sites.filter(slug__in=[slug for slug, share in shares.items() if share]).first()
        site = site or sites.first()
        if site is None:
            raise RehearsalError("There is no site where anybody works.", remedy="Add a site first.")
        team, _ = Team.objects.get_or_create(
            slug="synthetic-team", defaults={"name": "Synthetic", "site": site}
        )
        return team


@contextmanager
def rehearsed(*, queue: Queue, now: datetime) -> Iterator[Stage]:
    """Run what is inside against the queue as if it were in canary, and take all of it back.

    Raises:
        RehearsalError: the queue has no configuration, or nobody could work on it.

    """
    try:
        with transaction.atomic():
            locked = (
                Queue.objects.select_for_update(of=("self",))
                .select_related(
                    "current_version__policy_version__policy",
                    "current_version__template_version__template",
                    "data_boundary",
                )
                .get(pk=queue.pk)
            )
            version = locked.current_version
            if version is None:
                raise RehearsalError(
                    f"Queue {locked.slug!r} has no configuration.", remedy="Configure it first."
                )
            if locked.state not in SERVING_STATES:
                Queue.objects.filter(pk=locked.pk).update(state="canary")
                locked.state = "canary"
            form = forms_of(version.template_version, version.policy_version, version.label_subset)
            yield Stage(locked, version, form, now)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            raise _TakenBackError
    except _TakenBackError:
        pass


def _sample(field: FieldSpec) -> object:
    """Return a value that the field takes."""
    if field.default is not None:
        return field.default
    if field.kind == "choice":
        return field.options[0].value
    if field.kind == "choices":
        return [option.value for option in field.options[:1]]
    if field.kind == "boolean":
        return False
    if field.kind in ("number", "integer"):
        return field.minimum if field.minimum is not None else field.maximum or 0
    if field.kind == "list":
        return []
    return "test"

"""Keeps the demo's floor moving: somebody trains, audits, disputes, rules, complains and looks again.

Each chore has a pace of its own and is one small deed through the services. What a visitor did in between is
respected: a chore that no longer fits is refused by its service, said in the log, and left out.
"""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.demo.audits import OPEN_AUDITS, judge_audit, move_dispute, reason_for
from watchfloor.operations.demo.cast import PRODUCTION, TRAINING, Cast, bound_policy, queue_of
from watchfloor.operations.demo.consequences import COMPLAINTS, appealable, look_again
from watchfloor.operations.demo.deciding import Described, labels_of
from watchfloor.operations.demo.library import answer_exercises, make_gold
from watchfloor.operations.demo.proposals import BURSTS
from watchfloor.operations.enforcement.appeals import file_appeal
from watchfloor.operations.enforcement.models import Appeal
from watchfloor.operations.quality.models import Audit, Dispute, GoldCase, Training
from watchfloor.operations.quality.services import build_training, dispute, enrol
from watchfloor.operations.review.actors import CLIENT, TRUTH
from watchfloor.operations.review.actors.contents import simulated_content
from watchfloor.operations.review.models import Case, Pending
from watchfloor.operations.review.services import Enqueued, NewCase, enter_batch

OPEN_APPEALS = 2
OPEN_DISPUTES = 4
MOST_GOLD = 90
_LOOKED_AT_AFTER = timedelta(minutes=4)
_RIGHT_SHARE = 0.93

_logger = logging.getLogger("watchfloor.actor")


@dataclass(slots=True)
class Living:
    """The floor in motion: who acts, by which chance, and when each chore comes next."""

    cast: Cast
    rng: random.Random
    due: dict[str, datetime] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)

    def beat(self, *, now: datetime) -> None:
        """Do what is due at `now`."""
        for name, (pause, chore) in _CHORES.items():
            if now < self.due.setdefault(name, now + timedelta(seconds=self.rng.uniform(2, pause))):
                continue
            self.due[name] = now + timedelta(seconds=pause * self.rng.uniform(0.6, 1.4))
            try:
                self.done[name] = self.done.get(name, 0) + int(chore(self, now))
            except WatchfloorError as error:
                _logger.info("The demo leaves out a step (%s): %s", name, error)


def train(living: Living, now: datetime) -> bool:
    """Return whether a trainee answered one case; who has none left is dealt more, or somebody begins."""
    waiting = Pending.objects.filter(queue__slug=TRAINING).exists()
    open_ = Training.objects.filter(queue__slug=TRAINING, state="training", reviewer__in=_ids(living))
    trainings = list(open_.select_related("reviewer").order_by("started_at", "id"))
    for training in trainings if waiting else ():
        begun = now - timedelta(seconds=living.rng.uniform(100, 115))
        answered = answer_exercises(
            trainee=training.reviewer, at=begun, rng=living.rng, most=1, right_share=_RIGHT_SHARE
        )
        if answered:
            return True
    queue = queue_of(PRODUCTION)
    if not trainings:
        busy = Training.objects.filter(queue__slug=TRAINING).values_list("reviewer", flat=True)
        fresh = [one for one in living.cast.trainees if one.pk not in set(busy)]
        enrol(reviewers=fresh[:1], queue=queue, by=living.cast.auditor, now=now)
        if not fresh:
            return False
    build_training(
        queue=queue,
        policy=bound_policy(PRODUCTION),
        count=12,
        reviewers=[training.reviewer for training in trainings] or None,
        include_decided=True,
        by=living.cast.auditor,
        now=now,
        rng=living.rng,
    )
    return False


def look_over(living: Living, now: datetime) -> bool:
    """Return whether an audit was judged; some are left to the visitor."""
    waiting = Audit.objects.filter(state="waiting", queue__data_boundary=None).select_related("case", "queue")
    found = list(waiting.order_by("unit_at", "id")[: OPEN_AUDITS + 1])
    if len(found) <= OPEN_AUDITS:
        return False
    begun = now - timedelta(seconds=130)
    judge_audit(found=found[0], auditor=living.cast.auditors[0], at=begun, rng=living.rng)
    return True


def disagree(living: Living, now: datetime) -> bool:
    """Return whether a dispute moved: somebody disputes an audit, or the oldest one is ruled on."""
    held = Dispute.objects.filter(closed_at__isnull=True).exclude(level="policy")
    oldest = held.select_related("audit__reviewer").order_by("opened_at", "id")
    if held.count() < OPEN_DISPUTES:
        fresh = Audit.objects.filter(
            state="done",
            verdict="incorrect",
            dispute_state="none",
            correction_decision_id=None,
            audited_at__gt=now - timedelta(hours=48),
        ).exclude(reviewer=None)
        found = (
            fresh.select_related("reviewer", "queue__current_version").order_by("-audited_at", "id").first()
        )
        if found is None or found.reviewer is None:
            return False
        reason = reason_for(found, living.rng.randrange(4))
        dispute(audit_id=found.pk, reviewer=found.reviewer, reason=reason, now=now)
        return True
    for one in oldest:
        reviewer = one.audit.reviewer
        if reviewer is None:
            continue
        if one.level == "reviewer":
            move_dispute(one, living.rng.choice(("escalated", "accepted")), None, reviewer, now)
        elif one.level == "qa":
            ruling = living.rng.choice(("upheld", "rejected", "rejected"))
            move_dispute(one, ruling, living.cast.auditor, reviewer, now)
        else:
            ruling = living.rng.choice(("upheld", "rejected", "rejected", "grey"))
            move_dispute(one, ruling, living.cast.adjudicator, reviewer, now)
        return True
    return False


def complain(living: Living, now: datetime) -> bool:
    """Return whether somebody appealed a decision of the last hours."""
    if Appeal.objects.filter(state="open").count() > 3 * OPEN_APPEALS:
        return False
    for decision in appealable(decided_since=now - timedelta(hours=12), until=now, most=1):
        file_appeal(
            decision_id=decision.pk,
            kind="internal_complaint",
            complainant_role="user",
            note=living.rng.choice(COMPLAINTS),
            by=living.cast.engineer,
            now=now,
            client_key=f"complaint-{decision.case_id}",
        )
        return True
    return False


def answer_complaint(living: Living, now: datetime) -> bool:
    """Return whether an appeal that has waited a while was looked at; the newest are left open."""
    old = Appeal.objects.filter(state="open", filed_at__lt=now - _LOOKED_AT_AFTER, appeal_case__isnull=False)
    if old.count() <= OPEN_APPEALS:
        return False
    return look_again(living.cast.appeals, at=now - timedelta(seconds=90), rng=living.rng, until=now)


def add_gold(living: Living, now: datetime) -> bool:
    """Return whether a decided case became a golden one."""
    if GoldCase.objects.filter(state="standing").count() >= MOST_GOLD:
        return False
    golden = GoldCase.objects.values("case")
    rows = Case.objects.filter(
        queue__slug=PRODUCTION, gold_id="", parent=None, decisions__decided_at__gt=now - timedelta(hours=6)
    ).exclude(pk__in=golden)
    found = rows.order_by("-enqueued_at", "id").first()
    if found is None:
        return False
    truth = str(found.content.get(TRUTH, ""))
    make_gold(case_id=found.pk, truth=truth, cast=living.cast, at=now - timedelta(minutes=6), rng=living.rng)
    return True


def burst(living: Living, now: datetime) -> bool:
    """Return whether the strategy in canary was let in with a case; its terms say how many."""
    queue, key = queue_of(PRODUCTION), f"burst-{now.isoformat()}"
    truth = living.rng.choice([labels_of(queue)[0], *labels_of(queue)])
    sent = [
        NewCase(
            queue="",
            object_id=f"thread-{living.rng.getrandbits(40):010x}",
            strategy_id=BURSTS,
            severity_hint="medium",
            risk_score=round(living.rng.uniform(0.5, 0.99), 3),
            language="en",
            market="US",
            content=simulated_content(Described(queue.slug, "en", None, truth), key=f"{key}-{number}"),
            surface=queue.surface,
            labels=("harassment",),
        )
        for number in range(living.rng.randint(1, 4))
    ]
    return any(isinstance(each, Enqueued) for each in enter_batch(cases=sent, now=now, client=CLIENT))


def _ids(living: Living) -> list[int]:
    return [one.pk for one in living.cast.trainees]


Chore = Callable[[Living, datetime], bool]
_CHORES: dict[str, tuple[float, Chore]] = {
    "train": (40.0, train),
    "audit": (90.0, look_over),
    "dispute": (240.0, disagree),
    "appeal": (150.0, complain),
    "second look": (60.0, answer_complaint),
    "gold": (420.0, add_gold),
    "burst": (45.0, burst),
}
"""How many seconds lie between two of each, on average, and what is done."""

"""The demo's audits: two designs with what they drew, verdicts, and a dispute at every stage."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from watchfloor.operations.demo.cast import CENSUS, PRODUCTION, Cast, queue_of
from watchfloor.operations.demo.deciding import labels_of, other_label
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.quality.models import Audit, AuditDesign, Dispute
from watchfloor.operations.quality.services import (
    NewDesign,
    accept_ruling,
    answer_audit,
    audit,
    correct_from_audit,
    create_design,
    dispute,
    draw_audits,
    end_design,
    escalate_dispute,
    rule_dispute,
    take_audit,
)
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.actors import TRUTH
from watchfloor.operations.review.services import Answer

SAMPLED, WHOLE = "harassment-weekly", "fraud-new-form"
OPEN_AUDITS = 5
"""Audits that are left open for a visitor to try."""
_REASONS = {
    "harassment": (
        "The remark answers an insult of the same kind; the policy weighs who began.",
        "The number is a shop's, as its page says; nothing private is given away.",
        "The label was added after this case came in.",
        "It quotes the insult to report it.",
    ),
    "fraud": (
        "The link leads to the bank's own page; nobody is asked for anything.",
        "The offer names its price and its seller; it is dear, and that is all.",
        "Both labels fit, and the policy says to take the narrower one.",
        "A review by a buyer: the order stands in the conversation above it.",
    ),
}
_NOTES = {
    "qa": "The text of the label decides, and names this.",
    "adjudicator": "Read against the policy's examples.",
    "policy": "The policy has to say more on this.",
}


def seed_audits(*, cast: Cast, since: datetime, now: datetime, rng: random.Random) -> None:
    """Write a sampled design and a census, draw what they draw, audit most of it, and dispute some."""
    sampled = create_design(
        new=NewDesign(
            slug=SAMPLED,
            title="Harassment in comments, by what was found",
            queues=[queue_of(PRODUCTION), queue_of("comment-harassment-es")],
            kind="stratified",
            plan={"share": 0.25, "by": ["violative"], "allocation": "equal", "floor": 1},
            frame_hours=3,
            starts_at=_whole_hour(since),
        ),
        seed=rng.getrandbits(40),
        by=cast.auditor,
        now=since,
    )
    census = create_design(
        new=NewDesign(
            slug=WHOLE,
            title="Fraud in messages, every case under the new form",
            queues=[queue_of(CENSUS)],
            plan={"share": 1.0},
            frame_hours=12,
            starts_at=_whole_hour(since),
        ),
        seed=rng.getrandbits(40),
        by=cast.auditor,
        now=since,
    )
    drawn_at = now - timedelta(hours=7)
    draw_audits(design=sampled, now=now)
    draw_audits(design=census, now=drawn_at)
    end_design(design=census, by=cast.auditor, now=drawn_at)
    at = _judge_all(census, cast.auditors[0], drawn_at, rng, leave=0)
    _judge_all(sampled, cast.auditors[0], now - timedelta(hours=3), rng, leave=OPEN_AUDITS)
    wrong = Audit.objects.filter(design=census, verdict="incorrect").select_related(
        "reviewer", "queue__current_version"
    )
    seed_disputes(audits=list(wrong.order_by("audited_at", "id")), cast=cast, at=at + timedelta(minutes=10))


def _whole_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _judge_all(
    design: AuditDesign, auditor: Reviewer, at: datetime, rng: random.Random, *, leave: int
) -> datetime:
    waiting = list(Audit.objects.filter(design=design, state="waiting").order_by("unit_at", "id"))
    for one in waiting[: max(0, len(waiting) - leave)]:
        judge_audit(found=one, auditor=auditor, at=at, rng=rng)
        at += timedelta(minutes=2)
    return at


def judge_audit(*, found: Audit, auditor: Reviewer, at: datetime, rng: random.Random) -> Audit:
    """Return the audit with its verdict: the auditor looks, answers as the case really is, and says why."""
    labels = labels_of(found.queue)
    truth = str(found.case.content.get(TRUTH, ""))
    said = truth if truth in labels else (labels[0] if rng.random() < 0.7 else other_label("", labels, rng))
    take_audit(audit_id=found.pk, auditor=auditor, now=at)
    later = at + timedelta(seconds=rng.uniform(40, 100))
    answered = answer_audit(audit_id=found.pk, auditor=auditor, answer=Answer(labels=(said,)), now=later)
    if answered.state == "done":
        return answered
    return audit(
        audit_id=found.pk,
        auditor=auditor,
        verdict="incorrect",
        severity=rng.choice(("critical", "major", "major", "minor")),
        cause=rng.choice(("training", "human", "human", "policy_unclear", "tool")),
        note="The label that was chosen does not fit what is shown.",
        now=later + timedelta(seconds=20),
    )


def seed_disputes(*, audits: Sequence[Audit], cast: Cast, at: datetime) -> None:
    """Open a dispute for each stage: waiting at each level, upheld, accepted, grey; correct one error."""
    qa, adjudicator, owner = cast.auditor, cast.adjudicator, cast.strategist
    courses: tuple[tuple[tuple[str, Viewer | None], ...], ...] = (
        (),
        (("rejected", qa),),
        (("rejected", qa), ("escalated", None)),
        (("referred", qa), ("referred", adjudicator)),
        (("upheld", qa),),
        (("rejected", qa), ("escalated", None), ("grey", adjudicator)),
        (("rejected", qa), ("accepted", None)),
        (("referred", qa), ("referred", adjudicator), ("grey", owner)),
    )
    for number, (found, course) in enumerate(zip(audits, courses, strict=False)):
        begun = at + timedelta(minutes=6 * number)
        reviewer = found.reviewer
        if reviewer is None:
            continue
        opened = dispute(audit_id=found.pk, reviewer=reviewer, reason=reason_for(found, number), now=begun)
        for step, (ruling, by) in enumerate(course, 1):
            move_dispute(opened, ruling, by, reviewer, begun + timedelta(minutes=15 * step))
    for found in audits[len(courses) : len(courses) + 1]:
        correct_from_audit(audit_id=found.pk, by=qa, now=at + timedelta(minutes=30))


def reason_for(found: Audit, number: int) -> str:
    """Return why somebody disputes an audit, in the words of its policy."""
    version = found.queue.current_version
    reasons = _REASONS.get(version.policy_slug if version else "", _REASONS["harassment"])
    return reasons[number % len(reasons)]


def move_dispute(opened: Dispute, ruling: str, by: Viewer | None, reviewer: Reviewer, at: datetime) -> None:
    """Take a dispute one step on: by whoever rules at its level, else by the reviewer whose turn it is."""
    level = Dispute.objects.values_list("level", flat=True).get(pk=opened.pk)
    if by is not None:
        rule_dispute(dispute_id=opened.pk, ruling=ruling, note=_NOTES[level], by=by, now=at)
    elif ruling == "accepted":
        accept_ruling(dispute_id=opened.pk, reviewer=reviewer, now=at)
    else:
        note = "The examples of the policy say otherwise."
        escalate_dispute(dispute_id=opened.pk, reviewer=reviewer, note=note, now=at)

"""What auditors are shown counts like what reviewers are shown, and opens within their budget alone."""

from datetime import timedelta

import pytest

from watchfloor.operations.quality.drawing import SETTLE
from watchfloor.operations.quality.errors import AuditRestsError
from watchfloor.operations.quality.models import Audit
from watchfloor.operations.quality.services import (
    answer_audit,
    audit,
    dispute,
    draw_audits,
    give_back_audit,
    rule_dispute,
    take_audit,
)
from watchfloor.operations.record.models import Event
from watchfloor.operations.record.viewers import GrantScope, Viewer
from watchfloor.operations.review.services import Answer, Timing
from watchfloor.operations.wellbeing.limits import set_cap
from watchfloor.operations.wellbeing.models import Tally
from watchfloor.operations.wellbeing.services import take_break

CARE = Viewer(name="care", grants=(GrantScope("wellbeing"),))
FINE, SCAM = Answer(labels=("fine",)), Answer(labels=("scam",))


@pytest.fixture
def severe(quality):
    """Two drawn audits of severe content, and the instant after the drawing."""
    quality.floor.configure(quality.queue, wellness_class="severe")
    reviewer = quality.floor.reviewer("rob")
    for _ in range(2):
        quality.decided(reviewer)
    at = quality.now.replace(hour=0) + timedelta(days=1) + SETTLE
    draw_audits(design=quality.design(), now=at)
    return list(Audit.objects.order_by("unit_at", "id")), at


def tallied(person):
    return [(each.cases, each.visible_ms) for each in Tally.objects.filter(reviewer=person)]


def test_an_answered_audit_counts_for_as_long_as_it_was_seen(quality, severe):
    (first, _), at = severe
    ann = quality.person("ann")
    take_audit(audit_id=first.pk, auditor=ann, now=at)
    later = at + timedelta(minutes=5)
    answer_audit(audit_id=first.pk, auditor=ann, answer=FINE, now=later, timing=Timing(visible_ms=90_000))
    assert tallied(ann) == [(1, 90_000)]
    told = Event.objects.get(fact="exposure", payload__reviewer_id="ann").payload
    assert (told["reviewer_id"], told["severity"], told["visible_seconds"]) == ("ann", "severe", 90)


def test_an_audit_that_is_given_back_was_seen_too(quality, severe):
    (first, _), at = severe
    ann = quality.person("ann")
    take_audit(audit_id=first.pk, auditor=ann, now=at)
    give_back_audit(audit_id=first.pk, auditor=ann, now=at + timedelta(seconds=20))
    assert tallied(ann) == [(1, 20_000)]


def test_audits_rest_once_the_budget_is_spent_or_in_hand(quality, severe):
    (first, second), at = severe
    set_cap(wellness_class="severe", span="day", measure="cases", most=1, by=CARE, now=at)
    ann, bea = quality.person("ann"), quality.person("bea")
    take_audit(audit_id=first.pk, auditor=ann, now=at)
    with pytest.raises(AuditRestsError, match="limit for severe content"):
        take_audit(audit_id=second.pk, auditor=ann, now=at)
    answer_audit(audit_id=first.pk, auditor=ann, answer=FINE, now=at)
    with pytest.raises(AuditRestsError):
        audit(audit_id=second.pk, auditor=ann, answer=FINE, now=at)
    assert take_audit(audit_id=second.pk, auditor=bea, now=at).auditor == bea


def test_who_takes_a_minute_is_given_no_audit(quality, severe):
    (first, _), at = severe
    ann = quality.person("ann")
    take_break(reviewer=ann, now=at)
    with pytest.raises(AuditRestsError, match="minute"):
        take_audit(audit_id=first.pk, auditor=ann, now=at)


def test_who_rules_on_a_dispute_saw_the_case(quality, severe):
    (first, _), at = severe
    ann, judge = quality.person("ann"), quality.person("judge")
    audit(
        audit_id=first.pk, auditor=ann, answer=SCAM, verdict="incorrect", severity="major", cause="training",
        now=at,
    )  # fmt: skip
    opened = dispute(audit_id=first.pk, reviewer=first.reviewer, reason="The rule says so.", now=at)
    rule_dispute(dispute_id=opened.pk, ruling="upheld", note="It does.", by=quality.viewer(judge), now=at)
    assert tallied(judge) == [(1, 60_000)]

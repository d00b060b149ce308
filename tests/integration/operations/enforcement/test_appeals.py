"""An appeal is looked at by somebody new, settled once, and puts right what was wrong."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from watchfloor.operations.enforcement.appeals import (
    AppealError,
    AppealStateError,
    file_appeal,
    settle_appeal,
)
from watchfloor.operations.enforcement.following import follow_all
from watchfloor.operations.enforcement.models import Appeal, Restriction
from watchfloor.operations.record.models import Event
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError
from watchfloor.operations.review.corrections import correct
from watchfloor.operations.review.models import Case, Decision
from watchfloor.operations.review.services import Answer, claim, submit

pytestmark = pytest.mark.django_db(transaction=True)

COMPLAINT = {"kind": "internal_complaint", "complainant_role": "user"}


@pytest.fixture
def floor(committed_floor):
    return committed_floor()


@pytest.fixture
def queues(floor):
    return floor.queue("one"), floor.queue("appeals", purpose="appeal")


def ruled(floor, appeal, *labels):
    """Let somebody new answer the appeal's case, and follow the decision."""
    at = floor.now + timedelta(days=1)
    taken = claim(reviewer=floor.reviewer(f"judge-{appeal.pk.hex[-8:]}"), now=at)
    assert taken.case_id == appeal.appeal_case_id
    submit(lease_token=taken.token, answer=Answer(labels=labels), now=at)
    follow_all(now=at)
    appeal.refresh_from_db()
    return appeal


def facts_of(appeal):
    rows = Event.objects.filter(fact="appeal", key=str(appeal.pk)).order_by("id")
    return [(row.payload.get("outcome"), row.payload["queue_id"], row.payload["filed_at"]) for row in rows]


@pytest.mark.parametrize(
    ("labels", "outcome", "now_decided"),
    [
        (("scam",), "upheld", ("scam", "remove", 0)),
        (("fine",), "reversed", ("fine", "none", 1)),
        (("nudity",), "partially_reversed", ("nudity", "age_restrict", 1)),
    ],
)
def test_the_second_look_settles_the_appeal_and_corrects_what_was_wrong(
    floor, queues, decide, labels, outcome, now_decided
):
    decision = decide(floor, queues[0])
    filed = file_appeal(case_id=decision.case_id, **COMPLAINT, note="Why?", by=floor.by, now=floor.now).appeal
    follow_all(now=floor.now)
    appeal = ruled(floor, filed, *labels)
    assert (appeal.state, appeal.outcome, appeal.subject) == ("decided", outcome, "visibility")
    last = Decision.objects.filter(case=decision.case_id).order_by("-version").first()
    assert (last.labels[0], last.action, last.version) == now_decided
    assert appeal.correction_id == (last.pk if last.version else None)
    follow_all(now=floor.now)
    in_force = Restriction.objects.filter(lifted_at__isnull=True).values_list("decision", "type")
    expected = {"remove": [(decision.pk, "removed")], "age_restrict": [(last.pk, "age_restricted")]}
    assert list(in_force) == expected.get(last.action, [])
    assert [each[0] for each in facts_of(appeal)] == [None, outcome]
    assert len({each[1:] for each in facts_of(appeal)}) == 1


def test_a_notifier_may_appeal_that_nothing_was_done(floor, queues, decide):
    decision = decide(floor, queues[0], labels=("fine",), source="trusted_flagger")
    filed = file_appeal(
        decision_id=decision.pk,
        kind="internal_complaint",
        complainant_role="notifier",
        by=floor.by,
        now=floor.now,
    )
    assert filed.appeal.subject == "no_action_flagger"
    assert ruled(floor, filed.appeal, "scam").outcome == "reversed"


def test_nobody_who_saw_the_case_before_gets_its_appeal(floor, queues, decide):
    decision = decide(floor, queues[0])
    auditor = floor.reviewer("qa")
    correct(
        case_id=decision.case_id,
        reviewer=auditor,
        answer=Answer(labels=("scam",)),
        reason="",
        by=floor.by,
        now=floor.now,
    )
    file_appeal(case_id=decision.case_id, **COMPLAINT, by=floor.by, now=floor.now)
    first = decision.deciding_review.reviewer
    assert claim(reviewer=first, now=floor.now) is None
    assert claim(reviewer=auditor, now=floor.now) is None
    assert claim(reviewer=floor.reviewer("new"), now=floor.now) is not None


def test_an_appeal_is_filed_once_by_its_key_and_is_open_once(floor, queues, decide):
    decision = decide(floor, queues[0])
    first = file_appeal(case_id=decision.case_id, **COMPLAINT, by=floor.by, now=floor.now, client_key="a")
    again = file_appeal(case_id=decision.case_id, **COMPLAINT, by=floor.by, now=floor.now, client_key="a")
    assert (first.created, again.created, first.appeal.pk) == (True, False, again.appeal.pk)
    with pytest.raises(AppealStateError, match="open already"):
        file_appeal(case_id=decision.case_id, **COMPLAINT, by=floor.by, now=floor.now, client_key="b")
    assert Case.objects.filter(source="appeal").count() == 1


def test_an_appeal_filed_by_many_hands_at_once_opens_one_case(floor, queues, decide):
    decision = decide(floor, queues[0])

    def one(number):
        try:
            return file_appeal(
                case_id=decision.case_id, **COMPLAINT, by=floor.by, now=floor.now, client_key=str(number % 2)
            ).created
        except AppealStateError:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(one, range(6))) == 1
    assert Case.objects.filter(source="appeal").count() == Appeal.objects.count() == 1


def test_what_cannot_be_appealed_says_why(floor, queues, decide):
    decision = decide(floor, queues[0])
    training = decide(floor, floor.queue("school", purpose="training"))
    elsewhere = decide(floor, floor.queue("two", group="video"))
    by, now = floor.by, floor.now
    with pytest.raises(AppealError, match="kind"):
        file_appeal(case_id=decision.case_id, kind="shout", complainant_role="user", by=by, now=now)
    with pytest.raises(AppealStateError, match="no decision in force"):
        file_appeal(case_id=training.case_id, **COMPLAINT, by=by, now=now)
    with pytest.raises(AppealError, match="No queue takes appeals"):
        file_appeal(case_id=elsewhere.case_id, **COMPLAINT, by=by, now=now)
    with pytest.raises(NotPermittedError):
        file_appeal(case_id=decision.case_id, **COMPLAINT, by=floor.viewer("analyst"), now=now)
    with pytest.raises(NotFoundError):
        file_appeal(
            case_id=decision.case_id, **COMPLAINT, by=floor.viewer("engineer", queue_group="video"), now=now
        )


def test_out_of_court_the_body_decides_and_its_outcome_is_recorded(floor, queues, decide):
    decision = decide(floor, queues[0])
    filed = file_appeal(
        case_id=decision.case_id, kind="out_of_court", complainant_role="user", by=floor.by, now=floor.now,
        settlement_body="ACE",
    ).appeal  # fmt: skip
    assert filed.appeal_case is None
    settled = settle_appeal(
        appeal_id=filed.pk, outcome="reversed", implemented=True, by=floor.by, now=floor.now
    )
    assert (settled.outcome, settled.implemented) == ("reversed", True)
    with pytest.raises(AppealStateError):
        settle_appeal(appeal_id=filed.pk, outcome="upheld", by=floor.by, now=floor.now)


def test_an_appeal_taken_back_is_not_settled_by_its_case_any_more(floor, queues, decide):
    decision = decide(floor, queues[0])
    filed = file_appeal(case_id=decision.case_id, **COMPLAINT, by=floor.by, now=floor.now).appeal
    with pytest.raises(AppealError, match="by hand"):
        settle_appeal(appeal_id=filed.pk, outcome="upheld", by=floor.by, now=floor.now)
    settle_appeal(appeal_id=filed.pk, outcome="withdrawn", by=floor.by, now=floor.now)
    filed.refresh_from_db()
    assert filed.outcome == "withdrawn"
    judge = floor.reviewer("judge")
    assert claim(reviewer=judge, now=floor.now + timedelta(days=1)) is None  # its case waits for nobody
    assert Decision.objects.filter(case=decision.case_id).count() == 1

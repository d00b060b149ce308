"""The checker of histories finds each fault that is planted, and nothing in a history that is whole."""

from dataclasses import replace

import pytest
from benchmarks.reliability.checker import faults
from benchmarks.reliability.history import (
    Call,
    Kept,
    KeptCase,
    KeptDecision,
    KeptReview,
    Receipt,
    read_calls,
    write_call,
)

SENT = {"token": "t1", "case": "c1", "reviewer": "r1", "labels": ["scam"], "ahead": False}


def call(kind, began, ended, *, result="ok", asked=None, answer=None, clock=None, client="one"):
    return Call(client, kind, began, ended, result, clock, asked or {}, answer or {})


def given(began, *, token="t1", case="c1", reviewer="r1", expires=20.0):  # noqa: S107 -- a lease, no password
    answer = {"token": token, "case": case, "expires": expires}
    return call("claim", began, began + 0.5, asked={"reviewer": reviewer}, answer=answer)


ENQUEUED = call("enqueue", 1, 2, answer={"cases": {"k1": "c1"}})
SUBMITTED = call("submit", 5, 6, asked=SENT, answer={"review": "v1", "decision": "d1"})
WHOLE_CALLS = [ENQUEUED, given(3), SUBMITTED]
REVIEW = KeptReview("c1", 0, "r1", "submitted", ("scam",), "remove")
DECISION = KeptDecision("c1", 0, "last_turn", "v1", ("scam",), "remove", is_told=True)
WHOLE = Kept(
    cases={"c1": KeptCase(places=("decided",))},
    reviews={"v1": REVIEW},
    decisions={"d1": DECISION},
    receipts=(Receipt("d1", "x", 500), Receipt("d1", "x", 204)),
    rows={"review": {"v1": "[scam]"}},
    facts={"review": {"v1": "[scam]"}},
    fact_rows={"review": 1},
    counters={"waiting": (0, 0)},
)


def rules(calls=None, **kept):
    return {fault.rule for fault in faults(calls or WHOLE_CALLS, replace(WHOLE, **kept))}


def test_a_whole_history_has_no_fault():
    assert faults(WHOLE_CALLS, WHOLE) == []


def test_a_call_that_nobody_answered_may_have_happened_or_not():
    unknown = call("submit", 5, None, result="unknown", asked=SENT)
    assert faults([ENQUEUED, given(3), unknown], WHOLE) == []
    waits = replace(WHOLE, cases={"c1": KeptCase(places=("pending",))}, reviews={}, decisions={})
    waits = replace(waits, receipts=(), rows={}, facts={}, fact_rows={})
    assert faults([ENQUEUED, given(3), unknown], waits) == []


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ("case lost", {"cases": {}}),
        ("case lost", {"cases": {"c1": KeptCase(places=())}}),
        (
            "case lost",
            {"cases": {"c1": KeptCase(), "c2": KeptCase(parent="c1", places=("decided",))}},
        ),
        ("case in two places", {"cases": {"c1": KeptCase(places=("pending", "lease", "decided"))}}),
        ("turn reviewed twice", {"reviews": {"v1": REVIEW, "v2": replace(REVIEW, reviewer="r2")}}),
        ("person reviewed twice", {"reviews": {"v1": REVIEW, "v2": replace(REVIEW, turn=1)}}),
        ("answer lost", {"reviews": {"v9": REVIEW}}),
        ("answer changed", {"reviews": {"v1": replace(REVIEW, labels=("fine",))}}),
        ("answer changed", {"reviews": {"v1": replace(REVIEW, outcome="timeout")}}),
        ("decision lost", {"decisions": {}}),
        ("decision without reviews", {"decisions": {"d1": replace(DECISION, review=None)}}),
        ("decision without reviews", {"decisions": {"d1": replace(DECISION, rule="majority")}}),
        ("decision without reviews", {"decisions": {"d1": replace(DECISION, labels=("fine",))}}),
        ("decisions out of order", {"decisions": {"d1": replace(DECISION, version=1)}}),
        (
            "decisions out of order",
            {"decisions": {"d1": DECISION, "d2": replace(DECISION, version=1, supersedes="d0")}},
        ),
        ("callback missing", {"receipts": (Receipt("d1", "x", 500),)}),
        ("callback of nothing", {"receipts": (*WHOLE.receipts, Receipt("d7", "x", 204))}),
        ("callback not idempotent", {"receipts": (*WHOLE.receipts, Receipt("d1", "y", 204))}),
        ("fact missing", {"facts": {}, "fact_rows": {}}),
        ("fact of nothing", {"facts": {"review": {"v1": "[scam]", "v2": "[]"}}, "fact_rows": {"review": 2}}),
        ("fact differs", {"facts": {"review": {"v1": "[fine]"}}}),
        ("fact twice", {"fact_rows": {"review": 2}}),
        ("counters", {"counters": {"waiting": (3, 2)}}),
    ],
)
def test_each_fault_in_what_was_kept_is_found(rule, kept):
    assert rule in rules(**kept)


STALE = "stale token accepted"


@pytest.mark.parametrize(
    ("rule", "further"),
    [
        ("case made twice", [call("enqueue", 7, 8, answer={"cases": {"k1": "c2"}})]),
        ("lease given twice", [given(7)]),
        (STALE, [call("skip", 7, 8, asked=SENT, answer={"review": "v1"})]),
        (STALE, [call("renew", 7, 8, asked=SENT, answer={"expires": 30.0})]),
        ("person served again", [given(7, token="t2")]),
    ],
)
def test_each_fault_in_what_was_answered_is_found(rule, further):
    assert rule in rules([*WHOLE_CALLS, *further])


def test_an_answer_after_the_expiry_is_found_by_the_clock_that_the_service_was_given():
    late = replace(SUBMITTED, began=21.0, ended=22.0)
    assert rules([ENQUEUED, given(3), late]) == {STALE}
    assert rules([ENQUEUED, given(3), replace(SUBMITTED, clock=20.0)]) == {STALE}
    assert rules([ENQUEUED, given(3), replace(late, clock=19.0)]) == set()
    renewed = call("renew", 19, 19.5, asked=SENT, answer={"expires": 30.0})
    assert rules([ENQUEUED, given(3), renewed, late]) == set()
    perhaps = call("renew", 19, None, asked=SENT, result="unknown")
    assert rules([ENQUEUED, given(3), perhaps, late]) == set()


def test_an_answer_after_the_case_went_to_somebody_else_is_found():
    other = given(4, token="t2", reviewer="r2")
    assert rules([ENQUEUED, given(3), other, SUBMITTED]) == {STALE}
    at_once = replace(other, ended=7.0)
    assert rules([ENQUEUED, given(3), at_once, SUBMITTED]) == set(), "the answer may have come first"


def test_a_page_shows_somebody_again_what_they_hold_and_nobody_else():
    shown = given(4)
    shown.answer["shown"] = True
    assert rules([ENQUEUED, given(3), shown, SUBMITTED]) == set()
    shown.asked["reviewer"] = "r2"
    assert "lease given twice" in rules([ENQUEUED, given(3), shown, SUBMITTED])


def test_a_message_says_the_same_after_a_later_decision():
    later = KeptDecision("c1", 1, "correction_wins", "v1", ("scam",), "remove", supersedes="d1")
    twice = (*WHOLE.receipts, Receipt("d1", "y", 204))
    decisions = {"d1": DECISION, "d2": later}
    assert rules(receipts=twice, decisions=decisions) == {"callback not idempotent"}


def test_what_a_page_took_is_found_by_case_person_and_outcome():
    by_page = replace(SUBMITTED, answer={"by": "page"})
    assert rules([ENQUEUED, given(3), by_page]) == set()
    assert "answer lost" in rules([ENQUEUED, given(3), by_page], reviews={}, decisions={})
    other = replace(REVIEW, labels=("fine",))
    assert "answer changed" in rules([ENQUEUED, given(3), by_page], reviews={"v1": other})


def test_a_person_who_answered_is_not_served_what_came_of_the_case():
    sent_up = replace(SUBMITTED, kind="skip", answer={"review": "v1"})
    calls = [ENQUEUED, given(3), sent_up, given(7, token="t2", case="c2")]
    cases = {"c1": KeptCase(places=("decided",)), "c2": KeptCase(parent="c1", places=("pending",))}
    assert "person served again" in rules(calls, cases=cases)


def test_calls_are_read_as_they_were_noted(tmp_path):
    with (tmp_path / "1").open("w") as file:
        for one in reversed(WHOLE_CALLS):
            write_call(file, one)
    assert read_calls([tmp_path / "1"]) == WHOLE_CALLS

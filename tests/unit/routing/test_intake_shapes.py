"""What needs no database in intake: the arithmetic, the verdict on a yield, the editor's acts, the shapes."""

import pytest

from watchfloor.kernel import Estimate
from watchfloor.operations.intake.figures import yield_verdict
from watchfloor.operations.intake.reports import ReportRefusedError
from watchfloor.operations.intake.rule_forms import Draft, DraftCondition, DraftRule, act, read_draft
from watchfloor.operations.intake.shapes_atproto import label_of, subject_of
from watchfloor.operations.intake.shapes_coop import content_of, item_of
from watchfloor.operations.intake.workload import workload


def test_the_workload_of_a_strategy_can_be_followed_by_hand():
    work = workload(cases_a_day=2400, handle_seconds=90, violative_share=0.2, cost_per_hour=21)
    assert work.hours_a_day == pytest.approx(60)  # 2,400 × 90 s ÷ 3,600
    assert work.heads == pytest.approx(60 * 7 / 22.4)  # 40 h × 0.7 × 0.8 of handling a week
    assert work.at_peak == pytest.approx(5.625)  # 1.8 × 100 an hour × 90 s ÷ 3,600 ÷ 0.8
    assert work.backlog_after_peak == pytest.approx(320)  # 0.8 × 100 more an hour, four hours
    assert work.longest_wait_seconds == pytest.approx(320 / 100 * 3600)
    assert work.cost_per_true_positive == pytest.approx(60 * 21 / 480)


def test_without_a_share_or_a_cost_there_is_no_price():
    assert workload(cases_a_day=10, handle_seconds=9).cost_per_true_positive is None
    assert workload(cases_a_day=10, handle_seconds=9, violative_share=0.0, cost_per_hour=9.0).cost_a_day
    assert workload(cases_a_day=0, handle_seconds=9).longest_wait_seconds == 0


@pytest.mark.parametrize(
    ("estimate", "expected", "verdict"),
    [
        (Estimate(0.05, 0.03, 0.08, n=400), 0.1, "low"),
        (Estimate(0.09, 0.06, 0.12, n=400), 0.1, "open"),  # the point is below, the bound is not
        (Estimate(0.15, 0.12, 0.18, n=400), 0.1, "met"),
        (Estimate(0.0, 0.0, 0.05, n=20), 0.1, "few"),
        (None, 0.1, "unknown"),
        (Estimate(0.05, None, None, n=400), 0.1, "unknown"),
        (Estimate(0.05, 0.03, 0.08, n=400), None, "unknown"),
    ],
)
def test_a_yield_is_judged_by_the_bound_of_its_interval(estimate, expected, verdict):
    assert yield_verdict(estimate, expected=expected) == verdict


def test_rules_move_grow_and_shrink_and_the_reader_stays_where_they_were():
    draft = Draft(rules=tuple(DraftRule(name) for name in "abc"))
    assert [rule.name for rule in act(draft, "down:0").rules] == ["b", "a", "c"]
    assert act(draft, "down:0").focus == "down:1"
    assert act(draft, "up:0").rules == draft.rules
    assert [rule.name for rule in act(draft, "remove:1").rules] == ["a", "c"]
    grown = act(draft, "more:2")
    assert (grown.rules[2].conditions, grown.focus) == ((DraftCondition(),), "r2-c0-field")
    assert act(grown, "less:2:0").rules == draft.rules
    assert len(act(draft, "add").rules) == 4
    for nonsense in ("", "up", "up:99", "drop:1", "less:0:7", "up:-1"):
        assert {rule.name for rule in act(draft, nonsense).rules} == {"a", "b", "c"}


def test_a_form_is_read_in_its_order_whatever_its_names_hold():
    posted = {
        "r10-name": "late",
        "r2-name": "early",
        "r2-c1-field": "labels",
        "rx-name": "?",
        "r2-c1-value": " a ",
    }
    draft = read_draft(posted)
    assert [rule.name for rule in draft.rules] == ["early", "late"]
    assert draft.rules[0].conditions == (DraftCondition("labels", "", "a"),)


@pytest.mark.parametrize(
    ("reason", "label"),
    [
        ("com.atproto.moderation.defs#reasonRude", "rude"),
        ("tools.ozone.report.defs#reasonHarassmentHateSpeech", "harassment_hate_speech"),
        ("tools.ozone.report.defs#reasonSexualNCII", "sexual_ncii"),
        ("tools.ozone.report.defs#reasonSelfHarmED", "self_harm_ed"),
    ],
)
def test_a_reason_of_atproto_becomes_a_label(reason, label):
    assert label_of(reason) == label


def test_what_is_no_reason_is_refused():
    with pytest.raises(ReportRefusedError, match="unknown"):
        label_of("com.example.defs#reasonSpam")


def test_a_record_names_its_collection_and_its_account():
    uri = "at://did:web:example.org/app.bsky.actor.profile/self"
    assert subject_of({"$type": "com.atproto.repo.strongRef", "uri": uri}) == (
        uri,
        "profile",
        "did:web:example.org",
    )


def test_an_items_data_takes_the_places_that_pages_know_and_loses_nothing():
    data = {"title": "T", "body": "B", "video": "https://v.example/1", "likes": 2, "images": [1]}
    assert content_of({"id": "1", "typeId": "post", "data": data}) == {
        "title": "T",
        "text": "B",
        "media": [{"kind": "video", "url": "https://v.example/1"}],
        "likes": 2,
        "images": [1],
    }


def test_an_edited_item_is_another_case_and_a_resent_one_is_not():
    item = {"id": "1", "typeId": "post", "data": {"a": 1, "b": 2}}
    same = item | {"data": {"b": 2, "a": 1}}
    keys = [item_of(one, queue="", strategy="").client_key for one in (item, same, item | {"data": {}})]
    assert keys[0] == keys[1] != keys[2]

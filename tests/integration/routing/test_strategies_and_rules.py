"""Strategies and rule sets in the database: rights, versions, throttles, races."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from watchfloor.operations.people.models import DataBoundary
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.services import NewQueue, create_queue
from watchfloor.operations.record.models import AuditEntry, ChangeEvent
from watchfloor.operations.record.viewers import GrantScope, NotPermittedError, Viewer
from watchfloor.operations.routing.conditions import Routable
from watchfloor.operations.routing.models import RuleSet, Strategy, StrategyHour
from watchfloor.operations.routing.selectors import strategies
from watchfloor.operations.routing.services import (
    Admission,
    NewRule,
    RoutingError,
    StrategyTerms,
    activate_rule_set,
    admit,
    approve_strategy,
    count_refused,
    draft_rule_set,
    end_due,
    fingerprint,
    route_batch,
    save_strategy,
    set_strategy_state,
    settle,
)

NOW = datetime(2026, 3, 2, 9, 20, tzinfo=UTC)
ALL, OTHER = Viewer.system("test"), Viewer.system("another")
GERMAN = NewRule("German", "german", ({"field": "language", "operator": "is", "value": "de"},))


def _queue(slug: str, *, state: str = "live", **changes) -> Queue:
    new = replace(NewQueue(slug=slug, title=slug, group="text", surface="comment"), **changes)
    queue = create_queue(new=new, by=ALL, now=NOW)
    Queue.objects.filter(pk=queue.pk).update(state=state)
    return queue


def _strategy(slug: str = "risky", *, state: str = "on", **terms) -> Strategy:
    made = save_strategy(slug=slug, terms=StrategyTerms(name=slug, **terms), by=ALL, now=NOW)
    approve_strategy(slug=slug, seen=fingerprint(made), by=OTHER, now=NOW)
    return set_strategy_state(slug=slug, state=state, by=ALL, now=NOW)


def _cases(count: int, strategy: str = "risky") -> list[Admission]:
    return [Admission(index, strategy, f"key-{index}") for index in range(count)]


@pytest.mark.django_db
def test_rules_route_once_they_are_in_force_and_an_earlier_version_is_the_way_back():
    _queue("german")
    _queue("rest")
    first = draft_rule_set(rules=[], default_queue="rest", by=ALL, now=NOW)
    with pytest.raises(RoutingError, match="No routing rules are in force"):
        route_batch(cases=[Routable()])
    activate_rule_set(version=first.version, by=ALL, now=NOW)
    second = draft_rule_set(rules=[GERMAN], default_queue="rest", by=ALL, now=NOW)
    cases = [Routable(language="de"), Routable(language="fr")]
    assert [each.queue for each in route_batch(cases=cases)] == ["rest", "rest"]
    activate_rule_set(version=second.version, by=ALL, now=NOW)
    assert [each.queue for each in route_batch(cases=cases)] == ["german", "rest"]
    activate_rule_set(version=first.version, by=ALL, now=NOW)
    assert [each.queue for each in route_batch(cases=cases)] == ["rest", "rest"]
    assert ChangeEvent.objects.filter(object_kind="routing").count() == 3
    assert RuleSet.objects.filter(state="active").count() == 1


@pytest.mark.django_db
def test_rules_that_cannot_be_used_are_refused_with_each_reason():
    wrong = NewRule("Odd", "nowhere", ({"field": "colour", "operator": "is", "value": "red"},))
    with pytest.raises(RoutingError, match=r"no queue 'nowhere'.*Rule 1 \(Odd\).*no field 'colour'"):
        draft_rule_set(rules=[wrong], default_queue="", by=ALL, now=NOW)
    _queue("german", state="retired")
    drafted = draft_rule_set(rules=[GERMAN], default_queue="", by=ALL, now=NOW)
    with pytest.raises(RoutingError, match=r"1 \(german\) lead to queues that take no cases"):
        activate_rule_set(version=drafted.version, by=ALL, now=NOW)


@pytest.mark.django_db
def test_only_who_may_approve_everywhere_puts_rules_in_force():
    _queue("german")
    drafted = draft_rule_set(rules=[GERMAN], default_queue="german", by=ALL, now=NOW)
    narrow = Viewer("narrow", grants=(GrantScope("strategist", queue_group="text"),))
    with pytest.raises(NotPermittedError):
        activate_rule_set(version=drafted.version, by=narrow, now=NOW)
    with pytest.raises(NotPermittedError):
        draft_rule_set(
            rules=[], default_queue="german", by=Viewer("a", grants=(GrantScope("analyst"),)), now=NOW
        )
    activate_rule_set(version=drafted.version, by=Viewer("s", grants=(GrantScope("strategist"),)), now=NOW)


@pytest.mark.django_db
def test_a_strategy_takes_up_to_its_throttle_each_clock_hour():
    strategy = _strategy(throttle_per_hour=5)
    assert admit(cases=_cases(3), now=NOW).refusals == ()
    refused = admit(cases=_cases(4), now=NOW).refusals
    assert [each.index for each in refused] == [2, 3]
    assert "5 cases an hour" in refused[0].message
    assert StrategyHour.objects.get(strategy=strategy).taken == 5
    assert admit(cases=_cases(5), now=NOW + timedelta(hours=1)).refusals == ()
    count_refused(refusals=refused, now=NOW)
    assert StrategyHour.objects.get(strategy=strategy, starts_at__lte=NOW).refused == 2


@pytest.mark.django_db
def test_an_ended_strategy_sends_nothing_and_one_in_canary_its_share_alike_each_time():
    _strategy("ended", state="ended")
    assert len(admit(cases=_cases(2, "ended"), now=NOW).refusals) == 2
    _strategy("trial", state="canary", canary_share=0.2)
    first = [each.index for each in admit(cases=_cases(1000, "trial"), now=NOW).refusals]
    assert 750 < len(first) < 850
    assert first == [each.index for each in admit(cases=_cases(1000, "trial"), now=NOW).refusals]
    assert admit(cases=_cases(2, "never-registered"), now=NOW).refusals == ()


@pytest.mark.django_db
def test_a_strategy_ends_by_itself_and_cannot_be_switched_on_after_its_end():
    _strategy(ends_at=NOW + timedelta(hours=1))
    assert end_due(now=NOW) == 0
    later = NOW + timedelta(hours=2)
    assert len(admit(cases=_cases(1), now=later).refusals) == 1  # even before the job came by
    assert end_due(now=later) == 1
    with pytest.raises(RoutingError, match="ended at"):
        set_strategy_state(slug="risky", state="on", by=ALL, now=later)


@pytest.mark.django_db
def test_terms_that_cannot_be_are_refused_and_every_change_is_recorded():
    with pytest.raises(RoutingError, match=r"1.5 lies outside.*takes nothing"):
        save_strategy(
            slug="x", terms=StrategyTerms("x", canary_share=1.5, throttle_per_hour=0), by=ALL, now=NOW
        )
    _strategy()
    save_strategy(slug="risky", terms=StrategyTerms("risky", throttle_per_hour=9), by=ALL, now=NOW)
    change = ChangeEvent.objects.get(object_kind="strategy", detail__has_key="throttle_per_hour")
    assert change.detail["throttle_per_hour"] == {"before": None, "after": 9}
    assert AuditEntry.objects.filter(object_kind="strategy").count() == 4


@pytest.mark.django_db
def test_another_person_approves_what_they_read_and_nothing_is_sent_before():
    made = save_strategy(slug="x", terms=StrategyTerms("x"), by=ALL, now=NOW)
    with pytest.raises(RoutingError, match="not approved"):
        set_strategy_state(slug="x", state="canary", by=ALL, now=NOW)
    with pytest.raises(RoutingError, match="cannot approve it too"):
        approve_strategy(slug="x", seen=fingerprint(made), by=ALL, now=NOW)
    read = fingerprint(made)
    made = save_strategy(slug="x", terms=StrategyTerms("x", throttle_per_hour=7), by=ALL, now=NOW)
    with pytest.raises(RoutingError, match="changed since"):
        approve_strategy(slug="x", seen=read, by=OTHER, now=NOW)
    approve_strategy(slug="x", seen=fingerprint(made), by=OTHER, now=NOW)
    assert set_strategy_state(slug="x", state="canary", by=ALL, now=NOW).approved_by == "another"
    with pytest.raises(NotPermittedError):
        approve_strategy(slug="x", seen="", by=Viewer("e", grants=(GrantScope("engineer"),)), now=NOW)


@pytest.mark.django_db
def test_terms_changed_while_nothing_is_sent_need_approval_anew():
    _strategy(state="canary")
    kept = save_strategy(slug="risky", terms=StrategyTerms("risky", throttle_per_hour=3), by=ALL, now=NOW)
    assert kept.approved_at is not None
    set_strategy_state(slug="risky", state="ended", by=ALL, now=NOW)
    changed = save_strategy(slug="risky", terms=StrategyTerms("risky"), by=ALL, now=NOW)
    assert changed.approved_at is None


@pytest.mark.django_db
def test_what_was_counted_and_not_made_is_taken_back():
    strategy = _strategy(throttle_per_hour=9)
    _strategy("free")
    admitted = admit(cases=[*_cases(3), *_cases(2, "free")], now=NOW)
    settle(admitted=admitted, made={"risky": 1, "free": 2}, now=NOW)
    assert StrategyHour.objects.get(strategy=strategy).taken == 1
    assert StrategyHour.objects.get(strategy__slug="free").taken == 2


@pytest.mark.django_db
def test_a_boundary_hides_a_strategy_and_keeps_its_cases_inside():
    boundary = DataBoundary.objects.create(slug="eu", name="EU")
    _queue("inside", data_boundary=boundary)
    _queue("open")
    save_strategy(slug="secret", terms=StrategyTerms("secret"), by=ALL, now=NOW, data_boundary_id=boundary.pk)
    outside = Viewer("o", grants=(GrantScope("strategist"),))
    assert [each.slug for each in strategies(viewer=outside)] == []
    assert [each.slug for each in strategies(viewer=ALL)] == ["secret"]
    rules = [NewRule("all", "open"), NewRule("inside", "inside")]
    drafted = draft_rule_set(rules=rules, default_queue="open", by=ALL, now=NOW)
    activate_rule_set(version=drafted.version, by=ALL, now=NOW)
    routed = route_batch(cases=[Routable(strategy="secret"), Routable(strategy="other")])
    assert [each.queue for each in routed] == ["inside", "open"]


@pytest.mark.django_db(transaction=True)
def test_two_batches_at_once_do_not_both_fit_under_one_throttle():
    _strategy(throttle_per_hour=10)
    refused: list[int] = []
    barrier = threading.Barrier(4)

    def send() -> None:
        try:
            barrier.wait(timeout=20)
            for _ in range(3):
                with transaction.atomic():
                    refused.append(len(admit(cases=_cases(2), now=NOW).refusals))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert 24 - sum(refused) == 10
    assert StrategyHour.objects.get().taken == 10

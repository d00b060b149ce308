"""Routing rules: what holds, which rule is first, what a queue on trial takes, what would move."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.operations.routing.conditions import Routable, condition_faults, first_match, holds
from watchfloor.operations.routing.rules import Plan, Target, asked_fields, draw, moves, route_one


def _when(field: str, operator: str, value: object = None) -> dict[str, object]:
    return {"field": field, "operator": operator} | ({} if value is None else {"value": value})


CASE = Routable(
    key="k", surface="video", language="de", labels=("spam", "scam"), risk_score=0.7, author_violations_90d=2
)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (_when("language", "is", "de"), True),
        (_when("language", "is_not", "de"), False),
        (_when("language", "any_of", ["fr", "de"]), True),
        (_when("language", "none_of", ["fr", "de"]), False),
        (_when("market", "is", "DE"), False),
        (_when("market", "unknown"), True),
        (_when("labels", "any_of", ["scam"]), True),
        (_when("labels", "all_of", ["scam", "spam"]), True),
        (_when("labels", "all_of", ["scam", "hate"]), False),
        (_when("labels", "none_of", ["hate"]), True),
        (_when("risk_score", "at_least", 0.7), True),
        (_when("risk_score", "below", 0.7), False),
        (_when("media_seconds", "below", 60), False),  # not known meets no threshold
        (_when("media_seconds", "at_least", 0), False),
        (_when("author_violations_90d", "known"), True),
    ],
)
def test_a_condition_holds_or_not(condition, expected):
    assert condition_faults([condition]) == []
    assert holds(condition, CASE) is expected


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (_when("colour", "is", "red"), "no field 'colour'"),
        (_when("risk_score", "is", "high"), "cannot be asked 'is'"),
        (_when("risk_score", "at_least", "high"), "'high' is no value"),
        (_when("risk_score", "at_least", True), "True is no value"),
        (_when("language", "any_of", []), "[] is no value"),
        ({"field": "language"}, "cannot be asked"),
        ("language = de", "is not a condition"),
    ],
)
def test_a_wrong_condition_is_named(condition, said):
    (fault,) = condition_faults([condition])
    assert said in fault


def _plan(*targets: Target, conditions=None, default=None) -> Plan:
    rules = conditions or [()] * len(targets)
    return Plan(1, tuple(tuple(each) for each in rules), tuple(t.slug for t in targets), targets, default)


def test_the_first_rule_that_matches_wins_and_the_default_takes_the_rest():
    plan = _plan(
        Target("german"),
        Target("risky"),
        conditions=[[_when("language", "is", "de")], [_when("risk_score", "at_least", 0.5)]],
        default=Target("rest"),
    )
    assert route_one(plan, CASE).queue == "german"
    assert route_one(plan, Routable(risk_score=0.9)).queue == "risky"
    assert route_one(plan, Routable()).queue == "rest"


def test_a_queue_on_trial_takes_its_share_and_leaves_the_others_to_the_rules_below():
    plan = _plan(Target("trial", intake_share=0.25), Target("old"))
    taken = [route_one(plan, Routable(key=str(key))).queue for key in range(4000)]
    assert 0.22 < taken.count("trial") / 4000 < 0.28
    assert set(taken) == {"trial", "old"}
    assert taken == [route_one(plan, Routable(key=str(key))).queue for key in range(4000)]


@pytest.mark.parametrize(
    ("boundary", "expected"), [("", "open"), ("eu", "inside"), ("us", "")], ids=["none", "inside", "unknown"]
)
def test_no_case_crosses_a_boundary(boundary, expected):
    plan = _plan(Target("inside", data_boundary="eu"), Target("open"), default=Target("rest"))
    assert route_one(plan, Routable(), boundary=boundary).queue == expected


def test_the_bench_says_which_cases_would_move_and_what_each_queue_would_get():
    plan = _plan(Target("b"), Target("a"), conditions=[[_when("language", "is", "de")], []])
    cases = [("a", Routable(language=code), "") for code in ("de", "fr", "de")]
    found = moves(plan, cases)
    assert found.by_pair == {("a", "b"): (0, 2), ("a", "a"): (1,)}
    assert (found.moved, found.total) == (2, 3)
    assert found.arrivals() == {"a": (3, 1), "b": (0, 2)}


def test_a_queue_that_takes_no_cases_or_not_the_language_is_passed_over():
    plan = _plan(Target("shut", accepts=False), Target("french", languages=frozenset({"fr"})), Target("rest"))
    assert route_one(plan, Routable(language="de")).queue == "rest"
    assert route_one(plan, Routable(language="fr")).queue == "french"
    assert route_one(plan, Routable()).queue == "french"


def test_a_plan_says_which_fields_it_asks_for():
    plan = _plan(Target("a"), Target("b"), conditions=[[_when("author_cases_90d", "at_least", 3)], []])
    assert asked_fields(plan) == {"author_cases_90d"}


@given(st.lists(st.booleans(), min_size=1, max_size=20))
def test_the_first_match_is_the_first_that_holds(held):
    rules = [[_when("language", "is", "de" if each else "fr")] for each in held]
    expected = held.index(True) if any(held) else None
    assert first_match(rules, Routable(language="de")) == expected


@given(st.text(max_size=40))
def test_a_draw_is_in_range_and_repeats(key):
    assert 0 <= draw(key, "salt") < 1
    assert draw(key, "salt") == draw(key, "salt")

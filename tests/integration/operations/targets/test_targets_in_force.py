"""Which target applies somewhere, then, and as it was known: nearest, contracts, ramps, restatements."""

from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.kernel import Scope
from watchfloor.metrics import Catalogue
from watchfloor.operations.record.models import AuditEntry, ChangeEvent, Event
from watchfloor.operations.record.viewers import GrantScope, NotPermittedError, Viewer
from watchfloor.operations.targets.errors import GuardError, OverlapError, ScopeError, TargetError
from watchfloor.operations.targets.guards import check_distinct, check_paired, check_weights
from watchfloor.operations.targets.models import Target
from watchfloor.operations.targets.publishing import NewTarget, withdraw_target, write_target
from watchfloor.operations.targets.resolver import applied, applied_many

pytestmark = pytest.mark.django_db
JUNE = datetime(2026, 6, 1, tzinfo=UTC)
JULY = datetime(2026, 7, 1, tzinfo=UTC)
AUGUST = datetime(2026, 8, 1, tzinfo=UTC)
BY = Viewer(name="ana", grants=(GrantScope("strategist"),))
SLA = Catalogue.standard()["sla_attainment"]
HERE = Scope.of({"queue": ["spam"]})


def publish(value, *, now=JUNE, by=BY, **values):
    new = NewTarget(**({"scope": {}, "kind": "floor", "effective_from": JUNE} | values), value=value)
    return write_target(new, definition=SLA, by=by, now=now)


def here(at=JUNE, scope=HERE, **known):
    return applied(metric_id="sla_attainment", scope=scope, at=at, **known)


def test_nothing_applies_where_nobody_set_a_target():
    assert here().target is None


def test_the_nearest_scope_wins_and_says_what_it_beat():
    wide = publish(0.90)
    near = publish(0.95, scope={"queue": ["spam", "hate"]})
    found = here()
    assert (found.target, found.beaten) == (near, (wide,))
    assert found.why == ("inherited", "nearer")
    assert here(scope=Scope.of({"queue": ["scam"]})).target == wide
    assert here(scope=Scope()).why == ("exact",)


def test_of_equal_scopes_the_contract_wins_whatever_came_later():
    contract = publish(0.97, scope={"queue": ["spam"]}, contractual=True, period="quarter")
    publish(0.99, scope={"queue": ["spam"]}, effective_from=JUNE + timedelta(days=1))
    found = here(at=JULY)
    assert found.target == contract
    assert found.why == ("exact", "contract")


def test_a_new_target_ends_the_old_one_where_it_starts_and_both_stay_known():
    old = publish(0.90)
    new = publish(0.95, effective_from=JULY, now=JUNE + timedelta(days=9))
    assert here(at=JULY - timedelta(seconds=1)).value == 0.90
    assert here(at=JULY).target == new
    assert new.target_id == old.target_id
    assert here(at=AUGUST, known_at=JUNE + timedelta(days=1)).target == old


def test_a_restatement_of_the_past_shows_both_what_held_then_and_what_holds_now():
    publish(0.90)
    publish(0.80, now=AUGUST)
    assert here(at=JULY, known_at=JULY).value == 0.90
    found = here(at=JULY, scope=Scope())
    assert (found.value, found.why) == (0.80, ("exact", "restated"))


def test_a_target_for_a_while_gives_way_to_the_one_before_it():
    publish(0.90)
    publish(0.70, effective_from=JULY, effective_to=AUGUST)
    assert [here(at=at).value for at in (JUNE, JULY, AUGUST)] == [0.90, 0.70, 0.90]


def test_a_ramp_is_on_its_way_until_its_last_step():
    publish(0.95, ramp=[(JUNE, 0.85), (JULY, 0.90), (AUGUST, 0.95)])
    assert [here(at=at).value for at in (JUNE, JULY, AUGUST)] == [0.85, 0.90, 0.95]
    assert "ramp" in here(at=JUNE).why


def test_a_stretch_stands_beside_the_floor():
    floor = publish(0.90)
    stretch = publish(0.97, kind="stretch")
    found = here()
    assert (found.target, found.stretch) == (floor, stretch)


def test_many_scopes_are_answered_in_one_query(django_assert_num_queries):
    publish(0.90)
    publish(0.95, scope={"queue": ["spam"]})
    asked = [("sla_attainment", Scope.of({"queue": [slug]})) for slug in ("spam", "hate")]
    with django_assert_num_queries(1):
        found = applied_many(asked, at=JULY)
    assert [each.value for each in found] == [0.95, 0.90]


def test_each_version_is_a_fact_a_change_and_an_audit_entry():
    publish(0.90)
    publish(0.95, effective_from=JULY)
    facts = Event.objects.filter(fact="target")
    assert facts.count() == 3  # the first, what remains of it, the second
    assert {row.payload["scope_json"] for row in facts} == {"{}"}
    assert ChangeEvent.objects.filter(object_kind="target").count() == 2
    assert AuditEntry.objects.filter(object_kind="target").count() == 2


def test_a_withdrawn_target_held_until_then():
    target = publish(0.90)
    with pytest.raises(TargetError, match="reason"):
        withdraw_target(target_id=target.target_id, reason=" ", by=BY, now=JULY)
    withdraw_target(target_id=target.target_id, reason="The queue closed.", by=BY, now=JULY)
    assert here(at=JUNE).value == 0.90
    assert here(at=JULY).target is None
    with pytest.raises(TargetError, match="no target"):
        withdraw_target(target_id=target.target_id, reason="Again.", by=BY, now=AUGUST)
    looker = Viewer(name="lee", grants=(GrantScope("team_lead"),))
    with pytest.raises(NotPermittedError):
        withdraw_target(target_id=target.target_id, reason="No.", by=looker, now=AUGUST)


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({"value": 95.0}, GuardError, "not between 0 and 1"),
        ({"value": float("nan")}, GuardError, "no number"),
        ({"value": 0.9, "kind": "ceiling"}, GuardError, "rewards the wrong way"),
        ({"value": 0.9, "kind": "band"}, GuardError, "both edges"),
        ({"value": 0.9, "kind": "band", "upper": 0.8}, GuardError, "empty"),
        ({"value": 0.9, "scope": {"site": ["manila"]}}, ScopeError, "cannot be split by 'site'"),
        ({"value": 0.9, "scope": {"queue": []}}, ScopeError, "no value"),
        ({"value": 0.9, "effective_to": JUNE}, TargetError, "ends on"),
    ],
)
def test_what_cannot_be_a_target_is_refused_with_its_reason(values, error, words):
    with pytest.raises(error, match=words):
        publish(**values)
    assert not Target.objects.exists()


def test_only_a_contract_replaces_a_contract():
    publish(0.97, contractual=True)
    with pytest.raises(OverlapError, match="contract holds"):
        publish(0.90)
    assert publish(0.96, contractual=True).value == 0.96


def test_speed_alone_is_refused():
    quality = ("accuracy", "floor", {"site": ["manila"]})
    wellbeing = ("exposure_minutes", "ceiling", {})
    with pytest.raises(GuardError, match="floor on quality and ceiling"):
        check_paired("aht", scope={"site": ["manila"]}, beside=[])
    with pytest.raises(GuardError, match="ceiling on what people bear"):
        check_paired("aht", scope={"site": ["manila"]}, beside=[quality])
    check_paired("aht", scope={"site": ["manila"]}, beside=[quality, wellbeing])
    with pytest.raises(GuardError, match="floor on quality"):
        check_paired("aht", scope={"site": ["cebu"]}, beside=[quality, wellbeing])


def test_weights_sum_to_one_and_units_do_not_contain_one_another():
    check_weights([0.5, 0.5], names=["a", "b"])
    with pytest.raises(GuardError, match=r"sum to 0\.9"):
        check_weights([0.5, 0.4], names=["a", "b"])
    check_distinct([{"site": ["manila"]}, {"site": ["cebu"]}])
    with pytest.raises(GuardError, match="contain one another"):
        check_distinct([{"site": ["manila"]}, {"site": ["manila"], "queue": ["spam"]}])

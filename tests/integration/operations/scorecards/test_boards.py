"""A board of units: judged by evidence, within the viewer's reach, in no order that noise could give."""

import pytest

from watchfloor.metrics import Catalogue
from watchfloor.operations.people.models import User
from watchfloor.operations.record.viewers import GrantScope, NotFoundError, NotPermittedError, Viewer
from watchfloor.operations.scorecards.errors import ScorecardError
from watchfloor.operations.scorecards.selectors import board, own_card, unit_card
from watchfloor.operations.targets.publishing import NewTarget, write_target

pytestmark = pytest.mark.django_db
ALL = Viewer.system("test")


def aim(metric, kind, value, now, scope=None):
    new = NewTarget(scope or {}, kind, value, effective_from=now.replace(month=1))
    write_target(new, definition=Catalogue.standard()[metric], by=ALL, now=now)


def test_no_target_ships_so_nobody_is_judged_and_nothing_is_summed(facts, now):
    found = board("reviewer", "week", ALL, now=now)
    assert [card.unit.slug for card in found.cards] == ["d1", "d2", "d3", "m1", "m2", "m3"]
    figure = found.cards[0].figure("accuracy")
    assert (figure.status, figure.cell.n) == ("not_enough", 20)
    month = board("reviewer", "28d", ALL, now=now)
    assert {card.figure("accuracy").status for card in month.cards} == {"no_target"}
    assert {card.summary.value for card in month.cards} == {None}
    assert {card.gate for card in month.cards} == {"no_limit"}


def test_status_is_by_evidence_and_the_gate_overrules_the_summary(facts, now):
    aim("accuracy", "floor", 0.92, now)
    aim("critical_error_rate", "ceiling", 0.05, now)
    aim("gold_accuracy", "floor", 0.9, now)
    cards = {card.unit.slug: card for card in board("reviewer", "28d", ALL, now=now).cards}
    assert cards["m3"].figure("accuracy").status == "missed"
    assert cards["m3"].figure("accuracy").judged.stands_out
    assert cards["d3"].figure("accuracy").status == "inconclusive"
    assert cards["d3"].figure("accuracy").judged.audits_needed
    assert cards["m3"].gate == "failed"
    assert cards["d1"].gate in ("passed", "open")
    summary = cards["d1"].summary
    assert summary.value is not None
    assert summary.low < summary.value < summary.high
    shrunken = cards["m3"].figure("accuracy").shrunken
    assert shrunken.mean > cards["m3"].figure("accuracy").cell.estimate.value
    assert shrunken.missing > 0.99


def test_a_site_lead_sees_their_site_and_a_reviewer_nobody(facts, now):
    lead = Viewer(name="lead", grants=(GrantScope("site_lead", site="manila"),))
    found = board("reviewer", "28d", lead, now=now)
    assert [card.unit.slug for card in found.cards] == ["m1", "m2", "m3"]
    assert [card.unit.slug for card in board("team", "28d", lead, now=now).cards] == ["manila-b"]
    with pytest.raises(NotFoundError):
        unit_card("reviewer", "d1", "28d", viewer=lead, now=now)
    with pytest.raises(NotPermittedError):
        board("reviewer", "28d", Viewer(name="r", grants=(GrantScope("reviewer"),)), now=now)


def test_a_team_lead_sees_the_own_team_alone(facts, people, now):
    user = User.objects.create_user(email="lead@example.org", password=None)
    people["d1"].user = user
    people["d1"].save()
    lead = Viewer(name="lead", grants=(GrantScope("team_lead"),), user_id=user.pk)
    assert [card.unit.slug for card in board("reviewer", "28d", lead, now=now).cards] == ["d1", "d2", "d3"]
    assert [card.unit.slug for card in board("team", "28d", lead, now=now).cards] == ["dublin-a"]


def test_a_vendor_manager_sees_hours_of_the_vendors_site(facts, now):
    manager = Viewer(name="vm", grants=(GrantScope("vendor_manager", site="manila"),))
    cards = board("vendor", "month", manager, now=now).cards
    assert [card.unit.slug for card in cards] == ["acme"]
    delivered = cards[0].figure("vendor_delivery").cell
    assert (delivered.numerator, delivered.denominator) == (672.0, 700.0)
    elsewhere = Viewer(name="vm", grants=(GrantScope("vendor_manager", site="dublin"),))
    assert board("vendor", "month", elsewhere, now=now).cards == ()


def test_a_reviewers_own_card_shows_the_own_figures_with_case_mix(facts, people, now):
    user = User.objects.create_user(email="m3@example.org", password=None)
    people["m3"].user = user
    people["m3"].save()
    card, whole = own_card(user.pk, "28d", now=now)
    accuracy = card.figure("accuracy")
    assert accuracy.cell.n == 80
    assert accuracy.adjusted.ratio < 1
    assert accuracy.change.noise == "noise"
    assert len(accuracy.trend) >= 10
    assert whole.funnel("accuracy").phi >= 1
    with pytest.raises(NotFoundError, match="belongs to no reviewer"):
        own_card(user.pk + 1, now=now)


def test_a_funnel_replaces_the_league_table(facts, now):
    whole = board("reviewer", "28d", ALL, now=now)
    funnel = whole.funnel("accuracy")
    assert [point.slug for point in funnel.points] == ["d1", "d2", "d3", "m1", "m2", "m3"]
    assert funnel.low[1][0] <= funnel.low[0][0] < funnel.centre
    assert (
        not whole.separations["gold_accuracy"].is_table_shown
        if "gold_accuracy" in whole.separations
        else True
    )
    with pytest.raises(ScorecardError, match="no period"):
        board("reviewer", "decade", ALL, now=now)

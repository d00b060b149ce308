"""The methods side by side: what each asks, why it says nothing, and where they disagree."""

import pytest

from watchfloor.metrics import Catalogue
from watchfloor.operations.targets.methods import NAMES, Asked, UnitEvidence, achieved, side_by_side, spread

CATALOGUE = Catalogue.standard()
SLA, AHT = CATALOGUE["sla_attainment"], CATALOGUE["aht"]
UNITS = [
    UnitEvidence(0.5, 0.94, 0.93, 0.95, 1_000, effort=1.0),
    UnitEvidence(0.3, 0.90, 0.88, 0.92, 600, effort=1.0),
    UnitEvidence(0.2, 0.96, 0.94, 0.98, 400, effort=2.0),
]


def methods(units=UNITS, definition=SLA, **asked):
    return {
        one.name: one
        for one in side_by_side(units, Asked(**({"parent": 0.95} | asked)), definition=definition)
    }


def test_every_method_is_there_and_says_something_or_why_not():
    found = methods()
    assert tuple(found) == NAMES
    assert all(bool(one.values) != bool(one.why_not) for one in found.values())


def test_the_cascades_of_the_domain_reference():
    found = methods()
    assert found["equal_lift"].values == pytest.approx((0.958, 0.918, 0.978))
    assert found["effort"].values == pytest.approx((0.965, 0.915, 0.965))
    assert achieved(found["effort"].values, UNITS) == pytest.approx(0.95)


def test_proposals_are_reconciled_to_the_parent():
    asking = [UnitEvidence(one.weight, one.baseline, one.low, one.high, one.n, asked=0.94) for one in UNITS]
    found = methods(asking)["reconcile"]
    assert achieved(found.values, UNITS) == pytest.approx(0.95)
    assert found.values[0] < found.values[2]  # the surest moves least
    assert methods()["reconcile"].why_not == "no_proposals"


def test_capacity_asks_what_four_of_five_simulated_periods_reach():
    simulated = tuple(0.90 + at / 1_000 for at in range(101))
    units = [UnitEvidence(1.0, 0.95, n=100, simulated=simulated)]
    assert methods(units)["capacity"].values == pytest.approx((0.92,))
    assert methods()["capacity"].why_not == "no_simulation"
    assert methods(definition=AHT, parent=60)["capacity"].why_not == "needs_sla"


def test_a_season_needs_each_of_its_periods_twice():
    week = tuple(range(7))
    history = tuple(0.9 if day < 5 else 0.8 for day in week) * 2
    units = [UnitEvidence(1.0, 0.87, n=100, history=history)]
    found = methods(units, parent=0.87, seasons=week * 2, next_season=6)["seasonal"]
    assert found.values[0] < 0.87
    assert methods(units, seasons=week, next_season=6)["seasonal"].why_not == "short_history"
    assert methods(units)["seasonal"].why_not == "no_season"


def test_a_floor_is_what_is_asked_and_a_stretch_goes_further():
    found = methods()["floor_and_stretch"]
    assert found.values == pytest.approx((0.95, 0.95, 0.96))
    assert all(stretch > floor for floor, stretch in zip(found.values, found.stretch, strict=True))
    slower = methods([UnitEvidence(1.0, 70.0, n=100)], AHT, parent=60.0)["floor_and_stretch"]
    assert slower.values == (60.0,)
    assert slower.stretch[0] < 60.0


def test_harm_and_learning_ask_for_what_they_need():
    leakage = CATALOGUE["leakage_fo"]
    units = [UnitEvidence(1.0, 0.01, n=100, passes=10_000)]
    given = {"harm_budget": 1_000.0, "severity": 2.0, "views": 50.0, "parent": None}
    assert methods(units, leakage, **given)["harm"].values == pytest.approx((0.001,))
    assert methods(units, leakage)["harm"].why_not == "no_harm_budget"
    assert methods()["learning"].why_not == "no_tenure"
    assert methods()["harm"].why_not == "needs_leakage"


def test_where_methods_disagree_is_a_number():
    found = methods()
    told = [one.values[1] for one in found.values() if one.values]
    assert spread(list(found.values()), 1) == pytest.approx(max(told) - min(told))
    assert spread([], 0) is None


def test_nothing_is_derived_without_a_parent_or_a_baseline():
    assert methods(parent=None)["equal_lift"].why_not == "no_parent"
    assert methods([UnitEvidence(1.0, None)])["equal_lift"].why_not == "no_baseline"
    assert "sum" in methods([UnitEvidence(0.7, 0.9, n=9)])["equal_lift"].why_not

"""Where a period ends: sums, ratios and audited shares, what the rest must reach, and what nobody can say."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from watchfloor.kernel import Estimate, Period, Scope
from watchfloor.metrics import Catalogue, Cell
from watchfloor.operations.targets.projecting import Day, project

METRICS = Catalogue.standard()
JUNE = Period(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
AT = datetime(2026, 6, 21, tzinfo=UTC)


def days(above, below=1.0, *, since=datetime(2026, 5, 24, tzinfo=UTC)):
    count = (AT - since).days
    return [Day(since + timedelta(days=number), above, below) for number in range(count)]


def ended(metric, *, goal, better="higher_is_better", given=(), sampled=None, at=AT):
    return project(
        METRICS[metric], days=given, period=JUNE, at=at, goal=goal, better=better, sampled=sampled,
        rng=np.random.default_rng(1),
    )  # fmt: skip


def test_a_sum_goes_on_as_its_days_did():
    found = ended("completed", goal=3_000, given=days(100.0))
    assert (found.value, found.probability, found.done) == (3_000, 1.0, 2_000)
    assert found.required == pytest.approx(100)
    assert [round(value) for _, value in found.passed[-2:]] == [1_900, 2_000]
    assert len(found.fan) == 10


def test_a_ratio_says_what_its_rest_must_reach():
    found = ended("sla_attainment", goal=0.95, given=days(90.0, 100.0))
    assert found.value == pytest.approx(0.9)
    # (0.95 × 3,000 − 1,800) ÷ 1,000 is more than all of them.
    assert (found.required, found.verdict, found.probability) == (pytest.approx(1.05), "impossible", 0.0)
    assert found.missing == pytest.approx(150)
    assert ended("sla_attainment", goal=0.6, given=days(90.0, 100.0)).verdict == "secured"


def test_a_mean_may_be_kept_below_a_ceiling():
    found = ended("aht", goal=62.0, better="lower_is_better", given=days(6_000.0, 100.0))
    assert found.required == pytest.approx(66)
    assert found.probability == 1.0
    assert found.missing == 0


@pytest.mark.parametrize(
    ("found_right", "verdict", "probability"), [(290, "open", 0.99), (270, "impossible", 0.0)]
)
def test_an_audited_share_follows_the_beta_binomial(found_right, verdict, probability):
    # 300 audits in 22.5 of 30 days: 400 there will be, as in the domain reference.
    share = found_right / 300
    cell = Cell(
        "accuracy", 1, Scope(), JUNE, None, None, None, Estimate(share, n=300), 300.0, 300, 300.0, AT, None,
        "exact", "share",
    )  # fmt: skip
    found = ended("accuracy", goal=0.95, sampled=cell, at=JUNE.start + timedelta(days=22.5))
    assert found.verdict == verdict
    assert found.probability == pytest.approx(probability, abs=0.01)
    if verdict == "open":
        assert found.required == pytest.approx(0.9)
        assert found.probability == pytest.approx(0.994933, abs=1e-6)


def test_what_cannot_be_carried_on_says_why():
    assert ended("tat_p90", goal=60.0, given=days(1.0)).why_not == "not_carried_on"
    assert ended("completed", goal=60.0, given=days(1.0)[-3:]).why_not == "few_days"
    assert ended("accuracy", goal=0.9).why_not == "no_data"

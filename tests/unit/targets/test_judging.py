"""Whether a miss is a miss: samples by their interval, a census by its value, many cells together."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from watchfloor.kernel import Estimate, Period, Scope
from watchfloor.metrics import Catalogue, Cell
from watchfloor.operations.targets.judging import judge
from watchfloor.operations.targets.models import Target
from watchfloor.operations.targets.resolver import NOTHING, Applied

NOW = datetime(2026, 6, 1, tzinfo=UTC)
JUNE = Period(NOW, datetime(2026, 7, 1, tzinfo=UTC))
CATALOGUE = Catalogue.standard()
SAMPLED, CENSUS = "skip_rate", "sla_attainment"
ALL = Scope()


def cell(metric, value, *, low=None, high=None, n=400, scope=ALL):
    estimate = Estimate(value, low, high, n, None, "W" if low is not None else "none")
    share = None if value is None else value * n
    return Cell(
        metric, 1, scope, JUNE, None, share, float(n), estimate, None, n, None, NOW, None, "exact", "share"
    )


def held(value, *, kind="floor", upper=None, min_n=30, **more):
    direction = "lower_is_better" if kind == "ceiling" else "higher_is_better"
    target = Target(
        target_id=uuid4(), metric_id="any", kind=kind, value=value, upper=upper, direction=direction,
        min_n=min_n, scope={}, **more,
    )  # fmt: skip
    return Applied(target, value, upper)


def one(measured, applied, **more):
    return judge([measured], [applied], definitions=CATALOGUE, **more).judged[0]


@pytest.mark.parametrize(
    ("low", "high", "expected"), [(0.01, 0.03, "met"), (0.06, 0.09, "missed"), (0.04, 0.06, "inconclusive")]
)
def test_a_sample_is_judged_by_its_interval(low, high, expected):
    found = one(cell(SAMPLED, (low + high) / 2, low=low, high=high), held(0.05, kind="ceiling"))
    assert (found.status, found.sampled) == (expected, True)


def test_an_undecided_sample_says_how_many_audits_would_decide():
    found = one(cell(SAMPLED, 0.07, low=0.04, high=0.10), held(0.05, kind="ceiling"))
    assert found.status == "inconclusive"
    assert found.audits_needed == 626  # 1.96² · .07 · .93 ÷ .02²
    assert 0.0 < found.probability < 0.5


def test_a_census_is_judged_by_its_value_and_its_process_apart():
    history = [0.93, 0.97, 0.92, 0.96, 0.94, 0.95, 0.91, 0.96]
    calm = one(cell(CENSUS, 0.94), held(0.95), histories={(CENSUS, ALL): history})
    assert (calm.status, calm.noise) == ("missed", "noise")
    broken = one(cell(CENSUS, 0.70), held(0.95), histories={(CENSUS, ALL): history})
    assert (broken.status, broken.noise) == ("missed", "signal")
    unknown = one(cell(CENSUS, 0.94), held(0.95))
    assert unknown.noise == ""


def test_a_census_without_history_is_judged_by_what_its_process_could_give():
    assert one(cell(CENSUS, 0.94, low=0.92, high=0.96), held(0.95)).noise == "noise"
    assert one(cell(CENSUS, 0.90, low=0.88, high=0.92), held(0.95)).noise == "signal"


def test_no_data_too_few_and_no_target_are_told_apart():
    assert one(cell(CENSUS, None, n=0), held(0.95)).status == "no_data"
    assert one(cell(CENSUS, 0.99, n=29), held(0.95)).status == "no_data"
    assert one(cell(CENSUS, 0.99), NOTHING).status == "no_target"


@pytest.mark.parametrize(("value", "expected"), [(0.85, "met"), (0.79, "missed"), (0.93, "missed")])
def test_a_band_is_kept_inside_and_missed_outside(value, expected):
    assert one(cell(CENSUS, value), held(0.8, kind="band", upper=0.9)).status == expected


def test_the_shortfall_is_in_cases_and_a_small_one_is_not_material():
    measured = cell(CENSUS, 0.94, n=1_000)
    assert one(measured, held(0.95)).shortfall == pytest.approx(10)
    assert one(measured, held(0.95, material_units=11)).material is False
    assert one(measured, held(0.95, material_units=10 - 1e-9)).material is True


def test_of_many_cells_that_just_keep_their_target_hardly_any_stands_out():
    import numpy as np

    rng = np.random.default_rng(7)
    scopes = [Scope.of({"queue": [f"q{at}"]}) for at in range(400)]
    shares = rng.binomial(400, 0.95, size=400) / 400
    cells = [cell(SAMPLED, share, scope=scope) for share, scope in zip(shares, scopes, strict=True)]
    board = judge(cells, [held(0.95)] * 400, definitions=CATALOGUE)
    assert sum(one.stands_out for one in board.judged) <= 1
    assert board.by_chance == pytest.approx(10)


def test_a_real_miss_stands_out_among_many():
    calm = [cell(SAMPLED, 0.95, scope=Scope.of({"queue": [f"q{at}"]})) for at in range(50)]
    bad = cell(SAMPLED, 0.80, scope=Scope.of({"queue": ["bad"]}), low=0.76, high=0.84)
    board = judge([*calm, bad], [held(0.95)] * 51, definitions=CATALOGUE)
    assert [one.cell.scope.label() for one in board.judged if one.stands_out] == ["queue=bad"]
    assert board.expected_false_alarms == pytest.approx(0.05)
    assert board.counts["missed"] == 1

"""The arithmetic of staffing and of audit plans: hand-computed cases, and what more of anything does."""

import pytest

from watchfloor.operations.launches.audit_planning import AuditPlanError, audit_plan
from watchfloor.science.sampling.sizes import size_for_half_width
from watchfloor.science.staffing import Demand, erlang_c, on_time, plan, required_agents, with_shrinkage

DEMAND = Demand(1200, 40, 3600, 0.95)


def test_erlang_c_meets_cases_done_by_hand():
    # One server: the chance of waiting is the load. Two servers, load 1: 1/3.
    assert erlang_c(agents=1, load=0.4) == pytest.approx(0.4)
    assert erlang_c(agents=2, load=1.0) == pytest.approx(1 / 3)
    assert erlang_c(agents=3, load=3.0) == 1.0


def test_a_call_centre_of_a_hundred_calls_needs_the_published_eight():
    # 100 calls an hour of three minutes, 80 % within 20 s: 5 Erlang, 8 agents.
    assert required_agents(Demand(100, 180, 200, 0.8, 1.0)) == 8
    assert on_time(agents=8, demand=Demand(100, 180, 200, 0.8)) == pytest.approx(0.880, abs=0.005)


def test_the_staff_is_the_least_that_keeps_promise_and_occupancy():
    found = plan(demand=DEMAND, full_time=25, shrinkage=0.3, forecast_error=0.1)
    assert found.agents == 15  # 13.3 Erlang, at most 90 % busy
    assert found.full_time == pytest.approx(21.4286, abs=1e-3)
    assert with_shrinkage(100, shrinkage=0.30) == pytest.approx(142.857, abs=1e-3)
    # 17 seats at 90 % carry 15.3 Erlang: 14.75 % above the forecast, 1.475 standard deviations.
    assert found.gap_probability == pytest.approx(0.0701, abs=1e-3)


def test_more_people_never_raise_the_chance_of_a_gap():
    chances = [
        plan(demand=DEMAND, full_time=n, shrinkage=0.3, forecast_error=0.1).gap_probability
        for n in range(0, 40, 4)
    ]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] == 1.0
    assert plan(demand=DEMAND, full_time=40, shrinkage=0.3, forecast_error=0.0).gap_probability == 0.0


def test_a_promise_shorter_than_the_work_is_refused():
    with pytest.raises(ValueError, match="shorter"):
        required_agents(Demand(10, 600, 60, 0.9))


def test_sizes_for_a_half_width_are_the_published_ones():
    sizes = [size_for_half_width(share=0.95, half_width=width) for width in (0.01, 0.02, 0.05)]
    assert sizes == [1825, 457, 73]
    assert size_for_half_width(share=0.97, half_width=0.01) == 1118
    assert size_for_half_width(share=0.95, half_width=0.01, population=50) == 49


def test_a_small_stratum_needs_fewer_audits_and_never_more_than_it_has():
    found = audit_plan(
        by="language", populations={"en": 100_000, "es": 400, "sw": 4}, half_width=0.03, accuracy=0.95
    )
    assert found.sizes == {"en": 203, "es": 135, "sw": 4}
    assert found.share == pytest.approx(342 / 100_404)


@pytest.mark.parametrize(
    "changes",
    [{"by": "mood"}, {"populations": {}}, {"populations": {"en": 0}}, {"half_width": 0.0}, {"accuracy": 1.0}],
)
def test_plans_out_of_range_are_refused(changes):
    values = {"by": "language", "populations": {"en": 10}, "half_width": 0.03, "accuracy": 0.95}
    with pytest.raises(AuditPlanError):
        audit_plan(**(values | changes))

"""Plans, careers, forecasts, cost and certificates against plain Python over the same rows."""

from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.kernel import Period
from watchfloor.metrics.answering import answer
from watchfloor.metrics.catalogue import Catalogue
from watchfloor.metrics.cells import Query
from watchfloor.metrics.questions import RefusedError

DAY = datetime(2026, 5, 4, tzinfo=UTC)
NOW = DAY + timedelta(days=3)
HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    return DAY + timedelta(hours=hours)


@pytest.fixture(scope="module")
def ask(tmp_path_factory, make_planned_store, engine):
    store, *_ = make_planned_store(tmp_path_factory.mktemp("plans"))

    def asked(*metrics: str, **query):
        period = query.pop("period", Period(DAY, at(24)))
        asked_for = Query(metrics, period, **query)
        known = Catalogue.standard()
        return answer(asked_for, catalogue=known, store=store, engine=engine, now=NOW).cells

    return asked


SCHEDULED = 8.0
CASES = 12 * 10 + 12 * 4
DECIDED = 12 * 8 + 12 * 4


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        # Planned 8–16: away 8–8.5 and 15.75–16, wellness 11–12, break 12–12.5.
        ("absence", 0.75 / SCHEDULED),
        ("shrinkage", (0.75 + 1.0 + 0.5) / SCHEDULED),
        ("shrinkage_paid", 1.5 / SCHEDULED),
        ("shrinkage_planned", 0.5 / SCHEDULED),
        ("shrinkage_unplanned", (0.75 + 1.0) / SCHEDULED),
        ("adherence", (2.5 + 1.0 + 3.25) / SCHEDULED),
        ("conformance", 7.25 / SCHEDULED),
        ("intraday_variance_heads", (5.75 - 7.5) / 7.5),
        ("utilisation", 5.75 / 6.25),
        ("scheduled_hours", SCHEDULED),
        ("planned_hours", 7.5),
        ("wellness_uptake", 60.0 / 80.0),
        ("vendor_delivery", 5.75 / 10.0),
        ("exposure_minutes", 120.0 * 8 / 2 / 60),
        ("egregious_seen", 3.0),
        ("loaded_cost", 480.0),
        ("cost_per_case", 480.0 / DECIDED),
        ("wape", (12 * 4 + 12 * 2) / CASES),
        ("bias", (144 - CASES) / CASES),
        ("mape", (0.4 + 0.5) / 2),
        ("coverage", 0.5),
        ("pinball_p90", (0.9 * 1 + 0.1 * 5) / 2),
        ("intraday_variance_volume", (CASES - 144) / 144),
        ("workload_hours", 144 / 60),
        ("load", 2.4 / 7.5),
        ("required_fte", 2.4 / (0.85 * (1 - 0.5 / 8) * 8 * 0.714285714)),
        ("backlog", float(CASES - DECIDED)),
        ("backlog_work", (CASES - DECIDED) * 90 / 3600),
        ("backlog_hours", (CASES - DECIDED) * 90 / 3600 / (7.5 / 24)),
        ("review_completion_24h", DECIDED / CASES),
        ("review_completion_cohort_km", DECIDED / CASES),
        ("sla_lateness_max", (NOW - (at(1) + timedelta(minutes=8) + HOUR)).total_seconds()),
        ("headcount_opening", 2.0),
        ("headcount", 2.0),
        ("leavers", 1.0),
        ("attrition", 1 / 2 * 365),
        ("certified_reviewers", 1.0),
        ("certification_validity", 1.0),
        ("single_certified_queues", 1.0),
    ],
)  # fmt: skip
def test_a_metric_is_what_its_rows_say(ask, metric, expected):
    (cell,) = ask(metric)
    assert cell.reason == ""
    assert cell.estimate.value == pytest.approx(expected, rel=1e-9)


def test_training_counts_those_who_still_train(ask):
    (cell,) = ask("speed_to_proficiency", period=Period(at(-100), at(24)))
    assert cell.estimate.value == pytest.approx(40 * 3600, rel=0.0026)
    assert cell.n == 3


def test_a_running_sum_grows_and_its_last_bucket_is_the_whole(ask):
    running = [cell.estimate.value for cell in ask("completed_cumulative", grain="hour")]
    (whole,) = ask("completed")
    assert running == sorted(running)
    assert running[-1] == whole.estimate.value


def test_the_last_state_is_known_until_it_is_stale(ask):
    (fresh,) = ask("people_on_duty", period=Period(DAY, at(13)))
    (gone,) = ask("people_on_duty", period=Period(DAY, at(17)))
    assert (fresh.estimate.value, gone.estimate.value) == (1.0, 0.0)
    assert gone.n == 1
    (stale,) = ask("people_on_duty", period=Period(DAY, at(30)))
    assert stale.n == 0


def test_hours_add_up_to_the_day_for_what_is_cut_at_the_edges(ask):
    hours = ask("shrinkage", grain="hour")
    (day,) = ask("shrinkage")
    assert sum(cell.numerator or 0 for cell in hours) == pytest.approx(day.numerator)
    assert sum(cell.denominator or 0 for cell in hours) == pytest.approx(day.denominator)


def test_a_derived_metric_takes_the_bounds_of_its_one_uncertain_input(ask):
    (work,) = ask("workload_hours")
    (needed,) = ask("required_fte")
    ratio = needed.estimate.value / work.estimate.value
    assert needed.estimate.low == pytest.approx(work.estimate.low * ratio)
    assert needed.estimate.high == pytest.approx(work.estimate.high * ratio)
    assert needed.estimate.method == "FQ"


def test_what_has_no_facts_says_which_are_missing(ask):
    cells = ask("harm_weighted_delay", "sla_attainment_harm", "earned_time", "aht")
    assert [c.reason for c in cells] == [
        "no data: fact view is empty",
        "no data: fact view is empty",
        "no data: fact review is empty",
        "no data: fact review is empty",
    ]


@pytest.mark.parametrize("metric", ["active_share", "exposure_minutes", "wellness_uptake", "egregious_seen"])
def test_people_are_never_told_apart_by_what_they_went_through(ask, metric):
    with pytest.raises(RefusedError, match="never shown by person"):
        ask(metric, by=("reviewer",))

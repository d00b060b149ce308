"""What is refused, what has no data and why, and what a reader is warned of."""

from datetime import timedelta

import pytest
import sqlglot

from watchfloor.facts.store import FactStore
from watchfloor.kernel import Period, PeriodError
from watchfloor.metrics import Catalogue, Query, RefusedError, UnknownMetricError, answer
from watchfloor.metrics.answering import compile_query
from watchfloor.metrics.exchange import answer_document, answer_records
from watchfloor.metrics.lineage import cases_behind_cell, lineage
from watchfloor.metrics.questions import totals_allowed

CATALOGUE = Catalogue.load()


@pytest.fixture
def ask(operation, engine):
    def asked(*metrics, period=None, store=operation.store, now=operation.now, **extra):
        query = Query(metrics, period or operation.period, **extra)
        return answer(query, catalogue=CATALOGUE, store=store, engine=engine, now=now, rollups="never")

    return asked


@pytest.mark.parametrize(
    ("metrics", "extra", "told"),
    [
        ((), {}, "names no metric"),
        (("backlog",), {"by": ("site",)}, "Possible: queue, surface"),
        (("occupancy",), {"by": ("queue",)}, "cannot be split or restricted by 'queue'"),
        (("aht",), {"where": {"sight": ("x",)}}, "Did you mean 'site'"),
        (("aht",), {"by": ("queue", "queue")}, "twice"),
        (("aht",), {"grain": "dya"}, "Did you mean 'day'"),
    ],
)
def test_a_question_without_an_honest_answer_is_refused(ask, metrics, extra, told):
    with pytest.raises(RefusedError) as refused:
        ask(*metrics, **extra)
    assert told in str(refused.value)


def test_an_unknown_metric_and_time_zone_are_named(ask):
    with pytest.raises(UnknownMetricError, match="Did you mean 'aht'"):
        ask("ath")
    with pytest.raises(PeriodError, match="Atlantis"):
        ask("aht", time_zone="Europe/Atlantis")


def test_too_many_buckets_are_refused(ask, operation):
    century = Period(operation.period.start - timedelta(days=36_500), operation.period.end)
    with pytest.raises(RefusedError, match="coarser grain"):
        ask("aht", grain="hour", period=century)


@pytest.mark.parametrize(
    ("metric", "over_time", "told"),
    [("backlog", True, "count twice"), ("aht", False, "never added"), ("tat_p90", False, "percentiles")],
)
def test_sums_that_mean_nothing_are_refused(metric, over_time, told):
    with pytest.raises(RefusedError, match=told):
        totals_allowed(CATALOGUE[metric], over_time=over_time)


def test_counts_and_stocks_of_queues_may_be_added():
    totals_allowed(CATALOGUE["intake"], over_time=True)
    totals_allowed(CATALOGUE["backlog"], over_time=False)


def test_an_empty_fact_is_no_data_and_not_zero(tmp_path, ask, make_rows, operation):
    random_rows, arrow = make_rows
    store = FactStore(tmp_path, "half")
    rows = random_rows(5, cases=50)["review"]
    store.commit({"review": arrow("review", rows)}, published_at=operation.now, source="test")
    reviews, backlog, flow = ask("reviews", "backlog", "review_completion_flow", store=store).cells
    assert reviews.estimate.value
    assert (backlog.estimate.value, backlog.reason) == (None, "no data: fact case is empty")
    assert flow.reason == "no data: fact decision is empty"


def test_outside_the_facts_there_is_no_data(ask, operation):
    early = Period(operation.period.start - timedelta(days=9), operation.period.start - timedelta(days=8))
    late = Period(operation.now + timedelta(days=1), operation.now + timedelta(days=2))
    for period in (early, late):
        for cell in ask("aht", "intake", "backlog", "occupancy", "tat_p50", period=period).cells:
            assert cell.estimate.value is None, cell.metric
            assert cell.reason.startswith("no data"), cell.metric


def test_a_stock_long_after_the_last_fact_is_not_asserted(ask, operation):
    later = Period(operation.period.end, operation.period.end + timedelta(days=30))
    (cell,) = ask("backlog", period=later, now=later.end).cells
    assert cell.estimate.value is None
    assert "more than 48 h before" in cell.reason


def test_buckets_after_the_present_have_no_data(ask, operation):
    period = Period(operation.period.end - timedelta(days=1), operation.period.end + timedelta(days=1))
    cells = ask("intake", "backlog", grain="hour", period=period).cells
    future = [c for c in cells if c.period.start >= operation.now]
    assert future
    assert all(c.estimate.value is None and c.reason for c in future)


def test_a_quiet_bucket_counts_zero_and_rates_nothing(ask, operation):
    nobody = {"queue": ("spam",), "site": ("dublin",), "reviewer": ("r00",)}
    cells = ask("reviews", "aht", grain="hour", where=nobody).cells
    reviews = {c.period: c for c in cells if c.metric == "reviews"}
    aht = {c.period: c for c in cells if c.metric == "aht"}
    quiet = next(p for p, c in reviews.items() if c.estimate.value == 0)
    assert (aht[quiet].estimate.value, aht[quiet].reason) == (None, "no data: no eligible observation")


def test_a_value_that_never_occurs_is_pointed_out(ask):
    warnings = ask("aht", where={"queue": ("spamm",)}).warnings
    assert any("'spamm' occurs in no review fact. Did you mean 'spam'?" in w for w in warnings)


def test_training_queues_stay_out_and_the_reader_is_told(ask):
    found = ask("aht", where={"purpose": ("training",)})
    assert found.cells[0].estimate.value is None
    assert any("production queues only" in w for w in found.warnings)


def test_rows_without_a_reviewer_form_one_cluster(tmp_path, ask, make_rows, operation):
    random_rows, arrow = make_rows
    found = []
    for name in ("r00", None):
        rows = random_rows(7, cases=400)
        for fact in ("review", "decision"):
            for row in rows[fact]:
                row["reviewer_id"] = name if row["reviewer_id"] == "r00" else row["reviewer_id"]
        store = FactStore(tmp_path / str(name), "people")
        store.commit(
            {fact: arrow(fact, rows[fact]) for fact in ("review", "decision")},
            published_at=operation.now,
            source="test",
        )
        found.append([c.estimate for c in ask("aht", "touches", by=("queue",), store=store).cells])
    named, unnamed = found
    assert any(one.low is not None for one in named)
    for one, other in zip(named, unnamed, strict=True):
        assert (one.value, one.n) == pytest.approx((other.value, other.n))
        assert (one.low, one.high) == pytest.approx((other.low, other.high))


def test_a_quote_in_a_value_is_only_a_value(ask):
    found = ask("aht", where={"queue": ("spam' OR 1=1 --", "hate")}, by=("queue",))
    assert [c.scope.as_dict()["queue"] for c in found.cells] == [("hate",)]


def test_unknown_values_are_a_group_that_can_be_asked_for(ask, operation):
    by_strategy = {c.scope.as_dict()["strategy"][0]: c for c in ask("intake", by=("strategy",)).cells}
    (alone,) = ask("intake", where={"strategy": ("(unknown)",)}).cells
    assert by_strategy["(unknown)"].estimate.value == alone.estimate.value > 0
    assert sum(c.estimate.value for c in by_strategy.values()) == ask("intake").cells[0].estimate.value


def test_one_relation_is_scanned_once_however_many_metrics(ask):
    found = ask(
        "aht", "active_share", "skip_rate", "return_rate", "escalation_rate", "reviews", by=("queue", "site")
    )
    assert len(found.sql) == 1
    assert found.sql[0].count("fact_review") == 1


def test_every_number_traces_back_to_its_cases(ask, operation, engine):
    (cell,) = ask("reviews", where={"queue": ("spam",), "site": ("dublin",)}).cells
    ids = cases_behind_cell(
        cell, definition=CATALOGUE["reviews"], store=operation.store, engine=engine, limit=10_000
    )
    expected = {
        r["case_id"]
        for r in operation.rows["review"]
        if r["queue_id"] == "spam"
        and r["site_id"] == "dublin"
        and r["outcome"] == "submitted"
        and r["kind"] != "audit"
    }
    assert set(ids) == expected
    (stock,) = ask("backlog").cells
    behind = cases_behind_cell(
        stock, definition=CATALOGUE["backlog"], store=operation.store, engine=engine, limit=10_000
    )
    assert len(behind) == stock.estimate.value


def test_lineage_names_facts_columns_and_conditions():
    traced = lineage(CATALOGUE["throughput"])
    assert set(traced.facts) == {"activity_interval", "review"}
    assert "activity.state" in traced.columns
    assert "purpose = 'production'" in traced.filter
    for definition in CATALOGUE.values():
        assert lineage(definition).columns


def test_records_keep_numerator_and_denominator(ask):
    found = ask("aht", by=("queue",), grain="day")
    record = next(iter(answer_records(found, by=("queue",))))
    assert list(record)[:3] == ["metric", "version", "queue"]
    assert record["value"] == pytest.approx(record["numerator"] / record["denominator"])
    assert answer_document(found)["cells"][0]["scope"]["queue"]


@pytest.mark.parametrize("grain", [None, "hour", "day", "week", "month"])
def test_every_metric_is_also_written_for_spark(operation, grain):
    for definition in CATALOGUE.values():
        query = Query(
            (definition.id,), operation.period, definition.dimensions, grain, time_zone="Europe/Dublin"
        )
        for sql in compile_query(query, catalogue=CATALOGUE, now=operation.now, dialect="spark"):
            assert sqlglot.parse_one(sql, read="spark")
            assert "epoch_us" not in sql
            assert "//" not in sql

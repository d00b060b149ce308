"""Every definition's numbers against a second computation: plain Python over the same rows."""

import math
from collections import defaultdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy import stats

from watchfloor.kernel import Period
from watchfloor.metrics import Catalogue, Query, answer, answering

PRODUCTION_KINDS = ("first", "second", "third")
COLUMNS = {
    "queue": "queue_id",
    "site": "site_id",
    "tenure_band": "tenure_band",
    "language": "language",
    "team": "team_id",
}
CATALOGUE = Catalogue.load()


def production_reviews(rows):
    return [r for r in rows["review"] if r["purpose"] == "production" and r["kind"] in PRODUCTION_KINDS]


def submitted(rows):
    return [r for r in production_reviews(rows) if r["outcome"] == "submitted"]


def first_decisions(rows, *, standing=False):
    """First decision of each case: of any status, or the first that was not withdrawn."""
    first: dict[str, dict] = {}
    for d in sorted(rows["decision"], key=lambda d: d["decision_version"]):
        if d["withdrawn_at"] is None or not standing:
            first.setdefault(d["case_id"], d)
    return first


def production(found):
    return [r for r in found if r["purpose"] == "production"]


def within(found, column, period):
    return [r for r in found if r[column] is not None and r[column] in period]


def seconds(start, end):
    return (end - start).total_seconds()


def case_outcomes(rows):
    first = first_decisions(rows)
    return [
        {**c, "first_decided_at": first[c["case_id"]]["decided_at"] if c["case_id"] in first else None}
        for c in production(rows["case"])
    ]


def cut_activity(rows, period, now):
    cut = []
    for a in rows["activity_interval"]:
        start, end = max(a["started_at"], period.start), min(a["ended_at"] or now, now, period.end)
        if start < end:
            cut.append({**a, "seconds": seconds(start, end)})
    return cut


def ratio_rows(metric, rows, period, now):
    """Rows with what each adds above and below the line."""
    if metric == "aht":
        found = within([r for r in submitted(rows) if r["handle_ms"] is not None], "submitted_at", period)
        return [(r, r["handle_ms"] / 1000, 1) for r in found]
    if metric == "active_share":
        found = [r for r in submitted(rows) if r["active_ms"] is not None and r["assigned_at"] is not None]
        return [
            (r, r["active_ms"] / 1000, seconds(r["assigned_at"], r["submitted_at"]))
            for r in within(found, "submitted_at", period)
        ]
    if metric in OUTCOMES:
        found = within(production_reviews(rows), "submitted_at", period)
        return [(r, int(r["outcome"] == OUTCOMES[metric]), 1) for r in found]
    if metric == "occupancy":
        found = [a for a in cut_activity(rows, period, now) if a["state"] in ("handling", "available")]
        return [(a, a["seconds"] * (a["state"] == "handling"), a["seconds"]) for a in found]
    if metric == "throughput":
        found = [a for a in cut_activity(rows, period, now) if a["state"] in ("handling", "available")]
        reviews = within(submitted(rows), "submitted_at", period)
        return [(r, 1, 0) for r in reviews] + [(a, 0, a["seconds"] / 3600) for a in found]
    if metric == "touches":
        decided = within(production(first_decisions(rows).values()), "decided_at", period)
        return [(r, 1, 0) for r in within(submitted(rows), "submitted_at", period)] + [
            (d, 0, 1) for d in decided
        ]
    if metric in ("violative_rate", "automation_share"):
        column = "violative" if metric == "violative_rate" else "automated"
        found = within(production(first_decisions(rows).values()), "decided_at", period)
        return [(d, int(d[column]), 1) for d in found if d[column] is not None]
    if metric == "sla_attainment":
        found = within(case_outcomes(rows), "deadline_at", period)
        return [
            (c, int(c["first_decided_at"] is not None and c["first_decided_at"] <= c["deadline_at"]), 1)
            for c in found
        ]
    if metric == "review_completion_cohort":
        return [
            (c, int(c["first_decided_at"] is not None), 1)
            for c in within(case_outcomes(rows), "enqueued_at", period)
        ]
    if metric == "review_completion_flow":
        decided = within(production(first_decisions(rows).values()), "decided_at", period)
        return [(d, 1, 0) for d in decided] + [
            (c, 0, 1) for c in within(production(rows["case"]), "enqueued_at", period)
        ]
    assert metric == "reopen_rate"
    again = {d["case_id"]: d["decided_at"] for d in rows["decision"] if d["decision_version"] == 1}
    found = within(
        [d for d in production(rows["decision"]) if d["decision_version"] == 0], "decided_at", period
    )
    week = timedelta(days=7)
    return [
        (d, int(d["case_id"] in again and again[d["case_id"]] - d["decided_at"] <= week), 1) for d in found
    ]


OUTCOMES = {
    "skip_rate": "skipped",
    "return_rate": "returned",
    "timeout_rate": "timeout",
    "escalation_rate": "escalated",
}
RATIOS = sorted(
    [
        "aht", "active_share", "occupancy", "throughput", "touches", "violative_rate", "automation_share",
        "sla_attainment", "review_completion_cohort", "review_completion_flow", "reopen_rate", *OUTCOMES,
    ]
)  # fmt: skip
CASE_SIDE = {"sla_attainment", "review_completion_cohort", "review_completion_flow", "automation_share"}


def dimensions_for(metric):
    if metric in CASE_SIDE:
        return ("queue", "language")
    return ("site", "tenure_band") if metric in ("occupancy", "throughput") else ("queue", "site")


def grouped(pairs, by):
    groups = defaultdict(list)
    for row, *rest in pairs:
        groups[tuple(row[COLUMNS[name]] for name in by)].append((row, *rest))
    return groups


def ask(operation, engine, metric, **extra):
    query = Query(metrics=(metric,), period=extra.pop("period", PERIOD(operation)), **extra)
    return answer(
        query, catalogue=CATALOGUE, store=operation.store, engine=engine, now=operation.now, rollups="never"
    ).cells


def PERIOD(operation):  # noqa: N802
    """Odd edges, inside the facts."""
    return Period(
        operation.period.start + timedelta(hours=30, minutes=17), operation.period.end - timedelta(hours=9)
    )


def key_of(cell, by):
    scope = cell.scope.as_dict()
    return tuple(scope[name][0] for name in by)


@pytest.mark.parametrize("metric", RATIOS)
def test_a_ratio_equals_the_quotient_of_its_rows(operation, engine, metric):
    by = dimensions_for(metric)
    expected = grouped(ratio_rows(metric, operation.rows, PERIOD(operation), operation.now), by)
    cells = {key_of(c, by): c for c in ask(operation, engine, metric, by=by)}
    assert set(cells) == set(expected)
    for key, found in expected.items():
        numerator, denominator = sum(f[1] for f in found), sum(f[2] for f in found)
        assert cells[key].numerator == pytest.approx(numerator)
        assert cells[key].denominator == pytest.approx(denominator)
        if denominator:
            assert cells[key].estimate.value == pytest.approx(numerator / denominator)


@pytest.mark.parametrize("metric", ["aht", "active_share", "throughput", "touches"])
def test_the_interval_is_students_t_over_residuals_of_reviewers(operation, engine, metric):
    clusters = defaultdict(lambda: [0.0, 0.0])
    for row, n, d in ratio_rows(metric, operation.rows, PERIOD(operation), operation.now):
        clusters[row["reviewer_id"]][0] += n
        clusters[row["reviewer_id"]][1] += d
    n, d = np.array(list(clusters.values())).T
    ratio = n.sum() / d.sum()
    residual = n - ratio * d
    variance = len(n) / (len(n) - 1) * (residual @ residual) / d.sum() ** 2
    half = stats.t.ppf(0.975, len(n) - 1) * math.sqrt(variance)
    (cell,) = ask(operation, engine, metric)
    assert cell.estimate.value == pytest.approx(ratio)
    assert (cell.estimate.low, cell.estimate.high) == pytest.approx((max(ratio - half, 0), ratio + half))
    assert cell.estimate.method == "CB"


@pytest.mark.parametrize(
    ("metric", "rows_of", "column"),
    [
        ("intake", lambda rows: production(rows["case"]), "enqueued_at"),
        ("completed", lambda rows: production(first_decisions(rows).values()), "decided_at"),
        ("reviews", submitted, "submitted_at"),
    ],
)
def test_a_count_counts_rows_by_local_day(operation, engine, metric, rows_of, column):
    zone = ZoneInfo("Europe/Dublin")  # its clocks go forward on 29 March
    period = PERIOD(operation)
    expected = defaultdict(int)
    for row in within(rows_of(operation.rows), column, period):
        expected[row["queue_id"], row[column].astimezone(zone).date()] += 1
    cells = ask(operation, engine, metric, by=("queue",), grain="day", time_zone="Europe/Dublin")
    found = {(key_of(c, ("queue",))[0], c.bucket_start.astimezone(zone).date()): c for c in cells}
    assert {key: c.estimate.value for key, c in found.items() if c.estimate.value} == expected
    assert all(c.bucket_start.astimezone(zone).hour == 0 for c in cells)
    assert sum(c.period.seconds for c in cells if key_of(c, ("queue",)) == ("spam",)) == period.seconds


def test_active_reviewers_counts_people_once(operation, engine):
    found = within(submitted(operation.rows), "submitted_at", PERIOD(operation))
    expected = defaultdict(set)
    for row in found:
        expected[row["queue_id"],].add(row["reviewer_id"])
    cells = ask(operation, engine, "active_reviewers", by=("queue",))
    assert {key_of(c, ("queue",)): c.estimate.value for c in cells} == {
        k: len(v) for k, v in expected.items()
    }


@pytest.mark.parametrize(
    ("metric", "q"),
    [("tat_p50", 0.5), ("tat_p90", 0.9), ("tat_p95", 0.95), ("tat_standing_p50", 0.5)],
)
def test_a_quantile_is_the_observation_of_its_rank(operation, engine, metric, q):
    first = first_decisions(operation.rows, standing=metric == "tat_standing_p50")
    found = within(production(first.values()), "enqueued_at", PERIOD(operation))
    values = defaultdict(list)
    for d in found:
        values[d["queue_id"], d["site_id"]].append(seconds(d["enqueued_at"], d["decided_at"]))
    cells = {key_of(c, ("queue", "site")): c for c in ask(operation, engine, metric, by=("queue", "site"))}
    assert set(cells) == set(values)
    for key, own in values.items():
        own.sort()
        n = len(own)
        estimate = cells[key].estimate
        assert estimate.n == n
        assert estimate.value == pytest.approx(own[math.ceil(n * q) - 1])
        low, high = int(stats.binom.ppf(0.025, n, q)), int(stats.binom.ppf(0.975, n, q)) + 1
        assert estimate.low == (pytest.approx(own[low - 1]) if low >= 1 else None)
        assert estimate.high == (pytest.approx(own[high - 1]) if high <= n else None)


def test_both_plans_of_an_exact_quantile_agree(operation, engine, monkeypatch):
    one_pass = ask(operation, engine, "tat_p90", by=("queue", "reviewer"), grain="week")
    monkeypatch.setattr(answering, "SINGLE_PASS_ROWS", 0)
    two_passes = ask(operation, engine, "tat_p90", by=("queue", "reviewer"), grain="week")
    assert one_pass == two_passes


@pytest.mark.parametrize(("metric", "q"), [("handle_p50", 0.5), ("handle_p90", 0.9)])
def test_a_histogram_quantile_is_within_one_percent(operation, engine, metric, q):
    found = [r for r in submitted(operation.rows) if r["handle_ms"] is not None]
    for cell in ask(operation, engine, metric, by=("site",)):
        site = cell.scope.as_dict()["site"][0]
        own = sorted(
            r["handle_ms"] / 1000
            for r in within(found, "submitted_at", PERIOD(operation))
            if r["site_id"] == site
        )
        assert cell.estimate.value == pytest.approx(own[math.ceil(len(own) * q) - 1], rel=0.01)


def stock(rows, at):
    return [
        c
        for c in case_outcomes(rows)
        if c["enqueued_at"] < at and (c["first_decided_at"] is None or c["first_decided_at"] >= at)
    ]


def test_backlog_is_what_is_open_at_the_end_of_each_bucket(operation, engine):
    cells = ask(operation, engine, "backlog", by=("queue",), grain="day")
    assert {c.bucket_start for c in cells} >= {
        operation.period.start + timedelta(days=k) for k in range(2, 11)
    }
    for cell in cells:
        queue = cell.scope.as_dict()["queue"][0]
        expected = sum(c["queue_id"] == queue for c in stock(operation.rows, cell.period.end))
        assert cell.estimate.value == expected


def test_a_withdrawal_opens_no_case_again(operation, engine):
    end = operation.period.end
    decided = {d["case_id"] for d in operation.rows["decision"] if d["decided_at"] < end}
    undone = decided - {d["case_id"] for d in operation.rows["decision"] if d["withdrawn_at"] is None}
    assert undone, "the rows hold a case whose only decision was withdrawn"
    (open_cases,) = ask(operation, engine, "backlog", period=operation.period)
    expected = sum(c["case_id"] not in decided for c in production(operation.rows["case"]))
    assert open_cases.estimate.value == expected


def test_backlog_changes_by_what_came_and_what_went(operation, engine):
    period = PERIOD(operation)
    before = ask(operation, engine, "backlog", period=Period(period.start - timedelta(hours=1), period.start))
    after = ask(operation, engine, "backlog", period=period)
    came, went = (ask(operation, engine, m, period=period)[0].estimate.value for m in ("intake", "completed"))
    assert after[0].estimate.value - before[0].estimate.value == came - went


def test_ages_are_those_of_the_open_cases(operation, engine):
    end = PERIOD(operation).end
    for queue in ("spam", "hate"):
        ages = sorted(
            seconds(c["enqueued_at"], end) for c in stock(operation.rows, end) if c["queue_id"] == queue
        )
        overdue = [c for c in stock(operation.rows, end) if c["queue_id"] == queue and c["deadline_at"]]
        expected = {
            "backlog_age_p50": ages[math.ceil(len(ages) * 0.5) - 1],
            "backlog_age_p95": ages[math.ceil(len(ages) * 0.95) - 1],
            "backlog_age_max": ages[-1],
            "share_overdue": sum(c["deadline_at"] < end for c in overdue) / len(overdue),
        }
        for metric, value in expected.items():
            (cell,) = ask(operation, engine, metric, where={"queue": (queue,)})
            assert cell.estimate.value == pytest.approx(value), metric


def test_coverage_says_how_much_is_recorded_or_mature(operation, engine):
    found = within(submitted(operation.rows), "submitted_at", PERIOD(operation))
    (aht,) = ask(operation, engine, "aht")
    assert aht.coverage == pytest.approx(sum(r["handle_ms"] is not None for r in found) / len(found))
    (reopened,) = ask(operation, engine, "reopen_rate")
    firsts = [d for d in production(operation.rows["decision"]) if d["decision_version"] == 0]
    cohort = within(firsts, "decided_at", PERIOD(operation))
    mature = [d for d in cohort if operation.now - d["decided_at"] >= timedelta(days=7)]
    assert reopened.coverage == pytest.approx(len(mature) / len(cohort))


@pytest.mark.parametrize("grain", ["hour", "day", "week", "month"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Dublin", "Asia/Kolkata", "America/New_York"])
def test_occupancy_is_cut_at_every_edge_of_local_time(operation, engine, grain, zone):
    period = Period(
        operation.period.start + timedelta(days=7), operation.period.start + timedelta(days=10, hours=5)
    )
    cells = ask(operation, engine, "occupancy", grain=grain, time_zone=zone, period=period)
    for cell in cells:
        found = cut_activity(operation.rows, cell.period, operation.now)
        productive = sum(a["seconds"] for a in found if a["state"] in ("handling", "available"))
        assert cell.denominator == pytest.approx(productive)
    assert cells[0].period.start == period.start
    assert cells[-1].period.end == period.end


def test_local_hours_and_weekdays_are_those_of_the_zone(operation, engine):
    zone = ZoneInfo("Asia/Kolkata")
    expected = defaultdict(int)
    for row in within(submitted(operation.rows), "submitted_at", PERIOD(operation)):
        local: datetime = row["submitted_at"].astimezone(zone)
        expected[str(local.hour), str(local.isoweekday())] += 1
    cells = ask(operation, engine, "reviews", by=("hour", "weekday"), time_zone="Asia/Kolkata")
    assert {key_of(c, ("hour", "weekday")): c.estimate.value for c in cells} == expected


def test_metrics_asked_together_equal_metrics_asked_alone(operation, engine):
    names = ("aht", "skip_rate", "reviews", "touches", "violative_rate", "completed", "tat_p90")
    query = Query(metrics=names, period=PERIOD(operation), by=("queue", "site"))
    together = answer(
        query, catalogue=CATALOGUE, store=operation.store, engine=engine, now=operation.now, rollups="never"
    ).cells
    alone = [cell for name in names for cell in ask(operation, engine, name, by=("queue", "site"))]
    assert [(c.metric, c.scope, c.n) for c in together] == [(c.metric, c.scope, c.n) for c in alone]
    for one, other in zip(together, alone, strict=True):
        assert one.estimate.value == pytest.approx(other.estimate.value)
        assert one.estimate.low == pytest.approx(other.estimate.low)

"""Rollups answer what the facts answer, only from exactly the version asked for, and say that they did."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchfloor.facts.store import FactStore
from watchfloor.kernel import Period
from watchfloor.metrics import Catalogue, Query, answer, refresh_rollups

CATALOGUE = Catalogue.load()
EXACT = (
    "intake", "completed", "reviews", "aht", "active_share", "skip_rate", "escalation_rate", "touches",
    "violative_rate", "sla_attainment", "review_completion_flow",
)  # fmt: skip
NEAR = ("tat_p50", "tat_p90", "handle_p50", "handle_p90")


@pytest.fixture(scope="module")
def rolled(tmp_path_factory, make_rows, engine, operation):
    """An operation of closed intervals with fresh rollups."""
    random_rows, arrow = make_rows
    rows = random_rows(7, cases=900)
    rows["activity_interval"] = [a for a in rows["activity_interval"] if a["ended_at"] is not None]
    store = FactStore(tmp_path_factory.mktemp("rolled"), "rolled")
    tables = {name: arrow(name, found) for name, found in rows.items()}
    store.commit(tables, published_at=operation.period.end, source="test")
    refresh_rollups(store=store, engine=engine, catalogue=CATALOGUE, now=operation.now)
    return store


def both(store, engine, query, now):
    return [
        answer(query, catalogue=CATALOGUE, store=store, engine=engine, now=now, rollups=mode)
        for mode in ("auto", "never")
    ]


def assert_equal(stored, raw, *, rel=1e-9):
    keys = [[(c.metric, c.scope, c.period, c.n) for c in a.cells] for a in (stored, raw)]
    assert keys[0] == keys[1]
    for one, other in zip(stored.cells, raw.cells, strict=True):
        for name in ("value", "low", "high"):
            found, expected = getattr(one.estimate, name), getattr(other.estimate, name)
            if expected is None or found is None:
                assert found is expected
            else:
                assert found == pytest.approx(expected, rel=rel, abs=1e-9)


@pytest.mark.parametrize("metric", [*EXACT, "throughput", "occupancy"])
@pytest.mark.parametrize("edge_minutes", [0, 17])
def test_sums_and_intervals_from_a_rollup_equal_those_from_the_facts(
    rolled, engine, operation, metric, edge_minutes
):
    period = Period(
        operation.period.start + timedelta(days=2, minutes=edge_minutes),
        operation.period.end - timedelta(days=1),
    )
    by = ("queue",) if "queue" in CATALOGUE[metric].dimensions else ("site",)
    stored, raw = both(rolled, engine, Query((metric,), period, by=by), operation.now)
    assert stored.notes[metric].startswith("rollup:")
    assert raw.notes[metric] == "raw"
    assert_equal(stored, raw)


@pytest.mark.parametrize("metric", NEAR)
def test_quantiles_from_a_histogram_are_within_one_percent(rolled, engine, operation, metric):
    period = Period(operation.period.start, operation.period.end)
    stored, raw = both(rolled, engine, Query((metric,), period, by=("queue", "site")), operation.now)
    assert "rollup:" in stored.notes[metric]
    assert "1 %" in stored.notes[metric]
    assert_equal(stored, raw, rel=0.0101)


@given(
    start=st.integers(0, 200),
    hours=st.integers(1, 120),
    minutes=st.sampled_from([0, 0, 29]),
    grain=st.sampled_from([None, "hour", "day", "week"]),
    zone=st.sampled_from(["UTC", "Europe/Dublin", "Asia/Kolkata"]),
    by=st.sampled_from(
        [(), ("queue",), ("site", "tenure_band"), ("reviewer",), ("weekday",), ("language", "hour")]
    ),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_the_planner_never_changes_the_answer(
    rolled, engine, operation, start, hours, minutes, grain, zone, by
):
    first = operation.period.start + timedelta(hours=start, minutes=minutes)
    query = Query(
        ("aht", "skip_rate", "reviews", "completed"),
        Period(first, first + timedelta(hours=hours)), by, grain,
        time_zone=zone,
    )  # fmt: skip
    assert_equal(*both(rolled, engine, query, operation.now))


def test_the_smallest_sufficient_rollup_answers(rolled, engine, operation):
    days = Period(operation.period.start + timedelta(days=1), operation.period.end - timedelta(days=2))
    hours = Period(days.start + timedelta(hours=3), days.start + timedelta(hours=9))
    notes = [
        answer(q, catalogue=CATALOGUE, store=rolled, engine=engine, now=operation.now).notes["aht"]
        for q in (
            Query(("aht",), days, ("queue",)),
            Query(("aht",), days, ("language",)),
            Query(("aht",), hours, ("queue",)),
            Query(("aht",), days, ("strategy",)),
        )
    ]
    assert notes == ["rollup:review_day", "rollup:review_hour", "rollup:review_hour", "raw"]


def test_only_changed_days_are_computed_again(tmp_path, make_rows, engine, operation):
    random_rows, arrow = make_rows
    rows = random_rows(3, cases=600)
    rows["activity_interval"] = []
    day = operation.period.start + timedelta(days=5)
    early = {n: [r for r in found if r[AT[n]] < day] for n, found in rows.items()}
    late = {n: [r for r in found if r[AT[n]] >= day] for n, found in rows.items()}
    store = FactStore(tmp_path, "grows")
    store.commit({n: arrow(n, f) for n, f in early.items()}, published_at=day, source="test")
    first = refresh(store, engine, operation)
    assert first["review_day"].partitions == 5
    assert refresh(store, engine, operation)["review_day"].partitions == 0
    store.commit({n: arrow(n, f) for n, f in late.items()}, published_at=operation.period.end, source="test")
    second = refresh(store, engine, operation)
    assert second["review_day"].partitions == 7
    query = Query((*EXACT, *NEAR), operation.period, ("queue",))
    stored, raw = both(store, engine, query, operation.now)
    assert {note.split("_")[0] for note in stored.notes.values()} == {
        "rollup:review", "rollup:intake", "rollup:decision", "rollup:deadline", "rollup:handle",
        "rollup:turnaround",
    }  # fmt: skip
    assert_equal(stored, raw, rel=0.0101)
    changed = [{**r, "handle_ms": 1_000_000} for r in late["review"][:3]]
    store.commit(
        {"review": arrow("review", changed)}, mode="merge", published_at=operation.now, source="late"
    )
    stale = answer(
        Query(("aht",), operation.period), catalogue=CATALOGUE, store=store, engine=engine, now=operation.now
    )
    assert stale.notes["aht"] == "rollup:review_day + raw", "changed days are read from the facts"
    everything = Query(("aht", "skip_rate", "handle_p50", "completed"), operation.period, ("site",))
    one, other = both(store, engine, everything, operation.now)
    assert one.notes["completed"] == "rollup:decision_day", "its files did not change"
    assert_equal(one, other, rel=0.0101)
    third = refresh(store, engine, operation)
    assert 1 <= third["review_day"].partitions <= 3
    assert_equal(
        *both(store, engine, Query(("aht", "skip_rate"), operation.period, ("site",)), operation.now)
    )


AT = {
    "case": "enqueued_at",
    "review": "submitted_at",
    "decision": "decided_at",
    "activity_interval": "started_at",
}


def refresh(store, engine, operation):
    done = refresh_rollups(store=store, engine=engine, catalogue=CATALOGUE, now=operation.now)
    return {one.name: one for one in done}


def test_intervals_that_still_last_are_read_from_the_facts(operation, engine):
    refresh(operation.store, engine, operation)
    query = Query(("occupancy", "throughput", "aht"), operation.period, ("site",))
    stored, raw = both(operation.store, engine, query, operation.now)
    assert stored.notes["occupancy"] == "rollup:activity_day + raw"
    assert stored.notes["aht"] == "rollup:review_day"
    assert_equal(stored, raw)


@pytest.mark.parametrize("late", ["decided", "ended", "due_later"])
def test_a_small_change_touches_the_days_of_its_rows_alone(tmp_path, make_rows, engine, operation, late):
    random_rows, arrow = make_rows
    rows = random_rows(11, cases=700)
    lasting = [a for a in rows["activity_interval"] if a["ended_at"] is None]
    decided = [d for d in rows["decision"] if d["decision_version"] == 0][-1:]
    changed = {
        "decided": ("decision", decided, "append"),
        "ended": (
            "activity_interval",
            [{**a, "ended_at": operation.period.end} for a in lasting[:1]],
            "merge",
        ),
        "due_later": (
            "case",
            [{**rows["case"][0], "deadline_at": operation.period.start + timedelta(days=9)}],
            "merge",
        ),
    }
    fact, found, mode = changed[late]
    if late == "decided":
        rows["decision"] = [d for d in rows["decision"] if d["case_id"] != found[0]["case_id"]]
    store = FactStore(tmp_path, "lives")
    first = {n: arrow(n, f) for n, f in rows.items()}
    store.commit(first, published_at=operation.period.end, source="test")
    before = refresh(store, engine, operation)
    store.commit({fact: arrow(fact, found)}, mode=mode, published_at=operation.now, source="live")
    query = Query((*EXACT, *NEAR, "throughput", "occupancy"), operation.period)
    stale, raw = both(store, engine, query, operation.now)
    assert_equal(stale, raw, rel=0.0101)
    if late == "decided":
        assert stale.notes["sla_attainment"] == "rollup:deadline_day + raw"
        assert stale.notes["tat_p50"].startswith("rollup:turnaround_day + raw")
    after = refresh(store, engine, operation)
    touched = {name: one.partitions for name, one in after.items() if one.partitions}
    assert sum(touched.values()) < sum(one.partitions for one in before.values()) / 3, touched
    if late == "decided":
        days = [
            f"{name}_{grain}" for name in ("decision", "deadline", "turnaround") for grain in ("hour", "day")
        ]
        assert touched == dict.fromkeys(days, 1)
    fresh, raw = both(store, engine, query, operation.now)
    assert_equal(fresh, raw, rel=0.0101)


def test_an_older_version_is_answered_from_its_facts(rolled, engine, operation):
    query = Query(("aht",), operation.period, as_of=operation.period.end + timedelta(minutes=1))
    found = answer(query, catalogue=CATALOGUE, store=rolled, engine=engine, now=operation.now)
    assert found.version == 1
    assert found.cells[0].as_of == query.as_of

"""Metrics of real logs against plain Python over the rows and against published figures."""

import os
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from watchfloor.facts.imports import load_mapping, run_import
from watchfloor.facts.store import FactStore
from watchfloor.kernel import Period
from watchfloor.metrics import Catalogue, Query, answer, refresh_rollups

pytestmark = pytest.mark.logs
CATALOGUE = Catalogue.load()
NOW = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = 3600.0


@pytest.fixture(scope="module")
def logs():
    given = os.environ.get("WATCHFLOOR_LOGS")
    folder = Path(given) if given else Path(__file__).resolve().parents[4] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real logs are not at {folder}; set WATCHFLOOR_LOGS")
    return folder


def loaded(name, files, root):
    mapping = load_mapping(name)
    store = FactStore(root, mapping.operation, partition=mapping.partition)
    run_import(mapping, files, store, now=NOW)
    return store


@pytest.fixture(scope="module")
def cofacts(logs, tmp_path_factory):
    files = [
        logs / "cofacts" / f"{name}.2020-07-05.csv.zip" for name in ("reply_requests", "article_replies")
    ]
    return loaded("cofacts", files, tmp_path_factory.mktemp("cofacts"))


@pytest.fixture(scope="module")
def bpi(logs, tmp_path_factory):
    return loaded("bpi2012", [logs / "bpi2012" / "bpi2012_workitems.csv.gz"], tmp_path_factory.mktemp("bpi"))


def whole(store):
    extents = [store.snapshot().extent(fact) for fact in ("case", "review", "decision")]
    return Period(min(e.start for e in extents), max(e.end for e in extents))


def ask(store, engine, *metrics, rollups="never", **extra):
    query = Query(metrics, extra.pop("period", whole(store)), **extra)
    return answer(query, catalogue=CATALOGUE, store=store, engine=engine, now=NOW, rollups=rollups).cells


def rows(store, engine, fact):
    return engine.query(f"SELECT * FROM fact_{fact}", snapshot=store.snapshot()).to_pylist()


# First decision of any status, and the first that was not withdrawn: hours at p25, p50, p75 and p90.
PUBLISHED = {"tat_p50": (2.2, 13.4, 402, 3_598), "tat_standing_p50": (2.3, 14.1, 452, 3_765)}


@pytest.mark.parametrize("metric", PUBLISHED)
def test_cofacts_turnaround_is_the_published_one(cofacts, engine, metric):
    quartiles = [
        CATALOGUE[metric].model_copy(update={"id": f"tat_{number}", "probability": number / 100})
        for number in (25, 50, 75, 90)
    ]
    found = answer(
        Query(tuple(d.id for d in quartiles), whole(cofacts)),
        catalogue=Catalogue.of(iter(quartiles)),
        store=cofacts,
        engine=engine,
        now=NOW,
        rollups="never",
    )
    hours = [cell.estimate.value / HOUR for cell in found.cells]
    assert hours[:2] == pytest.approx(PUBLISHED[metric][:2], abs=0.05)
    assert hours[2:] == pytest.approx(PUBLISHED[metric][2:], abs=0.5)
    decided = [d for d in rows(cofacts, engine, "decision") if d["enqueued_at"] is not None]
    kept = [d for d in decided if d["withdrawn_at"] is None or metric == "tat_p50"]
    assert found.cells[0].n == len({d["case_id"] for d in kept})
    assert metric != "tat_p50" or found.cells[0].n == 37_531


def test_cofacts_counts_and_turnaround_by_year_equal_plain_python(cofacts, engine):
    first: dict[str, dict] = {}
    for decision in sorted(rows(cofacts, engine, "decision"), key=lambda d: d["decision_version"]):
        first.setdefault(decision["case_id"], decision)
    months = defaultdict(int)
    for case in rows(cofacts, engine, "case"):
        months[case["enqueued_at"].year, case["enqueued_at"].month] += 1
    cells = ask(cofacts, engine, "intake", grain="month")
    found = {(c.bucket_start.year, c.bucket_start.month): c.estimate.value for c in cells if c.estimate.value}
    assert found == months
    completed, backlog = ask(cofacts, engine, "completed", "backlog")
    assert completed.estimate.value == len(first)
    assert backlog.estimate.value == sum(c["case_id"] not in first for c in rows(cofacts, engine, "case"))
    waits = sorted(
        (d["decided_at"] - d["enqueued_at"]).total_seconds() for d in first.values() if d["enqueued_at"]
    )
    (p95,) = ask(cofacts, engine, "tat_p95")
    assert p95.estimate.value == pytest.approx(waits[int(np.ceil(0.95 * len(waits))) - 1])


def test_one_busy_account_widens_the_interval(cofacts, engine):
    (rate,) = ask(cofacts, engine, "violative_rate")
    assert rate.estimate.n_eff < 0.2 * rate.n


def test_bpi_handle_time_is_the_published_one(bpi, engine):
    p50, aht = ask(bpi, engine, "handle_p50", "aht")
    assert p50.estimate.value == pytest.approx(136.5, rel=0.01)
    reviews = rows(bpi, engine, "review")
    assert aht.estimate.value == pytest.approx(sum(r["handle_ms"] for r in reviews) / 1000 / len(reviews))


@pytest.mark.parametrize("metric", ["aht", "completed", "reviews", "touches", "tat_p90", "handle_p50"])
def test_rollups_of_a_real_log_equal_its_facts(bpi, engine, metric):
    refresh_rollups(store=bpi, engine=engine, catalogue=CATALOGUE, now=NOW)
    by = ("queue",)
    raw = {c.scope: c for c in ask(bpi, engine, metric, by=by)}
    stored = ask(bpi, engine, metric, by=by, rollups="auto")
    assert {c.scope for c in stored} == set(raw)
    for cell in stored:
        assert cell.n == raw[cell.scope].n
        assert cell.estimate.value == pytest.approx(raw[cell.scope].estimate.value, rel=0.0101)

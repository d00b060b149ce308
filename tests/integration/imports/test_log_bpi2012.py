"""BPI Challenge 2012: every row a review, a case where the enqueue is known; checked by plain Python."""

import csv
import gzip
from datetime import datetime
from statistics import quantiles

import pytest

pytestmark = pytest.mark.logs


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@pytest.fixture(scope="module")
def path(logs):
    return logs / "bpi2012" / "bpi2012_workitems.csv.gz"


@pytest.fixture(scope="module")
def result(path, tmp_path_factory, imported):
    return imported("bpi2012", [path], tmp_path_factory.mktemp("facts"))


@pytest.fixture(scope="module")
def plain(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_is_a_review_and_those_enqueued_are_cases(result, plain):
    report, store = result
    snapshot = store.snapshot()
    enqueued = sum(bool(row["scheduled"]) for row in plain)
    assert (report.rows_read, report.rows_loaded, report.balanced) == (71_373, 71_373, True)
    assert snapshot.row_count("review") == len(plain)
    assert snapshot.row_count("case") == snapshot.row_count("decision") == enqueued


def test_handle_time_agrees_with_plain_python(result, plain, ask, percentile):
    seconds = [(instant(row["completed"]) - instant(row["started"])).total_seconds() for row in plain]
    (row,) = ask(
        result[1],
        "SELECT quantile_cont(handle_ms / 1000, [0.05, 0.5, 0.95]), sum(handle_ms) FROM fact_review",
    )
    mine = [percentile(seconds, share) for share in (0.05, 0.5, 0.95)]
    assert row[0] == pytest.approx(mine, rel=1e-9)
    assert row[0] == pytest.approx((9.6, 136.5, 1_465), rel=0.01)
    assert row[1] == round(sum(seconds) * 1000)
    assert quantiles(seconds, n=2)[0] == pytest.approx(row[0][1])


def test_the_traps_are_seen(result, plain, seen):
    found = seen(result[0])
    blank = found["work_items", "missing_instant", "scheduled"]
    assert 1 - blank.share == pytest.approx(0.37, abs=0.005)
    assert found["work_items", "blank_agent", "agent"].count == 8_001
    assert found["work_items", "long_duration", "started → completed"].count == 881


def test_instants_with_either_offset_are_utc(result, plain, ask):
    (row,) = ask(result[1], "SELECT epoch_ms(min(assigned_at)), epoch_ms(max(submitted_at)) FROM fact_review")
    assert row[0] == round(min(instant(r["started"]) for r in plain).timestamp() * 1000)
    assert row[1] == round(max(instant(r["completed"]) for r in plain).timestamp() * 1000)

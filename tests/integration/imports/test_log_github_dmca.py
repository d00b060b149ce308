"""GitHub DMCA notices: cases and appeals, impossible years rejected, negative lags seen."""

import csv
import gzip
from collections import Counter
from datetime import datetime

import pytest

pytestmark = pytest.mark.logs


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@pytest.fixture(scope="module")
def path(logs):
    return logs / "github-dmca" / "notices.csv.gz"


@pytest.fixture(scope="module")
def result(path, tmp_path_factory, imported):
    return imported("github_dmca", [path], tmp_path_factory.mktemp("facts"))


@pytest.fixture(scope="module")
def plain(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_is_accounted_for(result, plain):
    report, store = result
    good = [row for row in plain if "2011" <= row["received_date"][:4] <= "2026"]
    kinds = Counter(row["kind"] == "takedown" for row in good)
    assert (report.rows_read, report.rows_rejected, report.balanced) == (21_877, 5, True)
    assert store.snapshot().row_count("case") == store.snapshot().row_count("decision") == kinds[True]
    assert store.snapshot().row_count("appeal") == kinds[False]


def test_the_traps_are_seen(result, plain, seen):
    found = seen(result[0])
    assert found["notices", "impossible_year", "received_date"].count == 5
    negative = found["notices", "negative_lag", "received_date → published_at_utc"]
    days = [
        row["received_date"][:4]
        for row in plain
        if row["published_at_utc"][:10] < row["received_date"]
        and "2011" <= row["received_date"][:4] <= "2026"
    ]
    assert negative.detail["by_year"] == dict(sorted(Counter(days).items()))
    assert sum(n for year, n in negative.detail["by_year"].items() if year > "2016") == 38
    assert found["notices", "bot_account", "publisher"].count == sum(
        row["publisher"] == "bot" for row in plain
    )
    assert found["notices", "day_precision", "received_date"].count == len(plain)


def test_turnaround_in_days_agrees_with_plain_python(result, plain, ask, percentile):
    days = [
        (
            instant(row["published_at_utc"])
            - datetime.fromisoformat(f"{row['received_date']}T00:00:00+00:00")
        ).total_seconds()
        / 86_400
        for row in plain
        if row["kind"] == "takedown" and "2011" <= row["received_date"][:4] <= "2026"
    ]
    (row,) = ask(
        result[1],
        "SELECT quantile_cont((epoch_ms(decided_at) - epoch_ms(enqueued_at)) / 86400000, [0.25, 0.5, 0.9]) "
        "FROM fact_decision",
    )
    assert row[0] == pytest.approx([percentile(days, share) for share in (0.25, 0.5, 0.9)], rel=1e-9)

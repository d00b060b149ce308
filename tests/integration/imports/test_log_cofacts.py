"""Cofacts: reports and answers reconciled to the row, and checked against plain Python over the files."""

import csv
import io
import zipfile
from collections import Counter
from datetime import UTC, datetime

import pytest

from watchfloor.facts.imports import load_mapping, run_import

pytestmark = pytest.mark.logs
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@pytest.fixture(scope="module")
def files(logs):
    return [
        logs / "cofacts" / "reply_requests.2020-07-05.csv.zip",
        logs / "cofacts" / "article_replies.2020-07-05.csv.zip",
    ]


@pytest.fixture(scope="module")
def result(files, tmp_path_factory, imported):
    return imported("cofacts", files, tmp_path_factory.mktemp("facts"))


@pytest.fixture(scope="module")
def plain(files):
    def read(path):
        with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as member:
            return list(csv.DictReader(io.TextIOWrapper(member, "utf-8", newline="")))

    return [read(path) for path in files]


def test_every_row_is_accounted_for(result, plain):
    report, store = result
    reports, answers = plain
    assert report.balanced
    assert [file.rows_read for file in report.files] == [len(reports), len(answers)] == [57_735, 43_794]
    assert [file.rows_rejected for file in report.files] == [39, 34]
    first = {row["articleId"] for row in reports if row["createdAt"]}
    assert report.files[0].rows_loaded == len(first) == store.snapshot().row_count("case")
    assert store.snapshot().row_count("review") == store.snapshot().row_count("decision") == 43_760
    repeated = sum(bool(row["createdAt"]) for row in reports) - len(first)
    assert report.duplicates == {"repeated report of one item": repeated}


def test_the_traps_are_seen(result, plain, seen):
    found = seen(result[0])
    reports, answers = plain
    assert found["reports", "missing_instant", "createdAt"].count == 39
    assert found["answers", "missing_instant", "createdAt"].count == 34
    assert found["reports", "broken_record", ""].count == 2
    pairs = Counter((row["articleId"], row["userIdsha256"]) for row in reports)
    repeated = found["reports", "repeated_pair", "articleId, userIdsha256"]
    assert repeated.count == sum(n - 1 for n in pairs.values()) == 3_802
    assert found["reports", "multi_line_text", "reason"].count == 2_802
    account = found["answers", "dominant_account", "userIdsha256"]
    top = Counter(row["userIdsha256"] for row in answers).most_common(1)[0]
    assert (account.count, account.examples[0]["account"]) == (top[1], top[0])
    assert account.count == 23_797
    assert account.share == pytest.approx(0.543, abs=0.001)
    assert account.detail == {"accounts": 1_388}
    assert found["answers", "conflicting_answers", "replyType, articleId"].count == 2_203


@pytest.mark.parametrize(
    ("condition", "kept", "published"),
    [
        ("true", lambda row: True, (2.2, 13.4, 402, 3_598)),
        ("withdrawn_at IS NULL", lambda row: row["status"] != "DELETED", (2.3, 14.1, 452, 3_765)),
    ],
)
def test_first_report_to_first_decision_agrees_with_plain_python(
    result, plain, condition, kept, published, ask, percentile
):
    reports, answers = plain
    enqueued, decided = {}, {}
    for row in reports:
        if row["createdAt"]:
            enqueued[row["articleId"]] = min(enqueued.get(row["articleId"], "9"), row["createdAt"])
    for row in answers:
        if row["createdAt"] and kept(row):
            decided[row["articleId"]] = min(decided.get(row["articleId"], "9"), row["createdAt"])
    hours = [
        (instant(decided[item]) - instant(enqueued[item])).total_seconds() / 3600
        for item in decided
        if item in enqueued
    ]
    (row,) = ask(
        result[1],
        f"""SELECT count(*), quantile_cont(hours, [0.25, 0.5, 0.75, 0.9]) FROM (
            SELECT (min(epoch_ms(d.decided_at)) - any_value(epoch_ms(c.enqueued_at))) / 3600000 AS hours
            FROM fact_case AS c JOIN fact_decision AS d USING (case_id)
            WHERE {condition} GROUP BY case_id)""",
    )
    assert row[0] == len(hours) == 37_531
    mine = [percentile(hours, share) for share in (0.25, 0.5, 0.75, 0.9)]
    assert row[1] == pytest.approx(mine, rel=1e-9)
    assert row[1] == pytest.approx(published, rel=0.03)


def test_a_decision_carries_the_first_enqueue_of_its_case(result, ask):
    wrong = ask(
        result[1],
        "SELECT count(*) FROM fact_decision AS d JOIN fact_case AS c USING (case_id) "
        "WHERE d.enqueued_at IS DISTINCT FROM c.enqueued_at",
    )
    assert wrong == [(0,)]


def test_a_slice_imported_again_corrects_nothing_it_should_not(files, result, tmp_path, imported):
    report, store = imported("cofacts", files, tmp_path)
    again = run_import(load_mapping("cofacts"), files[:1], store, now=NOW)
    assert (again.rows_loaded, again.rows_rejected, again.balanced) == (0, 39, True)
    assert store.snapshot().number == report.version

"""Nothing disappears: rows read = loaded + duplicates + rejected, and a second run adds nothing."""

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from watchfloor.facts.imports import (
    list_imports,
    mapping_from_text,
    read_import,
    rejected_rows,
    rejected_rows_csv,
)
from watchfloor.facts.imports.errors import NoSuchImportError


def counts(report):
    return report.rows_read, report.rows_loaded, report.rows_duplicate, report.rows_rejected


def test_a_good_row_becomes_a_fact_with_its_instants_in_utc(log, good, load, rows):
    report = load(log(good))
    assert counts(report) == (1, 1, 0, 0)
    assert (report.state, report.version) == ("loaded", 1)
    (row,) = rows()
    assert row["assigned_at"] == datetime(2026, 5, 1, tzinfo=UTC)  # 08:00 in Manila
    assert row["submitted_at"] == datetime(2026, 5, 1, 0, 1, tzinfo=UTC)
    assert (row["queue_id"], row["handle_ms"]) == ("alpha", 60000)
    assert json.loads(row["answer_json"]) == {"text": "fine"}


def test_an_offset_in_the_text_wins_over_the_time_zone_and_the_mixture_is_observed(log, good, load, rows):
    other = good.replace("r1", "r2").replace("2026-05-01 08:00:00", "2026-05-01T02:00:00+02:00")
    report = load(log(good, other))
    assert {row["assigned_at"] for row in rows()} == {datetime(2026, 5, 1, tzinfo=UTC)}
    (mixed,) = [o for o in report.observations if o.check == "mixed_offsets"]
    assert (mixed.about, mixed.detail) == ("start", {"without_offset": 1, "with_offset": 1})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("r1", ""), "review.review_id (id): missing"),
        ((",A,", ",C,"), "queue: value without a mapping"),
        (("60000", "6.5"), "ms: not a whole number"),
        (("60000", "sixty"), "ms: not a whole number"),
        (("2026-05-01 08:00:00", "yesterday"), "start: not an instant"),
        (("2026-05-01 08:00:00", "1970-01-01 00:00:00"), "start: instant outside 2000-01-01 … 2026-06-02"),
        (("2026-05-01T00:01:00Z", "2099-01-01T00:00:00Z"), "end: instant outside 2000-01-01 … 2026-06-02"),
        (("2026-05-01T00:01:00Z", "2026-02-30T00:00:00Z"), "end: not an instant"),
        (("2026-05-01T00:01:00Z", ""), "review.submitted_at (end): missing"),
        (("ann,A", "A"), "record has 7 fields, not 8"),
        ((",fine", ",fine,more"), "record has 9 fields, not 8"),
    ],
)
def test_a_wrong_row_is_rejected_with_its_reason_and_its_raw_values(
    log, good, load, store, rows, change, reason
):
    bad = good.replace("r1", "r2").replace("i1", "i2").replace(change[0].replace("r1", "r2"), change[1], 1)
    report = load(log(good, bad))
    assert counts(report) == (2, 1, 0, 1)
    assert report.rejected == {reason: 1}
    assert len(rows()) == 1
    (kept,) = rejected_rows(store, report.id)
    assert (kept["file"], kept["row"]) == ("log.csv", 2)
    assert json.loads(kept["raw"])["text"] in ("fine", None)


def test_all_reasons_of_a_row_are_kept_and_the_first_one_counts(log, good, load, store):
    bad = good.replace("2026-05-01 08:00:00", "soon").replace("60000", "many")
    report = load(log(bad))
    assert report.rejected == {"start: not an instant": 1}
    (kept,) = rejected_rows(store, report.id)
    assert kept["reasons"] == "start: not an instant; ms: not a whole number"


def test_an_import_that_rejects_everything_publishes_nothing(log, good, load, store):
    report = load(log(good.replace("60000", "x")))
    assert (report.state, report.version, store.snapshot().number) == ("unchanged", None, 0)


def test_rejected_rows_are_downloaded_as_csv_that_no_spreadsheet_runs(log, good, load, store):
    bad = good.replace("60000", "x").replace("fine", '"=1+1, ""quoted"""').replace("ann", "-5")
    report = load(log(bad))
    (row,) = csv.DictReader(StringIO("".join(rejected_rows_csv(store, report.id))))
    assert row["watchfloor_row"] == "1"
    assert row["watchfloor_reasons"] == "ms: not a whole number"
    assert row["text"] == '\'=1+1, "quoted"'
    assert row["who"] == "-5"


def test_a_second_run_of_the_same_file_adds_nothing(log, good, load, store, rows):
    path = log(good)
    load(path)
    again = load(path)
    assert counts(again) == (1, 0, 1, 0)
    assert again.state == "unchanged"
    assert again.same_content_as is not None
    assert store.snapshot().number == 1
    assert len(rows()) == 1


def test_the_same_rows_in_another_file_add_nothing(log, good, load, store):
    load(log(good))
    again = load(log(good, "", name="log-again.csv"))
    assert counts(again) == (1, 0, 1, 0)
    assert again.same_content_as is None
    assert again.duplicates == {"already stands with the same values": 1}
    assert store.snapshot().number == 1


def test_a_late_correction_replaces_the_fact_and_is_counted(log, good, load, store, rows):
    load(log(good))
    report = load(log(good.replace("60000", "59000"), good.replace("r1", "r2"), name="log-late.csv"))
    assert counts(report) == (2, 2, 0, 0)
    assert report.rows_corrected == 1
    assert report.facts == {"review": {"new": 1, "corrected": 1}}
    assert sorted((row["review_id"], row["handle_ms"]) for row in rows()) == [("r1", 59000), ("r2", 60000)]
    assert store.snapshot().number == 2


def test_the_same_row_twice_in_a_file_is_a_duplicate(log, good, load):
    report = load(log(good, good))
    assert counts(report) == (2, 1, 1, 0)
    assert report.duplicates == {"same row earlier in the files": 1}


def test_a_key_with_other_values_in_the_same_file_is_rejected(log, good, load, store):
    report = load(log(good, good.replace("60000", "1")))
    assert counts(report) == (2, 1, 0, 1)
    assert report.rejected == {"review: same key as an earlier row, with other values": 1}
    (kept,) = rejected_rows(store, report.id)
    assert json.loads(kept["raw"])["ms"] == "1"
    assert kept["row"] == 2


def test_the_latest_of_a_key_counts_where_the_mapping_says_so(log, good, load, mapping, rows):
    source = mapping.sources["rows"]
    rule = source.facts["review"].model_copy(update={"latest_by": "end"})
    using = mapping.model_copy(
        update={"sources": {"rows": source.model_copy(update={"facts": {"review": rule}})}}
    )
    later = good.replace("T00:01:00Z", "T00:05:00Z").replace("60000", "300000")
    report = load(log(later, good), using=using)
    assert report.duplicates == {"superseded by a later row of the same key": 1}
    assert [row["handle_ms"] for row in rows()] == [300000]


def test_check_reads_everything_and_writes_nothing(log, good, load, store):
    report = load(log(good, good.replace("60000", "x")), check=True)
    assert counts(report) == (2, 1, 0, 1)
    assert (report.state, store.snapshot().number) == ("checked", 0)
    assert not store.folder.exists()
    assert list_imports(store) == []


def test_observations_are_counted_with_shares_and_examples(log, good, load):
    late = good.replace("r1", "r2").replace("ann", "").replace("2026-05-01 08:00:00", "2026-05-01 10:00:00")
    report = load(log(good, late))
    found = {o.check: o for o in report.observations}
    assert (found["blank_agent"].count, found["blank_agent"].share) == (1, 0.5)
    assert found["blank_agent"].examples == [{"row": 2, "who": None}]
    assert found["negative_lag"].detail == {"by_year": {"2026": 1}}
    assert report.rows_loaded == 2  # an observation drops nothing


def test_reports_are_listed_newest_first_and_read_back_as_they_were(log, good, load, store):
    first = load(log(good))
    second = load(log(good.replace("r1", "r2"), name="log2.csv"))
    assert {report.id for report in list_imports(store)} == {first.id, second.id}
    assert read_import(store, second.id) == replace(second)
    with pytest.raises(NoSuchImportError):
        read_import(store, "../../etc")


def test_several_files_of_a_source_are_one_version(log, good, load, store):
    report = load(log(good, name="log1.csv"), log(good.replace("r1", "r2"), name="log2.csv"))
    assert [file.rows_read for file in report.files] == [1, 1]
    assert store.snapshot().number == 1


def test_parquet_and_json_lines_are_read_like_csv(tmp_path, header, good, load, rows):
    values = dict(zip(header.split(","), good.split(","), strict=True))
    pq.write_table(pa.Table.from_pylist([values]), tmp_path / "log.parquet")
    (tmp_path / "log.jsonl").write_text(
        "\n".join([json.dumps({**values, "id": "r2", "ms": 60000}), "{not json", "[1]"]), encoding="utf-8"
    )
    for name, kind in (("log.parquet", "parquet"), ("log.jsonl", "jsonl")):
        using = mapping_from_text(_small().replace('match: ["log*"]', f'match: ["log*"]\n    format: {kind}'))
        report = load(tmp_path / name, using=using)
        assert report.balanced
        assert report.rows_loaded == 1
    assert report.rows_rejected == 2
    assert {row["review_id"] for row in rows()} == {"r1", "r2"}


def _small() -> str:
    from pathlib import Path

    text = (Path(__file__).parent / "conftest.py").read_text(encoding="utf-8")
    return text.split('MAPPING = """')[1].split('"""')[0]

"""A daily dump of the EU DSA Transparency Database as it is published: a zip of zips of CSV files."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime

import pytest

COLUMNS = [
    "uuid",
    "decision_visibility",
    "decision_visibility_other",
    "end_date_visibility_restriction",
    "decision_monetary",
    "decision_monetary_other",
    "end_date_monetary_restriction",
    "decision_provision",
    "end_date_service_restriction",
    "decision_account",
    "end_date_account_restriction",
    "account_type",
    "decision_ground",
    "decision_ground_reference_url",
    "illegal_content_legal_ground",
    "illegal_content_explanation",
    "incompatible_content_ground",
    "incompatible_content_explanation",
    "incompatible_content_illegal",
    "category",
    "category_addition",
    "category_specification",
    "category_specification_other",
    "content_type",
    "content_type_other",
    "content_language",
    "content_date",
    "content_id",
    "territorial_scope",
    "application_date",
    "decision_facts",
    "source_type",
    "source_identity",
    "automated_detection",
    "automated_decision",
    "platform_name",
    "platform_uid",
    "created_at",
]
STATEMENT = {
    "uuid": "11111111-aaaa",
    "decision_visibility": '["DECISION_VISIBILITY_CONTENT_REMOVED","DECISION_VISIBILITY_CONTENT_DEMOTED"]',
    "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
    "incompatible_content_ground": "Spam, section 4",
    "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
    "category_specification": '["KEYWORD_PHISHING"]',
    "content_type": '["CONTENT_TYPE_SYNTHETIC_MEDIA","CONTENT_TYPE_TEXT"]',
    "content_language": "DE",
    "content_date": "2026-02-27 00:00:00",
    "territorial_scope": '["AT","DE"]',
    "application_date": "2026-03-01 00:00:00",
    "decision_facts": "Two lines\nof facts",
    "source_type": "SOURCE_VOLUNTARY",
    "automated_detection": "Yes",
    "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
    "platform_name": "Example",
    "platform_uid": "ours-1",
    "created_at": "2026-03-02 01:02:03",
}


@pytest.fixture
def dump(tmp_path):
    """Return a function that packs statements as the database publishes them."""

    def write(*statements):
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS)
        writer.writeheader()
        writer.writerows(statements)
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as archive:
            archive.writestr("sor-global-2026-03-01-full-00000-00000.csv", text.getvalue())
        path = tmp_path / "sor-global-2026-03-01-full.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("sor-global-2026-03-01-full-00000.csv.zip", inner.getvalue())
        return path

    return write


def test_a_statement_becomes_a_case_and_a_decision(dump, imported, rows, tmp_path):
    report, store = imported("dsa_transparency", [dump(STATEMENT)], tmp_path)
    assert (report.rows_read, report.rows_loaded, report.rejected) == (1, 1, {})
    (case,), (decision,) = rows("case", store), rows("decision", store)
    day = datetime(2026, 3, 1, tzinfo=UTC)
    assert (case["enqueued_at"], decision["decided_at"]) == (day, day)
    assert "enqueued_at" not in decision  # a statement does not say when the case entered
    assert (case["surface"], case["language"], case["strategy_id"]) == (
        "synthetic-media",
        "de",
        "own_initiative",
    )
    assert decision["labels"] == ["STATEMENT_CATEGORY_SCAMS_AND_FRAUD"]
    assert decision["action"] == "DECISION_VISIBILITY_CONTENT_REMOVED"
    assert decision["automated"] is False


def test_every_column_of_the_statement_is_kept(dump, imported, rows, tmp_path):
    _, store = imported("dsa_transparency", [dump(STATEMENT)], tmp_path)
    kept = {**json.loads(rows("case", store)[0]["source_json"])}
    kept |= json.loads(rows("decision", store)[0]["source_json"])
    held = {"uuid", "application_date", "platform_uid"}  # in columns of their own, or in the report as unused
    for name, value in STATEMENT.items():
        assert name in held or kept[name] == value, name


def test_an_unknown_enumeration_is_rejected_and_a_later_copy_counts(dump, imported, tmp_path):
    later = {**STATEMENT, "created_at": "2026-03-02 05:00:00", "content_language": "FR"}
    odd = {**STATEMENT, "uuid": "2", "source_type": "SOURCE_ORACLE"}
    report, store = imported("dsa_transparency", [dump(STATEMENT, later, odd)], tmp_path)
    assert report.rejected == {"source_type: value without a mapping": 1}
    assert report.duplicates == {"superseded by a later row of the same key": 1}
    assert store.snapshot().row_count("case") == 1
    assert report.files[0].unused_columns == ["platform_uid"]

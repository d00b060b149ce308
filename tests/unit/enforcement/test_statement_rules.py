"""Each rule of a statement of reasons, by one statement that keeps it and one that breaks it."""

import pytest

from watchfloor.operations.enforcement import statement_terms as terms
from watchfloor.operations.enforcement.statement_rules import faults

FITTING = {
    "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
    "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
    "incompatible_content_ground": "Terms, clause 4",
    "incompatible_content_explanation": "It deceives for gain.",
    "content_type": ["CONTENT_TYPE_TEXT"],
    "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
    "category_specification": ["KEYWORD_PHISHING"],
    "territorial_scope": ["DE", "FR"],
    "content_date": "2026-03-01",
    "application_date": "2026-03-02",
    "decision_facts": "Noticed by a person.",
    "source_type": "SOURCE_ARTICLE_16",
    "automated_detection": "No",
    "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    "puid": "a-B_9",
}
ILLEGAL = {
    "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
    "incompatible_content_ground": None,
    "incompatible_content_explanation": None,
    "illegal_content_legal_ground": "Law",
    "illegal_content_explanation": "Because.",
}


def fields_at_fault(changes):
    return sorted({each.field for each in faults(FITTING | changes)})


def test_a_complete_statement_has_no_fault():
    assert faults(FITTING) == []


@pytest.mark.parametrize(
    "changes",
    [
        ILLEGAL,
        {"decision_visibility": None, "decision_account": "DECISION_ACCOUNT_SUSPENDED"},
        {"decision_visibility": ["DECISION_VISIBILITY_OTHER"], "decision_visibility_other": "Blurred."},
        {"decision_monetary": "DECISION_MONETARY_OTHER", "decision_monetary_other": "Fees kept."},
        {"content_type": ["CONTENT_TYPE_OTHER"], "content_type_other": "Listing"},
        {"category_specification": ["KEYWORD_OTHER"], "category_specification_other": "Lottery"},
        {"category_specification": ["KEYWORD_STALKING"]},
        {"category": "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE", "category_specification": []},
        {
            "category_addition": ["STATEMENT_CATEGORY_VIOLENCE"],
            "category_specification": ["KEYWORD_COORDINATED_HARM"],
        },
        {"end_date_visibility_restriction": "2026-03-02"},
        {"end_date_visibility_restriction": "2038-01-01"},
        {"content_date": "2000-01-01"},
        {"application_date": "2020-01-01"},
        {"content_language": "DE"},
        {"content_id": {"EAN-13": "4006381333931"}},
        {"content_id_ean": "4006381333931"},
        {"source_identity": "Flaggers e. V."},
        {"incompatible_content_illegal": "Yes"},
        {"decision_ground_reference_url": "https://example.org/terms#4"},
        {"puid": "x" * 500},
        {"decision_facts": "x" * 5000},
    ],
)
def test_what_the_rules_allow_has_no_fault(changes):
    assert fields_at_fault(changes) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"decision_visibility": None}, "decision_visibility"),
        ({"decision_visibility": ["DECISION_VISIBILITY_GONE"]}, "decision_visibility"),
        ({"decision_visibility": "DECISION_VISIBILITY_CONTENT_REMOVED"}, "decision_visibility"),
        ({"decision_visibility": ["DECISION_VISIBILITY_OTHER"]}, "decision_visibility_other"),
        ({"decision_visibility_other": "Blurred."}, "decision_visibility_other"),
        ({"decision_monetary": "DECISION_MONETARY_OTHER"}, "decision_monetary_other"),
        ({"decision_provision": "DECISION_PROVISION_SUSPENSION"}, "decision_provision"),
        ({"decision_account": "ACCOUNT_SUSPENDED"}, "decision_account"),
        ({"account_type": "ACCOUNT_TYPE_STATE"}, "account_type"),
        ({"decision_ground": None}, "decision_ground"),
        ({"decision_ground_reference_url": "terms of use"}, "decision_ground_reference_url"),
        ({**ILLEGAL, "illegal_content_legal_ground": ""}, "illegal_content_legal_ground"),
        ({**ILLEGAL, "illegal_content_explanation": "x" * 2001}, "illegal_content_explanation"),
        ({"illegal_content_explanation": "Because."}, "illegal_content_explanation"),
        ({"incompatible_content_explanation": None}, "incompatible_content_explanation"),
        ({**ILLEGAL, "incompatible_content_illegal": "Yes"}, "incompatible_content_illegal"),
        ({"incompatible_content_illegal": "yes"}, "incompatible_content_illegal"),
        ({"content_type": []}, "content_type"),
        ({"content_type": ["CONTENT_TYPE_TEXT", "CONTENT_TYPE_TEXT"]}, "content_type"),
        ({"content_type": ["CONTENT_TYPE_OTHER"]}, "content_type_other"),
        ({"category": "STATEMENT_CATEGORY_NOT_SPECIFIED_ORDER"}, "category"),
        ({"category": ["STATEMENT_CATEGORY_VIOLENCE"]}, "category"),
        ({"category_addition": ["VIOLENCE"]}, "category_addition"),
        ({"category_specification": ["KEYWORD_DANGEROUS_TOYS"]}, "category_specification"),
        ({"category_specification": ["KEYWORD_SUICIDE"]}, "category_specification"),
        ({"category_specification_other": "Lottery"}, "category_specification_other"),
        ({"territorial_scope": None}, "territorial_scope"),
        ({"territorial_scope": ["GB"]}, "territorial_scope"),
        ({"territorial_scope": ["EL"]}, "territorial_scope"),
        ({"content_language": "de"}, "content_language"),
        ({"content_language": "XX"}, "content_language"),
        ({"content_date": "1999-12-31"}, "content_date"),
        ({"content_date": "2026-3-1"}, "content_date"),
        ({"content_date": "2026-02-30"}, "content_date"),
        ({"application_date": "2019-12-31"}, "application_date"),
        ({"application_date": "2038-01-02"}, "application_date"),
        ({"end_date_visibility_restriction": "2026-03-01"}, "end_date_visibility_restriction"),
        ({"end_date_account_restriction": "2038-01-02"}, "end_date_account_restriction"),
        ({"decision_facts": "x" * 5001}, "decision_facts"),
        ({"decision_facts": "Posted by ann@example.org."}, "decision_facts"),
        ({"source_type": "SOURCE_UNKNOWN"}, "source_type"),
        ({"source_type": "SOURCE_VOLUNTARY", "source_identity": "Somebody"}, "source_identity"),
        ({"automated_detection": True}, "automated_detection"),
        ({"automated_decision": "AUTOMATED_DECISION_NO"}, "automated_decision"),
        ({"content_id": {"EAN": "4006381333931"}}, "content_id"),
        ({"content_id_ean": "400638133393"}, "content_id_ean"),
        ({"content_id": {"EAN-13": "4006381333931"}, "content_id_ean": "4006381333931"}, "content_id_ean"),
        ({"puid": "a b"}, "puid"),
        ({"puid": "x" * 501}, "puid"),
        ({"url": "https://example.org"}, "url"),
    ],
)
def test_what_the_rules_forbid_is_found_at_its_field(changes, field):
    assert fields_at_fault(changes) == [field]


def test_the_lists_are_as_long_as_the_schema_says():
    assert len(terms.CATEGORIES) == 16
    assert len(terms.KEYWORDS) == 69
    assert len(terms.TERRITORIES) == 30

"""The 10 rules find what published reports got wrong, and find nothing in a report that is right."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from watchfloor.operations.reports.dsa import terms
from watchfloor.operations.reports.dsa.accuracy import measured
from watchfloor.operations.reports.dsa.checks import check
from watchfloor.operations.reports.dsa.files import workbook_of, zip_of
from watchfloor.operations.reports.dsa.sheets import Declared, lay_out

DECLARED = Declared(
    provider="Example",
    service="Example video",
    start=date(2026, 1, 1),
    end=date(2026, 6, 30),
    published_on=date(2026, 8, 20),
    is_very_large=True,
    recipients={"TOTAL": 1000, "GR": 0},
    words=dict.fromkeys(terms.QUALITATIVE, "As it is."),
)
MEASURE = {
    "category": "VIOLENCE",
    "keyword": "OTHER",
    "is_illegal": True,
    "is_unmapped": False,
    "types": ["removed"],
    "source": "own",
    "is_detected": False,
    "is_automated": False,
    "standing": "stated",
    "stated_elsewhere": False,
    "n": 70,
}
COUNTED = {
    "knows_sources": True,
    "measures": [MEASURE, {**MEASURE, "is_detected": True, "n": 30}],
    "notices": {},
    "appeals": {
        "complaints": {"n": 5, "upheld": 3, "reversed": 2, "median": 4.5},
        "subjects": {},
        "disputes": {"n": 0},
    },
    "people": {"internal": 3, "external": 9, "total": 12, "languages": {"de": 4}},
    "accuracy": {"machine": {}, "people": {}, "method": "Weighted."},
}


def _changed(name, change):
    """Return the findings after `change(row as a dict)` on the rows of one sheet."""
    sheets = []
    for sheet in lay_out(DECLARED, COUNTED):
        if sheet.name == name:
            rows = []
            for row in sheet.rows:
                held = dict(zip(sheet.header, row, strict=True))
                change(held)
                rows.append(tuple(held.values()))
            sheet = replace(sheet, rows=tuple(rows))
        sheets.append(sheet)
    return check(sheets, declared=DECLARED, bridge={"residual": 0})


def _rules(found):
    return {one.rule for one in found}


def test_a_right_report_has_no_finding():
    assert check(lay_out(DECLARED, COUNTED), declared=DECLARED, bridge={"residual": 0}) == []


def test_the_sheets_are_the_template_s_in_their_order():
    assert tuple(sheet.name for sheet in lay_out(DECLARED, COUNTED)) == terms.SHEETS
    widths = {
        sheet.name: {len(row) for row in sheet.rows} | {len(sheet.header)}
        for sheet in lay_out(DECLARED, COUNTED)
    }
    assert all(len(found) == 1 for found in widths.values())


def test_a_period_filled_down_is_found_in_its_cells():
    days = iter(range(31, 10_000))

    def fill(row):
        row["Reporting period"] = f"2026-01-01/2026-06-{next(days)}"

    found = _changed(terms.APPEALS, fill)
    assert _rules(found) == {1}
    assert found[0].cell == "C10"


def _own_initiative(measures, automated, disabled):
    def change(row):
        if row["Category code"] in ("TOTAL", terms.code_of("VIOLENCE"), terms.code_of("VIOLENCE", "OTHER")):
            row[terms.MEASURES] = measures
            row[terms.DETECTED] = automated
            row[terms.RESTRICTIONS["removed"]] = 0
            row[terms.RESTRICTIONS["disabled"]] = disabled

    return _changed(terms.ILLEGAL, change)


def test_automated_measures_added_to_the_total_are_recognised():
    found = [one for one in _own_initiative(2781, 20, 2801) if one.rule == 3]
    assert (
        "2,801, exceeds the measures, 2,781: it is the measures and the 20 automated ones added"
        in found[0].message
    )
    assert found[0].cell[-1] == "2"
    assert "contained" in found[0].remedy


def test_more_of_one_restriction_than_measures_is_found():
    found = [one for one in _own_initiative(1_056_752, 0, 1_149_115) if one.rule == 3]
    assert "1,149,115, exceeds the measures, 1,056,752." in found[0].message


def test_measures_that_restrict_nothing_are_found():
    assert 3 in _rules(_own_initiative(100, 0, 60))


def test_more_automated_than_measures_is_found():
    assert 2 in _rules(_own_initiative(20, 21, 20))


def test_a_total_that_is_not_the_sum_is_found_unless_declared():
    def change(row):
        if row["Category code"] == "TOTAL":
            row[terms.MEASURES] = 90

    found = _changed(terms.ILLEGAL, change)
    assert any(one.rule == 2 and "TOTAL is 90, its categories add up to 100" in one.message for one in found)


def test_detection_copied_into_decisions_is_warned_of():
    def change(row):
        if row["Indicator"] == terms.SOLELY_AUTOMATED and row["Scope"] == "Own-initiative":
            row["Value"] = 30

    found = _changed(terms.AUTOMATED, change)
    assert [(one.rule, one.weight) for one in found] == [(4, "warning")]


def test_placeholders_and_doubled_rows_are_found():
    def change(row):
        if row["Category code"] == terms.code_of("VIOLENCE", "OTHER"):
            row["Category code"] = terms.code_of("VIOLENCE")
            row['Description of "Other"'] = "AT, […], SE"

    found = [one for one in _changed(terms.TERMS, change) if one.rule == 5]
    assert len(found) == 2


def test_medians_in_two_units_and_a_median_of_nothing_are_found():
    def change(row):
        if row["Indicator"] == terms.DISPUTES and row["Scope"] == terms.MEDIAN:
            row["Value"], row["Contextual information"] = 0, "days"

    assert [one.rule for one in _changed(terms.APPEALS, change)] == [6, 6]


@pytest.mark.parametrize(("value", "rules"), [(24.95, {7}), (0.97, set()), (None, set())])
def test_accuracy_is_a_share(value, rules):
    def change(row):
        if row["Indicator"] == terms.ACCURACY_INDICATORS["accuracy"]:
            row["Value"] = value

    assert _rules(_changed(terms.AUTOMATED, change)) == rules


def test_states_and_languages_are_told_apart():
    def to_language(row):
        row["Scope"] = {"GR": "EL"}.get(row["Scope"], row["Scope"])

    def to_state(row):
        row["Scope"] = {"el": "GR", "ga": "IE"}.get(row["Scope"], row["Scope"])

    assert [one.remedy for one in _changed(terms.RECIPIENTS, to_language)] == ["Write 'GR'."]
    found = _changed(terms.PEOPLE, to_state)
    assert "Write 'el'." in [one.remedy for one in found]
    assert any("el, ga is missing" in one.message for one in found)


def test_more_outcomes_than_complaints_need_a_carry_over():
    counted = {
        **COUNTED,
        "appeals": {**COUNTED["appeals"], "complaints": {"n": 4, "upheld": 3, "reversed": 2}},
    }
    assert _rules(check(lay_out(DECLARED, counted), declared=DECLARED)) == {9}
    carried = replace(DECLARED, carry_over=1)
    assert check(lay_out(carried, counted), declared=carried) == []


def test_a_statement_that_nothing_explains_is_found():
    found = check(lay_out(DECLARED, COUNTED), declared=DECLARED, bridge={"residual": -3})
    assert [one.rule for one in found] == [10]


def test_what_nobody_typed_in_is_blank_and_what_is_none_is_zero():
    by_name = {sheet.name: sheet for sheet in lay_out(DECLARED, COUNTED)}
    sheet = by_name[terms.RECIPIENTS]
    assert {row[-2]: row[-1] for row in sheet.rows if row[-2] in ("GR", "CZ")} == {"GR": 0, "CZ": None}
    languages = {row[5]: row[6] for row in by_name[terms.PEOPLE].rows}
    assert languages["ga"] == 0


def test_the_same_sheets_give_the_same_bytes():
    sheets, at = lay_out(DECLARED, COUNTED), datetime(2026, 8, 1, tzinfo=UTC)
    assert zip_of(sheets) == zip_of(lay_out(DECLARED, COUNTED))
    assert workbook_of(sheets, made_at=at) == workbook_of(sheets, made_at=at)
    with zipfile.ZipFile(io.BytesIO(zip_of(sheets))) as archive:
        assert archive.namelist() == [f"{name}.csv" for name in terms.SHEETS]


def _audits(n, *, wrong, pi, language="de", **more):
    return [
        {
            "language": language,
            "pi": pi,
            "stratum": "",
            "design_id": "d",
            "is_correct": number >= wrong,
            "verdict": "correct" if number >= wrong else "incorrect",
            "answer_violative": True,
            "truth_violative": number >= wrong,
            "auditor_verdict": None,
            "is_automated": False,
        }
        | more
        for number in range(n)
    ]


def test_accuracy_is_weighted_by_the_design():
    rare, common = _audits(100, wrong=50, pi=0.5), _audits(100, wrong=0, pi=0.1, language="fr")
    people = measured([*rare, *common])["people"]
    assert people["Total number"]["accuracy"]["value"] == pytest.approx(1 - 100 / 1200, abs=1e-6)
    assert people["de"]["accuracy"]["value"] == 0.5
    assert people["fr"]["accuracy"]["low"] < 1 <= people["fr"]["accuracy"]["high"]


def test_accuracy_is_corrected_for_auditors_that_were_checked():
    looked_again = [
        *_audits(100, wrong=100, pi=0.5, auditor_verdict="correct")[:90],
        *_audits(10, wrong=10, pi=0.5, auditor_verdict="incorrect"),
        *_audits(100, wrong=0, pi=0.5, auditor_verdict="correct")[:99],
        *_audits(1, wrong=0, pi=0.5, auditor_verdict="incorrect"),
    ]
    found = measured(looked_again)
    assert found["auditors"]["sensitivity"] == 0.9
    assert found["auditors"]["specificity"] == 0.99
    assert found["people"]["Total number"]["accuracy"]["is_corrected"]
    assert "Rogan and Gladen" in found["method"]


def test_without_audits_accuracy_is_absent():
    found = measured([])
    assert found["machine"] == found["people"] == {}
    assert "not 0" in found["method"]

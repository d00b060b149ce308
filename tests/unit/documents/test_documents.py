"""One tree as page, PDF and workbook: the same numbers, nothing read as code, the same bytes again."""

import io
from datetime import UTC, datetime

import openpyxl
import pytest

from watchfloor.operations.shell import charts
from watchfloor.operations.shell.documents import (
    Chart,
    Column,
    Document,
    Figure,
    Figures,
    Heading,
    Note,
    Number,
    PageBreak,
    Series,
    Table,
    Text,
    typeset,
)
from watchfloor.operations.shell.documents.page import html_of
from watchfloor.operations.shell.documents.typeset import NoFontError, pdf_of
from watchfloor.operations.shell.documents.workbook import workbook_of

HOSTILE = '#eval("1") <script>alert(1)</script> =1+1 \\u{0} $x$'
SLA = Number(
    0.942, "94.2%", 0.93, 0.953, "93.0% – 95.3%", "share", "bad", "https://example.test/explore/?metric=sla"
)


def a_document(**more):
    days = [f"2026-06-0{day}" for day in range(1, 5)]
    points = [
        {"at": f"{day}T00:00:00Z", "value": 0.94, "low": 0.92, "high": 0.96, "series": "SLA"} for day in days
    ]
    values = {
        "title": "Week 23",
        "subtitle": "1 – 7 June 2026",
        "made_at": datetime(2026, 6, 8, tzinfo=UTC),
        "simulated": "Simulated data",
        "sources": ("facts version 12",),
        "blocks": (
            Heading("What matters"),
            Text.of("SLA attainment was ", SLA, ", below its target."),
            Figures((Figure("SLA attainment", SLA, "target 95%"), Figure("Backlog", Number(1234, "1,234")))),
            Note("Quality is withheld: 12 audits of 30."),
            Table(
                (Column("Queue"), Column("SLA", "share"), Column("Note")),
                (("Spam", SLA, HOSTILE), ("诈骗", Number(None, "no data"), "")),
                title="By queue",
                note="95 % intervals",
            ),
            PageBreak(),
            Chart(
                "SLA by day",
                charts.over_time(points, value_title="SLA", unit="share"),
                tuple(days),
                (Series("SLA", (0.94,) * 4, (0.92,) * 4, (0.96, None, 0.96, 0.96)),),
                unit="share",
                limit=0.95,
            ),
        ),
    }
    return Document(**(values | more))


def test_the_same_tree_gives_the_same_bytes_and_another_one_does_not():
    one, same, other = a_document(), a_document(), a_document(title="Week 24")
    assert one.digest == same.digest != other.digest
    assert pdf_of(one) == pdf_of(same)
    later = a_document(made_at=datetime(2026, 6, 9, tzinfo=UTC))
    assert later.digest == one.digest


def test_a_pdf_holds_the_document_in_english_and_chinese():
    for language in ("en", "zh-hans"):
        made = pdf_of(a_document(language=language, title="周报 Week"))
        assert made.startswith(b"%PDF-")
        assert len(made) > 10_000


def test_a_chinese_pdf_without_a_font_is_refused(monkeypatch):
    class Bare:
        def families(self):
            return ["Libertinus Serif"]

    monkeypatch.setattr(typeset, "fonts", Bare)
    with pytest.raises(NoFontError, match="empty boxes"):
        pdf_of(a_document(language="zh-hans"))


def test_a_workbook_keeps_numbers_as_numbers_with_bounds_and_a_native_chart():
    book = openpyxl.load_workbook(io.BytesIO(workbook_of(a_document())))
    cells = {cell.value: cell for row in book["Report"].iter_rows() for cell in row if cell.value is not None}
    spam = cells["Spam"].row
    row = [cell.value for cell in book["Report"][spam]][:4]
    assert row == ["Spam", 0.942, 0.93, 0.953]
    assert cells["Spam"].offset(0, 1).number_format == "0.0%"
    assert cells["no data"].data_type == "s"
    assert all(cell.data_type != "f" for row in book["Report"].iter_rows() for cell in row)
    chart = book["Report"]._charts[0]
    assert len(chart.series) == 2
    assert chart.series[0].errBars is not None


def test_a_page_escapes_what_it_shows():
    page = html_of(a_document())
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert 'href="https://example.test/explore/?metric=sla"' in page

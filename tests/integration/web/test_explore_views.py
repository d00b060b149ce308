"""Explore's views: what each shows, what each refuses and what to ask instead; files that hold the page."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from django.test import Client

from watchfloor.facts.store import FactStore
from watchfloor.operations.targets.models import Target

SignIn = Callable[..., Client]


def days(back: int = 3) -> str:
    today = datetime.now(UTC).date()
    return f"from={today - timedelta(days=back)}&to={today + timedelta(days=1)}"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("m=aht&by=site&view=multiples", "dublin"),
        ("m=aht&by=site&view=distribution", "n = 20"),
        ("m=handle_p50&by=site&view=percentiles&grain=hour", "p90"),
        ("m=aht&view=heatmap&tz=Asia/Manila", "Hours and weekdays of Asia/Manila"),
        ("m=aht&view=cohort", "Tenure counts days"),
        ("m=review_completion_24h&view=cohort&cohort=age", "Week of enqueue"),
        ("m=aht&m=reviews&by=site&view=table", "manila"),
        ("m=aht&m=reviews&by=site&view=compare", "Compared with"),
    ],
)
def test_every_view_shows_its_answer(query: str, said: str, sign_in: SignIn, facts: FactStore) -> None:
    response = sign_in().get(f"/explore/?{query}&{days()}")
    assert response.status_code == 200, response.content.decode()
    assert said in response.content.decode()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("m=aht&view=multiple", "Did you mean &#x27;multiples&#x27;?"),
        ("m=aht&view=multiples", "Small multiples need a dimension"),
        ("m=intake&by=queue&view=distribution", "Ask for a metric of durations"),
        ("m=aht&m=reviews&view=percentiles", "this view shows one"),
        ("m=aht&view=heatmap&by=site&by=queue", "Leave one of them"),
        ("m=intake&view=cohort&cohort=tenure", "cannot be split"),
        ("m=aht&view=cohort&cohort=age", "Ask review_completion_24h"),
        ("m=aht&view=compare&against=sometime", "is no period to compare with"),
        ("m=aht&view=compare&against=2020-01-01..2030-01-01", "overlap"),
    ],
)
def test_a_view_that_has_no_answer_says_what_to_ask_instead(
    query: str, said: str, sign_in: SignIn, facts: FactStore
) -> None:
    response = sign_in().get(f"/explore/?{query}&{days()}")
    assert response.status_code == 422
    assert said in response.content.decode()


def test_a_change_within_its_interval_is_called_noise(
    sign_in: SignIn, facts: FactStore, now: datetime
) -> None:
    middle, end = now - timedelta(hours=10), now + timedelta(hours=1)
    start = middle - (end - middle)
    address = "/explore/?m=aht&by=site&view=compare&" + "&".join(
        (
            f"from={middle:%Y-%m-%dT%H:%M:%SZ}",
            f"to={end:%Y-%m-%dT%H:%M:%SZ}",
            f"against={start:%Y-%m-%dT%H:%M:%SZ}..{middle:%Y-%m-%dT%H:%M:%SZ}",
        )
    )
    page = sign_in().get(address).content.decode()
    assert "changes are more than noise" in page or "change is more than noise" in page
    assert "By chance alone about 0.1 would be" in page


def test_the_target_that_applies_is_drawn_and_judged(
    sign_in: SignIn, facts: FactStore, now: datetime
) -> None:
    Target.objects.create(
        target_id="00000000-0000-0000-0000-000000000001",
        version=1,
        metric_id="aht",
        metric_version=1,
        scope={},
        scope_key="",
        period="week",
        direction="lower_is_better",
        kind="ceiling",
        value=70.0,
        method="by hand",
        min_n=1,
        owner="a@example.org",
        effective_from=now - timedelta(days=30),
        recorded_at=now - timedelta(days=30),
    )
    page = sign_in().get(f"/explore/?m=aht&by=site&{days()}").content.decode()
    assert "dashed: the target" in page
    assert "target 70.0 s" in page
    assert ">missed<" in page or ">inconclusive<" in page
    unseen = sign_in("regulator").get(f"/explore/?m=aht&by=site&{days()}").content.decode()
    assert "target 70.0 s" not in unseen


def test_the_workbook_holds_definitions_filters_and_intervals(sign_in: SignIn, facts: FactStore) -> None:
    address = f"/explore/figures.xlsx?m=aht&by=site&where=queue:video-violence&{days()}"
    body = sign_in().get(address).content
    book = openpyxl.load_workbook(io.BytesIO(body))
    assert book.sheetnames[0] == "Report"
    assert {"Definitions", "Cells", "Chart data"} <= set(book.sheetnames)
    said = [str(cell.value) for row in book["Definitions"].iter_rows() for cell in row if cell.value]
    assert "Σ handle seconds ÷ reviews submitted" in said
    assert any("video-violence" in each for each in said)
    header = next(row for row in book["Cells"].iter_rows(values_only=True) if "denominator" in row)
    assert {"low", "high", "numerator"} <= set(header)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pdf_is_set_in_both_languages(language: str, sign_in: SignIn, facts: FactStore) -> None:
    client = sign_in()
    client.cookies["watchfloor_language"] = language
    response = client.get(f"/explore/figures.pdf?m=aht&by=site&{days()}")
    assert response.content.startswith(b"%PDF-")


def test_the_question_can_be_taken_elsewhere(sign_in: SignIn, facts: FactStore) -> None:
    page = sign_in().get(f"/explore/?m=aht&by=site&where=queue:video-violence&{days()}").content.decode()
    assert "watchfloor metric aht --by site --period" in page
    assert "/api/v1/cells?metric=aht&amp;by=site" in page
    assert "open_operation(operation=" in page

"""Explore: figures with interval, n and version; errors in place; files; the cases behind a figure."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.operations.people.models import Site
from watchfloor.operations.queues.models import Queue

SignIn = Callable[..., Client]


def days() -> str:
    today = datetime.now(UTC).date()
    return f"from={today - timedelta(days=3)}&to={today + timedelta(days=1)}"


def test_a_figure_stands_with_interval_n_and_version(sign_in: SignIn, facts: FactStore) -> None:
    page = sign_in().get(f"/explore/?m=aht&by=site&{days()}").content.decode()
    assert "dublin" in page
    assert "@1" in page
    assert ">20</td>" in page
    assert "Σ handle seconds ÷ reviews submitted" in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("m=ath", "Did you mean &#x27;aht&#x27;?"),
        ("m=aht&by=sight", "Did you mean &#x27;site&#x27;?"),
        ("m=aht&period=2026-03-08..2026-03-01", "not after its start"),
        ("m=aht&grain=fortnight", "There is no grain"),
        ("m=aht&tz=Europe/Dubln", "Did you mean &#x27;Europe/Dublin&#x27;?"),
        ("m=aht&where=nonsense", "is not a filter"),
        ("m=aht&from=2026-03-01", "has one end"),
        ("m=aht&tz=../etc", "There is no time zone"),
        ("m=sla_attainment&by=site", "cannot be split"),
    ],
)
def test_a_question_without_an_answer_says_why_and_what_is_near(
    query: str, said: str, sign_in: SignIn, facts: FactStore
) -> None:
    response = sign_in().get(f"/explore/?{query}")
    assert response.status_code == 422
    assert said in response.content.decode()


def test_a_definition_speaks_the_language_of_the_page(sign_in: SignIn, facts: FactStore) -> None:
    client = sign_in()
    client.cookies["watchfloor_language"] = "zh-hans"
    page = client.get(f"/explore/?m=aht&by=site&{days()}").content.decode()
    assert "Σ 处理秒数 ÷ 提交审核数" in page
    assert "只考核速度会漏放违规内容。" in page
    assert "绝不按原始处理时长给个人排名" in page
    assert "A target on speed alone" not in page


def test_the_csv_carries_numerator_and_denominator(sign_in: SignIn, facts: FactStore) -> None:
    body = sign_in().get(f"/explore/figures.csv?m=aht&by=site&{days()}").content.decode()
    by_site = {row["site"]: row for row in csv.DictReader(io.StringIO(body))}
    dublin = by_site["dublin"]
    assert float(dublin["denominator"]) == 20
    assert float(dublin["value"]) == pytest.approx(float(dublin["numerator"]) / 20)
    assert float(dublin["value"]) == pytest.approx(60 + sum(range(0, 40, 2)) / 20)


def test_the_workbook_has_a_native_chart(sign_in: SignIn, facts: FactStore) -> None:
    response = sign_in().get(f"/explore/figures.xlsx?m=aht&by=site&{days()}")
    names = zipfile.ZipFile(io.BytesIO(response.content)).namelist()
    assert "xl/charts/chart1.xml" in names


def test_a_figure_opens_the_cases_behind_it(sign_in: SignIn, facts: FactStore) -> None:
    client = sign_in()
    page = client.get(f"/explore/?m=aht&by=site&{days()}").content.decode()
    link = page.split('class="figure-link"')[0].rsplit('href="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    cases = client.get(link).content.decode()
    assert cases.count("/console/cases/?q=c") == 20


def test_a_day_that_is_not_over_is_marked(sign_in: SignIn, facts: FactStore) -> None:
    page = sign_in().get(f"/explore/?m=reviews&grain=day&{days()}").content.decode()
    marked = [row for row in page.split("<tr ") if "so far" in row.split("</tr>")[0] and "data-v" in row]
    assert len(marked) <= 1
    assert '"cut": "so far"' in page or not marked


def test_a_misspelt_parameter_is_named_with_the_nearest(sign_in: SignIn, facts: FactStore) -> None:
    page = sign_in().get("/explore/?metrics=aht&last=28d&zzqx=1").content.decode()
    assert "<code>last</code>; did you mean <code>period</code>?" in page
    assert "<code>metrics</code>; did you mean <code>m</code>?" in page
    assert "<code>zzqx</code>; it was left out" in page


@pytest.mark.parametrize("path", ["/people/", "/policies/", "/queues/"])
def test_a_log_without_settings_says_so(path: str, sign_in: SignIn, facts: FactStore, settings: Any) -> None:
    FactStore(settings.WATCHFLOOR_FACTS_ROOT, "elsewhere").commit(
        {"case": pa.Table.from_pylist([], schema=TABLES["case"].arrow_schema)},
        published_at=datetime.now(UTC),
        source="test",
    )
    page = sign_in().get(f"{path}?op=elsewhere").content.decode()
    assert "This log keeps no" in page


def offered(client: Client, name: str, query: str = "") -> str:
    response = client.get(f"/explore/values/{name}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_a_filter_offers_the_values_that_exist(sign_in: SignIn, facts: FactStore) -> None:
    client = sign_in()
    sites = offered(client, "site", "?where=site:dublin")
    assert 'value="site:dublin" checked disabled' in sites
    assert 'value="site:manila">' in sites
    assert offered(client, "weekday").count("checkbox") == 7
    assert "no value of it" in offered(client, "market")
    assert client.get("/explore/values/sight/").status_code == 404


def test_many_values_become_a_list_to_type_into(sign_in: SignIn, facts: FactStore, now: datetime) -> None:
    schema = TABLES["case"].arrow_schema
    shared = {"queue_id": "spam", "purpose": "production", "enqueued_at": now}
    values = [{**shared, "case_id": f"m{at}", "strategy_id": f"s{at}"} for at in range(600)]
    table = pa.Table.from_pylist([{f.name: one.get(f.name) for f in schema} for one in values], schema=schema)
    facts.commit({"case": table}, published_at=datetime.now(UTC), source="test")
    page = offered(sign_in(), "strategy")
    assert page.count("<option") == 500
    assert 'list="values-strategy"' in page
    assert "any other can be typed" in page


def test_a_filter_offers_nothing_outside_the_grants(
    sign_in: SignIn, demo: list[Queue], facts: FactStore
) -> None:
    manila = sign_in("analyst", site=Site.objects.get(slug="manila"))
    assert 'value="site:manila"' in offered(manila, "site")
    assert "dublin" not in offered(manila, "site")
    group = next(queue.group for queue in demo if queue.slug == "video-violence")
    other = next(queue.group for queue in demo if queue.group != group)
    assert "video-violence" in offered(sign_in("analyst", queue_group=group), "queue")
    assert "video-violence" not in offered(sign_in("analyst", queue_group=other), "queue")
    assert "r0" not in offered(sign_in("regulator"), "reviewer")
    assert "r0" in offered(sign_in("analyst"), "reviewer")

"""What was known when: Explore and the past floor read the facts as they were published at an instant."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.operations.queues.models import Queue

SignIn = Callable[..., Client]
HOUR = timedelta(hours=1)


@pytest.fixture
def late_case(facts: FactStore, now: datetime) -> datetime:
    """A case of an hour before the first version, recorded a minute after it; the instant between the two."""
    values = {
        "case_id": "late",
        "queue_id": "video-violence",
        "purpose": "production",
        "language": "en",
        "surface": "video",
        "enqueued_at": now - HOUR,
        "deadline_at": now + HOUR,
    }
    schema = TABLES["case"].arrow_schema
    row = pa.Table.from_pylist([{f.name: values.get(f.name) for f in schema}], schema=schema)
    (first,) = facts.versions()
    facts.commit({"case": row}, published_at=first.published_at + timedelta(microseconds=2), source="late")
    return first.published_at + timedelta(microseconds=1)


def intake(client: Client, **asked: Any) -> float:
    body = client.get("/explore/figures.csv", {"m": "intake", **asked}).content.decode()
    (row,) = csv.DictReader(io.StringIO(body))
    return float(row["value"])


def test_explore_leaves_out_what_was_recorded_later(
    sign_in: SignIn, facts: FactStore, late_case: datetime, now: datetime
) -> None:
    client = sign_in()
    period = {"from": (now - 48 * HOUR).isoformat(), "to": now.isoformat()}
    assert intake(client, **period) == intake(client, **period, as_of=late_case.isoformat()) + 1


def test_older_knowledge_is_said_and_kept_in_links(
    sign_in: SignIn, facts: FactStore, late_case: datetime
) -> None:
    page = sign_in().get("/explore/", {"m": "aht", "as_of": late_case.isoformat()}).content.decode()
    assert "only what had been recorded by" in page
    assert "Use everything known now" in page
    link = page.split('class="figure-link"')[0].rsplit('href="', 1)[1].split('"', 1)[0]
    assert "as_of=" in link
    assert "as_of=" in page.split('data-go="f"')[0].rsplit('href="', 1)[1]
    assert "This page knows no parameter" not in page
    assert "Now<svg" not in page


def test_the_newest_knowledge_needs_no_banner(sign_in: SignIn, facts: FactStore) -> None:
    page = sign_in().get("/explore/?m=aht").content.decode()
    assert "only what had been recorded by" not in page
    assert "As it was known at (UTC)" in page


def test_the_past_floor_shows_what_was_known_then(
    sign_in: SignIn, demo: list[Queue], facts: FactStore, late_case: datetime, now: datetime
) -> None:
    client = sign_in()
    asked = {"at": (now - timedelta(minutes=5)).isoformat()}

    def backlog(**more: str) -> int:
        page = client.get("/", {**asked, **more}).content.decode()
        row = page.split('id="q-video-violence"')[1].split("</tr>")[0]
        return int(row.split('data-c="backlog"')[1].split('data-v="')[1].split('"')[0])

    assert backlog() == backlog(as_of=late_case.isoformat()) + 1


@pytest.mark.parametrize("path", ["/explore/", "/"])
@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        ("last-tuesday", "is not an instant"),
        ("2199-01-01", "lies after now"),
        ("1999-01-01", "Nothing was known at"),
    ],
)
def test_an_instant_that_cannot_be_known_is_refused(
    path: str, as_of: str, said: str, sign_in: SignIn, facts: FactStore
) -> None:
    response = sign_in().get(path, {"as_of": as_of})
    assert response.status_code == 422
    assert said in response.content.decode()

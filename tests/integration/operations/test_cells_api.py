"""Metrics over the API: what the floor did comes back as cells, within the caller's reach."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from django.conf import settings
from django.test import Client

from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.operations.cells import warehouse
from watchfloor.operations.people.access import Reach, issue_token
from watchfloor.operations.record.models import Event
from watchfloor.operations.review.services import Answer, claim, submit


def as_arrow(fact):
    table = TABLES[fact]
    instants = {column.name for column in table.columns if column.type == "instant"}
    rows = [
        {
            name: datetime.fromisoformat(value) if name in instants and value else value
            for name, value in event.payload.items()
        }
        for event in Event.objects.filter(fact=fact).order_by("id")
    ]
    return pa.Table.from_pylist(rows, schema=table.arrow_schema)


@pytest.fixture
def exported(floor, tmp_path, monkeypatch):
    """Twelve cases of two queues, decided an hour ago in thirty seconds each, as facts."""
    monkeypatch.setattr(settings, "WATCHFLOOR_FACTS_ROOT", tmp_path)
    warehouse.store_of.cache_clear()
    floor.now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    for slug, group in (("comments", "text"), ("clips", "video")):
        floor.enqueue(floor.queue(slug, group=group), 6)
    reviewer = floor.reviewer("r1")
    while taken := claim(reviewer=reviewer, now=floor.now):
        submit(
            lease_token=taken.token, answer=Answer(labels=("scam",)), now=floor.now + timedelta(seconds=30)
        )
    FactStore(tmp_path, settings.WATCHFLOOR_OPERATION).commit(
        {fact: as_arrow(fact) for fact in ("case", "review", "decision")},
        published_at=floor.now + timedelta(minutes=5),
        source="test",
    )
    yield floor
    warehouse.store_of.cache_clear()


@pytest.fixture
def ask(exported):
    def get(query, *roles, path="cells", **reach):
        _, token = issue_token(
            slug="bi",
            name="BI",
            roles=list(roles) or ["analyst"],
            by=exported.by,
            now=exported.now,
            reach=Reach(**{"data_boundary": "*"} | reach),
        )
        return Client().get(f"/api/v1/{path}?{query}", headers={"Authorization": f"Bearer {token}"})

    return get


def test_a_metric_is_answered_as_cells(ask):
    body = ask("metric=aht&metric=completed&by=queue&period=1d").json()
    found = {(cell["metric"], cell["scope"]["queue"][0]): cell for cell in body["cells"]}
    for queue in ("comments", "clips"):
        aht = found["aht", queue]
        assert (aht["value"], aht["unit"], aht["n"], aht["denominator"]) == (30.0, "s", 6, 6.0)
        assert found["completed", queue]["value"] == 6


def test_a_caller_gets_only_the_cells_of_their_reach(ask):
    body = ask("metric=completed&by=queue&period=1d", queue_group="video").json()
    assert [cell["scope"]["queue"] for cell in body["cells"]] == [["clips"]]
    total = ask("metric=completed&period=1d", queue_group="video").json()["cells"][0]
    assert total["value"] == 6
    for cell in ask("metric=completed&where=queue:comments&period=1d", queue_group="video").json()["cells"]:
        assert not cell["value"]


def test_numbers_about_one_person_need_the_right_to_see_people(ask):
    assert ask("metric=aht&by=reviewer&period=1d").status_code == 200
    assert ask("metric=aht&by=reviewer&period=1d", "regulator").status_code == 403
    assert ask("metric=aht&period=1d", "reviewer").status_code == 403


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "shape"),
        ("metric=ath", "aht"),
        ("metric=aht&by=quue", "queue"),
        ("metric=aht&period=sometime", "not an instant"),
        ("metric=aht&period=2026-03-02..2026-03-01", "not after"),
        ("metric=aht&grain=minute", "shape"),
        ("metric=aht&where=site", "names no values"),
        ("metric=aht&time_zone=Mars/Olympus", "unknown"),
        ("metric=aht&operation=nowhere", "no operation"),
        ("metric=aht&as_of=then", "not an instant"),
    ],
)
def test_a_question_put_wrongly_says_how_to_put_it(ask, query, says):
    response = ask(query)
    assert response.status_code == 422, response.content
    body = response.json()
    assert set(body) == {"code", "message", "remedy", "errors"}
    assert says in f"{body['message']} {body['remedy']}"


def test_the_catalogue_is_listed(ask):
    listed = {each["id"]: each for each in ask("", path="metrics").json()}
    assert listed["aht"]["unit"] == "s"
    assert "queue" in listed["aht"]["dimensions"]

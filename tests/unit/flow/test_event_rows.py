"""Events become typed rows; whatever is no row is set aside with a reason that a person understands."""

import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from watchfloor.facts.event_rows import rows_of_events
from watchfloor.facts.schemas import TABLES

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
REVIEW: dict[str, Any] = {
    "review_id": "r1",
    "case_id": "c1",
    "kind": "first",
    "turn": 0,
    "queue_id": "spam",
    "purpose": "production",
    "submitted_at": "2026-03-01T08:00:00.125Z",
    "outcome": "submitted",
    "labels": ["spam", "scam"],
    "handle_ms": 12_500,
    "blind": True,
}


def events(*written: tuple[str, Any]) -> pa.Table:
    """Return events of (fact, payload), numbered from 1."""
    return pa.table(
        {
            "id": pa.array(range(1, len(written) + 1), pa.int64()),
            "xid": pa.array([700 + place for place in range(len(written))], pa.int64()),
            "at": pa.array([AT] * len(written), pa.timestamp("us", tz="UTC")),
            "fact": [fact for fact, _ in written],
            "key": [str(place) for place in range(len(written))],
            "payload": [body if isinstance(body, str) else json.dumps(body) for _, body in written],
        }
    )


def test_a_row_keeps_every_value_and_type_of_its_event() -> None:
    typed = rows_of_events(events=events(("review", REVIEW)))

    assert typed.dead_letters == ()
    table = typed.tables["review"]
    assert table.schema == TABLES["review"].arrow_schema
    row = table.to_pylist()[0]
    assert row["submitted_at"] == datetime(2026, 3, 1, 8, 0, 0, 125_000, tzinfo=UTC)
    assert {name: row[name] for name in ("labels", "handle_ms", "blind", "turn")} == {
        "labels": ["spam", "scam"],
        "handle_ms": 12_500,
        "blind": True,
        "turn": 0,
    }
    assert row["site_id"] is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"turn": "first"}, "turn holds 'first', which is no int."),
        ({"turn": 1.5}, "turn holds 1.5, which is no int."),
        ({"turn": True}, "turn holds True, which is no int."),
        ({"handle_ms": 2**63}, "handle_ms holds 9223372036854775808, which is no int."),
        ({"submitted_at": "yesterday"}, "submitted_at holds 'yesterday', which is no instant."),
        ({"submitted_at": None}, "submitted_at is missing; every row of review needs it."),
        ({"labels": "spam"}, "labels holds 'spam', which is no strings."),
        ({"labels": [1]}, "labels holds [1], which is no strings."),
        ({"answer_json": {"label": "spam"}}, "answer_json holds {'label': 'spam'}, which is no string."),
        ({"blind": "yes"}, "blind holds 'yes', which is no bool."),
        (
            {"outcome": "lost"},
            "outcome holds 'lost'; allowed are submitted, skipped, timeout, returned, escalated.",
        ),
        ({"handel_ms": 1}, "review has no column 'handel_ms'; did the writer mean 'handle_ms'?"),
        ({"queue_id": None}, "queue_id is missing; every row of review needs it."),
    ],
)
def test_a_payload_that_is_no_row_is_set_aside_and_the_others_go_through(change: Any, reason: str) -> None:
    poison = {**REVIEW, "review_id": "poison", **change}
    good = [("review", {**REVIEW, "review_id": f"r{number}"}) for number in range(600)]
    good.insert(317, ("review", poison))

    typed = rows_of_events(events=events(*good))

    assert [(letter.event_id, letter.reason) for letter in typed.dead_letters] == [(318, reason)]
    assert json.loads(typed.dead_letters[0].payload) == poison
    assert typed.tables["review"].num_rows == 600


@pytest.mark.parametrize("payload", ["[1, 2]", "3", "null", '"text"', "{}"])
def test_json_that_is_no_object_of_the_fact_is_set_aside(payload: str) -> None:
    typed = rows_of_events(events=events(("review", REVIEW), ("review", payload)))

    assert [letter.event_id for letter in typed.dead_letters] == [2]
    assert typed.tables["review"]["review_id"].to_pylist() == ["r1"]


def test_an_unknown_fact_is_set_aside_with_the_nearest_name() -> None:
    typed = rows_of_events(events=events(("reviews", REVIEW)))

    assert typed.tables == {}
    assert typed.dead_letters[0].reason == "There is no fact 'reviews'; did the writer mean 'review'?"


def test_a_thousand_bad_events_are_all_set_aside() -> None:
    typed = rows_of_events(events=events(*[("review", {**REVIEW, "turn": "x"})] * 1000))

    assert len(typed.dead_letters) == 1000
    assert "review" not in typed.tables


def test_the_last_event_of_a_key_wins() -> None:
    opened = {
        "interval_id": "i1",
        "reviewer_id": "p1",
        "state": "break",
        "started_at": "2026-03-01T08:00:00.000Z",
    }
    ended = {**opened, "ended_at": "2026-03-01T08:15:00.000Z"}

    typed = rows_of_events(events=events(("activity_interval", opened), ("activity_interval", ended)))

    assert typed.superseded == 1
    assert typed.tables["activity_interval"]["ended_at"].to_pylist() == [
        datetime(2026, 3, 1, 8, 15, tzinfo=UTC)
    ]


def test_a_row_longer_than_a_reading_block_is_read() -> None:
    typed = rows_of_events(
        events=events(("review", {**REVIEW, "answer_json": "x" * 3_000_000}), ("review", REVIEW))
    )

    assert typed.superseded == 1
    assert typed.dead_letters == ()


def test_control_characters_and_chinese_survive() -> None:
    text = 'line\nbreak\ttab "quoted" \\ 内容审核 \u2028'
    typed = rows_of_events(events=events(("review", {**REVIEW, "answer_json": text})))

    assert typed.tables["review"]["answer_json"].to_pylist() == [text]

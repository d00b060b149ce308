"""A case on its way in, and everything that may be wrong with it."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from watchfloor.facts.schemas import PURPOSES
from watchfloor.operations.policies.vocabulary import SEVERITIES
from watchfloor.operations.queues.models import ACCEPTING_STATES, WELLNESS_CLASSES, Queue
from watchfloor.operations.review.errors import ItemError
from watchfloor.operations.review.models import SOURCES

LONGEST_PAST = timedelta(days=366)
LONGEST_AHEAD = timedelta(minutes=5)
LONGEST_CONTENT_BYTES = 256 * 1024
MOST_TOPICS = 8
MOST_LABELS = 20
_LENGTHS = (
    ("client_key", 200),
    ("object_id", 200),
    ("strategy_id", 80),
    ("language", 10),
    ("market", 2),
    ("author_id", 200),
    ("gold_id", 80),
    ("surface", 40),
)


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case on its way in. `client_key` makes it idempotent; None enqueues it anew each time.

    `surface` and `labels` are what the sender knew already; the routing rules may ask for them.
    """

    queue: str
    client_key: str | None = None
    object_id: str = ""
    strategy_id: str = ""
    severity_hint: str = ""
    risk_score: float | None = None
    language: str = ""
    market: str = ""
    media_seconds: float | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    enqueued_at: datetime | None = None
    parent_case_id: UUID | None = None
    excluded_reviewers: tuple[int, ...] = ()
    source: str = ""
    author_id: str = ""
    topics: tuple[str, ...] = ()
    wellness_class: str = ""
    purpose: str = ""
    gold_id: str = ""
    surface: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Enqueued:
    """What became of one case: its id, and whether this call made it."""

    case_id: UUID
    client_key: str | None
    created: bool


def case_faults(index: int, case: NewCase, queues: Mapping[str, Queue], *, now: datetime) -> list[ItemError]:
    """Return what is wrong with the case at `index` of a batch; `queues` are those the caller reaches."""
    queue = queues.get(case.queue)
    if queue is None:
        return [ItemError(index, "queue", f"There is no queue {case.queue!r}.", "See GET /api/v1/queues.")]
    found = [
        *_queue_faults(case, queue),
        *_number_faults(case),
        *_text_faults(case),
        *_instant_faults(case, now),
        *_content_faults(case.content),
    ]
    return [ItemError(index, name, message, remedy) for name, message, remedy in found]


_Fault = tuple[str, str, str]


def _queue_faults(case: NewCase, queue: Queue) -> list[_Fault]:
    faults = []
    if queue.state not in ACCEPTING_STATES or queue.current_version is None:
        faults.append(
            (
                "queue",
                f"Queue {queue.slug!r} is {queue.state} and accepts no cases.",
                f"Bring it to one of {', '.join(ACCEPTING_STATES)}.",
            )
        )
    if case.severity_hint and case.severity_hint not in SEVERITIES:
        faults.append(
            (
                "severity_hint",
                f"Severity {case.severity_hint!r} is unknown.",
                f"Use one of {', '.join(SEVERITIES)}.",
            )
        )
    if case.source and case.source not in SOURCES:
        faults.append(("source", f"Source {case.source!r} is unknown.", f"Use one of {', '.join(SOURCES)}."))
    if case.wellness_class and case.wellness_class not in WELLNESS_CLASSES:
        faults.append(
            (
                "wellness_class",
                f"Wellness class {case.wellness_class!r} is unknown.",
                f"Use one of {', '.join(WELLNESS_CLASSES)}.",
            )
        )
    if case.purpose and case.purpose not in PURPOSES:
        faults.append(
            ("purpose", f"Purpose {case.purpose!r} is unknown.", f"Use one of {', '.join(PURPOSES)}.")
        )
    if len(case.topics) > MOST_TOPICS or any(not 0 < len(topic) <= 40 for topic in case.topics):
        faults.append(("topics", "Topics are too many or too long.", f"Give {MOST_TOPICS} of 40 characters."))
    if len(case.labels) > MOST_LABELS or not all(0 < len(one) <= 80 and storable(one) for one in case.labels):
        faults.append(("labels", "Labels are too many or too long.", f"Give {MOST_LABELS} of 80 characters."))
    if case.language and queue.languages and case.language not in queue.languages:
        faults.append(
            (
                "language",
                f"Queue {queue.slug!r} does not serve language {case.language!r}.",
                f"It serves {', '.join(queue.languages)}.",
            )
        )
    return faults


def _number_faults(case: NewCase) -> list[_Fault]:
    faults = []
    if case.risk_score is not None and not 0 <= case.risk_score <= 1:
        faults.append(("risk_score", f"Risk score {case.risk_score} is outside 0 to 1.", "Scale it."))
    if case.media_seconds is not None and not 0 <= case.media_seconds < 10**7:
        faults.append(("media_seconds", f"Media of {case.media_seconds} s cannot be.", "Give seconds."))
    return faults


def _text_faults(case: NewCase) -> list[_Fault]:
    faults = []
    for name, limit in _LENGTHS:
        text = getattr(case, name) or ""
        if len(text) > limit:
            faults.append((name, f"{name} has {len(text)} characters; the limit is {limit}.", "Shorten it."))
        elif not storable(text):
            faults.append((name, f"{name} holds a character that cannot be stored.", "Remove it."))
    return faults


def _instant_faults(case: NewCase, now: datetime) -> list[_Fault]:
    at = case.enqueued_at
    if at is None:
        return []
    if at.tzinfo is None:
        return [("enqueued_at", f"{at.isoformat()} has no time zone.", "Add Z or an offset.")]
    if not now - LONGEST_PAST <= at <= now + LONGEST_AHEAD:
        return [
            (
                "enqueued_at",
                f"{at.isoformat()} is more than a year ago or more than five minutes ahead.",
                "Import old cases as a log.",
            )
        ]
    return []


def _content_faults(content: Mapping[str, Any]) -> list[_Fault]:
    if not content:
        return []
    if not storable(content):
        return [("content", "content holds a number or character that cannot be stored.", "Remove it.")]
    size = len(json.dumps(content, ensure_ascii=False).encode())
    if size > LONGEST_CONTENT_BYTES:
        return [
            (
                "content",
                f"content has {size} bytes; the limit is {LONGEST_CONTENT_BYTES}.",
                "Send a link to the media instead.",
            )
        ]
    return []


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: Any) -> bool:
    """Return whether PostgreSQL's JSON can hold the value: no null character, half pair or endless number.

    >>> storable({"a": ["text", 1.5]}), storable("a" + chr(0)), storable(float("nan"))
    (True, False, False)
    """
    if isinstance(value, str):
        return _UNSTORABLE.search(value) is None
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, Mapping):
        return all(storable(key) and storable(each) for key, each in value.items())
    if isinstance(value, list | tuple):
        return all(storable(each) for each in value)
    return True

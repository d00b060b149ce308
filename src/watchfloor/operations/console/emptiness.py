"""Says why there is no case for somebody: which queues are theirs, what waits there, what keeps it away."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import get_language

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.record.statements import run

LISTED = 6


@dataclass(frozen=True, slots=True)
class Closed:
    """One queue that gives this person nothing now, and why."""

    title: str
    obstacle: str
    slug: str = ""
    sop_version: int | None = None


@dataclass(frozen=True, slots=True)
class Emptiness:
    """Why nothing could be claimed.

    Attributes:
        kind: `no_queue` (none is open to this person), `resting` (an exposure limit is reached), `seen` (what
            waits there was already with them), `elsewhere` (it is other sites' until it overflows) or
            `no_backlog` (nothing waits in their queues).
        open_queues: How many queues are open to them.
        closed: The others, with their obstacle.

    """

    kind: str
    open_queues: int
    closed: tuple[Closed, ...]


def why_empty(*, reviewer: Reviewer, now: datetime, queues: list[int] | None = None) -> Emptiness:
    """Return why there is no case for the person now."""
    with transaction.atomic():
        rows = run("console", "why_empty", {"reviewer": reviewer.pk, "now": now, "queues": queues})
    chinese = (get_language() or "en").startswith("zh")
    opened = [row for row in rows if not row["obstacle"]]
    closed = tuple(
        Closed(
            (chinese and row["title_zh_hans"]) or row["title"],
            row["obstacle"],
            row["slug"],
            row["sop_version"],
        )
        for row in rows
        if row["obstacle"]
    )
    if any(row["obstacle"] == "resting" and row["is_waiting_for_me"] for row in rows):
        kind = "resting"
    elif not opened:
        kind = "no_queue"
    elif any(row["is_elsewhere"] and not row["is_waiting_for_me"] for row in opened):
        kind = "elsewhere"
    elif any(row["is_waiting"] and not row["is_waiting_for_me"] for row in opened):
        kind = "seen"
    else:
        kind = "no_backlog"
    return Emptiness(kind=kind, open_queues=len(opened), closed=closed)

"""The test bench: which of yesterday's cases a rule set would send elsewhere. It writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Sum

from watchfloor.kernel import Period
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.record.statements import run
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.door import AUTHOR_FIELDS, AuthorHistory, author_history
from watchfloor.operations.review.models import Case, QueueHour, QueuePulse
from watchfloor.operations.routing.conditions import Routable
from watchfloor.operations.routing.models import RuleSet
from watchfloor.operations.routing.rules import asked_fields, moves
from watchfloor.operations.routing.selectors import plan_of

BOUND = 5_000
EXAMPLES = 5
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Move:
    """Cases that stand in one queue and would go to another; `after` blank is nowhere, None out of reach."""

    before: str
    after: str | None
    count: int
    share: float
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """What a queue would get in a day, beside what it decides and what waits there."""

    queue: str
    before: float
    after: float
    decided: int
    backlog: int

    @property
    def grows_by(self) -> float:
        """Cases a day that would come on top of what was decided yesterday; 0 where it keeps up."""
        return max(0.0, self.after - self.decided)


@dataclass(frozen=True, slots=True)
class Trial:
    """What the bench found, and how far it looked."""

    period: Period
    population: int
    sampled: int
    moved: int
    moves: tuple[Move, ...]
    loads: tuple[QueueLoad, ...]
    unlabelled: int
    asks_labels: bool
    asks_history: bool

    @property
    def step(self) -> float:
        """How many cases one sampled case stands for."""
        return self.population / self.sampled if self.sampled else 0.0


def try_rules(*, rule_set: RuleSet, viewer: Viewer, now: datetime) -> Trial:
    """Return what the rules would do with yesterday's cases of the queues within reach.

    Yesterday is the last whole day; where it holds no case, the last 24 hours. Cases inside a data boundary
    are left out unless rules chose their queue: their senders name it.
    """
    plan = plan_of(rule_set)
    asked = asked_fields(plan)
    within = reach(viewer=viewer, permission="queues.view")
    queues = {queue.pk: queue for queue in Queue.objects.filter(within, purpose="production")}
    period, population = _period(list(queues), now)
    step = max(1, -(-population // BOUND))
    found = run(
        "intake",
        "bench_sample",
        {"start": period.start, "end": period.end, "queues": list(queues), "step": step, "bound": BOUND},
    )
    rows = [row for row in found if not row["data_boundary"] or row["version"] is not None]
    history = _histories(rows, now) if asked & AUTHOR_FIELDS else {}
    tried = moves(plan, [(row["queue"], _routable(row, history), row["data_boundary"]) for row in rows])
    reached = {queue.slug for queue in queues.values()}
    return Trial(
        period=period,
        population=population,
        sampled=len(rows),
        moved=tried.moved,
        moves=_moves(tried.by_pair, rows, reached),
        loads=_loads(tried.arrivals(), queues, scale=step, now=now),
        unlabelled=sum(not row["labels"] for row in rows),
        asks_labels="labels" in asked,
        asks_history=bool(asked & AUTHOR_FIELDS),
    )


def _period(queue_ids: Sequence[int], now: datetime) -> tuple[Period, int]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for period in (Period(midnight - DAY, midnight), Period(now - DAY, now)):
        came = Case.objects.filter(
            enqueued_at__gte=period.start, enqueued_at__lt=period.end, queue_id__in=queue_ids, parent=None
        ).filter(purpose="", gold_id="")
        if number := came.count():
            return period, number
    return period, 0


def _histories(rows: Sequence[Mapping[str, Any]], now: datetime) -> dict[tuple[str, str], AuthorHistory]:
    authors: dict[str, set[str]] = {}
    for row in rows:
        if row["author_id"]:
            authors.setdefault(row["client"], set()).add(row["author_id"])
    return {
        (client, author): found
        for client in sorted(authors)
        for author, found in author_history(client=client, authors=authors[client], now=now).items()
    }


def _routable(row: Mapping[str, Any], history: Mapping[tuple[str, str], AuthorHistory]) -> Routable:
    known = history.get((row["client"], row["author_id"]), AuthorHistory())
    return Routable(
        key=row["client_key"] or row["object_id"] or row["case_id"],
        surface=row["surface"],
        language=row["language"],
        market=row["market"],
        strategy=row["strategy_id"],
        source=row["source"],
        severity=row["severity_hint"],
        author=row["author_id"],
        labels=tuple(row["labels"] or ()),
        topics=tuple(row["topics"] or ()),
        risk_score=row["risk_score"],
        media_seconds=row["media_seconds"],
        author_cases_90d=known.cases,
        author_violations_90d=known.violations,
    )


def _moves(
    pairs: Mapping[tuple[str, str], Sequence[int]], rows: Sequence[Mapping[str, Any]], reached: set[str]
) -> tuple[Move, ...]:
    found: dict[tuple[str, str | None], list[int]] = {}
    for (before, after), numbers in pairs.items():
        if before != after:
            shown = after if not after or after in reached else None
            found.setdefault((before, shown), []).extend(numbers)
    listed = [
        Move(
            before,
            after,
            len(numbers),
            len(numbers) / len(rows),
            tuple(str(rows[number]["case_id"]) for number in sorted(numbers)[:EXAMPLES]),
        )
        for (before, after), numbers in found.items()
    ]
    return tuple(sorted(listed, key=lambda move: (-move.count, move.before, move.after or "")))


def _loads(
    arrivals: Mapping[str, tuple[int, int]], queues: Mapping[int, Queue], *, scale: int, now: datetime
) -> tuple[QueueLoad, ...]:
    """Return the queues whose load would change, the one that grows most first."""
    ids = {queue.slug: pk for pk, queue in queues.items()}
    changed = {slug: pair for slug, pair in arrivals.items() if pair[0] != pair[1] and slug in ids}
    wanted = [ids[slug] for slug in changed]
    decided = dict(
        QueueHour.objects.filter(queue_id__in=wanted, starts_at__gte=now - DAY)
        .values_list("queue_id")
        .annotate(total=Sum("decided"))
        .order_by("queue_id")
    )
    backlog = dict(QueuePulse.objects.filter(queue_id__in=wanted).values_list("queue_id", "backlog"))
    loads = [
        QueueLoad(
            slug,
            before * scale,
            after * scale,
            int(decided.get(ids[slug]) or 0),
            int(backlog.get(ids[slug]) or 0),
        )
        for slug, (before, after) in changed.items()
    ]
    return tuple(sorted(loads, key=lambda load: (load.before - load.after, load.queue)))

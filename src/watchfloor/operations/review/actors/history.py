"""Gives the demo its past: weeks of facts, the truth behind them, open cases, the floor's counters and plan.

The facts become one version of the store, published last; until then a start that was stopped repeats the
whole, which is the same by its seed and enqueues each open case once by its key. Changes are not written
here: they come from the change log. The rollups are summed up by the worker (`insights.tasks`).
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from watchfloor.facts.generated import generated_facts
from watchfloor.facts.store import FactStore
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.review.actors import CLIENT
from watchfloor.operations.review.actors.contents import simulated_content
from watchfloor.operations.review.actors.seed_intake import known_labels
from watchfloor.operations.review.counters import QueueHour, QueueMinute, QueuePlan
from watchfloor.operations.review.services import NewCase, enqueue_batch
from watchfloor.operations.routing.services import Trace, record_routes
from watchfloor.science.simulation.columns import Coded, Instants, Numbers, Table
from watchfloor.science.simulation.history import History, OpenCase, simulate_history
from watchfloor.science.simulation.truth import truth
from watchfloor.science.simulation.world import DemoWorld

Progress = Callable[[str], None]

_CASES_A_BATCH = 1_000
_MINUTE_MS, _HOUR_MS = 60_000, 3_600_000
_FROM_THE_OPERATION = ("change_event",)

# Column counted, table, the instant it is placed by, and which rows.
_Flow = tuple[str, Table, str, NDArray[np.bool_] | None]


def write_history(*, world: DemoWorld, store: FactStore, now: datetime, progress: Progress) -> History:
    """Return the history written: its facts are one version of `store`, its open cases wait to be claimed."""
    progress("simulating")
    history = simulate_history(world)
    kept: dict[str, Table] = {}

    def tables() -> Iterator[tuple[str, Table]]:
        for name, table in history.tables():
            if name in ("case", "decision", "forecast"):
                kept[name] = table
            if name not in _FROM_THE_OPERATION:
                progress(f"describing {name}")
                yield name, table

    sources = generated_facts(tables())
    with transaction.atomic():
        progress(f"{len(history.open_cases)} open cases")
        enqueue_open_cases(history.open_cases, world=world, now=now)
        progress("counters and plan")
        _write_tallies(kept["case"], kept["decision"], end=history.end)
        _write_plan(kept["forecast"], end=history.end)
    progress("writing facts")
    store.folder.mkdir(parents=True, exist_ok=True)
    (store.folder / "truth.json").write_text(json.dumps(truth(world, history), indent=1), "utf-8")
    store.commit(
        sources,
        published_at=now,
        source="simulation",
        detail={"simulated": True, "seed": world.seed, "left_out_reviews": history.left_out_reviews},
    )
    return history


def enqueue_open_cases(open_cases: tuple[OpenCase, ...], *, world: DemoWorld, now: datetime) -> None:
    """Enqueue the cases that are open at the end of the history, each once, with their true instants."""
    for start in range(0, len(open_cases), _CASES_A_BATCH):
        batch = open_cases[start : start + _CASES_A_BATCH]
        made = enqueue_batch(cases=[_new_case(case) for case in batch], now=now, client=CLIENT)
        record_routes(
            traces=[
                Trace(each.case_id, surface=queue.surface, labels=known_labels(queue))
                for each, queue in zip(made, (world.queue(case.queue) for case in batch), strict=True)
            ]
        )


def _new_case(case: OpenCase) -> NewCase:
    return NewCase(
        queue=case.queue,
        client_key=case.case_id,
        object_id=case.object_id,
        strategy_id=case.strategy,
        severity_hint=case.severity_hint,
        risk_score=case.risk_score,
        language=case.language,
        market=case.market,
        media_seconds=case.media_seconds,
        content=simulated_content(case, key=case.case_id),
        enqueued_at=case.enqueued_at,
    )


def _write_tallies(cases: Table, decisions: Table, *, end: datetime) -> None:
    """Count what came and was decided by minute of the last day, and with what was due by hour of a week."""
    first = _numbers(decisions, "decision_version") == 0
    met = first & (_ms(decisions, "decided_at") <= _ms(decisions, "deadline_at"))
    flows: tuple[_Flow, ...] = (
        ("enqueued", cases, "enqueued_at", None),
        ("decided", decisions, "decided_at", first),
    )
    dues: tuple[_Flow, ...] = (("due", cases, "deadline_at", None), ("met", decisions, "deadline_at", met))
    _write_tally(QueueMinute, flows, step_ms=_MINUTE_MS, since=end - timedelta(hours=25))
    _write_tally(QueueHour, (*flows, *dues), step_ms=_HOUR_MS, since=end - timedelta(days=8))


def _write_tally(model: Any, flows: tuple[_Flow, ...], *, step_ms: int, since: datetime) -> None:
    queues = {queue.slug: queue.pk for queue in Queue.objects.all()}
    counted: dict[tuple[str, int], dict[str, int]] = {}
    for name, table, instant, wanted in flows:
        _count(counted, name, table, instant, step_ms, round(since.timestamp() * 1000), wanted)
    model.objects.all().delete()
    model.objects.bulk_create(
        (
            model(queue_id=queues[slug], starts_at=_instant(bucket * step_ms), **counts)
            for (slug, bucket), counts in counted.items()
        ),
        batch_size=5_000,
    )


def _count(
    counted: dict[tuple[str, int], dict[str, int]],
    name: str,
    table: Table,
    instant: str,
    step_ms: int,
    since_ms: int,
    wanted: NDArray[np.bool_] | None,
) -> None:
    at_ms, queue = _ms(table, instant), _coded(table, "queue_id")
    kept = at_ms >= since_ms
    if wanted is not None:
        kept &= wanted
    pairs = np.stack([queue.codes[kept].astype(np.int64), at_ms[kept] // step_ms])
    found, counts = np.unique(pairs, axis=1, return_counts=True)
    for code, bucket, count in zip(*found.tolist(), counts.tolist(), strict=True):
        counted.setdefault((queue.categories[code], bucket), {})[name] = count


def _write_plan(forecast: Table, *, end: datetime) -> None:
    """Write the plan of the hours from a day before the end of the history to the end of the forecast."""
    queues = {queue.slug: queue.pk for queue in Queue.objects.all()}
    at_ms, queue = _ms(forecast, "interval_start_at"), _coded(forecast, "queue_id")
    volume = _numbers(forecast, "volume")
    kept = np.flatnonzero(at_ms >= round((end - timedelta(days=1)).timestamp() * 1000))
    QueuePlan.objects.all().delete()
    QueuePlan.objects.bulk_create(
        (
            QueuePlan(
                queue_id=queues[queue.categories[queue.codes[row]]],
                interval_start_at=_instant(int(at_ms[row])),
                volume=float(volume[row]),
            )
            for row in kept.tolist()
        ),
        batch_size=5_000,
    )


def _ms(table: Table, name: str) -> NDArray[np.int64]:
    column = table[name]
    assert isinstance(column, Instants)  # noqa: S101 -- the simulation's tables have one shape
    return column.ms


def _coded(table: Table, name: str) -> Coded:
    column = table[name]
    assert isinstance(column, Coded)  # noqa: S101 -- as above
    return column


def _numbers(table: Table, name: str) -> NDArray[Any]:
    column = table[name]
    assert isinstance(column, Numbers)  # noqa: S101 -- as above
    return column.values


def _instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)

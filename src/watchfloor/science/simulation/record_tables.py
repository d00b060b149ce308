"""The facts forecast and change_event, as columns."""

import json
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from watchfloor.science.simulation.arrivals import rates
from watchfloor.science.simulation.columns import AnyColumn, Instants, Numbers, coded, lookup
from watchfloor.science.simulation.facets import DAY_MS, Facets
from watchfloor.science.simulation.model import HOUR_MS, Model, build_model
from watchfloor.science.simulation.world import DemoWorld

FORECAST_AHEAD_HOURS = 48


def planned_by_queue(model: Model) -> NDArray[np.float64]:
    """Return the planned arrivals of every queue and hour, shape (queues, hours)."""
    streams = rates(model)
    planned = np.zeros((len(model.world.queues), model.hours))
    np.add.at(planned, streams.queue, streams.planned)
    return planned


def forecast_table(facets: Facets, *, rng: np.random.Generator) -> dict[str, AnyColumn]:
    """Return the fact forecast: every hour of history and two days ahead, made the day before.

    The forecast knows what was announced (the sweep's end), not what happened (the outage). The hours after
    the history carry the vintage of its end.
    """
    world = facets.world
    model = build_model(world, end=facets.end + timedelta(hours=FORECAST_AHEAD_HOURS))
    kept = [number for number, queue in enumerate(world.queues) if queue.purpose == "production"]
    planned = planned_by_queue(model)[kept]
    # The plan counts hours from the world's start, a forecast by the clock: weigh the two hours that overlap.
    ahead_ms = -facets.offset_ms % HOUR_MS
    planned = planned[:, :-1] + (planned[:, 1:] - planned[:, :-1]) * (ahead_ms / HOUR_MS)
    days = planned.shape[1] // 24 + 1
    bias = np.repeat(rng.normal(1.0, 0.025, (len(kept), days)), 24, axis=1)[:, : planned.shape[1]]
    volume: NDArray[np.float64] = (planned * bias).ravel().astype(np.float64)
    queue = np.repeat(np.array(kept), planned.shape[1])
    start = np.tile(np.arange(planned.shape[1], dtype=np.int64) * HOUR_MS + ahead_ms, len(kept))
    vintage = np.minimum(
        (start // DAY_MS - 1) * DAY_MS, round(facets.end.timestamp() * 1000) - facets.offset_ms
    )
    spread = 1.2816 * np.sqrt(volume + (0.15 * volume) ** 2)
    low: NDArray[np.float64] = np.round(np.maximum(volume - spread, 0.0), 2).astype(np.float64)
    high: NDArray[np.float64] = np.round(volume + spread, 2).astype(np.float64)
    handle = np.array([item.handle_seconds * 1.03 for item in world.queues])[queue]
    return {
        "queue_id": lookup(queue, tuple(item.slug for item in world.queues)),
        "interval_start_at": facets.instants(start),
        "interval_seconds": Numbers(np.full(len(start), 3600, dtype=np.int64)),
        "vintage_at": facets.instants(vintage),
        "volume": Numbers(np.round(volume, 2)),
        "volume_p10": Numbers(low),
        "volume_p90": Numbers(high),
        "aht_seconds": Numbers(handle),
    }


def change_table(world: DemoWorld) -> dict[str, AnyColumn]:
    """Return the fact change_event: what the operation recorded, without a word on what it caused."""
    changes = world.changes
    versions = np.array([change.object_version or 0 for change in changes], dtype=np.int64)
    return {
        "event_id": coded([change.id.removeprefix("distractor-") for change in changes]),
        "object_kind": coded([change.object_kind for change in changes]),
        "object_id": coded([change.object_id for change in changes]),
        "object_version": Numbers(versions, np.array([change.object_version is None for change in changes])),
        "kind": coded([change.kind for change in changes]),
        "at": Instants(np.array([unix_ms(change.at) for change in changes], dtype=np.int64)),
        "author": coded([change.author for change in changes]),
        "summary": coded([change.summary.en for change in changes]),
        "detail_json": coded([json.dumps(dict(change.detail), ensure_ascii=False) for change in changes]),
    }


def unix_ms(instant: datetime) -> int:
    """Return Unix milliseconds.

    >>> from datetime import UTC
    >>> unix_ms(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000
    """
    return round(instant.timestamp() * 1000)

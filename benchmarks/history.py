"""Sixty days of the demo operation: how long they take, and how far ahead of an ordinary simulator.

Owed: at least 1.5 million reviews, generated in 60 seconds together with writing them; at least 100 times
the events a second of the same model written with `heapq`, tuples and objects (`simulation.reference`).
"""

import time
from datetime import UTC, datetime

import numpy as np

from watchfloor.science.simulation import build_world, simulate_history
from watchfloor.science.simulation.arrivals import draw_cases
from watchfloor.science.simulation.model import build_model
from watchfloor.science.simulation.reference import run_reference
from watchfloor.science.simulation.run import run
from watchfloor.science.simulation.schedule import build_schedule

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
OWED_REVIEWS = 1_500_000
OWED_RATIO = 100.0


def main(*, small: bool = False) -> dict[str, float]:
    """Print and return seconds, events a second and the ratio."""
    started = time.perf_counter()
    simulate_history(build_world(seed=3, start=START, days=1))
    first_seconds = time.perf_counter() - started
    days = 10 if small else 60
    started, cpu = time.perf_counter(), time.process_time()
    history = simulate_history(build_world(seed=3, start=START, days=days))
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    reviews = len(history.run.outputs.review_case)
    started, cpu = time.perf_counter(), time.process_time()
    rows = sum(len(next(iter(table.values()))) for _, table in history.tables())
    table_seconds = time.perf_counter() - started
    ratio, fast, slow = _race(hours=12 if small else 36)
    owed = OWED_REVIEWS * days / 60
    print(f"   first day, with compiling or reading the cache: {first_seconds:.1f} s")
    print(
        f"   {days} days: {seconds:.1f} s ({cpu_seconds:.1f} s CPU), {reviews:,} reviews (owed {owed:,.0f})"
    )
    print(f"   columns of all facts: {table_seconds:.1f} s, {rows:,} rows")
    print(f"   engine {fast:,.0f} events/s, reference {slow:,.0f}: {ratio:.0f} × (owed {OWED_RATIO:.0f} ×)")
    return {
        "history_seconds": seconds,
        "history_cpu_seconds": cpu_seconds,
        "column_seconds": table_seconds,
        "reviews": float(reviews),
        "engine_events_per_second": fast,
        "reference_events_per_second": slow,
        "ratio": ratio,
    }


def _race(*, hours: int) -> tuple[float, float, float]:
    """Return the ratio and both speeds on the same hours, the engine compiled beforehand, by CPU time."""
    world = build_world(seed=3, start=START, days=3)
    model = build_model(world, end=world.end)
    horizon_ms = hours * 3_600_000
    cases = draw_cases(model, horizon_ms=horizon_ms, rng=np.random.default_rng(3))
    timetable = build_schedule(world, end=world.end, rng=np.random.default_rng(3)).timetable
    fast_seconds = float("inf")
    for _ in range(5):
        begun = time.process_time()
        fast = run(model=model, cases=cases, timetable=timetable, horizon_ms=horizon_ms, seed=3)
        fast_seconds = min(fast_seconds, time.process_time() - begun)
    begun = time.process_time()
    slow = run_reference(model=model, cases=cases, timetable=timetable, horizon_ms=horizon_ms, seed=3)
    slow_seconds = time.process_time() - begun
    assert slow.events == fast.events
    fast_speed, slow_speed = fast.events / fast_seconds, slow.events / slow_seconds
    return fast_speed / slow_speed, fast_speed, slow_speed


if __name__ == "__main__":
    main()

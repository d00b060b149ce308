"""Plays the demo's present accelerated and checks that nothing is lost: `python -m benchmarks.present`.

Conserved: cases enqueued = decided + waiting + in review; the pulse's counters = the tables; the facts = the
tables, after pruned events too. Printed: turns, events, and how the process's memory grew.
"""

import argparse
import resource
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.operation import scratch_operation

STEP = timedelta(seconds=5)
EXPORT_EVERY = timedelta(minutes=2)
PRUNE_EVERY = timedelta(minutes=30)
START = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)


def main(*, small: bool = False, minutes: float | None = None) -> dict[str, Any]:
    """Play for that many minutes of the wall's clock (10; 1 when small); print and return the balance."""
    wall_seconds = 60.0 * (minutes if minutes is not None else 1.0 if small else 10.0)
    with scratch_operation(forgetful=True) as data:
        from watchfloor.facts.export import dead_letters, export_all_events
        from watchfloor.facts.store import FactStore
        from watchfloor.operations.record.database import database_dsn
        from watchfloor.operations.review.actors.live import Stage
        from watchfloor.operations.review.actors.seed import seed_demo
        from watchfloor.operations.review.pulse import Pulse
        from watchfloor.operations.review.services import expire_leases

        world = seed_demo(now=START, progress=lambda _: None, seed=7, days=60)
        store = FactStore(data / "facts", "demo")
        now, stage, pulse = START, Stage.enter(world, now=START), Pulse()
        exported_at = pruned_at = now
        pruned, first_megabytes = 0, 0.0
        until = time.monotonic() + wall_seconds
        while time.monotonic() < until:
            now += STEP
            stage.play(now=now)
            expire_leases(now=now)
            pulse.beat(now=now)
            if now - exported_at >= EXPORT_EVERY:
                exported_at = now
                list(export_all_events(dsn=database_dsn(), store=store, clock=lambda at=now: at))
                first_megabytes = first_megabytes or megabytes()
            if now - pruned_at >= PRUNE_EVERY:
                pruned_at = now
                pruned += prune(store)
                store.compact(now=now)
        pulse.beat(now=now)
        list(export_all_events(dsn=database_dsn(), store=store, clock=lambda: now))
        found = balance(store) | {
            "played": str(now - START),
            "turns": stage.counts,
            "pruned_events": pruned,
            "dead_letters": len(dead_letters(store=store)),
            "megabytes_first_export": round(first_megabytes),
            "megabytes_end": round(megabytes()),
        }
    print(f"present: {found['played']} of operation in {wall_seconds / 60:g} minutes")
    for name, value in found.items():
        print(f"  {name:24} {value}")
    assert not found["wrong"], found["wrong"]
    assert found["dead_letters"] == 0
    return found


def prune(store: Any) -> int:
    """Return how many events were deleted because facts and pulse have them."""
    from django.db import connection

    from watchfloor.operations.review.counters import PulseMark

    before = min(int(store.latest_watermark()["next_xid"]), PulseMark.objects.get(id=1).next_xid)
    with connection.cursor() as cursor:
        cursor.execute("SELECT record_prune_events(%s::xid8)", [str(before)])
        return int(cursor.fetchone()[0])


def balance(store: Any) -> dict[str, Any]:
    """Return the counts, and `wrong`: every pair that should be equal and is not."""
    from django.db.models import Sum

    from watchfloor.operations.review.models import Case, Decision, Lease, Pending, QueuePulse, Review

    rows = {
        "cases": Case.objects.count(),
        "waiting": Pending.objects.count(),
        "in_review": Lease.objects.count(),
        "decided": Decision.objects.filter(version=0).count(),
        "reviews": Review.objects.count(),
        "decisions": Decision.objects.count(),
    }
    pulses = QueuePulse.objects.aggregate(waiting=Sum("backlog"), held=Sum("in_review"))
    facts = {name: store.snapshot().row_count(name) for name in ("case", "review", "decision")}
    pairs = {
        "cases = waiting + in review + decided": (
            rows["cases"],
            rows["waiting"] + rows["in_review"] + rows["decided"],
        ),
        "pulse backlog = waiting": (pulses["waiting"], rows["waiting"]),
        "pulse in review = leases": (pulses["held"], rows["in_review"]),
        "facts case = cases": (facts["case"], rows["cases"]),
        "facts review = reviews": (facts["review"], rows["reviews"]),
        "facts decision = decisions": (facts["decision"], rows["decisions"]),
    }
    return rows | {"wrong": {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}}


def megabytes() -> float:
    """Return the memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--minutes", type=float)
    asked = parser.parse_args()
    main(small=asked.small, minutes=asked.minutes)

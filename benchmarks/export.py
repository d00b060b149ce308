"""Events a second from the operation's PostgreSQL to published facts: read, typed, written, durable.

Owed: at least 100,000 a second.
"""

import argparse
import time
from datetime import UTC, datetime
from statistics import median

from benchmarks.operation import scratch_operation

OWED_PER_SECOND = 100_000
REPEATS = 3

FILL = """
INSERT INTO record_event (at, fact, key, payload)
SELECT t, 'review', 'r' || i, jsonb_build_object(
    'review_id', gen_random_uuid(), 'case_id', gen_random_uuid(), 'kind', 'first', 'turn', 0,
    'reviewer_id', 'man-' || i %% 400, 'site_id', 'manila', 'team_id', 'manila-a', 'employer_kind', 'vendor',
    'tenure_band', '91-180', 'queue_id', 'video-short-feed', 'queue_version', 3, 'purpose', 'production',
    'surface', 'video', 'strategy_id', 'proactive-sampling', 'language', 'en', 'market', 'PH',
    'assigned_at', record_instant(t - interval '40 seconds'),
    'first_render_at', record_instant(t - interval '39 seconds'),
    'submitted_at', record_instant(t), 'handle_ms', 40000, 'active_ms', 31000, 'media_ms', 15000,
    'outcome', 'submitted', 'answer_json', '{"labels": ["spam"], "action": "remove"}',
    'labels', jsonb_build_array('spam'),
    'action', 'remove', 'policy_version', 4, 'template_version', 2, 'blind', false)
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS i,
    LATERAL (SELECT timestamptz '2026-03-01' + i * interval '100 ms' AS t) AS moment
"""


def main(*, small: bool = False) -> dict[str, float]:
    """Print and return events a second."""
    events = 200_000 if small else 1_000_000
    with scratch_operation(forgetful=True) as data:
        import psycopg

        from watchfloor.facts.export import export_all_events
        from watchfloor.facts.store import FactStore
        from watchfloor.operations.record.database import database_dsn

        dsn = database_dsn()
        with psycopg.connect(dsn, autocommit=True) as connection:
            for first in range(1, events + 1, 50_000):
                connection.execute(FILL, {"first": first, "last": first + 49_999})
            connection.execute("VACUUM ANALYZE record_event")
            (event_bytes,) = connection.execute(
                "SELECT avg(octet_length(payload::text)) FROM record_event"
            ).fetchone()
        walls, works = [], []
        for repeat in range(REPEATS):
            store = FactStore(data / "facts", f"bench{repeat}")
            started, worked = time.perf_counter(), time.process_time()
            ranges = list(export_all_events(dsn=dsn, store=store, clock=lambda: datetime.now(UTC)))
            walls.append(time.perf_counter() - started)
            works.append(time.process_time() - worked)
            assert sum(result.events for result in ranges) == events
            assert store.snapshot().row_count("review") == events
        seconds, own_seconds = median(walls), median(works)
    per_second = events / seconds
    print(
        f"export: {events:,} events of {event_bytes:,.0f} bytes in {seconds:.1f} s "
        f"= {per_second:,.0f} a second ({own_seconds:.1f} s CPU of the exporter "
        f"= {events / own_seconds:,.0f} a second; {len(ranges)} ranges; walls "
        f"{', '.join(f'{wall:.1f}' for wall in walls)}); owed {OWED_PER_SECOND:,}"
    )
    return {
        "events": events,
        "seconds": seconds,
        "events_per_second": per_second,
        "events_per_cpu_second": events / own_seconds,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    main(small=parser.parse_args().small)

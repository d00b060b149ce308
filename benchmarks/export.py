"""Events a second from the operation's PostgreSQL to published facts: read, typed, written, durable.

Owed: at least 100,000 a second of reviews, the widest events that come in number. Beside them stands the mix
that people at work produce, in a process and an operation of its own: cases, reviews, decisions and intervals
of activity as the services write them for the demo's actors, then copied under new ids to the same number.
"""

import argparse
import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.operation import scratch_operation

OWED_PER_SECOND = 100_000
REPEATS = 3
PLAYED = timedelta(hours=1)
PLAY_START = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)
MIXED_FACTS = ("case", "review", "decision", "activity_interval")

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
COPY = """
INSERT INTO record_event (at, fact, key, payload)
SELECT e.at, e.fact, e.key || '/' || copy, e.payload || CASE e.fact
    WHEN 'case' THEN jsonb_build_object('case_id', gen_random_uuid())
    WHEN 'review' THEN jsonb_build_object('review_id', gen_random_uuid(), 'case_id', gen_random_uuid())
    WHEN 'decision' THEN jsonb_build_object('decision_id', gen_random_uuid(), 'case_id', gen_random_uuid(),
                                            'deciding_review_id', gen_random_uuid())
    ELSE jsonb_build_object('interval_id', e.key || '/' || copy) END
FROM played e, generate_series(%(first)s::int, %(last)s::int) AS copy
"""


def main(*, small: bool = False) -> dict[str, float]:
    """Print and return events a second, of reviews alone and of the mix."""
    events = 200_000 if small else 1_000_000
    reviews = measured(mixed=False, events=events)
    print_line("reviews", reviews)
    command = [sys.executable, "-m", "benchmarks.export", "--mix-of", str(events)]
    root = Path(__file__).resolve().parent.parent
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root)
    mix = json.loads(ran.stdout.splitlines()[-1])
    print_line("the mix", mix)
    return {
        **{name: value for name, value in reviews.items() if not isinstance(value, str)},
        "mix_events_per_second": mix["events_per_second"],
        "mix_events_per_cpu_second": mix["events_per_cpu_second"],
    }


def print_line(what: str, found: dict[str, Any]) -> None:
    """Print one measurement on one line."""
    print(
        f"export, {what}: {found['events']:,} events of {found['event_bytes']:,.0f} bytes in "
        f"{found['seconds']:.1f} s = {found['events_per_second']:,.0f} a second "
        f"({found['own_seconds']:.1f} s CPU of the exporter = {found['events_per_cpu_second']:,.0f} "
        f"a second; {found['megabytes_per_second']:,.0f} MB of payload a second; "
        f"peak memory {found['peak_megabytes']:,.0f} MB; {found['ranges']} ranges; walls {found['walls']}; "
        f"{found['facts']}); owed {OWED_PER_SECOND:,} of reviews",
        flush=True,
    )


def measured(*, mixed: bool, events: int) -> dict[str, Any]:
    """Return what exporting about that many events takes: the median of some repeats."""
    with scratch_operation(forgetful=True) as data:
        import psycopg

        from watchfloor.facts.export import export_all_events
        from watchfloor.facts.store import FactStore
        from watchfloor.operations.record.database import database_dsn

        dsn = database_dsn()
        if mixed:
            play()
        with psycopg.connect(dsn, autocommit=True) as connection:
            (fill_mix if mixed else fill_reviews)(connection, events)
            connection.execute("VACUUM ANALYZE record_event")
            facts = connection.execute(
                "SELECT fact, count(*), avg(octet_length(payload::text))::float8 FROM record_event "
                "GROUP BY fact ORDER BY fact"
            ).fetchall()
        events = sum(count for _, count, _ in facts)
        event_bytes = sum(count * mean for _, count, mean in facts) / events
        walls, works = [], []
        for repeat in range(REPEATS):
            store = FactStore(data / "facts", f"bench{repeat}")
            started, worked = time.perf_counter(), time.process_time()
            ranges = list(export_all_events(dsn=dsn, store=store, clock=lambda: datetime.now(UTC)))
            walls.append(time.perf_counter() - started)
            works.append(time.process_time() - worked)
            assert sum(result.events for result in ranges) == events
            for fact, count, _ in facts:
                assert store.snapshot().row_count(fact) == count, fact
    seconds, own_seconds = median(walls), median(works)
    return {
        "events": events,
        "event_bytes": event_bytes,
        "seconds": seconds,
        "own_seconds": own_seconds,
        "events_per_second": events / seconds,
        "events_per_cpu_second": events / own_seconds,
        "megabytes_per_second": events * event_bytes / seconds / 1e6,
        "peak_megabytes": peak_megabytes(),
        "ranges": len(ranges),
        "walls": ", ".join(f"{wall:.1f}" for wall in walls),
        "facts": ", ".join(
            f"{fact} {count / events:.0%} of {mean:,.0f} bytes" for fact, count, mean in facts
        ),
    }


def fill_reviews(connection: Any, events: int) -> None:
    """Write that many reviews, in transactions of 50,000."""
    for first in range(1, events + 1, 50_000):
        connection.execute(FILL, {"first": first, "last": first + 49_999})


def play() -> None:
    """Let the demo's actors work for an hour: their services write the events."""
    from watchfloor.operations.review.actors.live import Stage
    from watchfloor.operations.review.actors.seed import seed_demo

    world = seed_demo(now=PLAY_START, progress=lambda _: None, seed=7, days=60)
    stage, now = Stage.enter(world, now=PLAY_START), PLAY_START
    while now < PLAY_START + PLAYED:
        now += timedelta(seconds=5)
        stage.play(now=now)


def fill_mix(connection: Any, events: int) -> None:
    """Replace the events that were played by copies of them, about as many as asked."""
    connection.execute(
        "CREATE TEMP TABLE played AS SELECT at, fact, key, payload FROM record_event WHERE fact = ANY(%s)",
        [list(MIXED_FACTS)],
    )
    (played,) = connection.execute("SELECT count(*) FROM played").fetchone()
    connection.execute("SELECT record_prune_events(pg_snapshot_xmin(pg_current_snapshot()))")
    copies, together = max(1, events // played), max(1, 50_000 // played)
    for first in range(1, copies + 1, together):
        connection.execute(COPY, {"first": first, "last": min(first + together - 1, copies)})


def peak_megabytes() -> float:
    """Return the most memory that this process ever held."""
    status = Path("/proc/self/status").read_text("ascii")  # getrusage would tell the parent's as well
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--mix-of", type=int, metavar="EVENTS", help="measure the mix alone, as JSON")
    asked = parser.parse_args()
    if asked.mix_of:
        print(json.dumps(measured(mixed=True, events=asked.mix_of)))
    else:
        main(small=asked.small)

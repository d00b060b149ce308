"""Claim and submit through the services with eight clients, against the same SQL run by pgbench.

Owed: at least 0.6 of pgbench's rate with synchronous commit on, 0.4 with it off. pgbench sends the very
statements of the services, recorded from one claim and submit, in the same transactions.
"""

import argparse
import multiprocessing
import os
import subprocess
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.operation import scratch_operation

CLIENTS = 8
OWED_ON, OWED_OFF = 0.6, 0.4
QUEUES = 20

FILL_CASES = """
WITH numbers AS (SELECT i, (ARRAY(SELECT id FROM queues_queue ORDER BY id))[1 + i %% %(queues)s] AS queue_id
                 FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS i),
made AS (
    INSERT INTO review_case (id, client, client_key, object_id, queue_id, queue_version_id, strategy_id,
        enqueued_at, deadline_at, priority, severity_hint, language, market, data_boundary, content)
    SELECT gen_random_uuid(), '', NULL, '', n.queue_id, q.current_version_id, '',
        %(now)s::timestamptz - random() * interval '9 hours',
        %(now)s::timestamptz + random() * interval '9 hours',
        (random() * 3)::int, '', 'en', '', '', '{}'
    FROM numbers n JOIN queues_queue q ON q.id = n.queue_id
    RETURNING id, queue_id, language, priority, deadline_at, enqueued_at
)
INSERT INTO review_pending (case_id, queue_id, language, priority, deadline_at, enqueued_at, turn, excluded)
SELECT id, queue_id, language, priority, deadline_at, enqueued_at, 0, '{}' FROM made
"""


def main(*, small: bool = False) -> dict[str, float]:
    """Print and return turns a second through the services and through pgbench."""
    cases, seconds = (100_000, 4) if small else (1_000_000, 15)
    found: dict[str, float] = {}
    with scratch_operation() as data:
        reviewers = fill(cases=cases)
        for commit, owed in (("on", OWED_ON), ("off", OWED_OFF)):
            set_synchronous_commit(commit)
            services = rate_of_services(data, reviewers=reviewers, seconds=seconds)
            plain = rate_of_pgbench(reviewers=reviewers, seconds=seconds)
            found |= {
                f"services_{commit}": services,
                f"pgbench_{commit}": plain,
                f"ratio_{commit}": services / plain,
            }
            print(
                f"claim + submit, synchronous_commit={commit}: services {services:,.0f}/s, "
                f"pgbench {plain:,.0f}/s, ratio {services / plain:.2f} (owed ≥ {owed})"
            )
    return found


def fill(*, cases: int) -> list[int]:
    """Fill twenty queues with waiting cases; return the ids of the reviewers who may take them all."""
    from django.db import connection

    from watchfloor.operations.people.models import Reviewer, Site, Team
    from watchfloor.operations.queues.models import Queue, QueueVersion

    now = datetime.now(UTC)
    site = Site.objects.create(slug="bench", name="Bench", employer_kind="in_house", country="IE")
    team = Team.objects.create(slug="bench", name="Bench", site=site)
    people = [
        Reviewer.objects.create(code=f"b-{number:03d}", team=team, hired_on=now.date(), languages=["en"])
        for number in range(200)
    ]
    for number in range(QUEUES):
        queue = Queue.objects.create(
            slug=f"queue-{number:02d}",
            title=f"Queue {number}",
            group="bench",
            surface="video",
            state="live",
            languages=["en"],
            created_at=now,
        )
        queue.current_version = QueueVersion.objects.create(
            queue=queue, version=1, sla_seconds={"default": 86_400}, lease_seconds=3600,
            effective_from=now - timedelta(days=1),
        )  # fmt: skip
        queue.save()
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        for first in range(1, cases + 1, 50_000):
            cursor.execute(FILL_CASES, {"queues": QUEUES, "first": first, "last": first + 49_999, "now": now})
        cursor.execute("VACUUM ANALYZE")
    connection.close()
    return [person.pk for person in people]


def set_synchronous_commit(value: str) -> None:
    """Set it for every session that starts from now on."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {connection.settings_dict['NAME']} SET synchronous_commit = {value}")
    connection.close()


def work_through_services(reviewers: list[int], seconds: float, turns: Any) -> None:
    """Claim and submit without pause; add the number of turns to `turns`."""
    import django

    django.setup()
    from watchfloor.operations.review.services import Answer, claim, submit

    done = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        claimed = claim(reviewer=reviewers[done % len(reviewers)], now=datetime.now(UTC))
        assert claimed is not None, "no case is left"
        submit(lease_token=claimed.token, answer=Answer(), now=datetime.now(UTC))
        done += 1
    with turns.get_lock():
        turns.value += done


def rate_of_services(data: Path, *, reviewers: list[int], seconds: float) -> float:
    """Return turns a second of eight processes that call the services."""
    os.environ["WATCHFLOOR_DATA"] = str(data)
    context = multiprocessing.get_context("spawn")
    turns = context.Value("q", 0)
    share = len(reviewers) // CLIENTS
    workers = [
        context.Process(
            target=work_through_services, args=(reviewers[n * share : (n + 1) * share], seconds, turns)
        )
        for n in range(CLIENTS)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    return float(turns.value) / seconds


def rate_of_pgbench(*, reviewers: list[int], seconds: float) -> float:
    """Return turns a second of eight pgbench clients that send the same statements."""
    from django.db import connection

    from watchfloor.settings.embedded.binaries import find_programs

    programs = find_programs(major=None).directory
    known = connection.settings_dict
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "turn.sql"
        script.write_text(pgbench_script(reviewers), "utf-8")
        ran = subprocess.run(
            [
                programs / "pgbench", "--no-vacuum", "--protocol=prepared", f"--client={CLIENTS}", "--jobs=2",
                f"--time={int(seconds)}", f"--file={script}",
                "--host", known["HOST"], "--port", str(known["PORT"]),
                "--username", known["USER"], known["NAME"],
            ],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    line = next(line for line in ran.stdout.splitlines() if line.startswith("tps"))
    return float(line.split()[2])


def pgbench_script(reviewers: list[int]) -> str:
    """Return one turn as pgbench runs it: the statements of the services with their values as variables."""
    from benchmarks.turn_sql import recorded_turn

    return recorded_turn(first_reviewer=min(reviewers), last_reviewer=max(reviewers))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    main(small=parser.parse_args().small)

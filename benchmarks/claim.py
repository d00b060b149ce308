"""Claim and submit through the services with eight clients, against pgbench, history, a pin, and jobs.

One million cases wait in twenty queues. Measured, each pair in the same run and by turns:

- through the services ÷ pgbench sending the very same calls, synchronous commit on (owed 0.6) and off (0.4);
- with many decided cases behind ÷ with an empty history (0.9);
- while another session holds a transaction open, which keeps every dead row, ÷ free (0.6), in the last part
  of the pin, the pulse raising heads as it does in an operation;
- a claim ÷ procrastinate's fetch of a job (2): as many jobs as cases wait, in as many queues, on the same
  server, as durable. Each is called through its own library, as a worker calls it, and each call
  must return something, or the run fails. Beside it stand the same two calls by pgbench, the server alone,
  and claim and submit ÷ fetch and finish.

The whole sizes are ten million decided cases and a pin of ten minutes: `--decided 10000000 --pin 600`.
`--part` runs some parts alone.
"""

import argparse
import multiprocessing
import os
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import floor_at_work as floor
from benchmarks.operation import scratch_operation

OWED_ON, OWED_OFF, OWED_HISTORY, OWED_PINNED, OWED_JOBS = 0.6, 0.4, 0.9, 0.6, 2.0
ROUNDS = 3
LAST_OF_PIN = 3  # rounds: the last of a pin, when most dead rows are kept
CLAIM_ONLY = """\\set reviewer random({first}, {last})
SELECT * FROM review_claim(:reviewer::bigint, now(), NULL::bigint[], 1000000, false);
"""
# Division by zero where no job is left: a fetch that finds nothing is no fetch.
FETCH_JOB = """SELECT j.*, 1 / (j.id IS NOT NULL)::int
FROM procrastinate_fetch_job_v2('{{{queues}}}'::varchar[], {worker}) j;
"""
PARTS = ("pgbench", "jobs", "pinned", "history")
FILL_JOBS = """
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args)
SELECT 'queue-' || lpad((i %% 20)::text, 2, '0'), 'review', (random() * 3)::int, '{}'
FROM generate_series(1, %s) i
"""


def main(
    *,
    small: bool = False,
    decided: int | None = None,
    pin: float | None = None,
    parts: Sequence[str] = PARTS,
) -> dict[str, float]:
    """Print and return turns a second and their ratios."""
    cases, seconds = (100_000, 4.0) if small else (1_000_000, 10.0)
    decided = decided if decided is not None else (100_000 if small else 2_000_000)
    pin = pin if pin is not None else (20.0 if small else 90.0)
    found: dict[str, float] = {}
    with scratch_operation() as data:
        people = floor.build_queues()
        floor.fill(cases=cases)
        if "pgbench" in parts:
            for commit, owed in (("on", OWED_ON), ("off", OWED_OFF)):
                found |= against_pgbench(data, people, commit=commit, owed=owed, seconds=seconds)
        if "jobs" in parts:
            found |= against_jobs(data, people, jobs=cases, seconds=seconds)
            floor.fill(cases=cases // 4)  # what was claimed waits again
        if "pinned" in parts:
            found |= while_pinned(data, people, pin=pin, seconds=seconds)
        if "history" in parts:
            found |= after_history(data, people, decided=decided, seconds=seconds)
    return found


def against_pgbench(
    data: Path, people: list[int], *, commit: str, owed: float, seconds: float
) -> dict[str, float]:
    """Return the services' rate and pgbench's, by turns, and the median of the rounds' ratios."""
    floor.set_synchronous_commit(commit)
    script = floor.pgbench_turn(people)
    pairs = [
        (
            floor.rate_of_services(data, reviewers=people, seconds=seconds),
            floor.rate_of_pgbench(script, seconds=seconds),
        )
        for _ in range(ROUNDS)
    ]
    services, plain = (statistics.median(each) for each in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    print(
        f"claim + submit, synchronous_commit={commit}: services {services:,.0f}/s, pgbench {plain:,.0f}/s,"
        f" ratio {ratio:.2f} (owed ≥ {owed})",
        flush=True,
    )
    return {f"services_{commit}": services, f"pgbench_{commit}": plain, f"ratio_{commit}": ratio}


def against_jobs(data: Path, people: list[int], *, jobs: int, seconds: float) -> dict[str, float]:
    """Return the rates of claims and of fetches, through the libraries and by pgbench, and of whole turns."""
    from django.db import connection

    from watchfloor.operations.record.database import database_dsn

    names = [f"queue-{number:02d}" for number in range(floor.QUEUES)]
    worker = fill_jobs(jobs)
    share = len(people) // floor.CLIENTS
    claimants = [people[n * share : (n + 1) * share] for n in range(floor.CLIENTS)]
    found: dict[str, float] = {}
    for commit in ("on", "off"):
        floor.set_synchronous_commit(commit)
        rates: dict[str, list[float]] = {"claim": [], "fetch": [], "turn": [], "job": []}
        for _ in range(ROUNDS):
            for name, work, parts in (
                ("claim", claim_only, claimants),
                ("fetch", fetch_jobs, [(database_dsn(), names, worker, False)] * floor.CLIENTS),
                ("turn", floor.work_through_services, claimants),
                ("job", fetch_jobs, [(database_dsn(), names, worker, True)] * floor.CLIENTS),
            ):
                rates[name].append(floor.rate_of_processes(data, work, parts, seconds))
                with connection.cursor() as cursor:
                    cursor.execute("DELETE FROM review_lease")
                connection.close()
        plain = (
            floor.rate_of_pgbench(CLAIM_ONLY.format(first=min(people), last=max(people)), seconds=seconds),
            floor.rate_of_pgbench(FETCH_JOB.format(queues=",".join(names), worker=worker), seconds=seconds),
        )
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM review_lease")
        connection.close()
        claims, fetches, turns, ended = (statistics.median(each) for each in rates.values())
        ratio = statistics.median(c / f for c, f in zip(rates["claim"], rates["fetch"], strict=True))
        whole = statistics.median(t / j for t, j in zip(rates["turn"], rates["job"], strict=True))
        print(
            f"synchronous_commit={commit}: claim {claims:,.0f}/s, fetch of a job {fetches:,.0f}/s,"
            f" ratio {ratio:.2f} (owed ≥ {OWED_JOBS}); by pgbench {plain[0]:,.0f}/s and {plain[1]:,.0f}/s,"
            f" ratio {plain[0] / plain[1]:.2f}; claim and submit {turns:,.0f}/s, fetch and finish"
            f" {ended:,.0f}/s, ratio {whole:.2f}",
            flush=True,
        )
        found |= {
            f"claims_{commit}": claims,
            f"jobs_{commit}": fetches,
            f"ratio_jobs_{commit}": ratio,
            f"ratio_jobs_server_{commit}": plain[0] / plain[1],
            f"ratio_finished_{commit}": whole,
        }
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    connection.close()
    return found


def fill_jobs(jobs: int) -> int:
    """Let so many jobs wait in the queues, and return the id of a worker that may fetch them."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        # The triggers of deferring would notify a million times; those of fetching fire again below.
        cursor.execute("ALTER TABLE procrastinate_jobs DISABLE TRIGGER USER")
        cursor.execute(FILL_JOBS, [jobs])
        cursor.execute("ALTER TABLE procrastinate_jobs ENABLE TRIGGER USER")
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        worker: int = cursor.fetchone()[0]
        cursor.execute("VACUUM ANALYZE procrastinate_jobs")
    connection.close()
    return worker


def claim_only(reviewers: list[int], seconds: float, begin: Any, done: Any) -> None:
    """Claim without pause through the service; add the number of cases to `done`."""
    import django

    django.setup()
    from watchfloor.operations.review.services import claim

    claim(reviewer=reviewers[0], now=datetime.now(UTC), most=10**6)
    begin.wait()
    count, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        found = claim(reviewer=reviewers[count % len(reviewers)], now=datetime.now(UTC), most=10**6)
        assert found is not None, "no case is left"
        count += 1
    with done.get_lock():
        done.value += count


def fetch_jobs(given: tuple[str, list[str], int, bool], seconds: float, begin: Any, done: Any) -> None:
    """Fetch jobs without pause through procrastinate, finish each if asked; add their number to `done`."""
    import asyncio

    from procrastinate import PsycopgConnector
    from procrastinate.jobs import Status
    from procrastinate.manager import JobManager

    dsn, names, worker, finishes = given

    async def fetch() -> int:
        connector = PsycopgConnector(conninfo=dsn, min_size=1, max_size=1)
        await connector.open_async()
        jobs = JobManager(connector)
        assert await jobs.fetch_job(names, worker) is not None
        begin.wait()
        count, until = 0, time.monotonic() + seconds
        while time.monotonic() < until:
            job = await jobs.fetch_job(names, worker)
            assert job is not None, "no job is left"
            if finishes:
                await jobs.finish_job(job, Status.SUCCEEDED, delete_job=False)
            count += 1
        await connector.close_async()
        return count

    fetched = asyncio.run(fetch())
    with done.get_lock():
        done.value += fetched


def keep_heads(data: str, stop: Any) -> None:
    """Do what the pulse does for claims, once a second."""
    os.environ["WATCHFLOOR_DATA"] = data
    import django

    django.setup()
    from watchfloor.operations.review.heads import Heads

    heads = Heads()
    while not stop.wait(1.0):
        heads.keep()


def while_pinned(data: Path, people: list[int], *, pin: float, seconds: float) -> dict[str, float]:
    """Return the rate in the last part of a long pin of the oldest snapshot, and the free rate around it."""
    import psycopg

    from watchfloor.operations.record.database import database_dsn

    floor.set_synchronous_commit("on")
    free = [floor.rate_of_services(data, reviewers=people, seconds=seconds)]
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    keeper = context.Process(target=keep_heads, args=(str(data), stop))
    keeper.start()
    try:
        with psycopg.connect(database_dsn()) as pinned:
            pinned.execute("SET idle_in_transaction_session_timeout = 0")
            pinned.execute("SET transaction_timeout = 0")
            pinned.commit()
            pinned.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            pinned.execute("SELECT count(*) FROM queues_queue")
            begun, rates = time.monotonic(), []
            while time.monotonic() - begun < pin:
                rates.append(floor.rate_of_services(data, reviewers=people, seconds=seconds))
    finally:
        stop.set()
        keeper.join()
    free.append(floor.rate_of_services(data, reviewers=people, seconds=seconds))
    end = statistics.median(rates[-LAST_OF_PIN:])
    ratio = end / statistics.mean(free)
    print(
        f"free {free[0]:,.0f}/s before, {free[1]:,.0f}/s after; pinned for {pin:.0f} s"
        f" {', '.join(f'{each:,.0f}' for each in rates)}/s, at the end {ratio:.2f} × (owed ≥ {OWED_PINNED})",
        flush=True,
    )
    return {"free": statistics.mean(free), "pinned": end, "ratio_pinned": ratio}


def after_history(data: Path, people: list[int], *, decided: int, seconds: float) -> dict[str, float]:
    """Return the rate with and without many decided cases behind."""
    from django.db import connection

    before = [floor.rate_of_services(data, reviewers=people, seconds=seconds) for _ in range(ROUNDS)]
    begun = datetime.now(UTC)
    floor.decide(cases=decided, reviewers=people)
    took = (datetime.now(UTC) - begun).total_seconds()
    connection.close()
    after = [floor.rate_of_services(data, reviewers=people, seconds=seconds) for _ in range(ROUNDS)]
    ratio = statistics.median(after) / statistics.median(before)
    print(
        f"after {decided:,} decided cases (written in {took:,.0f} s): {statistics.median(after):,.0f}/s,"
        f" before {statistics.median(before):,.0f}/s, {ratio:.2f} × (owed ≥ {OWED_HISTORY})",
        flush=True,
    )
    return {"after_history": statistics.median(after), "ratio_history": ratio, "decided": float(decided)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--decided", type=int, help="decided cases of the history")
    parser.add_argument("--pin", type=float, help="seconds for which a transaction stays open")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this part; may be repeated")
    asked = parser.parse_args()
    main(small=asked.small, decided=asked.decided, pin=asked.pin, parts=asked.part or PARTS)

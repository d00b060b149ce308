"""An operation full of waiting cases, and clients that claim and submit: what benchmarks of it share."""

import multiprocessing
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

CLIENTS = 8
QUEUES = 20
# Many people, each with few cases at a time: two hundred claims a second of one person exist nowhere.
REVIEWERS = 2000


def build_queues() -> list[int]:
    """Make twenty live queues and the people who may take every case; return the ids of those people."""
    from watchfloor.operations.people.models import Reviewer, Site, Team
    from watchfloor.operations.queues.models import Queue, QueueVersion

    now = datetime.now(UTC)
    site = Site.objects.create(slug="bench", name="Bench", employer_kind="in_house", country="IE")
    team = Team.objects.create(slug="bench", name="Bench", site=site)
    people = [
        Reviewer(code=f"b-{number:04d}", team=team, hired_on=now.date(), languages=["en"])
        for number in range(REVIEWERS)
    ]
    Reviewer.objects.bulk_create(people)
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
            queue=queue,
            version=1,
            sla_seconds={"default": 86_400},
            lease_seconds=3600,
            effective_from=now - timedelta(days=1),
        )
        queue.save()
    return [person.pk for person in people]


def fill(*, cases: int) -> None:
    """Let so many further cases wait, spread evenly over the queues."""
    from django.db import connection

    now = datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        for first in range(1, cases + 1, 50_000):
            last = min(first + 49_999, cases)
            cursor.execute(
                _sql("waiting_cases.sql"), {"queues": QUEUES, "first": first, "last": last, "now": now}
            )
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    connection.close()


def decide(*, cases: int, reviewers: list[int]) -> None:
    """Add so many decided cases to the record: case, review and decision each."""
    from django.db import connection

    values = {"queues": QUEUES, "people": reviewers, "count": len(reviewers), "now": datetime.now(UTC)}
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET session_replication_role = replica")  # the rows refer to each other rightly
        for first in range(1, cases + 1, 100_000):
            cursor.execute(
                _sql("decided_cases.sql"), values | {"first": first, "last": min(first + 99_999, cases)}
            )
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    connection.close()


def set_synchronous_commit(value: str) -> None:
    """Set it for every session that starts from now on."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {connection.settings_dict['NAME']} SET synchronous_commit = {value}")
    connection.close()


def work_through_services(reviewers: list[int], seconds: float, begin: Any, turns: Any) -> None:
    """Claim and submit without pause; add the number of turns to `turns`."""
    import django

    django.setup()
    from watchfloor.operations.review.services import Answer, claim, submit

    def one_turn(person: int) -> None:
        claimed = claim(reviewer=person, now=datetime.now(UTC))
        assert claimed is not None, "no case is left"
        submit(lease_token=claimed.token, answer=Answer(), now=datetime.now(UTC))

    one_turn(reviewers[0])
    begin.wait()
    done = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        one_turn(reviewers[done % len(reviewers)])
        done += 1
    with turns.get_lock():
        turns.value += done


def rate_of_services(data: Path, *, reviewers: list[int], seconds: float) -> float:
    """Return turns a second of eight processes that call the services, counted once all are ready."""
    share = len(reviewers) // CLIENTS
    parts = [reviewers[n * share : (n + 1) * share] for n in range(CLIENTS)]
    return rate_of_processes(data, work_through_services, parts, seconds)


def rate_of_processes(data: Path, work: Callable[..., None], parts: list[Any], seconds: float) -> float:
    """Return what processes count a second; each gets its part, and all begin together."""
    os.environ["WATCHFLOOR_DATA"] = str(data)
    context = multiprocessing.get_context("spawn")
    count, begin = context.Value("q", 0), context.Barrier(len(parts))
    workers = [context.Process(target=work, args=(part, seconds, begin, count)) for part in parts]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    return float(count.value) / seconds


def rate_of_pgbench(script: str, *, seconds: float, clients: int = CLIENTS) -> float:
    """Return transactions a second of pgbench clients that send the script, prepared."""
    from django.db import connection

    from watchfloor.settings.embedded.binaries import find_programs

    programs = find_programs(major=None).directory
    known = connection.settings_dict
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "turn.sql"
        written.write_text(script, "utf-8")
        ran = subprocess.run(
            [
                programs / "pgbench", "--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=2",
                f"--time={int(seconds)}", f"--file={written}",
                "--host", known["HOST"], "--port", str(known["PORT"]),
                "--username", known["USER"], known["NAME"],
            ],
            env={**os.environ, "PGOPTIONS": "-c plan_cache_mode=force_generic_plan"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    line = next(line for line in ran.stdout.splitlines() if line.startswith("tps"))
    return float(line.split()[2])


def pgbench_turn(reviewers: list[int]) -> str:
    """Return one turn as pgbench runs it: the very calls of the services."""
    script = _sql("turn.pgbench")
    return script.replace("FIRST", str(min(reviewers))).replace("LAST", str(max(reviewers)))


def _sql(name: str) -> str:
    return (Path(__file__).parent / "sql" / name).read_text("utf-8")

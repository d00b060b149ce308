"""Background work on the record: export, rollups, compaction, expiry of leases, pruning, sealing.

Run by the job queue's worker, `python -m django procrastinate worker`. A job of a kind waits at most once in
the queue, so that a slow machine falls behind by one run, not by a hundred; jobs that write facts take turns.
"""

import logging
from datetime import UTC, datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import connection
from procrastinate.contrib.django import app

from watchfloor.facts.engines import DuckDBEngine
from watchfloor.facts.export import export_all_events
from watchfloor.facts.lock import StoreBusyError
from watchfloor.facts.store import FactStore, StaleWatermarkError
from watchfloor.metrics.rollups.refresh import refresh_rollups
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.enforcement.models import FollowMark
from watchfloor.operations.record.database import database_dsn
from watchfloor.operations.record.sealing import seal
from watchfloor.operations.review.counters import PulseMark
from watchfloor.operations.review.services import expire_leases

FACTS = "facts"
FILES_BEFORE_COMPACTION = 200
KEEP_VERSIONS = timedelta(days=7)
KEEP_JOBS_HOURS = 6

_logger = logging.getLogger("watchfloor.tasks")


def _now() -> datetime:
    return datetime.now(UTC)


@cache
def living_store() -> FactStore:
    """Return the facts of the living operation."""
    return FactStore(settings.WATCHFLOOR_FACTS_ROOT, settings.WATCHFLOOR_OPERATION)


@app.periodic(cron="* * * * * */10")
@app.task(name="insights.export_events", queueing_lock="insights.export_events", lock=FACTS)
def export_events(timestamp: int) -> int:
    """Return how many settled events became facts, every ten seconds."""
    del timestamp
    exported = 0
    try:
        for result in export_all_events(dsn=database_dsn(), store=living_store(), clock=_now):
            exported += result.events
            if result.dead_letters:
                _logger.warning("%d events are no fact rows and were set aside", result.dead_letters)
    except (StoreBusyError, StaleWatermarkError) as error:
        _logger.info("Another writer is at work: %s", error)
    return exported


@app.periodic(cron="* * * * * */10")
@app.task(name="insights.expire_leases", queueing_lock="insights.expire_leases")
def end_expired_leases(timestamp: int) -> int:
    """Return how many leases had run out, every ten seconds."""
    del timestamp
    return expire_leases(now=_now())


@app.periodic(cron="* * * * *")
@app.task(name="insights.refresh_rollups", queueing_lock="insights.refresh_rollups")
def refresh_sums(timestamp: int) -> int:
    """Return how many partitions of the rollups were computed again, every minute."""
    del timestamp
    engine = DuckDBEngine(threads=1, memory_limit="1GB")
    refreshed = refresh_rollups(store=living_store(), engine=engine, catalogue=catalogue(), now=_now())
    return sum(rollup.partitions for rollup in refreshed)


@app.periodic(cron="*/5 * * * *")
@app.task(name="insights.compact", queueing_lock="insights.compact", lock=FACTS)
def compact_when_scattered(timestamp: int) -> int | None:
    """Return the version that joined small files, when there were many; looked at every five minutes."""
    del timestamp
    version = living_store().manifests.latest()
    if (
        version is None
        or max(table.file_count for table in version.tables.values()) < FILES_BEFORE_COMPACTION
    ):
        return None
    compacted = living_store().compact(now=_now())
    return compacted.number if compacted else None


@app.periodic(cron="17 3 * * *")
@app.task(name="insights.tidy_facts", queueing_lock="insights.tidy_facts", lock=FACTS)
def tidy_facts(timestamp: int) -> None:
    """Join small files and forget versions older than `KEEP_VERSIONS`, every night."""
    del timestamp
    living_store().compact(now=_now())
    living_store().vacuum(keep=KEEP_VERSIONS, now=_now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="insights.prune_events", queueing_lock="insights.prune_events", lock=FACTS)
def prune_exported_events(timestamp: int) -> int:
    """Return how many events were deleted because all who read them have them, every ten minutes."""
    del timestamp
    watermark = living_store().latest_watermark()
    marks = [PulseMark.objects.filter(id=1).first(), FollowMark.objects.filter(id=1).first()]
    if watermark is None or None in marks:
        return 0
    with connection.cursor() as cursor:
        before = str(min(int(watermark["next_xid"]), *(mark.next_xid for mark in marks if mark)))
        cursor.execute("SELECT record_prune_events(%s::xid8)", [before])
        return int(cursor.fetchone()[0])


@app.periodic(cron="* * * * *")
@app.task(name="insights.seal_audit", queueing_lock="insights.seal_audit")
def seal_audit_entries(timestamp: int) -> int:
    """Return how many audit entries were sealed, every minute."""
    del timestamp
    return seal(now=_now())


@app.periodic(cron="*/30 * * * *")
@app.task(name="insights.forget_jobs", queueing_lock="insights.forget_jobs", pass_context=True)
async def forget_finished_jobs(context: object, timestamp: int) -> None:
    """Delete finished jobs older than `KEEP_JOBS_HOURS`, twice an hour."""
    del context, timestamp
    await app.job_manager.delete_old_jobs(
        nb_hours=KEEP_JOBS_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )

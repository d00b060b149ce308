"""Seals the audit trail in a chain of hashes, and checks the chain.

Writers insert entries without waiting for each other. The seal comes after: it takes the entries whose
transactions are all settled (`xid` below the oldest running one), in the order of (xid, id), and links each
to the one before. So the order is final when it is sealed, and only sealers wait for sealers.

A changed, removed or inserted entry breaks every later link. Cutting off the end of the chain is seen only by
somebody who kept the last digest: `SealReport.digest` is there to be kept.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.record.models import AuditEntry, AuditSeal
from watchfloor.operations.record.services import instant_text
from watchfloor.operations.record.statements import statement

GENESIS = hashlib.sha256(b"watchfloor audit trail").hexdigest()
_BATCH = 5000


class ChainBrokenError(WatchfloorError):
    """An entry of the audit trail is not what was sealed."""


@dataclass(frozen=True, slots=True)
class SealReport:
    """The state of the chain: its length, its last digest, and how many entries wait to be sealed."""

    sealed: int
    digest: str
    waiting: int


def seal(*, now: datetime, limit: int = _BATCH) -> int:
    """Return how many settled entries were sealed; a second sealer at the same time seals none."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('record_auditseal'))")
            if not cursor.fetchone()[0]:
                return 0
        last = AuditSeal.objects.order_by("-position").first()
        position, digest = (last.position, last.digest) if last else (0, GENESIS)
        seals = []
        entries = AuditEntry.objects.raw(statement("record", "unsealed"), {"limit": limit})
        for entry in entries:
            position += 1
            digest = link(digest, entry)
            seals.append(AuditSeal(position=position, entry=entry, digest=digest, sealed_at=now))
        AuditSeal.objects.bulk_create(seals, batch_size=1000)
    return len(seals)


def verify_chain() -> SealReport:
    """Return the state of the chain after recomputing every link.

    Raises:
        ChainBrokenError: a link is missing or does not match; the message names its position.

    """
    expected, digest = 0, GENESIS
    seals = AuditSeal.objects.select_related("entry").order_by("position")
    for sealed in seals.iterator(chunk_size=_BATCH):
        expected += 1
        if sealed.position != expected:
            raise ChainBrokenError(
                f"Link {expected} of the audit trail is missing; the next one is {sealed.position}.",
                remedy="Restore the database from a backup that verifies, and find out who wrote to it.",
            )
        digest = link(digest, sealed.entry)
        if digest != sealed.digest:
            raise ChainBrokenError(
                f"Link {expected} of the audit trail (entry {sealed.entry_id}) is not what was sealed.",
                remedy="Restore the database from a backup that verifies, and find out who wrote to it.",
            )
    waiting = AuditEntry.objects.filter(seal__isnull=True).count()
    return SealReport(sealed=expected, digest=digest, waiting=waiting)


def link(previous: str, entry: AuditEntry) -> str:
    """Return the digest of an entry after the link before it."""
    content = json.dumps(
        [
            previous,
            entry.pk,
            instant_text(entry.at),
            entry.actor,
            entry.action,
            entry.object_kind,
            entry.object_id,
            entry.before,
            entry.after,
            entry.queue_group,
            entry.site,
            entry.market,
            entry.data_boundary,
        ],
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(content.encode()).hexdigest()

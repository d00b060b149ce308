"""Keeps claims fast while a long transaction is open: how far each lane has got, raised once a second.

Rows that were claimed stay in the indexes until no open transaction could see them. A long export, a
forgotten session or a replica keeps them all, and each claim would walk over every one. So while such a
transaction is open, the lanes' heads are raised; a claim begins there. See `sql/lanes.sql` for why a head is
never too high.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import OperationalError, transaction

from watchfloor.operations.record.statements import call
from watchfloor.operations.review.models import Lane

_RAISE = "SELECT review_raise_heads(%s::bigint, %s::boolean)"
_RAISE_FIRST = "SELECT review_raise_first(%s::boolean)"
# Whether somebody keeps dead rows: a transaction older than this, a prepared one, or a replica's slot.
_PINNED = """
SELECT EXISTS (SELECT FROM pg_stat_activity
               WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()
                 AND xact_start < clock_timestamp() - make_interval(secs => %s::float8))
    OR EXISTS (SELECT FROM pg_prepared_xacts)
    OR EXISTS (SELECT FROM pg_replication_slots WHERE xmin IS NOT NULL)
"""
PINNED_AFTER_SECONDS = 2.0

_logger = logging.getLogger("watchfloor.heads")


@dataclass(slots=True)
class Heads:
    """Raises heads while they are needed; looks at all of them anew when it starts."""

    looked_anew: bool = False

    def keep(self) -> int:
        """Return how many lanes had their heads raised: all while a long transaction is open, else none."""
        if not self.looked_anew:
            known = Lane.objects.filter(has_heads=True).order_by("queue").values_list("queue", flat=True)
            raise_heads(queue_ids=list(known.distinct()), anew=True)
            raise_first(anew=True)
            self.looked_anew = True
        if not call(_PINNED, (PINNED_AFTER_SECONDS,))[0][0]:
            return 0
        queue_ids = Lane.objects.order_by("queue").values_list("queue", flat=True).distinct()
        raise_first()
        return raise_heads(queue_ids=list(queue_ids))


def raise_first(*, anew: bool = False) -> bool:
    """Return whether the head over all lanes was raised; not while cases are being added everywhere."""
    try:
        with transaction.atomic():
            call(_RAISE_FIRST, (anew,))
    except OperationalError as error:
        _logger.debug("Cases are being added: %s", error)
        return False
    return True


def raise_heads(*, queue_ids: Sequence[int], anew: bool = False) -> int:
    """Return how many lanes of the queues had their heads raised; `anew` looks from the very start.

    Each queue is a transaction of its own, and one whose cases are being added to is left for the next time.
    """
    raised = 0
    for queue_id in queue_ids:
        try:
            with transaction.atomic():
                raised += call(_RAISE, (queue_id, anew))[0][0]
        except OperationalError as error:
            _logger.debug("Queue %s is being added to: %s", queue_id, error)
    return raised

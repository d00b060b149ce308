"""Background work on queues: changes whose instant has come take effect."""

import logging
from datetime import UTC, datetime

from procrastinate.contrib.django import app

from watchfloor.operations.queues.changes import apply_due

_logger = logging.getLogger("watchfloor.tasks")


@app.periodic(cron="* * * * * */5")
@app.task(name="queues.apply_due_changes", queueing_lock="queues.apply_due_changes")
def apply_due_changes(timestamp: int) -> int:
    """Return how many approved changes took effect or failed, every five seconds."""
    del timestamp
    settled = apply_due(now=datetime.now(UTC))
    for request in settled:
        if request.state == "failed":
            _logger.warning(
                "Change %d of queue %s failed: %s", request.pk, request.queue.slug, request.reason
            )
    return len(settled)

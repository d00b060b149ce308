"""Background work on targets, run by the job queue's worker."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from watchfloor.operations.targets.reminders import remind_of_expiry


@app.periodic(cron="10 6 * * *")
@app.task(name="targets.remind_of_expiry", queueing_lock="targets.remind_of_expiry")
def remind_of_targets_that_end(timestamp: int) -> int:
    """Return how many targets' owners were told that they end within a fortnight, every morning."""
    del timestamp
    return remind_of_expiry(now=datetime.now(UTC))

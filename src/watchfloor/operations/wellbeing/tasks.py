"""Background work: what is no longer needed of a person is forgotten."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from watchfloor.operations.wellbeing.records import prune


@app.periodic(cron="40 3 * * *")
@app.task(name="wellbeing.forget", queueing_lock="wellbeing.forget")
def forget(timestamp: int) -> int:
    """Return how many old tallies and overrides were deleted, once a day."""
    del timestamp
    return prune(now=datetime.now(UTC))

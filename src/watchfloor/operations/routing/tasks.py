"""Background work on strategies: those whose end has come end."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from watchfloor.operations.routing.services import end_due


@app.periodic(cron="* * * * *")
@app.task(name="routing.end_due_strategies", queueing_lock="routing.end_due_strategies")
def end_due_strategies(timestamp: int) -> int:
    """Return how many strategies ended, once a minute; the door refuses them from the instant itself."""
    del timestamp
    return end_due(now=datetime.now(UTC))

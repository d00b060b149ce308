"""Background work of alerts: looking at the rules each minute, telling channels, checking effects."""

import logging
import random
from datetime import UTC, datetime

from django.conf import settings
from procrastinate.contrib.django import app

from watchfloor.operations.alerts.acting import check_effects
from watchfloor.operations.alerts.evaluating import evaluate
from watchfloor.operations.alerts.explaining import explain_waiting
from watchfloor.operations.alerts.sending import send_due

_logger = logging.getLogger("watchfloor.alerts")


@app.periodic(cron="* * * * *")
@app.task(name="alerts.evaluate", queueing_lock="alerts.evaluate", lock="alerts.evaluate")
def evaluate_rules(timestamp: int) -> int:
    """Return how many alerts fired, each minute; they are explained before anybody is told."""
    del timestamp
    now, operation = datetime.now(UTC), settings.WATCHFLOOR_OPERATION
    found = evaluate(operation=operation, now=now)
    explain_waiting(operation=operation, now=now)
    if found.fired:
        _logger.info("%d alerts fired of %d rules", len(found.fired), found.rules)
    return len(found.fired)


@app.periodic(cron="* * * * * */10")
@app.task(name="alerts.tell", queueing_lock="alerts.tell")
def tell_channels(timestamp: int) -> int:
    """Return how many messages left, every ten seconds."""
    del timestamp
    return send_due(now=datetime.now(UTC), rng=random.SystemRandom()).messages


@app.periodic(cron="*/10 * * * *")
@app.task(name="alerts.check_effects", queueing_lock="alerts.check_effects")
def check_what_was_done(timestamp: int) -> int:
    """Return how many actions had their effect checked, every ten minutes."""
    del timestamp
    return check_effects(operation=settings.WATCHFLOOR_OPERATION, now=datetime.now(UTC))

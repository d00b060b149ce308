"""Background work of enforcement: statements of reasons. Callbacks have a loop of their own: `runner`."""

import logging
import random
from datetime import UTC, datetime

from django.conf import settings
from procrastinate.contrib.django import app

from watchfloor.operations.enforcement.statement_sending import (
    Database,
    StatementsRefusedError,
    send_statements,
)
from watchfloor.operations.enforcement.statements import build_statements

_logger = logging.getLogger("watchfloor.statements")


@app.periodic(cron="*/5 * * * *")
@app.task(name="enforcement.state_reasons", queueing_lock="enforcement.state_reasons")
def state_reasons(timestamp: int) -> int:
    """Return how many statements of reasons were built and, where a database is configured, accepted."""
    del timestamp
    now = datetime.now(UTC)
    built = build_statements(now=now)
    if not settings.WATCHFLOOR_STATEMENTS_URL:
        return built.ready
    database = Database(settings.WATCHFLOOR_STATEMENTS_URL, settings.WATCHFLOOR_STATEMENTS_TOKEN)
    try:
        report = send_statements(database=database, now=now, rng=random.SystemRandom())
    except StatementsRefusedError as error:
        _logger.warning("Statements were not sent: %s", error)
        return 0
    if report.trouble:
        _logger.warning("Statements wait: %s", report.trouble)
    return report.accepted

"""Background work of quality: gold ends and is mixed in, audits are drawn, answers judged, clocks run.

The clock and the chance of the edge stand here; everything below takes them as arguments.
"""

import logging
from datetime import UTC, datetime

from procrastinate.contrib.django import app

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.quality import services
from watchfloor.operations.quality.chance import fresh_generator
from watchfloor.operations.quality.models import AuditDesign

_logger = logging.getLogger("watchfloor.tasks")


def _now() -> datetime:
    return datetime.now(UTC)


@app.periodic(cron="*/5 * * * *")
@app.task(name="quality.expire_gold", queueing_lock="quality.expire_gold")
def expire_gold(timestamp: int) -> int:
    """Return how many golden cases ended, every five minutes."""
    del timestamp
    return services.expire_gold(now=_now())


@app.periodic(cron="* * * * *")
@app.task(name="quality.mix_gold", queueing_lock="quality.mix_gold")
def mix_gold(timestamp: int) -> int:
    """Return how many golden cases were hidden among production cases, every minute."""
    del timestamp
    return sum(one.enqueued for one in services.mix_gold(now=_now(), rng=fresh_generator()))


@app.periodic(cron="*/5 * * * *")
@app.task(name="quality.draw_audits", queueing_lock="quality.draw_audits")
def draw_audits(timestamp: int) -> int:
    """Return how many units were drawn for audit, every five minutes; each frame is drawn once."""
    del timestamp
    now = _now()
    services.ensure_queue_designs(now=now, rng=fresh_generator())
    drawn = 0
    for design in AuditDesign.objects.order_by("slug"):
        try:
            drawn += sum(draw.size for draw in services.draw_audits(design=design, now=now))
        except WatchfloorError as error:
            _logger.warning("Design %s was not drawn: %s", design.slug, error)
    return drawn


@app.periodic(cron="* * * * *")
@app.task(name="quality.judge_training", queueing_lock="quality.judge_training")
def judge_training(timestamp: int) -> int:
    """Return how many answers of trainings were judged that no page had asked about, every minute."""
    del timestamp
    return services.judge_waiting(now=_now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="quality.recertify", queueing_lock="quality.recertify")
def recertify(timestamp: int) -> int:
    """Return how many people were called to train again and dealt their first cases, every ten minutes."""
    del timestamp
    now = _now()
    opened = services.recertify(now=now)
    services.deal_first(trainings=opened, now=now, rng=fresh_generator())
    return len(opened)


@app.periodic(cron="*/5 * * * *")
@app.task(name="quality.run_dispute_clocks", queueing_lock="quality.run_dispute_clocks")
def run_dispute_clocks(timestamp: int) -> int:
    """Return how many disputes moved because their clock ran out, every five minutes."""
    del timestamp
    return services.run_dispute_clocks(now=_now())

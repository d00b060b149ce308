"""The demo's floor goes on: people train, audit, dispute and appeal, and the platform answers callbacks."""

import random
from datetime import timedelta
from typing import Any

import pytest

from watchfloor.operations.demo.acting import beat
from watchfloor.operations.demo.living import Living
from watchfloor.operations.demo.platform import listening
from watchfloor.operations.enforcement.following import follow_all
from watchfloor.operations.enforcement.models import Appeal, Delivery, Endpoint
from watchfloor.operations.enforcement.sending import deliver_due
from watchfloor.operations.quality.models import Audit, DisputeStep, GoldCase, TrainingAnswer
from watchfloor.operations.quality.services import draw_audits
from watchfloor.operations.review.actors.live import Stage
from watchfloor.operations.review.actors.seed import seeded_world
from watchfloor.operations.review.models import Lease

pytestmark = pytest.mark.postgres


def _counted() -> dict[str, int]:
    return {
        "training": TrainingAnswer.objects.count(),
        "audits": Audit.objects.filter(state="done").count(),
        "disputes": DisputeStep.objects.count(),
        "appeals": Appeal.objects.count(),
        "settled": Appeal.objects.filter(state="decided").count(),
        "gold": GoldCase.objects.filter(state="standing").count(),
    }


def test_an_hour_later_every_page_has_moved(opened: Any) -> None:
    world = seeded_world()
    assert world is not None
    stage = Stage.enter(world, now=opened.now)
    living = Living(cast=opened.cast, rng=random.Random(3))
    before, now = _counted(), opened.now
    for minute in range(60):
        now = opened.now + timedelta(minutes=minute)
        if minute < 20:
            stage.play(now=now)
        living.beat(now=now)
        follow_all(now=now)
        if minute == 30:
            for design in {audit.design for audit in Audit.objects.select_related("design")}:
                draw_audits(design=design, now=now)

    after = _counted()
    assert {name for name in before if after[name] <= before[name]} == set()
    strangers = [*opened.cast.trainees, *opened.cast.appeals, *opened.cast.auditors]
    assert not Lease.objects.filter(reviewer__in=strangers).exists()


def test_the_platform_is_told_answers_is_busy_and_has_lost_an_object(opened: Any, settings: Any) -> None:
    with listening() as platform:
        assert not platform.introduce(now=opened.now)  # nobody allowed the demo to call itself
        assert Endpoint.objects.get(slug="platform").url == ""

        settings.WATCHFLOOR_ALLOW_PRIVATE_CALLBACKS = ("127.0.0.1",)
        beat(platform, None, now=opened.now)
        assert Endpoint.objects.get(slug="platform").url == platform.url
        deliver_due(now=opened.now, rng=random.Random(1))
    states = set(Delivery.objects.values_list("state", flat=True))
    assert {"delivered", "dead"} <= states
    dead = Delivery.objects.filter(state="dead").first()
    assert dead is not None
    assert dead.response["status"] == 410
    assert "simulated" in dead.response["body"]

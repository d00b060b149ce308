"""Two people open, test and recover the same queue at once: one of them does, and nothing is doubled."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.launches.models import Incident, LaunchCheck
from watchfloor.operations.launches.services import Opening, launch_of, open_incident, open_launch, run_check
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.services import NewQueue, Settings, create_queue, transition
from watchfloor.operations.record.models import ChangeEvent
from watchfloor.operations.review.models import Case

PEOPLE = 4


def at_once(act: Callable[[], Any]) -> list[Any]:
    """Return what each of several people got who act at the same moment: a result, or a refusal."""
    gate = Barrier(PEOPLE)

    def person(_: int) -> Any:
        try:
            gate.wait()
            return act()
        except WatchfloorError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(PEOPLE) as pool:
        return list(pool.map(person, range(PEOPLE)))


def test_one_of_several_steps_is_taken_and_one_incident_opened(committed_floor):
    floor = committed_floor()
    queue = floor.queue("standing")
    now = floor.now + timedelta(minutes=1)
    done = at_once(lambda: transition(queue=queue, to="paused", by=floor.by, now=now))
    assert sum(not isinstance(one, WatchfloorError) for one in done) == 1
    moves = ChangeEvent.objects.filter(object_kind="queue", object_id="standing", detail__has_key="state")
    assert moves.count() == 1
    done = at_once(lambda: open_incident(queue=queue, reason="It broke.", by=floor.by, now=now))
    assert sum(not isinstance(one, WatchfloorError) for one in done) == 1
    assert Incident.objects.count() == 1
    assert Queue.objects.get(slug="standing").state == "recovering"


def test_one_launch_is_opened_and_each_test_leaves_one_row_and_no_case(committed_floor):
    floor = committed_floor()
    settings = Settings(policy_version=floor.policy, template_version=floor.template)
    queue = create_queue(
        new=NewQueue("clips", "Clips", "text", "comment"), by=floor.by, now=floor.now, settings=settings
    )
    opened = at_once(lambda: launch_of(queue=queue, by=floor.by, now=floor.now).pk)
    assert len(set(opened)) == 1
    launch = launch_of(queue=queue, by=floor.by, now=floor.now)
    checks = at_once(lambda: run_check(launch=launch, gate=4, by=floor.by, now=floor.now))
    assert [check.status for check in checks] == ["pass"] * PEOPLE
    assert LaunchCheck.objects.count() == PEOPLE
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_a_slug_is_opened_once(floor):
    opening = Opening(new=NewQueue("clips", "Clips", "text", "comment"))
    open_launch(opening=opening, by=floor.by, now=floor.now)
    with pytest.raises(WatchfloorError):
        open_launch(opening=opening, by=floor.by, now=floor.now)

"""Many claims of one person at once, ahead of time too: no budget is exceeded. Real threads, real server."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from watchfloor.operations.review.errors import StaleLeaseError
from watchfloor.operations.review.models import Lease
from watchfloor.operations.review.services import Answer, claim_many, start_lease, submit
from watchfloor.operations.wellbeing.limits import Pace, set_cap, set_rhythm
from watchfloor.operations.wellbeing.models import Tally

THREADS = 8


def in_threads(work):
    def closing(index):
        try:
            return work(index)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(closing, range(THREADS)))


@pytest.mark.parametrize("most", [1, 5, 12])
def test_eight_sessions_of_one_person_never_pass_the_cap(committed_floor, most):
    floor = committed_floor()
    role = floor.viewer("wellbeing", data_boundary="*")
    floor.enqueue(floor.queue("hard", settings={"wellness_class": "severe"}), 60)
    reviewer = floor.reviewer("r1")
    set_cap(wellness_class="severe", span="day", measure="cases", most=most, by=role, now=floor.now)

    def session(index):
        done, now = 0, floor.now + timedelta(seconds=index)
        for _ in range(6):
            for taken in claim_many(reviewer=reviewer.pk, now=now, count=3, most=100, ahead=True):
                now += timedelta(seconds=1)
                try:
                    start_lease(lease_token=taken.token, now=now)
                    submit(lease_token=taken.token, answer=Answer(labels=("fine",)), now=now)
                except StaleLeaseError:
                    continue
                done += 1
        return done

    assert sum(in_threads(session)) == most
    assert sum(Tally.objects.values_list("cases", flat=True)) == most
    assert not Lease.objects.exists()


def test_prefetch_takes_no_more_severe_cases_than_may_follow_each_other(committed_floor):
    floor = committed_floor()
    role = floor.viewer("wellbeing", data_boundary="*")
    floor.enqueue(floor.queue("hard", settings={"wellness_class": "severe"}), 20)
    reviewer = floor.reviewer("r1")
    set_rhythm(pace=Pace(max_consecutive=4), by=role, now=floor.now)
    in_threads(lambda _: claim_many(reviewer=reviewer.pk, now=floor.now, count=3, most=100, ahead=True))
    assert Lease.objects.count() == 4

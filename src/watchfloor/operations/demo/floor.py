"""Opens the demo's review floor, once: some thirty hours of what people of every role do on it."""

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from watchfloor.operations.demo.audits import seed_audits
from watchfloor.operations.demo.boards import seed_boards
from watchfloor.operations.demo.care import seed_care, seed_choices
from watchfloor.operations.demo.cast import (
    CENSUS,
    PRODUCTION,
    SEVERE,
    Cast,
    colleagues,
    hire,
    queue_of,
)
from watchfloor.operations.demo.consequences import follow_decisions, seed_appeals, seed_endpoint
from watchfloor.operations.demo.contracts import seed_contracts
from watchfloor.operations.demo.deciding import Worked, decide_case, labels_of
from watchfloor.operations.demo.library import seed_library, seed_training
from watchfloor.operations.demo.openings import begin_launch, break_queue, open_appeals
from watchfloor.operations.demo.platform import GONE
from watchfloor.operations.demo.proposals import BURSTS, seed_proposals, seed_rules, seed_strategy
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.record.models import ChangeEvent
from watchfloor.operations.record.services import record_change
from watchfloor.operations.review.actors import AUTHOR
from watchfloor.operations.review.models import Pending

Progress = Callable[[str], None]

_MARK, _KIND = "operation", "floor_opened"
_LASTED = timedelta(hours=30)
_GOLD_A_LABEL = 5
_FURTHER_CASES = 40
_CENSUS_CASES, _CENSUS_WRONG = 14, 9
_SEVERE_CASES = 10
_MARKETS = ("US", "GB", "IE", "IE", "PH")


def is_open() -> bool:
    """Return whether the floor was opened here before."""
    return ChangeEvent.objects.filter(object_kind=_MARK, kind=_KIND).exists()


def may_open() -> bool:
    """Return whether the floor can be opened: it was not, and no case waits.

    In a demo that was made before there was a floor it stays closed: the cases that are decided here would
    not be the ones that are served.
    """
    return not is_open() and not Pending.objects.exists()


def open_floor(*, now: datetime, progress: Progress, seed: int) -> bool:
    """Return whether the floor was opened now: wholly or not at all, and once."""
    if not may_open():
        return False
    with transaction.atomic():
        _open(now=now, progress=progress, rng=random.Random(seed))  # noqa: S311 -- an invented story
    progress("what follows")
    follow_decisions(now=now)
    return True


def _open(*, now: datetime, progress: Progress, rng: random.Random) -> None:
    since = now - _LASTED
    progress("people and limits")
    cast = hire(now=since)
    seed_care(cast=cast, at=since)
    seed_endpoint(cast=cast, at=since)
    progress("launches")
    open_appeals(cast=cast, at=since)
    seed_strategy(cast=cast, at=since)
    progress("decisions")
    gold, further = _decide_comments(since, rng)
    _decide_census(since, rng)
    _decide_severe(since, rng)
    progress("gold and training")
    seed_library(worked=gold, cast=cast, at=since + timedelta(hours=7), rng=rng)
    seed_training(cast=cast, at=since + timedelta(hours=11), now=now, rng=rng)
    progress("audits and appeals")
    seed_audits(cast=cast, since=since, now=now, rng=rng)
    wrong, right = further
    seed_appeals(wrong=wrong, right=right, cast=cast, at=now - timedelta(hours=4), rng=rng)
    progress("proposals")
    begin_launch(cast=cast, at=now - timedelta(hours=5))
    seed_rules(cast=cast, at=now - timedelta(hours=6))
    seed_contracts(cast=cast, now=now)
    seed_proposals(cast=cast, at=now - timedelta(hours=8), now=now)
    seed_choices(cast=cast, at=now - timedelta(hours=2), now=now - timedelta(minutes=30))
    break_queue(cast=cast, at=now - timedelta(minutes=50))
    seed_boards(cast=cast, at=now - timedelta(hours=3))
    _mark(now, cast)


def _decide_comments(
    since: datetime, rng: random.Random
) -> tuple[list[Worked], tuple[list[Worked], list[Worked]]]:
    """Return the cases for the library, every label in turn, and others: decided wrongly, and rightly."""
    queue, people = queue_of(PRODUCTION), colleagues("mnl-text-a", 9)
    labels = labels_of(queue)
    gold: list[Worked] = []
    for number in range(_GOLD_A_LABEL * len(labels) + 3):
        truth = labels[number % len(labels)]
        at = since + timedelta(minutes=8 * number)
        _add(
            gold,
            decide_case(
                queue=queue,
                truth=truth,
                people=_turned(people, number),
                at=at,
                rng=rng,
                market="US",
                key=f"floor-gold-{number}",
            ),
        )
    wrong: list[Worked] = []
    right: list[Worked] = []
    for number in range(_FURTHER_CASES):
        is_wrong = number % 4 == 0
        # A violation that was found where there is none is what people complain about.
        truth = labels[0] if is_wrong and number % 8 == 0 else labels[1 + number % (len(labels) - 1)]
        found = decide_case(
            queue=queue,
            truth=truth,
            people=_turned(people, number),
            at=since + timedelta(hours=4, minutes=38 * number),
            rng=rng,
            wrong=is_wrong,
            market=_MARKETS[number % len(_MARKETS)],
            object_id=f"{GONE}{number}" if number in (5, 6) else "",
            strategy=BURSTS if number % 3 == 0 else "user-reports",
            key=f"floor-comment-{number}",
        )
        over = truth == labels[0]
        _add(wrong if over else right if not is_wrong else [], found)
    return gold, (wrong, right)


def _decide_census(since: datetime, rng: random.Random) -> None:
    queue, people = queue_of(CENSUS), colleagues("mnl-fraud", 4)
    labels = labels_of(queue)
    for number in range(_CENSUS_CASES):
        decide_case(
            queue=queue,
            truth=labels[number % len(labels)],
            people=_turned(people, number),
            at=since + timedelta(hours=1, minutes=14 * number),
            rng=rng,
            wrong=number < _CENSUS_WRONG,
            market="PH",
            key=f"floor-census-{number}",
        )


def _decide_severe(since: datetime, rng: random.Random) -> None:
    queue, people = queue_of(SEVERE), colleagues("mnl-video", 5)
    labels = labels_of(queue)
    for number in range(_SEVERE_CASES):
        decide_case(
            queue=queue,
            truth=labels[number % len(labels)],
            people=_turned(people, number),
            at=since + timedelta(hours=24, minutes=25 * number),
            rng=rng,
            market="IE",
            key=f"floor-severe-{number}",
        )


def _turned(people: Sequence[Reviewer], number: int) -> list[Reviewer]:
    """Return the people in another order for each case, so that the work is shared."""
    at = number % len(people)
    return [*people[at:], *people[:at]]


def _add(cases: list[Worked], found: Worked | None) -> None:
    if found is not None:
        cases.append(found)


def _mark(now: datetime, cast: Cast) -> None:
    record_change(
        object_kind=_MARK,
        object_id="demo",
        object_version=None,
        kind=_KIND,
        at=now,
        author=AUTHOR,
        summary="The simulated review floor is open: what stands on it was done by invented people.",
        detail={"people": [cast.admin.name, cast.strategist.name, cast.auditor.name]},
    )

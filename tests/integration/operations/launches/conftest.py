"""A launch of a queue, and short ways to meet its gates as people would: by working, not by writing rows."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from watchfloor.operations.alerts.standard import watch_queue
from watchfloor.operations.launches.models import Launch
from watchfloor.operations.launches.services import (
    Opening,
    Targets,
    make_beside,
    open_launch,
    open_through,
    plan_audits,
    run_check,
    set_targets,
    settle,
    sign_staffing,
)
from watchfloor.operations.launches.staffing import Forecast
from watchfloor.operations.quality.services import (
    adjudicate_gold,
    build_training,
    enrol,
    judge_training,
    nominate_gold,
)
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.services import NewQueue
from watchfloor.operations.queues.sops import NewSop, acknowledge, publish_sop
from watchfloor.operations.record.viewers import GrantScope, Viewer
from watchfloor.operations.review.services import Answer, NewCase, claim, enqueue_batch, submit
from watchfloor.science.sampling import SequentialTest

LABELS = ("fine", "nudity", "scam")
EASY = SequentialTest(failing=0.70, passing=0.95, false_pass=0.05, false_fail=0.10)
FORECAST = Forecast(arrivals_per_hour=100, handle_seconds=30, forecast_error=0.1, full_time=4, shrinkage=0.3)


@dataclass
class Launching:
    """A launch under test, with short ways to do its steps."""

    floor: Any
    now: datetime
    by: Viewer
    launch: Launch

    @property
    def queue(self) -> Queue:
        return Queue.objects.select_related("current_version").get(pk=self.launch.queue_id)

    def later(self, **ahead: float) -> datetime:
        self.now += timedelta(**(ahead or {"seconds": 1}))
        return self.now

    def configure(self) -> None:
        changes = {
            "policy": "spam v1",
            "template": "plain v1",
            "certification_required": True,
            "starvation_share": 0.0,
        }
        settle(launch=self.launch, changes=changes, by=self.by, now=self.later())

    def targets(self, **changes: Any) -> None:
        values = {
            "on_time_target": 0.95,
            "accuracy_floor": 0.8,
            "agreement_floor": 0.4,
            "gold_per_label": 2,
        } | changes
        set_targets(launch=self.launch, targets=Targets(**values), by=self.by, now=self.later())

    def beside(self) -> tuple[Queue, Queue]:
        """Return the training queue and the pilot, both open."""
        made = []
        for purpose in ("training", "monitor"):
            other = make_beside(launch=self.launch, purpose=purpose, by=self.by, now=self.later())
            open_through(launch=other, by=self.by, now=self.later())
            made.append(Queue.objects.select_related("current_version").get(pk=other.queue_id))
        return made[0], made[1]

    def gold(self, pilot: Queue, per_label: int = 4) -> None:
        """Have the pilot's cases decided, nominated, and adjudicated by two people apart."""
        expert = self.floor.reviewer("expert")
        cases = [
            NewCase(queue=pilot.slug, language="en", content={"text": f"{label} {number}"})
            for label in LABELS
            for number in range(per_label)
        ]
        enqueue_batch(cases=cases, now=self.later())
        auditors = [
            Viewer(name=f"auditor-{one}@test", grants=(GrantScope("auditor", data_boundary="*"),))
            for one in (1, 2)
        ]
        while claimed := claim(reviewer=expert, now=self.later(), queues=[pilot.pk]):
            label = claimed.content["text"].split()[0]
            done = submit(lease_token=claimed.token, answer=Answer(labels=(label,)), now=self.later())
            gold = nominate_gold(case_id=done.case_id, by=self.by, now=self.later())
            for auditor in auditors:
                adjudicate_gold(
                    gold_id=gold.pk,
                    answer=Answer(labels=(label,)),
                    rationale="As the policy says.",
                    difficulty=0.7,
                    by=auditor,
                    now=self.later(),
                )

    def train(self, training: Queue, count: int = 3) -> list[Any]:
        """Have new people train until the sequential test certifies them."""
        people = [self.floor.reviewer(f"trainee-{number}") for number in range(count)]
        enrol(reviewers=people, queue=training, by=self.by, now=self.later(), test=EASY)
        policy = training.current_version.policy_version
        build_training(
            queue=training, policy=policy, count=12, by=self.by, now=self.later(), rng=random.Random(1)
        )
        for person in people:
            while claimed := claim(reviewer=person, now=self.later(), queues=[training.pk]):
                label = claimed.content["text"].split()[0]
                done = submit(lease_token=claimed.token, answer=Answer(labels=(label,)), now=self.later())
                judge_training(review=done.review_id, now=self.later())
        return people

    def procedure(self, readers: list[Any]) -> None:
        new = NewSop(title="How to", text="Look, decide, submit.")
        sop = publish_sop(queue=self.queue, new=new, by=self.by, now=self.later())
        settle(launch=self.launch, changes={"sop_version": sop.version}, by=self.by, now=self.later())
        for reader in readers:
            acknowledge(sop=sop, reviewer=reader, now=self.later())

    def plans(self) -> None:
        plan_audits(
            launch=self.launch,
            stratify_by="language",
            populations={"en": 3000},
            half_width=0.03,
            accuracy=0.95,
            by=self.by,
            now=self.later(),
        )
        sign_staffing(launch=self.launch, forecast=FORECAST, by=self.by, now=self.later())

    def tests(self) -> None:
        for gate in (4, 5, 14):
            check = run_check(launch=self.launch, gate=gate, by=self.by, now=self.later())
            assert check.status == "pass", (gate, check.reason, check.evidence)
        watch_queue(queue=self.queue, by=self.by, now=self.later())

    def ready(self) -> None:
        """Meet every gate up to the canary."""
        self.configure()
        self.targets()
        training, pilot = self.beside()
        self.gold(pilot)
        people = self.train(training)
        self.plans()
        self.procedure(people)
        self.tests()


@pytest.fixture
def launching(floor: Any) -> Launching:
    """The launch of a new queue from nothing, in draft."""
    new = NewQueue(slug="clips", title="Clips", group="text", surface="comment", languages=("en",))
    launch = open_launch(opening=Opening(new=new, owner="ana@test"), by=floor.by, now=floor.now)
    return Launching(floor=floor, now=floor.now, by=floor.by, launch=launch)

"""The rules of serving hold after any sequence of calls: a model of the floor says what each may lead to.

One machine acts on the services with a clock of its own; after each step every case stands in the one place
that the model names, nobody was served what they had worked on, and nothing was written by a stale token.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.enforcement.appeals import file_appeal
from watchfloor.operations.people.models import Reviewer, Site, Team
from watchfloor.operations.policies.services import NewLabel, create_policy, draft_version, publish
from watchfloor.operations.queues.models import Queue, Template, TemplateVersion
from watchfloor.operations.queues.services import NewQueue, Settings, create_queue
from watchfloor.operations.record.models import Event
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.corrections import correct, reopen
from watchfloor.operations.review.errors import StaleLeaseError
from watchfloor.operations.review.models import Case, Decision, Held, Lease, Pending, QueueDelta, Review
from watchfloor.operations.review.services import (
    Answer,
    NewCase,
    claim,
    enqueue,
    escalate,
    expire_leases,
    hold,
    release,
    renew,
    send_to,
    skip,
    submit,
)

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BY = Viewer.system("test")
LEASE_SECONDS, MOST_HELD = 60, 3
QUEUES = ("single", "double", "appeals")
ANSWERS = st.sampled_from(["scam", "fine"])


def build() -> list[Reviewer]:
    """Write three queues, and return the people."""
    site = Site.objects.create(slug="dublin", name="Dublin", employer_kind="in_house", country="IE")
    team = Team.objects.create(slug="a", name="A", site=site)
    policy = create_policy(slug="spam", name="Spam", by=BY, now=NOW)
    labels = [
        NewLabel("scam", "Scam", "Deceives for gain.", "high", "remove", "SCAMS_AND_FRAUD", "PHISHING"),
        NewLabel("fine", "Fine", "Nothing wrong.", "", "none", violative=False),
    ]
    version = publish(version=draft_version(policy=policy, labels=labels, by=BY, now=NOW), by=BY, now=NOW)
    template = Template.objects.create(slug="plain", name="Plain")
    form = TemplateVersion.objects.create(template=template, version=1, created_at=NOW)
    made: dict[str, Queue] = {}
    for slug, mode, purpose in (
        ("experts", "label", "production"),
        ("single", "label", "production"),
        ("double", "double_review", "production"),
        ("appeals", "label", "appeal"),
    ):
        new = NewQueue(slug=slug, title=slug, group="text", surface="comment", mode=mode, purpose=purpose)
        values: dict[str, Any] = {"policy_version": version, "template_version": form}
        values |= {"lease_seconds": LEASE_SECONDS, "escalation_queue": made.get("experts")}
        made[slug] = create_queue(new=new, by=BY, now=NOW, settings=Settings(**values))
    Queue.objects.update(state="live")
    people = [
        Reviewer(code=f"r{number}", team=team, hired_on=date(2025, 1, 6), languages=["en"], skills=[])
        for number in range(5)
    ]
    return Reviewer.objects.bulk_create(people)


@dataclass
class Given:
    """A lease as the model knows it."""

    token: Any
    case: Any
    person: Reviewer
    expires_at: datetime


@dataclass
class Known:
    """A case as the model knows it."""

    queue: str
    place: str = "waiting"
    root: Any = None
    reserved: bool = False
    until: datetime = NOW
    answers: list[str] = field(default_factory=list)
    is_reopened: bool = False


class FloorMachine(RuleBasedStateMachine):
    """The calls of the floor, and what they may lead to."""

    people: list[Reviewer]
    leases = Bundle("leases")
    cases = Bundle("cases")

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now = NOW
        self.known: dict[Any, Known] = {}
        self.keys: dict[str, Any] = {}
        self.held: dict[Any, Given] = {}
        self.worked: set[tuple[int, Any]] = set()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @rule(target=cases, queue=st.sampled_from(QUEUES[:2]), key=st.integers(0, 12))
    def enqueue(self, queue: str, key: int) -> Any:
        made = enqueue(case=NewCase(queue=queue, client_key=str(key), language="en"), now=self.now)
        assert made.created == (str(key) not in self.keys)
        assert self.keys.setdefault(str(key), made.case_id) == made.case_id
        if made.created:
            self.known[made.case_id] = Known(queue, root=made.case_id)
        return made.case_id

    @rule(target=leases, number=st.integers(0, 4))
    def claim(self, number: int) -> Any:
        person = self.people[number]
        taken = claim(reviewer=person, now=self.now)
        mine = [one for one in self.held.values() if one.person == person]
        if taken is None:
            assert len(mine) >= MOST_HELD or not self.open_to(person), "something waits that they may have"
            return None
        case = self.known[taken.case_id]
        assert case.place == "waiting"
        assert (person.pk, case.root) not in self.worked
        assert len(mine) < MOST_HELD
        case.place, case.reserved = "leased", False
        given = Given(taken.token, taken.case_id, person, taken.expires_at)
        self.held[taken.token] = given
        return given

    def open_to(self, person: Reviewer) -> list[Any]:
        return [
            name
            for name, case in self.known.items()
            if case.place == "waiting" and not case.reserved and (person.pk, case.root) not in self.worked
        ]

    @rule(one=leases)
    def renew(self, one: Given | None) -> None:
        if self.may(one, lambda: renew(lease_token=one.token, now=self.now)):
            one.expires_at = self.now + timedelta(seconds=LEASE_SECONDS)

    @rule(one=leases, label=ANSWERS)
    def submit(self, one: Given | None, label: str) -> None:
        done = self.may(one, lambda: submit(lease_token=one.token, answer=Answer((label,)), now=self.now))
        if done:
            case = self.left(one, worked=True)
            case.answers.append(label)
            agreed = len(case.answers) != len(set(case.answers))
            decided = case.queue != "double" or case.is_reopened or agreed
            assert (done.decision_id is not None) == decided, case
            case.place = "decided" if decided else "waiting"
            if decided:
                self.decide_parents(one.case)

    def decide_parents(self, case: Any) -> None:
        parent = Case.objects.get(pk=case).parent_id
        while parent is not None:
            if self.known[parent].place == "sent up":
                self.known[parent].place = "decided"
            parent = Case.objects.get(pk=parent).parent_id

    @rule(one=leases)
    def skip(self, one: Given | None) -> None:
        if self.may(one, lambda: skip(lease_token=one.token, reason="unsure", now=self.now)):
            self.left(one, worked=True)

    @rule(one=leases)
    def release(self, one: Given | None) -> None:
        if self.may(one, lambda: release(lease_token=one.token, now=self.now)):
            self.left(one)

    @rule(one=leases, seconds=st.integers(1, 120))
    def hold(self, one: Given | None, seconds: int) -> None:
        until = self.now + timedelta(seconds=seconds)
        if self.may(one, lambda: hold(lease_token=one.token, until=until, reason="asks", now=self.now)):
            case = self.left(one)
            case.place, case.reserved, case.until = "held", True, until

    @rule(one=leases)
    def escalate(self, one: Given | None) -> None:
        if self.may(one, lambda: escalate(lease_token=one.token, reason="beyond me", now=self.now)):
            case = self.left(one, worked=True)
            if case.queue in {"single", "double", "appeals"}:
                case.place = "sent up"
                self.meet_children(one.case)

    def meet_children(self, parent: Any) -> None:
        for child in Case.objects.filter(parent=parent).select_related("queue"):
            root = self.known[parent].root
            self.known.setdefault(child.pk, Known(child.queue.slug, root=root))

    @rule(case=cases, number=st.integers(0, 4))
    def send(self, case: Any, number: int) -> None:
        person, known = self.people[number], self.known[case]
        try:
            send_to(case_id=case, reviewer=person, by=BY, reason="knows it", now=self.now)
        except WatchfloorError:
            held = [one for one in self.held.values() if one.case == case]
            again = (person.pk, known.root) in self.worked or any(one.person == person for one in held)
            assert known.place in {"decided", "sent up"} or again
            return
        assert (person.pk, known.root) not in self.worked
        for token in [token for token, one in self.held.items() if one.case == case]:
            del self.held[token]
        known.place, known.reserved = "waiting", True

    @rule(seconds=st.sampled_from([1, 30, 61, 300]))
    def time_passes_and_leases_expire(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        ended = [token for token, one in self.held.items() if one.expires_at <= self.now]
        assert expire_leases(now=self.now) == len(ended)
        for token in ended:
            self.left(self.held[token])
        for case in self.known.values():
            if case.place == "held" and case.until <= self.now:
                case.place = "waiting"

    @rule(case=cases, label=ANSWERS)
    def correct(self, case: Any, label: str) -> None:
        decided = Decision.objects.filter(case=case).count()
        try:
            made = correct(
                case_id=case, reviewer=None, answer=Answer((label,)), reason="wrong", by=BY, now=self.now
            )
        except WatchfloorError:
            assert not decided
            return
        assert made.version == decided > 0

    @rule(case=cases)
    def reopen(self, case: Any) -> None:
        known = self.known[case]
        was_decided = Decision.objects.filter(case=case).exists()
        try:
            reopen(case_id=case, reason="new evidence", by=BY, now=self.now)
        except WatchfloorError:
            assert known.place != "decided"
            return
        assert was_decided
        known.place, known.is_reopened = "waiting", True

    @rule(case=cases)
    def appeal(self, case: Any) -> None:
        try:
            filed = file_appeal(
                case_id=case, kind="internal_complaint", complainant_role="user", by=BY, now=self.now
            )
        except WatchfloorError:
            return
        assert Decision.objects.filter(case=case).exists()
        second = filed.appeal.appeal_case_id
        self.known.setdefault(second, Known("appeals", root=self.known[case].root))

    def may(self, one: Given | None, call: Any) -> Any:
        """Return what the call answers; a lease that the model does not hold must be refused."""
        if one is None:
            return None
        holds = one.token in self.held and one.expires_at > self.now
        before = (Review.objects.count(), Event.objects.count())
        try:
            answer = call()
        except StaleLeaseError:
            assert not holds, "a good lease was refused"
            assert before == (Review.objects.count(), Event.objects.count())
            return None
        assert holds, "a stale lease was accepted"
        return answer

    def left(self, one: Given, *, worked: bool = False) -> Known:
        """Return the case, its lease ended: it waits."""
        del self.held[one.token]
        case = self.known[one.case]
        case.place = "waiting"
        if worked:
            self.worked.add((one.person.pk, case.root))
        return case

    @invariant()
    def every_case_stands_where_the_model_says(self) -> None:
        places = {}
        for name, table in (("waiting", Pending), ("leased", Lease), ("held", Held)):
            for case in table.objects.values_list("case_id", flat=True):
                assert case not in places, "in two places"
                places[case] = name
        for case in Decision.objects.values_list("case_id", flat=True):
            places.setdefault(case, "decided")
        wanted = {name: case.place for name, case in self.known.items()}
        assert places | {n: p for n, p in wanted.items() if p == "sent up" and n not in places} == wanted
        assert set(Case.objects.values_list("pk", flat=True)) == set(self.known)

    @invariant()
    def what_was_recorded_is_in_order(self) -> None:
        answers = Review.objects.filter(outcome="submitted", turn__isnull=False)
        for name in ("turn", "reviewer_id"):
            assert set(Counter(answers.values_list("case_id", name)).values()) <= {1}
        versions: dict[Any, list[int]] = {}
        for decision in Decision.objects.order_by("case_id", "version"):
            assert decision.deciding_review_id is not None
            versions.setdefault(decision.case_id, []).append(decision.version)
            assert (decision.supersedes_id is None) == (decision.version == 0)
        assert all(each == list(range(len(each))) for each in versions.values())
        counted = [
            sum(pair) for pair in zip(*QueueDelta.objects.values_list("backlog", "in_review"), strict=True)
        ]
        stands = [Pending.objects.count() + Held.objects.count(), Lease.objects.count()]
        assert (counted or [0, 0]) == stands


@pytest.mark.timeout(200)
def test_the_rules_hold_after_any_calls(db: None) -> None:
    people = build()

    class Machine(FloorMachine):
        pass

    Machine.people = people
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=20,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

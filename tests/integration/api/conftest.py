"""An operation with something of everything, for tests of the API's description and of its manners."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from watchfloor.operations.people.access import issue_token
from watchfloor.operations.people.models import Reviewer, Site, Team
from watchfloor.operations.policies.services import NewLabel, create_policy, draft_version, publish
from watchfloor.operations.queues.models import Queue, Template, TemplateVersion
from watchfloor.operations.queues.services import NewQueue, Settings, create_queue
from watchfloor.operations.record.viewers import ROLES, Viewer
from watchfloor.operations.review.services import Answer, NewCase, claim, enqueue_batch, submit

BY = Viewer.system("test")


@dataclass
class Operation:
    """An operation, its token and what stands in it."""

    token: str
    now: datetime
    queue: Queue
    waiting: str
    decided: str
    decision: str
    lease: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def issue(*roles: str, slug: str = "app", now: datetime) -> str:
    _, token = issue_token(slug=slug, name="App", roles=list(roles), by=BY, now=now)
    return token


@pytest.fixture
def make_token() -> Callable[..., str]:
    """Issue a token for a client with those roles."""
    return issue


@pytest.fixture
def site(db: None) -> Operation:
    """A live queue with a waiting, a held and a decided case, and a client that may do everything."""
    now = datetime.now(UTC)
    place = Site.objects.create(slug="dublin", name="Dublin", employer_kind="in_house", country="IE")
    team = Team.objects.create(slug="a", name="A", site=place)
    policy = create_policy(slug="spam", name="Spam", by=BY, now=now)
    labels = [
        NewLabel("scam", "Scam", "Deceives for gain.", "high", "remove", "SCAMS_AND_FRAUD", "PHISHING"),
        NewLabel("fine", "Fine", "Nothing wrong.", "", "none", violative=False),
    ]
    version = publish(version=draft_version(policy=policy, labels=labels, by=BY, now=now), by=BY, now=now)
    template = Template.objects.create(slug="plain", name="Plain")
    form = TemplateVersion.objects.create(template=template, version=1, created_at=now)
    new = NewQueue(slug="comments", title="Comments", group="text", surface="comment")
    values: dict[str, Any] = {"policy_version": version, "template_version": form}
    queue = create_queue(new=new, by=BY, now=now, settings=Settings(**values))
    Queue.objects.filter(pk=queue.pk).update(state="live")
    for code in ("r1", "r2"):
        Reviewer.objects.create(code=code, team=team, hired_on=date(2025, 1, 6), languages=["en"], skills=[])
    cases = [NewCase(queue="comments", client_key=f"k{number}", language="en") for number in range(3)]
    made = enqueue_batch(cases=cases, now=now, client="client:app")
    first = claim(reviewer=Reviewer.objects.get(code="r1"), now=now)
    assert first
    done = submit(lease_token=first.token, answer=Answer(labels=("scam",)), now=now)
    held = claim(reviewer=Reviewer.objects.get(code="r2"), now=now)
    assert held
    left = {str(each.case_id) for each in made} - {str(first.case_id), str(held.case_id)}
    return Operation(
        token=issue(*ROLES, now=now),
        now=now,
        queue=queue,
        waiting=left.pop(),
        decided=str(first.case_id),
        decision=str(done.decision_id),
        lease=str(held.token),
    )

"""What clients of a history do after a decision works, so that a history holds some of each."""

import random
from datetime import UTC, datetime

import pytest
from benchmarks.reliability.aftermath import Aftermath, AftermathByServices
from benchmarks.reliability.seeding import seed

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.enforcement.models import Appeal
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.quality.models import Audit, Dispute
from watchfloor.operations.review.services import Answer, NewCase, claim, enqueue_batch, submit

pytestmark = pytest.mark.django_db


class Floor(AftermathByServices):
    """The services at the machine's clock."""

    client = "client:one"

    @property
    def now(self):
        return datetime.now(UTC)

    def _ask(self, call):
        return call()


def test_decided_cases_are_corrected_appealed_audited_and_disputed(db):
    people = ["r0", "r1", "r2"]
    seed(people, "https://example.org/told")
    cases = [NewCase(queue="single", client_key=f"k{number}", language="en") for number in range(6)]
    enqueue_batch(cases=cases, now=datetime.now(UTC), client="client:one")
    noted, decided = [], []

    def note(kind, asked, call):
        try:
            answer = call()
        except WatchfloorError as error:
            noted.append((kind, type(error).__name__))
            return None
        noted.append((kind, "ok"))
        return answer

    for _ in cases:
        held = claim(reviewer=Reviewer.objects.get(code="r0"), now=datetime.now(UTC))
        submit(lease_token=held.token, answer=Answer(labels=("scam",)), now=datetime.now(UTC))
        decided.append(str(held.case_id))
    after = Aftermath(Floor(), "one", people, random.Random(3), decided)
    for _ in range(500):
        after.step(note)
    done = {kind for kind, result in noted if result == "ok"}
    assert done == {"correct", "appeal", "draw", "audit", "dispute", "rule"}, noted
    assert Appeal.objects.exists()
    assert Audit.objects.filter(state="done").exists()
    assert Dispute.objects.exclude(outcome="").exists()

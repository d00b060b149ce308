"""Training in the console: the answer is judged at once, with the reference and its reason."""

import random

import pytest

from watchfloor.operations.people.viewers import viewer_for
from watchfloor.operations.quality.services import adjudicate_gold, build_training, enrol, nominate_gold
from watchfloor.operations.review.services import Answer, claim, submit

SCAM = Answer(labels=("scam",))


@pytest.fixture
def trained(console, signed_in):
    """One golden case, dealt to the reviewer for training."""
    floor = console.floor
    training = floor.queue("training", purpose="training")
    queue = floor.queue("taught", settings={"training_queue": training})
    [case] = floor.enqueue(queue, content={"text": "Confirm your fee."})
    taken = claim(reviewer=floor.reviewer("first"), now=floor.now, queues=[queue.pk])
    submit(lease_token=taken.token, answer=SCAM, now=floor.now)
    for code in ("gia", "gus"):
        _, user = signed_in(code, "auditor")
        viewer = viewer_for(user)
        if code == "gia":
            gold = nominate_gold(case_id=case, by=viewer, now=floor.now)
        gold = adjudicate_gold(
            gold_id=gold.pk,
            answer=SCAM,
            rationale="It asks for money.",
            difficulty=0.4,
            by=viewer,
            now=floor.now,
        )
    people = [console.reviewer]
    enrol(reviewers=people, queue=queue, by=floor.by, now=floor.now)
    build_training(
        queue=queue,
        policy=floor.policy,
        count=1,
        by=floor.by,
        now=floor.now,
        rng=random.Random(1),
    )
    return console


@pytest.mark.parametrize(("label", "told"), [("scam", "right"), ("nudity", "wrong")])
def test_an_answer_in_training_is_told_at_once_with_its_reason(trained, label, told):
    page = trained.next(queue="training").content.decode()
    assert 'data-training="1"' in page
    assert "It asks for money." not in page
    token = page.split('data-token="')[1].split('"')[0]
    feedback = trained.act(token, "submit", label=label).json()["feedback"]
    assert f'data-feedback="{told}"' in feedback
    assert "It asks for money." in feedback
    assert "Scam · Remove" in feedback

"""A queue goes from nothing to live through the services, every gate met by what people did."""

import pytest

from watchfloor.operations.launches.gates import evaluate
from watchfloor.operations.launches.services import advance, promote, pull_back, run_check, start_canary
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.services import QueueError
from watchfloor.operations.record.models import ChangeEvent

pytestmark = pytest.mark.django_db


def test_a_queue_goes_from_nothing_to_live_with_every_gate_met(launching):
    with pytest.raises(QueueError):
        start_canary(launch=launching.launch, share=0.2, by=launching.by, now=launching.now)
    launching.ready()
    assert advance(launch=launching.launch, by=launching.by, now=launching.later()) == []
    assert launching.queue.state == "calibrated"
    found = evaluate(queue=launching.queue, launch=launching.launch, now=launching.later())
    assert {gate.number: (gate.status, gate.reason) for gate in found if gate.blocks} == {}
    assert [gate.number for gate in found if gate.status != "pass"] == []

    start_canary(launch=launching.launch, share=0.2, by=launching.by, now=launching.later())
    assert launching.queue.state == "canary"
    assert launching.queue.current_version.intake_share == 0.2
    real = run_check(launch=launching.launch, gate=14, by=launching.by, now=launching.later())
    assert (real.status, real.evidence["for_real"]) == ("pass", True)
    promote(launch=launching.launch, by=launching.by, now=launching.later())
    assert launching.queue.state == "live"
    assert launching.queue.current_version.intake_share == 1.0

    pull_back(
        launch=launching.launch, by=launching.by, now=launching.later(), reason="Too slow.", to="canary"
    )
    assert launching.queue.state == "canary"
    assert launching.queue.current_version.intake_share == 0.2
    promote(launch=launching.launch, by=launching.by, now=launching.later())
    states = [
        change.detail["state"]["after"]
        for change in ChangeEvent.objects.filter(object_kind="queue", object_id="clips").order_by("at")
        if "state" in change.detail
    ]
    assert states[:6] == [
        "configured",
        "policy_bound",
        "template_aligned",
        "training_ready",
        "calibrated",
        "canary",
    ]
    assert states[-4:] == ["live", "paused", "canary", "live"]
    assert Queue.objects.get(slug="clips-training").state == "live"

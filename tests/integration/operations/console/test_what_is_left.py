"""What may still come to a person is shown to them, and cases of sites that they help out are told apart."""

from datetime import timedelta

from django.utils import timezone

from watchfloor.operations.console.emptiness import why_empty
from watchfloor.operations.console.working import queues_of
from watchfloor.operations.record.viewers import GrantScope, Viewer
from watchfloor.operations.review.models import Pending
from watchfloor.operations.wellbeing.limits import set_cap

CARE = Viewer(name="care", grants=(GrantScope("wellbeing"),))


def test_the_console_shows_what_is_left_of_the_tightest_cap(console):
    assert "hidden></a>" in console.client.get("/console/").content.decode()
    now = timezone.now()
    for span, most in (("day", 4), ("week", 40)):
        set_cap(wellness_class="elevated", span=span, measure="cases", most=most, by=CARE, now=now)
    console.floor.configure(console.queue, wellness_class="elevated")
    console.floor.enqueue(console.queue)
    assert "May be upsetting: 4 of 4 cases left a day" in console.client.get("/console/").content.decode()
    said = console.act(console.take(), "submit", label="scam").json()
    assert said["left_line"] == "May be upsetting: 3 of 4 cases left a day"


def test_without_a_cap_nothing_is_counted_down(console):
    console.floor.enqueue(console.queue)
    assert console.act(console.take(), "submit", label="scam").json()["left_line"] == ""


def test_a_site_that_helps_out_may_choose_the_queue_and_hears_whose_its_cases_are(console):
    console.floor.configure(console.queue, site_shares={"manila": 1.0}, site_overflow=("dublin",))
    assert queues_of(reviewer=console.reviewer) == [console.queue]
    console.floor.enqueue(console.queue)
    pending = Pending.objects.get()
    assert (pending.site, why_empty(reviewer=console.reviewer, now=console.floor.now).kind) == (
        "manila",
        "elsewhere",
    )
    later = pending.deadline_at + timedelta(minutes=1)
    assert why_empty(reviewer=console.reviewer, now=later).kind == "no_backlog"

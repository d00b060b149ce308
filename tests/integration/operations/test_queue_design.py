"""Logical queues, templates, procedures and calendars: what they hold, refuse and leave in the record."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from watchfloor.operations.queues.calendars import CalendarError, save_calendar
from watchfloor.operations.queues.changes import propose_change
from watchfloor.operations.queues.deadlines import deadline_at
from watchfloor.operations.queues.form_spec import forms_of
from watchfloor.operations.queues.logical import (
    LogicalQueueError,
    NewLogical,
    logical_queue,
    logical_queues,
    logical_queues_of,
    save_logical,
    where_of,
)
from watchfloor.operations.queues.models import Calendar
from watchfloor.operations.queues.services import QueueError
from watchfloor.operations.queues.sops import NewSop, SopError, acknowledge, has_read, publish_sop, sop_of
from watchfloor.operations.queues.templating import TemplateError, save_template
from watchfloor.operations.record.models import ChangeEvent
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError

GERMAN = NewLogical(slug="german", title="German", conditions={"language": ["de"], "group": ["text"]})
WEEK = {str(day): [[540, 1020]] for day in range(5)}


@pytest.fixture
def queues(floor: Any) -> None:
    floor.queue("comments", languages=("de", "en"))
    floor.queue("messages", languages=("en",))
    floor.queue("clips", group="video", surface="video", languages=("de",))
    floor.queue("sealed", languages=("de",), data_boundary=floor.boundary)


@pytest.mark.usefixtures("queues")
def test_a_logical_queue_holds_the_queues_whose_cases_may_meet_its_conditions(floor: Any) -> None:
    save_logical(new=GERMAN, by=floor.by, now=floor.now)
    view = logical_queue(viewer=floor.by, slug="german")
    assert [queue.slug for queue in view.members] == ["comments"]
    assert where_of(view) == {"queue": ("comments",), "language": ("de",)}


@pytest.mark.usefixtures("queues")
def test_a_logical_queue_never_reaches_across_the_data_boundary(floor: Any) -> None:
    inside = replace(GERMAN, slug="sealed-german", data_boundary=floor.boundary)
    save_logical(new=inside, by=floor.by, now=floor.now)
    assert [queue.slug for queue in logical_queue(viewer=floor.by, slug=inside.slug).members] == ["sealed"]
    with pytest.raises(NotFoundError):
        logical_queue(viewer=floor.viewer("strategist"), slug=inside.slug)
    with pytest.raises(LogicalQueueError, match="other side of the data boundary"):
        save_logical(new=replace(GERMAN, conditions={"queue": ["sealed"]}), by=floor.by, now=floor.now)


@pytest.mark.usefixtures("queues")
def test_somebody_who_reaches_no_member_does_not_learn_of_a_logical_queue(floor: Any) -> None:
    save_logical(new=GERMAN, by=floor.by, now=floor.now)
    assert logical_queues(viewer=floor.viewer("analyst", queue_group="video")) == []
    with pytest.raises(NotPermittedError, match="beyond their grants"):
        save_logical(new=GERMAN, by=floor.viewer("strategist", queue_group="video"), now=floor.now)


@pytest.mark.usefixtures("queues")
def test_listing_logical_queues_asks_the_same_however_many_there_are(
    floor: Any, django_assert_num_queries: Any
) -> None:
    for number in range(6):
        save_logical(new=replace(GERMAN, slug=f"german-{number}"), by=floor.by, now=floor.now)
    with django_assert_num_queries(2):
        assert len(logical_queues(viewer=floor.by)) == 6


@pytest.mark.usefixtures("queues")
def test_a_case_finds_the_logical_queues_it_belongs_to(floor: Any) -> None:
    save_logical(new=GERMAN, by=floor.by, now=floor.now)
    urgent = replace(GERMAN, slug="urgent", conditions={"severity": ["critical"]})
    save_logical(new=urgent, by=floor.by, now=floor.now)
    queue = logical_queue(viewer=floor.by, slug="german").members[0]
    case: dict[str, Any] = {"queue": queue, "market": "DE", "strategy": ""}
    found = logical_queues_of(**case, language="de", severity="critical")
    assert [each.slug for each in found] == ["german", "urgent"]
    assert logical_queues_of(**case, language="en", severity="low") == []
    with pytest.raises(LogicalQueueError, match="do not know the severity"):
        where_of(logical_queue(viewer=floor.by, slug="urgent"))


@pytest.mark.usefixtures("queues")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"slug": "comments"}, "physical queue is called"),
        ({"conditions": {}}, "no condition"),
        ({"conditions": {"colour": ["red"]}}, "no condition colour"),
        ({"conditions": {"queue": ["gone"]}}, "no queue 'gone'"),
        ({"sla_share": 0.0}, "above 0"),
        ({"sla_seconds": {"soon": 1}}, "The SLA of 'soon'"),
    ],
)
def test_a_logical_queue_that_cannot_be_is_refused(floor: Any, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(LogicalQueueError) as refused:
        save_logical(new=replace(GERMAN, **changes), by=floor.by, now=floor.now)
    assert said in str(refused.value)


def test_a_physical_queue_cannot_take_the_name_of_a_logical_one_or_of_a_page(floor: Any) -> None:
    save_logical(new=GERMAN, by=floor.by, now=floor.now)
    for slug in ("german", "templates"):
        with pytest.raises(QueueError, match="taken by a page or a logical queue"):
            floor.queue(slug)


def test_editing_a_template_writes_the_next_version_and_leaves_the_old_one_readable(floor: Any) -> None:
    first = {"schema": {"properties": {"note": {"type": "string", "title": "Note"}}}}
    second = {"schema": {"properties": {"reason": {"type": "string", "enum": ["a", "b"]}}}}
    old = save_template(slug="video", name="Video", parts=first, by=floor.by, now=floor.now)
    new = save_template(slug="video", parts=second, by=floor.by, now=floor.now, note="Ask why")
    assert (old.version, new.version) == (1, 2)
    assert [field.name for field in forms_of(old, floor.policy).fields] == ["note"]
    assert [label.code for label in forms_of(new, floor.policy, ["scam"]).labels] == ["scam"]
    assert ChangeEvent.objects.get(object_kind="template", object_version=2).summary == "Ask why"
    with pytest.raises(TemplateError, match="Nothing differs"):
        save_template(slug="video", parts=second, by=floor.by, now=floor.now)
    with pytest.raises(TemplateError, match="no JSON Schema"):
        save_template(slug="video", parts={"schema": {"required": 1}}, by=floor.by, now=floor.now)


def test_a_template_with_keys_for_labels_is_bound_only_where_the_policy_offers_them(floor: Any) -> None:
    queue = floor.queue("comments")
    save_template(slug="keys", parts={"hotkeys": {"labels": {"gore": "1"}}}, by=floor.by, now=floor.now)
    with pytest.raises(QueueError, match="gives a key to label 'gore'"):
        propose_change(queue=queue, changes={"template": "keys v1"}, by=floor.by, now=floor.now)
    with pytest.raises(QueueError, match="gives a key to label 'gore'"):
        propose_change(
            queue=queue,
            changes={"canary_template": "keys v1", "canary_share": 0.1},
            by=floor.by,
            now=floor.now,
        )


def test_a_procedure_is_in_force_once_its_queue_names_it_and_is_read_once(floor: Any) -> None:
    queue = floor.queue("comments")
    sop = publish_sop(
        queue=queue, new=NewSop("How", "First look.", "怎么做", "先看。"), by=floor.by, now=floor.now
    )
    assert sop_of(queue.current_version) is None
    floor.configure(queue, sop_version=sop.version)
    assert sop_of(queue.current_version) == sop
    assert (sop.policy_slug, sop.policy_number) == ("spam", 1)
    ada = floor.reviewer("ada")
    assert not has_read(sop=sop, reviewer=ada)
    first = acknowledge(sop=sop, reviewer=ada, now=floor.now)
    again = acknowledge(sop=sop, reviewer=ada, now=floor.now + timedelta(hours=1))
    assert again == first
    assert has_read(sop=sop, reviewer=ada)
    with pytest.raises(SopError, match="equals version 1"):
        publish_sop(
            queue=queue, new=NewSop("How", "First look.", "怎么做", "先看。"), by=floor.by, now=floor.now
        )


def test_a_calendar_changes_the_deadlines_that_are_set_from_then_on(floor: Any) -> None:
    values = {
        "slug": "dublin",
        "name": "Dublin",
        "time_zone": "Europe/Dublin",
        "by": floor.by,
        "now": floor.now,
    }
    calendar = save_calendar(**values, hours=WEEK, holidays=[date(2026, 3, 17)])
    queue = floor.queue("comments", settings={"calendar": calendar, "sla_seconds": {"default": 8 * 3600}})
    due = {"version": queue.current_version, "severity": "high", "source": "", "market": ""}
    # Monday 16 March, noon: five hours are open that day, Tuesday is a holiday.
    noon = floor.now.replace(day=16, hour=12)
    assert deadline_at(**due, enqueued_at=noon) == noon.replace(day=18)
    save_calendar(**values, hours=WEEK, holidays=[])
    queue.current_version.calendar = Calendar.objects.get(slug="dublin")
    assert deadline_at(**due, enqueued_at=noon) == noon.replace(day=17)
    assert ChangeEvent.objects.filter(object_kind="calendar").count() == 2
    with pytest.raises(CalendarError, match="open on no day"):
        save_calendar(**values, hours={}, holidays=[])


def test_a_published_procedure_stays_as_it_was(floor: Any) -> None:
    queue = floor.queue("comments")
    sop = publish_sop(queue=queue, new=NewSop("How", "Look."), by=floor.by, now=floor.now)
    sop.text = "Look away."
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        sop.save()

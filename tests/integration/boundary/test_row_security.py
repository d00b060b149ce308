"""The database's own guard of data boundaries: what each role reads, whatever the query."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction

from watchfloor.operations.people.boundary_roles import install, seen_by
from watchfloor.operations.people.models import DataBoundary, Reviewer, Site, Team
from watchfloor.operations.people.row_security import guarded_tables
from watchfloor.operations.queues.models import Queue, QueueVersion
from watchfloor.operations.queues.services import NewQueue, Settings, create_queue
from watchfloor.operations.record.models import AuditEntry, ChangeEvent, Event
from watchfloor.operations.record.viewers import GrantScope, Viewer
from watchfloor.operations.review.models import Case, Decision, Lease, Pending, Review
from watchfloor.operations.review.services import Answer, NewCase, claim, enqueue_batch, submit

ALL = Viewer.system("test")
CARRIERS = (Case, Pending, Lease, Review, Decision, Queue, QueueVersion, Reviewer)


@pytest.fixture
def operation(db: None, now: Any) -> None:
    """One decided, one held and one waiting case in the open, and as many inside each of two boundaries."""
    DataBoundary.objects.create(slug="with-hyphens", name="Another")
    site = Site.objects.create(slug="dublin", name="Dublin", employer_kind="in_house", country="IE")
    team = Team.objects.create(slug="a", name="A", site=site)
    for slug in ("", "eu", "us"):
        boundary = DataBoundary.objects.create(slug=slug, name=slug.upper()) if slug else None
        reviewer = Reviewer.objects.create(
            code=f"r-{slug or 'open'}", team=team, hired_on=now.date(), data_boundary=boundary
        )
        new = NewQueue(
            slug=f"q-{slug or 'open'}", title="Q", group="g", surface="video", data_boundary=boundary
        )
        queue = create_queue(new=new, by=ALL, now=now, settings=Settings())
        Queue.objects.filter(pk=queue.pk).update(state="live")
        enqueue_batch(cases=[NewCase(queue=queue.slug) for _ in range(3)], now=now)
        first = claim(reviewer=reviewer, now=now, queues=[queue.pk])
        assert first
        submit(lease_token=first.token, answer=Answer(), now=now)
        assert claim(reviewer=reviewer, now=now, queues=[queue.pk])


@pytest.fixture
def now() -> Any:
    """The instant of the test."""
    return datetime(2026, 3, 2, 9, tzinfo=UTC)


def _viewer(*boundaries: str) -> Viewer:
    return Viewer("v", grants=tuple(GrantScope("analyst", data_boundary=each) for each in boundaries))


@pytest.mark.parametrize(
    ("boundaries", "parts"),
    [(("",), 1), (("with-hyphens",), 1), (("eu",), 2), (("eu", "us"), 3), (("*",), 3), (("unheard-of",), 1)],
    ids=["outside", "inside another", "inside one", "inside two", "all", "unknown"],
)
def test_a_read_without_any_filter_shows_only_what_the_boundaries_allow(operation, boundaries, parts):
    with seen_by(_viewer(*boundaries)):
        counts = {model.__name__: model._default_manager.count() for model in CARRIERS}
        events = Event.objects.filter(fact="case").count()
    assert counts == {
        "Case": 3 * parts,
        "Pending": parts,
        "Lease": parts,
        "Review": parts,
        "Decision": parts,
        "Queue": parts,
        "QueueVersion": parts,
        "Reviewer": parts,
    }
    assert events == 3 * parts
    assert Case.objects.count() == 9  # afterwards the owner reads again


def test_the_record_of_changes_is_guarded_too(operation):
    with seen_by(_viewer("")):
        assert set(ChangeEvent.objects.values_list("object_id", flat=True)) == {"q-open"}
        assert not AuditEntry.objects.filter(object_id__in=["q-eu", "q-us"]).exists()


def test_nothing_is_written_in_the_role_of_a_reader(operation):
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        seen_by(_viewer("")),
    ):
        Queue.objects.update(title="mine")
    assert Queue.objects.filter(title="Q").count() == 3


def test_an_error_inside_leaves_no_role_behind(operation):
    with pytest.raises(RuntimeError), seen_by(_viewer("")):
        raise RuntimeError
    assert Case.objects.count() == 9


@contextmanager
def _as(tail: str) -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', people_role_name(%s), true)", [tail])
        yield
        cursor.execute("SELECT set_config('role', 'none', true)")


def test_a_report_reads_within_its_boundary_and_no_account_token_or_wellbeing(operation):
    with _as("inside_eu"):
        assert Case.objects.count() == 6
    with _as("outside"):
        assert Case.objects.count() == 3
    closed = ("people_user", "people_apiclient", "django_session", "wellbeing_optout")
    tables = set(connection.introspection.table_names())
    assert set(closed) <= tables, set(closed) - tables
    for table in closed:
        denied = pytest.raises(ProgrammingError, match="permission denied")
        with denied, _as("outside"), connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")


def test_every_table_that_leads_to_a_case_is_guarded(db):
    rules = guarded_tables()
    reach = {Case}
    while grown := {
        model
        for model in apps.get_models(include_auto_created=True)
        if model not in reach
        and any(
            field.many_to_one or field.one_to_one
            for field in model._meta.local_fields
            if field.is_relation and field.related_model in reach
        )
    }:
        reach |= grown
    assert {model._meta.db_table for model in reach} <= set(rules)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = 'data_boundary'")
        assert {row[0] for row in cursor.fetchall()} == set(rules)


def test_guarding_again_changes_nothing_and_a_new_boundary_has_its_role_at_once(operation):
    install()
    DataBoundary.objects.create(slug="a-boundary-with-a-rather-long-name-of-50-letters", name="Long")
    with seen_by(_viewer("a-boundary-with-a-rather-long-name-of-50-letters")):
        assert Case.objects.count() == 3

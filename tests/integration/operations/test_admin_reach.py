"""The administration shows the rows of queues within the grants of whoever is signed in, and no others."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from watchfloor.operations.people.models import Grant, User
from watchfloor.operations.queues.sops import NewSop, publish_sop

NARROWED = ("queues_queue", "queues_queueversion", "queues_sop", "review_case", "review_pending")


@pytest.fixture
def clerk(floor):
    """A member of staff who may look at every model, with grants of one queue group outside boundaries."""
    for slug, values in {
        "ours": {"group": "text"},
        "theirs": {"group": "video"},
        "sealed": {"group": "text", "data_boundary": floor.boundary},
    }.items():
        queue = floor.queue(slug, **values)
        floor.enqueue(queue)
        publish_sop(queue=queue, new=NewSop(title=slug, text="Look."), by=floor.by, now=floor.now)
    user = User.objects.create_user("clerk@example.org")
    user.is_staff = True
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return user


def shown(user: User, name: str) -> int:
    client = Client()
    client.force_login(user)
    page = client.get(reverse(f"admin:{name}_changelist"))
    assert page.status_code == 200
    return len(page.context["cl"].result_list)


@pytest.mark.parametrize("name", NARROWED)
def test_a_list_holds_what_the_grants_reach(clerk, name):
    assert shown(clerk, name) == 0, "no grant reaches any queue"
    Grant.objects.create(user=clerk, role="administrator", queue_group="text")
    assert shown(clerk, name) == 1
    Grant.objects.create(user=clerk, role="administrator", queue_group="text", data_boundary="enclave")
    assert shown(clerk, name) == 2


def test_a_row_beyond_reach_does_not_open(clerk, floor):
    from watchfloor.operations.queues.models import Queue

    Grant.objects.create(user=clerk, role="administrator", queue_group="text")
    client = Client()
    client.force_login(clerk)
    for slug, status in {"ours": 200, "theirs": 302, "sealed": 302}.items():
        queue = Queue.objects.get(slug=slug)
        assert client.get(reverse("admin:queues_queue_change", args=[queue.pk])).status_code == status, slug


def test_a_filter_names_no_queue_beyond_reach(clerk):
    Grant.objects.create(user=clerk, role="administrator", queue_group="text")
    client = Client()
    client.force_login(clerk)
    page = client.get(reverse("admin:review_case_changelist")).content.decode()
    assert "Ours" in page
    assert "Theirs" not in page
    assert "Sealed" not in page


def test_the_form_of_logical_queues_offers_the_boundaries_within_reach_alone(floor, client):
    user = User.objects.create_user("sam@example.org")
    grant = Grant.objects.create(user=user, role="strategist")
    client.force_login(user)
    option = ">Enclave</option>"
    assert option not in client.get("/queues/logical/new/").content.decode()
    grant.data_boundary = "enclave"
    grant.save()
    assert option in client.get("/queues/logical/new/").content.decode()

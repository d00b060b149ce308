"""The administration: every page opens, lists take few queries, and writes are on the audit trail."""

import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from watchfloor.operations.people.access import TokenRefusedError, client_of
from watchfloor.operations.people.models import Grant, Site, User, Vendor
from watchfloor.operations.policies.models import Policy
from watchfloor.operations.policies.services import NewLabel, draft_version
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.record.models import AuditEntry
from watchfloor.operations.record.sealing import seal
from watchfloor.operations.review.models import Review
from watchfloor.operations.review.services import Answer, claim, enter_state, submit

OURS = ("record", "people", "policies", "queues", "review")
MODELS = [model for model in admin.site._registry if model._meta.app_label in OURS]
READ_ONLY = {"event", "changeevent", "auditentry", "auditseal", "case", "review", "decision", "queueversion"}


@pytest.fixture
def browser(db):
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.org"))
    return client


@pytest.fixture
def worked(floor):
    """Some of everything."""
    queue = floor.queue("comments")
    floor.enqueue(queue, 6)
    reviewer = floor.reviewer("r1")
    enter_state(reviewer=reviewer, state="available", now=floor.now)
    for _ in range(3):
        taken = claim(reviewer=reviewer, now=floor.now)
        submit(lease_token=taken.token, answer=Answer(labels=("scam",)), now=floor.now + timedelta(seconds=9))
    claim(reviewer=reviewer, now=floor.now)
    seal(now=floor.now)
    return floor


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_list_and_form_opens_with_few_queries(worked, browser, model):
    options = model._meta
    browser.get(reverse("admin:index"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = browser.get(reverse(f"admin:{options.app_label}_{options.model_name}_changelist"))
    assert page.status_code == 200
    assert len(queries) <= 12, [query["sql"][:120] for query in queries]
    if row := model._default_manager.first():
        form = browser.get(reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[row.pk]))
        assert form.status_code == 200
    if options.model_name in READ_ONLY:
        added = browser.get(reverse(f"admin:{options.app_label}_{options.model_name}_add"))
        assert added.status_code == 403


def test_a_list_takes_no_more_queries_when_it_grows(worked, browser):
    def queries(name):
        with CaptureQueriesContext(connection) as seen:
            browser.get(reverse(f"admin:{name}_changelist"))
        return len(seen)

    names = ("review_case", "review_review", "people_reviewer", "people_user", "queues_queue")
    queries("review_case")
    before = {name: queries(name) for name in names}
    worked.enqueue(worked.queue("more"), 20)
    for index in range(10):
        worked.reviewer(f"x{index}")
        user = User.objects.create_user(f"u{index}@example.org")
        Grant.objects.create(user=user, role="analyst", site=worked.dublin)
    assert {name: queries(name) for name in names} == before


def test_a_write_in_the_administration_is_audited(floor, browser):
    vendor = Vendor.objects.get()
    browser.post(
        reverse("admin:people_vendor_change", args=[vendor.pk]), {"slug": "acme", "name": "Acme Ltd"}
    )
    entry = AuditEntry.objects.get(object_kind="vendor")
    assert (entry.actor, entry.before["name"], entry.after["name"]) == (
        "root@example.org",
        "Acme",
        "Acme Ltd",
    )
    browser.post(reverse("admin:people_site_delete", args=[floor.manila.pk]), {"post": "yes"})
    assert Site.objects.filter(slug="manila").exists(), "a site with teams stays"


def test_a_password_never_reaches_the_audit_trail(floor, browser):
    secret = "a-very-long-secret-1"
    browser.post(
        reverse("admin:people_user_add"),
        {
            "email": "ann@example.org",
            "password1": secret,
            "password2": secret,
            "usable_password": "true",
            "grants-TOTAL_FORMS": 0,
            "grants-INITIAL_FORMS": 0,
        },
    )
    user = User.objects.get(email="ann@example.org")
    entry = AuditEntry.objects.get(object_kind="user")
    assert user.password not in str(entry.after)
    assert secret not in str(entry.after)


def test_a_client_of_the_api_gets_its_token_once(floor, browser):
    page = browser.post(
        reverse("admin:people_apiclient_add"),
        {
            "slug": "app",
            "name": "App",
            "roles": ["engineer", "analyst"],
            "queue_group": "text",
            "active": "on",
        },
        follow=True,
    )
    token = re.search(r"wf_[\w-]{40,}", page.content.decode())[0]
    client = client_of(token=token, now=floor.now)
    assert (client.roles, client.queue_group) == (["engineer", "analyst"], "text")
    assert token not in browser.get(reverse("admin:people_apiclient_changelist")).content.decode()
    browser.post(
        reverse("admin:people_apiclient_changelist"),
        {"action": "issue_new_tokens", "_selected_action": [client.pk]},
    )
    with pytest.raises(TokenRefusedError):
        client_of(token=token, now=floor.now)
    actions = AuditEntry.objects.filter(object_kind="api_client").values_list("action", flat=True)
    assert list(actions) == ["issue token", "issue token"]


def test_a_draft_is_published_by_its_action_or_says_what_it_lacks(floor, browser):
    policy = Policy.objects.get()
    good = [NewLabel("a", "A", "Text.", "high", "remove", "VIOLENCE", "OTHER")]
    versions = [
        draft_version(policy=policy, labels=labels, by=floor.by, now=floor.now)
        for labels in ([NewLabel("a", "A")], good)
    ]
    page = browser.post(
        reverse("admin:policies_policyversion_changelist"),
        {"action": "publish_drafts", "_selected_action": [version.pk for version in versions]},
        follow=True,
    )
    assert "has no text" in page.content.decode()
    assert policy.versions.get(state="published").version == 3


def test_queues_move_by_action_past_their_guards(floor, browser):
    queue = floor.queue("comments")
    address = reverse("admin:queues_queue_changelist")
    browser.post(address, {"action": "move_to_paused", "_selected_action": [queue.pk]})
    assert Queue.objects.get().state == "paused"
    page = browser.post(
        address, {"action": "move_to_calibrated", "_selected_action": [queue.pk]}, follow=True
    )
    assert "cannot become calibrated" in page.content.decode()


def test_the_administration_is_closed_to_everybody_else(worked):
    user = User.objects.create_user("lead@example.org")
    Grant.objects.create(user=user, role="site_lead", site=worked.dublin)
    client = Client()
    client.force_login(user)
    for model in MODELS:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        assert client.get(reverse(name)).status_code == 302
    assert Review.objects.count() == 3

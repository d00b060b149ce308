"""Policies, queues, people and access are written by services that check, record and audit."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from watchfloor.operations.people.access import (
    AccessError,
    Reach,
    TokenRefusedError,
    client_of,
    grant_role,
    issue_token,
    revoke,
)
from watchfloor.operations.people.models import ApiClient, Certification, User
from watchfloor.operations.people.services import (
    NewReviewer,
    PeopleError,
    add_reviewers,
    add_site,
    add_team,
    certify,
    move_reviewer,
    set_active,
)
from watchfloor.operations.people.viewers import viewer_for, viewer_for_client
from watchfloor.operations.policies.models import Label, Policy
from watchfloor.operations.policies.services import (
    NewLabel,
    PolicyError,
    PublishRefusedError,
    draft_version,
    publish,
)
from watchfloor.operations.policies.vocabulary import DSA_KEYWORDS
from watchfloor.operations.queues.models import STATES, Queue
from watchfloor.operations.queues.services import TRANSITIONS, NewQueue, QueueError, create_queue, transition
from watchfloor.operations.record.models import AuditEntry, ChangeEvent
from watchfloor.operations.record.viewers import NotPermittedError


def test_publishing_is_refused_with_every_fault_listed(floor):
    labels = [
        NewLabel("no_text", "A", "", "high", "remove", "VIOLENCE", "OTHER"),
        NewLabel("no_severity", "B", "Text.", "", "remove", "VIOLENCE", "OTHER"),
        NewLabel("no_action", "C", "Text.", "low", "", "VIOLENCE", "OTHER"),
        NewLabel("no_mapping", "D", "Text.", "low", "remove"),
        NewLabel("foreign_keyword", "E", "Text.", "low", "remove", "VIOLENCE", "PHISHING"),
        NewLabel("no_keyword", "F", "Text.", "low", "remove", "VIOLENCE"),
        NewLabel("gone", "G", deprecated=True, successor="no_text"),
        NewLabel("fine", "H", "Text.", action="none", violative=False),
    ]
    policy = Policy.objects.get()
    version = draft_version(policy=policy, labels=labels, by=floor.by, now=floor.now)
    with pytest.raises(PublishRefusedError) as refused:
        publish(version=version, by=floor.by, now=floor.now)
    named = [fault.split("'")[1] for fault in refused.value.faults]
    assert named == ["foreign_keyword", "no_action", "no_keyword", "no_mapping", "no_severity", "no_text"]


def test_a_new_version_ends_the_one_before_and_is_a_change(floor):
    policy, later = Policy.objects.get(), floor.now + timedelta(days=30)
    labels = [NewLabel("scam", "Scam", "Text.", "high", "remove", "SCAMS_AND_FRAUD", "PHISHING")]
    version = draft_version(policy=policy, labels=labels, by=floor.by, now=later, summary="Narrower")
    publish(version=version, by=floor.by, now=later)
    floor.policy.refresh_from_db()
    assert (floor.policy.state, floor.policy.effective_to) == ("retired", later)
    change = ChangeEvent.objects.filter(object_kind="policy").order_by("-at").first()
    assert (change.object_version, change.kind, change.summary) == (2, "changed", "Narrower")
    with pytest.raises(PolicyError, match="not a draft"):
        publish(version=version, by=floor.by, now=later)


def test_a_version_names_its_labels_once_and_its_relations_within(floor):
    policy = Policy.objects.get()
    for labels in ([NewLabel("a", "A"), NewLabel("a", "A")], [NewLabel("a", "A", parent="b")]):
        with pytest.raises(PolicyError):
            draft_version(policy=policy, labels=labels, by=floor.by, now=floor.now)


def test_the_regulation_has_sixteen_categories_and_sixty_seven_keywords():
    keywords = {word for words in DSA_KEYWORDS.values() for word in words} - {"OTHER"}
    assert (len(DSA_KEYWORDS), len(keywords)) == (16, 67)


@pytest.mark.parametrize("code", ["violence.threat", "spam", "a-b_c.d"])
def test_the_parts_of_a_code_are_joined_by_dots(floor, code):
    Label(policy_version=floor.policy, code=code, name="Label").clean_fields(exclude=["text"])


@pytest.mark.parametrize("code", [".spam", "spam.", "a..b", "a b", "spam\n", "x" * 81])
def test_other_codes_are_refused(floor, code):
    with pytest.raises(ValidationError):
        Label(policy_version=floor.policy, code=code, name="Label").clean_fields(exclude=["text"])


def test_a_change_of_configuration_is_a_new_version_with_its_difference(floor):
    queue = floor.queue("comments")
    floor.configure(queue, lease_seconds=300, site_shares={"dublin": 1.0})
    change = ChangeEvent.objects.filter(object_kind="queue").order_by("-object_version").first()
    assert change.object_version == 2
    assert change.detail["lease_seconds"] == {"before": 600, "after": 300}
    assert change.queue_group == "text"
    entry = AuditEntry.objects.filter(action="configure").first()
    assert (entry.before["lease_seconds"], entry.after["lease_seconds"]) == (600, 300)
    old, new = queue.versions.order_by("version")
    assert old.effective_to == new.effective_from
    with pytest.raises(QueueError, match="equal"):
        floor.configure(queue, lease_seconds=300)


@pytest.mark.parametrize(
    "settings",
    [
        {"sla_seconds": {"huge": 5}},
        {"sla_seconds": {"high": 60}},
        {"sla_seconds": {"default": 0}},
        {"label_subset": ("unheard",)},
        {"required_skills": ("juggling",)},
        {"site_shares": {"atlantis": 1.0}},
        {"site_shares": {"dublin": 1.5}},
        {"double_share": 2.0},
        {"lease_seconds": 1},
        {"wellness_class": "fine"},
        {"policy_version": None, "certification_required": True},
    ],
    ids=str,
)
def test_settings_that_do_not_fit_are_refused(floor, settings):
    with pytest.raises(QueueError) as refused:
        floor.queue("comments", settings=settings)
    assert refused.value.faults


def test_a_queue_walks_its_states_only_along_the_steps_and_past_the_guards(floor):
    queue = create_queue(new=NewQueue("q", "Q", "text", "comment"), by=floor.by, now=floor.now)
    with pytest.raises(QueueError, match="cannot become live"):
        transition(queue=queue, to="live", by=floor.by, now=floor.now)
    with pytest.raises(QueueError, match="no configuration"):
        transition(queue=queue, to="configured", by=floor.by, now=floor.now)
    queue = floor.queue("bare", settings={"policy_version": None, "template_version": None})
    Queue.objects.filter(pk=queue.pk).update(state="configured")
    with pytest.raises(QueueError, match="No policy version"):
        transition(queue=queue, to="policy_bound", by=floor.by, now=floor.now)
    floor.configure(queue, policy_version=floor.policy)
    transition(queue=queue, to="policy_bound", by=floor.by, now=floor.now)
    with pytest.raises(QueueError, match="No template"):
        transition(queue=queue, to="template_aligned", by=floor.by, now=floor.now)
    floor.configure(queue, template_version=floor.template)
    transition(queue=queue, to="template_aligned", by=floor.by, now=floor.now)
    with pytest.raises(QueueError, match="Gate 3"):
        transition(queue=queue, to="training_ready", by=floor.by, now=floor.now)
    Queue.objects.filter(pk=queue.pk).update(state="live")
    for state in ("paused", "live", "paused", "retired"):
        transition(queue=queue, to=state, by=floor.by, now=floor.now, reason="stop")
    assert Queue.objects.get(slug="bare").state == "retired"
    assert ChangeEvent.objects.filter(object_id="bare", kind="retired").exists()


def test_every_state_has_its_steps():
    assert set(TRANSITIONS) == set(STATES)
    assert all(to in STATES for steps in TRANSITIONS.values() for to in steps)


def test_an_escalation_may_not_leave_the_boundary(floor):
    outside = floor.queue("outside")
    with pytest.raises(QueueError, match="outside the data boundary"):
        floor.queue("inside", data_boundary=floor.boundary, settings={"escalation_queue": outside})


def test_people_come_move_and_leave_on_the_record(floor):
    new = [NewReviewer(f"n{i}", floor.team_a, date(2026, 3, 1), ("en",), ("video",)) for i in range(3)]
    first, *_ = add_reviewers(new=new, by=floor.by, now=floor.now)
    move_reviewer(reviewer=first, team=floor.team_b, by=floor.by, now=floor.now)
    set_active(reviewer=first, active=False, by=floor.by, now=floor.now)
    kinds = ChangeEvent.objects.filter(object_kind="roster").order_by("summary").values_list("kind", "site")
    assert sorted(kinds) == [("changed", "manila"), ("created", "dublin"), ("retired", "manila")]
    certify(reviewers=[first], policy="spam", policy_version=1, by=floor.by, now=floor.now)
    certify(reviewers=[first], policy="spam", policy_version=1, by=floor.by, now=floor.now)
    assert Certification.objects.count() == 1
    with pytest.raises(PeopleError, match="juggling"):
        add_reviewers(
            new=[NewReviewer("x", floor.team_a, date(2026, 3, 1), skills=("juggling",))],
            by=floor.by,
            now=floor.now,
        )
    with pytest.raises(PeopleError, match="vendor"):
        add_site(
            slug="x",
            name="X",
            employer_kind="vendor",
            country="IE",
            time_zone="UTC",
            by=floor.by,
            now=floor.now,
        )


def test_grants_make_viewers_and_are_audited(floor):
    user = User.objects.create_user("Ann@Example.org")
    assert user.email == "ann@example.org"
    reach = Reach(site=floor.dublin, queue_group="text")
    grant = grant_role(user=user, role="site_lead", by=floor.by, now=floor.now, reach=reach)
    assert grant_role(user=user, role="site_lead", by=floor.by, now=floor.now, reach=reach) == grant
    viewer = viewer_for(user)
    assert viewer.can("people.change")
    assert not viewer.can("queues.change")
    assert viewer.grants[0].site == "dublin"
    revoke(grant=grant, by=floor.by, now=floor.now)
    assert viewer_for(user).grants == ()
    assert list(AuditEntry.objects.filter(object_kind="user").values_list("action", flat=True)) == [
        "revoke",
        "grant",
    ]
    user.is_active = False
    assert viewer_for(user).name == "nobody"
    for role, boundary in (("emperor", ""), ("analyst", "nowhere")):
        with pytest.raises(AccessError):
            grant_role(user=user, role=role, by=floor.by, now=floor.now, reach=Reach(data_boundary=boundary))


def test_a_token_is_kept_as_a_hash_and_ends(floor):
    client, token = issue_token(
        slug="app",
        name="App",
        roles=["engineer"],
        by=floor.by,
        now=floor.now,
        expires_at=floor.now + timedelta(1),
    )
    assert token not in str(ApiClient.objects.values().get())
    assert client_of(token=token, now=floor.now) == client
    assert viewer_for_client(client).can("cases.enqueue")
    for wrong, now in (("wf_other", floor.now), (token, floor.now + timedelta(1))):
        with pytest.raises(TokenRefusedError):
            client_of(token=wrong, now=now)
    _, renewed = issue_token(slug="app", name="App", roles=["engineer"], by=floor.by, now=floor.now)
    with pytest.raises(TokenRefusedError):
        client_of(token=token, now=floor.now)
    assert client_of(token=renewed, now=floor.now).pk == client.pk


@pytest.mark.parametrize("role", ["reviewer", "analyst", "site_lead", "regulator"])
def test_a_role_without_the_permission_writes_nothing(floor, role):
    viewer = floor.viewer(role)
    with pytest.raises(NotPermittedError):
        create_queue(new=NewQueue("q", "Q", "text", "comment"), by=viewer, now=floor.now)
    with pytest.raises(NotPermittedError):
        publish(version=floor.policy, by=viewer, now=floor.now)
    with pytest.raises(NotPermittedError):
        issue_token(slug="x", name="X", roles=[], by=viewer, now=floor.now)


def test_a_scope_ends_where_its_grant_ends(floor):
    theirs = floor.viewer("strategist", queue_group="text")
    create_queue(new=NewQueue("mine", "Q", "text", "comment"), by=theirs, now=floor.now)
    for new in (
        NewQueue("other", "Q", "video", "video"),
        NewQueue("inside", "Q", "text", "comment", data_boundary=floor.boundary),
    ):
        with pytest.raises(NotPermittedError, match="outside"):
            create_queue(new=new, by=theirs, now=floor.now)
    with pytest.raises(NotPermittedError, match="manila"):
        add_team(
            slug="x", name="X", site=floor.manila, by=floor.viewer("site_lead", site="dublin"), now=floor.now
        )

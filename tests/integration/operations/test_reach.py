"""Nobody reads beyond their grants: every selector, asked by those who may not see everything."""

from datetime import date
from pathlib import Path

import pytest

from watchfloor.operations.people import selectors as people
from watchfloor.operations.people.services import NewReviewer, add_reviewers
from watchfloor.operations.policies import selectors as policies
from watchfloor.operations.policies.services import NewLabel, create_policy, draft_version
from watchfloor.operations.queues import selectors as queues
from watchfloor.operations.record import selectors as record
from watchfloor.operations.record.models import ChangeEvent
from watchfloor.operations.record.services import Place, audit, record_change
from watchfloor.operations.record.viewers import PERMISSIONS, ROLES, NotFoundError, NotPermittedError, Viewer
from watchfloor.operations.review import selectors as review

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def world(floor):
    """Reviewers at two sites and inside the boundary; queues by group, market, site and boundary."""
    new = [NewReviewer(f"d{i}", floor.team_a, date(2025, 1, 1), ("en",), ("video",)) for i in range(3)]
    new += [NewReviewer(f"m{i}", floor.team_b, date(2025, 1, 1), ("es",)) for i in range(2)]
    new += [NewReviewer("e0", floor.team_a, date(2025, 1, 1), data_boundary=floor.boundary)]
    add_reviewers(new=new, by=floor.by, now=floor.now)
    floor.queue("text-all")
    floor.queue("text-ie", markets=("IE",))
    floor.queue("text-manila", settings={"site_shares": {"manila": 1.0}})
    floor.queue("clips", group="video")
    floor.queue("enclave-text", data_boundary=floor.boundary)
    return floor


def slugs(rows):
    return [row.slug for row in rows]


OPEN = ["text-all", "text-ie", "text-manila", "clips"]


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        ({}, OPEN),
        ({"queue_group": "video"}, ["clips"]),
        ({"market": "IE"}, ["text-all", "text-ie", "text-manila", "clips"]),
        ({"market": "PH"}, ["text-all", "text-manila", "clips"]),
        ({"site": "dublin"}, ["text-all", "text-ie", "clips"]),
        ({"site": "manila", "queue_group": "text"}, ["text-all", "text-ie", "text-manila"]),
        ({"data_boundary": "enclave"}, ["enclave-text", *OPEN]),
        ({"data_boundary": "elsewhere"}, OPEN),
        ({"data_boundary": "*"}, ["enclave-text", *OPEN]),
    ],
    ids=str,
)
def test_queues_are_seen_within_the_grant(world, scope, seen):
    viewer = world.viewer("analyst", **scope)
    assert sorted(slugs(queues.queues(viewer=viewer))) == sorted(seen)
    hidden = {"text-all", "text-ie", "text-manila", "clips", "enclave-text"} - set(seen)
    for slug in hidden:
        for read in (queues.queue, queues.queue_detail):
            with pytest.raises(NotFoundError):
                read(viewer=viewer, slug=slug)


def test_two_grants_add_up_and_a_grant_without_the_permission_adds_nothing(world):
    one, two = world.viewer("analyst", queue_group="video"), world.viewer("reviewer")
    both = Viewer(name="both", grants=one.grants + two.grants)
    assert slugs(queues.queues(viewer=both)) == ["clips"]
    wider = Viewer(name="wider", grants=one.grants + world.viewer("engineer", market="IE").grants)
    assert sorted(slugs(queues.queues(viewer=wider))) == sorted(OPEN)


def test_sites_teams_and_reviewers_are_seen_within_the_grant(world):
    lead = world.viewer("site_lead", site="manila")
    assert slugs(people.sites(viewer=lead)) == ["manila"]
    assert slugs(people.teams(viewer=lead)) == ["manila-b"]
    assert [each.code for each in people.reviewers(viewer=lead)] == ["m0", "m1"]
    assert people.languages(viewer=lead) == ["es"]
    for read in (people.reviewer, lambda **asked: people.certifications(**asked, at=world.now)):
        with pytest.raises(NotFoundError):
            read(viewer=lead, code="d0")
    assert list(people.data_boundaries(viewer=lead)) == []


def test_reviewers_of_a_boundary_are_seen_only_with_it(world):
    outside, inside = world.viewer("analyst"), world.viewer("analyst", data_boundary="enclave")
    assert "e0" not in [each.code for each in people.reviewers(viewer=outside)]
    assert "e0" in [each.code for each in people.reviewers(viewer=inside)]
    assert slugs(people.data_boundaries(viewer=inside)) == ["enclave"]


def test_filters_narrow_the_reviewers(world):
    everyone = world.by
    for filters, codes in (
        ({"site": "manila"}, ["m0", "m1"]),
        ({"team": "dublin-a", "skill": "video"}, ["d0", "d1", "d2"]),
        ({"employer_kind": "vendor"}, ["m0", "m1"]),
        ({"language": "es", "search": "1"}, ["m1"]),
        ({"active": False}, []),
    ):
        found = people.reviewers(viewer=everyone, filters=people.ReviewerFilters(**filters))
        assert [each.code for each in found] == codes


def test_cases_are_seen_within_the_grant(world):
    for slug, market in (("text-ie", "IE"), ("text-all", "PH"), ("clips", ""), ("enclave-text", "")):
        queue = queues.queue(viewer=world.by, slug=slug)
        world.enqueue(queue, market=market)
    by_role = {
        (): 3,
        (("queue_group", "video"),): 1,
        (("market", "PH"),): 2,
        (("data_boundary", "*"),): 4,
    }
    for scope, count in by_role.items():
        viewer = world.viewer("analyst", **dict(scope))
        assert review.cases(viewer=viewer).count() == count, scope
    everywhere = review.cases(viewer=world.by)
    hidden = everywhere.get(queue__slug="enclave-text")
    with pytest.raises(NotFoundError):
        review.case_view(viewer=world.viewer("analyst"), case_id=hidden.pk)
    assert review.case_view(viewer=world.by, case_id=hidden.pk).state == "waiting"


def test_changes_and_audit_are_seen_within_the_grant(world):
    ChangeEvent.objects.none()
    places = {
        "everywhere": Place(),
        "video": Place(queue_group="video"),
        "manila": Place(site="manila"),
        "enclave": Place(data_boundary="enclave"),
    }
    for name, place in places.items():
        record_change(
            object_kind="test",
            object_id=name,
            object_version=1,
            kind="changed",
            at=world.now,
            author="a",
            summary=name,
            place=place,
        )
        audit(actor="a", action="do", object_kind="test", object_id=name, now=world.now, place=place)
    only = record.ChangeFilters(object_kind="test")
    for scope, seen in (
        ({}, {"everywhere", "video", "manila"}),
        ({"queue_group": "text"}, {"everywhere", "manila"}),
        ({"site": "dublin"}, {"everywhere", "video"}),
        ({"data_boundary": "enclave"}, {"everywhere", "video", "manila", "enclave"}),
    ):
        changes = record.changes(viewer=world.viewer("analyst", **scope), filters=only)
        assert {each.object_id for each in changes} == seen, scope
        entries = record.audit_entries(viewer=world.viewer("engineer", **scope), object_kind="test")
        assert {each.object_id for each in entries} == seen, scope
    assert "test" in record.change_kinds(viewer=world.by)


def test_policies_show_their_labels_and_what_a_version_changed(world):
    policy = create_policy(slug="hate", name="Hate", by=world.by, now=world.now)
    one = [NewLabel("slur", "Slur", severity="high"), NewLabel("gone", "Gone")]
    two = [NewLabel("slur", "Slur", severity="low"), NewLabel("new", "New")]
    for labels in (one, two):
        draft_version(policy=policy, labels=labels, by=world.by, now=world.now)
    viewer = world.viewer("reviewer")
    assert slugs(policies.policies(viewer=viewer)) == ["hate", "spam"]
    detail = policies.policy_detail(viewer=viewer, slug="hate")
    assert [(each.code, each.kind, dict(each.fields)) for each in detail.changes] == [
        ("gone", "removed", {}),
        ("new", "added", {}),
        ("slur", "changed", {"severity": ("high", "low")}),
    ]
    assert policies.policy_detail(viewer=viewer, slug="hate", version=1).changes == ()
    for asked in ({"slug": "nothing"}, {"slug": "hate", "version": 9}):
        with pytest.raises(NotFoundError):
            policies.policy_detail(viewer=viewer, **asked)


READS = {
    "people.view": [people.sites, people.teams, people.reviewers, people.languages, people.skills],
    "policies.view": [policies.policies],
    "queues.view": [queues.queues],
    "changes.view": [record.changes, record.change_kinds],
    "audit.view": [record.audit_entries],
    "cases.view": [review.cases],
    "access.change": [people.users],
}


@pytest.mark.parametrize("role", [*ROLES, "nobody", "stranger"])
def test_a_read_needs_its_permission(floor, role):
    viewer = Viewer(name="x") if role == "nobody" else floor.viewer(role)
    for permission, reads in READS.items():
        for read in reads:
            if viewer.can(permission):
                list(read(viewer=viewer))
            else:
                with pytest.raises(NotPermittedError, match=permission):
                    read(viewer=viewer)


@pytest.mark.parametrize(
    ("read", "touch"),
    [
        (people.sites, lambda row: (row.vendor, row.team_count, row.reviewer_count)),
        (people.teams, lambda row: (row.site.name, row.reviewer_count)),
        (people.reviewers, lambda row: (row.team.site.name, row.data_boundary, row.certification_count)),
        (policies.policies, lambda row: (row.published_version, row.label_count)),
        (queues.queues, lambda row: queues.settings_of(row.current_version)["template"]),
        (record.changes, lambda row: row.summary),
        (review.cases, lambda row: (row.queue.slug, row.queue_version.version, row.is_waiting)),
    ],
)
def test_a_list_takes_one_query_however_long(world, read, touch, django_assert_num_queries):
    world.enqueue(queues.queue(viewer=world.by, slug="text-all"), 5)
    with django_assert_num_queries(1):
        assert [touch(row) for row in read(viewer=world.by)]


def test_a_queue_with_many_versions_takes_two_queries(world, django_assert_num_queries):
    queue = queues.queue(viewer=world.by, slug="text-all")
    for seconds in (100, 200, 300):
        world.configure(queue, lease_seconds=seconds)
    with django_assert_num_queries(2):
        detail = queues.queue_detail(viewer=world.by, slug="text-all")
    assert len(detail.versions) == 4


def test_the_reference_lists_every_role_with_its_permissions():
    page = (REPOSITORY / "docs" / "reference" / "roles.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    written = {row.split("`")[1]: row for row in rows}
    for permission, meaning in PERMISSIONS.items():
        assert meaning in written[permission], permission
    for role, allowed in ROLES.items():
        cells = {word.strip("` ") for word in written[role].split("|")[2].split(",")}
        if role == "administrator":
            assert cells == {"everything but `wellbeing.view"}
            assert allowed == frozenset(PERMISSIONS) - {"wellbeing.view"}
        else:
            assert cells == set(allowed), role

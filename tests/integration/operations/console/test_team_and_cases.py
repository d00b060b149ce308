"""The team lead's view and the case page: as far as one's reach goes, and no further."""

from datetime import timedelta

from django.utils import timezone

from watchfloor.operations.review.models import Lease, Review
from watchfloor.operations.review.services import Answer, claim, submit


def test_a_lead_sees_the_people_of_their_site_and_what_they_hold(console, signed_in):
    console.floor.enqueue(console.queue, 2)
    elsewhere = console.floor.reviewer("manny", team=console.floor.team_b)
    console.take()
    claim(reviewer=elsewhere, now=timezone.now())
    dublin, _ = signed_in("lead", "team_lead", site=console.floor.dublin)
    page = dublin.get("/console/team/").content.decode()
    assert "rita" in page
    assert "manny" not in page
    assert console.client.get("/console/team/").status_code == 403


def test_a_lease_held_long_is_named_and_taken_back(console, signed_in):
    console.floor.enqueue(console.queue)
    token = console.take()
    lead, _ = signed_in("lead", "team_lead", site=console.floor.dublin)
    assert "Held long" not in lead.get("/console/team/").content.decode()
    Lease.objects.filter(pk=token).update(
        claimed_at=timezone.now() - timedelta(minutes=9), expires_at=timezone.now() + timedelta(minutes=1)
    )
    assert "Held long" in lead.get("/console/team/").content.decode()
    other, _ = signed_in("far", "team_lead", site=console.floor.manila)
    assert other.post(f"/console/team/leases/{token}/take-back/").status_code == 404
    assert lead.post(f"/console/team/leases/{token}/take-back/", {"reason": "left"}).status_code == 302
    assert not Lease.objects.exists()
    assert Review.objects.get().outcome == "returned"


def test_a_case_is_given_to_a_named_person(console, signed_in):
    console.floor.enqueue(console.queue)
    token = console.take()
    console.floor.reviewer("nora")
    lead, _ = signed_in("lead", "team_lead", site=console.floor.dublin)
    refused = lead.post(f"/console/team/leases/{token}/assign/", {"reviewer": "nobody"})
    assert refused.status_code == 409
    assert "nobody" in refused.content.decode()
    assert lead.post(f"/console/team/leases/{token}/assign/", {"reviewer": "nora"}).status_code == 302
    assert not Lease.objects.filter(reviewer=console.reviewer).exists()


def test_the_team_costs_the_same_number_of_queries_however_many_people(
    console, signed_in, django_assert_max_num_queries
):
    console.floor.enqueue(console.queue, 12)
    for number in range(10):
        claim(reviewer=console.floor.reviewer(f"r{number}"), now=timezone.now())
    lead, _ = signed_in("lead", "team_lead")
    with django_assert_max_num_queries(12):
        assert b"r9" in lead.get("/console/team/").content


def decided(console, **case):
    [made] = console.floor.enqueue(console.queue, **case)
    taken = claim(reviewer=console.reviewer, now=console.floor.now)
    submit(lease_token=taken.token, answer=Answer(labels=("scam",)), now=console.floor.now)
    return made


def test_a_case_is_found_by_its_id_its_object_and_its_key(console, signed_in):
    case = decided(console, object_id="post-7", client_key="key-7", content={"text": "the text of it"})
    analyst, _ = signed_in("ana", "analyst")
    assert analyst.get(f"/console/cases/?q={case}").url == f"/console/cases/{case}/"
    for wanted in ("post-7", "key-7"):
        assert str(case) in analyst.get(f"/console/cases/?q={wanted}").content.decode()
    assert "No case found" in analyst.get("/console/cases/?q=post-8").content.decode()


def test_a_case_page_tells_what_happened_as_far_as_one_may_see(console, signed_in):
    case = decided(console, content={"text": "the text of it", "simulated_truth": "planted"})
    analyst, _ = signed_in("ana", "analyst")
    page = analyst.get(f"/console/cases/{case}/").content.decode()
    for expected in ("the text of it", "First review", "Decision 1", "scam", "rita"):
        assert expected in page
    assert "planted" not in page
    auditor, _ = signed_in("aud", "auditor")
    assert "rita" not in auditor.get(f"/console/cases/{case}/").content.decode()  # may not see people
    assert console.client.get(f"/console/cases/{case}/").status_code == 403


def test_a_case_beyond_ones_reach_is_not_there(console, signed_in):
    case = decided(console)
    analyst, _ = signed_in("ana", "analyst", queue_group="other")
    assert analyst.get(f"/console/cases/{case}/").status_code == 404
    assert str(case) not in analyst.get("/console/cases/").content.decode()
    assert "No case found" in analyst.get(f"/console/cases/?q={case}").content.decode()

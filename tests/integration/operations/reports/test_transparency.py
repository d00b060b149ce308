"""A transparency report is counted from exported facts, reconciled, frozen and published."""

import io
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from watchfloor.facts.export import export_all_events
from watchfloor.operations.cells import warehouse
from watchfloor.operations.enforcement.following import follow_all
from watchfloor.operations.enforcement.models import Ground, Statement
from watchfloor.operations.enforcement.statements import build_statements
from watchfloor.operations.people.models import Grant, User
from watchfloor.operations.record.database import database_dsn
from watchfloor.operations.record.viewers import NotFoundError
from watchfloor.operations.reports import selectors, services
from watchfloor.operations.reports.dsa import terms
from watchfloor.operations.reports.dsa.files import zip_of
from watchfloor.operations.reports.errors import ReportFindingsError, ReportReachError, ReportStateError
from watchfloor.operations.reports.models import Report
from watchfloor.operations.review.services import Answer, claim, submit

INPUTS = {"provider": "Example", "service": "Example", "published_on": "2026-03-20"}


@pytest.fixture
def decided(committed_floor, tmp_path, settings):
    """Six decisions: two scams the law forbids, two nudities, one of a notice, one fine; exported."""
    settings.WATCHFLOOR_FACTS_ROOT = tmp_path
    warehouse.store_of.cache_clear()
    floor = committed_floor()
    Ground.objects.create(policy="spam", label="scam", is_illegal=True, reference="§ 263")
    queue = floor.queue("comments")
    reviewer = floor.reviewer("r1", languages=["en", "ga"])
    for label, more in (
        ("scam", {"risk_score": 0.9}),
        ("scam", {}),
        ("nudity", {}),
        ("nudity", {"market": "US"}),
        ("scam", {"source": "trusted_flagger"}),
        ("fine", {}),
    ):
        floor.enqueue(queue, **more)
        taken = claim(reviewer=reviewer, now=floor.now + timedelta(minutes=25), queues=[queue.pk])
        submit(lease_token=taken.token, answer=Answer(labels=(label,)), now=floor.now + timedelta(minutes=30))
    now = floor.now + timedelta(days=30)
    while follow_all(now=now):
        pass
    build_statements(now=now)
    store = warehouse.store_of(settings.WATCHFLOOR_OPERATION)
    for _ in export_all_events(dsn=database_dsn(), store=store, clock=lambda: now):
        pass
    floor.now = now
    return floor


@pytest.fixture
def drafted(decided, settings):
    return services.draft(
        title="March",
        operation=settings.WATCHFLOOR_OPERATION,
        starts_on=date(2026, 3, 1),
        ends_on=date(2026, 3, 31),
        inputs=INPUTS,
        by=decided.by,
        now=decided.now,
    )


def _totals(sheet):
    row = next(row for row in sheet.rows if "TOTAL" in row)
    return dict(zip(sheet.header, row, strict=True))


@pytest.mark.django_db(transaction=True)
def test_a_report_from_facts_to_publication(decided, drafted, settings):
    found = selectors.standing(drafted)
    by_name = {sheet.name: sheet for sheet in found.sheets}
    illegal, terms_of = _totals(by_name[terms.ILLEGAL]), _totals(by_name[terms.TERMS])
    assert (illegal[terms.MEASURES], illegal[terms.DETECTED]) == (2, 1)
    assert illegal[terms.RESTRICTIONS["removed"]] == 2
    assert terms_of[terms.MEASURES] == 1  # the other nudity is shown outside the Union
    assert terms_of[terms.RESTRICTIONS["age_restricted"]] == 1
    notices = _totals(by_name[terms.NOTICES])
    assert notices["Number of notices received"] == 1
    assert notices["Number of notices received (Trusted Flaggers)"] == 1
    assert notices["Median time to take action"] == 0.5
    assert notices["Number of actions taken on the basis of the law"] == 1
    people = {(row[4], row[5]): row[6] for row in by_name[terms.PEOPLE].rows}
    assert people[terms.INTERNAL, "Total"] == 1
    assert people[terms.LINGUISTIC, "ga"] == 1

    bridge = drafted.counted["bridge"]
    assert (bridge["measures"], bridge["statements"], bridge["residual"]) == (4, Statement.objects.count(), 0)
    assert found.errors == []

    with pytest.raises(ReportFindingsError, match="not over"):
        services.freeze(report=drafted, by=decided.by, now=decided.now - timedelta(days=20))
    later = decided.now + timedelta(days=1)
    frozen = services.freeze(report=drafted, by=decided.by, now=later)
    assert frozen.digest == found.digest
    with pytest.raises(ReportStateError, match="nothing of it changes"):
        services.type_in(report=frozen, changes={"provider": "Another"}, by=decided.by)

    again = services.restate(
        report=frozen, reason="To see whether it comes out the same.", by=decided.by, now=later
    )
    drawn = selectors.standing(again)
    assert drawn.digest == frozen.digest
    assert zip_of(drawn.sheets) == zip_of(selectors.standing(frozen).sheets)

    regulator = decided.viewer("regulator")
    with pytest.raises(NotFoundError):
        selectors.report(frozen.pk, viewer=regulator)
    services.publish(report=frozen, by=decided.by, now=later)
    assert selectors.report(frozen.pk, viewer=regulator).published_by == decided.by.name
    acts = [entry.act for entry in frozen.log.all()]
    assert acts == ["drawn", "frozen", "restated", "published"]
    with zipfile.ZipFile(io.BytesIO(zip_of(found.sheets))) as archive:
        assert "Example" in archive.read("1_report_identification.csv").decode("utf-8-sig")


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_vanished_is_no_longer_explained(decided, drafted):
    Statement.objects.order_by("pk").first().delete()
    drawn = services.draw(report=drafted, by=decided.by, now=decided.now)
    assert drawn.counted["bridge"]["without"]["waiting"] == 1
    assert [one.rule for one in selectors.standing(drawn).findings if one.rule == 10] == [10]


@pytest.mark.django_db(transaction=True)
def test_whoever_sees_a_part_makes_no_report(decided, drafted):
    part = decided.viewer("analyst", queue_group="text", data_boundary="*")
    with pytest.raises(ReportReachError, match="a part of the operation"):
        services.draw(report=drafted, by=part, now=decided.now)


@pytest.fixture
def sign_in():
    """A browser of somebody with one role everywhere."""

    def signed(role: str) -> Client:
        user = User.objects.create_user(email=f"{role}@example.org", password="x")
        since = datetime(2026, 1, 1, tzinfo=UTC)
        Grant.objects.create(user=user, role=role, data_boundary="*", granted_at=since)
        client = Client()
        client.force_login(user)
        return client

    return signed


@pytest.mark.django_db(transaction=True)
def test_the_pages_lead_from_a_draft_to_a_published_report(decided, sign_in):
    analyst, regulator = sign_in("analyst"), sign_in("regulator")
    assert "No report yet" in analyst.get("/reports/").content.decode()
    wrong = analyst.post(
        "/reports/transparency/new/",
        {"provider": "P", "service": "S", "starts_on": "2026-03-31", "ends_on": "2026-03-01"},
    )
    assert wrong.status_code == 422
    made = analyst.post(
        "/reports/transparency/new/",
        {"provider": "P", "service": "S", "starts_on": "2026-03-01", "ends_on": "2026-03-31"},
    )
    address = made["Location"]
    shown = analyst.get(address).content.decode()
    assert "1 error keeps this report from being frozen." in shown
    assert regulator.get(address).status_code == 404

    typed = {"provider": "P", "service": "S", "published_on": "2026-04-20", "is_hosting": "on"}
    assert analyst.post(f"{address}type/provider/", typed).status_code == 302
    refused = analyst.post(f"{address}type/orders/", {"orders": "VIOLENCE; OTHER; EL; 3"})
    assert refused.status_code == 422
    assert "EL is no Member State" in refused.content.decode()
    good = {"orders": "TOTAL; ; TOTAL; 3; 5; 2.5\nVIOLENCE; OTHER; GR; 3; 5"}
    assert analyst.post(f"{address}type/orders/", good).status_code == 302
    for part in ("provider", "orders", "recipients", "words", "labels"):
        assert analyst.get(f"{address}type/{part}/").status_code == 200
    for number in range(1, 12):
        assert analyst.get(f"{address}sheets/{number}/").status_code == 200
    assert analyst.get(f"{address}sheets/12/").status_code == 404

    assert analyst.post(f"{address}act/", {"act": "freeze"}).status_code == 302
    assert analyst.post(f"{address}act/", {"act": "publish"}).status_code == 302
    assert "Published" in regulator.get(address).content.decode()
    for file in ("zip", "xlsx"):
        first, second = (regulator.get(f"{address}report.{file}") for _ in range(2))
        assert first.content == second.content
        assert first["X-Report-Digest"] == Report.objects.get().digest
    assert regulator.post(f"{address}act/", {"act": "restate"}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_review_is_kept_under_its_hash_and_built_again_the_same(decided, sign_in):
    analyst, manager = sign_in("analyst"), sign_in("vendor_manager")
    assert "What matters first" in analyst.get("/reports/review/").content.decode()
    assert analyst.get("/reports/review/?period=year").status_code == 422
    kept = analyst.post("/reports/review/keep/", {"period": "month"})
    assert kept.status_code == 302
    report = Report.objects.get(kind="review")
    assert "same as published" in analyst.get(kept["Location"]).content.decode()
    assert manager.get(kept["Location"]).status_code == 200
    first, second = (analyst.get(f"/reports/review/{report.pk}/pack.pdf") for _ in range(2))
    assert first["X-Report-Digest"] == report.digest
    assert first.content == second.content
    assert analyst.get(f"/reports/review/{report.pk}/pack.xlsx").status_code == 200
    assert analyst.get(f"/reports/transparency/{report.pk}/").status_code == 404

"""The pages: a vendor governed from contract to invoice, a reviewer's own card, definitions in versions."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from watchfloor.operations.people.models import Grant, Site, User
from watchfloor.operations.scorecards.models import FigureDispute, InvoiceCheck, VendorContract

pytestmark = pytest.mark.django_db
FORM = {
    "number": "acme-2026", "vendor": "acme", "effective_from": "2026-01-01", "currency": "EUR",
    "bands": "0: 20.00, 600: 18.00", "price_basis": "hour", "banding": "marginal", "hours-manila": "700",
    "line-1-metric": "vendor_delivery", "line-1-kind": "floor", "line-1-value": "98%", "line-1-rule": "point",
    "line-1-min_n": "1", "line-1-credits": "0: 1%",
}  # fmt: skip
HEAD = "site,period,quantity,rate,amount\n"


@pytest.fixture
def sign_in(facts):
    def as_role(role, *, email="", **scope):
        user = User.objects.create_user(email=email or f"{role}{User.objects.count()}@x.org", password=None)
        Grant.objects.create(user=user, role=role, **({"data_boundary": "*"} | scope))
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client, user

    return as_role


def page(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status, answer.content[:400]
    return answer.content.decode()


def test_a_vendor_is_governed_from_contract_to_invoice(sign_in, monkeypatch, now):
    monkeypatch.setattr(timezone, "now", lambda: now)
    client, _ = sign_in("vendor_manager")
    wrong = client.post("/scorecards/contracts/new/", FORM | {"bands": "0 20"})
    assert wrong.status_code == 422
    assert "is no band" in wrong.content.decode()
    drawn = client.post("/scorecards/contracts/new/", FORM)
    assert "draft" in page(client, drawn["Location"])
    client.post(f"{drawn['Location']}publish/")
    row = VendorContract.objects.get()
    assert row.state == "published"
    month = page(client, f"/scorecards/contracts/{row.pk}/?month=2026-02")
    assert "13,163.04 EUR" in month
    assert "132.96 EUR" in month
    for form in ("csv", "xlsx"):
        assert client.get(f"/scorecards/contracts/{row.pk}/{form}/?month=2026-02").status_code == 200
    refused = client.post(
        f"/scorecards/contracts/{row.pk}/check/",
        {
            "month": "2026-02",
            "invoice": SimpleUploadedFile("a.csv", (HEAD + "manila,2026-02,x,20,5").encode()),
        },
    )
    assert refused.status_code == 422
    assert "C2: “x” is no number" in refused.content.decode()
    assert not InvoiceCheck.objects.exists()
    sent = SimpleUploadedFile("a.csv", (HEAD + "manila,2026-02,700,20,14000").encode())
    told = client.post(f"/scorecards/contracts/{row.pk}/check/", {"month": "2026-02", "invoice": sent})
    bridge = page(client, told["Location"])
    for words in (
        "differs by 836.96 EUR",
        "Invoiced, not delivered",
        "Volume band",
        "Credits",
        "−560.00 EUR",
    ):
        assert words in bridge
    assert "where=site%3Amanila" in bridge
    shared, _ = sign_in("vendor_manager", site=Site.objects.get(slug="manila"))
    assert "Acme" in page(shared, "/scorecards/vendor/acme/?period=month")
    assert "13,163.04 EUR" in page(shared, f"/scorecards/contracts/{row.pk}/?month=2026-02")
    assert shared.post(f"/scorecards/contracts/{row.pk}/publish/").status_code != 200
    page(shared, "/scorecards/contracts/new/", 403)
    other, _ = sign_in("vendor_manager", site=Site.objects.get(slug="dublin"))
    page(other, f"/scorecards/contracts/{row.pk}/", 404)


def test_a_reviewer_sees_and_disputes_the_own_card_and_nobody_elses(sign_in, people, monkeypatch, now):
    monkeypatch.setattr(timezone, "now", lambda: now)
    client, user = sign_in("reviewer")
    assert "belongs to no reviewer" in page(client, "/scorecards/me/")
    people["m3"].user = user
    people["m3"].save()
    own = page(client, "/scorecards/me/")
    assert "You are not ranked" in own
    assert not any(f'"{code}"' in own or f">{code}<" in own for code in ("m1", "m2", "d1"))
    page(client, "/scorecards/reviewer/m1/", 403)
    client.post("/scorecards/me/dispute/", {"metric": "accuracy", "reason": "Three were sarcasm."})
    lead, _ = sign_in("site_lead", site=people["m3"].team.site)
    assert "Three were sarcasm." in page(lead, "/scorecards/reviewer/m3/")
    held = FigureDispute.objects.get()
    lead.post(f"/scorecards/disputes/{held.pk}/", {"ruling": "ambiguous", "answer": "The rule is silent."})
    assert "Ruled policy-ambiguous" in page(client, "/scorecards/me/")
    page(lead, "/scorecards/reviewer/d1/", 404)


def test_a_definition_gets_versions_with_reasons(sign_in, monkeypatch, now):
    monkeypatch.setattr(timezone, "now", lambda: now)
    client, _ = sign_in("analyst")
    new = {
        "version": "0", "metric": ["accuracy"], "weight-accuracy": "2", "gate_metric": "critical_error_rate",
        "gate_limit": "5%", "min_n": "20", "period": "week", "reason": "Smaller teams.",
    }  # fmt: skip
    assert client.post("/scorecards/definitions/team/", new).status_code == 302
    assert "Smaller teams." in page(client, "/scorecards/definitions/")
    stale = client.post("/scorecards/definitions/team/", new)
    assert stale.status_code == 422
    assert "is at version 1" in stale.content.decode()
    board = page(client, "/scorecards/team/?period=28d")
    assert "gate passed" in board
    assert client.get("/scorecards/team/download/?period=28d").status_code == 200
    assert client.get("/scorecards/team/?period=decade").status_code == 422

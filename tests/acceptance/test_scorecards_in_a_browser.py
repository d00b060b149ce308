"""A vendor's contract from its form to a refused invoice, and a reviewer's own card, in a browser."""

from typing import Any

import pytest

from watchfloor.operations.people.models import Reviewer, User

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_contract_is_written_published_and_an_invoice_is_refused_by_its_cell(visit: Any) -> None:
    page = visit.open("/scorecards/contracts/new/")
    page.fill("input[name=number]", "bayview-2026")
    page.select_option("select[name=vendor]", "bayview-assist")
    page.fill("input[name=effective_from]", "2026-01-01")
    page.fill("input[name=hours-manila]", "1200")
    page.select_option("select[name=line-1-metric]", "accuracy")
    page.fill("input[name=line-1-value]", "95%")
    page.click("form.contract button[type=submit]")
    page.wait_for_selector("text=draft")
    page.click("text=Publish")
    page.wait_for_selector("text=The invoice should be")
    page.set_input_files(
        "input[name=invoice]",
        {
            "name": "march.csv",
            "mimeType": "text/csv",
            "buffer": b"site,period,quantity,rate,amount\nmanila,2026-02,many,20,5\n",
        },
    )
    page.click("button:has-text('Check')")
    page.wait_for_selector("text=C2: “many” is no number")
    assert [one for one in visit.complaints if "422" not in one] == []


def test_a_reviewer_reads_the_own_card_in_words(visit: Any) -> None:
    person = Reviewer.objects.filter(active=True).order_by("code").first()
    assert person is not None
    person.user = User.objects.get(email="reader@example.org")
    person.save()
    page = visit.open("/scorecards/me/")
    assert "You are not ranked" in page.inner_text("main")
    page.click("#figure-accuracy summary")
    page.fill("#figure-accuracy textarea[name=reason]", "I was on leave.")
    page.click("#figure-accuracy button[type=submit]")
    page.wait_for_selector("text=I was on leave.")
    assert visit.complaints == []

"""The demo's contract with a vendor: terms as such contracts have them, labelled as simulated."""

from datetime import datetime, timedelta

from watchfloor.metrics import Catalogue
from watchfloor.operations.demo.cast import Cast
from watchfloor.operations.people.models import Vendor
from watchfloor.operations.scorecards.contract_drafts import NewContract, NewLine
from watchfloor.operations.scorecards.contracts import draw_up, publish

_HOURS_A_PERSON = 130
_PRICES = ([0, "17.50"], [4000, "16.25"], [12000, "15.40"])
_CREDITS = ((0.0, 0.02), (0.02, 0.05))


def seed_contracts(*, cast: Cast, now: datetime) -> None:
    """Publish a contract with each vendor, from the first day of the month before last.

    Its hours stay out of the facts: the simulated history brings the hours that were contracted.
    """
    begins = now.date().replace(day=1)
    for _ in range(2):
        begins = (begins - timedelta(days=1)).replace(day=1)
    catalogue = Catalogue.standard()
    for vendor in Vendor.objects.order_by("slug"):
        hours = {
            site.slug: float(_HOURS_A_PERSON * people)
            for site in vendor.sites.filter(active=True).order_by("slug")
            if (people := sum(team.reviewers.filter(active=True).count() for team in site.teams.all()))
        }
        if not hours:
            continue
        drawn = draw_up(
            NewContract(
                number=f"{vendor.slug}-frame",
                vendor=vendor.slug,
                effective_from=begins,
                currency="EUR",
                bands=_PRICES,
                hours=hours,
                credit_cap=0.1,
                lines=(
                    NewLine("accuracy", "floor", 0.95, credits=_CREDITS),
                    NewLine("critical_error_rate", "ceiling", 0.02, credits=_CREDITS),
                    NewLine(
                        "vendor_delivery",
                        "floor",
                        0.95,
                        rule="point",
                        min_n=1,
                        credits=((0.0, 0.01), (0.1, 0.03)),
                    ),
                ),
                reason="Simulated: invented terms of an invented vendor.",
            ),
            catalogue=catalogue,
            by=cast.admin,
            now=now,
        )
        publish(drawn.pk, catalogue=catalogue, by=cast.admin, now=now, writes_hours=False)

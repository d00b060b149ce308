"""A vendor's contract: targets and hours, a month by evidence, an invoice bridged to the cent."""

import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook

from watchfloor.kernel import Scope
from watchfloor.metrics import Catalogue
from watchfloor.operations.record.models import AuditEntry, Event
from watchfloor.operations.record.viewers import GrantScope, NotFoundError, NotPermittedError, Viewer
from watchfloor.operations.scorecards.contract_drafts import NewContract, NewLine
from watchfloor.operations.scorecards.contracts import (
    contract_of,
    contracts,
    draw_up,
    publish,
)
from watchfloor.operations.scorecards.errors import ContractError, InvoiceError
from watchfloor.operations.scorecards.invoice_files import read_invoice, sample_csv
from watchfloor.operations.scorecards.invoices import bridge, record_check, should_be
from watchfloor.operations.scorecards.models import VendorContract
from watchfloor.operations.scorecards.statements import statement
from watchfloor.operations.targets.errors import GuardError
from watchfloor.operations.targets.resolver import applied

pytestmark = pytest.mark.django_db
ALL = Viewer.system("test")
FEBRUARY = date(2026, 2, 1)
CATALOGUE = Catalogue.standard()


def agreed(**changes):
    lines = [
        NewLine("accuracy", "floor", 0.95, credits=[[0.0, 0.02], [0.05, 0.05]]),
        NewLine("vendor_delivery", "floor", 0.98, rule="point", min_n=1, credits=[[0.0, 0.01]]),
    ]
    values = {
        "number": "acme-2026",
        "vendor": "acme",
        "effective_from": date(2026, 1, 1),
        "currency": "EUR",
        "bands": [[0, "20.00"], [600, "18.00"]],
        "hours": {"manila": 700.0},
        "lines": lines,
        "reason": "First year.",
    }
    return NewContract(**(values | changes))


@pytest.fixture
def contract(facts, now):
    drawn = draw_up(agreed(), catalogue=CATALOGUE, by=ALL, now=now)
    return publish(drawn.pk, catalogue=CATALOGUE, by=ALL, now=now)


@pytest.fixture
def month(contract, now):
    return statement(contract, FEBRUARY, now=now)


def test_publishing_writes_targets_hours_and_the_trail(contract, now):
    found = applied(metric_id="accuracy", scope=Scope.of({"site": ["manila"]}), at=now)
    assert (found.value, found.target.contractual, found.target.confidence_rule) == (0.95, True, "interval")
    hours = Event.objects.filter(fact="contract_hours")
    assert hours.count() == 36
    assert hours.get(key="acme-2026:manila:2026-02").payload["contracted_hours"] == 700.0
    trail = AuditEntry.objects.filter(object_kind="contract").order_by("pk")
    assert [entry.action for entry in trail] == ["contract.drawn_up", "contract.published"]


def test_a_later_version_ends_the_one_before_and_drops_nothing(contract, now):
    april = date(2026, 4, 1)
    short = agreed(effective_from=april, lines=agreed().lines[:1])
    drawn = draw_up(short, catalogue=CATALOGUE, by=ALL, now=now)
    with pytest.raises(ContractError, match="leaves out vendor_delivery"):
        publish(drawn.pk, catalogue=CATALOGUE, by=ALL, now=now)
    lines = [NewLine("accuracy", "floor", 0.96), agreed().lines[1]]
    drawn = draw_up(agreed(effective_from=april, lines=lines), catalogue=CATALOGUE, by=ALL, now=now)
    publish(drawn.pk, catalogue=CATALOGUE, by=ALL, now=now)
    contract.refresh_from_db()
    assert (contract.state, contract.effective_to) == ("ended", april)
    later = now.replace(month=5)
    assert applied(metric_id="accuracy", scope=Scope.of({"site": ["manila"]}), at=later).value == 0.96


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bands": [[5, "20"]]}, "begin at 5"),
        ({"bands": [[0, "many"]]}, "is no price"),
        ({"hours": {"dublin": 5.0}}, "'dublin' is no site of Acme"),
        ({"currency": "euro"}, "is no currency"),
        ({"effective_to": date(2025, 1, 1)}, "ends on 2025-01-01"),
        ({"lines": [NewLine("sla_attainment", "floor", 0.9)]}, "not recorded by site"),
        ({"lines": [NewLine("accuracy", "floor", 0.9, credits=[[0.0, 2.0]])]}, "credit of 2"),
    ],
)
def test_an_impossible_contract_is_refused_naming_what(people, now, changes, words):
    with pytest.raises(ContractError, match=words):
        draw_up(agreed(**changes), catalogue=CATALOGUE, by=ALL, now=now)
    assert not VendorContract.objects.exists()


def test_speed_alone_is_refused_in_a_contract_too(people, now):
    drawn = draw_up(agreed(lines=[NewLine("aht", "ceiling", 60.0)]), catalogue=CATALOGUE, by=ALL, now=now)
    with pytest.raises(GuardError, match="about speed"):
        publish(drawn.pk, catalogue=CATALOGUE, by=ALL, now=now)
    assert not Event.objects.filter(fact="contract_hours").exists()


def test_a_month_credits_what_is_missed_by_the_contracts_own_rule(month):
    accuracy, delivery = month.lines
    # 80 % of three people's audits is below 95 %, yet three people are few: the interval holds the floor.
    assert (accuracy.miss.verdict, accuracy.credit) == ("undecided", 0)
    assert accuracy.cell.estimate.low < 0.95 <= accuracy.cell.estimate.high
    assert (delivery.miss.verdict, delivery.miss.stands) == ("missed", True)
    assert month.units == Decimal("672")
    assert month.fee == Decimal("600") * 20 + Decimal("72") * 18
    assert month.credits == delivery.credit == Decimal("132.96")
    assert month.due == month.fee - month.credits
    assert month.is_whole


def test_the_invoice_as_it_should_be_leaves_no_difference(month):
    lines = read_invoice(sample_csv(should_be(month)).encode(), name="a.csv")
    found = bridge(lines, month)
    assert (found.invoiced, found.computed, found.differences) == (month.due, month.due, ())
    assert found.matched == 1


def test_a_wrong_invoice_is_bridged_to_the_cent_each_difference_with_its_reason(month, now):
    rows = [
        "site,period,quantity,rate,amount",
        *(f"manila,2026-02-{day:02},24,20,480" for day in range(1, 20)),
        "manila,2026-02-20,30,20,600",
        "manila,2026-02-21,24,21,504",
        "manila,2026-02-21,24,20,480",
        "manila,2026-02-22,24,20,490",
        "lisbon,2026-02-22,8,20,160",
        "manila,2026-03-01,24,20,480",
    ]
    found = bridge(read_invoice("\n".join(rows).encode(), name="b.csv"), month)
    assert found.by_reason == {
        "arithmetic": Decimal("10.00"),
        "foreign": Decimal("160.00"),
        "outside": Decimal("480.00"),
        "twice": Decimal("480.00"),
        "not_delivered": Decimal("120.00"),
        "not_invoiced": Decimal("-2880.00"),
        "rate": Decimal("24.00"),
        "band": Decimal("144.00"),
        "credits": Decimal("132.96"),
    }
    assert found.invoiced - sum(each.amount for each in found.differences) == found.computed
    kept = record_check(month, [], found, file_name="b.csv", by=ALL, now=now)
    assert kept.bridge["differences"][0]["cell"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("site,period,quantity,rate,total\n", "no column “amount”"),
        ("site,period,quantity,rate,amount\nmanila,2026-02,lots,20,5\n", "C2: “lots” is no number"),
        ("site,period,quantity,rate,amount\nmanila,2026-13,1,20,5\n", "B2: “2026-13” is no month or day"),
        ("site,period,quantity,rate,amount\nmanila,2026-02,-1,20,5\n", "C2: -1 is below 0"),
        ("site,period,quantity,rate,amount\n,2026-02,1,20,x\n", "A2: the line names no site. And 1 more"),
        ("site,period,quantity,rate,amount\nmanila,2026-02,NaN,20,5\n", "is no amount"),
    ],
)
def test_a_file_that_cannot_be_read_names_the_cell(text, words):
    with pytest.raises(InvoiceError, match=words):
        read_invoice(text.encode(), name="c.csv")


def test_a_workbook_is_read_like_a_csv_and_noise_is_refused(month):
    book, target = Workbook(), io.BytesIO()
    book.active.append(["site", "period", "quantity", "rate", "amount", "note"])
    book.active.append(["manila", date(2026, 2, 3), 24.0, 20, 480.0, "=1+1"])
    book.save(target)
    (line,) = read_invoice(target.getvalue(), name="d.xlsx")
    assert (line.period, line.quantity, line.cell) == ("2026-02-03", Decimal("24.0"), "E2")
    with pytest.raises(InvoiceError, match="no Excel workbook"):
        read_invoice(b"noise", name="d.xlsx")
    with pytest.raises(InvoiceError, match="not UTF-8"):
        read_invoice(b"\xff\xfe\x00s", name="d.csv")


def test_a_vendors_manager_reads_the_own_contract_and_writes_none(contract, now):
    own = Viewer(name="vm", grants=(GrantScope("vendor_manager", site="manila"),))
    other = Viewer(name="vm2", grants=(GrantScope("vendor_manager", site="dublin"),))
    assert contract_of(contract.pk, viewer=own).pk == contract.pk
    assert contracts(viewer=other) == []
    with pytest.raises(NotFoundError):
        contract_of(contract.pk, viewer=other)
    with pytest.raises(NotPermittedError, match="writes none"):
        draw_up(agreed(number="other"), catalogue=CATALOGUE, by=own, now=now)

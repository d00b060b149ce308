"""The pages of targets: a plan from the studio to the board, through a workbook, and who sees what of it."""

import io
from datetime import timedelta
from uuid import UUID

import openpyxl
import pytest

from watchfloor.kernel import Scope
from watchfloor.metrics import Catalogue
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.targets.models import Plan, Target
from watchfloor.operations.targets.publishing import NewTarget, write_target
from watchfloor.operations.targets.resolver import applied

FORM = {
    "metric": "sla_attainment", "by": "queue", "second": "language", "kind": "floor", "period": "month",
    "history": "28", "parent": "92%", "title": "Deadlines",
}  # fmt: skip
SLA = Catalogue.standard()["sla_attainment"]


def drawn_up(client, now, **more):
    form = {**FORM, "starts": now.date().isoformat(), **more}
    response = client.post("/targets/studio/", form)
    assert response.status_code == 302, response.content.decode()[:3000]
    return Plan.objects.latest("pk")


def act(client, plan, name, **more):
    plan.refresh_from_db()
    return client.post(f"/targets/plans/{plan.pk}/act/", {"act": name, "revision": plan.revision, **more})


def workbook_of(client, plan):
    body = client.get(f"/targets/plans/{plan.pk}/workbook.xlsx").content
    return openpyxl.load_workbook(io.BytesIO(body))


def uploaded(client, plan, book):
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    file.name = "edited.xlsx"
    return client.post(f"/targets/plans/{plan.pk}/upload/", {"workbook": file})


@pytest.fixture
def ana(facts, sign_in):
    return sign_in("ana")


@pytest.fixture
def plan(ana, now):
    plan = drawn_up(ana, now)
    act(ana, plan, "method", method="equal_lift")
    plan.refresh_from_db()
    return plan


def column(book, name):
    sheet = book["Targets"]
    return next(cell.column for cell in sheet[4] if cell.value == name)


def test_the_studio_draws_units_weights_and_baselines_from_the_facts(plan, ana):
    lines = list(plan.lines.all())
    assert len(lines) == 12
    assert sum(line.weight for line in lines) == pytest.approx(1)
    assert sum(line.weight * line.value for line in lines) == pytest.approx(0.92)
    assert {round(line.baseline, 2) for line in lines} == {0.95, 0.9, 0.85, 0.8}
    page = ana.get(f"/targets/plans/{plan.pk}/?order=spread").content.decode()
    assert "queue-01" in page
    assert "it holds" in page
    assert "Only for leakage" in page


def test_a_plan_walks_to_the_board(plan, ana, sign_in, now):
    assert act(ana, plan, "propose").status_code == 302
    own = act(ana, plan, "approve")
    assert own.status_code == 422
    assert "cannot approve it too" in own.content.decode()
    ben = sign_in("ben")
    assert act(ben, plan, "approve").status_code == 302
    assert act(ben, plan, "publish").status_code == 302
    assert Target.objects.count() == 12
    found = applied(
        metric_id="sla_attainment", scope=Scope.of({"queue": ["queue-01"], "language": ["l00"]}), at=now
    )
    assert found.target.approver == "ben@example.org"
    board = ana.get("/targets/?of=last").content.decode()
    assert "12 of 12" in board
    detail = ana.get(f"/targets/{found.target.target_id}/").content.decode()
    assert "Equal lift" in detail
    assert "Deadlines" in detail
    why = ana.get("/targets/applied/?m=sla_attainment&where=queue:queue-01+language:l00").content.decode()
    assert "exactly this scope" in why


def test_a_comment_asks_and_the_owner_accepts(plan, ana, sign_in):
    line = plan.lines.first()
    lee = sign_in("lee", "team_lead")
    said = {"key": line.scope_key, "text": "Half the team is new.", "asked": "88%"}
    assert act(lee, plan, "comment", **said).status_code == 302
    drawer = ana.get(f"/targets/plans/{plan.pk}/units/{line.pk}/").content.decode()
    assert "Half the team is new." in drawer
    assert "88.0%" in drawer
    assert act(ana, plan, "accept", comment=plan.comments.get().pk).status_code == 302
    line.refresh_from_db()
    assert line.value == 0.88
    page = ana.get(f"/targets/plans/{plan.pk}/").content.decode()
    assert "Reconciled" in page.split("These say nothing here")[0]


def test_a_field_that_cannot_be_read_changes_nothing(plan, ana):
    line = plan.lines.first()
    refused = act(ana, plan, "save", **{f"v-{line.pk}": "95"})
    assert refused.status_code == 422
    assert "Write 95% or 0.95" in refused.content.decode()
    assert act(ana, plan, "save", **{f"v-{line.pk}": "95%"}).status_code == 302
    line.refresh_from_db()
    assert line.value == 0.95


def test_a_metric_without_facts_says_what_to_choose(ana, now):
    form = {**FORM, "metric": "accuracy", "second": "site", "parent": "", "starts": now.date().isoformat()}
    refused = ana.post("/targets/studio/", form)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.content.decode()
    percent = ana.post("/targets/studio/", {**form, "metric": "aht", "parent": "95%"})
    assert "is a percentage; the unit is s" in percent.content.decode()


@pytest.mark.parametrize("units", [(40, 10)], indirect=True)
def test_four_hundred_units_go_through_a_workbook_and_back(plan, ana):
    book = workbook_of(ana, plan)
    sheet, at = book["Targets"], column(book, "value")
    for row in range(5, 405):
        sheet.cell(row, at).value = 0.93
    sheet.cell(5, column(book, "note")).value = "New team."
    shown = uploaded(ana, plan, book)
    page = shown.content.decode()
    assert shown.status_code == 200
    assert "401 cells of 400 units" in page
    assert not plan.lines.filter(value=0.93).exists()
    token = page.split('name="token" value="')[1].split('"')[0]
    assert ana.post(f"/targets/plans/{plan.pk}/apply/", {"token": token}).status_code == 302
    assert plan.lines.filter(value=0.93).count() == 400
    assert plan.lines.filter(note="New team.").count() == 1
    again = ana.post(f"/targets/plans/{plan.pk}/apply/", {"token": token})
    assert again.status_code == 422
    assert "yours was made from" in again.content.decode()


def _move(sheet, at):
    sheet.cell(4, at).value, sheet.cell(4, at + 1).value = sheet.cell(4, at + 1).value, "value"


WRONG = [
    (lambda s, at: setattr(s.cell(5, at), "value", 95), "I5", "Write 95% or 0.95"),
    (lambda s, at: setattr(s.cell(6, at), "value", "high"), "I6", "is text, not a number"),
    (lambda s, at: setattr(s.cell(6, at), "value", "=1/0"), "I6", "has no result"),
    (lambda s, at: setattr(s.cell(6, at), "value", "#DIV/0!"), "I6", "holds the error"),
    (lambda s, at: setattr(s.cell(7, 1), "value", "queue=none"), "A7", "has no unit"),
    (lambda s, at: setattr(s.cell(7, 1), "value", s.cell(8, 1).value), "A8", "as well"),
    (lambda s, at: s.delete_rows(9), "A", "is missing"),
    (lambda s, at: setattr(s.cell(5, at), "value", -0.1), "I5", "not between 0 and 1"),
    (_move, "I4", "moved or renamed"),
]


@pytest.mark.parametrize(("spoil", "cell", "said"), WRONG)
def test_a_spoilt_workbook_is_refused_with_cell_reason_and_remedy(plan, ana, spoil, cell, said):
    book = workbook_of(ana, plan)
    at = column(book, "value")
    book["Targets"].cell(10, at).value = 0.5
    spoil(book["Targets"], at)
    refused = uploaded(ana, plan, book)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert f">{cell}</th>" in page
    assert said in page
    assert not plan.lines.filter(value=0.5).exists()


def test_a_workbook_of_another_plan_or_revision_is_refused(plan, ana, now):
    book = workbook_of(ana, plan)
    other = drawn_up(ana, now)
    assert "The workbook is of plan" in uploaded(ana, other, book).content.decode()
    line = plan.lines.first()
    act(ana, plan, "save", **{f"v-{line.pk}": "91%"})
    assert "Somebody changed the plan meanwhile" in uploaded(ana, plan, book).content.decode()
    file = io.BytesIO(b"not a workbook")
    file.name = "x.xlsx"
    refused = ana.post(f"/targets/plans/{plan.pk}/upload/", {"workbook": file})
    assert "is no Excel workbook" in refused.content.decode()


def test_queues_outside_ones_reach_are_not_shown(plan, ana, sign_in, now):
    for queue in ("queue-00", "queue-01"):
        write_target(
            NewTarget({"queue": [queue]}, "floor", 0.9, effective_from=now - timedelta(days=40)),
            definition=SLA, by=Viewer.system("founder"), now=now,
        )  # fmt: skip
    outside = sign_in("out", data_boundary="")
    page = outside.get("/targets/?of=last").content.decode()
    assert "queue-01" in page
    assert "queue-00" not in page
    sealed = Target.objects.get(scope_key="queue=queue-00")
    assert outside.get(f"/targets/{sealed.target_id}/").status_code == 404
    assert outside.get(f"/targets/{UUID(int=9)}/").status_code == 404
    shown = outside.get(f"/targets/plans/{plan.pk}/").content.decode()
    assert "queue-01" in shown
    assert "queue-00" not in shown
    assert "within your reach" in shown
    assert outside.get(f"/targets/plans/{plan.pk}/workbook.xlsx").status_code == 404
    assert "queue-00" not in outside.get("/changes/").content.decode()


def test_a_target_is_withdrawn_with_its_reason(ana, facts, now):
    target = write_target(
        NewTarget({"queue": ["queue-01"]}, "floor", 0.9, effective_from=now - timedelta(days=40)),
        definition=SLA, by=Viewer.system("founder"), now=now - timedelta(days=1),
    )  # fmt: skip
    address = f"/targets/{target.target_id}/"
    assert ana.post(f"{address}withdraw/", {"reason": ""}).status_code == 422
    assert ana.post(f"{address}withdraw/", {"reason": "The queue closes."}).status_code == 302
    assert "The queue closes." in ana.get(address).content.decode()
    assert "No target is in force here" in ana.get("/targets/").content.decode()

"""Four hundred targets are set by two people and a workbook; then the month's end is read off the page."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.operations.cells import warehouse
from watchfloor.operations.people.models import Grant, User
from watchfloor.operations.shell.bundle import build_bundle
from watchfloor.operations.shell.translations import compile_translations
from watchfloor.operations.targets.models import Plan, Target

QUEUES, LANGUAGES, CASES = 40, 10, 30


@pytest.fixture
def people(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[None]:
    """Two strategists, and five weeks of facts of four hundred queues by language."""
    build_bundle()
    compile_translations()
    settings.WATCHFLOOR_FACTS_ROOT = tmp_path / "facts"
    warehouse.store_of.cache_clear()
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    cases, decisions = [], []
    for unit in range(QUEUES * LANGUAGES):
        queue, language = divmod(unit, LANGUAGES)
        for number in range(CASES):
            at = now - timedelta(days=35 * (number + 1) / (CASES + 1), minutes=unit % 50)
            case = {
                "case_id": f"{unit}-{number}", "queue_id": f"queue-{queue:02d}", "purpose": "production",
                "language": f"l{language}", "enqueued_at": at, "deadline_at": at + timedelta(hours=2),
            }  # fmt: skip
            late = (number + unit) % 12 == 0
            done = {"decided_at": at + timedelta(hours=3 if late else 1), "decision_version": 0}
            cases.append(case)
            decisions.append({**case, **done, "decision_id": f"d{unit}-{number}", "rule": "last_turn"})
    store = FactStore(settings.WATCHFLOOR_FACTS_ROOT, settings.WATCHFLOOR_OPERATION)
    tables = {"case": _table("case", cases), "decision": _table("decision", decisions)}
    store.commit(tables, published_at=now, source="test")
    for name in ("ana", "ben"):
        user = User.objects.create_user(email=f"{name}@example.org", password="a long pass phrase")
        Grant.objects.create(user=user, role="strategist", data_boundary="*")
    yield
    warehouse.store_of.cache_clear()


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    schema = TABLES[name].arrow_schema
    return pa.Table.from_pylist([{f.name: row.get(f.name) for f in schema} for row in rows], schema=schema)


def test_four_hundred_targets_from_the_studio_to_the_board(
    people: None, sign_in: Callable[[str], Any], tmp_path: Path
) -> None:
    ana = sign_in("ana@example.org")
    page = ana.open("/targets/studio/")
    page.select_option("select[name=metric]", "sla_attainment")
    page.select_option("select[name=by]", "queue")
    page.select_option("select[name=second]", "language")
    page.fill("input[name=parent]", "94%")
    page.fill("input[name=starts]", datetime.now(UTC).strftime("%Y-%m-01"))
    page.fill("input[name=title]", "Deadlines")
    page.click("text=Draw up the plan")
    page.wait_for_selector("#units")
    assert page.locator("#units tbody tr").count() == 400
    page.select_option("select[name=method]", "equal_lift")
    page.click("text=Fill all units")
    page.wait_for_selector("text=it holds")
    first = page.locator("#units input[name^='v-']").first
    first.fill("80%")
    assert re.match(r"\+0\.\d+ pt", page.locator("[data-others]").inner_text())
    first.press("Alt+1")
    assert first.input_value() != "80%"

    with page.expect_download() as waiting:
        page.click("a:has-text('Excel')")
    path = tmp_path / "plan.xlsx"
    waiting.value.save_as(path)
    book = openpyxl.load_workbook(path)
    sheet = book["Targets"]
    value = next(cell.column for cell in sheet[4] if cell.value == "value")
    for row in range(5, 405):
        sheet.cell(row, value).value = 0.9
    sheet.cell(5, value).value = 95
    book.save(path)
    _upload(page, path)
    page.wait_for_selector("text=1 cell cannot be taken")
    assert (
        page.locator("tbody tr").first.inner_text().split("\t")[0].strip()
        == f"{sheet.cell(5, value).coordinate}"
    )
    sheet.cell(5, value).value = 0.91
    book.save(path)
    page.go_back()
    _upload(page, path)
    page.wait_for_selector("text=400 cells of 400 units")
    page.click("text=Apply all")
    page.wait_for_selector("#units")
    page.click("button:has-text('Propose')")
    page.wait_for_selector("text=Somebody else has to approve it")
    plan = Plan.objects.get()

    ben = sign_in("ben@example.org")
    other = ben.open(f"/targets/plans/{plan.pk}/")
    other.click("button:has-text('Approve')")
    other.click("button:has-text('Publish')")
    other.wait_for_selector("text=400 targets were published")
    assert Target.objects.filter(approver="ben@example.org").count() == 400

    board = ana.open("/targets/")
    assert "400 of 400" in board.inner_text("form.toolbar")
    assert board.locator("#board tbody tr").count() == 400

    # Will we hit the month? The target's page says how likely, what the rest must reach, and draws it.
    board.locator("#board tbody tr a").last.click()
    board.wait_for_selector("text=P(hit)")
    board.wait_for_selector("[data-chart=fan] svg")
    assert "Required of the rest" in board.inner_text("main")
    assert re.search(r"\d+(\.\d)?%|Already secured|Mathematically impossible", board.inner_text("main"))
    assert not [text for text in ana.complaints if "422" not in text]
    assert not ana.elsewhere


def _upload(page: Any, path: Path) -> None:
    page.click("summary:has-text('Upload')")
    page.set_input_files("input[name=workbook]", str(path))
    page.click("button:has-text('Compare')")

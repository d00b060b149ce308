"""Time taken for oneself counts against nobody: utilisation is the same with it and without."""

from datetime import timedelta

import pyarrow as pa
import pytest

from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.kernel import Period
from watchfloor.metrics import Catalogue, Query, answer

CATALOGUE = Catalogue.load()


@pytest.mark.parametrize("metric", ["occupancy", "active_share"])
def test_wellness_time_is_outside_utilisation(metric, operation, engine, tmp_path):
    start = operation.period.start
    period = Period(start, start + timedelta(days=1))
    person = {"site_id": "dublin", "team_id": "dublin-0", "employer_kind": "in_house", "tenure_band": "0-30"}

    def hours(state, begin, end):
        return {
            "interval_id": f"{state}/{begin}",
            "reviewer_id": "r01",
            "state": state,
            "started_at": start + timedelta(hours=begin),
            "ended_at": start + timedelta(hours=end),
            **person,
        }

    review = {
        "review_id": "v1",
        "case_id": "c1",
        "kind": "first",
        "turn": 0,
        "purpose": "production",
        "queue_id": "spam",
        "reviewer_id": "r01",
        "assigned_at": start + timedelta(hours=9),
        "submitted_at": start + timedelta(hours=9, seconds=100),
        "active_ms": 60_000,
        "handle_ms": 100_000,
        "outcome": "submitted",
        **person,
    }

    def asked(name, intervals):
        store = FactStore(tmp_path, name)
        rows = {"activity_interval": intervals, "review": [review]}
        tables = {
            fact: pa.Table.from_pylist(
                [{f.name: row.get(f.name) for f in TABLES[fact].arrow_schema} for row in found],
                schema=TABLES[fact].arrow_schema,
            )
            for fact, found in rows.items()
        }
        store.commit(tables, published_at=operation.now, source="test")
        query = Query((metric,), period)
        found = answer(
            query, catalogue=CATALOGUE, store=store, engine=engine, now=operation.now, rollups="never"
        )
        return found.cells[0].estimate.value

    worked = [hours("handling", 9, 12), hours("available", 12, 13)]
    without, with_rest = asked("plain", worked), asked("rested", [*worked, hours("wellness", 13, 17)])
    assert with_rest == without == {"occupancy": 0.75, "active_share": 0.6}[metric]

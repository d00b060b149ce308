"""A simulated history crosses into the facts value by value."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from watchfloor.facts.generated import generated_facts
from watchfloor.facts.store import FactStore
from watchfloor.science.simulation.columns import MISSING_MS, Coded, Ids, Instants, Lists, Numbers

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def codes(*values: int) -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
    return np.array(values, dtype=np.int32)


def test_every_kind_of_column_keeps_its_values_and_its_missing_ones(tmp_path: Path) -> None:
    part = {
        "review_id": Ids("r", np.array([7, 8]), 4),
        "case_id": Ids("c", np.array([1, 12345]), 4),
        "kind": Coded(codes(0, 0), ("first",)),
        "turn": Numbers(np.array([0, 9]), np.array([False, True])),
        "site_id": Coded(codes(-1, 0), ("manila",)),
        "queue_id": Coded(codes(0, 0), ("spam",)),
        "purpose": Coded(codes(0, 0), ("production",)),
        "assigned_at": Instants(np.array([MISSING_MS, 1_772_323_199_001])),
        "submitted_at": Instants(np.array([1_772_323_200_125, 1_772_323_201_000])),
        "outcome": Coded(codes(1, 0), ("submitted", "skipped")),
        "labels": Lists(codes(0, -1), ("it's",)),
        "blind": Numbers(np.array([True, False])),
        "gold_id": Coded(codes(-1, -1), ()),
    }
    second = {**part, "review_id": Ids("audit-", np.array([1, 2]), 2), "kind": Coded(codes(0, 0), ("audit",))}
    store = FactStore(tmp_path, "demo")

    store.commit(
        generated_facts([("review", part), ("review", second)]), published_at=NOW, source="simulation"
    )

    files = store.snapshot().files("review")
    rows = [row for path in files for row in pq.ParquetFile(path).read().to_pylist()]
    rows.sort(key=lambda row: row["review_id"])
    assert [row["review_id"] for row in rows] == ["audit-01", "audit-02", "r0007", "r0008"]
    assert [row["kind"] for row in rows] == ["audit", "audit", "first", "first"]
    seven, eight = rows[2:]
    assert seven["submitted_at"] == datetime(2026, 3, 1, 0, 0, 0, 125_000, tzinfo=UTC)
    assert {
        name: seven[name] for name in ("case_id", "turn", "site_id", "assigned_at", "outcome", "labels")
    } == {
        "case_id": "c0001",
        "turn": 0,
        "site_id": None,
        "assigned_at": None,
        "outcome": "skipped",
        "labels": ["it's"],
    }
    assert {name: eight[name] for name in ("case_id", "turn", "site_id", "labels", "blind", "gold_id")} == {
        "case_id": "c12345",
        "turn": None,
        "site_id": "manila",
        "labels": [],
        "blind": False,
        "gold_id": None,
    }

"""A notebook opens an operation's facts and asks for a metric, without the web."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

import watchfloor as wf
from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.notebook import OperationError

NOW = datetime(2026, 3, 8, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [
        {
            "case_id": f"c{i}",
            "queue_id": "spam",
            "purpose": "production",
            "language": "en" if i % 2 else "es",
            "enqueued_at": NOW - timedelta(hours=i + 1),
        }
        for i in range(5)
    ]
    cases = pa.Table.from_pylist(rows, schema=TABLES["case"].arrow_schema)
    FactStore(tmp_path / "facts", "pilot").commit({"case": cases}, published_at=NOW, source="test")
    return tmp_path


def test_a_metric_becomes_a_table(data: Path) -> None:
    table = wf.open(data, operation="pilot").metric("intake", by=["language"], last="7d", now=NOW).table()
    assert {row["scope"]: row["value"] for row in table.to_pylist()} == {"language=en": 2, "language=es": 3}


def test_an_unknown_operation_is_refused_with_the_nearest(data: Path) -> None:
    with pytest.raises(OperationError, match="pilot"):
        wf.open(data, operation="pilott")


def test_the_base_package_loads_no_web_framework() -> None:
    code = "import sys, watchfloor as wf; wf.open; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

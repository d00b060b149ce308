"""The quality family on Spark: the same cells as on DuckDB."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.kernel import Period
from watchfloor.metrics import Catalogue, Query, answer

pytestmark = pytest.mark.spark

START = datetime(2026, 5, 4, tzinfo=UTC)
PERIOD = Period(START + timedelta(days=1), START + timedelta(days=9))
NOW = START + timedelta(days=13)


@pytest.fixture(scope="module")
def spark():
    pytest.importorskip("pyspark", reason="PySpark is not installed: make test-spark installs it")
    if shutil.which("java") is None:
        pytest.skip("Java is not on the PATH")
    from watchfloor.facts.engines.spark_engine import SparkEngine

    engine = SparkEngine(
        master="local[2]",
        settings={"spark.sql.shuffle.partitions": "2", "spark.ui.enabled": "false"},
    )
    yield engine
    engine.close()


def test_both_engines_give_the_same_cells(spark, engine, store):
    catalogue = Catalogue.load()
    split = tuple(d.id for d in catalogue.values() if d.code.startswith("Q") and "queue" in d.dimensions)
    found = []
    for each in (engine, spark):
        query = Query(split, PERIOD, by=("queue",))
        cells = answer(query, catalogue=catalogue, store=store, engine=each, now=NOW, rollups="never").cells
        found.append({(c.metric, c.scope.items): c for c in cells})
    ours, theirs = found
    assert set(ours) == set(theirs)
    for key, cell in ours.items():
        other = theirs[key]
        assert cell.n == other.n, key
        for part in ("value", "low", "high"):
            one, two = getattr(cell.estimate, part), getattr(other.estimate, part)
            assert one == (two if two is None else pytest.approx(two, rel=1e-9, abs=1e-12)), (key, part)

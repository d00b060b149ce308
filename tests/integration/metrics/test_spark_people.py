"""Plans, careers, forecasts, survival and derived metrics: Spark gives the cells that DuckDB gives."""

from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.kernel import Period
from watchfloor.metrics.answering import answer
from watchfloor.metrics.catalogue import Catalogue
from watchfloor.metrics.cells import Query

pytestmark = pytest.mark.spark

START = datetime(2026, 3, 20, tzinfo=UTC)
OWN = [d.id for d in Catalogue.standard().values() if d.owner == "workflow-analytics"]
SHOWN = [name for name in OWN if Catalogue.standard()[name].family != "quality"]
# One of each way to compute, over each relation: the others run the same statements.
KINDS = {
    (d.primitive, d.relations, d.stock.measure if d.stock else "", d.interval.method): d.id
    for d in map(Catalogue.standard().__getitem__, SHOWN)
}


@pytest.fixture(scope="module")
def planned_store(tmp_path_factory, make_planned_store):
    return make_planned_store(tmp_path_factory.mktemp("spark-plans"))


@pytest.mark.parametrize("name", sorted(KINDS.values()))
def test_spark_agrees(name, planned_store, engine, spark):
    store, begins, now = planned_store
    query = Query((name,), Period(begins, begins + timedelta(days=1)), grain="hour")
    asked = {"catalogue": Catalogue.standard(), "store": store, "now": now}
    here, there = (answer(query, engine=one, **asked).cells for one in (engine, spark))
    assert len(here) == len(there)
    for one, other in zip(here, there, strict=True):
        assert one.reason == other.reason
        assert one.n == other.n
        if one.estimate.value is None:
            assert other.estimate.value is None
        else:
            assert other.estimate.value == pytest.approx(one.estimate.value, rel=1e-9)

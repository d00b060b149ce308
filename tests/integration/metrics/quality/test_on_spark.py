"""The quality family on Spark: the same cells as on DuckDB, for every way to compute."""

from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.kernel import Period
from watchfloor.metrics import Catalogue, Query, answer

pytestmark = pytest.mark.spark

START = datetime(2026, 5, 4, tzinfo=UTC)
PERIOD = Period(START + timedelta(days=1), START + timedelta(days=9))
NOW = START + timedelta(days=13)
CATALOGUE = Catalogue.standard()
# One of each primitive over each relation and cluster: the others share its statements.
KINDS = {
    (d.primitive, d.relations, d.interval): d.id
    for d in CATALOGUE.values()
    if d.code.startswith("Q") and "queue" in d.dimensions
}


@pytest.mark.parametrize("name", sorted(KINDS.values()))
def test_both_engines_give_the_same_cells(name, spark, engine, store):
    query = Query((name,), PERIOD, by=("queue",))
    found = []
    for each in (engine, spark):
        cells = answer(query, catalogue=CATALOGUE, store=store, engine=each, now=NOW, rollups="never").cells
        found.append({c.scope.items: c for c in cells})
    ours, theirs = found
    assert set(ours) == set(theirs)
    for key, cell in ours.items():
        other = theirs[key]
        assert (cell.n, cell.reason) == (other.n, other.reason), key
        for part in ("value", "low", "high"):
            one, two = getattr(cell.estimate, part), getattr(other.estimate, part)
            assert one == (two if two is None else pytest.approx(two, rel=1e-9, abs=1e-12)), (key, part)

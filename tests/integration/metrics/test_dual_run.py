"""The dual run: two versions of a metric over the same facts, the biggest change first."""

import pytest

from watchfloor.metrics import Catalogue, DefinitionError, Query, answer
from watchfloor.metrics.governing import dual_run


@pytest.fixture
def ask(operation, engine):
    def asking(query, catalogue):
        return answer(query, catalogue=catalogue, store=operation.store, engine=engine, now=operation.now)

    return asking


def test_a_narrower_filter_changes_what_it_changes(operation, ask):
    catalogue = Catalogue.standard()
    old = catalogue["reviews"]
    narrower = f"({old.filter}) AND handle_ms > 30000" if old.filter else "handle_ms > 30000"
    new = old.model_copy(update={"version": old.version + 1, "filter": narrower})
    queries = (Query(("x",), operation.period), Query(("x",), operation.period, by=("queue",)))
    found = dual_run(old, new, catalogue=catalogue, queries=queries, ask=ask)
    assert len(found) > 2
    assert all(one.cell_old.version == old.version for one in found)
    assert all(one.cell_new.version == new.version for one in found)
    assert all(one.delta < 0 and not one.same for one in found)
    assert [abs(one.delta) for one in found] == sorted((abs(one.delta) for one in found), reverse=True)


def test_a_version_of_other_words_changes_no_number(operation, ask):
    catalogue = Catalogue.standard()
    old = catalogue["aht"]
    new = old.model_copy(update={"version": old.version + 1, "owner": "somebody"})
    queries = (Query(("x",), operation.period, by=("site",), grain="day"),)
    found = dual_run(old, new, catalogue=catalogue, queries=queries, ask=ask)
    assert found
    assert all(one.same and one.delta in (0.0, None) for one in found)


def test_a_new_metric_has_no_old_side(operation, ask):
    catalogue = Catalogue.standard()
    new = catalogue["aht"]
    found = dual_run(None, new, catalogue=catalogue, queries=(Query(("x",), operation.period),), ask=ask)
    assert [(one.cell_old, one.delta, one.same) for one in found] == [(None, None, False)]


def test_two_metrics_are_no_two_versions(operation, ask):
    catalogue = Catalogue.standard()
    with pytest.raises(DefinitionError, match="two metrics"):
        dual_run(catalogue["aht"], catalogue["reviews"], catalogue=catalogue, queries=(), ask=ask)

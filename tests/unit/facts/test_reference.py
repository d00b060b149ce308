from pathlib import Path

import pytest

from watchfloor.facts.reference import facts_page
from watchfloor.facts.schemas import TABLES

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "facts.md"


def test_the_reference_page_is_what_the_schemas_say():
    assert PAGE.read_text(encoding="utf-8") == facts_page(), (
        "Run: python -m watchfloor.facts.reference > docs/reference/facts.md"
    )


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_every_column_says_what_it_means(table):
    assert all(len(column.doc) > 3 and column.doc.endswith((".", "…")) for column in table.columns)


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_a_table_can_be_placed_and_merged(table):
    assert table.by_name[table.instant].type == "instant"
    assert table.by_name[table.instant].required
    assert all(table.by_name[name].required for name in table.key)

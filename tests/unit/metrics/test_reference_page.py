"""The reference page says what the definitions say."""

from pathlib import Path

from watchfloor.metrics.catalogue import Catalogue
from watchfloor.metrics.document import PAGE, page

REPOSITORY = Path(__file__).parents[3]


def test_the_page_is_written_from_the_definitions():
    written = (REPOSITORY / PAGE).read_text(encoding="utf-8")
    assert written == page(Catalogue.load()), "run `python -m watchfloor.metrics.document`"


def test_no_metric_is_undocumented():
    written = (REPOSITORY / PAGE).read_text(encoding="utf-8")
    for definition in Catalogue.load().values():
        assert f"## {definition.id}\n" in written
        assert definition.trap.en in written

"""The demo's floor, opened at a fixed instant."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from watchfloor.operations.demo.cast import Cast, find_cast
from watchfloor.operations.demo.floor import open_floor
from watchfloor.operations.review.actors.seed import seed_demo
from watchfloor.operations.wellbeing.models import Topic

NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
SEED = 7


@dataclass(frozen=True, slots=True)
class Opened:
    """The floor, when it was opened, and the people who act by name."""

    now: datetime
    cast: Cast


@pytest.fixture
def opened(transactional_db: None) -> Opened:
    """The demo's objects and its floor."""
    # A migration adds the topics, and the tests that empty the tables take them away.
    Topic.objects.get_or_create(slug="child-safety", defaults={"name": "Harm to children"})
    seed_demo(now=NOW, progress=lambda _: None, seed=SEED, days=60)
    assert open_floor(now=NOW, progress=lambda _: None, seed=SEED)
    cast = find_cast()
    assert cast is not None
    return Opened(NOW, cast)

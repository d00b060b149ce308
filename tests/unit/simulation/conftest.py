"""A few days of the demo operation, simulated once for all tests in this folder."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from watchfloor.science.simulation import DemoWorld, History, build_world, simulate_history

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture(scope="session")
def world() -> DemoWorld:
    """Return the demo operation with its default length."""
    return build_world(seed=11, start=START)


@pytest.fixture(scope="session")
def history() -> History:
    """Return sixteen days of history with every planted cause inside."""
    return simulate_history(build_world(seed=11, start=START, days=16))


@pytest.fixture(scope="session")
def first_decided_ms(history: History) -> np.ndarray:
    """Return when each case was first decided, milliseconds since the start; −1 for open cases."""
    out = history.run.outputs
    first = out.decision_version == 0
    decided = np.full(len(history.cases), -1, dtype=np.int64)
    decided[out.decision_case[first]] = out.review_submitted_ms[out.decision_review[first]]
    return decided


@pytest.fixture(scope="session")
def day() -> timedelta:
    """Return one day."""
    return timedelta(days=1)

"""Any sequence of appends, merges, crashes, compactions and vacuums reads like a list of rows in Python."""

import shutil
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from watchfloor.facts.engines import DuckDBEngine
from watchfloor.facts.manifest import NoSuchVersionError
from watchfloor.facts.store import FactStore

START = datetime(2026, 3, 1, tzinfo=UTC)

Row = tuple[str, int, str]  # id, day, summary
rows = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 3), st.sampled_from(["x", "y", "z"])), max_size=5
)
STEPS = (
    "wrote change_event",
    "opened change_event",
    "committed change_event",
    "before manifest",
    "published",
)


class PowerFailureError(Exception):
    """The writer stops where it stands."""


class StoreMachine(RuleBasedStateMachine):
    @initialize(grain=st.sampled_from(["day", "month"]))
    def open_store(self, grain: str) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="wf-store-"))
        self.store = FactStore(self.root, "demo", partition=grain)
        self.engine = DuckDBEngine(threads=1, memory_limit="256MB")
        self.rows: list[Row] = []
        self.now = START
        self.history: list[tuple[datetime, list[Row]]] = []

    def teardown(self) -> None:
        if hasattr(self, "root"):
            self.engine.close()
            shutil.rmtree(self.root, ignore_errors=True)

    @rule(given=rows)
    def append(self, given: list[Row]) -> None:
        self._commit(self.store, given, "append")
        self._published(self.rows + given)

    @rule(given=rows)
    def merge(self, given: list[Row]) -> None:
        self._commit(self.store, given, "merge")
        self._published(self._merged(given))

    @rule(given=rows, mode=st.sampled_from(["append", "merge"]), step=st.sampled_from(STEPS))
    def crash(self, given: list[Row], mode: str, step: str) -> None:
        after = self.rows + given if mode == "append" else self._merged(given)
        try:
            self._commit(self._failing_at(step), given, mode)
        except PowerFailureError:
            if step == "published":
                self._published(after)
        else:
            self._published(after)

    @rule()
    def compact(self) -> None:
        self.now += timedelta(hours=1)
        if self.store.compact(now=self.now) is not None:
            self._published(self.rows)

    @rule(step=st.sampled_from(["opened change_event", "committed change_event", "before manifest"]))
    def crash_while_compacting(self, step: str) -> None:
        try:
            version = self._failing_at(step).compact(now=self.now)
        except PowerFailureError:
            return
        assert version is None  # there was nothing to join, so no step was reached

    @rule(hours=st.integers(0, 6))
    def vacuum(self, hours: int) -> None:
        limit = self.now - timedelta(hours=hours)
        self.store.vacuum(keep=timedelta(hours=hours), now=self.now)
        superseded = [old for old, new in pairwise(self.history) if new[0] <= limit]
        self.history = self.history[len(superseded) :]

    @rule(hours=st.integers(0, 30))
    def read_as_of(self, hours: int) -> None:
        instant = START + timedelta(hours=hours)
        known = [kept for at, kept in self.history if at <= instant]
        if known:
            assert self._read(instant) == Counter(known[-1])
        elif self.history:
            with pytest.raises(NoSuchVersionError):
                self.store.snapshot(instant)

    @invariant()
    def the_newest_version_reads_like_the_list(self) -> None:
        if hasattr(self, "store"):
            assert self._read(None) == Counter(self.rows)
            assert self.store.snapshot().row_count("change_event") == len(self.rows)

    def _commit(self, store: FactStore, given: list[Row], mode: str) -> None:
        self.now += timedelta(hours=1)
        table = pa.table(
            {
                "event_id": pa.array([row[0] for row in given], pa.string()),
                "object_kind": pa.array(["queue"] * len(given), pa.string()),
                "object_id": pa.array(["spam"] * len(given), pa.string()),
                "kind": pa.array(["changed"] * len(given), pa.string()),
                "at": pa.array([START + timedelta(days=row[1]) for row in given], pa.timestamp("us", "UTC")),
                "summary": pa.array([row[2] for row in given], pa.string()),
            }
        )
        store.commit({"change_event": table}, mode=mode, published_at=self.now, source="test")

    def _failing_at(self, step: str) -> FactStore:
        def at_step(reached: str) -> None:
            if reached == step:
                raise PowerFailureError

        return FactStore(self.root, "demo", partition=self.store.partition, at_step=at_step)

    def _published(self, kept: list[Row]) -> None:
        self.rows = list(kept)
        self.history.append((self.now, self.rows))

    def _merged(self, given: list[Row]) -> list[Row]:
        latest = {row[0]: row for row in given}
        return [row for row in self.rows if row[0] not in latest] + list(latest.values())

    def _read(self, as_of: datetime | None) -> Counter[Row]:
        found = self.engine.query(
            'SELECT event_id, "at", summary FROM fact_change_event', snapshot=self.store.snapshot(as_of)
        )
        return Counter(
            (row["event_id"], (row["at"] - START).days, row["summary"]) for row in found.to_pylist()
        )


TestStore = StoreMachine.TestCase
TestStore.settings = settings(
    max_examples=12,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

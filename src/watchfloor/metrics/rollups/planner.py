"""Chooses the smallest rollup that can answer, and says which.

A rollup can answer when the files it was computed from are those of the version asked for, holds every
term by its key (so a changed definition never meets sums of its old form), keeps every column needed, and
its buckets fit inside the edges of the query's. Where only the ends of the period cut a bucket, the rollup
answers the middle and the facts answer both ends.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from watchfloor.facts.derived import DerivedTable
from watchfloor.facts.store import FactStore, Snapshot
from watchfloor.kernel import Period
from watchfloor.metrics.compiler.additive import ScanKey
from watchfloor.metrics.compiler.frame import STORED_AT, Frame, Source
from watchfloor.metrics.compiler.orders import Distribution
from watchfloor.metrics.dimensions import DIMENSIONS
from watchfloor.metrics.relations import RELATIONS
from watchfloor.metrics.rollups.changes import (
    FAR_FUTURE,
    changes_since,
    input_files,
    joined,
    stale_spans,
)
from watchfloor.metrics.rollups.shapes import HOUR_SECONDS, SHAPES, Shape, stored_key
from watchfloor.metrics.terms import Term

FOLDER = "_rollups"
FORMAT = 3
_MOST_STALE_SPANS = 7


@dataclass(frozen=True)
class FreshRollup:
    """A rollup that holds for the version asked for, but for the days in `stale`."""

    shape: Shape
    table: DerivedTable
    stamp: dict[str, Any]
    stale: tuple[Period, ...] = ()

    @property
    def rows(self) -> int:
        """Number of stored rows."""
        return int(self.stamp["rows"])

    def holds(self, keys: set[str]) -> bool:
        """Whether every key is stored."""
        return keys <= set(self.stamp["keys"])

    def paths(self, period: Period) -> list[str]:
        """Return the files that may hold buckets of the period."""
        found = []
        for partition, file in self.stamp["files"].items():
            first = datetime.fromisoformat(partition).replace(tzinfo=UTC)
            if first < period.end and first + timedelta(days=self.stamp["partition_days"]) > period.start:
                found.append(self.table.path(file))
        return found


@dataclass(frozen=True)
class Planner:
    """The rollups that may answer one query."""

    fresh: tuple[FreshRollup, ...] = ()

    def additive(
        self, key: ScanKey, terms: Sequence[Term], clusters: frozenset[str], frame: Frame
    ) -> list[Source]:
        """Return the sources that answer the terms from a rollup; none when no rollup can."""
        people = "reviewer" in clusters and "reviewer_id" in RELATIONS[key[0]].columns
        extra = {"reviewer_id"} if people else set()
        return self._sources(key, {term.key for term in terms}, extra, frame, histogram=False)

    def kept(self, key: ScanKey, terms: Sequence[Term], columns: Iterable[str], frame: Frame) -> list[Source]:
        """Return the sources that answer the terms from a rollup that also keeps `columns`; none if none."""
        return self._sources(key, {term.key for term in terms}, set(columns), frame, histogram=False)

    def histogram(self, distribution: Distribution, frame: Frame) -> list[Source]:
        """Return the sources that answer a distribution from a histogram; none when none can."""
        wanted = stored_key(distribution)
        if not wanted:
            return []
        return self._sources((distribution.relation, distribution.at), {wanted}, set(), frame, histogram=True)

    def _sources(
        self, key: ScanKey, wanted: set[str], extra: set[str], frame: Frame, *, histogram: bool
    ) -> list[Source]:
        totals = RELATIONS[key[0]].totals
        for rollup in self.fresh:
            shape = rollup.shape
            if shape.histogram != histogram or (shape.relation, shape.at) != key or not rollup.holds(wanted):
                continue
            if not _columns_needed(frame) | extra <= set(shape.columns) or not _fits(shape, frame):
                continue
            if any(name in frame.where or DIMENSIONS[name] in frame.dimensions for name in totals):
                continue  # only the total is stored
            pieces = _pieces(frame.grid.period, shape.seconds, rollup.stale)
            if pieces is None:
                continue
            only = next(iter(wanted)) if histogram else ""
            return [_source(rollup, key, piece, stored, frame, only) for piece, stored in pieces]
        return []


NO_ROLLUPS = Planner()


def load_planner(store: FactStore, snapshot: Snapshot) -> Planner:
    """Return the rollups that hold for this version, smallest first.

    A living operation is exported all the time: a rollup some versions behind still holds for every day
    that the files which came since do not touch.
    """
    fresh = []
    for shape in SHAPES:
        table = rollup_table(store.folder, shape)
        stamp = table.stamp()
        if stamp is None or stamp["format"] != FORMAT:
            continue
        stale = _stale(snapshot, shape, stamp)
        if stale is not None:
            fresh.append(FreshRollup(shape, table, stamp, tuple(stale)))
    return Planner(tuple(sorted(fresh, key=lambda rollup: (rollup.rows, rollup.shape.name))))


def _stale(snapshot: Snapshot, shape: Shape, stamp: dict[str, Any]) -> list[Period] | None:
    """Return the days for which the rollup does not hold; None when it cannot answer at all."""
    spans = []
    if stamp["holds_until"]:
        spans.append(Period(datetime.fromisoformat(stamp["holds_until"]), FAR_FUTURE))
    if stamp["version"] != snapshot.number:
        inputs = input_files(snapshot, shape.relation)
        changes = changes_since(snapshot, stamp["inputs"], inputs)
        changed = stale_spans(changes, shape.relation, shape.at, stamp["partition_days"])
        if changed is None:
            return None
        spans += changed
    stale = joined(spans)
    return stale if len(stale) <= _MOST_STALE_SPANS else None


def rollup_table(folder: Path, shape: Shape) -> DerivedTable:
    """Return where the rollup of that shape is kept."""
    return DerivedTable(folder / FOLDER / shape.name)


def _columns_needed(frame: Frame) -> set[str]:
    restricted = [DIMENSIONS[name] for name in frame.where]
    return {d.column for d in (*frame.dimensions, *restricted) if d.column is not None}


def _fits(shape: Shape, frame: Frame) -> bool:
    """Whether no edge inside the period, and no hour of the local clock, cuts a stored bucket."""
    clocks = [d for d in frame.dimensions if d.column is None]
    clocks += [DIMENSIONS[name] for name in frame.where if DIMENSIONS[name].column is None]
    if clocks and (shape.seconds != HOUR_SECONDS or frame.grid.minutes_past):
        return False
    return frame.grid.inner_edges_aligned_to(shape.seconds)


def _pieces(period: Period, seconds: int, stale: Sequence[Period]) -> list[tuple[Period, bool]] | None:
    """Return the period as stored and raw pieces; None when no whole bucket that holds lies inside."""
    first = _ceil(period.start, seconds)
    last = _floor(period.end, seconds)
    if first >= last:
        return None
    pieces: list[tuple[Period, bool]] = []
    at = first
    for day in sorted(stale):
        start, end = max(day.start, first), min(day.end, last)
        if start >= end:
            continue
        if at < start:
            pieces.append((Period(at, start), True))
        pieces.append((Period(start, end), False))
        at = end
    if at < last:
        pieces.append((Period(at, last), True))
    if not any(stored for _, stored in pieces):
        return None
    if period.start < first:
        pieces.append((Period(period.start, first), False))
    if last < period.end:
        pieces.append((Period(last, period.end), False))
    return pieces


def _floor(instant: datetime, seconds: int) -> datetime:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + timedelta(seconds=(instant - epoch) // timedelta(seconds=seconds) * seconds)


def _ceil(instant: datetime, seconds: int) -> datetime:
    below = _floor(instant, seconds)
    return below if below == instant else below + timedelta(seconds=seconds)


def _source(
    rollup: FreshRollup, key: ScanKey, piece: Period, stored: bool, frame: Frame, only: str
) -> Source:
    if not stored:
        return frame.raw(*key, piece)
    paths = rollup.paths(piece)
    note = f"rollup:{rollup.shape.name}"
    if not paths:
        # A middle without any stored row: the facts say so just as fast.
        return frame.raw(*key, piece)
    sql = frame.dialect.parquet(paths)
    if only:
        sql = f"(SELECT * FROM {sql} AS stored WHERE stored_key = {frame.dialect.text(only)})"
    return Source(sql, STORED_AT, True, note, piece, True)

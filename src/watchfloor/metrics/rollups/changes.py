"""What changed in the facts since a rollup was computed, and which days that touches.

A rollup remembers the files it was computed from, so a change is a set of files that came and a set that
went. A fact's own rows are placed by its partitions; where a relation joins facts, or places rows by another
instant than the fact's, the rows of those files say which days they belong to.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePath

from watchfloor.facts.schemas import TABLES
from watchfloor.facts.snapshot import Snapshot
from watchfloor.facts.writing import DataFile
from watchfloor.kernel import Period
from watchfloor.metrics.relations import RELATIONS

Inputs = Mapping[str, Mapping[str, list[str]]]
FAR_FUTURE = datetime(9999, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Changes:
    """Files that came and went, by fact, and the partitions they stand in.

    Attributes:
        added: Fact → files that came.
        removed: Fact → paths of files that went; they stay readable until they are vacuumed.
        partitions: Fact → partitions with either, as ISO dates.

    """

    added: Mapping[str, tuple[DataFile, ...]]
    removed: Mapping[str, tuple[str, ...]]
    partitions: Mapping[str, tuple[str, ...]]

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return any(self.partitions.values())

    def paths(self, fact: str) -> list[str]:
        """Return every file that came or went."""
        return [*(file.path for file in self.added[fact]), *self.removed[fact]]


def input_files(snapshot: Snapshot, relation: str) -> dict[str, dict[str, list[str]]]:
    """Return fact → partition → names of the files that the relation is read from."""
    found: dict[str, dict[str, list[str]]] = {}
    for fact in RELATIONS[relation].facts:
        partitions = found.setdefault(fact, {})
        for file in snapshot.data_files(fact):
            partitions.setdefault(file.partition_date.isoformat(), []).append(file.path.rpartition("/")[2])
        for names in partitions.values():
            names.sort()
    return found


def changes_since(snapshot: Snapshot, before: Inputs, now: Inputs) -> Changes:
    """Return what changed between the inputs a rollup remembers and those of the snapshot."""
    added: dict[str, tuple[DataFile, ...]] = {}
    removed: dict[str, tuple[str, ...]] = {}
    partitions: dict[str, tuple[str, ...]] = {}
    for fact, days in now.items():
        old = before.get(fact, {})
        changed = tuple(sorted(day for day in {*days, *old} if days.get(day) != old.get(day)))
        new = {day: set(days.get(day, ())) - set(old.get(day, ())) for day in changed}
        files = snapshot.data_files(fact) if changed else ()
        added[fact] = tuple(
            file for file in files if PurePath(file.path).name in new.get(file.partition_date.isoformat(), ())
        )
        removed[fact] = tuple(
            str(snapshot.folder / fact / f"partition_date={day}" / name)
            for day in changed
            for name in old.get(day, ())
            if name not in days.get(day, ())
        )
        partitions[fact] = changed
    return Changes(added, removed, partitions)


def span_of(partition: str, partition_days: int) -> Period:
    """Return the day or month that the partition holds."""
    first = date.fromisoformat(partition)
    if partition_days == 1:
        last = first + _DAY
    else:
        first = first.replace(day=1)
        last = (first + timedelta(days=32)).replace(day=1)
    return Period(*(datetime(d.year, d.month, d.day, tzinfo=UTC) for d in (first, last)))


def joined(spans: Iterable[Period]) -> list[Period]:
    """Return the spans with neighbours joined, so that each run of days is one scan."""
    found: list[Period] = []
    for span in sorted(spans):
        if found and found[-1].end >= span.start:
            found[-1] = Period(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def stale_spans(changes: Changes, relation: str, at: str, partition_days: int) -> list[Period] | None:
    """Return the days for which a rollup no longer holds, from the files' statistics alone; None if unknown.

    An interval reaches no day before the one it began on, so intervals are unsure from the first changed
    partition on.
    """
    found = RELATIONS[relation]
    if not changes:
        return []
    if found.reaches_on:
        first = min(day for days in changes.partitions.values() for day in days)
        return [Period(span_of(first, partition_days).start, FAR_FUTURE)]
    if found.prunable_at == at:
        return joined(span_of(day, partition_days) for day in changes.partitions[found.facts[0]])
    spans = []
    for fact, files in changes.added.items():
        # A row that went may have stood on a day that no statistics tell of any more.
        if changes.removed[fact] or at not in TABLES[fact].by_name:
            return None
        for file in files:
            bounds = file.bounds.get(at)
            if bounds is None and file.nulls.get(at) != file.row_count:
                return None
            if bounds is not None:
                first, last = (_day_of(instant) for instant in bounds)
                spans.append(
                    Period(
                        span_of(first, partition_days).start,
                        span_of(last, partition_days).end,
                    )
                )
    return joined(spans)


def _day_of(instant: datetime) -> str:
    return instant.astimezone(UTC).date().isoformat()

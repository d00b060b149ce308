from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from watchfloor.facts import snapshot as snapshots
from watchfloor.facts.manifest import TableVersion, Version
from watchfloor.facts.snapshot import Snapshot
from watchfloor.facts.upkeep import scattered_files
from watchfloor.facts.writing import DataFile, parsed_instant
from watchfloor.kernel import Period

DAY = datetime(2026, 3, 1, tzinfo=UTC)


def _file(path, start, end, *, day=0, size=1000):
    """A file of intervals that start between two hours."""
    bounds = {} if start is None else {"started_at": (_hour(start), _hour(end))}
    return DataFile(
        path=path,
        partition_date=date(2026, 3, 1) + timedelta(days=day),
        row_count=10,
        size_bytes=size,
        bounds=bounds,
        nulls={},
    )


def _hour(hour):
    return DAY + timedelta(hours=hour)


@pytest.fixture
def over(monkeypatch):
    """A snapshot of activity intervals over files given by hand."""

    def make(*files):
        version = Version(
            number=1,
            published_at=DAY,
            source="test",
            tables={
                "activity_interval": TableVersion(
                    delta_version=1, table_id="t", row_count=10 * len(files), file_count=len(files)
                )
            },
        )
        monkeypatch.setattr(snapshots, "list_files", lambda *_: tuple(files))
        return Snapshot(Path("/facts/demo"), version)

    return make


@pytest.mark.parametrize(
    ("start", "end", "kept"),
    [
        (0, 1, False),  # the period ends where the file starts, and its end is excluded
        (0, 2, True),
        (4, 5, True),  # the last instant of the file is included
        (5, 6, False),
        (2, 3, True),
    ],
)
def test_a_period_keeps_files_whose_instants_it_meets(over, start, end, kept):
    snapshot = over(_file("f", 1, 4))

    assert bool(snapshot.files("activity_interval", Period(_hour(start), _hour(end)))) is kept


def test_a_file_without_statistics_is_kept(over):
    snapshot = over(_file("f", None, None))

    assert snapshot.files("activity_interval", Period(_hour(100), _hour(101))) == ["f"]


def test_small_files_of_one_partition_are_scattered_and_others_are_not():
    lonely = _file("lonely", 0, 1, day=1)
    great = _file("great", 0, 1, size=10**9)
    first, second = _file("first", 0, 1), _file("second", 0, 1)

    assert scattered_files([lonely, great, first]) == ()
    assert scattered_files([lonely, great, first, second]) == (first, second)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01 00:00:00+00", DAY),
        ("2026-03-01 08:00:00.5+08", DAY + timedelta(milliseconds=500)),
        ("2026-02-28 18:30:00-05:30", DAY),
    ],
)
def test_statistics_are_read_in_any_zone(text, instant):
    assert parsed_instant(text) == instant

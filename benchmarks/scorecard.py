"""A scorecard over many reviews: our answer, hand-written SQL for the same table, and rollups.

    python -m benchmarks.scorecard --reviews 50000000

Owed: raw answer ≤ 1.15 × the hand-written SQL, rollups ≥ 20 × faster than raw, compiling ≤ 10 ms. The
hand-written side reads the same Parquet files through the same engine, in one statement a fact, as an
analyst would write it who knows DuckDB well, and answers values, intervals and n of the same fourteen
metrics by queue, site and tenure.
"""

import argparse
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Literal

from watchfloor.facts.engines import DuckDBEngine
from watchfloor.facts.sources import FactQuery
from watchfloor.facts.store import FactStore
from watchfloor.kernel import Period
from watchfloor.metrics import Answer, Catalogue, Query, answer, refresh_rollups
from watchfloor.metrics.answering import compile_query

METRICS = (
    "reviews", "aht", "active_share", "skip_rate", "return_rate", "timeout_rate", "escalation_rate",
    "handle_p90", "completed", "touches", "violative_rate", "tat_p50", "tat_p90", "tat_p95",
)  # fmt: skip
BY = ("queue", "site", "tenure_band")
DAYS = 60
START = datetime(2026, 1, 1, tzinfo=UTC)
PERIOD = Period(START, START + timedelta(days=DAYS))
NOW = PERIOD.end + timedelta(hours=1)
HAND_WRITTEN = Path(__file__).parent / "sql" / "scorecard.sql"

_PEOPLE = """
    'r' || lpad((r)::VARCHAR, 4, '0') AS reviewer_id,
    'site' || (r % 5)::VARCHAR AS site_id,
    'team' || (r % 20)::VARCHAR AS team_id,
    CASE WHEN r % 5 < 2 THEN 'in_house' ELSE 'vendor' END AS employer_kind,
    ['0-30', '31-90', '91-180', '181-365', '366+'][1 + (r // 5) % 5] AS tenure_band,
    'queue' || lpad(((r * 7 + h2 % 3) % 14)::VARCHAR, 2, '0') AS queue_id,
    1 AS queue_version, 'production' AS purpose, 'video' AS surface,
    ['model', 'report', 'sweep'][1 + h3 % 3] AS strategy_id,
    ['en', 'pt', 'zh'][1 + r % 3] AS language, 'IE' AS market
"""
_ROWS = """
    SELECT i, (hash(i) % {reviewers})::BIGINT AS r, (hash(i + 1) % 1000003)::BIGINT AS h2,
        (hash(i + 2) % 1000003)::BIGINT AS h3, (hash(i + 3) % 1000003) / 1000003.0 AS u,
        (hash(i + 4) % 1000003) / 1000003.0 AS v
    FROM range({low}, {high}) AS t(i)
"""
_SUBMITTED = "TIMESTAMPTZ '{day}' + to_milliseconds(((r % 3) * 28800000 + (u * 28800000)::BIGINT)::BIGINT)"
_REVIEW = """
    SELECT 'v' || i::VARCHAR AS review_id, 'c' || i::VARCHAR AS case_id,
        CASE WHEN h2 % 7 = 0 THEN 'second' ELSE 'first' END AS kind, {people},
        submitted_at - to_milliseconds((handle_ms * 1.1)::BIGINT) AS assigned_at, submitted_at, handle_ms,
        (handle_ms * (0.6 + 0.3 * v))::BIGINT AS active_ms,
        ['submitted', 'skipped', 'returned', 'timeout', 'escalated'][
            CASE WHEN h3 % 100 < 92 THEN 1 ELSE 2 + h3 % 4 END] AS outcome,
        1 AS policy_version
    FROM (
        SELECT *, {submitted} AS submitted_at,
            (1000 * exp(3.6 + 0.5 * (u + v - 1) * 2 + 0.2 * ((r % 97) / 97.0)))::BIGINT AS handle_ms
        FROM ({rows})
    )
"""
_DECISION = """
    SELECT 'd' || i::VARCHAR AS decision_id, 'c' || i::VARCHAR AS case_id, 0 AS decision_version, {people},
        'last_turn' AS rule, decided_at,
        decided_at - to_milliseconds((-3600000.0 * ln(v + 1e-9) * (1 + h3 % 5))::BIGINT) AS enqueued_at,
        h2 % 11 = 0 AS violative, false AS automated
    FROM (SELECT *, {submitted} AS decided_at FROM ({rows})) WHERE h2 % 7 <> 0 AND h3 % 100 < 92
"""


@dataclass(frozen=True)
class Timing:
    """Seconds of each run of one side."""

    name: str
    wall: list[float]
    cpu: list[float]

    @property
    def wall_seconds(self) -> float:
        """The median run by the clock."""
        return median(self.wall)

    @property
    def cpu_seconds(self) -> float:
        """The median run by the time processors spent on it."""
        return median(self.cpu)

    def line(self) -> str:
        """Return the medians as printed."""
        return f"{self.name:<20}{self.wall_seconds:9.3f} s   CPU {self.cpu_seconds:8.3f} s"


def generate_day(store: FactStore, reviews: int, number: int) -> None:
    """Write the reviews and decisions of one day."""
    a_day = reviews // DAYS
    day = START + timedelta(days=number)
    rows = _ROWS.format(reviewers=max(200, reviews // 30_000), low=number * a_day, high=(number + 1) * a_day)
    parts = {"people": _PEOPLE, "submitted": _SUBMITTED.format(day=day.isoformat(sep=" ")), "rows": rows}
    store.commit(
        {"review": FactQuery(_REVIEW.format(**parts)), "decision": FactQuery(_DECISION.format(**parts))},
        published_at=day + timedelta(days=1),
        source="benchmark",
    )


def timed(name: str, work: Callable[[], object], *, repeats: int) -> Timing:
    """Run `work` and return its wall and CPU seconds."""
    wall, cpu = [], []
    for _ in range(repeats):
        before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        work()
        after = resource.getrusage(resource.RUSAGE_SELF)
        wall.append(time.perf_counter() - started)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return Timing(name, wall, cpu)


def run(reviews: int, *, folder: Path, repeats: int = 5, threads: int = 2) -> dict[str, float]:
    """Generate, measure side by side, print, and return the figures."""
    store = FactStore(folder, "scorecard")
    if len(store.versions()) < DAYS:
        started = time.perf_counter()
        for number in range(len(store.versions()), DAYS):
            generate_day(store, reviews, number)
        print(f"generated {reviews:,} reviews in {time.perf_counter() - started:.0f} s")
    engine = DuckDBEngine(threads=threads)
    catalogue = Catalogue.load()
    query = Query(METRICS, PERIOD, BY)
    sql = HAND_WRITTEN.read_text(encoding="utf-8").format(
        start=PERIOD.start.isoformat(sep=" "), end=PERIOD.end.isoformat(sep=" ")
    )
    statements = [part for part in sql.split(";") if part.strip()]

    def ask(mode: Literal["auto", "never"]) -> Answer:
        return answer(query, catalogue=catalogue, store=store, engine=engine, now=NOW, rollups=mode)

    def by_hand() -> list[object]:
        return [engine.query(one, snapshot=store.snapshot()) for one in statements]

    rolled = timed(
        "refresh of rollups",
        lambda: refresh_rollups(store=store, engine=engine, catalogue=catalogue, now=NOW),
        repeats=1,
    )
    sides: dict[str, Callable[[], object]] = {
        "hand-written SQL": by_hand,
        "our answer, raw": lambda: ask("never"),
        "our answer, rollups": lambda: ask("auto"),
    }
    for work in sides.values():  # every side finds its files in the page cache
        work()
    hand, raw, stored = interleaved(sides, repeats=repeats)
    compiled = timed(
        "compile", lambda: compile_query(query, catalogue=catalogue, now=NOW, dialect="duckdb"), repeats=50
    )
    figures = {
        "raw_to_hand": raw.wall_seconds / hand.wall_seconds,
        "raw_to_hand_cpu": raw.cpu_seconds / hand.cpu_seconds,
        "raw_to_rollups": raw.wall_seconds / stored.wall_seconds,
        "raw_to_rollups_cpu": raw.cpu_seconds / stored.cpu_seconds,
        "compile_ms": 1000 * compiled.wall_seconds,
    }
    cells = len(ask("auto").cells)
    asked = f"{len(METRICS)} metrics × {' × '.join(BY)}"
    to_hand = f"{figures['raw_to_hand']:.2f} × wall, {figures['raw_to_hand_cpu']:.2f} × CPU"
    print(f"{asked}: {cells:,} cells, {reviews:,} reviews, medians of {repeats}")
    print(hand.line())
    print(f"{raw.line()}   {to_hand} (owed ≤ 1.15)")
    print(
        f"{stored.line()}   {figures['raw_to_rollups']:.1f} × wall, "
        f"{figures['raw_to_rollups_cpu']:.1f} × CPU faster (owed ≥ 20)"
    )
    print(f"compile             {figures['compile_ms']:9.2f} ms (owed ≤ 10)")
    print(f"{rolled.line()}; sources {sorted(set(ask('auto').notes.values()))}")
    return figures


def interleaved(sides: dict[str, Callable[[], object]], *, repeats: int) -> list[Timing]:
    """Run the sides by turns, so that a busy machine slows each of them alike."""
    found = [Timing(name, [], []) for name in sides]
    for _ in range(repeats):
        for timing, work in zip(found, sides.values(), strict=True):
            one = timed(timing.name, work, repeats=1)
            timing.wall.extend(one.wall)
            timing.cpu.extend(one.cpu)
    return found


def main(*, small: bool = False) -> None:
    """Run the benchmark at full size, or at one that takes a minute."""
    folder = Path(tempfile.mkdtemp(prefix="watchfloor-scorecard-"))
    try:
        run(2_000_000 if small else 50_000_000, folder=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A scorecard: compiled, hand-written and from rollups.")
    parser.add_argument("--reviews", type=int, default=50_000_000)
    parser.add_argument("--folder", type=Path, required=True, help="Where facts are kept between runs.")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    run(given.reviews, folder=given.folder, repeats=given.repeats, threads=given.threads)

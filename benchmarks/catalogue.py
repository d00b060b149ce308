"""The whole catalogue: a board of 400 cells, and every metric of one queue for one day, from rollups.

    python -m benchmarks.catalogue --reviews 50000000 --folder FOLDER

Owed: the board < 1 s of CPU, the page < 150 ms of CPU, compiling ≤ 10 ms a query. The store is that of
`benchmarks.scorecard`: metrics whose facts it does not hold answer "no data" and cost nothing.
"""

import argparse
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from benchmarks.scorecard import DAYS, METRICS, NOW, PERIOD, generate_day, timed

from watchfloor.facts.engines import DuckDBEngine
from watchfloor.facts.store import FactStore
from watchfloor.kernel import Period
from watchfloor.metrics import Catalogue, Query, answer, refresh_rollups
from watchfloor.metrics.answering import compile_query

BOARD = tuple(name for name in METRICS if name not in ("tat_p50", "tat_p90", "tat_p95", "handle_p90"))


def run(reviews: int, *, folder: Path, repeats: int = 5) -> dict[str, float]:
    """Generate what is missing, measure, print, and return the figures."""
    store = FactStore(folder, "scorecard")
    for number in range(len(store.versions()), DAYS):
        generate_day(store, reviews, number)
    engine, catalogue = DuckDBEngine(threads=2), Catalogue.standard()
    refresh_rollups(store=store, engine=engine, catalogue=catalogue, now=NOW)
    board = Query(BOARD, PERIOD, by=("queue", "site"))
    every = tuple(d.id for d in catalogue.values() if "queue" in d.dimensions)
    day = Period(PERIOD.end - timedelta(days=3), PERIOD.end - timedelta(days=2))
    page = Query(every, day, where={"queue": ("queue03",)})
    figures: dict[str, float] = {}
    for name, query in (("board", board), ("page", page)):

        def ask(query: Query = query) -> object:
            return answer(query, catalogue=catalogue, store=store, engine=engine, now=NOW)

        ask()
        found = timed(name, ask, repeats=repeats)
        figures[f"{name}_cpu_seconds"] = found.cpu_seconds
        print(found.line())
    one = replace(board, metrics=("aht",))
    compiled = timed(
        "compile", lambda: compile_query(one, catalogue=catalogue, now=NOW, dialect="duckdb"), repeats=20
    )
    figures["compile_ms"] = 1000 * compiled.cpu_seconds
    print(f"compile {figures['compile_ms']:.2f} ms; {len(every)} metrics on the page")
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The whole catalogue from rollups.")
    parser.add_argument("--reviews", type=int, default=50_000_000)
    parser.add_argument("--folder", type=Path, required=True, help="Where facts are kept between runs.")
    given = parser.parse_args()
    run(given.reviews, folder=given.folder)

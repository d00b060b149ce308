"""Import of a 1 GB CSV log against `duckdb COPY` of the same file: owed ≤ 3 × the time, memory below 2 GB.

Both run in this run, on this machine, each in a process of its own, twice; the better time of each is
compared.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

TARGET_BYTES = 1_000_000_000
LIMIT_RATIO = 3.0
LIMIT_BYTES = 2_000_000_000

_COPY = """
import sys, time, duckdb
start = time.perf_counter()
duckdb.connect().execute(f"COPY (FROM '{sys.argv[1]}') TO '{sys.argv[2]}' (FORMAT parquet)")
print(time.perf_counter() - start)
"""
_IMPORT = """
import json, sys, time
from datetime import datetime, UTC
from pathlib import Path
from watchfloor.facts.imports import load_mapping, run_import
from watchfloor.facts.store import FactStore
start = time.perf_counter()
steps, last = [], [start, "start"]
def tell(step, done, total):
    now = time.perf_counter()
    steps.append([last[1], round(now - last[0], 2)])
    last[:] = [now, step]
report = run_import(
    load_mapping("generic"), [Path(sys.argv[1])], FactStore(Path(sys.argv[2]), "bench"),
    now=datetime.now(UTC),
    progress=tell,
)
tell("end", 0, 0)
import resource
print(json.dumps({
    "seconds": time.perf_counter() - start, "rows": report.rows_loaded, "balanced": report.balanced, "steps":
    steps,
    "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
}))
"""


def make_log(path: Path, *, rows: int) -> None:
    """Write a log of reviews with the columns of the generic mapping."""
    duckdb.connect().execute(
        f"""
        COPY (
          SELECT 'r' || lpad(i::VARCHAR, 10, '0') AS review_id,
            'c' || lpad((i // 2)::VARCHAR, 10, '0') AS case_id,
            'reviewer-' || hash(i) % 400 AS reviewer_id, 'queue-' || hash(i + 7) % 20 AS queue_id,
            ['manila', 'dublin', 'austin', 'krakow', 'bogota'][(hash(i + 1) % 5 + 1)::INT] AS site_id,
            ['en', 'de', 'fr', 'zh', 'ja'][(hash(i + 3) % 5 + 1)::INT] AS language,
            strftime(TIMESTAMP '2026-01-01' + to_seconds(i), '%Y-%m-%dT%H:%M:%S.%gZ') AS assigned_at,
            strftime(TIMESTAMP '2026-01-01' + to_seconds(i + 30 + hash(i) % 60), '%Y-%m-%dT%H:%M:%S.%gZ')
              AS submitted_at,
            hash(i) % 90000 + 1000 AS handle_ms, 'submitted' AS outcome,
            ['spam', 'hate', 'none', 'nudity|minor'][(hash(i + 5) % 4 + 1)::INT] AS labels,
            'a note, quoted, of some length, number ' || i AS note
          FROM range({rows}) AS t (i)
        ) TO '{path}' (FORMAT csv, HEADER)
        """
    )


def measure(folder: Path, *, size_bytes: int = TARGET_BYTES) -> dict[str, object]:
    """Return the times, the ratio and the peak memory for a log of about `size_bytes`."""
    log = folder / "reviews.csv"
    make_log(log, rows=20_000)
    make_log(log, rows=int(size_bytes / (log.stat().st_size / 20_000)))
    copies, imports = [], []
    for attempt in range(2):
        copies.append(float(_run(_COPY, log, folder / f"copy{attempt}.parquet")))
        imports.append(json.loads(_run(_IMPORT, log, folder / f"facts{attempt}")))
    best = min(imports, key=lambda one: one["seconds"])
    return {
        "file_bytes": log.stat().st_size,
        "rows": best["rows"],
        "balanced": best["balanced"],
        "copy_seconds": round(min(copies), 2),
        "import_seconds": round(best["seconds"], 2),
        "ratio": round(best["seconds"] / min(copies), 2),
        "owed_ratio": LIMIT_RATIO,
        "peak_bytes": max(one["peak_bytes"] for one in imports),
        "owed_peak_bytes": LIMIT_BYTES,
        "steps": best["steps"],
    }


def main() -> dict[str, object]:
    """Print and return the measurement."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="watchfloor-bench-") as folder:
        found = measure(Path(folder))
    print(
        f"import of {found['file_bytes']:,} bytes ({found['rows']:,} rows): {found['import_seconds']} s; "
        f"duckdb COPY: {found['copy_seconds']} s; ratio {found['ratio']} (owed ≤ {LIMIT_RATIO}); "
        f"peak memory {int(str(found['peak_bytes'])) / 1e9:.2f} GB (owed < 2)  "
        f"[{time.perf_counter() - start:.0f} s in all]"
    )
    return found


def _run(code: str, *arguments: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.strip().splitlines()[-1]


if __name__ == "__main__":
    found = main()
    print(json.dumps(found, indent=1))

"""Import of a 1 GB CSV log against `duckdb COPY` of the same file: owed ≤ 3 × the time, memory below 2 GB.

Both run in this run, on this machine, each in a process of its own, by turns: COPY, import, COPY … The ratio
is of the medians; CPU seconds stand beside the wall's, to tell the work from the machine's other load.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

TARGET_BYTES = 1_000_000_000
LIMIT_RATIO = 3.0

_COPY = """
import json, sys, time, duckdb
start, cpu = time.perf_counter(), time.process_time()
duckdb.connect().execute(f"COPY (FROM '{sys.argv[1]}') TO '{sys.argv[2]}' (FORMAT parquet)")
print(json.dumps({"seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - cpu}))
"""
_IMPORT = """
import json, sys, time
from datetime import datetime, UTC
from pathlib import Path
from watchfloor.facts.imports import load_mapping, run_import
from watchfloor.facts.store import FactStore
start, cpu = time.perf_counter(), time.process_time()
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
    "seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - cpu,
    "rows": report.rows_loaded, "balanced": report.balanced, "steps": steps,
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


def measure(folder: Path, *, size_bytes: int = TARGET_BYTES, repeats: int = 2) -> dict[str, object]:
    """Return the times, the ratio and the peak memory for a log of about `size_bytes`."""
    log = folder / "reviews.csv"
    make_log(log, rows=20_000)
    make_log(log, rows=int(size_bytes / (log.stat().st_size / 20_000)))
    copies, imports = [_copy(log, folder)], []
    for attempt in range(repeats):
        imports.append(_run(_IMPORT, log, folder / f"facts{attempt}"))
        copies.append(_copy(log, folder))
    found: dict[str, object] = {}
    for kind in ("seconds", "cpu_seconds"):
        copied, imported = (median(one[kind] for one in side) for side in (copies, imports))
        found |= {
            f"copy_{kind}": round(copied, 2),
            f"import_{kind}": round(imported, 2),
            f"ratio_{kind}": round(imported / copied, 2),
        }
    assert all(one["balanced"] for one in imports)
    return found | {
        "file_bytes": log.stat().st_size,
        "rows": imports[0]["rows"],
        "peak_bytes": max(one["peak_bytes"] for one in imports),
        "steps": imports[-1]["steps"],
        "owed": [
            ["import ÷ COPY, wall", "≤", LIMIT_RATIO, found["ratio_seconds"]],
            ["import ÷ COPY, CPU", "≤", LIMIT_RATIO, found["ratio_cpu_seconds"]],
            ["import, peak memory in GB", "<", 2.0, max(one["peak_bytes"] for one in imports) / 1e9],
        ],
    }


def _copy(log: Path, folder: Path) -> dict[str, float]:
    return _run(_COPY, log, folder / "copy.parquet")


def main(*, small: bool = False) -> dict[str, object]:
    """Print and return the measurement."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="watchfloor-bench-") as folder:
        found = measure(Path(folder), size_bytes=TARGET_BYTES // 10 if small else TARGET_BYTES)
    print(
        f"import of {found['file_bytes']:,} bytes ({found['rows']:,} rows): {found['import_seconds']} s "
        f"({found['import_cpu_seconds']} s CPU); duckdb COPY: {found['copy_seconds']} s "
        f"({found['copy_cpu_seconds']} s CPU); ratio {found['ratio_seconds']} (CPU "
        f"{found['ratio_cpu_seconds']}; owed ≤ {LIMIT_RATIO}); "
        f"peak memory {int(str(found['peak_bytes'])) / 1e9:.2f} GB (owed < 2)  "
        f"[{time.perf_counter() - start:.0f} s in all]"
    )
    return found


def _run(code: str, *arguments: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    print(json.dumps(main(small=parser.parse_args().small), indent=1))

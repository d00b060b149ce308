"""Runs benchmarks, each in a process of its own: `python -m benchmarks [--small] [NAME…]`.

At the end stands one table: what is owed, what was measured, and how far apart they are. A benchmark that
fails, runs too long or is not there is a line of that table, and the exit code counts it.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LONGEST_SECONDS = 900
LONGEST_SECONDS_OF = {"claim": 1800}
RUNNER = (
    "import importlib, inspect, json, pathlib, sys;"
    "main = importlib.import_module('benchmarks.' + sys.argv[1]).main;"
    "sized = 'small' in inspect.signature(main).parameters;"
    "found = main(**({'small': sys.argv[2] == 'small'} if sized else {}));"
    "pathlib.Path(sys.argv[3]).write_text(json.dumps(found, default=str))"
)


@dataclass(frozen=True)
class Owed:
    """One speed that is owed: the key of the benchmark's result, and the limit it must keep.

    `full_only` says that the limit holds for the full size alone. Without a limit, the speed is owed to be
    stated and no more.
    """

    key: str
    what: str
    sign: str = ""
    limit: float | None = None
    full_only: bool = False

    def kept(self, measured: float) -> bool:
        """Whether the measured value keeps the limit."""
        if self.limit is None:
            return True
        return measured >= self.limit if self.sign == "≥" else measured <= self.limit


OWED: dict[str, tuple[Owed, ...]] = {
    "export": (Owed("events_per_second", "events exported a second, wall", "≥", 100_000),),
    "floor": (
        Owed("page_ms", "floor page, CPU ms of Python and PostgreSQL", "≤", 50.0),
        Owed("changed_20_to_200", "20 changed tiles ÷ 200 changed tiles, CPU", "≤", 0.5),
    ),
    "claim": (
        Owed("ratio_on", "claim + submit ÷ pgbench, durable", "≥", 0.6),
        Owed("ratio_off", "claim + submit ÷ pgbench, synchronous_commit off", "≥", 0.4),
        Owed("ratio_history", "the same after decided cases ÷ before", "≥", 0.9, full_only=True),
        Owed("ratio_pinned", "the same while a transaction pins xmin ÷ free", "≥", 0.6, full_only=True),
        Owed("ratio_jobs_on", "claim ÷ procrastinate's fetch of a job, durable", "≥", 2.0),
        Owed("ratio_jobs_off", "the same, synchronous_commit off"),
        Owed("ratio_jobs_server_off", "the same by pgbench: the server's part alone"),
        Owed("ratio_finished_on", "claim + submit ÷ fetch + finish of a job, durable"),
    ),
    "enqueue": (Owed("cases_per_second", "cases enqueued a second", "≥", 20_000),),
    "claim_http": (
        Owed("ratio_nothing", "claim + submit over HTTP ÷ two calls that do nothing"),
        Owed("turns_http", "claim + submit over HTTP, turns a second"),
    ),
    "import_log": (
        Owed("ratio_seconds", "import ÷ duckdb COPY, wall", "≤", 3.0, full_only=True),
        Owed("ratio_cpu_seconds", "import ÷ duckdb COPY, CPU", "≤", 3.0, full_only=True),
        Owed("peak_bytes", "import, peak memory in bytes", "≤", 2e9),
    ),
    "scorecard": (
        Owed("raw_to_hand", "scorecard from rows ÷ hand-written SQL, wall", "≤", 1.15),
        Owed("raw_to_hand_cpu", "scorecard from rows ÷ hand-written SQL, CPU", "≤", 1.15),
        Owed("raw_to_rollups", "scorecard from rows ÷ from rollups", "≥", 20.0, full_only=True),
        Owed("compile_ms", "compile a scorecard, ms", "≤", 10.0),
    ),
    "history": (
        Owed("history_seconds", "60 days of the demo, seconds", "≤", 60.0, full_only=True),
        Owed("reviews", "reviews in 60 days of the demo", "≥", 1_500_000, full_only=True),
        Owed("ratio", "simulated events a second ÷ an ordinary simulator", "≥", 100.0),
    ),
}


def main() -> int:
    """Run the benchmarks asked for, print the table, and return how many benchmarks did not end well."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--small", action="store_true", help="a size that takes seconds, for a first look")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"among {', '.join(OWED)}; all by default")
    asked = parser.parse_args()
    for name in asked.names:
        if name not in OWED:
            parser.error(f"{name} is no benchmark; there are {', '.join(OWED)}.")
    begun, bad = time.perf_counter(), 0
    lines = []
    for name in asked.names or OWED:
        found, trouble = run_one(name, small=asked.small)
        bad += bool(trouble)
        lines += table_lines(name, found, trouble, small=asked.small)
    print(f"{'':10}  {'what':52}  {'owed':>13}  {'measured':>13}  {'÷ owed':>7}")
    print("\n".join(lines))
    print(f"{time.perf_counter() - begun:.0f} s in all" + (f"; {bad} did not end well" if bad else ""))
    if asked.small:
        print("Small sizes: the start weighs more than at the sizes for which the limits are meant.")
    return bad


def run_one(name: str, *, small: bool) -> tuple[dict[str, Any], str]:
    """Return what one benchmark found, and what went wrong with it ("" when nothing did)."""
    print(f"── {name}", flush=True)
    started = time.perf_counter()
    longest = LONGEST_SECONDS_OF.get(name, LONGEST_SECONDS)
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "found.json"
        command = [sys.executable, "-c", RUNNER, name, "small" if small else "full", str(result)]
        try:
            ran = subprocess.run(command, check=False, timeout=longest)
            trouble = f"FAILED (exit {ran.returncode})" if ran.returncode else ""
        except subprocess.TimeoutExpired:
            trouble = f"STOPPED after {longest} s"
        found = json.loads(result.read_text("utf-8")) if result.is_file() else None
    if found is None and not trouble:
        trouble = "FAILED (it returned nothing)"
    print(f"   {trouble or 'done'} after {time.perf_counter() - started:.0f} s\n", flush=True)
    return found or {}, trouble


def table_lines(name: str, found: dict[str, Any], trouble: str, *, small: bool) -> list[str]:
    """Return the lines of the table for one benchmark."""
    if trouble:
        return [f"{name:10}  {trouble}"]
    lines = []
    for owed in OWED[name]:
        limit = "stated" if owed.limit is None else f"{owed.sign} {owed.limit:,.10g}"
        if owed.key not in found:
            lines.append(f"{name:10}  {owed.what:52}  {limit:>13}  {'not measured':>13}")
            continue
        measured = float(found[owed.key])
        verdict = "(full size only)" if small and owed.full_only else "" if owed.kept(measured) else "MISSED"
        shown = f"{measured:,.0f}" if abs(measured) >= 1000 else f"{measured:,.2f}"
        apart = "" if owed.limit is None else f"{measured / owed.limit:.2f}"
        line = f"{name:10}  {owed.what:52}  {limit:>13}  {shown:>13}  {apart:>7}  {verdict}"
        lines.append(line.rstrip())
    return lines


if __name__ == "__main__":
    sys.exit(main())

"""Runs benchmarks, each in a process of its own: `python -m benchmarks [--small] [NAME…]`."""

import argparse
import importlib
import inspect
import subprocess
import sys
import time
from pathlib import Path

ORDER = ("export", "floor", "claim", "import_log", "scorecard", "history")
RUNNER = (
    "import importlib, inspect, sys;"
    "main = importlib.import_module('benchmarks.' + sys.argv[1]).main;"
    "main(**({'small': sys.argv[2] == 'small'} if 'small' in inspect.signature(main).parameters else {}))"
)


def known() -> list[str]:
    """Return the names of the benchmarks that are there, in the order they are run."""
    there = {path.stem for path in Path(__file__).parent.glob("*.py")}
    return [name for name in ORDER if name in there]


def main() -> int:
    """Run the benchmarks asked for; return how many failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--small", action="store_true", help="a size that takes seconds, for a first look")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"among {', '.join(known())}; all by default"
    )
    asked = parser.parse_args()
    failed = 0
    for name in asked.names or known():
        if not inspect.isfunction(getattr(importlib.import_module(f"benchmarks.{name}"), "main", None)):
            parser.error(f"{name} is no benchmark; there are {', '.join(known())}.")
        print(f"── {name}", flush=True)
        started = time.perf_counter()
        size = "small" if asked.small else "full"
        ran = subprocess.run([sys.executable, "-c", RUNNER, name, size], check=False)
        failed += ran.returncode != 0
        print(
            f"   {'failed' if ran.returncode else 'done'} after {time.perf_counter() - started:.0f} s\n",
            flush=True,
        )
    return failed


if __name__ == "__main__":
    sys.exit(main())

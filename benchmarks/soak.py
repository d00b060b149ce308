"""Soaks the operation: `python -m benchmarks.soak [--minutes 10] [--clients 32] [--seed N]`.

First a history: clients work over the API, on the console's pages and by the services, the latter two with
clocks that jump, and correct, appeal, audit and dispute what was decided, while web processes, the exporter
and PostgreSQL are killed; then everything that clients were promised is checked. After it, for a
third of the time, the demo's present is played accelerated and balanced (`benchmarks.present`), in a process
of its own. Exit code 0: nothing was wrong.
"""

import argparse
import json
import subprocess
import sys
from typing import Any

from benchmarks.reliability.run import play

CLIENTS = 32
SHARE_OF_PRESENT = 1 / 3


def main(
    *, small: bool = False, minutes: float | None = None, clients: int = CLIENTS, seed: int = 7
) -> dict[str, Any]:
    """Play the history for that many minutes (10; 1 when small), print the report and return it."""
    length = minutes if minutes is not None else 1.0 if small else 10.0
    found = play(seconds=60.0 * length, clients=clients, seed=seed, kill_every=10.0)
    print(json.dumps(found, indent=2), flush=True)
    assert not found["faults"], f"{len(found['faults'])} faults"
    assert not found["broken_clients"], "clients broke"
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--history-only", action="store_true", help="Leave the demo's present out.")
    asked = parser.parse_args()
    main(minutes=asked.minutes, clients=asked.clients, seed=asked.seed)
    if not asked.history_only:
        present = [sys.executable, "-m", "benchmarks.present", "--minutes"]
        sys.exit(subprocess.run([*present, str(asked.minutes * SHARE_OF_PRESENT)], check=False).returncode)

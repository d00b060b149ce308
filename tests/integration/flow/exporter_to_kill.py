"""A process for `test_export`: forks one exporter after another and kills each at its next step.

Usage: exporter_to_kill.py DSN ROOT. Prints one JSON line: how many were killed, at which steps.
"""

import json
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from watchfloor.facts.export import export_all_events, export_events
from watchfloor.facts.store import FactStore

DSN, ROOT = (sys.argv[1], Path(sys.argv[2])) if __name__ == "__main__" else ("", Path())
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


class KilledAtStep:
    """Counts the steps and kills the process at one of them."""

    def __init__(self, place: int, told: int) -> None:
        self.left = place
        self.told = told

    def __call__(self, step: str) -> None:
        if self.left == 0:
            os.write(self.told, step.encode())
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1


def write_events(round_number: int) -> None:
    """Write new reviews, a correction of an old one, and a payload that is no row."""
    with psycopg.connect(DSN) as connection, connection.cursor() as cursor:
        for review_id in (f"r{round_number}a", f"r{round_number}b", "corrected"):
            day = 1 if review_id == "corrected" else 1 + round_number % 3
            payload = {
                "review_id": review_id,
                "case_id": "c",
                "kind": "first",
                "queue_id": "spam",
                "purpose": "production",
                "submitted_at": f"2026-03-0{day}T08:00:00.000Z",
                "outcome": "submitted",
                "handle_ms": round_number,
            }
            cursor.execute(
                "INSERT INTO record_event (at, fact, key, payload) VALUES (now(), 'review', %s, %s)",
                [review_id, json.dumps(payload)],
            )
        cursor.execute(
            "INSERT INTO record_event (at, fact, key, payload) VALUES (now(), 'review', %s, %s)",
            [f"poison{round_number}", json.dumps({"review_id": f"poison{round_number}"})],
        )


def fork_exporter(place: int | None) -> tuple[int, int]:
    """Return the process id of a forked exporter and the pipe on which it names its last step."""
    heard, told = os.pipe()
    child = os.fork()
    if child:
        os.close(told)
        return child, heard
    kill = KilledAtStep(-1 if place is None else place, told)
    store = FactStore(ROOT, "killed", at_step=kill)
    if place is None:  # one transaction a range, so that the next is read while one is published
        list(export_all_events(dsn=DSN, store=store, clock=lambda: AT, max_rows=1))
    else:
        export_events(dsn=DSN, store=store, now=AT, on_step=kill)
    os._exit(0)


def main() -> None:
    """Kill at every step in turn, then at random instants, then let one finish."""
    steps: list[str] = []
    place = 0
    round_number = 0
    while True:
        write_events(round_number)
        round_number += 1
        child, heard = fork_exporter(place)
        _, status = os.waitpid(child, 0)
        step = os.read(heard, 200).decode()
        os.close(heard)
        if not os.WIFSIGNALED(status):
            assert os.WEXITSTATUS(status) == 0, status
            break
        steps.append(step)
        place += 1
    chance = random.Random(7)
    for _ in range(12):
        write_events(round_number)
        round_number += 1
        child, heard = fork_exporter(None)
        time.sleep(chance.uniform(0.01, 0.25))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(heard)
    child, heard = fork_exporter(None)
    _, status = os.waitpid(child, 0)
    assert status == 0, status
    print(json.dumps({"steps": steps, "rounds": round_number}))


if __name__ == "__main__":
    main()

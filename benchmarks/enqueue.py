"""Enqueue in batches of 5,000 through the service, from two processes: owed are 20,000 cases a second.

Every case brings a client key, an object and a few hundred bytes of content.
"""

import argparse
import statistics
import time
from datetime import UTC, datetime
from typing import Any

from benchmarks import floor_at_work as floor
from benchmarks.operation import scratch_operation

OWED = 20_000
SENDERS, BATCH, ROUNDS = 2, 5000, 3


def send(part: int, seconds: float, begin: Any, sent: Any) -> None:
    """Send batches without pause; add the number of cases to `sent`."""
    import django

    django.setup()
    from watchfloor.operations.review.services import NewCase, enqueue_batch

    def batch(number: int) -> list[NewCase]:
        return [
            NewCase(
                queue=f"queue-{index % floor.QUEUES:02d}",
                client_key=f"{part}-{number}-{index}",
                object_id=f"object-{part}-{number}-{index}",
                severity_hint=("critical", "high", "medium", "low")[index % 4],
                risk_score=0.5,
                language="en",
                market="IE",
                content={"text": "some words to be looked at " * 8, "url": f"https://example.org/{index}"},
            )
            for index in range(BATCH)
        ]

    enqueue_batch(cases=batch(-1), now=datetime.now(UTC), client="bench")
    begin.wait()
    done, number, spent = 0, 0, 0.0
    while spent < seconds:
        cases = batch(number)  # making them is the caller's own time
        begun = time.monotonic()
        enqueue_batch(cases=cases, now=datetime.now(UTC), client="bench")
        spent += time.monotonic() - begun
        done, number = done + BATCH, number + 1
    with sent.get_lock():
        sent.value += int(done * seconds / spent)


def main(*, small: bool = False) -> dict[str, float]:
    """Print and return cases enqueued a second."""
    from django.utils import timezone

    with scratch_operation() as data:
        floor.build_queues()
        parts = [int(timezone.now().timestamp()) * 10 + number for number in range(SENDERS)]
        rates = [
            floor.rate_of_processes(data, send, [part + 100 * turn for part in parts], 3.0 if small else 10.0)
            for turn in range(ROUNDS)
        ]
    rate = statistics.median(rates)
    print(f"enqueue: {rate:,.0f} cases/s from {SENDERS} senders (owed ≥ {OWED:,})")
    return {"cases_per_second": rate}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    main(small=parser.parse_args().small)

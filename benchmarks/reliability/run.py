"""Plays a history on an operation of its own and checks it: `python -m benchmarks.reliability.run`."""

import argparse
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.reliability.checker import Fault, faults
from benchmarks.reliability.disturbance import Disturbance
from benchmarks.reliability.history import Call, read_calls
from benchmarks.reliability.receiver import Notes, receiving
from benchmarks.reliability.seeding import cookies, seed, sessions_of

ROOT = Path(__file__).parents[2]
PEOPLE_A_CLIENT = 2
# The web processes alone: their requests may ask for another clock.
JUMPING = {"DJANGO_SETTINGS_MODULE": "benchmarks.reliability.jumping_settings"}
# A history goes on beyond its time until something of every kind was killed, on a slow machine longer.
LONGEST_SETTLING_SECONDS = 60.0
MOST_TIMES_LONGER = 8.0


def play(
    *, seconds: float, clients: int, seed: int, kill_every: float, keep: Path | None = None
) -> dict[str, Any]:
    """Return what was done, killed and found wrong in a history of that length."""
    data = keep or Path(tempfile.mkdtemp(prefix="wfs-"))
    data.mkdir(exist_ok=True)
    data.chmod(0o711)
    port = _free_port()
    os.environ.update(
        DJANGO_SETTINGS_MODULE="watchfloor.settings.django",
        WATCHFLOOR_DATA=str(data),
        WATCHFLOOR_OPERATION="soak",
        WATCHFLOOR_PORT=str(port),
        WATCHFLOOR_WEB_THREADS="4",
        WATCHFLOOR_WEB_WORKERS="2",
        WATCHFLOOR_ALLOW_PRIVATE_CALLBACKS="127.0.0.1",
        WATCHFLOOR_LOG_LEVEL="warning",
        WATCHFLOOR_API_REQUESTS_PER_MINUTE="0",
    )
    os.environ.pop("DATABASE_URL", None)
    rng = random.Random(seed)
    try:
        with ExitStack() as stack:
            notes = stack.enter_context(receiving(random.Random(seed)))
            return _play(stack, data, port, notes, rng, seconds, clients, kill_every)
    finally:
        if keep is None:
            shutil.rmtree(data, ignore_errors=True)


def _play(
    stack: ExitStack,
    data: Path,
    port: int,
    notes: Notes,
    rng: random.Random,
    seconds: float,
    clients: int,
    kill_every: float,
) -> dict[str, Any]:
    from watchfloor.cli.operation import set_up_django
    from watchfloor.cli.preparation import migrate
    from watchfloor.cli.serve import child_of, close_connections
    from watchfloor.cli.supervisor import Supervisor
    from watchfloor.settings.embedded.server import Server
    from watchfloor.settings.environment import read_environment
    from watchfloor.settings.secret import keep_secret_key

    server = Server(data).start()
    stack.callback(server.stop)
    keep_secret_key(data)
    set_up_django()
    migrate()
    people = [f"r{number}" for number in range(clients * PEOPLE_A_CLIENT)]
    token = seed(people, notes.url)
    whose = [people[number * PEOPLE_A_CLIENT : (number + 1) * PEOPLE_A_CLIENT] for number in range(clients)]
    signed_in = sessions_of(
        [code for number in range(clients) if way_of(number) == "pages" for code in whose[number]]
    )
    close_connections()
    environment = read_environment()
    children = [child_of(name, environment) for name in ("web", "worker", "pulse")]
    children[0].environ = {**children[0].environ, **JUMPING, "PYTHONPATH": _with_root()}
    supervisor = Supervisor(
        children,
        server=server,
        logs=data / "logs",
        tell=lambda _: None,
    )
    stack.callback(supervisor.stop)
    supervisor.start(first=("web", "worker", "pulse"))
    _await(f"http://127.0.0.1:{port}/healthz", supervisor)
    started = time.time()
    until = started + MOST_TIMES_LONGER * seconds
    logs, stop = data / "history", data / "stop"
    logs.mkdir()
    running = []
    for number in range(clients):
        spec = {
            "name": f"client{number}",
            "seed": rng.randrange(2**32),
            "until": until,
            "stop": str(stop),
            "log": str(logs / f"{number}.jsonl"),
            "by": way_of(number),
            "address": f"http://127.0.0.1:{port}",
            "token": token,
            "people": whose[number],
            "sessions": {code: signed_in[code] for code in whose[number] if code in signed_in},
            "cookies": cookies(),
            "others": people,
            "queues": ["single", "single", "double", "consensus"],
            "pause_seconds": 0.02 * clients,
        }
        command = [sys.executable, "-m", "benchmarks.reliability.clients", json.dumps(spec)]
        running.append(subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True))
        stack.callback(running[-1].kill)
    disturbance = Disturbance(supervisor, rng, kill_every)
    while any(each.poll() is None for each in running) and time.time() < until + 60:
        supervisor.look(now=time.monotonic())
        if not stop.exists():
            disturbance.look(now=time.monotonic(), answered=_answered(logs))
            if time.time() > started + seconds and disturbance.has_met_all:
                stop.touch()
        time.sleep(0.4)
    broken = [each.communicate()[1][-2000:] for each in running if each.poll() != 0]
    supervisor.look(now=time.monotonic())
    supervisor.server = None
    supervisor.stop()
    calls = read_calls(sorted(logs.iterdir()))
    found, kept = _judge(calls, notes, data)
    return {
        "seconds": round(max((call.began for call in calls), default=started) - started, 1),
        "clients": clients,
        "killed": dict(disturbance.killed),
        "calls": len(calls),
        "by_kind": dict(Counter(f"{call.kind} {call.result}" for call in calls).most_common()),
        "refused": dict(Counter(str(call.answer.get("error")) for call in calls if call.result == "refused")),
        **kept,
        "callbacks_received": len(notes.receipts),
        "callbacks_failed_on_purpose": notes.failed,
        "broken_clients": broken,
        "faults": [f"{fault.rule}: {fault.detail}" for fault in found],
    }


def _with_root() -> str:
    """Return where the web processes find this benchmark beside what they find anyway."""
    return os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))


def way_of(number: int) -> str:
    """Return which way a client goes: half of them by the API, a quarter by pages, a quarter by services."""
    return ("line", "pages", "line", "services")[number % 4]


def _judge(calls: list[Call], notes: Notes, data: Path) -> tuple[list[Fault], dict[str, int]]:
    """Let everything settle with nothing killed any more, and return the faults and the counts."""
    from benchmarks.reliability.reading import read_kept

    from watchfloor.facts.export import dead_letters, export_all_events
    from watchfloor.facts.store import FactStore
    from watchfloor.operations.record.database import database_dsn
    from watchfloor.operations.review.pulse import Pulse

    notes.is_well = True
    _deliver_all()
    now = datetime.now(UTC)
    Pulse().beat(now=now)
    store = FactStore(data / "facts", "soak")
    list(export_all_events(dsn=database_dsn(), store=store, clock=lambda: datetime.now(UTC)))
    kept = read_kept(store=store, receipts=notes.receipts)
    found = faults(calls, kept)
    letters = dead_letters(store=store)
    found += [Fault("dead letter", str(letter)[:300]) for letter in letters]
    outcomes = Counter(review.outcome for review in kept.reviews.values())
    counts = {"cases": len(kept.cases), "reviews": len(kept.reviews), "decisions": len(kept.decisions)}
    counts |= {"appeals": len(kept.appeals), "audits": len(kept.audits)}
    counts["appeals_settled"] = sum(bool(appeal.outcome) for appeal in kept.appeals.values())
    counts["disputes"] = sum(bool(audit.steps) for audit in kept.audits.values())
    return found, counts | {f"reviews_{name}": count for name, count in outcomes.items()}


def _deliver_all() -> None:
    """Follow every decision and tell everybody, however far ahead the next attempt was put.

    A decision is followed when no older transaction runs any more, and by one follower at a time: the
    server may take a moment to notice that those who were killed at the end are gone.
    """
    from watchfloor.operations.enforcement.following import follow_all
    from watchfloor.operations.enforcement.models import Delivery, FeedEntry
    from watchfloor.operations.enforcement.sending import deliver_due
    from watchfloor.operations.review.models import Decision

    entered = FeedEntry.objects.filter(kind="made").values("decision_id")
    until = time.monotonic() + LONGEST_SETTLING_SECONDS
    while Decision.objects.exclude(pk__in=entered).exists() and time.monotonic() < until:
        follow_all(now=datetime.now(UTC))
        time.sleep(0.2)
    ahead = timedelta(days=1)
    for _ in range(5):
        follow_all(now=datetime.now(UTC))
        deliver_due(now=datetime.now(UTC) + ahead, rng=random.Random(1))
        ahead += timedelta(days=1)
        if not Delivery.objects.filter(state__in=("pending", "failed")).exists():
            return


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _await(address: str, supervisor: Any) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        supervisor.look(now=time.monotonic())
        if _is_well(address):
            return
        time.sleep(0.1)
    raise TimeoutError(f"{address} does not answer")


def _answered(logs: Path) -> int:
    """Return how many calls were acknowledged so far."""
    return sum(path.read_bytes().count(b'"result": "ok"') for path in logs.iterdir())


def _is_well(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):  # noqa: S310 -- our own address
            return True
    except (urllib.error.URLError, OSError):
        return False


def main() -> int:
    """Play, print the report as JSON, and return how many faults there are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--kill-every", type=float, default=2.0)
    parser.add_argument("--keep", type=Path, help="Directory to leave everything in.")
    asked = parser.parse_args()
    report = play(
        seconds=asked.seconds,
        clients=asked.clients,
        seed=asked.seed,
        kill_every=asked.kill_every,
        keep=asked.keep,
    )
    print(json.dumps(report, indent=2))
    return min(100, len(report["faults"]) + len(report["broken_clients"]))


if __name__ == "__main__":
    sys.exit(main())

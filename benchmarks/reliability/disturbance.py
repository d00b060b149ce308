"""Kills processes of the operation as a crash does: SIGKILL, at chance instants."""

import os
import random
import signal
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from watchfloor.cli.supervisor import FIRST_PAUSE_SECONDS, Supervisor

TARGETS = {"web": 4, "web worker": 3, "exporter": 4, "PostgreSQL": 2, "PostgreSQL backend": 1}


@dataclass
class Disturbance:
    """Who is killed next and when; `killed` counts what was."""

    supervisor: Supervisor
    rng: random.Random
    every_seconds: float
    answers_between: int = 20
    answered: int = 0
    answered_before: int = 0
    due: float = 0.0
    killed: Counter[str] = field(default_factory=Counter)

    @property
    def has_met_all(self) -> bool:
        """Whether something of every kind was killed, and calls were answered again after it."""
        return all(self.killed[target] for target in TARGETS) and self.answered > self.answered_before

    def look(self, *, now: float, answered: int) -> None:
        """Kill when it is time and work was done since the last kill, on a slow machine later.

        Each kind is killed in turn first, so that a short run meets all.
        """
        self.answered = answered
        if not self.due:
            self.due = now + self.every_seconds
        if now < self.due or answered - self.answered_before < self.answers_between:
            return
        self.answered_before = answered
        self.due = now + self.every_seconds * self.rng.uniform(0.6, 1.4)
        fresh = [target for target in TARGETS if not self.killed[target]]
        target = fresh[0] if fresh else self.rng.choices(list(TARGETS), list(TARGETS.values()))[0]
        self.killed[target] += self.kill(target)

    def kill(self, target: str) -> bool:
        """Return whether there was something of that kind to kill."""
        if target.startswith("PostgreSQL"):
            server = self.supervisor.server
            pid = server.pid if server else None
            return pid is not None and _killed(_one_below(pid, self.rng) if " " in target else pid)
        name = "worker" if target == "exporter" else "web"
        child = next(child for child in self.supervisor.children if child.name == name)
        child.pause_seconds = FIRST_PAUSE_SECONDS
        if child.process is None or child.process.ended() is not None:
            return False
        if target == "web worker":
            return _killed(_one_below(child.process.pid, self.rng))
        child.process.sweep()
        return True


def _killed(pid: int | None) -> bool:
    try:
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return pid is not None


def _one_below(pid: int, rng: random.Random) -> int | None:
    """Return one of the processes that a process started."""
    below = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text("utf-8").rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            if parent == pid:
                below.append(int(entry.name))
    return rng.choice(sorted(below)) if below else None

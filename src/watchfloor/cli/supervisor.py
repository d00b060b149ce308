"""Keeps the operation's processes alive, and ends them in order.

Children start in the order given, each in a session of its own, and end with this process however it ends.
One that ends by itself is started again after a pause that doubles; Ctrl-C or SIGTERM ends all in reverse
order, then the database.
"""

import os
import signal
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from watchfloor.settings.embedded.processes import Bound
from watchfloor.settings.embedded.server import Server, turn_log

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# A child that lived this long was well; its next pause is the first one again.
WELL_SECONDS = 60.0
STOPPING = ((signal.SIGTERM, 10.0), (signal.SIGINT, 3.0))
LOOK_SECONDS = 0.2


@dataclass
class Child:
    """One process that is kept alive.

    Attributes:
        name: What messages call it; also its log's name.
        command: The program and its arguments.
        environ: Variables beside our own.

    """

    name: str
    command: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    process: Bound | None = None
    started_at: float = 0.0
    starts_at: float = 0.0
    pause_seconds: float = FIRST_PAUSE_SECONDS

    def start(self, *, logs: Path | None, now: float) -> None:
        """Start the process; its output goes to its log, or where ours goes when there is none."""
        environ = {**os.environ, **self.environ}
        self.started_at = now
        if logs is None:
            self.process = Bound(self.command, directory=Path.cwd(), output=None, environ=environ)
            return
        log = logs / f"{self.name}.log"
        turn_log(log)
        with log.open("ab") as output:
            self.process = Bound(self.command, directory=Path.cwd(), output=output, environ=environ)

    def note_end(self, *, now: float) -> None:
        """Plan the next start after the process ended by itself."""
        if self.process is not None:
            self.process.sweep()
            self.process = None
        if now - self.started_at > WELL_SECONDS:
            self.pause_seconds = FIRST_PAUSE_SECONDS
        self.starts_at = now + self.pause_seconds
        self.pause_seconds = min(self.pause_seconds * 2, LONGEST_PAUSE_SECONDS)

    def stop(self) -> None:
        """End the process and what it started."""
        if self.process is not None:
            self.process.stop(*STOPPING)
            self.process = None


class Supervisor:
    """Runs the children, and the embedded server when there is one, until told to stop.

    Args:
        children: What to keep alive, in the order of starting.
        server: The embedded server, already started; None with a database of one's own.
        logs: Directory of the children's logs; None leaves their output on ours.
        tell: Takes one line for the person at the terminal.

    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        server: Server | None,
        logs: Path | None,
        tell: Callable[[str], None],
    ) -> None:
        self.children = list(children)
        self.server = server
        self.logs = logs
        self.tell = tell
        self.stopping = False

    def start(self, *, first: Collection[str]) -> None:
        """Start the named children; the others wait for `start_rest`, so that these have the processor."""
        if self.logs is not None:
            self.logs.mkdir(parents=True, exist_ok=True)
        for child in self.children:
            if child.name in first:
                child.start(logs=self.logs, now=time.monotonic())
            else:
                child.starts_at = float("inf")

    def start_rest(self) -> None:
        """Let the children start that wait."""
        for child in self.children:
            if child.starts_at == float("inf"):
                child.starts_at = 0.0

    def listen_for_the_end(self) -> None:
        """Let Ctrl-C and SIGTERM end `run`; a second one ends at once."""

        def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 -- the signal handler's signature
            if self.stopping:
                self.kill()
                os._exit(128 + number)
            self.stopping = True

        signal.signal(signal.SIGINT, end)
        signal.signal(signal.SIGTERM, end)

    def run(self) -> None:
        """Keep everything alive until told to stop."""
        while not self.stopping:
            self.look(now=time.monotonic())
            time.sleep(LOOK_SECONDS)

    def look(self, *, now: float) -> None:
        """Start again what ended by itself, once its pause is over."""
        if self.server is not None and (code := self.server.ended()) is not None:
            self.tell(f"PostgreSQL ended with code {code} and is started again.")
            self.server.restart()
        for child in self.children:
            if child.process is not None and (code := child.process.ended()) is not None:
                child.note_end(now=now)
                where = f"; see {self.logs / child.name}.log" if self.logs else ""
                self.tell(
                    f"{child.name} ended with code {code} and is started again in "
                    f"{child.starts_at - now:.1f} s{where}."
                )
            if child.process is None and now >= child.starts_at:
                child.start(logs=self.logs, now=now)

    def stop(self) -> None:
        """End every child, the last started first, each told before any is waited for; then the database."""
        for child in reversed(self.children):
            if child.process is not None:
                child.process.signal(signal.SIGTERM)
        for child in reversed(self.children):
            child.stop()
        if self.server is not None:
            self.server.stop()

    def kill(self) -> None:
        """Kill every child at once; the database is left to its own safe end."""
        for child in self.children:
            if child.process is not None:
                child.process.sweep()

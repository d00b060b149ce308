"""Starts, watches and stops the embedded server of one data directory."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from watchfloor.settings.embedded.binaries import find_programs, reachable_programs
from watchfloor.settings.embedded.cluster import (
    USER,
    choose_home,
    major_of,
    make_cluster,
    make_home,
    server_options,
)
from watchfloor.settings.embedded.errors import ServerFailed
from watchfloor.settings.embedded.identity import runner_of
from watchfloor.settings.embedded.leftovers import clear_leftovers
from watchfloor.settings.embedded.ownership import Ownership
from watchfloor.settings.embedded.places import Places, places_of
from watchfloor.settings.embedded.processes import HAS_DEATH_SIGNAL, Bound

READY_SECONDS = 60.0
LONGEST_LOG_BYTES = 10 * 1024 * 1024
# Fast shutdown, then immediate, which recovery at the next start repairs.
STOPPING = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0))


class Server:
    """The embedded server of a data directory. Use as a context manager, or `start` and `stop`.

    Start it from a thread that lives as long as the process: on Linux the server ends with that thread.

    Args:
        data: The operation's data directory; made when missing.
        forgetful: Trade safety for speed, for tests.
        by_pipe: Tie the server to us by a pipe, as on systems without a death signal.

    """

    def __init__(self, data: Path, *, forgetful: bool = False, by_pipe: bool = not HAS_DEATH_SIGNAL) -> None:
        self.places: Places = places_of(data)
        self.version = ""
        self._forgetful = forgetful
        self._by_pipe = by_pipe
        self._ownership = Ownership(self.places.lock)
        self._process: Bound | None = None

    def start(self, *, tell: Callable[[str], None] = lambda _: None) -> Self:
        """Return the server when it answers and holds our database.

        Raises:
            AlreadyOwned: another process owns the data directory.
            DatabaseError: no programs, no fit place, or the server failed; the message says what to do.

        """
        make_data_directory(self.places.data)
        self._ownership.take()
        try:
            self._start(tell=tell)
        except BaseException:
            self.stop()
            raise
        return self

    def _start(self, *, tell: Callable[[str], None]) -> None:
        runner = runner_of(self.places.data, self.places.cluster)
        self.places = choose_home(self.places, runner=runner)
        make_home(self.places, runner=runner)
        found = find_programs(major=major_of(self.places.cluster))
        programs = reachable_programs(found, uid=runner.uid, gid=runner.gid, keep_in=self.places.home)
        self.version = programs.version
        if major_of(self.places.cluster) is None:
            tell(f"Making a PostgreSQL {programs.version} database in {self.places.home}")
            make_cluster(self.places, programs=programs, runner=runner)
        clear_leftovers(self.places)
        options = server_options(programs=programs, places=self.places, forgetful=self._forgetful)
        turn_log(self.places.log)
        with self.places.log.open("ab") as output:
            self._process = Bound(
                [
                    programs.directory / "postgres",
                    "-D",
                    self.places.cluster,
                    *(word for name, value in options.items() for word in ("-c", f"{name}={value}")),
                ],
                directory=self.places.cluster,
                output=output,
                runner=runner,
                death_signal=signal.SIGINT,
                by_pipe=self._by_pipe,
            )
        self._await_ready()
        self._make_database()

    def _await_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while True:
            try:
                with self.connect("postgres"):
                    return
            except psycopg.OperationalError as error:
                last = str(error).strip()
            code = self._process.ended() if self._process else -1
            if code is not None:
                raise ServerFailed(
                    f"PostgreSQL ended with code {code} while starting: {last_lines(self.places.log)}",
                    remedy=f"See {self.places.log}.",
                )
            if time.monotonic() > until:
                raise ServerFailed(
                    f"PostgreSQL did not answer within {READY_SECONDS:.0f} s: {last}.",
                    remedy=f"See {self.places.log}.",
                )
            time.sleep(0.02)

    def _make_database(self) -> None:
        with self.connect("postgres") as connection:
            there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [USER]).fetchone()
            if not there:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(USER)))

    def connect(self, database: str = USER) -> psycopg.Connection:
        """Return a new connection in autocommit."""
        return psycopg.connect(
            host=str(self.places.sockets),
            port=5432,
            user=USER,
            dbname=database,
            autocommit=True,
            connect_timeout=10,
        )

    @property
    def url(self) -> str:
        """The address of our database, for programs that take one."""
        return f"postgresql://{USER}@/{USER}?host={self.places.sockets}"

    @property
    def pid(self) -> int | None:
        """The process id of the server that we started, or None."""
        return self._process.pid if self._process else None

    def ended(self) -> int | None:
        """Return the exit code of a server that ended, or None while it runs."""
        return self._process.ended() if self._process else None

    def restart(self) -> None:
        """Start again a server that ended by itself, keeping the data directory ours."""
        if self._process is not None:
            self._process.stop(*STOPPING)
            self._process = None
        self._start(tell=lambda _: None)

    def stop(self) -> None:
        """Stop the server and give the data directory free. Does nothing when it does not run."""
        if self._process is not None:
            self._process.stop(*STOPPING)
            self._process = None
        self._ownership.release()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def make_data_directory(data: Path) -> None:
    """Make a missing data directory, such that the server's user may pass it and nobody else list it."""
    if not data.exists():
        data.mkdir(parents=True)
        data.chmod(0o711)


def turn_log(log: Path) -> None:
    """Set a log aside that has grown long; one earlier one is kept."""
    if log.exists() and log.stat().st_size > LONGEST_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))


def last_lines(log: Path, count: int = 4) -> str:
    """Return the last lines of a log as one text."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return "no log was written"
    return " / ".join(lines[-count:])

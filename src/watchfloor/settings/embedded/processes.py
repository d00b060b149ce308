"""Starts programs that end with us, and ends them."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from watchfloor.settings.embedded.identity import Runner

LAUNCHER = Path(__file__).with_name("launcher.py")
# PR_SET_PDEATHSIG is Linux's own; other systems get the pipe.
HAS_DEATH_SIGNAL = sys.platform == "linux"


class Bound:
    """A program in a session of its own, whose life ends with ours even when we are killed.

    On Linux the tie is to the thread that starts it, so start from one that lives as long as the process.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        directory: Path,
        output: IO[bytes] | int | None,
        errors: IO[bytes] | int | None = None,
        environ: Mapping[str, str] | None = None,
        runner: Runner | None = None,
        death_signal: int = signal.SIGTERM,
        by_pipe: bool = not HAS_DEATH_SIGNAL,
    ) -> None:
        uid, gid = (runner.uid, runner.gid) if runner and runner.drops else (-1, -1)
        reading, self._writing = os.pipe() if by_pipe else (-1, -1)
        words = [os.getpid(), int(death_signal), uid, gid, reading]
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(LAUNCHER), *map(str, words), *map(str, command)],
                cwd=directory,
                env=None if environ is None else dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if errors is None and output is not None else errors,
                start_new_session=True,
                pass_fds=[reading] if by_pipe else [],
            )
        finally:
            if by_pipe:
                os.close(reading)

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    def ended(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return self.process.poll()

    def signal(self, number: int) -> None:
        """Send the program a signal, if it still runs."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    def stop(self, *steps: tuple[int, float]) -> int:
        """Return the exit code after each signal and so many seconds' wait; at last all are killed."""
        for number, seconds in steps:
            if self.ended() is not None:
                break
            self.signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=seconds)
        self.sweep()
        code = self.process.wait()
        if self._writing >= 0:
            os.close(self._writing)
            self._writing = -1
        return code

    def sweep(self) -> None:
        """Kill what is left of the program's session: the processes that it started itself."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

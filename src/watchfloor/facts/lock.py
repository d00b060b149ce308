"""One writer at a time for one operation, by a file lock that the kernel drops when its holder dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from watchfloor.kernel import WatchfloorError

_POLL_SECONDS = 0.02


class StoreBusyError(WatchfloorError):
    """Another writer held the lock for longer than the caller would wait."""


@contextmanager
def writer_lock(path: Path, *, timeout_seconds: float) -> Iterator[None]:
    """Hold the lock on `path` for the length of the block.

    Raises:
        StoreBusyError: the lock was not free within `timeout_seconds`.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _acquire(descriptor, path, timeout_seconds)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, timeout_seconds: float) -> None:
    deadline = time.monotonic() + timeout_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                holder = os.pread(descriptor, 32, 0).decode(errors="replace") or "unknown"
                raise StoreBusyError(
                    f"Process {holder} has been writing to {path.parent.parent} for more than "
                    f"{timeout_seconds:g} s.",
                    remedy="Wait until it has finished, or pass a longer lock_timeout_seconds.",
                ) from error
            time.sleep(_POLL_SECONDS)
        else:
            return

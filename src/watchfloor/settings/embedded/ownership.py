"""One process owns the server of a data directory; a second one is told so."""

import fcntl
import os
from pathlib import Path

from watchfloor.settings.embedded.errors import AlreadyOwned


class Ownership:
    """A lock that the kernel releases when its holder ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take the lock.

        Raises:
            AlreadyOwned: another process holds it.

        """
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise AlreadyOwned(
                f"Watchfloor already runs on {self.path.parent}"
                + (f", as process {holder}." if holder else "."),
                remedy="Use that one, end it, or set WATCHFLOOR_DATA to another directory.",
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

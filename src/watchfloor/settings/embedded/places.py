"""Says where the embedded database's files stand. Reads the file system, writes nothing.

Every process of an operation finds the server by this convention alone: same data directory, same socket.
"""

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

# A Unix socket's path fits in 108 bytes on Linux and 104 on macOS, its ending zero included.
LONGEST_SOCKET_PATH = 100
SOCKET_FILE = ".s.PGSQL.5432"
# Where root's database goes when nobody else may enter the data directory.
SYSTEM_DIRECTORY = Path("/var/lib/watchfloor")
LOCATION_FILE = "postgresql.location"


@dataclass(frozen=True, slots=True)
class Places:
    """The files of one embedded database.

    Attributes:
        data: The operation's data directory.
        home: Directory of everything here; the server's user can enter it, nobody else can list it.
        cluster: PostgreSQL's own directory.
        sockets: Private directory of the server's socket.
        log: What the server says.
        lock: Held by the one process that owns the server.

    """

    data: Path
    home: Path

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own directory."""
        return self.home / "cluster"

    @property
    def sockets(self) -> Path:
        """The socket's directory: in the home, or in the temporary one where that path would be too long."""
        inside = self.home / "socket"
        if len(os.fsencode(inside / SOCKET_FILE)) <= LONGEST_SOCKET_PATH:
            return inside
        mark = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"watchfloor-{mark}"

    @property
    def socket(self) -> Path:
        """The socket itself."""
        return self.sockets / SOCKET_FILE

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.home / "server.log"

    @property
    def lock(self) -> Path:
        """Held by the one process that owns the server."""
        return self.data / "owner.lock"


def places_of(data: Path) -> Places:
    """Return where the database of that data directory stands: as noted there, else inside."""
    data = Path(os.path.abspath(data))  # noqa: PTH100 -- Path.resolve would follow links and change the place
    try:
        noted = (data / LOCATION_FILE).read_text(encoding="utf-8").strip()
    except OSError:
        noted = ""
    return Places(data=data, home=Path(noted) if noted else data / "postgresql")


def closed_parent(path: Path, *, uid: int, gid: int) -> Path | None:
    """Return the first directory on the way to `path`, itself included, that this user may not enter.

    Parents that do not exist yet are ours to make and do not count.
    """
    for directory in [*reversed(path.parents), path]:
        try:
            found = directory.stat()
        except FileNotFoundError:
            return None
        except PermissionError:
            return directory
        if found.st_uid == uid:
            enters = found.st_mode & stat.S_IXUSR
        elif found.st_gid == gid:
            enters = found.st_mode & stat.S_IXGRP
        else:
            enters = found.st_mode & stat.S_IXOTH
        if not enters:
            return directory
    return None

"""Says which user runs the server. PostgreSQL refuses root, and we make no system user."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

# A number that Debian, Fedora and systemd leave free: no name, no other process, no file but ours.
PRIVATE_UID = 60_732
# `initdb` insists on a user with a name, if only while it makes the files.
NAMED_UID = "nobody"


@dataclass(frozen=True, slots=True)
class Runner:
    """The user whose processes are the server's.

    Attributes:
        uid: Its number.
        gid: Its group's number.
        drops: Whether we are root and become it.

    """

    uid: int
    gid: int
    drops: bool

    @property
    def maker(self) -> "Runner":
        """The user that runs initdb: this one, or a named one where this one has no name."""
        if not self.drops or has_name(self.uid):
            return self
        named = pwd.getpwnam(NAMED_UID)
        return Runner(uid=named.pw_uid, gid=named.pw_gid, drops=True)


def runner_of(data: Path, cluster: Path) -> Runner:
    """Return who runs the server of that data directory.

    Ourselves, unless we are root. Then the owner of the files that stand already, the data directory's
    owner when it belongs to somebody else than root, and a private number otherwise.
    """
    if os.geteuid() != 0:
        return Runner(uid=os.geteuid(), gid=os.getegid(), drops=False)
    for place in (cluster, data):
        try:
            owner = place.stat()
        except OSError:
            continue
        if owner.st_uid != 0:
            return Runner(uid=owner.st_uid, gid=owner.st_gid or owner.st_uid, drops=True)
    return Runner(uid=PRIVATE_UID, gid=PRIVATE_UID, drops=True)


def has_name(uid: int) -> bool:
    """Return whether the machine knows a user of that number."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def hand_over(path: Path, *, runner: Runner) -> None:
    """Give a path of ours, and everything in it, to the server's user. Links are given, not followed."""
    if not runner.drops:
        return
    for directory, folders, files in os.walk(path):
        for entry in (*folders, *files):
            os.chown(os.path.join(directory, entry), runner.uid, runner.gid, follow_symlinks=False)  # noqa: PTH118 -- thousands of entries
    os.chown(path, runner.uid, runner.gid, follow_symlinks=False)

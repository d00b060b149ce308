"""Becomes another program whose life ends with its parent's. Run as a file; imports nothing of ours.

    python -I -S launcher.py PARENT SIGNAL UID GID PIPE PROGRAM ARGUMENT…

PARENT is the process id whose end ends the program, SIGNAL what the program is then sent, UID and GID whom
to become (-1: nobody else). On Linux the kernel delivers the signal (PR_SET_PDEATHSIG) and PIPE is -1.
Elsewhere PIPE is the reading end of a pipe that the parent holds open: this process stays, waits for the
program, and sends the signal when the pipe closes.

The order matters: the kernel forgets the signal when a process changes its user, and keeps it across exec.
"""

import ctypes
import os
import select
import signal
import sys

PR_SET_PDEATHSIG = 1
PARENT_GONE = 125


def main(arguments: list[str]) -> int:
    """Become the program; return only when it could not be, or when watching a pipe."""
    parent, number, uid, gid, pipe = (int(word) for word in arguments[:5])
    command = arguments[5:]
    os.umask(0o077)
    # Loaded before the user changes: the new one may not be able to read Python's own files.
    libc = ctypes.CDLL(None, use_errno=True)
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if pipe >= 0:
        return watch(command, number=number, pipe=pipe)
    if libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        print(f"prctl: {os.strerror(ctypes.get_errno())}", file=sys.stderr)  # noqa: T201 -- the parent reads it
        return PARENT_GONE
    if os.getppid() != parent:
        return PARENT_GONE
    os.execv(command[0], command)  # noqa: S606 -- no shell is wanted
    return PARENT_GONE


def watch(command: list[str], *, number: int, pipe: int) -> int:
    """Return the program's exit code; send it the signal when the pipe closes."""
    child = os.fork()
    if child == 0:
        os.close(pipe)
        os.execv(command[0], command)  # noqa: S606 -- no shell is wanted
    for forwarded in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(forwarded, lambda received, _: os.kill(child, received))
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if pipe >= 0 and select.select([pipe], [], [], 0.2)[0] and not os.read(pipe, 1):
            os.kill(child, number)
            os.close(pipe)
            pipe = -1
        elif pipe < 0:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

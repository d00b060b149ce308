"""Makes sure, before anything starts, that the ports are free."""

import errno
import socket

from watchfloor.kernel import WatchfloorError


class PortTakenError(WatchfloorError):
    """A port that we need cannot be listened on."""


def refuse_taken_port(*, host: str, port: int, option: str) -> None:
    """Refuse a port that somebody else listens on, or that we may not.

    Args:
        host: Address to listen on.
        port: The port.
        option: The option that names another one.

    Raises:
        PortTakenError: naming the port and the option.

    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As the server does: a connection that still closes does not hold the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host.strip("[]"), port))
            probe.listen(1)
    except OSError as error:
        reasons = {
            errno.EADDRINUSE: f"Port {port} on {host} is in use by another program.",
            errno.EACCES: f"Port {port} on {host} may not be opened by this user.",
        }
        message = reasons.get(error.errno or 0, f"Port {port} on {host} cannot be opened: {error.strerror}.")
        raise PortTakenError(
            message, remedy=f"Choose another with {option}, such as {option} {port + 10}."
        ) from error

"""Sends one request to somebody else's server, and no further than it may go.

The host is resolved once, every address it has must be allowed, and the connection goes to an address that
was checked: a name that resolves differently a moment later changes nothing. Redirects are answers, not
followed. Time and size of the answer have limits that a slow sender cannot stretch.
"""

import http.client
import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from watchfloor.kernel import WatchfloorError

LONGEST_SECONDS = 10.0
LONGEST_CONNECT_SECONDS = 5.0
LARGEST_ANSWER_BYTES = 64 * 1024
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_METADATA = ipaddress.ip_address("fd00:ec2::254")


class AddressRefusedError(WatchfloorError):
    """Requests are not sent to this address."""


class UnreachableError(WatchfloorError):
    """No answer came: the host is unknown, refuses, breaks off, or takes too long."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; the body may be cut at the limit."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be called: its parts, and the network addresses that were checked."""

    parts: SplitResult
    port: int
    addresses: tuple[str, ...]

    @property
    def host(self) -> str:
        """The host as the address writes it."""
        return str(self.parts.hostname)


def checked_target(url: str, *, private_hosts: Iterable[str] = ()) -> Target:
    """Return the address with its resolved network addresses, all of them allowed.

    Args:
        url: Where to send; https, or http for one of `private_hosts`.
        private_hosts: Hosts that may resolve to a loopback or private address. Link-local addresses, where
            clouds keep their metadata, are never allowed.

    Raises:
        AddressRefusedError: the address is not one that may be called.
        UnreachableError: the host has no address.

    """
    parts = checked_address(url, private_hosts=private_hosts)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = str(parts.hostname)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnreachableError(
            f"Host {host!r} cannot be resolved: {error}.", remedy="Check its name."
        ) from error
    addresses = tuple(dict.fromkeys(str(each[4][0]) for each in found))
    for address in addresses:
        if not is_allowed(address, private=host.lower() in set(private_hosts)):
            raise AddressRefusedError(
                f"{host!r} resolves to {address}, which is not a public address.",
                remedy="Name the host in WATCHFLOOR_ALLOW_PRIVATE_CALLBACKS if it is yours.",
            )
    return Target(parts, port, addresses)


def checked_address(url: str, *, private_hosts: Iterable[str] = ()) -> SplitResult:
    """Return the parts of an address that may be called as far as its text tells.

    Raises:
        AddressRefusedError: scheme, host, user or port are not as they have to be.

    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefusedError(
            f"{url!r} is no address: {error}.", remedy="Write https://host/path."
        ) from error
    if not parts.hostname or not url.isascii() or not url.isprintable() or " " in url or port == 0:
        raise AddressRefusedError(f"{url!r} is no address.", remedy="Write https://host/path in ASCII.")
    if parts.username or parts.password or "@" in parts.netloc:
        raise AddressRefusedError("An address with a user is not called.", remedy="Leave the user out.")
    plain = parts.scheme == "http" and parts.hostname.lower() in set(private_hosts)
    if parts.scheme != "https" and not plain:
        raise AddressRefusedError(
            f"{url!r} is not called in the clear.",
            remedy="Write https://…, or name the host in WATCHFLOOR_ALLOW_PRIVATE_CALLBACKS.",
        )
    return parts


def is_allowed(address: str, *, private: bool = False) -> bool:
    """Return whether a network address may be called.

    >>> is_allowed("8.8.8.8"), is_allowed("127.0.0.1"), is_allowed("::ffff:10.0.0.1")
    (True, False, False)
    >>> is_allowed("10.0.0.1", private=True), is_allowed("169.254.169.254", private=True)
    (True, False)
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        within = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if within is None and ip in _NAT64:
            within = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if within is not None:
            return is_allowed(str(within), private=private)
    if (
        ip.is_link_local
        or ip.is_multicast
        or ip.is_unspecified
        or ip == ipaddress.ip_address("fd00:ec2::254")
    ):
        return False
    return ip.is_global or (private and (ip.is_private or ip.is_loopback))


def post(
    *,
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    method: str = "POST",
    longest_seconds: float = LONGEST_SECONDS,
    largest_answer_bytes: int = LARGEST_ANSWER_BYTES,
    clock: Callable[[], float] = time.monotonic,
) -> Answer:
    """Return the server's answer, whatever its status.

    Raises:
        UnreachableError: nothing that is an answer came within the time.

    """
    started = clock()
    ends = started + longest_seconds
    try:
        with _connected(target, ends=ends, clock=clock) as connection:
            connection.settimeout(max(0.001, ends - clock()))
            connection.sendall(_head(target, method, headers, len(body)) + body)
            answer = http.client.HTTPResponse(_Timed(connection, ends, clock), method=method)  # type: ignore[arg-type]  # it only asks for a file
            answer.begin()
            taken = _read(answer, largest_answer_bytes)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UnreachableError(
            f"{target.host} gave no answer: {type(error).__name__}: {str(error)[:200]}.",
            remedy="See that it is up and answers within the time.",
        ) from error
    known = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(status=answer.status, headers=known, body=taken, seconds=clock() - started)


def _connected(target: Target, *, ends: float, clock: Callable[[], float]) -> socket.socket:
    failure: OSError | None = None
    for address in target.addresses[:4]:
        left = min(LONGEST_CONNECT_SECONDS, ends - clock())
        if left <= 0:
            break
        try:
            plain = socket.create_connection((address, target.port), timeout=left)
        except OSError as error:
            failure = error
            continue
        if target.parts.scheme != "https":
            return plain
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
        except (OSError, ValueError):
            plain.close()
            raise
    raise failure or TimeoutError("the time is over")


def _head(target: Target, method: str, headers: Mapping[str, str], length: int) -> bytes:
    path = target.parts.path or "/"
    path += f"?{target.parts.query}" if target.parts.query else ""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {target.parts.netloc}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if method != "GET":
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _read(answer: http.client.HTTPResponse, most: int) -> bytes:
    """Return the body up to the limit; one that breaks off or dawdles is taken as far as it came."""
    taken = bytearray()
    try:
        while len(taken) < most and (piece := answer.read1(min(8192, most - len(taken)))):
            taken += piece
    except (OSError, http.client.HTTPException, ValueError):
        pass
    return bytes(taken)


class _Timed(io.RawIOBase):
    """A socket that is read until an instant and no longer, however slowly it trickles."""

    def __init__(self, connection: socket.socket, ends: float, clock: Callable[[], float]) -> None:
        self._connection, self._ends, self._clock = connection, ends, clock

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return the file that an HTTP answer is read from."""
        del mode
        return io.BufferedReader(self, 8192)

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the standard library's own stub is wider
        """Read what there is, within the time that is left."""
        left = self._ends - self._clock()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)

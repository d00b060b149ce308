"""Requests go to public addresses, once, and no answer holds them longer than the time allows."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from watchfloor.operations.enforcement.outward import (
    AddressRefusedError,
    UnreachableError,
    checked_address,
    checked_target,
    is_allowed,
    post,
)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "240.0.0.1",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "none",
    ],
)  # fmt: skip
def test_no_address_inside_is_called(address):
    assert not is_allowed(address)


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "fd00:ec2::254", "::", "224.0.0.1"])
def test_metadata_and_the_like_are_not_called_even_where_private_hosts_are(address):
    assert not is_allowed(address, private=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "https://", "https://user:secret@example.org/",
        "example", "https://example.org:0/", "https://example.org:99999/", "https://exam ple.org/",
        "https://a.org/\r\nHost: x", "https://exämple.org/", "https://[::1/", "file:///etc/passwd", "gopher://example.org/",
    ],
)  # fmt: skip
def test_only_plain_https_addresses_are_taken(url):
    with pytest.raises(AddressRefusedError):
        checked_address(url)


@pytest.mark.parametrize(
    "url", ["https://localhost/", "https://127.0.0.1/", "https://2130706433/", "https://[::ffff:127.0.0.1]/", "https://0x7f.1/"]
)  # fmt: skip
def test_a_name_or_a_number_that_leads_inside_is_refused(url):
    with pytest.raises((AddressRefusedError, UnreachableError)):
        checked_target(url)


def test_a_name_is_resolved_once_and_the_checked_address_is_called(monkeypatch):
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    real = socket.getaddrinfo

    def resolve(host, port, *rest, **named):
        if host != "rebinding.example":
            return real(host, port, *rest, **named)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in next(answers)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    target = checked_target("https://rebinding.example/hook")
    assert target.addresses == ("93.184.215.14",)


def test_one_forbidden_address_among_several_forbids_the_name(monkeypatch):
    def resolve(host, port, *rest, **named):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("93.184.215.14", "10.0.0.1")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(AddressRefusedError, match=r"10\.0\.0\.1"):
        checked_target("https://mixed.example/")


def speaking(script):
    """Return the port of a server that runs `script` with each connection."""
    server = socket.create_server(("127.0.0.1", 0))

    def run():
        with server:
            connection, _ = server.accept()
            with connection, suppress(OSError):  # the caller gives up on purpose
                connection.recv(65536)
                script(connection)

    threading.Thread(target=run, daemon=True).start()
    return server.getsockname()[1]


def call(port, **limits):
    target = checked_target(f"http://127.0.0.1:{port}/", private_hosts=["127.0.0.1"])
    return post(target=target, body=b"{}", headers={}, **limits)


def test_a_server_that_says_nothing_is_given_up_in_time():
    port = speaking(lambda connection: time.sleep(3))
    started = time.monotonic()
    with pytest.raises(UnreachableError, match="timed out"):
        call(port, longest_seconds=0.3)
    assert time.monotonic() - started < 1.5


def test_headers_that_trickle_are_given_up_in_time():
    def trickle(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.02)

    started = time.monotonic()
    with pytest.raises(UnreachableError):
        call(speaking(trickle), longest_seconds=0.4)
    assert time.monotonic() - started < 1.5


def test_a_body_that_never_ends_is_cut_and_the_status_counts():
    def pour(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
        try:
            while True:
                connection.sendall(b"x" * 4096)
        except OSError:
            return

    answer = call(speaking(pour), largest_answer_bytes=10_000, longest_seconds=2.0)
    assert (answer.status, len(answer.body)) == (200, 10_000)


def test_what_is_no_http_is_no_answer():
    with pytest.raises(UnreachableError):
        call(speaking(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH\r\n")), longest_seconds=1.0)

"""Turns the text of one environment variable into its value.

Each function here returns a parser and, in words, what may be written. A parser raises ValueError with
the end of the sentence "… is 'x', which …".
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Parser = Callable[[str], Any]

_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,62}$")
_HOST = re.compile(
    r"^(\*|\[[0-9a-f:]+\]|[0-9a-f:]*:[0-9a-f:]*|\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?)$", re.IGNORECASE
)
_YES = {"1", "yes", "true", "on"}
_NO = {"0", "no", "false", "off"}


def text(longest: int) -> tuple[Parser, str]:
    """Return a parser of any printable text up to that many characters."""

    def parse(written: str) -> str:
        if len(written) > longest:
            raise ValueError(f"has {len(written)} characters, more than {longest}")
        if not written.isprintable():
            raise ValueError("holds control characters")
        return written

    return parse, f"a text of at most {longest} characters"


def secret(shortest: int) -> tuple[Parser, str]:
    """Return a parser of a secret of at least that many characters."""

    def parse(written: str) -> str:
        if len(written) < shortest:
            raise ValueError(f"has {len(written)} characters, fewer than {shortest}")
        return written

    return parse, f"at least {shortest} characters"


def name() -> tuple[Parser, str]:
    """Return a parser of a name that may be a folder's."""
    limit = "1 to 63 small letters, digits, - and _, beginning with a letter or digit"

    def parse(written: str) -> str:
        if not _NAME.match(written):
            raise ValueError(f"is not {limit}")
        return written

    return parse, limit


def flag() -> tuple[Parser, str]:
    """Return a parser of yes or no."""
    limit = "yes or no"

    def parse(written: str) -> bool:
        if written.lower() in _YES:
            return True
        if written.lower() in _NO:
            return False
        raise ValueError(f"is not {limit}")

    return parse, limit


def whole_number(low: int, high: int) -> tuple[Parser, str]:
    """Return a parser of a whole number between both bounds, each allowed."""
    limit = f"a whole number from {low} to {high}"

    def parse(written: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,12}", written) or not low <= int(written) <= high:
            raise ValueError(f"is not {limit}")
        return int(written)

    return parse, limit


def choice(*allowed: str) -> tuple[Parser, str]:
    """Return a parser of one of a few words, in any case."""
    limit = "one of " + ", ".join(allowed)

    def parse(written: str) -> str:
        if written.lower() not in allowed:
            raise ValueError(f"is not {limit}")
        return written.lower()

    return parse, limit


def path() -> tuple[Parser, str]:
    """Return a parser of a directory's path; it need not exist."""

    def parse(written: str) -> Path:
        if not written.isprintable():
            raise ValueError("holds control characters")
        found = Path(written).expanduser()
        if found.exists() and not found.is_dir():
            raise ValueError("is a file, not a directory")
        return found

    return parse, "the path of a directory"


def host_name() -> tuple[Parser, str]:
    """Return a parser of one host name or address, without a port."""
    limit = "a host name or address without a port"

    def parse(written: str) -> str:
        if not _HOST.match(written):
            raise ValueError(f"is not {limit}")
        return written.lower()

    return parse, limit


def host_names() -> tuple[Parser, str]:
    """Return a parser of host names separated by commas."""
    one, _ = host_name()

    def parse(written: str) -> tuple[str, ...]:
        return tuple(one(part.strip()) for part in written.split(",") if part.strip())

    return parse, "host names separated by commas"


def web_address() -> tuple[Parser, str]:
    """Return a parser of an http or https address; a slash at its end is dropped."""
    limit = "an address that begins with http:// or https://"

    def parse(written: str) -> str:
        parts = urlsplit(written)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"is not {limit}")
        return written.rstrip("/")

    return parse, limit


def origins() -> tuple[Parser, str]:
    """Return a parser of web origins separated by commas: a scheme and a host, without a path."""
    limit = "origins such as https://media.example.org, separated by commas"

    def parse(written: str) -> tuple[str, ...]:
        found = []
        for part in filter(None, (part.strip() for part in written.split(","))):
            address = urlsplit(part)
            plain = address.scheme in {"http", "https"} and address.hostname and address.path in {"", "/"}
            if not plain or address.query or address.fragment or any(each in part for each in " ;'\"@"):
                raise ValueError(f"names {part!r}, which is none of {limit}")
            found.append(f"{address.scheme}://{address.netloc}".lower())
        return tuple(found)

    return parse, limit


def postgresql_url() -> tuple[Parser, str]:
    """Return a parser of a PostgreSQL connection address; its parts are read by `database_parts`."""
    limit = "an address that begins with postgresql:// and ends with a database's name"

    def parse(written: str) -> str:
        parts = urlsplit(written)
        if parts.scheme not in {"postgresql", "postgres"} or len(parts.path) < 2:
            raise ValueError(f"is not {limit}")
        try:
            _ = parts.port
        except ValueError:
            raise ValueError("names a port that is no number up to 65535") from None
        return written

    return parse, limit

"""Time-ordered identifiers for rows that are written in great number."""

from datetime import datetime
from uuid import UUID


def new_id(*, now: datetime, random_bytes: bytes) -> UUID:
    """Return a UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then randomness.

    Args:
        now: The instant, timezone-aware.
        random_bytes: Ten bytes from the caller's source of randomness.

    Raises:
        ValueError: `random_bytes` does not hold ten bytes, or `now` is naive.

    >>> from datetime import UTC
    >>> str(new_id(now=datetime(2026, 1, 1, tzinfo=UTC), random_bytes=bytes(10)))
    '019b76da-a800-7000-8000-000000000000'

    """
    if len(random_bytes) != 10:
        raise ValueError(f"random_bytes holds {len(random_bytes)} bytes; ten are needed.")
    if now.tzinfo is None:
        raise ValueError(f"now={now!r} has no time zone; pass an aware instant.")
    milliseconds = int(now.timestamp() * 1000)
    tail = int.from_bytes(random_bytes, "big")
    value = (milliseconds & (2**48 - 1)) << 80 | tail
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return UUID(int=value)

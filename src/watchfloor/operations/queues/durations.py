"""Durations as people type them: `4h`, `1d 12h`, `90m`, `45s`. Pure."""

import re

_PART = re.compile(r"(\d{1,7})\s*([dhms])", re.IGNORECASE)
_WHOLE = re.compile(r"\A\s*(\d{1,7}\s*[dhms]\s*)+\Z", re.IGNORECASE)
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def typed_seconds(written: str) -> int:
    """Return the seconds of a typed duration.

    Raises:
        ValueError: it is none.

    >>> typed_seconds("1d 12h"), typed_seconds("90m")
    (129600, 5400)
    """
    if not _WHOLE.match(written):
        raise ValueError(f"{written!r} is no duration; write it like 4h, 1d 12h or 90m.")
    return sum(int(number) * _SECONDS[unit.lower()] for number, unit in _PART.findall(written))


def typed(seconds: float) -> str:
    """Return seconds as somebody would type them, in the largest units that hold them whole.

    >>> typed(129600), typed(5400), typed(61)
    ('1d 12h', '1h 30m', '1m 1s')
    """
    left, parts = round(seconds), []
    for unit, size in _SECONDS.items():
        if left >= size:
            parts.append(f"{left // size}{unit}")
            left %= size
    return " ".join(parts) or "0s"

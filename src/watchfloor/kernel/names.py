"""Suggests the name that a person probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name closest to `name`, or None when nothing is close.

    >>> nearest("ath", ["aht", "backlog"])
    'aht'
    >>> nearest("zzz", ["aht", "backlog"]) is None
    True
    """
    candidates = sorted(set(known))
    matches = get_close_matches(name, candidates, n=1, cutoff=0.5)
    return matches[0] if matches else None

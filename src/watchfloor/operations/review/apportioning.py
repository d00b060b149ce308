"""Which site a case goes to first, and when the others may take it. Pure."""

from collections.abc import Mapping
from datetime import datetime

# The golden ratio's fraction of 2**32: its multiples fill [0, 1) as evenly as any sequence can.
_STEP = 2654435769
_CIRCLE = 2**32


def home_site(*, shares: Mapping[str, float], number: int) -> str:
    """Return the site of the case with that running number; blank where no shares are set.

    Numbers that follow each other fall into the shares almost exactly, in every stretch; shares need not add
    up to one.

    >>> sites = [home_site(shares={"dublin": 0.75, "manila": 0.25}, number=n) for n in range(100)]
    >>> sites.count("dublin")
    75
    """
    total = sum(shares.values())
    if total <= 0:
        return ""
    drawn = (number * _STEP % _CIRCLE) / _CIRCLE * total
    for site in sorted(shares):
        drawn -= shares[site]
        if drawn < 0:
            return site
    return max(shares, key=lambda site: (shares[site], site))


def overflow_at(*, enqueued_at: datetime, deadline_at: datetime, after: float) -> datetime:
    """Return when other sites may take a case: after this share of the time to its deadline."""
    return enqueued_at + (deadline_at - enqueued_at) * after

"""Tenure bands, counted in days since a reviewer's first production case."""

from datetime import date

TENURE_BANDS = ("0-30", "31-90", "91-180", "181-365", "366+")
_LAST_DAYS = (30, 90, 180, 365)


def tenure_band(*, first_production_on: date | None, today: date) -> str:
    """Return the band that holds today; somebody without a production case is in the first.

    >>> tenure_band(first_production_on=date(2026, 1, 1), today=date(2026, 2, 1))
    '31-90'
    """
    if first_production_on is None:
        return TENURE_BANDS[0]
    days = (today - first_production_on).days
    for band, last_day in zip(TENURE_BANDS, _LAST_DAYS, strict=False):
        if days <= last_day:
            return band
    return TENURE_BANDS[-1]

"""Turns figures into short text for people: durations, counts, shares, instants, in the language in force.

Static texts of durations are patterns with named places, so that the same patterns serve the page's script.
"""

import math
from datetime import UTC, datetime
from functools import cache

from babel.dates import format_date, format_datetime, format_time
from django.utils.translation import get_language, gettext

MINUS = "\N{MINUS SIGN}"
NONE = "\N{EN DASH}"
EXACT_SECONDS = 1_000


def duration_patterns() -> dict[str, str]:
    """Return the patterns of durations in the language in force."""
    return {
        "days": gettext("{d} d {h} h"),
        "hours": gettext("{h} h {m} min"),
        "whole_days": gettext("{d} d"),
        "whole_hours": gettext("{h} h"),
        "minutes": gettext("{m} min"),
        "seconds": gettext("{s} s"),
    }


def duration(seconds: float | None) -> str:
    """Return a length of time in its two largest units; its sign is dropped.

    >>> duration(11_530), duration(59.4), duration(None)
    ('3 h 12 min', '59 s', '–')
    """
    if seconds is None or math.isnan(seconds):
        return NONE
    whole = round(abs(seconds))
    days, hours, minutes = whole // 86_400, whole // 3_600 % 24, whole // 60 % 60
    patterns = duration_patterns()
    if days and not hours:
        return patterns["whole_days"].format(d=days)
    if days:
        return patterns["days"].format(d=days, h=hours)
    if hours and not minutes:
        return patterns["whole_hours"].format(h=hours)
    if hours:
        return patterns["hours"].format(h=hours, m=minutes)
    if minutes:
        return patterns["minutes"].format(m=minutes)
    return patterns["seconds"].format(s=whole)


def count(number: float | None) -> str:
    """Return a count with thousands set apart; missing is a dash, not zero.

    >>> count(12_345), count(None)
    ('12,345', '–')
    """
    return NONE if number is None else f"{number:,.0f}".replace("-", MINUS)


def share(value: float | None, *, digits: int = 1) -> str:
    """Return a share as a percentage; what is not quite none or all never reads as such.

    >>> share(0.9421), share(1.0), share(0.99999), share(0.00001), share(None)
    ('94.2%', '100%', '>99.9%', '<0.1%', '–')
    """
    if value is None:
        return NONE
    if value in (0.0, 1.0):
        return f"{value * 100:.0f}%"
    text = f"{value * 100:.{digits}f}"
    step = 10.0**-digits
    if 0 < value < 1 and float(text) == 0:
        return f"<{step:.{digits}f}%"
    return f">{100 - step:.{digits}f}%" if 0 < value < 1 and float(text) == 100 else f"{text}%"


def quantity(value: float | None, *, unit: str) -> str:
    """Return a metric's value in its unit: shares as percentages, seconds plainly below a thousand.

    >>> quantity(0.5, unit="share"), quantity(48.31, unit="seconds"), quantity(3.14159, unit="reviews/hour")
    ('50.0%', '48.3 s', '3.14')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return NONE
    if unit in {"share"}:
        return share(value)
    if unit in {"s", "seconds"}:
        if abs(value) >= EXACT_SECONDS:
            return duration(value)
        return duration_patterns()["seconds"].format(s=f"{value:.1f}" if abs(value) < 100 else f"{value:.0f}")
    if float(value).is_integer() and abs(value) < 1e15:
        return count(value)
    if abs(value) >= 1000:
        return count(value)
    return f"{value:.3g}" if abs(value) < 100 else f"{value:,.1f}"


@cache
def _babel_locale(language: str) -> str:
    return "zh_Hans" if language.lower().startswith("zh") else "en_GB"


def locale_name() -> str:
    """Return the locale for dates, after the language in force."""
    return _babel_locale(get_language() or "en")


def instant(at: datetime | None) -> str:
    """Return an instant to the minute, in UTC."""
    if at is None:
        return NONE
    pattern = "yyyy年M月d日 HH:mm" if locale_name() == "zh_Hans" else "d MMM yyyy, HH:mm"
    return str(format_datetime(at.astimezone(UTC), pattern, locale=locale_name()))


def day(at: datetime | None) -> str:
    """Return the day of an instant, in UTC."""
    if at is None:
        return NONE
    pattern = "yyyy年M月d日" if locale_name() == "zh_Hans" else "d MMM yyyy"
    return str(format_date(at.astimezone(UTC), pattern, locale=locale_name()))


def clock(at: datetime | None) -> str:
    """Return the time of day of an instant, in UTC."""
    return NONE if at is None else str(format_time(at.astimezone(UTC), "HH:mm", locale=locale_name()))

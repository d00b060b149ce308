"""A value in its unit as people read it: shares as percentages, long durations in minutes, hours or days."""

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0


def value_text(value: float | None, unit: str) -> str:
    """Return the value with its unit; a dash where there is none, because missing is not zero.

    >>> value_text(0.9731, "share"), value_text(48.66, "s"), value_text(9_000.0, "s"), value_text(None, "s")
    ('97.31 %', '48.7 s', '2.50 h', '—')
    """
    if value is None:
        return "—"
    if unit == "share":
        return f"{100 * value:.2f} %"
    if unit == "s":
        return _duration(value)
    if unit in ("cases", "reviews", "reviewers"):
        return f"{value:,.0f}"
    if unit == "1":
        return f"{value:.3f}"
    return f"{value:,.2f} {unit}"


def _duration(seconds: float) -> str:
    if seconds < 3 * _MINUTE:
        return f"{seconds:.1f} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.1f} min"
    if seconds < 3 * _DAY:
        return f"{seconds / _HOUR:.2f} h"
    return f"{seconds / _DAY:.1f} d"

"""Reads and writes the figures of targets as people type them: 95% and 0.95 are one share, 95 is none."""

from math import isfinite

from watchfloor.operations.targets.errors import TargetError


class FigureError(TargetError):
    """What was typed is no value in the metric's unit; the message says what would be."""


def typed(value: float | None, *, unit: str) -> str:
    """Return the value as a field shows it; reading it again gives the same value.

    >>> typed(0.95, unit="share"), typed(61.5, unit="s"), typed(None, unit="s")
    ('95%', '61.5', '')
    """
    if value is None:
        return ""
    return f"{value * 100:.8g}%" if unit == "share" else f"{value:.10g}"


def read_figure(text: str, *, unit: str) -> float | None:
    """Return the value that was typed; None where nothing was.

    >>> read_figure("95 %", unit="share"), read_figure("0.95", unit="share"), read_figure(" ", unit="s")
    (0.95, 0.95, None)

    Raises:
        FigureError: it is no number, or no share.

    """
    plain = text.strip().replace("\N{NO-BREAK SPACE}", "").replace(" ", "").replace("\uff05", "%")
    if not plain:
        return None
    is_percent = plain.endswith("%")
    try:
        value = float(plain.removesuffix("%").replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        raise FigureError(
            f"“{text.strip()[:40]}” is no number.", remedy="Write 0.95 or 95% for a share, 61.5 otherwise."
        ) from None
    if not isfinite(value):
        raise FigureError(f"“{text.strip()[:40]}” is no finite number.", remedy="Give a finite value.")
    if is_percent and unit != "share":
        raise FigureError(
            f"“{text.strip()[:40]}” is a percentage; the unit is {unit}.", remedy="Leave the % out."
        )
    value = round(value / 100.0, 12) if is_percent else value
    if unit == "share" and value > 1:
        raise FigureError(
            f"{value:g} is no share: it would be {value * 100:g} %.",
            remedy=f"Write {value:g}% or {value / 100:g}."
            if value <= 100
            else "A share lies between 0 and 1.",
        )
    return value

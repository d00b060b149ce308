"""Names, units and points of metrics as people read them on axes and in headings."""

from datetime import datetime
from typing import Any

from django.utils.translation import get_language, gettext

from watchfloor.metrics import Cell
from watchfloor.metrics.definition import Definition


def name_of(definition: Definition) -> str:
    """Return a metric's name in the language in force."""
    return definition.name.in_language(get_language() or "en")


def unit_name(unit: str) -> str:
    """Return a unit in words; shares need none."""
    return {
        "s": gettext("seconds"),
        "share": "%",
        "1/h": gettext("per hour"),
        "cases": gettext("cases"),
        "reviews": gettext("reviews"),
        "reviewers": gettext("reviewers"),
        "reviews/case": gettext("reviews a case"),
        "objects": gettext("objects"),
        "people": gettext("people"),
        "queues": gettext("queues"),
        "items": gettext("items"),
        "h": gettext("hours"),
        "min": gettext("minutes"),
        "days": gettext("days"),
        "full_time": gettext("full-time people"),
        "1": "",
        "1/year": gettext("a year"),
        "currency": gettext("of the reporting currency"),
        "currency/case": gettext("of the reporting currency a case"),
        "points": gettext("points"),
    }.get(unit, unit)


def axis_unit(unit: str, *, largest: float) -> tuple[str, float]:
    """Return an axis's unit in words and what its values are divided by: long times read as hours or days.

    >>> axis_unit("s", largest=7_200.0)[1], axis_unit("share", largest=0.5)
    (60.0, ('%', 1.0))
    """
    if unit != "s":
        return unit_name(unit), 1.0
    if largest < 600:
        return gettext("seconds"), 1.0
    if largest < 3 * 3_600:
        return gettext("minutes"), 60.0
    return (gettext("hours"), 3_600.0) if largest < 4 * 86_400 else (gettext("days"), 86_400.0)


def cut_names() -> dict[str, str]:
    """Return the words for a bucket that the period holds only in part."""
    return {"so_far": gettext("so far"), "in_part": gettext("in part")}


def point(cell: Cell, *, series: str, cut: str = "") -> dict[str, Any]:
    """Return a cell as a chart's point; `cut` says that its bucket is not whole."""
    marks = {"cut": cut_names()[cut]} if cut else {}
    return {
        **marks,
        "at": written(cell.bucket_start) if cell.bucket_start else None,
        "value": cell.estimate.value,
        "low": cell.estimate.low,
        "high": cell.estimate.high,
        "series": series,
    }


def scaled(values: dict[str, Any], divisor: float) -> dict[str, Any]:
    """Return a point with its value and interval divided."""
    for name in ("value", "low", "high"):
        if values[name] is not None:
            values[name] /= divisor
    return values


def written(at: datetime | None) -> str:
    """Return an instant as the charts read it."""
    return at.isoformat().replace("+00:00", "Z") if at else ""

"""What Explore's form offers, and which of it is chosen."""

from typing import Any

from django.utils.translation import gettext

from watchfloor.metrics.dimensions import DIMENSIONS
from watchfloor.operations.cells.figures import name_of
from watchfloor.operations.cells.grains import GRAINS
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.insights.dimension_words import dimension_names
from watchfloor.operations.people.pages import PageRequest
from watchfloor.operations.shell.asked import asked_for

_FAMILIES = ("efficiency", "quality", "people", "capacity")


def view_names() -> dict[str, str]:
    """Return the names of the views in the language in force, in the order of their tabs."""
    return {
        "lines": gettext("Chart"),
        "table": gettext("Table"),
        "multiples": gettext("Small multiples"),
        "distribution": gettext("Distribution"),
        "percentiles": gettext("Percentiles"),
        "heatmap": gettext("Heat map"),
        "cohort": gettext("Cohorts"),
        "compare": gettext("Compare"),
    }


def periods() -> list[tuple[str, str]]:
    """Return the periods that are offered first."""
    return [
        ("24h", gettext("24 hours")),
        ("7d", gettext("7 days")),
        ("28d", gettext("28 days")),
        ("all", gettext("All")),
    ]


def choices(request: PageRequest) -> dict[str, Any]:
    """Return the form's offers for this address, whether it can be answered or not."""
    names = dimension_names()
    families = {
        "efficiency": gettext("Efficiency"),
        "quality": gettext("Quality"),
        "people": gettext("People"),
        "capacity": gettext("Capacity"),
    }
    chosen = request.GET.getlist("m") or ["aht"]
    by = request.GET.getlist("by") or ([] if "m" in request.GET else ["queue"])
    return {
        "families": [
            (
                families[family],
                [(d.id, name_of(d), d.id in chosen) for d in catalogue().values() if d.family == family],
            )
            for family in _FAMILIES
            if any(d.family == family for d in catalogue().values())
        ],
        "chosen": [name_of(catalogue()[name]) if name in catalogue() else name for name in chosen],
        "dimensions": [(name, names.get(name, name), name in by) for name in DIMENSIONS],
        "by_names": [names.get(name, name) for name in by],
        "periods": periods(),
        "grains": [
            ("", gettext("None")),
            *zip(GRAINS, (gettext("Hour"), gettext("Day"), gettext("Week"), gettext("Month")), strict=True),
        ],
        "asked_period": request.GET.get("period") or ("7d" if asked_for(request).is_live else "all"),
        "asked_grain": request.GET.get("grain", ""),
        "views": list(view_names().items()),
        "asked_view": request.GET.get("view") or "lines",
        "against": [
            ("before", gettext("the period before")),
            ("week", gettext("a week earlier")),
            ("month", gettext("four weeks earlier")),
        ],
        "asked_against": request.GET.get("against") or "before",
        "cohorts": [("tenure", gettext("by tenure")), ("age", gettext("by age since enqueue"))],
        "asked_cohort": request.GET.get("cohort", ""),
        "asked_zone": request.GET.get("tz", ""),
        "filters": [
            (
                written,
                names.get(written.partition(":")[0], written.partition(":")[0]),
                written.partition(":")[2],
                [w for w in request.GET.getlist("where") if w != written],
            )
            for written in request.GET.getlist("where")
            if written.partition(":")[2]
        ],
    }

"""Defines the charts once, in Altair: the page draws the specification with vega-embed, documents as SVG.

Colours and type come from the theme at drawing time (`static/shell/js/charts.js` in the page, `THEMES` here),
so a specification holds none. Every line or point carries its interval as a band or a rule.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

import altair as alt
import vl_convert

Spec = dict[str, Any]
_FONT = "system-ui, Noto Sans CJK SC, Noto Sans, DejaVu Sans, sans-serif"
_SERIES = {
    "light": ["#2f62d0", "#c2571a", "#1d7f6e", "#8a4fb5", "#a8780a", "#b03a66"],
    "dark": ["#7ea5ff", "#f29a62", "#57c7b1", "#c596ea", "#dcb24a", "#ef84ab"],
}
_INK = {"light": ("#465261", "#5f6b7a", "#e2e5ea"), "dark": ("#b0bbc8", "#8d99a8", "#252e39")}
MAX_SERIES = 6


def number_format(unit: str) -> str:
    """Return the d3 format for values of a unit."""
    return ".1%" if unit in {"share", "ratio", "proportion", "fraction"} else ",.6~g"


def over_time(
    points: Sequence[Mapping[str, Any]],
    *,
    value_title: str,
    unit: str,
    changes: Sequence[Mapping[str, Any]] = (),
    height: int = 240,
    from_zero: bool | None = None,
) -> Spec:
    """Return lines over time with interval bands.

    Args:
        points: Mappings with `at` (ISO 8601 UTC), `value`, `low`, `high` and `series`; None is a gap.
            One with `cut`, a word such as "so far", is a bucket in part: hollow, its line dashed.
        value_title: What is measured, with its unit.
        unit: Unit of the values; shares are drawn as percentages.
        changes: Mappings with `at` and `summary`, drawn as dashed rules.
        height: Height in pixels.
        from_zero: Whether the axis starts at zero; by default all but shares do.

    """
    zero = unit not in {"share", "ratio", "proportion", "fraction"} if from_zero is None else from_zero
    form = number_format(unit)
    several = len({point.get("series") for point in points}) > 1
    x = alt.X("at:T", title=None, scale=alt.Scale(type="utc"), axis=alt.Axis(labelOverlap=True, tickCount=8))
    y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=zero), axis=alt.Axis(format=form, tickCount=5))
    colour = alt.Color("series:N", title=None, sort=None) if several else alt.Undefined
    whole = [point for point in points if not point.get("cut")]
    base = alt.Chart(_data(whole))
    band = base.mark_area(opacity=0.16, interpolate="linear").encode(
        x=x, y=alt.Y("low:Q", title=None, scale=alt.Scale(zero=zero)), y2="high:Q", color=colour
    )
    tooltip = [
        alt.Tooltip("at:T", title=" ", format="%Y-%m-%d %H:%M", type="temporal"),
        *([alt.Tooltip("series:N", title=" ")] if several else []),
        alt.Tooltip("value:Q", title=value_title, format=form),
        alt.Tooltip("low:Q", title="–", format=form),
        alt.Tooltip("high:Q", title="+", format=form),
    ]
    line = base.mark_line(point=len(points) <= 60 and alt.OverlayMarkDef(size=14)).encode(
        x=x, y=y, color=colour, tooltip=tooltip
    )
    cut = _cut_layers(points, x=x, y=y, colour=colour, tooltip=tooltip)
    bounded = any(point.get("low") is not None for point in points)
    layers: list[Any] = [*([band] if bounded else []), line, *cut]
    if changes:
        events = alt.Chart(_data(changes))
        layers.append(
            events.mark_rule(strokeDash=[3, 3], size=1).encode(
                x=alt.X("at:T", scale=alt.Scale(type="utc")),
                tooltip=[
                    alt.Tooltip("at:T", title=" ", format="%Y-%m-%d %H:%M"),
                    alt.Tooltip("summary:N", title=" "),
                ],
            )
        )
    return _finish(alt.layer(*layers), height=height)


def _cut_layers(
    points: Sequence[Mapping[str, Any]], *, x: Any, y: Any, colour: Any, tooltip: list[Any]
) -> list[Any]:
    """Return a dashed line from each whole neighbour to a bucket that is not whole, and its hollow point."""
    pairs: list[dict[str, Any]] = []
    series = {point.get("series") for point in points}
    for name in series:
        own = [point for point in points if point.get("series") == name]
        for before, after in pairwise(own):
            if before.get("cut") or after.get("cut"):
                pairs += [{**one, "piece": f"{name} {after['at']}"} for one in (before, after)]
    cut = [point for point in points if point.get("cut")]
    if not cut:
        return []
    said = [*tooltip, alt.Tooltip("cut:N", title=" ")]
    dashes = alt.Chart(_data(pairs)).mark_line(strokeDash=[3, 3], opacity=0.75)
    ends = alt.Chart(_data(cut)).mark_point(filled=False, size=30, strokeWidth=1.5, opacity=1)
    return [
        *([dashes.encode(x=x, y=y, color=colour, detail="piece:N")] if pairs else []),
        ends.encode(x=x, y=y, color=colour, tooltip=said),
    ]


def compared(points: Sequence[Mapping[str, Any]], *, value_title: str, unit: str) -> Spec:
    """Return one row a scope, largest first: the value as a point, its interval as a rule.

    Args:
        points: Mappings with `name`, `value`, `low` and `high`.
        value_title: What is measured, with its unit.
        unit: Unit of the values.

    """
    form = number_format(unit)
    base = alt.Chart(_data(points))
    y = alt.Y(
        "name:N", title=None, sort=None, axis=alt.Axis(labelLimit=220, domain=False, ticks=False, grid=True)
    )
    x = alt.X(
        "value:Q",
        title=None,
        scale=alt.Scale(zero=False),
        axis=alt.Axis(format=form, tickCount=6, grid=True),
    )
    tooltip = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("value:Q", title=value_title, format=form),
        alt.Tooltip("low:Q", title="–", format=form),
        alt.Tooltip("high:Q", title="+", format=form),
    ]
    rules = base.mark_rule(size=4, opacity=0.35).encode(y=y, x=alt.X("low:Q", title=None), x2="high:Q")
    dots = base.mark_point(filled=True, size=52, opacity=1).encode(y=y, x=x, tooltip=tooltip)
    return _finish(alt.layer(rules, dots), height=max(90, 22 * len(points) + 10))


def flow(points: Sequence[Mapping[str, Any]], *, height: int = 190) -> Spec:
    """Return hourly columns of one series behind a line of others.

    Args:
        points: Mappings with `at`, `value`, `series` and `kind` (`bar` or `line`).
        height: Height in pixels.

    """
    base = alt.Chart(_data(points))
    x = alt.X("at:T", title=None, scale=alt.Scale(type="utc"), axis=alt.Axis(tickCount=6, format="%H:%M"))
    y = alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=4, format=",.6~g"))
    colour = alt.Color("series:N", title=None, sort=None)
    tooltip = [
        alt.Tooltip("at:T", title=" ", format="%Y-%m-%d %H:%M"),
        alt.Tooltip("series:N", title=" "),
        alt.Tooltip("value:Q", title=" ", format=",.0f"),
    ]
    line = base.mark_line(interpolate="monotone").encode(x=x, y=y, color=colour, tooltip=tooltip)
    return _finish(line, height=height)


def _data(rows: Sequence[Mapping[str, Any]]) -> Any:
    return alt.Data(values=[dict(row) for row in rows])  # type: ignore[no-untyped-call]  # Altair's own


def _finish(chart: Any, *, height: int) -> Spec:
    spec: Spec = chart.properties(width="container", height=height).to_dict()
    spec.pop("config", None)
    spec["autosize"] = {"type": "fit", "contains": "padding"}
    spec["background"] = None
    return spec


def to_svg(spec: Spec, *, theme: Literal["light", "dark"] = "light", width: int = 720) -> str:
    """Return the chart as SVG for documents, in the tokens of a theme."""
    ink, quiet, line = _INK[theme]
    config = {
        "font": _FONT,
        "view": {"stroke": None},
        "axis": {
            "labelColor": quiet,
            "titleColor": ink,
            "gridColor": line,
            "domainColor": line,
            "tickColor": line,
        },
        "axisX": {"grid": False},
        "axisY": {"domain": False, "ticks": False},
        "legend": {"labelColor": ink, "titleColor": ink, "orient": "bottom", "symbolOpacity": 1},
        "range": {"category": _SERIES[theme], "heatmap": [line, _SERIES[theme][0]]},
        "line": {"color": _SERIES[theme][0], "strokeWidth": 1.75},
        "area": {"color": _SERIES[theme][0]},
        "point": {"color": _SERIES[theme][0]},
    }
    return str(vl_convert.vegalite_to_svg({**spec, "width": width, "config": config}))

"""More forms of chart: small multiples, histograms, heat maps, changes with intervals, target lines.

Like `charts`, they hold no colours of their own: the theme colours them where they are drawn.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from watchfloor.operations.shell.charts import Spec, number_format

_WIDE = {"type": "fit", "contains": "padding"}


def with_limit(spec: Spec, limit: float, *, along: str = "y", name: str = "") -> Spec:
    """Return the chart with a target drawn across it as a dashed line."""
    encoding: dict[str, Any] = {along: {"datum": limit}}
    if name:
        encoding["tooltip"] = {"value": name}
    rule = {"mark": {"type": "rule", "strokeDash": [6, 3], "strokeWidth": 1.5}, "encoding": encoding}
    return {**spec, "layer": [*spec.get("layer", []), rule]}


def with_domain(spec: Spec, low: float, high: float) -> Spec:
    """Return a layered chart whose vertical axis spans these values, so that many can be compared."""
    layers = []
    for layer in spec["layer"]:
        y = layer.get("encoding", {}).get("y")
        if isinstance(y, dict) and "field" in y:
            scaled = {**y, "scale": {"zero": False, "domain": [low, high]}}
            layer = {**layer, "encoding": {**layer["encoding"], "y": scaled}}
        layers.append(layer)
    return {**spec, "layer": layers}


def histogram(
    bars: Sequence[Mapping[str, Any]], *, value_title: str, marks: Sequence[Mapping[str, Any]] = ()
) -> Spec:
    """Return shares of rows by value, each with its interval.

    Args:
        bars: Mappings with `start`, `end`, `share`, `low`, `high` and `n`.
        value_title: What the values are, with their unit.
        marks: Mappings with `value` and `name`, drawn as upright rules: the median, a high percentile.

    """
    base = _chart(bars)
    x = alt.X("start:Q", title=value_title, bin="binned", axis=alt.Axis(tickCount=8, grid=False))
    y = alt.Y("share:Q", title=None, axis=alt.Axis(format=".1%", tickCount=5))
    tooltip = [
        alt.Tooltip("start:Q", title="≥", format=",.4~g"),
        alt.Tooltip("end:Q", title="<", format=",.4~g"),
        alt.Tooltip("share:Q", title="%", format=".1%"),
        alt.Tooltip("n:Q", title="n", format=",.0f"),
    ]
    columns = base.mark_bar(opacity=0.8).encode(x=x, x2="end:Q", y=y, tooltip=tooltip)
    rules = base.transform_calculate(middle="(datum.start + datum.end) / 2").mark_rule(size=1.5)
    layers: list[Any] = [columns, rules.encode(x="middle:Q", y="low:Q", y2="high:Q")]
    if marks:
        upright = _chart(marks).mark_rule(strokeDash=[4, 3], size=1.5)
        layers.append(upright.encode(x="value:Q", tooltip=alt.Tooltip("name:N", title=" ")))
        texts = _chart(marks).mark_text(align="left", dx=4, baseline="top")
        layers.append(texts.encode(x="value:Q", y=alt.value(2), text="name:N"))
    return _finished(alt.layer(*layers), height=260)


def heat(
    squares: Sequence[Mapping[str, Any]],
    *,
    value_title: str,
    unit: str,
    rows: Sequence[str],
    columns: Sequence[str],
    column_title: str = "",
    scale_by: float = 1.0,
) -> Spec:
    """Return a grid of squares coloured by value; one that differs from the whole carries a dot.

    Args:
        squares: Mappings with `row`, `column`, `value`, `low`, `high`, `n`, `text`, and `differs`: its
            interval leaves out the value of the whole.
        value_title: What is measured, with its unit.
        unit: Unit of the values; shares are drawn as percentages.
        rows: Names of the rows, from the top.
        columns: Names of the columns, from the left.
        column_title: What the columns are.
        scale_by: What the values were divided by; kept for the tooltip's format alone.

    """
    form = number_format(unit) if scale_by == 1.0 else ",.4~g"
    base = _chart(squares)
    x = alt.X("column:N", title=column_title or None, sort=list(columns), axis=alt.Axis(labelAngle=0))
    y = alt.Y("row:N", title=None, sort=list(rows), axis=alt.Axis(domain=False, ticks=False))
    colour = alt.Color("value:Q", title=None, legend=alt.Legend(format=form, type="gradient"))
    tooltip = [
        alt.Tooltip("row:N", title=" "),
        alt.Tooltip("column:N", title=" "),
        alt.Tooltip("text:N", title=value_title),
        alt.Tooltip("n:Q", title="n", format=",.0f"),
    ]
    tiles = base.mark_rect(cornerRadius=2).encode(x=x, y=y, color=colour, tooltip=tooltip)
    dots = (
        base.transform_filter("datum.differs")
        .mark_point(filled=True, size=18, opacity=1)
        .encode(x=x, y=y, color=alt.value("#f29a62"))
    )
    return _finished(alt.layer(tiles, dots), height=max(120, 26 * len(rows) + 60))


def changes(points: Sequence[Mapping[str, Any]], *, value_title: str, unit: str) -> Spec:
    """Return one row a scope: the change as a point with its interval, zero as a line.

    Args:
        points: Mappings with `name`, `value`, `low`, `high` and `said` (a word for the verdict).
        value_title: What changed, with its unit.
        unit: Unit of the change.

    """
    form = number_format(unit)
    signed = f"+{form}"
    base = _chart(points)
    y = alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=220, domain=False, ticks=False))
    x = alt.X("value:Q", title=None, axis=alt.Axis(format=signed, tickCount=6, grid=True))
    tooltip = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("value:Q", title=value_title, format=signed),
        alt.Tooltip("low:Q", title="–", format=signed),
        alt.Tooltip("high:Q", title="+", format=signed),
        alt.Tooltip("said:N", title=" "),
    ]
    shown = alt.condition("datum.shown", alt.value(1.0), alt.value(0.35))
    zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(size=1).encode(x="zero:Q")  # type: ignore[no-untyped-call]  # Altair's own
    rules = base.mark_rule(size=4).encode(y=y, x=alt.X("low:Q", title=None), x2="high:Q", opacity=shown)
    dots = base.mark_point(filled=True, size=52).encode(y=y, x=x, tooltip=tooltip, opacity=shown)
    return _finished(alt.layer(zero, rules, dots), height=max(90, 22 * len(points) + 10))


def _chart(rows: Sequence[Mapping[str, Any]]) -> Any:
    return alt.Chart(alt.Data(values=[dict(row) for row in rows]))  # type: ignore[no-untyped-call]  # Altair's own


def _finished(chart: Any, *, height: int) -> Spec:
    spec: Spec = chart.properties(width="container", height=height).to_dict()
    spec.pop("config", None)
    return {**spec, "autosize": _WIDE, "background": None}

"""The charts of scorecards, in Altair: the funnel, and a figure's trend."""

from collections.abc import Sequence

import altair as alt

from watchfloor.metrics import Cell
from watchfloor.operations.cells.figures import axis_unit, point, scaled
from watchfloor.operations.scorecards.comparing import Funnel
from watchfloor.operations.shell.charts import Spec, _data, _finish, over_time

MOST_NAMED = 12


def funnel_chart(funnel: Funnel, *, words: tuple[str, str, str], only: str = "", height: int = 300) -> Spec:
    """Return the units against limits by size.

    Args:
        funnel: From `comparing.funnel`.
        words: What the axes and the limits are called: size, value, limit.
        only: Draw this unit alone; the limits stay those of the whole group.
        height: In pixels.

    """
    size, value, limit = words
    curve = [
        {"n": n, "low": low, "high": high, "limit": f"{limit} {level}%"}
        for row, level in ((1, "99.8"), (0, "95"))
        for n, low, high in zip(funnel.trials, funnel.low[row], funnel.high[row], strict=True)
    ]
    points = [
        {
            "name": one.name, "n": one.trials, "value": one.value, "low": one.low, "high": one.high,
            "outside": one.outside > 95,
        }
        for one in funnel.points
        if not only or one.slug == only
    ]  # fmt: skip
    x = alt.X(
        "n:Q",
        title=size,
        scale=alt.Scale(type="log", nice=False, padding=8),
        axis=alt.Axis(format="~s", tickCount=6),
    )
    y = alt.Y("low:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(format=".0%", tickCount=5))
    area = alt.Chart(_data(curve)).mark_area(opacity=0.09).encode(x=x, y=y, y2="high:Q", detail="limit:N")
    edges = [
        alt.Chart(_data(curve))
        .mark_line(strokeWidth=0.8, opacity=0.6)
        .encode(x=x, y=alt.Y(f"{name}:Q"), detail="limit:N")
        for name in ("low", "high")
    ]
    centre = alt.Chart(_data([{"centre": funnel.centre}])).mark_rule(strokeDash=[4, 3]).encode(y="centre:Q")
    tooltip = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("value:Q", title=value, format=".1%"),
        alt.Tooltip("low:Q", title="–", format=".1%"),
        alt.Tooltip("high:Q", title="+", format=".1%"),
        alt.Tooltip("n:Q", title=size, format=",.0f"),
    ]
    base = alt.Chart(_data(points))
    dots = base.mark_point(filled=True, size=58, opacity=0.95).encode(
        x=x,
        y="value:Q",
        shape=alt.Shape(
            "outside:N", legend=None, scale=alt.Scale(domain=[False, True], range=["circle", "diamond"])
        ),
        size=alt.Size("outside:N", legend=None, scale=alt.Scale(domain=[False, True], range=[48, 110])),
        tooltip=tooltip,
    )
    outside = [one for one in points if one["outside"] or only]
    # Names on top of one another name nobody: beyond a dozen the tooltip does.
    outside = outside if len(outside) <= MOST_NAMED else []
    names = (
        alt.Chart(_data(outside))
        .mark_text(align="left", dx=7, dy=-6, fontSize=11)
        .encode(x=x, y="value:Q", text="name:N")
    )
    return _finish(alt.layer(area, *edges, centre, dots, *([names] if outside else [])), height=height)


def trend_chart(cells: Sequence[Cell], *, title: str, unit: str, goal: float | None = None) -> Spec | None:
    """Return a figure's trend with its intervals; None with fewer than two values."""
    known = [cell for cell in cells if cell.estimate.value is not None]
    if len(known) < 2:
        return None
    largest = max(abs(cell.estimate.value or 0.0) for cell in known)
    _, divisor = axis_unit(unit, largest=largest)
    points = [scaled(point(cell, series=title), divisor) for cell in cells]
    spec = over_time(points, value_title=title, unit=unit, height=130)
    if goal is not None:
        rule = alt.Chart(_data([{"goal": goal / divisor}])).mark_rule(strokeDash=[4, 3]).encode(y="goal:Q")
        spec["layer"].append(_bare(rule.to_dict()))
    return spec


def _bare(layer: Spec) -> Spec:
    """Return a chart as a layer of another: its data inline, without what only a whole chart has."""
    return {name: value for name, value in layer.items() if name in ("mark", "encoding", "data")}

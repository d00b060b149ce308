"""Draws where a period will end: what has passed as a line, what is to come as a fan, the target."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from watchfloor.operations.cells.figures import written
from watchfloor.operations.shell.charts import Spec, number_format
from watchfloor.operations.targets.projecting import Outlook

HEIGHT = 240


def fan_chart(
    outlook: Outlook, *, goals: Sequence[float], divisor: float, unit: str, names: tuple[str, str, str]
) -> Spec:
    """Return the fan of an outlook; `names` are the words for so far, expected and target."""
    form = number_format(unit)
    passed = [
        {"at": written(at), "value": value / divisor, "series": names[0]} for at, value in outlook.passed
    ]
    bands = [
        {
            "at": written(at),
            **{f"q{number}": value / divisor for number, value in enumerate(row)},
            "series": names[1],
        }
        for at, row in outlook.fan
    ]
    if passed and bands:
        last = passed[-1]
        bands.insert(
            0, {"at": last["at"], **{f"q{number}": last["value"] for number in range(5)}, "series": names[1]}
        )
    x = alt.X("at:T", title=None, scale=alt.Scale(type="utc"), axis=alt.Axis(labelOverlap=True, tickCount=8))
    scale = alt.Scale(zero=False)
    axis = alt.Axis(format=form, tickCount=5)
    fan = alt.Chart(_data(bands))
    layers: list[Any] = [
        fan.mark_area(opacity=0.14).encode(
            x=x, y=alt.Y("q0:Q", title=None, scale=scale, axis=axis), y2="q4:Q"
        ),
        fan.mark_area(opacity=0.24).encode(x=x, y=alt.Y("q1:Q", title=None, scale=scale), y2="q3:Q"),
        fan.mark_line(strokeDash=[4, 3]).encode(
            x=x,
            y=alt.Y("q2:Q", title=None, scale=scale),
            tooltip=[
                alt.Tooltip("at:T", title=" ", format="%Y-%m-%d", type="temporal"),
                alt.Tooltip("q2:Q", title=names[1], format=form),
                alt.Tooltip("q0:Q", title="5 %", format=form),
                alt.Tooltip("q4:Q", title="95 %", format=form),
            ],
        ),
        alt.Chart(_data([{"goal": goal, "series": names[2]} for goal in goals]))
        .mark_rule(size=1.5, strokeDash=[2, 2])
        .encode(
            y=alt.Y("goal:Q", title=None, scale=scale),
            tooltip=[alt.Tooltip("goal:Q", title=names[2], format=form)],
        ),
    ]
    if passed:
        layers.append(
            alt.Chart(_data(passed))
            .mark_line(point=alt.OverlayMarkDef(size=14))
            .encode(
                x=x,
                y=alt.Y("value:Q", title=None, scale=scale),
                tooltip=[
                    alt.Tooltip("at:T", title=" ", format="%Y-%m-%d", type="temporal"),
                    alt.Tooltip("value:Q", title=names[0], format=form),
                ],
            )
        )
    spec: Spec = alt.layer(*layers).properties(width="container", height=HEIGHT).to_dict()
    spec.pop("config", None)
    return {**spec, "autosize": {"type": "fit", "contains": "padding"}, "background": None}


def _data(rows: Sequence[dict[str, Any]]) -> Any:
    return alt.Data(values=list(rows))  # type: ignore[no-untyped-call]  # Altair's own

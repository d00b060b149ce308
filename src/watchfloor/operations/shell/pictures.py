"""Small pictures for table cells as SVG: sparkline, bullet bar, interval. Colours are the style sheet's."""

from collections.abc import Sequence

SHARE_FLOOR = 0.8


def _open(kind: str, width: int, height: int) -> str:
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'<svg class="{kind}" {size} aria-hidden="true">'


def sparkline(values: Sequence[float | None], *, width: int = 72, height: int = 22) -> str:
    """Return a line over its area, from zero; gaps stay gaps. Empty when fewer than two values are known.

    >>> sparkline([1.0]) == ""
    True
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    top = max(*known, 1.0)
    step = width / (len(values) - 1)
    points = [
        (round(at * step, 1), round(height - 2 - value / top * (height - 4), 1))
        for at, value in enumerate(values)
        if value is not None
    ]
    line = "M" + "L".join(f"{x} {y}" for x, y in points)
    area = f"{line}L{points[-1][0]} {height}L{points[0][0]} {height}Z"
    x, y = points[-1]
    return (
        f"{_open('spark', width, height)}"
        f'<path class="area" d="{area}"/><path class="line" d="{line}"/>'
        f'<circle cx="{x}" cy="{y}" r="2"/></svg>'
    )


def bullet(value: float, plan: float | None, *, width: int = 96, height: int = 5) -> str:
    """Return a bar of `value` with a tick at `plan`; the plan stands at two thirds of the width."""
    plan_x = width * 2 / 3
    scale = plan_x / plan if plan else (width / value if value else 0.0)
    length = min(value * scale, float(width))
    beyond = max(length - plan_x, 0.0) if plan and length > plan_x * 1.1 else 0.0
    over = f'<rect class="over" x="{plan_x:.1f}" width="{beyond:.1f}" height="{height}" rx="1"/>'
    tick = f'<path class="plan" d="M{plan_x:.1f} -2V{height + 2}"/>' if plan else ""
    return (
        f"{_open('bullet', width, height)}"
        f'<rect class="track" width="{width}" height="{height}" rx="2"/>'
        f'<rect class="value" width="{length:.1f}" height="{height}" rx="2"/>{over}{tick}</svg>'
    )


def interval(
    value: float,
    low: float | None,
    high: float | None,
    *,
    floor: float = SHARE_FLOOR,
    width: int = 96,
    height: int = 8,
) -> str:
    """Return a share's point on the scale `floor` to 1, with its interval as a bar.

    Below the scale an arrow at its left end stands for the point, so that nothing is drawn where it is not.
    """

    def place(share: float) -> float:
        return round(max(0.0, min((share - floor) / (1 - floor), 1.0)) * width, 1)

    middle = height // 2
    kind = "range below" if value < floor else "range"
    span = ""
    if low is not None and high is not None:
        span = f"M{place(low)} {middle}H{max(place(high), place(low) + 0.1)}" if high > floor else ""
    return (
        f"{_open(kind, width, height)}"
        f'<path class="track" d="M0 {middle}H{width}M0 1V{height - 1}M{width} 1V{height - 1}"/>'
        f'<path class="span" d="{span}"/>'
        f'<circle class="point" cx="{place(value)}" cy="{middle}" r="3"/>'
        f'<path class="beyond" d="M6 0L0 {middle}L6 {height}Z"/></svg>'
    )

"""What the demo's people agreed to reach: targets in force, a contract's, a plan in negotiation, a draft."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from watchfloor.kernel import Period, WatchfloorError
from watchfloor.operations.cells.warehouse import catalogue, extent_of
from watchfloor.operations.demo.cast import find_cast
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.targets.evidence import Asking, Tree, units_of
from watchfloor.operations.targets.models import Plan, Target
from watchfloor.operations.targets.plans import Outline, Unit, change_lines, comment, draw_up, propose
from watchfloor.operations.targets.publishing import NewTarget, write_target
from watchfloor.operations.targets.spans import span_of

Progress = Callable[[str], None]

_HISTORY = timedelta(days=28)
_SHIFTS = (-0.03, -0.01, 0.004, -0.02, 0.02)
"""Floors lie a little under or over what the unit reaches, so that the board has every status."""


def seed_targets(*, now: datetime, progress: Progress) -> bool:
    """Return whether targets were set now: once, when the history they stand on is there."""
    cast, extent = find_cast(), extent_of(settings.WATCHFLOOR_OPERATION)
    if cast is None or extent is None or Target.objects.exists() or Plan.objects.exists():
        return False
    history = Period(max(extent.start, now - _HISTORY), now)
    asking = Asking(Viewer.system(cast.strategist.name), settings.WATCHFLOOR_OPERATION, now)
    start = span_of("month", at=now).start
    with transaction.atomic():
        progress("floors on quality, ceilings on what people bear")
        _everywhere(asking, start=start)
        _by_unit(asking, "accuracy", ("queue",), kind="floor", history=history, start=start)
        _by_unit(asking, "accuracy", ("site",), kind="floor", history=history, start=start, contractual=True)
        _by_unit(asking, "leakage_fo", ("queue",), kind="ceiling", history=history, start=start)
        progress("promises and bands")
        _by_unit(asking, "sla_attainment", ("queue",), kind="floor", history=history, start=start)
        _by_unit(asking, "aht", ("queue",), kind="band", history=history, start=start)
        _by_unit(asking, "completed", ("site",), kind="floor", history=history, start=start)
        progress("plans")
        _negotiated(asking, cast.strategist, cast.admin, history=history)
        _draft(asking, cast.strategist, history=history)
    return True


def _everywhere(asking: Asking, *, start: datetime) -> None:
    """Set what holds everywhere: without these no target on speed may stand."""
    for metric, kind, value, period in (
        ("accuracy", "floor", 0.9, "month"),
        ("critical_error_rate", "ceiling", 0.02, "month"),
        ("exposure_minutes", "ceiling", 60_000.0, "week"),
        ("occupancy", "ceiling", 0.9, "week"),
    ):
        _write(asking, metric, {}, kind=kind, value=value, start=start, period=period)


def _by_unit(
    asking: Asking,
    metric: str,
    by: tuple[str, ...],
    *,
    kind: str,
    history: Period,
    start: datetime,
    contractual: bool = False,
) -> None:
    for number, unit in enumerate(_units(asking, metric, by, history)[:24]):
        if unit.baseline is None:
            continue
        value, upper = _asked(metric, kind, unit.baseline, number)
        ends = start + timedelta(days=33) if contractual else None
        _write(
            asking,
            metric,
            unit.scope,
            kind=kind,
            value=value,
            upper=upper,
            start=start,
            end=ends,
            contractual=contractual,
            evidence={"baseline": unit.baseline, "n": unit.n, "weight": unit.weight},
        )


def _asked(metric: str, kind: str, baseline: float, number: int) -> tuple[float, float | None]:
    shift = _SHIFTS[number % len(_SHIFTS)]
    if kind == "band":
        return round(baseline * 0.85, 1), round(baseline * (1.15 + shift), 1)
    if catalogue()[metric].unit != "share":
        return round(baseline * (1 + shift)), None
    if kind == "ceiling":
        return round(min(max(baseline * (1 - 8 * shift), 0.001), 0.5), 4), None
    return round(min(max(baseline + shift, 0.5), 0.999), 3), None


def _write(
    asking: Asking,
    metric: str,
    scope: Mapping[str, Sequence[str]],
    *,
    kind: str,
    value: float,
    start: datetime,
    upper: float | None = None,
    end: datetime | None = None,
    period: str = "month",
    contractual: bool = False,
    evidence: Mapping[str, object] | None = None,
) -> None:
    new = NewTarget(
        scope=scope,
        kind=kind,
        value=value,
        upper=upper,
        effective_from=start,
        effective_to=end,
        period=period,
        method="peers" if catalogue()[metric].unit == "share" else "by_hand",
        evidence=dict(evidence or {}),
        owner=asking.viewer.name,
        reason="Service agreement with the site." if contractual else "Set from the last four weeks.",
        contractual=contractual,
    )
    write_target(new, definition=catalogue()[metric], by=asking.viewer, now=asking.now, approver="admin")


def _units(asking: Asking, metric: str, by: tuple[str, ...], history: Period) -> list[Unit]:
    """Return the units of a metric; none where this demo's history has nothing of it."""
    try:
        return units_of(Tree(metric, by, history), asking=asking)
    except WatchfloorError:
        return []


def _negotiated(asking: Asking, owner: Viewer, other: Viewer, *, history: Period) -> None:
    units = _units(asking, "accuracy", ("queue", "site"), history)
    if not units:
        return
    now, definition = asking.now, catalogue()["accuracy"]
    outline = Outline(
        "Accuracy by queue and site, next month",
        "floor",
        history,
        effective_from=span_of("month", at=now).end,
        by=("queue", "site"),
        parent_value=0.95,
        reason="The quarter's goal is 95 %.",
    )
    plan = draw_up(outline, units, definition=definition, by=owner, now=now - timedelta(days=2))
    values = {
        line.scope_key: {"value": round(min(0.99, (line.baseline or 0.9) + 0.01), 3)}
        for line in plan.lines.all()
    }
    plan = change_lines(
        plan.pk,
        values,
        revision=plan.revision,
        definition=definition,
        by=owner,
        now=now - timedelta(days=2),
        method="equal_lift",
    )
    plan = propose(
        plan.pk, revision=plan.revision, definition=definition, by=owner, now=now - timedelta(days=1)
    )
    said = (
        ("Half of this team is new; a month later this is reachable.", -0.015),
        ("The rules changed last week. Keep what we have until the training is done.", -0.01),
    )
    for line, (text, shift) in zip(plan.lines.all(), said, strict=False):
        comment(
            plan.pk,
            text=text,
            by=other,
            now=now - timedelta(hours=9),
            key=line.scope_key,
            asked_value=round((line.value or 0.9) + shift, 3),
        )


def _draft(asking: Asking, owner: Viewer, *, history: Period) -> None:
    units = _units(asking, "sla_attainment", ("queue", "language"), history)
    if not units:
        return
    outline = Outline(
        "Deadlines by queue and language, next month",
        "floor",
        history,
        effective_from=span_of("month", at=asking.now).end,
        by=("queue", "language"),
        parent_value=0.96,
    )
    draw_up(outline, units, definition=catalogue()["sla_attainment"], by=owner, now=asking.now)

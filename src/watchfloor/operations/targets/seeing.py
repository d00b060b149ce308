"""Says which targets and units of plans a viewer may see: those that lie within the viewer's grants."""

from collections.abc import Iterable, Mapping, Sequence

from watchfloor.operations.cells.reach import within_reach
from watchfloor.operations.record.viewers import ALL_BOUNDARIES, NotFoundError, Viewer
from watchfloor.operations.targets.models import Plan, PlanLine, Target

Limits = Mapping[str, frozenset[str]]


def limits_of(viewer: Viewer) -> Limits:
    """Return the values that the viewer is limited to, by dimension; empty for somebody unlimited."""
    return {
        name: frozenset(kept) for name, kept in within_reach({}, viewer=viewer, is_live=True).items()
    } | _boundaries(viewer)


def _boundaries(viewer: Viewer) -> dict[str, frozenset[str]]:
    held = {grant.data_boundary for grant in viewer.grants if "metrics.view" in grant.permissions}
    return {} if ALL_BOUNDARIES in held else {"data_boundary": frozenset(held)}


def is_seen(scope: Mapping[str, Sequence[str]], limits: Limits) -> bool:
    """Return whether every value that the scope names lies within the limits.

    What holds for everything, or for a dimension that nobody is limited in, is seen by all.

    >>> limits = {"queue": frozenset({"spam"})}
    >>> is_seen({"queue": ["spam"]}, limits), is_seen({"queue": ["sealed"]}, limits), is_seen({}, limits)
    (True, False, True)
    """
    return all(set(scope.get(name, ())) <= kept for name, kept in limits.items())


def seen_targets(targets: Iterable[Target], *, viewer: Viewer) -> list[Target]:
    """Return the targets within the viewer's reach."""
    viewer.require("targets.view")
    limits = limits_of(viewer)
    return [target for target in targets if is_seen(target.scope, limits)]


def seen_lines(plan: Plan, *, viewer: Viewer) -> list[PlanLine]:
    """Return the plan's units within the viewer's reach."""
    limits = limits_of(viewer)
    return [line for line in plan.lines.all() if is_seen(line.scope, limits)]


def plan_within(plan_id: int, *, viewer: Viewer, whole: bool = False) -> tuple[Plan, list[PlanLine], bool]:
    """Return the plan, its units within the viewer's reach, and whether those are all of them.

    Raises:
        NotFoundError: there is none, none of its units is within reach, or `whole` is asked and one is not.

    """
    viewer.require("targets.view")
    plan = Plan.objects.filter(pk=plan_id).first()
    lines = (
        seen_lines(plan, viewer=viewer) if plan is not None and is_seen(plan.scope, limits_of(viewer)) else []
    )
    if plan is None or not lines:
        raise NotFoundError(f"There is no plan {plan_id} within your reach.")
    is_whole = len(lines) == plan.lines.count()
    if whole and not is_whole:
        raise NotFoundError(f"Plan {plan_id} has units outside your reach.")
    return plan, lines, is_whole


def seen_plans(*, viewer: Viewer) -> list[Plan]:
    """Return the plans with a unit within the viewer's reach, newest first."""
    viewer.require("targets.view")
    limits = limits_of(viewer)
    return [
        plan
        for plan in Plan.objects.prefetch_related("lines")
        if is_seen(plan.scope, limits) and any(is_seen(line.scope, limits) for line in plan.lines.all())
    ]

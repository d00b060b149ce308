"""What no target may do: hold people to speed alone, weigh more than the whole, move with a unit's own best.

Pure checks; the services call them before anything is published.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import isclose, isfinite

from watchfloor.kernel import Scope
from watchfloor.metrics.definition import Definition
from watchfloor.operations.targets.errors import GuardError
from watchfloor.operations.targets.scopes import covers, scope_of

SPEED = frozenset(
    {"aht", "handle_p50", "handle_p90", "throughput", "earned_time", "occupancy", "utilisation"}
)
"""Metrics that push people to go faster (section 15.3 of the domain reference)."""

QUALITY_FLOORS = frozenset(
    {"accuracy", "accuracy_action", "accuracy_family", "accuracy_exact", "accuracy_review",
     "accuracy_decision", "recall", "precision", "leakage_miss", "leakage_fo", "critical_error_rate",
     "qa_score", "gold_accuracy"}
)  # fmt: skip
WELLBEING_CEILINGS = frozenset({"exposure_minutes", "egregious_seen", "occupancy"})

_SUMS_WITHIN = 1e-6


def check_values(
    definition: Definition, *, kind: str, value: float, upper: float | None, any_way: bool = False
) -> None:
    """Refuse a value outside the metric's unit, a band upside down, a floor on what should be low.

    `any_way` leaves the direction alone, for a value that is no target by itself.

    Raises:
        GuardError: the message names the value and the limit.

    """
    for each in (value,) if upper is None else (value, upper):
        if not isfinite(each):
            raise GuardError(f"{each!r} is no number.", remedy="Give a finite value.")
        if definition.unit == "share" and not 0 <= each <= 1:
            raise GuardError(
                f"{definition.id} is a share; {each:g} is not between 0 and 1.",
                remedy="Write 95 % as 0.95 or 95%.",
            )
        if each < 0 and definition.unit != "share" and definition.id not in {"bias", "staffing_gap"}:
            raise GuardError(f"{definition.id} cannot be {each:g}.", remedy="Give 0 or more.")
    if (kind == "band") != (upper is not None):
        raise GuardError(
            "A band needs both edges, and nothing else has two.",
            remedy="Give the upper edge, or another kind.",
        )
    if upper is not None and upper <= value:
        raise GuardError(f"The band {value:g} to {upper:g} is empty.", remedy="Give the lower edge first.")
    wrong = {"higher_is_better": "ceiling", "lower_is_better": "floor"}.get(definition.direction)
    if kind == wrong and not any_way:
        right = "floor" if kind == "ceiling" else "ceiling"
        raise GuardError(
            f"{definition.id} is {definition.direction.replace('_', ' ')}: a {kind} rewards the wrong way.",
            remedy=f"Make it a {right}, or a band.",
        )


def check_weights(weights: Sequence[float], *, names: Sequence[str]) -> None:
    """Refuse weights that are negative or do not sum to 1.

    Raises:
        GuardError: the message names the sum or the line.

    """
    for name, weight in zip(names, weights, strict=True):
        if not (isfinite(weight) and weight >= 0):
            raise GuardError(f"The weight of {name} is {weight:g}.", remedy="Weights are 0 or more.")
    total = sum(weights)
    if not isclose(total, 1.0, abs_tol=_SUMS_WITHIN):
        raise GuardError(
            f"The weights sum to {total:.6f}, not to 1.",
            remedy="Take them from planned volumes, or press “spread to 1”.",
        )


def check_distinct(scopes: Sequence[Mapping[str, Sequence[str]]]) -> None:
    """Refuse units that contain one another: their cases would count twice under one parent.

    Raises:
        GuardError: two scopes overlap; the message names both.

    """
    held = [(scope_of(scope), scope) for scope in scopes]
    for at, (one, plain) in enumerate(held):
        for other, other_plain in held[at + 1 :]:
            if covers(plain, other) or covers(other_plain, one):
                raise GuardError(
                    f"“{_named(one)}” and “{_named(other)}” contain one another.",
                    remedy="Keep one of them; a unit cannot be its own parent.",
                )


def check_paired(
    metric_id: str,
    *,
    scope: Mapping[str, Sequence[str]],
    beside: Iterable[tuple[str, str, Mapping[str, list[str]]]],
) -> None:
    """Refuse a target on speed without a floor on quality and a ceiling on what people bear, in its scope.

    Args:
        metric_id: The metric of the target.
        scope: Its scope.
        beside: (metric id, kind, scope) of the targets in force or published with it.

    Raises:
        GuardError: one of the two is missing; the message says which.

    """
    if metric_id not in SPEED:
        return
    narrow = scope_of(scope)
    covering = [(metric, kind) for metric, kind, other in beside if covers(other, narrow)]
    quality = any(
        metric in QUALITY_FLOORS and kind in ("floor", "ceiling", "band") for metric, kind in covering
    )
    wellbeing = any(
        metric in WELLBEING_CEILINGS - {metric_id} and kind in ("ceiling", "band")
        for metric, kind in covering
    )
    missing = " and ".join(
        name
        for name, found in (("floor on quality", quality), ("ceiling on what people bear", wellbeing))
        if not found
    )
    if missing:
        raise GuardError(
            f"{metric_id} is about speed, and “{_named(narrow)}” lacks a {missing}.",
            remedy="Publish one on accuracy or critical_error_rate and one on exposure_minutes there first.",
        )


def _named(scope: Scope) -> str:
    return scope.label() or "everything"

"""Writes of strategies and rule sets, and their use at the door: what is taken, and where it goes."""

from collections.abc import Sequence
from dataclasses import replace

from watchfloor.operations.routing.admission import (
    Admission,
    Admitted,
    Refusal,
    admit,
    count_refused,
    settle,
)
from watchfloor.operations.routing.conditions import Routable
from watchfloor.operations.routing.errors import RoutingError
from watchfloor.operations.routing.models import Strategy
from watchfloor.operations.routing.routes import Trace, record_routes
from watchfloor.operations.routing.rule_sets import NewRule, activate_rule_set, draft_rule_set
from watchfloor.operations.routing.rules import Plan, Routed, route_one
from watchfloor.operations.routing.selectors import active_plan
from watchfloor.operations.routing.strategies import (
    StrategyTerms,
    approve_strategy,
    end_due,
    fingerprint,
    save_strategy,
    set_strategy_state,
)

__all__ = [
    "Admission",
    "Admitted",
    "NewRule",
    "Refusal",
    "RoutingError",
    "StrategyTerms",
    "Trace",
    "activate_rule_set",
    "admit",
    "approve_strategy",
    "count_refused",
    "draft_rule_set",
    "end_due",
    "fingerprint",
    "record_routes",
    "route_batch",
    "save_strategy",
    "set_strategy_state",
    "settle",
]


def route_batch(
    *, cases: Sequence[Routable], boundaries: Sequence[str] = (), plan: Plan | None = None
) -> list[Routed]:
    """Return where each case goes under the rules in force, in order.

    A strategy's boundary holds for its cases; `boundaries` adds one for each case where the caller knows.

    Raises:
        RoutingError: no rules are in force.

    """
    plan = plan or active_plan()
    if plan is None:
        raise RoutingError(
            "No routing rules are in force.", remedy="Name the queue of each case, or activate a rule set."
        )
    slugs = {case.strategy for case in cases if case.strategy}
    held = Strategy.objects.filter(slug__in=slugs, data_boundary__isnull=False).order_by("slug")
    inside = dict(held.values_list("slug", "data_boundary__slug"))
    given = boundaries or [""] * len(cases)
    return [
        route_one(plan, _keyed(case, index), boundary=boundary or inside.get(case.strategy, ""))
        for index, (case, boundary) in enumerate(zip(cases, given, strict=True))
    ]


def _keyed(case: Routable, index: int) -> Routable:
    return case if case.key else replace(case, key=str(index))

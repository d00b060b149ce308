"""Ways to arrive at a target, guards on it, and where a period will end. Numbers in, frozen results out.

Owns the formulas; which of them apply to a metric and who picks one is decided by the operation. The ten
methods: `cascades` (effort and equal lift), `reconciling`, `peers`, `frontiers`, `learning`, `feasibility`,
`seasons`, `harm`, `budgets`, `limits`. Then `guards` and `projections`. Whether a target was met is told by
`uncertainty.evidence`. No method ships a value: each needs the operation's own numbers.
"""

from watchfloor.science.targeting.budgets import PRACTICE, BurnRule, ErrorBudget, burning, error_budget
from watchfloor.science.targeting.cascades import (
    Cascade,
    TargetingError,
    WeightsError,
    cascade,
    checked_weights,
    equal_lift,
)
from watchfloor.science.targeting.feasibility import Attainment, Feasibility, attainment, feasible
from watchfloor.science.targeting.frontiers import Frontier, frontier
from watchfloor.science.targeting.guards import Ratchet, missing_partners, ratchet_guard
from watchfloor.science.targeting.harm import harm_floor
from watchfloor.science.targeting.learning import LearningBand, learning_band
from watchfloor.science.targeting.limits import Direction, FloorAndStretch, floor_and_stretch
from watchfloor.science.targeting.peers import PeerPercentile, peer_percentile
from watchfloor.science.targeting.projections import (
    Fan,
    Projection,
    RequiredRate,
    fan,
    fte_needed,
    project_additive,
    project_draws,
    project_ratio,
    required_rate,
)
from watchfloor.science.targeting.reconciling import Reconciled, reconcile
from watchfloor.science.targeting.seasons import (
    SeasonalTargets,
    mix_adjusted_target,
    seasonal_index,
    seasonal_targets,
)

__all__ = [
    "PRACTICE",
    "Attainment",
    "BurnRule",
    "Cascade",
    "Direction",
    "ErrorBudget",
    "Fan",
    "Feasibility",
    "FloorAndStretch",
    "Frontier",
    "LearningBand",
    "PeerPercentile",
    "Projection",
    "Ratchet",
    "Reconciled",
    "RequiredRate",
    "SeasonalTargets",
    "TargetingError",
    "WeightsError",
    "attainment",
    "burning",
    "cascade",
    "checked_weights",
    "equal_lift",
    "error_budget",
    "fan",
    "feasible",
    "floor_and_stretch",
    "frontier",
    "fte_needed",
    "harm_floor",
    "learning_band",
    "missing_partners",
    "mix_adjusted_target",
    "peer_percentile",
    "project_additive",
    "project_draws",
    "project_ratio",
    "ratchet_guard",
    "reconcile",
    "required_rate",
    "seasonal_index",
    "seasonal_targets",
]

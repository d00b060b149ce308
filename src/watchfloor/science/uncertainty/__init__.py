"""Intervals for proportions, counts, quantiles and ratios of sums. Arrays in, frozen results out.

Owns the formulas of sampling uncertainty and nothing else: which metric uses which interval is decided in
the metric's definition. Start with `ratios.cluster_ratio` for means and rates over many people,
`proportions.wilson` for simple random samples, `quantiles.order_statistic_ranks` for percentiles.
"""

from watchfloor.science.uncertainty.counts import exact_poisson
from watchfloor.science.uncertainty.differences import Difference, newcombe, welch
from watchfloor.science.uncertainty.effective import (
    design_effect,
    finite_population_factor,
    kish_effective_size,
)
from watchfloor.science.uncertainty.intervals import FloatArray, Interval
from watchfloor.science.uncertainty.proportions import clopper_pearson, wilson, zero_events_upper
from watchfloor.science.uncertainty.quantiles import QuantileRanks, order_statistic_ranks
from watchfloor.science.uncertainty.ratios import RatioEstimate, cluster_proportion, cluster_ratio

__all__ = [
    "Difference",
    "FloatArray",
    "Interval",
    "QuantileRanks",
    "RatioEstimate",
    "clopper_pearson",
    "cluster_proportion",
    "cluster_ratio",
    "design_effect",
    "exact_poisson",
    "finite_population_factor",
    "kish_effective_size",
    "newcombe",
    "order_statistic_ranks",
    "welch",
    "wilson",
    "zero_events_upper",
]

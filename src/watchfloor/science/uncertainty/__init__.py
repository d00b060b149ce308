"""Intervals, estimates from designed samples, what they say of a target. Arrays in, frozen results out.

Owns the formulas of sampling uncertainty and nothing else: which metric uses which interval is decided in
the metric's definition. Start with

- `ratios.cluster_ratio` for means and rates over many people, `proportions.wilson` for simple random samples,
  `quantiles.order_statistic_ranks` for percentiles, `censored.kaplan_meier_quantile` with open cases;
- `designs.effective_wilson` and `strata.stratified` from sums, `linearised.hajek` from unit records,
  `assisted.difference_estimate` with a score;
- `dispersion` and `charts` for a census, `anytime` for numbers that are looked at again and again;
- `shrinkage`, `funnels`, `ranking` and `case_mix` for many people;
- `evidence.status` and `discoveries.benjamini_hochberg` for targets, `predictions` for the end of a period.
"""

from watchfloor.science.uncertainty.anytime import (
    EProcess,
    betting_process,
    betting_sequence,
    confidence_sequence,
)
from watchfloor.science.uncertainty.assisted import (
    FewErrorsError,
    difference_estimate,
    horvitz_thompson,
    prediction_powered,
    regression_estimate,
)
from watchfloor.science.uncertainty.case_mix import Standardised, standardised
from watchfloor.science.uncertainty.censored import (
    KaplanMeierQuantile,
    SurvivalCurve,
    kaplan_meier,
    kaplan_meier_quantile,
)
from watchfloor.science.uncertainty.charts import XmrLimits, xmr
from watchfloor.science.uncertainty.counts import exact_poisson
from watchfloor.science.uncertainty.designs import (
    WeightedEstimate,
    effective_wilson,
    korn_graubard_size,
    proportion_estimate,
    unseen_variance,
)
from watchfloor.science.uncertainty.differences import Difference, newcombe, welch
from watchfloor.science.uncertainty.discoveries import Discoveries, benjamini_hochberg
from watchfloor.science.uncertainty.dispersion import overdispersed_binomial, overdispersion
from watchfloor.science.uncertainty.effective import (
    design_effect,
    finite_population_factor,
    kish_effective_size,
)
from watchfloor.science.uncertainty.evidence import (
    Direction,
    Status,
    audits_needed,
    false_miss_probability,
    one_sided_p,
    one_sided_p_of_value,
    probability_met,
    status,
    statuses,
)
from watchfloor.science.uncertainty.funnels import (
    FunnelDispersion,
    FunnelLimits,
    funnel_dispersion,
    funnel_limits,
)
from watchfloor.science.uncertainty.imperfect import BlindAuditError, Corrected, rogan_gladen
from watchfloor.science.uncertainty.intervals import FloatArray, Interval
from watchfloor.science.uncertainty.linearised import hajek, weighted_ratio
from watchfloor.science.uncertainty.predictions import (
    CountPrediction,
    beta_binomial_final,
    count_dispersion,
    negative_binomial_prediction,
)
from watchfloor.science.uncertainty.proportions import clopper_pearson, jeffreys, wilson, zero_events_upper
from watchfloor.science.uncertainty.quantiles import QuantileRanks, order_statistic_ranks
from watchfloor.science.uncertainty.ranking import (
    LEAST_SEPARATION,
    Separation,
    pairwise_separation,
    rank_probabilities,
)
from watchfloor.science.uncertainty.ratios import RatioEstimate, cluster_proportion, cluster_ratio
from watchfloor.science.uncertainty.resampling import (
    Bootstrapped,
    block_bootstrap,
    cluster_bootstrap,
    share_bootstrap,
)
from watchfloor.science.uncertainty.shrinkage import BetaPrior, Shrunk, fit_beta_binomial, shrink
from watchfloor.science.uncertainty.strata import double_sampling, stratified

__all__ = [
    "LEAST_SEPARATION",
    "BetaPrior",
    "BlindAuditError",
    "Bootstrapped",
    "Corrected",
    "CountPrediction",
    "Difference",
    "Direction",
    "Discoveries",
    "EProcess",
    "FewErrorsError",
    "FloatArray",
    "FunnelDispersion",
    "FunnelLimits",
    "Interval",
    "KaplanMeierQuantile",
    "QuantileRanks",
    "RatioEstimate",
    "Separation",
    "Shrunk",
    "Standardised",
    "Status",
    "SurvivalCurve",
    "WeightedEstimate",
    "XmrLimits",
    "audits_needed",
    "benjamini_hochberg",
    "beta_binomial_final",
    "betting_process",
    "betting_sequence",
    "block_bootstrap",
    "clopper_pearson",
    "cluster_bootstrap",
    "cluster_proportion",
    "cluster_ratio",
    "confidence_sequence",
    "count_dispersion",
    "design_effect",
    "difference_estimate",
    "double_sampling",
    "effective_wilson",
    "exact_poisson",
    "false_miss_probability",
    "finite_population_factor",
    "fit_beta_binomial",
    "funnel_dispersion",
    "funnel_limits",
    "hajek",
    "horvitz_thompson",
    "jeffreys",
    "kaplan_meier",
    "kaplan_meier_quantile",
    "kish_effective_size",
    "korn_graubard_size",
    "negative_binomial_prediction",
    "newcombe",
    "one_sided_p",
    "one_sided_p_of_value",
    "order_statistic_ranks",
    "overdispersed_binomial",
    "overdispersion",
    "pairwise_separation",
    "prediction_powered",
    "probability_met",
    "proportion_estimate",
    "rank_probabilities",
    "regression_estimate",
    "rogan_gladen",
    "share_bootstrap",
    "shrink",
    "standardised",
    "status",
    "statuses",
    "stratified",
    "unseen_variance",
    "weighted_ratio",
    "welch",
    "wilson",
    "xmr",
    "zero_events_upper",
]

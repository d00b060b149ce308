"""A weighted ratio of many cells at once, from sums that any engine can add up in one pass."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from watchfloor.science.uncertainty.counts import exact_poisson
from watchfloor.science.uncertainty.designs import (
    WeightedEstimate,
    korn_graubard_size,
    proportion_estimate,
    unseen_variance,
)
from watchfloor.science.uncertainty.effective import kish_effective_size
from watchfloor.science.uncertainty.intervals import FloatArray, as_floats, tail_probability
from watchfloor.science.uncertainty.proportions import clopper_pearson

DesignMethod = Literal["NE", "FPC", "CP", "PX", "CB"]


def ratio_from_design_sums(
    *,
    numerator: ArrayLike,
    denominator: ArrayLike,
    numerator_squares: ArrayLike,
    products: ArrayLike,
    denominator_squares: ArrayLike,
    units: ArrayLike,
    strata: ArrayLike,
    n: ArrayLike,
    weight_sum: ArrayLike,
    weight_square_sum: ArrayLike,
    same_units: tuple[ArrayLike, ArrayLike] = (0.0, 0.0),
    same_spread: tuple[ArrayLike, ArrayLike] = (0.0, 0.0),
    method: DesignMethod = "NE",
    confidence: float = 0.95,
) -> WeightedEstimate:
    r"""Return ratios of weighted sums with their linearised variance and interval.

    Parameters
    ----------
    numerator, denominator : array_like
        :math:`\hat Y = \sum wy` and :math:`\hat X = \sum wx` of each cell.
    numerator_squares, products, denominator_squares : array_like
        :math:`\sum_h c_h\,(\sum_{i \in h} t_i u_i - \frac1{m_h}\sum t_i \sum u_i)` for the pairs (y, y),
        (y, x) and (x, x) of totals over the m_h sampling units of stratum h, with c_h = m_h/(m_h − 1). A
        lone unit is centred at zero: its product itself.
    units, strata : array_like
        Sampling units and strata that the cell holds.
    n : array_like
        Observations with a denominator.
    weight_sum, weight_square_sum : array_like
        Σw and Σw² over those observations; for `FPC` Σw²(1 − π), which is 0 for a census.
    same_units : (array_like, array_like)
        Observations in strata without an event, and in strata of nothing else; 0 where some observation of
        the cell has no denominator.
    same_spread : (array_like, array_like)
        :math:`\sum_h \sum_{i \in h} w_i^2\,n_h/(n_h - 1)` over the same strata.
    method : {"NE", "FPC", "CP", "PX", "CB"}
        Wilson at the effective size (`FPC` says that the sums were already shortened by √(1 − π)),
        Clopper–Pearson or exact Poisson at the effective size, or Student's t for what is no proportion.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    WeightedEstimate
        One element a cell; NaN value where the denominator is 0.

    Raises
    ------
    ValueError
        `confidence` is outside (0, 1).

    Notes
    -----
    :math:`\hat V = (S_{yy} - 2\hat R S_{yx} + \hat R^2 S_{xx})/\hat X^2`, which is the variance of
    `weighted_ratio` over unit records. Where the proportion is 0 or 1 the variance says nothing, and the
    bounds are exact at Kish's effective size; Student's t then has none. Poisson bounds are for rare events:
    they ignore that a share cannot pass 1, so the upper one is cut there. Strata in which every answer was
    the same widen Wilson's bounds by `unseen_variance`.

    References
    ----------
    Särndal, Swensson and Wretman (1992). Model Assisted Survey Sampling, section 5.6. Springer.
    Korn and Graubard (1998). Survey Methodology 24.

    Examples
    --------
    Weights 10, 10, 10, 35, 20, 35 and answers 0, 0, 1, 0, 1, 0, as in `hajek`:

    >>> found = ratio_from_design_sums(numerator=30, denominator=120,
    ...     numerator_squares=6 / 5 * (500 - 30**2 / 6), products=6 / 5 * (500 - 30 * 120 / 6),
    ...     denominator_squares=6 / 5 * (3150 - 120**2 / 6), units=6, strata=1, n=6, weight_sum=120,
    ...     weight_square_sum=3150)
    >>> f"{found.value:.4f} {found.variance:.6f} {found.n:.0f} {found.method}"
    '0.2500 0.037240 6 NE'

    """
    tail = tail_probability(confidence)
    top, bottom, count = as_floats(numerator), as_floats(denominator), as_floats(n)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(bottom != 0, top / bottom, np.nan)
        # Rounding may leave a sum a hair outside a share's range.
        if method != "CB":
            value = np.where(np.abs(value - np.round(value)) < 1e-12, np.round(value), value)
        squares = (
            as_floats(numerator_squares)
            - 2.0 * value * as_floats(products)
            + value * value * as_floats(denominator_squares)
        )
        # Equal terms that cancel leave rounding behind, which is no variance.
        size = np.abs(as_floats(numerator_squares)) + value * value * np.abs(as_floats(denominator_squares))
        squares = np.where(squares > 1e-12 * size, squares, 0.0)
        variance = np.where(bottom != 0, np.maximum(squares, 0.0) / (bottom * bottom), np.nan)
    freedom = np.maximum(as_floats(units) - as_floats(strata), 1.0)
    total, total_squares = as_floats(weight_sum), as_floats(weight_square_sum)
    if method == "CB":
        half = special.stdtrit(freedom, 1.0 - tail) * np.sqrt(variance)
        half = np.where((as_floats(units) > 1) & (variance > 0.0), half, np.nan)
        named = np.where(np.isnan(half), "none", "CB")
        kish = np.full_like(value, np.nan)
        return WeightedEstimate(
            value, variance, count, kish, value - half, value + half, named, np.ones_like(value)
        )
    if method in ("NE", "FPC"):
        found = proportion_estimate(
            value=value, variance=variance, weight_sum=total, weight_square_sum=total_squares, n=count,
            degrees_of_freedom=freedom, unseen=_unseen(same_units, same_spread, bottom),
            confidence=confidence,
        )  # fmt: skip
        named = np.where(found.method == "NE", method, found.method)
        # Nothing was left unsampled: what was found is so.
        whole = (total_squares <= 0.0) & (count > 0) & (method == "FPC")
        low, high = (np.where(whole, value, bound) for bound in (found.low, found.high))
        named = np.where(whole, method, named)
        n_eff = np.where(whole, count, found.n_eff)
        return WeightedEstimate(value, variance, count, n_eff, low, high, named, found.coverage)
    size = korn_graubard_size(
        estimate=value, variance=variance, degrees_of_freedom=freedom, confidence=confidence
    )
    kish = kish_effective_size(weight_sum=total, weight_square_sum=total_squares)
    size = np.where(np.isnan(size), kish, np.minimum(size, count))
    some = np.where(np.isnan(size) | np.isnan(value), 0.0, size)
    events = np.nan_to_num(value) * some
    if method == "CP":
        interval = clopper_pearson(successes=events, trials=some, confidence=confidence)
        low, high = interval.low, interval.high
    else:
        counted = exact_poisson(events=events, confidence=confidence)
        with np.errstate(divide="ignore", invalid="ignore"):
            low = np.where(some > 0, counted.low / some, np.nan)
            high = np.where(some > 0, np.minimum(counted.high / some, 1.0), np.nan)
    named = np.where(np.isnan(low), "none", method)
    return WeightedEstimate(value, variance, count, size, low, high, named, np.ones_like(value))


def _unseen(
    units: tuple[ArrayLike, ArrayLike], spread: tuple[ArrayLike, ArrayLike], denominator: FloatArray
) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [
            unseen_variance(units=count, spread=as_floats(width) / denominator**2)
            for count, width in zip(units, spread, strict=True)
        ]
    return np.nan_to_num(parts[0]) + np.nan_to_num(parts[1])

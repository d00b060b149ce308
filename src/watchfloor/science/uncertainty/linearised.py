"""Weighted means and ratios from unit records: linearised over strata and clusters."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from watchfloor.science.uncertainty.designs import WeightedEstimate, proportion_estimate, unseen_variance
from watchfloor.science.uncertainty.intervals import FloatArray, as_floats, tail_probability


def hajek(
    *,
    y: ArrayLike,
    weights: ArrayLike,
    strata: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    populations: ArrayLike | None = None,
    confidence: float = 0.95,
) -> WeightedEstimate:
    r"""Return the weighted mean of a sample with recorded probabilities, :math:`\sum wy / \sum w`.

    Parameters
    ----------
    y : array_like, shape (n,)
        The answers: 0 or 1 for a proportion, else any number.
    weights : array_like, shape (n,)
        1/π of each unit, > 0.
    strata, clusters : array_like, shape (n,), optional
        Names of the stratum and of the cluster (primary sampling unit) of each unit.
    populations : array_like, optional
        Units (with `clusters`: clusters) in the frame: one number, or one a stratum in the sorted order of
        their names. Without it the sample is taken as drawn with replacement.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    WeightedEstimate
        Of shape (). Bounds are Wilson's at the effective size where y is 0 or 1, else Student's t; NaN
        where there is but one cluster.

    Raises
    ------
    ValueError
        Shapes differ, a weight is not positive, or a population is smaller than its sample.

    Notes
    -----
    Residuals :math:`e_i = w_i(y_i-\hat p)/\sum w`, summed within clusters;
    :math:`\hat V = \sum_h (1-f_h)\frac{n_h}{n_h-1}\sum_{i\in h}(e_i-\bar e_h)^2`. A lone unit of a stratum
    is centred at zero. The default estimator where no score helps; its bias is of order 1/n. Strata in which
    every answer was the same widen the interval by `unseen_variance`.

    References
    ----------
    Hájek (1971). Comment on a paper by D. Basu. In: Foundations of Statistical Inference.
    Särndal, Swensson and Wretman (1992). Model Assisted Survey Sampling, section 5.7. Springer.

    Examples
    --------
    By hand: Σwy = 30, Σw = 120, so 0.25. The variance is 6/5 · Σ (w(y − ¼))² ÷ 120².

    >>> found = hajek(y=[0, 0, 1, 0, 1, 0], weights=[10, 10, 10, 35, 20, 35])
    >>> f"{found.value:.4f} {found.variance:.6f} {found.n:.0f} {found.method}"
    '0.2500 0.037240 6 NE'

    """
    answers = as_floats(y)
    return weighted_ratio(
        numerator=answers,
        denominator=np.ones_like(answers),
        weights=weights,
        strata=strata,
        clusters=clusters,
        populations=populations,
        confidence=confidence,
    )


def weighted_ratio(
    *,
    numerator: ArrayLike,
    denominator: ArrayLike,
    weights: ArrayLike,
    strata: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    populations: ArrayLike | None = None,
    confidence: float = 0.95,
) -> WeightedEstimate:
    r"""Return a ratio of weighted sums, such as recall or precision, with its linearised variance.

    Parameters
    ----------
    numerator, denominator : array_like, shape (n,)
        For every sampled unit: y_i and x_i. For recall: 1[violating and caught] and 1[violating].
    weights, strata, clusters, populations, confidence
        As in `hajek`. Units with x = 0 belong into the arrays: they are part of the design.

    Returns
    -------
    WeightedEstimate
        Of shape (); NaN where the weighted denominator is 0. `n` counts units with a denominator. Bounds
        are Wilson's at the effective size where the numerator is a part of a 0/1 denominator, else t.

    Raises
    ------
    ValueError
        As in `hajek`.

    Notes
    -----
    :math:`e_i = w_i(y_i - \hat R x_i)/\hat X`, variance as in `hajek`. Recall hangs on audited passes with
    large weights: with fewer than about ten found misses the interval is a rough guess.

    References
    ----------
    Särndal, Swensson and Wretman (1992). Model Assisted Survey Sampling, section 5.6. Springer.

    Examples
    --------
    Recall: one miss with weight 20 beside eight caught with weight 2 each, 16/36.

    >>> found = weighted_ratio(numerator=[1] * 8 + [0] * 3, denominator=[1] * 9 + [0] * 2,
    ...     weights=[2] * 8 + [20] * 3)
    >>> f"{found.value:.4f} {found.n:.0f}"
    '0.4444 9'

    """
    top, bottom, w = (as_floats(each) for each in (numerator, denominator, weights))
    if not top.shape == bottom.shape == w.shape or top.ndim != 1:
        raise ValueError(f"shapes {top.shape}, {bottom.shape}, {w.shape} must be one and the same (n,).")
    if np.any(w <= 0):
        raise ValueError(f"weights holds {float(w.min())}; a weight is 1/π and positive.")
    total = float((w * bottom).sum())
    value = float((w * top).sum()) / total if total else float("nan")
    residuals = w * (top - value * bottom) / total if total else np.zeros_like(w)
    design = _design(residuals, strata, clusters, populations)
    held = bottom != 0
    counted = w[held]
    binary = bool(np.all((bottom == 0) | (bottom == 1)) and np.all((top == 0) | (top == bottom)))
    n = float(held.sum())
    if clusters is not None and design.clusters < 2:
        return _by_t(value, float("nan"), n, 1.0, confidence)
    if binary:
        return proportion_estimate(
            value=value,
            variance=design.variance if total else np.nan,
            weight_sum=counted.sum(),
            weight_square_sum=(counted**2).sum(),
            n=n,
            degrees_of_freedom=design.freedom,
            unseen=_unseen(top, w / total, design) if held.all() else 0.0,
            census=bool(np.all(design.scale == 0.0)),
            confidence=confidence,
        )
    return _by_t(value, design.variance if total else float("nan"), n, design.freedom, confidence)


@dataclass(frozen=True, slots=True)
class _Design:
    """Variance of a sum of residuals, and of each stratum (1 − f)·n/(n − 1); of each row its stratum.

    `left` is 1 − f of each stratum.
    """

    variance: float
    freedom: float
    clusters: int
    stratum: NDArray[np.int64]
    scale: FloatArray
    left: FloatArray


def _design(
    residuals: FloatArray,
    strata: ArrayLike | None,
    clusters: ArrayLike | None,
    populations: ArrayLike | None,
) -> _Design:
    """Return the variance of a sum of residuals, and what it was made of."""
    names, stratum = np.unique(_labels(strata, residuals), return_inverse=True)
    unit_stratum, sums = stratum, residuals
    if clusters is not None:
        # A cluster of the same name in two strata is two clusters.
        own = np.unique(_labels(clusters, residuals), return_inverse=True)[1]
        pairs, cluster = np.unique(stratum * (own.max(initial=0) + 1) + own, return_inverse=True)
        sums = as_floats(np.bincount(cluster, weights=residuals))
        unit_stratum = pairs // (own.max(initial=0) + 1)
    units = np.bincount(unit_stratum, minlength=len(names)).astype(np.float64)
    means = np.bincount(unit_stratum, weights=sums, minlength=len(names)) / np.maximum(units, 1.0)
    centre = np.where(units > 1, means, 0.0)
    squares = np.bincount(unit_stratum, weights=(sums - centre[unit_stratum]) ** 2, minlength=len(names))
    left = np.ones_like(units)
    if populations is not None:
        frame = np.broadcast_to(as_floats(populations), units.shape)
        if np.any(frame < units):
            raise ValueError("populations are smaller than the sample; give the whole frame.")
        left = 1.0 - units / frame
    factor = np.where(units > 1, units / np.maximum(units - 1.0, 1.0), 1.0)
    scale = as_floats(left * factor)
    freedom = float(max(units.sum() - len(names), 1.0))
    return _Design(float((scale * squares).sum()), freedom, len(sums), stratum, scale, left)


def _unseen(y: FloatArray, shares: FloatArray, design: _Design) -> FloatArray:
    """Return the part of the variance that strata of nothing but equal answers hide, row by row.

    What lies within a cluster counts as if drawn alone: with clusters the part is a lower bound.
    """
    count = len(design.scale)
    units = np.bincount(design.stratum, minlength=count)
    events = np.bincount(design.stratum, weights=y, minlength=count)
    widths = np.bincount(design.stratum, weights=shares**2, minlength=count)
    widths = widths * design.left * units / np.maximum(units - 1.0, 1.0)
    hidden = as_floats(0.0)
    for same in (events == 0, events == units):
        pure = same & (units > 1) & (design.scale > 0)
        hidden = hidden + unseen_variance(units=units[pure].sum(), spread=widths[pure].sum())
    return hidden


def _labels(given: ArrayLike | None, like: FloatArray) -> NDArray[np.generic]:
    if given is None:
        return np.zeros(like.shape, dtype=np.int64)
    labels: NDArray[np.generic] = np.asarray(given)
    if labels.shape != like.shape:
        raise ValueError(f"{labels.shape[0] if labels.ndim else 0} names for {like.shape[0]} units.")
    return labels


def _by_t(value: float, variance: float, n: float, freedom: float, confidence: float) -> WeightedEstimate:
    tail = tail_probability(confidence)
    half = float(special.stdtrit(freedom, 1.0 - tail)) * float(np.sqrt(variance)) if n > 1 else float("nan")
    return WeightedEstimate(
        as_floats(value),
        as_floats(variance),
        as_floats(n),
        as_floats(np.nan),
        as_floats(value - half),
        as_floats(value + half),
        np.asarray("CB" if half == half else "none"),
        as_floats(1.0),
    )

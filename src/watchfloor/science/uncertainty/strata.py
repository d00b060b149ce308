"""Proportions from stratified and two-phase samples, one cell or many at once."""

import numpy as np
from numpy.typing import ArrayLike

from watchfloor.science.uncertainty.designs import WeightedEstimate, proportion_estimate, unseen_variance
from watchfloor.science.uncertainty.intervals import FloatArray, as_floats, check_counts


def stratified(
    *, counts: ArrayLike, successes: ArrayLike, populations: ArrayLike, confidence: float = 0.95
) -> WeightedEstimate:
    r"""Return the proportion of a stratified simple random sample, with its finite population variance.

    Parameters
    ----------
    counts : array_like, shape (..., H)
        Sampled units of each stratum, n_h ≥ 0; leading axes are cells.
    successes : array_like, shape (..., H)
        Events among them.
    populations : array_like, shape (..., H)
        Units of each stratum in the frame, N_h ≥ n_h.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    WeightedEstimate
        Of shape (...). A stratum that nobody sampled is left out and lowers `coverage`: the estimate then
        speaks for the rest alone.

    Raises
    ------
    ValueError
        Counts are impossible, or a sample is larger than its stratum.

    Notes
    -----
    :math:`\hat p = \sum W_h \hat p_h`, :math:`\hat V = \sum W_h^2 (1-f_h)\,\hat p_h(1-\hat p_h)/(n_h-1)`,
    :math:`f_h = n_h/N_h`. A stratum with one sampled unit has no variance of its own; the overall
    :math:`\hat p(1-\hat p)` stands in. Strata in which every answer was the same add nothing to the variance;
    the interval (and n_eff) therefore include `unseen_variance`. n_eff may exceed n; that is what a good
    stratification buys. Strata whose sample is the whole population are known exactly.

    References
    ----------
    Cochran (1977). Sampling Techniques, 3rd edition, sections 5.10 and 5.11. Wiley.

    Examples
    --------
    By hand: W = (0.9, 0.1), p = (0.02, 0.2), so 0.018 + 0.02 = 0.038.

    >>> found = stratified(counts=[100, 50], successes=[2, 10], populations=[9000, 1000])
    >>> f"{found.value:.3f} {found.variance:.7f} {found.low:.4f} {found.high:.4f}"
    '0.038 0.0001896 0.0187 0.0756'

    """
    n, k, size = np.broadcast_arrays(as_floats(counts), as_floats(successes), as_floats(populations))
    check_counts(k, n)
    if np.any(n > size):
        raise ValueError("counts exceed populations; a stratum cannot give more units than it has.")
    sampled = n > 0
    covered = np.where(sampled, size, 0.0).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(sampled, size / covered[..., None], 0.0)
        rate = np.where(sampled, k / n, 0.0)
        value = np.where(covered > 0, (share * rate).sum(axis=-1), np.nan)
        inner = np.where(n > 1, rate * (1.0 - rate) / (n - 1.0), 0.0)
        overall = np.nan_to_num(value * (1.0 - value))[..., None]
        inner = np.where(n == 1, overall, inner)
        left = np.where(sampled, 1.0 - n / size, 0.0)
        variance = np.where(covered > 0, (share**2 * left * inner).sum(axis=-1), np.nan)
        weight = np.where(sampled, size / n, 0.0)
        coverage = covered / size.sum(axis=-1)
        widths = np.where(n > 1, share**2 * left / (n - 1.0), 0.0)
    unseen = sum(
        unseen_variance(units=(pure * n).sum(axis=-1), spread=(pure * widths).sum(axis=-1))
        for pure in ((k <= 0) & (n > 1) & (left > 0), (k >= n) & (n > 1) & (left > 0))
    )
    freedom = n.sum(axis=-1) - sampled.sum(axis=-1)
    return proportion_estimate(
        value=value,
        variance=variance,
        weight_sum=covered,
        weight_square_sum=(weight**2 * n).sum(axis=-1),
        n=n.sum(axis=-1),
        degrees_of_freedom=freedom,
        coverage=coverage,
        unseen=unseen,
        census=(covered > 0) & np.all(n == np.where(sampled, size, 0.0), axis=-1),
        confidence=confidence,
    )


def double_sampling(
    *, first: ArrayLike, second: ArrayLike, successes: ArrayLike, confidence: float = 0.95
) -> WeightedEstimate:
    r"""Return the proportion of a two-phase sample: a cheap signal on many, an expert on few of each answer.

    Parameters
    ----------
    first : array_like, shape (..., H)
        Units of the first phase by the cheap signal's value, n₁h.
    second : array_like, shape (..., H)
        Units among them that an expert judged, n₂h ≥ 1 wherever n₁h > 0.
    successes : array_like, shape (..., H)
        Events among those judged.
    confidence : float
        Nominal coverage in (0, 1).

    Raises
    ------
    ValueError
        Counts are impossible, or a stratum of the first phase has nobody judged.

    Notes
    -----
    With :math:`w_h = n_{1h}/n_1`: :math:`\hat p = \sum w_h\hat p_h`,
    :math:`\hat V = \sum w_h^2 s_h^2/n_{2h} + \sum w_h(\hat p_h-\hat p)^2/n_1`,
    :math:`s_h^2 = n_{2h}\hat p_h(1-\hat p_h)/(n_{2h}-1)`.

    References
    ----------
    Cochran (1977). Sampling Techniques, 3rd edition, section 12.2. Wiley.

    Examples
    --------
    >>> found = double_sampling(first=[900, 100], second=[90, 50], successes=[1, 20])
    >>> f"{found.value:.3f} {found.low:.4f} {found.high:.4f}"
    '0.050 0.0302 0.0817'

    """
    wide, deep, k = np.broadcast_arrays(as_floats(first), as_floats(second), as_floats(successes))
    check_counts(k, deep)
    check_counts(deep, wide)
    if np.any((wide > 0) & (deep == 0)):
        raise ValueError("a stratum of the first phase has no unit judged; judge at least one of each.")
    total = wide.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = wide / total[..., None]
        rate = np.where(deep > 0, k / deep, 0.0)
        value = (share * rate).sum(axis=-1)
        within = _bernoulli_variance(rate, deep)
        between = (share * (rate - value[..., None]) ** 2).sum(axis=-1) / total
        variance = (share**2 * within).sum(axis=-1) + between
        weight = np.where(deep > 0, wide / deep, 0.0)
    return proportion_estimate(
        value=value,
        variance=variance,
        weight_sum=total,
        weight_square_sum=(weight**2 * deep).sum(axis=-1),
        n=deep.sum(axis=-1),
        degrees_of_freedom=(deep - (deep > 0)).sum(axis=-1),
        confidence=confidence,
    )


def _bernoulli_variance(rate: FloatArray, n: FloatArray) -> FloatArray:
    """Return the variance of a stratum's mean, a lone unit taken at the most careful value."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(n > 1, rate * (1.0 - rate) / (n - 1.0), np.where(n == 1, 0.25, 0.0))

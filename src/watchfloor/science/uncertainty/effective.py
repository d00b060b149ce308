"""How many independent observations a weighted, clustered or finite sample is worth."""

import numpy as np
from numpy.typing import ArrayLike

from watchfloor.science.uncertainty.intervals import FloatArray, as_floats


def kish_effective_size(*, weight_sum: ArrayLike, weight_square_sum: ArrayLike) -> FloatArray:
    r"""Return the effective size of a weighted sample, :math:`(\sum w)^2 / \sum w^2`.

    Parameters
    ----------
    weight_sum, weight_square_sum : array_like
        Sum of the weights and of their squares.

    Returns
    -------
    ndarray
        Effective observations, at most the number of weights; NaN without weights.

    Notes
    -----
    Counts the loss through unequal weights only, not through clustering.

    References
    ----------
    Kish (1965). Survey Sampling. Wiley.

    Examples
    --------
    >>> float(kish_effective_size(weight_sum=4.0, weight_square_sum=4.0))
    4.0
    >>> float(kish_effective_size(weight_sum=5.0, weight_square_sum=11.0))  # weights 3, 1, 1
    2.272727272727273

    """
    total, squares = as_floats(weight_sum), as_floats(weight_square_sum)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(squares > 0, total * total / squares, np.nan)


def design_effect(*, cluster_size: ArrayLike, intraclass_correlation: ArrayLike) -> FloatArray:
    r"""Return the factor by which clustering inflates a variance, :math:`1 + (m-1)\rho`.

    Parameters
    ----------
    cluster_size : array_like
        Observations a cluster (m), ≥ 1.
    intraclass_correlation : array_like
        Correlation inside a cluster (ρ).

    Returns
    -------
    ndarray
        The design effect, dimensionless.

    References
    ----------
    Kish (1965). Survey Sampling. Wiley.

    Examples
    --------
    >>> round(float(design_effect(cluster_size=20, intraclass_correlation=0.05)), 6)
    1.95

    """
    return 1.0 + (as_floats(cluster_size) - 1.0) * as_floats(intraclass_correlation)


def finite_population_factor(*, population: ArrayLike, sample: ArrayLike) -> FloatArray:
    r"""Return the factor on a standard error when the sample is a large part of the population.

    Parameters
    ----------
    population, sample : array_like
        Sizes N > 1 and n ≤ N.

    Returns
    -------
    ndarray
        :math:`\sqrt{(N-n)/(N-1)}` in [0, 1].

    Raises
    ------
    ValueError
        The sample is larger than the population, or the population has fewer than two members.

    References
    ----------
    Cochran (1977). Sampling Techniques, 3rd edition, section 2.6. Wiley.

    Examples
    --------
    >>> round(float(finite_population_factor(population=300, sample=100)), 3)
    0.818

    """
    size, drawn = np.broadcast_arrays(as_floats(population), as_floats(sample))
    if np.any(size < 2) or np.any(drawn > size):
        raise ValueError("population must be at least 2 and not smaller than sample.")
    return as_floats(np.sqrt((size - drawn) / (size - 1.0)))

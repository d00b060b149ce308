"""The exact interval for a rare count."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from watchfloor.science.uncertainty.intervals import Interval, as_floats, tail_probability


def exact_poisson(*, events: ArrayLike, confidence: float = 0.95) -> Interval:
    r"""Return the exact interval for the mean of a Poisson count.

    Parameters
    ----------
    events : array_like
        Events counted, ≥ 0.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    Interval
        Bounds in events; the lower bound is 0 at no event.

    Raises
    ------
    ValueError
        A count is negative or `confidence` is outside (0, 1).

    Notes
    -----
    :math:`[\chi^2_{\alpha/2; 2k}/2,\; \chi^2_{1-\alpha/2; 2k+2}/2]`. Misleads where events come in bursts
    (one incident, many cases): the count is then overdispersed and the interval too narrow.

    References
    ----------
    Garwood (1936). Fiducial limits for the Poisson distribution. Biometrika 28.

    Examples
    --------
    >>> interval = exact_poisson(events=[0, 10])
    >>> [round(float(x), 4) for x in interval.low], [round(float(x), 4) for x in interval.high]
    ([0.0, 4.7954], [3.6889, 18.3904])

    """
    k = as_floats(events)
    if np.any(k < 0):
        raise ValueError(f"events holds {float(k.min())}; a count is never negative.")
    tail = tail_probability(confidence)
    low = special.gammaincinv(np.where(k > 0, k, 1.0), tail)
    return Interval(np.where(k > 0, low, 0.0), as_floats(special.gammaincinv(k + 1.0, 1.0 - tail)))

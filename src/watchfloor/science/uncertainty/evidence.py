"""What the evidence says about a target: met, missed or inconclusive, how likely, how many audits more."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from watchfloor.science.uncertainty.intervals import FloatArray, as_floats, check_counts

Status = Literal["met", "missed", "inconclusive", "no_data"]
Direction = Literal["higher_is_better", "lower_is_better"]


def status(
    *,
    low: float | None,
    high: float | None,
    value: float | None,
    target: float | None = None,
    band: tuple[float, float] | None = None,
    direction: Direction = "higher_is_better",
    n: float = 1,
    min_n: float = 1,
) -> Status:
    """Return whether a target is met, by the interval where there is one, else by the value.

    Parameters
    ----------
    low, high : float or None
        The interval's bounds; None (or NaN) for a census, which is judged by its value.
    value : float or None
        The metric's value; None (or NaN) is no data.
    target : float, optional
        A floor or a ceiling, by `direction`. Exactly one of `target` and `band` is given.
    band : tuple of float, optional
        Lower and upper end of a band.
    direction : {"higher_is_better", "lower_is_better"}
        Ignored for a band.
    n, min_n : float
        Observations, and how many the target asks for before it judges.

    Returns
    -------
    Status
        `met` where the whole interval keeps the target, `missed` where none of it does.

    Raises
    ------
    ValueError
        Not exactly one of `target` and `band` is given, or the band is upside down.

    Notes
    -----
    One bound may be missing (an extreme percentile of few values): what it would decide is inconclusive.

    Examples
    --------
    >>> [status(low=low, high=high, value=0.95, target=0.95) for low, high in ((0.95, 1), (0.9, 0.97))]
    ['met', 'inconclusive']
    >>> status(low=0.06, high=0.09, value=0.07, target=0.05, direction="lower_is_better")
    'missed'
    >>> status(low=None, high=None, value=0.96, target=0.95), status(low=0, high=1, value=None, target=1)
    ('met', 'no_data')

    """
    if (target is None) == (band is None):
        raise ValueError("give exactly one of target and band.")
    worth = _number(value)
    if worth != worth or n < max(min_n, 1):
        return "no_data"
    down, up = _number(low), _number(high)
    if down != down and up != up:
        down = up = worth
    if band is not None:
        if band[0] > band[1]:
            raise ValueError(f"band={band} is upside down; the lower end comes first.")
        least, most = band
    elif direction == "higher_is_better":
        least, most = _number(target), float("inf")
    else:
        least, most = -float("inf"), _number(target)
    # A missing bound is NaN, and no comparison with NaN is true.
    kept_below = least == -float("inf") or down >= least
    kept_above = most == float("inf") or up <= most
    if kept_below and kept_above:
        return "met"
    return "missed" if up < least or down > most else "inconclusive"


def audits_needed(*, estimate: ArrayLike, target: ArrayLike, confidence: float = 0.95) -> FloatArray:
    r"""Return how many audits in all would decide between an estimate and a target.

    Parameters
    ----------
    estimate, target : array_like
        Proportions in [0, 1].
    confidence : float
        Of the interval that must leave out the target.

    Returns
    -------
    ndarray
        :math:`z^2\hat p(1-\hat p)/(\hat p-T)^2`, rounded up; infinite where they are equal. In total, not
        in addition, and for a simple random sample: multiply by n ÷ n_eff of the present design.

    Notes
    -----
    Takes the present estimate for true. An estimate near the target asks for very many audits: better to
    ask first whether such a small difference matters. At p̂ of 0 or 1 the variance at the target stands in.

    Examples
    --------
    >>> audits_needed(estimate=[0.93, 0.95], target=0.95).tolist()
    [626.0, inf]

    """
    p, goal = np.broadcast_arrays(as_floats(estimate), as_floats(target))
    z = float(special.ndtri(0.5 + confidence / 2.0))
    spread = np.where((p <= 0) | (p >= 1), goal * (1.0 - goal), p * (1.0 - p))
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.maximum(np.ceil(z * z * spread / (p - goal) ** 2 - 1e-9), 1.0)
    return np.where(p == goal, np.inf, needed)


def probability_met(
    *,
    successes: ArrayLike,
    trials: ArrayLike,
    target: ArrayLike,
    direction: Direction = "higher_is_better",
    a: float = 1.0,
    b: float = 1.0,
) -> FloatArray:
    """Return the probability that the true proportion keeps the target, P(θ ≥ T) or P(θ ≤ T).

    Parameters
    ----------
    successes, trials : array_like
        Events and observations; for a weighted sample pass estimate × n_eff and n_eff.
    target : array_like
        In [0, 1].
    direction : {"higher_is_better", "lower_is_better"}
        Which side keeps it.
    a, b : float
        The beta prior; uniform by default, or the group's from `fit_beta_binomial`.

    Examples
    --------
    >>> f"{probability_met(successes=97, trials=100, target=0.95):.4f}"
    '0.7491'

    """
    k, n = np.broadcast_arrays(as_floats(successes), as_floats(trials))
    check_counts(k, n)
    below = as_floats(special.betainc(k + a, n - k + b, np.clip(as_floats(target), 0.0, 1.0)))
    return 1.0 - below if direction == "higher_is_better" else below


def one_sided_p(
    *,
    successes: ArrayLike,
    trials: ArrayLike,
    target: ArrayLike,
    direction: Direction = "higher_is_better",
    phi: ArrayLike = 1.0,
) -> FloatArray:
    r"""Return the p-value of a miss: how likely a result this bad is in a process that just keeps the target.

    Parameters
    ----------
    successes, trials : array_like
        Events and observations; for a weighted sample pass estimate × n_eff and n_eff.
    target : array_like
        In (0, 1).
    direction : {"higher_is_better", "lower_is_better"}
        Which side keeps it.
    phi : array_like
        Overdispersion of a census; counts are divided by it, below 1 ignored.

    Returns
    -------
    ndarray
        The exact binomial tail, continued to fractional counts; NaN without trials.

    Notes
    -----
    A small p does not say that the miss is large; see materiality. Over many cells use
    `benjamini_hochberg`.

    Examples
    --------
    >>> found = one_sided_p(successes=[9, 17], trials=[10, 20], target=0.95)
    >>> [round(float(p), 4) for p in found]
    [0.4013, 0.0755]

    """
    k, n = np.broadcast_arrays(as_floats(successes), as_floats(trials))
    check_counts(k, n)
    factor = np.maximum(np.nan_to_num(as_floats(phi), nan=1.0), 1.0)
    k, n, goal = np.broadcast_arrays(k / factor, n / factor, as_floats(target))
    if direction == "lower_is_better":
        k, goal = n - k, 1.0 - goal
    every = k >= n
    tail = special.betainc(np.where(every, 1.0, n - k), k + 1.0, 1.0 - goal)
    return np.where(n > 0, np.where(every, 1.0, tail), np.nan)


def one_sided_p_of_value(
    *,
    value: ArrayLike,
    standard_error: ArrayLike,
    target: ArrayLike,
    direction: Direction = "higher_is_better",
    degrees_of_freedom: float = float("inf"),
) -> FloatArray:
    """Return the p-value of a miss for a mean or a ratio with a standard error.

    >>> round(float(one_sided_p_of_value(value=62, standard_error=1, target=60,
    ...     direction="lower_is_better")), 5)
    0.02275
    """
    error = as_floats(standard_error)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = (as_floats(value) - as_floats(target)) / error
    if direction == "lower_is_better":
        score = -score
    if np.isinf(degrees_of_freedom):
        return as_floats(special.ndtr(score))
    return as_floats(special.stdtr(degrees_of_freedom, score))


def false_miss_probability(*, truth: ArrayLike, target: ArrayLike, trials: ArrayLike) -> FloatArray:
    r"""Return how often a sample shows less than a target although the truth keeps it.

    Parameters
    ----------
    truth, target : array_like
        The true proportion and the target, in [0, 1]; higher is better.
    trials : array_like
        Audits in the sample, whole numbers > 0.

    Returns
    -------
    ndarray
        :math:`P(X < T n)`, X binomial: what judging by the point value alone would do to good people.

    Examples
    --------
    >>> false_miss_probability(truth=0.96, target=0.95, trials=[10, 20, 50]).round(4).tolist()
    [0.3352, 0.1897, 0.3233]

    """
    p, goal, n = np.broadcast_arrays(as_floats(truth), as_floats(target), as_floats(trials))
    most = np.ceil(goal * n - 1e-9) - 1.0
    return np.where(most < 0, 0.0, special.bdtr(np.maximum(most, 0.0), n.astype(np.int64), p))


def statuses(
    *,
    low: ArrayLike,
    high: ArrayLike,
    value: ArrayLike,
    target: ArrayLike,
    higher_is_better: ArrayLike,
    n: ArrayLike,
    min_n: ArrayLike = 1,
) -> NDArray[np.str_]:
    """Return `status` for a whole board at once; NaN stands for a missing bound, value or target.

    >>> statuses(low=[0.95, 0.9, np.nan], high=[1, 0.97, np.nan], value=[0.97, 0.95, np.nan], target=0.95,
    ...     higher_is_better=True, n=[50, 50, 0]).tolist()
    ['met', 'inconclusive', 'no_data']
    """
    down, up, worth, goal = np.broadcast_arrays(*(as_floats(each) for each in (low, high, value, target)))
    better = np.broadcast_to(np.asarray(higher_is_better, dtype=np.bool_), down.shape)
    census = np.isnan(down) & np.isnan(up)
    down, up = np.where(census, worth, down), np.where(census, worth, up)
    met = np.where(better, down >= goal, up <= goal)
    missed = np.where(better, up < goal, down > goal)
    none = np.isnan(worth) | np.isnan(goal) | (as_floats(n) < np.maximum(as_floats(min_n), 1.0))
    found = np.where(met, "met", np.where(missed, "missed", "inconclusive"))
    return np.where(none, "no_data", found)


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)

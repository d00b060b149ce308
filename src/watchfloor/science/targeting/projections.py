"""Where a period will end, how likely it keeps its target, and what the rest of it would have to be."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from watchfloor.science.targeting.cascades import FloatArray, TargetingError
from watchfloor.science.targeting.limits import Direction

Verdict = Literal["impossible", "secured", "open"]
FAN_LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class Projection:
    """The end of a period: expected value, bounds, and the probability that the target is kept."""

    value: float
    low: float
    high: float
    probability: float | None


@dataclass(frozen=True, slots=True)
class RequiredRate:
    """What the rest of the period must reach.

    Attributes:
        rate: r* = (T·N − k) ÷ rest; NaN when nothing is left.
        verdict: `impossible` (mathematically), `secured` already, or `open`.
        rest: Observations still to come.

    """

    rate: float
    verdict: Verdict
    rest: float


@dataclass(frozen=True, slots=True)
class Fan:
    """Quantiles of the running total: row i of `values` belongs to levels[i], columns are intervals."""

    levels: tuple[float, ...]
    values: FloatArray


def required_rate(
    *, done: float, done_of: float, total: float, target: float, direction: Direction = "higher_is_better"
) -> RequiredRate:
    r"""Return the rate that the rest of a period must reach for its target.

    Parameters
    ----------
    done, done_of : float
        Events and observations so far, k of n.
    total : float
        Observations there will be, N ≥ n.
    target : float
        T in [0, 1] for the whole period.
    direction : {"higher_is_better", "lower_is_better"}
        With the second, r* is the most the rest may reach.

    Returns
    -------
    RequiredRate
        :math:`r^*=(TN-k)/(N-n)`.

    Raises
    ------
    TargetingError
        Counts are impossible or the target is outside [0, 1].

    Examples
    --------
    >>> required_rate(done=290, done_of=300, total=400, target=0.95).rate
    0.9
    >>> required_rate(done=270, done_of=300, total=400, target=0.95).verdict
    'impossible'

    """
    if not 0 <= done <= done_of <= total or not 0.0 <= target <= 1.0:
        raise TargetingError(
            f"{done:g} of {done_of:g} of {total:g} with a target of {target:g} cannot be.",
            remedy="0 ≤ done ≤ done_of ≤ total, and a target in [0, 1].",
        )
    missing, rest = target * total - done, total - done_of
    if abs(missing) < 1e-9 * max(total, 1.0):
        missing = 0.0
    if abs(missing - rest) < 1e-9 * max(total, 1.0):
        missing = rest
    rate = missing / rest if rest > 0 else float("nan")
    if direction == "higher_is_better":
        verdict: Verdict = "secured" if missing <= 0 else "impossible" if missing > rest else "open"
    else:
        verdict = "impossible" if missing < 0 else "secured" if missing >= rest else "open"
    return RequiredRate(rate, verdict, rest)


def project_additive(
    *,
    done: float,
    rest_mean: ArrayLike,
    rest_variance: ArrayLike = 0.0,
    target: float | None = None,
    direction: Direction = "higher_is_better",
    confidence: float = 0.9,
) -> Projection:
    r"""Return the total at the end of a period: done + Σ forecast of the remaining intervals.

    Parameters
    ----------
    done : float
        Total so far.
    rest_mean, rest_variance : array_like, shape (intervals,)
        Forecast of each remaining interval, and its variance.
    target : float, optional
        For the probability.
    direction : {"higher_is_better", "lower_is_better"}
        Which side keeps the target.
    confidence : float
        Of the bounds.

    Returns
    -------
    Projection
        By the normal distribution; `probability` is None without a target.

    Notes
    -----
    Adds variances: errors of neighbouring intervals that go together (a busy day) make the bounds too
    narrow; use `project_draws` with simulated days then.

    Examples
    --------
    >>> found = project_additive(done=700, rest_mean=[100, 200], rest_variance=[100, 300], target=990)
    >>> found.value, round(found.low, 1), round(found.probability, 4)
    (1000.0, 967.1, 0.6915)

    """
    expected, spread = np.broadcast_arrays(
        np.asarray(rest_mean, dtype=np.float64), np.asarray(rest_variance, dtype=np.float64)
    )
    if np.any(spread < 0):
        raise TargetingError(f"A forecast has the variance {float(spread.min()):g}.")
    value, error = done + float(expected.sum()), float(np.sqrt(spread.sum()))
    return _normal(value, error, target, direction, confidence)


def project_ratio(
    *,
    done: float,
    done_of: float,
    rest: float,
    rest_of: float,
    rest_variance: float = 0.0,
    rest_of_variance: float = 0.0,
    rest_covariance: float = 0.0,
    target: float | None = None,
    direction: Direction = "higher_is_better",
    confidence: float = 0.9,
) -> Projection:
    r"""Return a ratio at the end of a period, (num done + E[num rest]) ÷ (den done + E[den rest]).

    Parameters
    ----------
    done, done_of : float
        Numerator and denominator so far.
    rest, rest_of : float
        Their forecasts for what remains.
    rest_variance, rest_of_variance, rest_covariance : float
        Uncertainty of those forecasts.
    target, direction, confidence
        As in `project_additive`.

    Returns
    -------
    Projection
        NaN where the final denominator is 0.

    Notes
    -----
    Delta method: :math:`V\approx(V_{num}-2RC+R^2V_{den})/D^2`. For a proportion of audits
    `beta_binomial_final` is exact.

    Examples
    --------
    >>> found = project_ratio(done=290, done_of=300, rest=95, rest_of=100, rest_variance=4.75, target=0.95)
    >>> f"{found.value:.4f} {found.probability:.4f}"
    '0.9625 0.9891'

    """
    final = done_of + rest_of
    if final == 0:
        return Projection(float("nan"), float("nan"), float("nan"), None)
    value = (done + rest) / final
    variance = (rest_variance - 2.0 * value * rest_covariance + value**2 * rest_of_variance) / final**2
    if min(rest_variance, rest_of_variance) < 0 or variance < -1e-12:
        raise TargetingError("The forecast's variances and covariance contradict each other.")
    return _normal(value, float(np.sqrt(max(variance, 0.0))), target, direction, confidence)


def project_draws(
    *,
    draws: ArrayLike,
    target: float | None = None,
    direction: Direction = "higher_is_better",
    confidence: float = 0.9,
) -> Projection:
    """Return the end of a period from simulated ends.

    Parameters
    ----------
    draws : array_like, shape (D,)
        The final value of each simulated period.
    target, direction, confidence
        As in `project_additive`.

    Examples
    --------
    >>> found = project_draws(draws=[0.93, 0.95, 0.96, 0.97], target=0.95)
    >>> round(found.value, 4), found.probability
    (0.9525, 0.75)

    """
    ends = np.asarray(draws, dtype=np.float64).ravel()
    if not len(ends):
        raise TargetingError("No period was simulated.", remedy="Simulate at least one hundred.")
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(ends, [tail, 1.0 - tail])
    probability = None
    if target is not None:
        kept = ends >= target if direction == "higher_is_better" else ends <= target
        probability = float(kept.mean())
    return Projection(float(ends.mean()), float(low), float(high), probability)


def fan(*, done: float, draws: ArrayLike, levels: tuple[float, ...] = FAN_LEVELS) -> Fan:
    """Return the quantiles of the running total after each remaining interval, for a fan chart.

    Parameters
    ----------
    done : float
        Total so far.
    draws : array_like, shape (D, intervals)
        Simulated value of each remaining interval.
    levels : tuple of float
        Quantiles, ascending.

    Examples
    --------
    >>> fan(done=10, draws=[[1, 1], [3, 3]], levels=(0.5,)).values.tolist()
    [[12.0, 14.0]]

    """
    paths = np.asarray(draws, dtype=np.float64)
    if paths.ndim != 2 or not paths.size:
        raise TargetingError(f"draws of shape {paths.shape} are no table of draws by intervals.")
    return Fan(levels, np.quantile(done + np.cumsum(paths, axis=1), levels, axis=0))


def fte_needed(
    *, volume: float, handle_seconds: float, hours: float, occupancy: float, shrinkage: float
) -> float:
    r"""Return the full-time equivalents that a volume of deferred work asks for.

    Parameters
    ----------
    volume : float
        Cases in the period (for "+x FTE": the cases missing), ≥ 0.
    handle_seconds : float
        Average handle time, seconds.
    hours : float
        Paid hours of one full-time equivalent in the period, > 0.
    occupancy : float
        Share of seated time spent handling, in (0, 1].
    shrinkage : float
        Share of paid time not seated, in [0, 1).

    Returns
    -------
    float
        :math:`V\cdot AHT/(3600\cdot h\cdot occ\cdot(1-s))`.

    Raises
    ------
    TargetingError
        A number is out of range.

    Notes
    -----
    Workload only: a queue with a short promise needs more, because waiting work comes in waves.

    Examples
    --------
    >>> round(fte_needed(volume=10_000, handle_seconds=60, hours=8, occupancy=0.85, shrinkage=0.30), 6)
    35.014006

    """
    fits = volume >= 0 and handle_seconds >= 0 and hours > 0 and 0 < occupancy <= 1 and 0 <= shrinkage < 1
    if not fits:
        raise TargetingError(
            f"volume={volume:g}, handle_seconds={handle_seconds:g}, hours={hours:g}, "
            f"occupancy={occupancy:g}, shrinkage={shrinkage:g} cannot be.",
            remedy="Occupancy lies in (0, 1], shrinkage in [0, 1), hours are above 0.",
        )
    return volume * handle_seconds / (3600.0 * hours * occupancy * (1.0 - shrinkage))


def _normal(
    value: float, error: float, target: float | None, direction: Direction, confidence: float
) -> Projection:
    reach = float(special.ndtri(0.5 + confidence / 2.0)) * error
    probability = None
    if target is not None:
        gap = value - target if direction == "higher_is_better" else target - value
        probability = float(gap >= 0) if error == 0 else float(special.ndtr(gap / error))
    return Projection(value, value - reach, value + reach, probability)

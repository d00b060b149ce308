"""Empirical Bayes for many small proportions: the prior the group itself gives, and each one drawn to it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from watchfloor.science.uncertainty.intervals import FloatArray, as_floats, check_counts, tail_probability


@dataclass(frozen=True, slots=True)
class BetaPrior:
    """A beta distribution of the true proportions of a group.

    >>> prior = BetaPrior(48, 2)
    >>> prior.mean, prior.strength
    (0.96, 50)
    """

    a: float
    b: float

    @property
    def mean(self) -> float:
        """The group's proportion, a ÷ (a + b)."""
        return self.a / (self.a + self.b)

    @property
    def strength(self) -> float:
        """How many observations the prior is worth, a + b: large where members hardly differ."""
        return self.a + self.b

    def quantile(self, probability: float) -> float:
        """Return the proportion below which that share of the group's true proportions lies."""
        return float(special.betaincinv(self.a, self.b, probability))


@dataclass(frozen=True, slots=True)
class Shrunk:
    """Posterior of each member's true proportion, Beta(a, b); one element a member."""

    a: FloatArray
    b: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def mean(self) -> FloatArray:
        """The shrunken proportion of each."""
        return self.a / (self.a + self.b)

    def probability_below(self, target: ArrayLike) -> FloatArray:
        """Return the probability that each one's true proportion is below a target.

        >>> found = shrink(successes=18, trials=20, prior=BetaPrior(48, 2))
        >>> f"{found.mean:.6f} {found.probability_below(0.95):.6f}"
        '0.942857 0.544964'
        """
        return as_floats(special.betainc(self.a, self.b, np.clip(as_floats(target), 0.0, 1.0)))


def fit_beta_binomial(*, successes: ArrayLike, trials: ArrayLike) -> BetaPrior:
    r"""Return the beta prior that makes the counts of a group most likely.

    Parameters
    ----------
    successes, trials : array_like, shape (J,)
        Events and observations of each member; members without observations say nothing. Effective counts
        of a weighted sample may be fractional.

    Returns
    -------
    BetaPrior
        Maximises :math:`\sum_j [\ln B(k_j+a, n_j-k_j+b) - \ln B(a,b)]`.

    Raises
    ------
    ValueError
        Counts are impossible, or nobody has an observation.

    Notes
    -----
    The strength a + b is kept between ½ and Σn: where members scatter no more than the binomial the
    likelihood rises for ever, and a prior cannot know more than the data it was made of. Where all events,
    or none, were seen, the prior is the pooled Beta(k + ½, n − k + ½). Take members of like case mix: the
    prior pulls everybody to the group's mean, fair or not. With fewer than about ten members the strength
    is hardly known.

    References
    ----------
    Griffin and Krutchkoff (1971). Optimal linear estimators: an empirical Bayes version with application to
    the binomial distribution. Biometrika 58. Efron (2010). Large-Scale Inference, chapter 1. Cambridge.

    Examples
    --------
    >>> prior = fit_beta_binomial(successes=[18, 29, 20, 40, 12], trials=[20, 30, 20, 50, 20])
    >>> f"{prior.mean:.3f} {prior.strength:.1f}"
    '0.855 6.8'

    """
    k, n = np.broadcast_arrays(as_floats(successes), as_floats(trials))
    check_counts(k, n)
    k, n = k[n > 0].ravel(), n[n > 0].ravel()
    if not len(n):
        raise ValueError("trials are all 0; a prior needs at least one member with observations.")
    events, total = float(k.sum()), float(n.sum())
    if events <= 0.0 or events >= total:
        return BetaPrior(events + 0.5, total - events + 0.5)

    def loss(point: FloatArray) -> tuple[float, FloatArray]:
        mean, strength = special.expit(point[0]), np.exp(point[1])
        a, b = mean * strength, (1.0 - mean) * strength
        value = (special.betaln(k + a, n - k + b) - special.betaln(a, b)).sum()
        common = special.digamma(strength) - special.digamma(n + strength)
        by_a = (special.digamma(k + a) - special.digamma(a) + common).sum()
        by_b = (special.digamma(n - k + b) - special.digamma(b) + common).sum()
        slope = mean * (1.0 - mean) * strength
        gradient = np.array([slope * (by_a - by_b), a * by_a + b * by_b])
        return -float(value), -gradient

    pooled = float(special.logit(events / total))
    most = max(float(np.log(total)), np.log(0.5))
    starts = [min(np.log(each), most) for each in (5.0, 100.0)]
    bounds = [(pooled - 5.0, pooled + 5.0), (float(np.log(0.5)), most)]
    found = [
        optimize.minimize(loss, np.array([pooled, start]), jac=True, method="L-BFGS-B", bounds=bounds)
        for start in starts
    ]
    point = min(found, key=lambda result: float(result.fun)).x
    mean, strength = float(special.expit(point[0])), float(np.exp(point[1]))
    return BetaPrior(mean * strength, (1.0 - mean) * strength)


def shrink(*, successes: ArrayLike, trials: ArrayLike, prior: BetaPrior, confidence: float = 0.95) -> Shrunk:
    r"""Return each member's posterior Beta(a + k, b + n − k).

    Parameters
    ----------
    successes, trials : array_like
        Events and observations of each member; without observations the posterior is the prior.
    prior : BetaPrior
        From `fit_beta_binomial` over the group.
    confidence : float
        Of the equal-tailed credible interval.

    Returns
    -------
    Shrunk
        Means, bounds and the probability of lying below a target.

    Raises
    ------
    ValueError
        Counts are impossible or `confidence` is outside (0, 1).

    Notes
    -----
    Shrinkage cuts the error of small samples but hardly changes who ranks last; it is no licence to rank.
    The prior is taken as known, which makes intervals of small groups a little too short.

    Examples
    --------
    >>> found = shrink(successes=[18, 58], trials=[20, 60], prior=BetaPrior(48, 2))
    >>> found.mean.round(6).tolist()
    [0.942857, 0.963636]

    """
    k, n = np.broadcast_arrays(as_floats(successes), as_floats(trials))
    check_counts(k, n)
    tail = tail_probability(confidence)
    a, b = k + prior.a, n - k + prior.b
    return Shrunk(
        a, b, as_floats(special.betaincinv(a, b, tail)), as_floats(special.betaincinv(a, b, 1.0 - tail))
    )

"""A target taken from the peers' distribution, after their luck has been taken out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from watchfloor.science.targeting.cascades import FloatArray, TargetingError
from watchfloor.science.uncertainty import BetaPrior, fit_beta_binomial, shrink

LEAST_PEERS = 5
"""Fewer peers give no distribution worth a percentile."""


@dataclass(frozen=True, slots=True)
class PeerPercentile:
    """A percentile of shrunken peers.

    Attributes:
        value: The percentile of the shrunken means: the target proposed.
        population_value: The same percentile of the fitted distribution of true rates, without sampling.
        raw_best: The best raw rate, shown to be left alone: of 50 peers with 30 cases it is luck.
        means: Each peer's shrunken mean, in the order given; NaN for a peer without observations.
        prior: The distribution of true rates among the peers.
        peers: Peers with observations.

    """

    value: float
    population_value: float
    raw_best: float
    means: FloatArray
    prior: BetaPrior
    peers: int


def peer_percentile(
    *,
    successes: ArrayLike,
    trials: ArrayLike,
    probability: float,
    expected: ArrayLike | None = None,
) -> PeerPercentile:
    """Return a percentile of the peers' shrunken rates.

    Parameters
    ----------
    successes, trials : array_like, shape (J,)
        Events and observations of each peer; effective counts may be fractional.
    probability : float
        0.6 to 0.75 is usual where higher is better, 0.25 to 0.4 where lower is; in (0, 1).
    expected : array_like, shape (J,), optional
        Expected rate of each peer for its own case mix. Rates are then read at the mean mix:
        successes × mean expected ÷ own expected, at most all trials.

    Returns
    -------
    PeerPercentile
        In [0, 1].

    Raises
    ------
    TargetingError
        There are fewer than five peers with observations, or an expected rate is not positive.
    ValueError
        Counts are impossible or the probability is outside (0, 1).

    Notes
    -----
    Shrunken means lie closer together than the true rates, `population_value` as far apart as they are;
    both are shown, the first is the careful one. A percentile of peers drags the whole group along and says
    nothing about what users need.

    References
    ----------
    Efron and Morris (1977). Stein's paradox in statistics. Scientific American 236.

    Examples
    --------
    >>> found = peer_percentile(successes=[18, 27, 46, 38, 19, 29], trials=[20, 30, 50, 40, 20, 30],
    ...     probability=0.75)
    >>> f"{found.value:.3f} {found.raw_best:.3f}", found.peers
    ('0.933 0.967', 6)

    """
    if not 0.0 < probability < 1.0:
        raise ValueError(f"probability={probability} is outside (0, 1); pass 0.75 for P75.")
    k, n = np.broadcast_arrays(np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64))
    if expected is not None:
        own = np.broadcast_to(np.asarray(expected, dtype=np.float64), k.shape)
        if np.any(own <= 0):
            raise TargetingError("An expected rate is not positive.", remedy="Leave that peer out.")
        k = np.minimum(k * float(np.average(own, weights=n)) / own, n)
    seen = n > 0
    if int(seen.sum()) < LEAST_PEERS:
        raise TargetingError(
            f"{int(seen.sum())} peers have observations; {LEAST_PEERS} are needed for a percentile.",
            remedy="Widen the group of peers or the period.",
        )
    prior = fit_beta_binomial(successes=k, trials=n)
    means = np.where(seen, shrink(successes=k, trials=n, prior=prior).mean, np.nan)
    return PeerPercentile(
        value=float(np.nanquantile(means, probability)),
        population_value=prior.quantile(probability),
        raw_best=float((k[seen] / n[seen]).max()),
        means=means,
        prior=prior,
        peers=int(seen.sum()),
    )

"""An interval for any coefficient: items are drawn again, with all their ratings."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class ItemInterval:
    """A coefficient with its bounds, over how many items, and how many resamples gave none."""

    value: float
    low: float
    high: float
    items: int
    undefined: int


def item_bootstrap(
    *,
    multiplicity: ArrayLike,
    coefficient: Callable[[NDArray[np.float64]], float],
    rng: np.random.Generator,
    draws: int = 500,
    confidence: float = 0.95,
) -> ItemInterval:
    """Return a coefficient with its percentile interval over resampled items.

    Parameters
    ----------
    multiplicity : array_like, shape (rows,)
        How many items have each row of counts; for a table of pairs, its cells in a row.
    coefficient : callable
        From such multiplicities to the coefficient. May raise ValueError or give NaN where a resample says
        nothing; it is then left out and counted in `undefined`.
    rng : Generator
        The randomness.
    draws : int
        Resamples.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    ItemInterval
        NaN bounds where more than a tenth of the resamples gave nothing.

    Notes
    -----
    Raters are taken as given: with few raters a new one may change the coefficient more than new items. Too
    narrow with fewer than about thirty items, and silent ([1, 1]) where everybody agreed: use the lower bound
    of `gwet_ac1` there.

    References
    ----------
    Zapf, Castell, Morawietz and Karch (2016). Measuring inter-rater reliability for nominal data: which
    coefficients and confidence intervals are appropriate? BMC Medical Research Methodology 16.

    Examples
    --------
    >>> from watchfloor.science.agreement import fleiss_kappa
    >>> rows = np.array([[2, 0], [1, 1], [0, 2]])
    >>> found = item_bootstrap(multiplicity=[60, 12, 28], rng=np.random.default_rng(1),
    ...     coefficient=lambda times: fleiss_kappa(rows, multiplicity=times))
    >>> f"{found.value:.3f}", bool(found.low < found.value < found.high), found.items
    ('0.733', True, 100)

    """
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence={confidence} is outside (0, 1); pass for example 0.95.")
    times = np.asarray(multiplicity, dtype=np.float64)
    items = round(float(times.sum()))
    if times.ndim != 1 or items < 1 or np.any(times < 0):
        raise ValueError("multiplicity must be one number a row, 0 or more, of at least one item.")
    value = coefficient(times)
    drawn = [_of(coefficient, each) for each in rng.multinomial(items, times / times.sum(), size=draws)]
    known = np.array([each for each in drawn if each == each])
    if len(known) < 0.9 * draws:
        return ItemInterval(value, float("nan"), float("nan"), items, draws - len(known))
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(known, [tail, 1.0 - tail])
    return ItemInterval(value, float(low), float(high), items, draws - len(known))


def _of(coefficient: Callable[[NDArray[np.float64]], float], times: NDArray[np.int64]) -> float:
    try:
        return coefficient(times.astype(np.float64))
    except ValueError:
        return float("nan")

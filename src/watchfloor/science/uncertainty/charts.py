"""The chart of individual values: does a series still come from the same process? Signal, or noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from watchfloor.science.uncertainty.intervals import as_floats

XMR_CONSTANT = 2.66
"""3 ÷ 1.128, the mean range of two normal values: three standard deviations from the mean moving range."""
RUN_LENGTH = 8
"""Values in a row on one side of the centre that count as a shift."""


@dataclass(frozen=True, slots=True)
class XmrLimits:
    """Limits of individual values and which of them lie outside.

    Attributes:
        centre: Mean of the baseline, in the unit of the values.
        low: Lower limit.
        high: Upper limit.
        signal: One a value: beyond a limit.
        run: One a value: it stands in a run of eight on one side of the centre.
        moving_range: Mean absolute step between neighbours.

    """

    centre: float
    low: float
    high: float
    signal: NDArray[np.bool_]
    run: NDArray[np.bool_]
    moving_range: float


def xmr(*, values: ArrayLike, baseline: int | None = None) -> XmrLimits:
    r"""Return the natural limits of a series: mean ± 2.66 × mean moving range.

    Parameters
    ----------
    values : array_like, shape (T,)
        One value a period, in order of time; NaN where there is none (it is skipped, not bridged over).
    baseline : int, optional
        Use only the first so many values for the limits, for instance those before a change; all by default.

    Returns
    -------
    XmrLimits
        NaN limits, and no signal, with fewer than two values in the baseline.

    Notes
    -----
    Robust against a slow drift but not against a season: an hourly series has its own shape of day, which
    must be taken out first. Limits from fewer than about twelve values are rough; a value far out widens
    the very limits that should catch it, so set a `baseline` where one is known. Values that follow each
    other closely (a backlog) step little, and the limits come out too narrow.

    References
    ----------
    Wheeler, D. J. (1993). Understanding Variation: The Key to Managing Chaos. SPC Press.

    Examples
    --------
    Steps 2, 1, 3, 1: mean 1.75, so 12 ± 4.655.

    >>> found = xmr(values=[10, 12, 11, 14, 13, 30], baseline=5)
    >>> f"{found.centre:.1f} {found.low:.3f} {found.high:.3f}", found.signal.tolist()
    ('12.0 7.345 16.655', [False, False, False, False, False, True])

    """
    series = as_floats(values)
    base = series[: len(series) if baseline is None else baseline]
    known = base[~np.isnan(base)]
    steps = np.abs(np.diff(base))
    steps = steps[~np.isnan(steps)]
    if not len(steps):
        nothing = np.zeros(series.shape, dtype=np.bool_)
        centre = float(known.mean()) if len(known) else float("nan")
        return XmrLimits(centre, float("nan"), float("nan"), nothing, nothing, float("nan"))
    centre, moving = float(known.mean()), float(steps.mean())
    low, high = centre - XMR_CONSTANT * moving, centre + XMR_CONSTANT * moving
    signal = (series < low) | (series > high)
    return XmrLimits(centre, low, high, signal, _runs(np.sign(series - centre)), moving)


def _runs(sides: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which values stand in a run of `RUN_LENGTH` on one side; NaN and zero break it."""
    marked = np.zeros(sides.shape, dtype=np.bool_)
    start = 0
    for end in range(1, len(sides) + 1):
        if end == len(sides) or sides[end] != sides[start]:
            if end - start >= RUN_LENGTH and sides[start] in (-1.0, 1.0):
                marked[start:end] = True
            start = end
    return marked

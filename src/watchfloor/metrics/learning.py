"""Learning curves: how much experience wins most of what is to be won.

y = s·(a + b·exp(−x/τ)), with a pace s of each person's own: without it, those who stay would pass their pace
off as learning. The bounds come from leaving out one person at a time, on the logarithm of τ.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchfloor.science.uncertainty import FloatArray

FEWEST_PEOPLE = 5
_GRID = 80
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Curve:
    """The experience at which the share is gained, with bounds; or why there is none."""

    point: float | None
    low: float | None
    high: float | None
    n: int
    reason: str = ""


def learned(
    *, people: Sequence[str], n: FloatArray, x_sum: FloatArray, y_sum: FloatArray, gained: float
) -> Curve:
    """Return by what experience the share `gained` of the whole gain is won.

    Args:
        people: Person of each row.
        n: Observations in the row.
        x_sum: Sum of experience over them.
        y_sum: Sum of the value over them.
        gained: Share of the gain, 0.9 say.

    """
    names, person = np.unique(np.asarray(people, dtype=str), return_inverse=True)
    x, y = x_sum / n, y_sum / n
    if len(names) < FEWEST_PEOPLE:
        return Curve(
            None, None, None, int(n.sum()), f"no data: fewer than {FEWEST_PEOPLE} people are learning"
        )
    factor = -np.log(1.0 - gained)
    tau = _tau(person, n, x, y)
    if tau is None:
        return Curve(None, None, None, int(n.sum()), "no data: no gain with experience can be seen")
    logs = []
    for left_out in range(len(names)):
        kept = person != left_out
        without = _tau(person[kept], n[kept], x[kept], y[kept])
        if without is not None:
            logs.append(np.log(without))
    count = len(logs)
    low = high = None
    if count > 1:
        spread = np.array(logs)
        error = float(np.sqrt((count - 1) / count * ((spread - spread.mean()) ** 2).sum()))
        low, high = (float(factor * tau * np.exp(sign * 1.96 * error)) for sign in (-1, 1))
    return Curve(float(factor * tau), low, high, int(n.sum()))


def _tau(person: NDArray[np.intp], n: FloatArray, x: FloatArray, y: FloatArray) -> float | None:
    """Return the scale of the best curve; None where the value does not fall with experience."""
    top = float(x.max())
    if top <= 0.0:
        return None
    taus = np.geomspace(max(top / 100.0, 1e-3), top, _GRID)
    shapes = np.exp(-x[None, :] / taus[:, None])
    pace = np.ones(int(person.max()) + 1)
    best = None
    for _ in range(_ROUNDS):
        s = pace[person]
        a, b, misfit = _lines(n * s * s, shapes, y / s)
        misfit = np.where((b > 0) & (a > 0), misfit, np.inf)
        best = int(np.argmin(misfit))
        if not np.isfinite(misfit[best]):
            return None
        fitted = a[best] + b[best] * shapes[best]
        above = np.bincount(person, weights=n * y * fitted)
        below = np.bincount(person, weights=n * fitted * fitted)
        pace = np.divide(above, below, out=np.ones_like(above), where=below > 0)
        pace = np.where(pace > 0, pace, 1.0)
    return None if best is None else float(taus[best])


def _lines(
    weight: FloatArray, shapes: FloatArray, y: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return intercept, slope and misfit of the weighted line through each row of `shapes`."""
    total = weight.sum()
    mean_x, mean_y = shapes @ weight / total, float(weight @ y) / total
    spread = (shapes - mean_x[:, None]) ** 2 @ weight
    both = (shapes - mean_x[:, None]) @ (weight * (y - mean_y))
    slope = np.divide(both, spread, out=np.zeros_like(both), where=spread > 0)
    misfit = float(weight @ (y - mean_y) ** 2) - slope * both
    return mean_y - slope * mean_x, slope, misfit

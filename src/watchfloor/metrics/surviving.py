"""The product-limit curve from counts by duration: what survival metrics are read from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchfloor.science.uncertainty import FloatArray

NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class SurvivalSteps:
    """Kaplan–Meier's curve: after each duration, the share not over yet, with log-log bounds.

    Attributes:
        durations: Ascending, one a step, seconds.
        events: Ended at that duration.
        total: Rows in all.
        surviving: Share not over after it.
        low: Lower bound of that share.
        high: Upper bound of that share.

    """

    durations: FloatArray
    events: FloatArray
    total: float
    surviving: FloatArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, *, durations: FloatArray, events: FloatArray, lost: FloatArray) -> "SurvivalSteps":
        """Return the curve; those lost at a duration are at risk for the events of the same duration."""
        leaving = events + lost
        at_risk = leaving.sum() - np.concatenate([[0.0], np.cumsum(leaving)[:-1]])
        surviving = np.cumprod(1.0 - events / np.maximum(at_risk, 1.0))
        left = np.maximum(at_risk - events, 0.0)
        steps = np.divide(events, at_risk * left, out=np.zeros_like(events), where=left > 0)
        greenwood = np.cumsum(steps)
        inside = (surviving > 0.0) & (surviving < 1.0)
        low, high = np.full_like(surviving, np.nan), np.full_like(surviving, np.nan)
        with np.errstate(divide="ignore"):
            logs = np.log(surviving[inside])
        half = NORMAL_95 * np.sqrt(greenwood[inside]) / np.abs(logs)
        low[inside] = surviving[inside] ** np.exp(half)
        high[inside] = surviving[inside] ** np.exp(-half)
        return cls(durations, events, float(leaving.sum()), surviving, low, high)

    def quantile(self, probability: float) -> tuple[float, float, float]:
        """Return the duration by which that share is over, and its bounds; NaN where it is not reached."""
        left = 1.0 - probability + 1e-12
        return (
            self._first(self.surviving <= left),
            self._first(self.low <= left),
            self._first(np.where(np.isnan(self.high), self.surviving, self.high) <= left),
        )

    def share_over(self, *, complement: bool) -> tuple[float, float, float]:
        """Return the share that is over by the last duration, or the share left, and its bounds."""
        if not len(self.surviving):
            return np.nan, np.nan, np.nan
        left, low, high = float(self.surviving[-1]), float(self.low[-1]), float(self.high[-1])
        return (left, low, high) if complement else (1.0 - left, 1.0 - high, 1.0 - low)

    def _first(self, reached: NDArray[np.bool_]) -> float:
        places = np.flatnonzero(reached)
        return float(self.durations[places[0]]) if len(places) else float("nan")

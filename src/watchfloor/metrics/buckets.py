"""Logarithmic buckets: a distribution as counts that add up, with a known relative error.

Bucket k holds values in (γ^(k−1), γ^k] with γ = (1 + a)/(1 − a); its centre 2γ^k/(γ + 1) is within a factor
1 ± a of every value inside. Counts of equal buckets add, so histograms of hours, sites and engines merge
by plain sums, unlike quantiles. After Masson, Rim and Lee (2019), DDSketch, VLDB 12.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RELATIVE_ERROR = 0.01
FINE_RELATIVE_ERROR = 0.0025
SMALLEST = 1e-3


@dataclass(frozen=True)
class LogBuckets:
    """A bucket scheme of one relative error.

    >>> scheme = LogBuckets(0.01)
    >>> k = scheme.index(100.0)
    >>> abs(scheme.centre(k) / 100.0 - 1.0) <= 0.01
    True
    >>> scheme.index(0.0) == scheme.index(SMALLEST)
    True
    """

    relative_error: float = RELATIVE_ERROR

    @property
    def width(self) -> float:
        """Natural logarithm of γ."""
        return math.log((1.0 + self.relative_error) / (1.0 - self.relative_error))

    def index(self, value: float) -> int:
        """Return the bucket of `value`; values below a thousandth share the bucket of a thousandth."""
        return math.ceil(math.log(max(value, SMALLEST)) / self.width)

    def index_sql(self, value: str) -> str:
        """Return SQL for the bucket of `value`, the same on every engine."""
        return f"CAST(ceil(ln(greatest({value}, {SMALLEST})) / {self.width!r}) AS INTEGER)"

    def centre(self, index: int) -> float:
        """Return the value that stands for the bucket."""
        gamma = math.exp(self.width)
        return 2.0 * math.exp(index * self.width) / (gamma + 1.0)


def locate(
    *, ordered_buckets: NDArray[np.int64], counts: NDArray[np.int64], rank: int
) -> tuple[int, int] | None:
    """Return the bucket that holds the observation of that rank, and its rank inside; None beyond either end.

    >>> locate(ordered_buckets=np.array([3, 5]), counts=np.array([2, 4]), rank=4)
    (5, 2)
    """
    if rank < 1:
        return None
    reached = np.cumsum(counts)
    position = int(np.searchsorted(reached, rank, side="left"))
    if position >= len(counts):
        return None
    before = int(reached[position - 1]) if position else 0
    return int(ordered_buckets[position]), rank - before

"""How many requests a caller of the API may make: a bucket that fills steadily and empties by use.

Each web process counts for itself, in memory: the limit is there so that one runaway program does not take
the floor from everybody else, and costs a request next to nothing.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from watchfloor.kernel import WatchfloorError

BURST_SECONDS = 10.0
MOST_CALLERS = 10_000


class TooManyRequestsError(WatchfloorError):
    """The caller makes more requests than one may."""

    status = 429

    def __init__(self, message: str, *, remedy: str, retry_after_seconds: int) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message, remedy=remedy)


@dataclass(slots=True)
class RequestLimit:
    """A limit for each caller: `per_minute` on the average, ten seconds' worth at once; 0 limits nobody.

    >>> limit = RequestLimit(per_minute=60)
    >>> [limit.wait_seconds("one", at=0.0) for _ in range(11)][-2:]
    [0.0, 1.0]
    >>> limit.wait_seconds("one", at=1.0), limit.wait_seconds("two", at=1.0)
    (0.0, 0.0)
    """

    per_minute: int
    _levels: "OrderedDict[str, tuple[float, float]]" = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def wait_seconds(self, caller: str, *, at: float) -> float:
        """Return 0 and count the request, or how long to wait for the next one."""
        if not self.per_minute:
            return 0.0
        rate = self.per_minute / 60.0
        most = max(1.0, rate * BURST_SECONDS)
        with self._lock:
            level, since = self._levels.pop(caller, (most, at))
            level = min(most, level + max(0.0, at - since) * rate)
            wait = 0.0 if level >= 1.0 else (1.0 - level) / rate
            self._levels[caller] = (level - 1.0 if not wait else level, at)
            while len(self._levels) > MOST_CALLERS:
                self._levels.popitem(last=False)
        return wait

    def count(self, caller: str, *, at: float) -> None:
        """Count a request.

        Raises:
            TooManyRequestsError: the caller has to wait; `retry_after_seconds` says how long.

        """
        if wait := self.wait_seconds(caller, at=at):
            seconds = math.ceil(wait)
            raise TooManyRequestsError(
                f"{caller} makes more than {self.per_minute} requests a minute.",
                remedy=f"Wait {seconds} s, send batches, or raise WATCHFLOOR_API_REQUESTS_PER_MINUTE.",
                retry_after_seconds=seconds,
            )

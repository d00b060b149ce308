"""How many requests a caller of the API may make: a bucket that fills steadily and empties by use.

One bucket a caller, in the database, for all web processes together. A process takes a twentieth of what may
come at once and spends it from memory, so that most requests cost no statement and the bucket's row no bloat;
what it does not spend within seconds is lost to the caller. Small limits are taken one by one, and are exact.
"""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.record.statements import run

BURST_SECONDS = 10.0
KEPT_SECONDS = 5.0
SHARES = 20
MOST_CALLERS = 10_000


class TooManyRequestsError(WatchfloorError):
    """The caller makes more requests than one may."""

    status = 429

    def __init__(self, message: str, *, remedy: str, retry_after_seconds: int) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message, remedy=remedy)


@dataclass(frozen=True, slots=True)
class Bucket:
    """What a bucket holds: `most` requests, one more each `step_seconds`."""

    most: int
    step_seconds: float


def take_from_database(caller: str, bucket: Bucket, count: int) -> float:
    """Return 0 with `count` requests taken from the caller's bucket, or how long until they are there."""
    asked = {"caller": caller, "count": count, "most": bucket.most, "step": bucket.step_seconds}
    return max(0.0, float(run("people", "take_requests", asked)[0]["wait_seconds"]))


@dataclass(slots=True)
class RequestLimit:
    """A limit for each caller: `per_minute` on the average, ten seconds' worth at once; 0 limits nobody.

    >>> taken = []
    >>> def take(caller, bucket, count):
    ...     taken.append(count)
    ...     return 0.0 if sum(taken) <= bucket.most else bucket.step_seconds
    >>> limit = RequestLimit(per_minute=1200, take=take)
    >>> [limit.wait_seconds("one", at=0.0) for _ in range(200)] == [0.0] * 200, len(taken), taken[0]
    (True, 20, 10)
    >>> limit.wait_seconds("one", at=0.0)
    0.05
    """

    per_minute: int
    take: Callable[[str, Bucket, int], float] = take_from_database
    # A caller's requests in hand, and until when; or none in hand, and until when there will be none.
    _in_hand: "OrderedDict[str, tuple[int, float]]" = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def wait_seconds(self, caller: str, *, at: float) -> float:
        """Return 0 and count the request, or how long to wait for the next one."""
        if not self.per_minute:
            return 0.0
        with self._lock:
            left, until = self._in_hand.get(caller, (0, at))
            if at < until:
                if not left:
                    return until - at
                self._in_hand[caller] = (left - 1, until if left > 1 else at)
                return 0.0
        step = 60.0 / self.per_minute
        bucket = Bucket(most=max(1, int(BURST_SECONDS / step)), step_seconds=step)
        share = max(1, bucket.most // SHARES)
        wait = self.take(caller, bucket, share)
        if wait and share > 1:
            share, wait = 1, self.take(caller, bucket, 1)
        with self._lock:
            left, until = self._in_hand.get(caller, (0, at))
            if wait:
                self._in_hand[caller] = (0, at + wait)
            else:  # another thread may have taken a share meanwhile
                left = (left if at < until else 0) + share - 1
                self._in_hand[caller] = (left, at + KEPT_SECONDS if left else at)
            self._in_hand.move_to_end(caller)
            while len(self._in_hand) > MOST_CALLERS:
                self._in_hand.popitem(last=False)
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
